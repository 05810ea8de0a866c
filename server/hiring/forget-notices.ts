/** What addresses outside are owed to be told of somebody, and what stands in the lists of what they were told. */
import type { Storage } from '../storage/types.ts'

/** That somebody was erased is told also afterwards. */
const outlives = 'candidate.erased'

/** Takes away what waits about somebody who is erased. */
export async function forgetNotices(
  storage: Pick<Storage, 'webhooks' | 'webhooksOwed' | 'webhooksTold' | 'atsTests'>,
  sittingId: string,
  seat: string,
): Promise<void> {
  const isAbout = (notice: { sittingId: string | null; seat: string | null; type: string }): boolean =>
    notice.sittingId === sittingId && notice.seat === seat && notice.type !== outlives
  await storage.webhooksTold.remove(sittingId, seat)
  await storage.atsTests.remove(seat)
  for (const { key, payload } of await storage.webhooksOwed.list())
    if (isAbout(payload)) await storage.webhooksOwed.remove(key)
  for (const { id, deliveries } of await storage.webhooks.list())
    if (deliveries.some(({ notice }) => isAbout(notice)))
      await storage.webhooks.update(id, (hook) => ({
        ...hook,
        deliveries: hook.deliveries.filter(({ notice }) => !isAbout(notice)),
      }))
}
