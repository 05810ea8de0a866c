/** View models of the list of challenges and of results. Pure; nothing here holds a hidden check. */

import type { Request } from 'express'
import type { GradeResult, TestResult } from '../../../sim/index.ts'
import { type Exam, exams } from '../../catalog/exams.ts'
import { challengesByLevel } from '../../catalog/order.ts'
import type { Catalog, Challenge, Section } from '../../catalog/types.ts'
import type { Locale } from '../../i18n/locale.ts'
import { msg, t } from '../../i18n/translate.ts'
import { lineOf } from '../../labs/views/command-line.ts'
import { bestUnproven, isPassed, isProven, scoreOf } from '../../practice/attempts.ts'
import { withoutExpressions } from '../../practice/expressions.ts'
import type { GradedToday, madeBefore } from '../../practice/graded-today.ts'
import { solutionsHint } from '../../practice/hints.ts'
import { inTextsOf, languageOf } from '../../practice/texts-of-result.ts'
import { isVerifiable, unverifiable } from '../../practice/verify.ts'
import type { Params } from '../../questions/params.ts'
import { printedText } from '../../render/command-output.ts'
import { renderInline, renderMarkdown } from '../../render/markdown.ts'
import { gradedRun } from '../../storage/evidence.ts'
import { hasHiddenChecks, shownResult } from '../../storage/shown-result.ts'
import type { Attempt, Grading } from '../../storage/types.ts'
import { besideSections, type NextOfList } from '../beside-list.ts'
import { printClock } from '../clock.ts'
import { type CauseModel, causesOf, jumpOf } from '../desk/jump.ts'
import { outcomeOf } from '../desk/verdict.ts'
import { printScore, styles } from '../desk/workspace.ts'
import { levelChoices, narrow } from '../filters.ts'
import { originTold } from '../origins.ts'
import { sectionChoices, sectionTitle } from '../sections.ts'
import { printDay } from '../time.ts'
import { type ComparedSolution, tellEdit } from './aftermath.ts'

export interface ResultModel {
  id: string
  /** What the challenge is written in. */
  locale: Locale
  title: string
  icon: string
  outcome: string
  passed: boolean
  gradable: boolean
  problem: string
  /** A fault of the instructor's is left out of it. */
  isSpared: boolean
  /** What the stored commands have to do with the grading, where they are not known to be its own. */
  doubt: string
  /** Where it comes from, when that is a file of somebody else's or of another server. */
  origin: string
  /** It counts for nothing until it is graded here. */
  isProven: boolean
  canVerify: boolean
  score: string
  maxScore: number
  /** Checks that are not shown count as well. */
  hasFurther: boolean
  otherVariants: number
  hintCost: number
  tests: TestModel[]
  gates: TestModel[]
  commands: { at: string; line: string; exit: number; output: string }[]
  notSimulated: string[]
  debrief: string
  /** Once it is over. */
  solutions: SolutionModel[]
  /** Until it is over. */
  canGiveUp: boolean
  facts: { name: string; value: string }[]
  params: Params
}

export interface SolutionModel {
  name: string
  about: string
  files: { name: string; text: string }[]
  steps: string[]
  differences: string[] | undefined
}

/** What the page adds to a grading: changes that were opened, and, once it is over, the solutions. */
export interface Aside {
  /** The address of the result. */
  page: string
  /** It is over: nothing has to be kept back any more. */
  isTold: boolean
  changes: ReadonlyMap<string, ChangeModel>
  solutions: readonly ComparedSolution[]
}

export interface TestModel {
  id: string
  /** What the challenge is written in. */
  locale: Locale
  title: string
  status: string
  icon: string
  word: string
  points: string
  message: string
  actual: string
  expected: string
  /** Of the author's words; undefined where the simulator says it. */
  expectedIn: Locale | undefined
  why: string
  cause: CauseModel[]
  /** What usually leads to such causes, in the author's words: HTML. */
  mistakes: string[]
  /** An earlier test that the same causes led to: they are told there. */
  sameCause: { id: string; title: string } | undefined
  moment: string
  /** The run as it was then. */
  jump: { href: string; label: string } | undefined
  criteria: {
    title: string
    icon: string
    word: string
    points: string
    actual: string
    expected: string
    expectedIn: Locale | undefined
  }[]
  /** The smallest change that would have passed it, as far as it was opened; undefined where none is offered. */
  change: ChangeModel | undefined
}

export interface ChangeModel {
  /** Undefined until the first level was opened. */
  lines: string[] | undefined
  next: { level: number; label: string; cost: number } | undefined
}

export const otherCommands = msg(
  'The commands that are stored with this grading are not the ones that were graded: their hash differs. The verdict stands as it was given; the run cannot be shown again.',
)

export function viewResult(challenge: Challenge, attempt: Attempt, grading: Grading, aside: Aside): ResultModel {
  const result = shownResult(grading.result)
  const { log, proof } = gradedRun(attempt, grading)
  const score = scoreOf(grading, challenge)
  const full = Math.round((result.score / Math.max(1, result.maxScore)) * 100)
  return {
    id: challenge.id,
    locale: challenge.locale,
    title: challenge.title,
    ...outcomeOf(grading),
    passed: result.passed,
    gradable: result.gradable,
    problem: result.problem ?? '',
    isSpared: result.withoutFaults === true,
    doubt: proof === 'differs' ? t(otherCommands) : '',
    origin: originOf(attempt, grading, challenge),
    isProven: isProven(grading),
    canVerify: isVerifiable(grading, challenge),
    score: printScore(score),
    maxScore: 100,
    hasFurther: hasHiddenChecks(grading.result),
    otherVariants: result.otherVariants ?? 0,
    hintCost: score === undefined ? 0 : full - score,
    ...viewTests(grading, challenge, aside),
    commands: (proof === 'differs' ? [] : log).map((entry, n) => {
      const printed = result.commands[n]
      return {
        at: printClock(entry.atMs),
        line: lineOf(entry.command),
        exit: printed?.exit ?? 0,
        output: printed ? printedText(printed).trim() : '',
      }
    }),
    notSimulated: result.notSimulated,
    debrief: aside.isTold ? renderMarkdown(challenge.debrief, result.params) : '',
    solutions: aside.solutions.map(({ name, about, files, steps, differences }) => ({
      name,
      about,
      files: Object.entries(files).map(([fileName, text]) => ({ name: fileName, text })),
      steps,
      differences: differences?.map((edit) => tellEdit(edit, 4)),
    })),
    canGiveUp: !aside.isTold,
    facts: [
      { name: t('Seed'), value: result.seed },
      { name: t('Content'), value: result.contentHash },
      { name: t('Engine'), value: result.engineVersion },
      { name: t('State'), value: result.stateHash },
      {
        name: t('Commands (SHA-256)'),
        value: grading.proof?.sha256 ?? t('not recorded: gradings of that time had no proof'),
      },
      { name: t('Virtual time'), value: t('{n} s', { n: (result.virtualMs / 1000).toFixed(1) }) },
    ],
    params: result.params,
  }
}

/** By what a result was made that would be made by something else today, in words. */
export function viewBefore(made: ReturnType<typeof madeBefore>): string | undefined {
  if (!made) return undefined
  const { was, now, isOtherProgram, isOtherContent } = made
  const program = isOtherProgram
    ? t('It was graded by simulator {engine} with grader {grader}; today they are {ownEngine} and {ownGrader}.', {
        ...{ engine: was.engine, grader: was.grader, ownEngine: now.engine, ownGrader: now.grader },
      })
    : ''
  const content = isOtherContent ? t('The challenge was changed since this was graded.') : ''
  return [content, program, t('The result stands.')].filter(Boolean).join(' ')
}

/** What the same commands earn today, and where that differs. */
export function viewToday({ score, was, passed, moves, problem }: GradedToday) {
  const told = { score: printScore(score), was: printScore(was) }
  const words =
    problem !== ''
      ? t('By today’s version of the challenge these commands cannot be graded: {why}', { why: problem })
      : moves.length === 0 && told.score === told.was
        ? t('Today the same commands earn the same: {score} of 100.', told)
        : passed
          ? t('Today the same commands earn {score} of 100, and pass. Then they earned {was}.', told)
          : t('Today the same commands earn {score} of 100, and do not pass. Then they earned {was}.', told)
  const pointsOf = (points: number | null): string => (points === null ? t('no such check') : String(points))
  return {
    words,
    moves: moves.map(({ title, before, after, message }) => ({
      ...{ title, before: pointsOf(before), after: pointsOf(after), message },
    })),
  }
}

/** A run that somebody shows to others: what was graded and what was done, and not by whom. */
export function viewShared(challenge: Challenge, attempt: Attempt, grading: Grading) {
  const { log, proof } = gradedRun(attempt, grading)
  const result = shownResult(grading.result)
  return {
    id: challenge.id,
    title: challenge.title,
    locale: challenge.locale,
    ...outcomeOf(grading),
    isRight: result.passed && isProven(grading),
    score: printScore(scoreOf(grading, challenge)),
    at: printDay(grading.atMs),
    lines: (proof === 'differs' ? [] : log).map((entry) => ({
      at: printClock(entry.atMs),
      line: lineOf(entry.command),
    })),
  }
}

/** Where a result comes from, in words; empty for one of the learner's own. */
function originOf({ origin }: Attempt, grading: Grading, challenge: Challenge): string {
  const from = grading.origin ?? origin
  if (!from) return ''
  const told = originTold(from)
  if (isProven(grading)) return grading.verifiedAtMs === undefined ? told : `${told} ${t('Graded again here.')}`
  if (!grading.result.gradable) return told
  return `${told} ${isVerifiable(grading, challenge) ? t('Not verified on this server, so it does not count yet.') : t(unverifiable.changed)}`
}

const words = { pass: msg('Passed'), fail: msg('Failed'), error: msg('Our error'), skipped: msg('Not looked at') }
const icons = { pass: '✓', fail: '✕', error: '!', skipped: '–' }

/** Passed, or given up: nothing has to be kept back any more. */
export const isOver = (attempt: Attempt, grading: Grading): boolean =>
  (grading.result.passed && isProven(grading)) || attempt.hintsOpened.includes(solutionsHint)

function viewTests(
  grading: Grading,
  challenge: Challenge,
  { page, changes }: Aside,
): { tests: TestModel[]; gates: TestModel[] } {
  const result = inTextsOf(challenge, withoutExpressions(shownResult(grading.result), challenge))
  const told = new Map<string, { id: string; title: string }>()
  const view = (test: TestResult): TestModel => {
    const causes = test.cause.join('\n')
    const sameCause = causes === '' ? undefined : told.get(causes)
    if (!sameCause) told.set(causes, test)
    const mistakes = challenge.texts.mistakes
      .filter(({ cause }) => test.causes?.includes(cause))
      .map(({ text }) => renderInline(text, result.params))
    return {
      ...viewTest(test, challenge, result),
      mistakes: sameCause ? [] : mistakes,
      cause: sameCause ? [] : causesOf(page, grading, test),
      sameCause,
      change: changes.get(test.id),
      jump: test.status === 'pass' ? undefined : jumpOf(page, grading, test),
    }
  }
  const tests = result.tests.map(view)
  // A gate earns nothing: what there is to say is what it cost.
  const gates = result.gates.map((gate) => {
    const cost = gate.maxPoints - gate.points
    return { ...view(gate), points: cost > 0 ? `−${cost}` : '' }
  })
  return { tests, gates }
}

function viewTest(test: TestResult, challenge: Challenge, result: GradeResult): TestModel {
  const expectedIn = (text?: string): Locale | undefined => languageOf(challenge, result, test.id, text)
  return {
    id: test.id,
    locale: challenge.locale,
    title: test.title,
    status: test.status,
    icon: icons[test.status],
    word: t(words[test.status]),
    points: `${test.points} / ${test.maxPoints}`,
    message: test.message,
    actual: test.actual ?? '',
    expected: test.expected ?? '',
    expectedIn: expectedIn(test.expected),
    why: test.why ?? '',
    cause: [],
    mistakes: [],
    change: undefined,
    jump: undefined,
    sameCause: undefined,
    moment: test.firstFailAtMs === undefined ? '' : printClock(test.firstFailAtMs),
    criteria: test.criteria.map((criterion) => ({
      title: criterion.title,
      icon: icons[criterion.status],
      word: t(words[criterion.status]),
      points: `${criterion.points} / ${criterion.maxPoints}`,
      actual: criterion.actual ?? '',
      expected: criterion.expected ?? '',
      expectedIn: expectedIn(criterion.expected),
    })),
  }
}

const tasksAbout = msg('Three to eight minutes each, as the CKA and CKAD exams ask: one thing to find out or to do.')
const problemsAbout = msg('Build, fix and operate: a quarter of an hour and more each.')

const styleChoices = () =>
  [
    ['build', t('Build')],
    ['fix', t('Fix')],
    ['operate', t('Operate')],
    ['design', t('Design')],
    ['task', t('Exam task')],
  ] as const
const stateChoices = () =>
  [
    ['new', t('Not tried')],
    ['open', t('Tried')],
    ['passed', t('Passed')],
  ] as const
const lengthChoices = () => ['15', '30'].map((most) => [most, t('Up to {n} minutes', { n: most })] as const)

const viewNext = (next: {
  id: string
  title: string
  locale: Locale
  summary: string
  isStarted: boolean
  difficulty: number
  minutes: number
}): NextOfList => ({
  ...{ href: `/challenges/${next.id}`, title: next.title, locale: next.locale, about: next.summary, isOfContent: true },
  ...{ action: next.isStarted ? t('Go on') : t('Begin'), difficulty: next.difficulty, minutes: next.minutes },
})

export function viewIndex(
  req: Request,
  { challenges, topics, handsOn }: Catalog,
  attempts: readonly Attempt[],
  best: (attempts: readonly Attempt[], challenge: Challenge) => number | undefined,
) {
  const ownOf = ({ id }: Challenge) => attempts.filter(({ challengeId }) => challengeId === id)
  const stateOf = (challenge: Challenge) => {
    const own = ownOf(challenge)
    if (own.some(isPassed)) return 'passed'
    return own.length > 0 ? 'open' : 'new'
  }
  const all = challengesByLevel(challenges.values())
  const sectionsOf = ({ spec }: Challenge) => new Set(spec.topics.map((id) => topics.get(id)?.section))
  const { shown, filter } = narrow(req, '/challenges', all, [
    { name: 'style', label: t('Style'), choices: styleChoices(), fits: ({ spec }, style) => spec.style === style },
    {
      name: 'section',
      label: t('Section'),
      choices: sectionChoices(),
      fits: (challenge, section) => sectionsOf(challenge).has(section as Section),
    },
    {
      name: 'exam',
      label: t('Exam'),
      choices: (['cka', 'ckad'] as const).map((exam) => [exam, exams[exam].title] as const),
      fits: ({ id }, exam) => Object.values(handsOn[exam as Exam] ?? {}).some((ids) => ids.includes(id)),
    },
    {
      name: 'level',
      label: t('Level'),
      choices: levelChoices(),
      fits: ({ spec }, level) => String(spec.difficulty) === level,
    },
    {
      name: 'length',
      label: t('Length'),
      choices: lengthChoices(),
      fits: ({ spec }, most) => spec.minutes <= Number(most),
    },
    {
      name: 'state',
      label: t('Yours'),
      choices: stateChoices(),
      fits: (challenge, state) => stateOf(challenge) === state,
    },
  ])
  const listed = (challenge: Challenge) => {
    const section = [...sectionsOf(challenge)][0]
    return {
      id: challenge.id,
      locale: challenge.locale,
      title: challenge.title,
      summary: challenge.summary,
      section: section && { id: section, title: sectionTitle(section) },
      kind: challenge.spec.style,
      style: t(styles[challenge.spec.style]),
      difficulty: challenge.spec.difficulty,
      minutes: challenge.spec.minutes,
      best: best(ownOf(challenge), challenge),
      unproven: bestUnproven(ownOf(challenge), challenge),
      isStarted: ownOf(challenge).length > 0,
    }
  }
  const isTask = ({ spec }: Challenge) => spec.style === 'task'
  const groups = [
    { id: 'tasks', title: t('Exam tasks'), about: t(tasksAbout), challenges: shown.filter(isTask).map(listed) },
    {
      ...{ id: 'longer', title: t('Whole problems'), about: t(problemsAbout) },
      challenges: shown.filter((challenge) => !isTask(challenge)).map(listed),
    },
  ]
  // What was begun last and is not done; else the easiest whole problem, since exam tasks are told in few words.
  const begun = attempts.toReversed().map(({ challengeId }) => challengeId)
  const undone = all.filter((challenge) => stateOf(challenge) !== 'passed')
  const openLast = undone
    .filter((challenge) => stateOf(challenge) === 'open')
    .sort((a, b) => begun.indexOf(a.id) - begun.indexOf(b.id))
  const [next] = [...openLast, ...undone.filter((challenge) => !isTask(challenge)), ...undone]
  return {
    filter,
    next: filter.isFiltered || !next ? undefined : viewNext(listed(next)),
    sections: besideSections('/challenges', filter, (section) => {
      const own = all.filter((challenge) => sectionsOf(challenge).has(section))
      return { done: own.filter((challenge) => stateOf(challenge) === 'passed').length, all: own.length }
    }),
    groups: groups.filter(({ challenges }) => challenges.length > 0),
  }
}
