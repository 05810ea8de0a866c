/** One simulation of a person at a time, so that nobody holds more than one worker. */
import { msg } from '../i18n/translate.ts'
import { LabRefusal } from './types.ts'

export class FairQueue {
  private readonly lines = new Map<string, { tail: Promise<unknown>; length: number }>()
  private readonly maxWaiting: number
  constructor(maxWaiting = 4) {
    this.maxWaiting = maxWaiting
  }

  /** @throws LabRefusal when too many of that person's wait already. */
  run<T>(who: string, act: () => Promise<T>): Promise<T> {
    const line = this.lines.get(who) ?? { tail: Promise.resolve(), length: 0 }
    if (line.length > this.maxWaiting)
      return Promise.reject(
        new LabRefusal(429, msg('Several of your runs are still going. Wait for them, then try again.')),
      )
    this.lines.set(who, line)
    line.length++
    const result = line.tail.then(act)
    line.tail = result
      .catch(() => {})
      .then(() => {
        if (--line.length === 0) this.lines.delete(who)
      })
    return result
  }
}
