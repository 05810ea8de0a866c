/**
 * A learner's own work as statements of the Experience API 1.0.3 (https://github.com/adlnet/xAPI-Spec), for a learning record store of theirs: what was
 * answered, what was graded, what was read. The same work gives the same statements, ids included. Pure.
 */
import { createHash } from 'node:crypto'
import type { Work } from '../journal/journals.ts'

const verbs = {
  answered: 'http://adlnet.gov/expapi/verbs/answered',
  passed: 'http://adlnet.gov/expapi/verbs/passed',
  failed: 'http://adlnet.gov/expapi/verbs/failed',
  completed: 'http://adlnet.gov/expapi/verbs/completed',
} as const

const activities = {
  question: 'http://adlnet.gov/expapi/activities/question',
  challenge: 'http://adlnet.gov/expapi/activities/assessment',
  lesson: 'http://adlnet.gov/expapi/activities/lesson',
} as const

export interface Statement {
  id: string
  actor: { objectType: 'Agent'; account: { homePage: string; name: string } }
  verb: { id: string; display: Record<string, string> }
  object: { objectType: 'Activity'; id: string; definition: { type: string; name: Record<string, string> } }
  result?: {
    score?: { scaled: number; raw?: number; min?: number; max?: number }
    success?: boolean
    completion?: boolean
    duration?: string
  }
  context: { platform: string; language: string }
  timestamp: string
}

export interface StatementOptions {
  /** Of the site, without a slash at its end. */
  home: string
  /** By whom the learner is known there. */
  name: string
  /** The title of `question:pod/probes`, and its language; undefined for what is not here any more. */
  titleOf(item: string): { title: string; language: string } | undefined
  /** What is not told yet. */
  isSecret(item: string): boolean
}

/** In the order in which it was done. */
export function statementsOf(
  work: Pick<Work, 'answers' | 'attempts' | 'studyBook'>,
  options: StatementOptions,
): Statement[] {
  const { home, name, titleOf, isSecret } = options
  const found: Statement[] = []
  const add = (
    key: string,
    verb: keyof typeof verbs,
    item: string,
    atMs: number,
    result?: Statement['result'],
  ): void => {
    if (isSecret(item)) return
    const [kind = '', id = ''] = item.split(':')
    const { title, language } = titleOf(item) ?? { title: id, language: 'en' }
    found.push({
      id: uuidOf(`${name} ${key}`),
      actor: { objectType: 'Agent', account: { homePage: home, name } },
      verb: { id: verbs[verb], display: { en: verb } },
      object: {
        ...{ objectType: 'Activity', id: `${home}/${kind}s/${id}` },
        definition: { type: activities[kind as keyof typeof activities], name: { [language]: title } },
      },
      ...(result ? { result } : {}),
      context: { platform: 'Podium', language },
      timestamp: new Date(atMs).toISOString(),
    })
  }
  for (const { id, questionId, score, verdict, tookMs, atMs } of work.answers)
    add(`answer ${id}`, 'answered', `question:${questionId}`, atMs, {
      ...{ score: { scaled: score }, success: verdict === 'right' },
      ...(tookMs === null ? {} : { duration: durationOf(tookMs) }),
    })
  for (const { id, challengeId, gradings } of work.attempts)
    for (const [n, { result, atMs, origin }] of gradings.entries()) {
      // What came from elsewhere counts when it was computed again here.
      if (!result.gradable || origin) continue
      const { score, maxScore, passed } = result
      add(`grading ${id} ${n}`, passed ? 'passed' : 'failed', `challenge:${challengeId}`, atMs, {
        score: { scaled: Math.min(1, Math.max(0, score / Math.max(1, maxScore))), raw: score, min: 0, max: maxScore },
        ...{ success: passed, completion: true },
      })
    }
  for (const { item, atMs } of work.studyBook.read)
    if (item.startsWith('lesson:')) add(`read ${item}`, 'completed', item, atMs, { completion: true })
  return found.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : a.id < b.id ? -1 : 1))
}

/** ISO 8601, to a hundredth of a second: `PT12.5S` */
const durationOf = (ms: number): string => `PT${Math.round(ms / 10) / 100}S`

/** A name-based UUID (RFC 9562, version 8: of SHA-256). */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
