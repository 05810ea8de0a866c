/** How many replicas an object wants and has, in the same words for every kind that has them. */
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { Scale } from '../../client/client.ts'

export const scaleOf = <T extends KubeObject>(kind: Kind<T>, object: T): Scale => ({
  spec: { replicas: kind.scale!.replicas(object) },
  status: { replicas: kind.scale!.statusReplicas(object), selector: kind.scale!.selector(object) },
})
