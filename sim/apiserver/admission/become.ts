/** What a plugin made of an object takes its place. */
import type { KubeObject } from '../../api/meta/object.ts'
import type { AdmissionRequest } from './admission.ts'

/** The object itself is changed, since whoever writes it has it in hand. */
export function become({ kind, object }: AdmissionRequest, changed: KubeObject): void {
  const target = object as unknown as Record<string, unknown>
  for (const field of Object.keys(target)) delete target[field]
  Object.assign(target, changed)
  kind.applyDefaults(object!)
}
