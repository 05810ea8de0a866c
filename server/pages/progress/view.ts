/** The challenges a learner has tried, with the best score of each. Pure. */
import type { Catalog } from '../../catalog/types.ts'
import { bestScore, bestUnproven, isPassed } from '../../practice/attempts.ts'
import { isVerifiable } from '../../practice/verify.ts'
import type { Attempt } from '../../storage/types.ts'

export function bestOf(attempts: readonly Attempt[], catalog: Catalog) {
  const ids = [...new Set(attempts.map(({ challengeId }) => challengeId))]
  return ids.map((id) => {
    const own = attempts.filter(({ challengeId }) => challengeId === id)
    const challenge = catalog.challenges.get(id)
    const gradings = own.flatMap((attempt) =>
      attempt.gradings.map((_, n) => `/challenges/${id}/results/${attempt.id}/${n + 1}`),
    )
    return {
      id,
      locale: challenge?.locale,
      title: challenge?.title ?? id,
      best: bestScore(own, challenge),
      unproven: bestUnproven(own, challenge),
      verifiable: own.flatMap(({ gradings: all }) => all.filter((one) => isVerifiable(one, challenge))).length,
      tries: gradings.length,
      latest: gradings.at(-1),
      passed: own.some(isPassed),
    }
  })
}
