/** What may be used once: the marks by which flows through other systems come back. Any process of the site knows of them. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { DocumentKind } from './documents.ts'
import type { Store } from './store.ts'

const schema = z.object({ untilMs: z.number() })

const kind: DocumentKind<z.infer<typeof schema>> = { name: 'used-marks', version: 1, upgrades: [], schema }

export interface UsedMarks {
  /**
   * @param untilMs when the mark is good for nothing any more, used or not
   * @returns whether this is its first use
   */
  use(mark: string, untilMs: number, nowMs: number): Promise<boolean>
}

const sweepEveryMs = 10 * 60_000

export function createUsedMarks(store: Store): UsedMarks {
  const marks = store.documents(kind)
  let sweptMs = Number.NEGATIVE_INFINITY
  const sweep = async (nowMs: number): Promise<void> => {
    for (const key of await marks.keys()) {
      const mark = await marks.find(key).catch(() => undefined)
      if (mark && mark.untilMs <= nowMs) await marks.remove(key)
    }
  }
  return {
    async use(mark, untilMs, nowMs) {
      if (nowMs - sweptMs >= sweepEveryMs) {
        sweptMs = nowMs
        await sweep(nowMs)
      }
      let isFirst = false
      await marks.update(createHash('sha256').update(mark).digest('hex'), (known) => {
        // It may be called again, with what another process has written meanwhile.
        isFirst = known === undefined
        return known ?? { untilMs }
      })
      return isFirst
    },
  }
}
