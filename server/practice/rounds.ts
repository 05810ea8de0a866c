/**
 * Rounds of practice: ten questions that one key answers, the next one at once. A round is its beginning and its scope, and both stand in
 * its name; what was answered in it is what was answered since. Pure.
 */
import { sections } from '../catalog/schemas.ts'
import type { Catalog, Question, Section } from '../catalog/types.ts'
import { chanceOf } from '../questions/chance.ts'
import { questionType } from '../questions/registry.ts'
import { variantOf } from '../questions/variant.ts'
import type { Answer } from '../storage/types.ts'
import { isCounted } from './answer-facts.ts'

export type Scope = Section | 'weak'

export interface Round {
  /** Stands in addresses: `practice-mdx1k2a0-weak`. */
  id: string
  startMs: number
  scope: Scope
}

/** Questions of a round. */
export const roundLength = 10
/** Keys there are for options. */
const mostOptions = 8

export const isScope = (text: string): text is Scope =>
  text === 'weak' || (sections as readonly string[]).includes(text)

export const newRound = (scope: Scope, nowMs: number): Round => ({
  id: `practice-${nowMs.toString(36)}-${scope}`,
  startMs: nowMs,
  scope,
})

/** @returns undefined for what names none */
export function readRound(id: string): Round | undefined {
  const [, start, scope] = /^practice-([0-9a-z]{1,10})-([a-z]+)$/.exec(id) ?? []
  if (start === undefined || scope === undefined || !isScope(scope)) return undefined
  return { id, startMs: Number.parseInt(start, 36), scope }
}

/** The first answer to each question since the round began, as many as belong to it. */
export function answersIn({ startMs, scope }: Round, answers: readonly Answer[], { questions }: Catalog): Answer[] {
  const firsts = new Map<string, Answer>()
  for (const answer of answers) {
    const question = questions.get(answer.questionId)
    const isInScope = question && (scope === 'weak' || question.section === scope)
    if (isInScope && answer.atMs >= startMs && isCounted(answer) && !firsts.has(answer.questionId))
      firsts.set(answer.questionId, answer)
  }
  return [...firsts.values()].slice(0, roundLength)
}

/**
 * The next question: what was not right the last time, the oldest first; then what was never asked, on the weakest topics first; then what was
 * right longest ago. Of what is alike the round draws one.
 * @param weakest topics that were met and are worth practising, the weakest first @param isFree whether it may be asked now
 * @returns undefined when the round is over, or there is nothing left to ask
 */
export function nextIn(
  round: Round,
  catalog: Catalog,
  answers: readonly Answer[],
  weakest: readonly string[],
  isFree: (questionId: string) => boolean,
): Question | undefined {
  const so = answersIn(round, answers, catalog)
  if (so.length >= roundLength) return undefined
  const asked = new Set(so.map(({ questionId }) => questionId))
  const latest = new Map(answers.filter(isCounted).map((answer) => [answer.questionId, answer]))
  const rankOf = ({ id, topics, difficulty }: Question): number[] => {
    const last = latest.get(id)
    if (last) return [last.verdict === 'right' ? 2 : 0, last.atMs]
    const place = weakest.indexOf(topics[0] ?? '')
    return [1, place < 0 ? weakest.length + difficulty : place]
  }
  const inScope = [...catalog.questions.values()].filter(
    ({ id, section }) => (round.scope === 'weak' || section === round.scope) && !asked.has(id) && isFree(id),
  )
  const drawn = chanceOf(`${round.id}/${so.length}`)
    .shuffle(inScope)
    .map((question) => ({ question, rank: rankOf(question) }))
    .sort((a, b) => a.rank[0]! - b.rank[0]! || a.rank[1]! - b.rank[1]!)
  return drawn.find(({ question }) => takesOneKey(question))?.question
}

/** Whether one key answers it: one option of a few. */
function takesOneKey(question: Question): boolean {
  const variant = variantOf(question, `any/${question.id}/1`)
  const view = questionType(question.type).view(question.data, variant, chanceOf(variant.seed))
  return view.control === 'radio' && view.choices.length <= mostOptions
}
