/** Files of a challenge that are answers: not applied to the cluster but handed in, and compared with what the cluster says. */

import type { ChallengeSpec } from '../../sim/index.ts'
import type { Challenge } from '../catalog/types.ts'
import type { Attempt } from '../storage/types.ts'
import type { PracticeDeps } from './deps.ts'
import { workOn } from './open-attempt.ts'

/** Their names, in the order of the checks that read them. */
export function answerFilesOf({ checks }: Pick<ChallengeSpec, 'checks'>): string[] {
  return [...new Set(checks.flatMap(({ assert }) => (assert && 'answer' in assert ? [assert.answer.file] : [])))]
}

/**
 * Puts each answer that was written, and not handed in as it is now, into the attempt's log.
 * @returns the attempt; or why the log takes no more
 */
export async function handInAnswers(
  deps: PracticeDeps,
  who: string,
  challenge: Challenge,
  attempt: Attempt,
): Promise<{ attempt: Attempt } | { attempt: Attempt; refusal: string; status: number }> {
  let now = attempt
  for (const file of answerFilesOf(challenge.spec)) {
    const text = attempt.drafts[file]
    if (text === undefined || isHandedIn(now, file)) continue
    const worked = await workOn(deps, who, challenge, now, { do: 'command', command: { op: 'answer', file, text } })
    if ('refusal' in worked) return { attempt: now, ...worked }
    now = worked.attempt
  }
  return { attempt: now }
}

/** Whether each answer that was written is in the log as it is now. */
export const areHandedIn = (challenge: Challenge, attempt: Attempt): boolean =>
  answerFilesOf(challenge.spec).every((file) => isHandedIn(attempt, file))

const isHandedIn = (attempt: Attempt, file: string): boolean =>
  attempt.drafts[file] === undefined || attempt.drafts[file] === handedIn(attempt, file)

function handedIn({ log }: Attempt, file: string): string | undefined {
  const last = log.findLast(({ command }) => command.op === 'answer' && command.file === file)?.command
  return last?.op === 'answer' ? last.text : undefined
}
