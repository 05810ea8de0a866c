/** The attempts of schedulers that are remembered: what the product shows when it is asked "why there?" or "why pending?". */
import type { Attempt } from '../api/scheduling/attempt.ts'

/** Attempts that are remembered a Pod, and Pods. */
const ATTEMPTS_A_POD = 5
const PODS = 5000

/** Keeps the latest attempts of the latest Pods. */
export class WhyRecords {
  private readonly byUid = new Map<string, Attempt[]>()
  private readonly uidByKey = new Map<string, string>()

  add(attempt: Attempt): void {
    const attempts = this.byUid.get(attempt.uid) ?? []
    attempts.push(attempt)
    if (attempts.length > ATTEMPTS_A_POD) attempts.shift()
    this.byUid.delete(attempt.uid)
    this.byUid.set(attempt.uid, attempts)
    this.uidByKey.set(attempt.pod, attempt.uid)
    if (this.byUid.size <= PODS) return
    const [oldest, [{ pod }]] = this.byUid.entries().next().value!
    this.byUid.delete(oldest)
    if (this.uidByKey.get(pod) === oldest) this.uidByKey.delete(pod)
  }

  /** The last attempt of each of the `limit` Pods that were tried last and that the caller wants, the newest first. */
  latest(limit: number, isWanted: (attempt: Attempt) => boolean): readonly Attempt[] {
    const found: Attempt[] = []
    for (const attempts of [...this.byUid.values()].reverse()) {
      if (found.length === limit) break
      const attempt = attempts.at(-1)
      if (attempt && isWanted(attempt)) found.push(attempt)
    }
    return found
  }

  /** @param pod a uid or `namespace/name`; oldest attempt first */
  get(pod: string): readonly Attempt[] {
    return this.byUid.get(pod) ?? this.byUid.get(this.uidByKey.get(pod) ?? '') ?? []
  }
}
