/** Writing a status once more when somebody else wrote the object in between. */
import type { Kind } from '../api/meta/kind.ts'
import { type KubeObject, keyOf } from '../api/meta/object.ts'
import { isStatus } from '../api/meta/status-error.ts'
import type { Client } from '../client/client.ts'

/**
 * Writes `status` on the object as cached; on a conflict reads the newest and tries once more.
 * @throws StatusError when that fails too
 */
export function updateStatusRetrying<T extends KubeObject & { status: unknown }>(
  client: Client,
  kind: Kind<T>,
  object: T,
  status: T['status'],
): T {
  try {
    return client.updateStatus(kind, { ...object, status })
  } catch (error) {
    if (!isStatus(error, 'Conflict')) throw error
    const fresh = client.get(kind, keyOf(object))
    return client.updateStatus(kind, { ...fresh, status })
  }
}
