/**
 * Who owns which field. Nothing is reckoned when an object is written: each version remembers the write that made it and the
 * version before, and the field sets are worked out from that chain when somebody asks (server-side apply, --show-managed-fields).
 */
import type { KubeObject } from '../../api/meta/object.ts'

export interface Write {
  manager: string
  operation: 'Apply' | 'Update'
  subresource?: string
  /** Virtual wall clock of the write, in milliseconds since 1970. */
  atEpochMs: number
  /** Of a server-side apply: the configuration that was applied. */
  applied?: unknown
}

interface Origin {
  previous: KubeObject | undefined
  write: Write
}

const origins = new WeakMap<KubeObject, Origin>()

/** Remembers what made a version. A writer's second write in a row replaces its first, so that heartbeats form no chain. */
export function noteWrite(object: KubeObject, previous: KubeObject | undefined, write: Write): void {
  const before = previous && origins.get(previous)
  const isRepeated =
    before !== undefined &&
    !write.applied &&
    !before.write.applied &&
    before.write.manager === write.manager &&
    before.write.subresource === write.subresource
  origins.set(object, { previous: isRepeated ? before.previous : previous, write })
}

/** What made a version; undefined for one that nobody wrote through the server. */
export const originOf = (object: KubeObject): Origin | undefined => origins.get(object)
