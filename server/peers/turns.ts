/** One after the other among all processes of the site, by a lease on a name. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createTurns } from '../storage/turns.ts'
import type { Membership } from './membership.ts'

/** Another process took too long. */
export class NoTurn extends Error {
  override readonly name = 'NoTurn'
}

const usualPatienceMs = 30_000
const lookEveryMs = 100

/** Does something when nobody else does anything of the same name. @throws NoTurn when another process does so for longer than the patience */
export type Turns = <T>(name: string, act: () => Promise<T>) => Promise<T>

export function turnsAmong(membership: Pick<Membership, 'take' | 'release'>, patienceMs = usualPatienceMs): Turns {
  const inThisProcess = createTurns()
  return (name, act) =>
    inThisProcess(name, async () => {
      const untilMs = performance.now() + patienceMs
      for (;;) {
        const taken = await membership.take(name, 0)
        if (!('heldBy' in taken))
          try {
            return await act()
          } finally {
            await membership.release(taken)
          }
        if (performance.now() > untilMs) throw new NoTurn(`another process is busy with ${name}`)
        await sleep(lookEveryMs)
      }
    })
}
