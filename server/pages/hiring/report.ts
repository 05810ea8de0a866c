/** What a candidate has shown, on one sheet of paper: figures by section and topic, then the evidence of each task. It knows no name. */
import type { Request, RequestHandler, Response } from 'express'
import type { TestResult } from '../../../sim/index.ts'
import type { Challenge } from '../../catalog/types.ts'
import { contentOf } from '../../grading/content-in-force.ts'
import { questionOf } from '../../grading/question-in-force.ts'
import { type CandidateStanding, candidatesOf, isOver } from '../../hiring/candidates.ts'
import type { Exercise } from '../../hiring/exercises.ts'
import { poolItem } from '../../hiring/pool.ts'
import { msg, t } from '../../i18n/translate.ts'
import { type ItemResult, resultsOf, shareOf, sumOf } from '../../practice/exercise-results.ts'
import { inTextsOf, languageOf } from '../../practice/texts-of-result.ts'
import { chanceOf } from '../../questions/chance.ts'
import { questionType } from '../../questions/registry.ts'
import { variantOf } from '../../questions/variant.ts'
import { allowedMs } from '../../sittings/watch.ts'
import { reliability, scoreInterval } from '../../statistics/reliability.ts'
import { fewestPeople } from '../../statistics/thresholds.ts'
import type { Answer, Attempt, Grading } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'
import { originalFiles } from '../desk/workspace.ts'
import { diffLines } from '../diff.ts'
import { printSpan } from '../time.ts'
import { candidatesLeftOut } from '../unreadable.ts'
import { workingSeat } from './candidate.ts'
import { type Reviewed, reviewedCandidate } from './reviewed.ts'

const aiPolicyWords = {
  none: msg('No AI tools were allowed.'),
  declared: msg('AI tools were allowed, and their use was to be noted.'),
  any: msg('AI tools were allowed.'),
}

export function reportPage(deps: AppDeps): RequestHandler {
  return async (req: Request, res: Response) => {
    const reviewed = await reviewedCandidate(deps, req, res)
    const { job, exercise, standing, blindName, href, as, back } = reviewed
    const catalog = deps.catalog()
    const { sections, aiPolicy, passBar } = exercise.exercise
    const results = resultsOf(exercise, standing.work)
    const byItem = new Map(results.map((one) => [one.item, one]))
    const shown = new Map(exercise.items.map((item) => [item, poolItem(catalog, item)]))
    const topics = [...new Set(exercise.items.flatMap((item) => shown.get(item)?.topics ?? []))].sort()
    const total = sumOf(results)
    deps.renderer.send(req, res, {
      template: 'hiring/report',
      title: t('Report: {name}', { name: blindName }),
      section: 'none',
      model: {
        ...{ blindName, href, as, back, job: job.title, title: exercise.title },
        ai: t(aiPolicyWords[aiPolicy]),
        notes: notesOf(standing),
        passBar,
        total: viewSum(total),
        waiting: results.filter(({ state }) => state === 'waiting').length,
        notGradable: results.filter(({ state }) => state === 'not gradable').length,
        interval: await intervalOf(deps, res, exercise, results),
        time: timeOf(standing, deps.now()),
        sections: sections.map(({ title, items }, n) => ({
          title: title || t('Section {n}', { n: n + 1 }),
          ...viewSum(sumOf(items.map((item) => byItem.get(item)!))),
        })),
        topics: topics.map((title) => ({
          title,
          ...viewSum(sumOf(results.filter(({ item }) => shown.get(item)?.topics.includes(title)))),
        })),
        items: await Promise.all(
          results.map(async (result, n) => {
            const one = shown.get(result.item)
            return {
              ...{ n: n + 1, item: result.item, title: one?.title ?? result.item, locale: one?.locale },
              ...(await viewItem(deps, reviewed, result)),
            }
          }),
        ),
      },
    })
  }
}

const viewSum = ({ n, percent, checks }: ReturnType<typeof sumOf>) => ({
  n,
  percent: percent === undefined ? undefined : Math.round(percent),
  checks: checks.all === 0 ? undefined : t('{passed} of {all}', checks),
})

/** What the candidate wrote beside the tasks; the notepad is also where the use of tools is declared. */
const notesOf = ({ work }: CandidateStanding): string =>
  work.studyBook.notes.find(({ item }) => item === 'exercise:notepad')?.text ?? ''

/** Until the end, of what they had. Why somebody had more than others is not told. */
function timeOf({ life, endedAtMs }: CandidateStanding, nowMs: number): { used: string; allowed: string } | undefined {
  const { watch, allowance } = life
  if (!watch || !allowance) return undefined
  // Of somebody whose exercise was closed the clock ran on.
  const lookedAtMs = life.endedAtMs ?? (watch.isRunning ? nowMs : endedAtMs)
  const beyondMs = lookedAtMs === null || endedAtMs === null ? 0 : Math.max(0, lookedAtMs - endedAtMs)
  return { used: printSpan(Math.max(0, watch.usedMs - beyondMs)), allowed: printSpan(allowedMs(allowance)) }
}

/** Where the score of such a candidate would lie in 95 of 100 such exercises; or why that is not known. */
async function intervalOf(deps: AppDeps, res: Response, exercise: Exercise, own: readonly ItemResult[]) {
  const others = (await candidatesOf(deps, exercise, candidatesLeftOut(res))).filter(({ state }) => isOver(state))
  const scores = others.flatMap(({ work }) => {
    const shares = resultsOf(exercise, work).map(shareOf)
    return shares.every((share) => share !== undefined) ? [shares] : []
  })
  const told = reliability(scores)
  const shares = own.map(shareOf)
  const sum = shares.reduce<number>((all, share) => all + (share ?? 0), 0)
  const interval = scoreInterval(sum, own.length, told)
  const inPercent = (points: number): number => Math.round((100 * points) / own.length)
  if (!interval || shares.includes(undefined))
    return {
      isKnown: false as const,
      why:
        scores.length < fewestPeople
          ? t('not known before {n} candidates have handed in; {m} have', { n: fewestPeople, m: scores.length })
          : t('not known: there is too little to tell candidates apart'),
    }
  return {
    isKnown: true as const,
    low: inPercent(interval.low),
    high: inPercent(interval.high),
    n: told.n,
    isRough: told.isRough,
  }
}

/** The evidence of one item. */
async function viewItem(deps: AppDeps, { href, standing }: Reviewed, result: ItemResult) {
  const none = { points: undefined, word: '', task: undefined, answer: undefined, problem: '' }
  switch (result.state) {
    case 'empty':
      return { ...none, state: result.state, points: 0, word: t('nothing was handed in') }
    case 'answered':
      return {
        ...none,
        state: result.state,
        points: Math.round(100 * result.share),
        word: t(verdictWords[result.answer.verdict]),
        answer: await viewAnswer(deps, result.answer),
      }
    default: {
      const { attempt } = result
      const grading = result.state === 'waiting' ? undefined : result.grading
      const present = deps.catalog().challenges.get(attempt.challengeId)
      const challenge = present && ((await contentOf(deps, present, attempt.contentHash)) ?? present)
      const isGraded = result.state === 'graded'
      return {
        ...none,
        state: result.state,
        points: isGraded ? Math.round(100 * result.share) : undefined,
        word: isGraded
          ? t('{passed} of {all} checks', result.checks)
          : result.state === 'waiting'
            ? t('not graded yet')
            : t('could not be graded'),
        problem: grading ? (isGraded ? '' : (grading.result.problem ?? '')) : await whyWaiting(deps, standing, attempt),
        task: challenge && {
          ...viewTask(challenge, attempt, grading),
          replay: `${href}/replay/${attempt.challengeId}`,
        },
      }
    }
  }
}

async function whyWaiting(deps: AppDeps, { seat }: CandidateStanding, attempt: Attempt): Promise<string> {
  const known = await deps.gradings.standing(workingSeat(seat, seat.learnerId ?? ''), attempt)
  return known?.is === 'refused' ? t(known.text, known.values) : ''
}

function viewTask(challenge: Challenge, attempt: Attempt, grading: Grading | undefined) {
  const result = grading && inTextsOf(challenge, grading.result)
  const { drafts, log, hintsOpened } = attempt
  const original = originalFiles(challenge, result?.params ?? {})
  return {
    locale: challenge.locale,
    commands: log.length,
    hints: hintsOpened.length,
    checks: (result ? [...result.gates, ...result.tests] : []).map((test) => ({
      ...viewCheck(test),
      expectedIn: languageOf(challenge, result!, test.id, test.expected),
    })),
    files: Object.entries(drafts).flatMap(([name, text]) => {
      const lines = diffLines(original[name] ?? '', text)
      return lines.some(({ kind }) => kind === 'added' || kind === 'removed') ? [{ name, lines }] : []
    }),
  }
}

const viewCheck = ({
  title,
  status,
  points,
  maxPoints,
  hidden,
  message,
  actual,
  expected,
  why,
  cause,
}: TestResult) => ({
  ...{ title, status, points: `${points} / ${maxPoints}`, isHidden: hidden === true },
  actual: status === 'pass' ? '' : (actual ?? message),
  expected: status === 'pass' ? '' : (expected ?? ''),
  why: status === 'pass' ? '' : (why ?? ''),
  causes: status === 'pass' ? [] : cause,
})

const verdictWords: Readonly<Record<Answer['verdict'], string>> = {
  right: msg('right'),
  partly: msg('partly right'),
  wrong: msg('not right'),
}

/** What was answered, in the words of the question. Choices are HTML, and what was typed is text. */
async function viewAnswer(deps: AppDeps, { questionId, contentHash, seed, given, verdict }: Answer) {
  const present = deps.catalog().questions.get(questionId)
  const question = (await questionOf(deps, questionId, present, contentHash)) ?? present
  const asTyped = { verdict, isStale: true, choices: [] as string[], typed: given.join('\n') }
  if (!question) return asTyped
  const isStale = contentHash !== question.hash
  const view = questionType(question.type).view(question.data, variantOf(question, seed), chanceOf(seed))
  if (!('choices' in view)) return { ...asTyped, isStale }
  const htmlOf = (id: string): string | undefined => view.choices.find((choice) => choice.id === id)?.text
  const choices = given.flatMap((one) => {
    if (view.control !== 'match') return htmlOf(one) ?? []
    const [row = '', choice = ''] = one.split('=')
    const rowText = view.rows.find(({ id }) => id === row)?.text
    return rowText === undefined ? [] : [`${rowText} → ${htmlOf(choice) ?? '–'}`]
  })
  return choices.length === given.length ? { verdict, isStale, choices, typed: '' } : { ...asTyped, isStale }
}
