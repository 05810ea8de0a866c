/** What an act was about, where whoever does it does not say so: the item, the content as it was, the simulator, and where the clock stood. Pure. */
import type { ActEnvelope } from '../storage/stored-acts.ts'
import type { NewAct } from './act.ts'
import type { KnownAct } from './acts/registry.ts'
import { changed } from './folds/attempts.ts'
import type { FoldedWork } from './work.ts'

/** What is in force as an act is done. */
export interface Present {
  /** The simulator that answers. */
  engineVersion?: string
  /** Of the content as it is now; undefined for what is not in it. @param item `question:pod/always` */
  hashOf?(item: string): string | undefined
}

type About = Pick<ActEnvelope, 'item' | 'contentHash' | 'engineVersion' | 'virtualMs'>

/** What the act says itself stands above it. */
export function aboutOf(
  { attempts, mocks }: Pick<FoldedWork, 'attempts' | 'mocks'>,
  act: NewAct<KnownAct>,
  { engineVersion, hashOf }: Present,
): About {
  const { item, contentHash, virtualMs } = placeOf(attempts, mocks, act)
  const hash = contentHash ?? (act.item === undefined ? undefined : hashOf?.(act.item))
  return {
    ...(item === undefined ? {} : { item }),
    ...(hash === undefined ? {} : { contentHash: hash }),
    ...(engineVersion === undefined ? {} : { engineVersion }),
    ...(virtualMs === undefined ? {} : { virtualMs }),
  }
}

/** What is known of the attempt or of the place in a mock exam that the act is on. */
function placeOf(
  attempts: FoldedWork['attempts'],
  mocks: FoldedWork['mocks'],
  act: NewAct<KnownAct>,
): Omit<About, 'engineVersion'> {
  const { data } = act
  if ('attempt' in data && typeof data.attempt === 'string') {
    const attempt = attempts.find(({ id }) => id === data.attempt)
    if (!attempt) return {}
    const { challengeId, contentHash } = attempt
    const { clockMs: virtualMs } = changed(attempt, { id: '', atMs: 0, ...act } as KnownAct)
    return { item: `challenge:${challengeId}`, contentHash, virtualMs }
  }
  if (!('mock' in data) || !('place' in data)) return {}
  const mock = mocks.find(({ id }) => id === data.mock)
  const [task, question] = [mock?.tasks?.[data.place], mock?.items[data.place]]
  if (task) return { item: `challenge:${task.challengeId}`, contentHash: task.contentHash }
  return question ? { item: `question:${question.questionId}`, contentHash: question.contentHash } : {}
}
