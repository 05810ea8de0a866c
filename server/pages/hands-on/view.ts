/** What the pages of a hands-on exam show. Pure. */
import { type HandsOnPool, handsOnGroups, handsOnPools, passMark } from '../../catalog/exams.ts'
import type { Catalog, Challenge } from '../../catalog/types.ts'
import { closedAtMs, isJudged, leftMs } from '../../exams/mock.ts'
import { percentOf, scoreByGroup, scoreOf, totalScore } from '../../exams/score.ts'
import { type Locale, original } from '../../i18n/locale.ts'
import { msg, t, tn } from '../../i18n/translate.ts'
import { attemptThatCounts, isWorkedOn } from '../../practice/exam-tasks.ts'
import type { Attempt, Mock, MockTask } from '../../storage/types.ts'
import { groupTitle } from '../mocks.ts'
import { originTold } from '../origins.ts'
import { printDay, printSpan, printTime } from '../time.ts'
import { type HandsOnMode, lengths, modes, pools, type Size } from './setup.ts'

const poolOf = ({ pool }: Mock): HandsOnPool | undefined => handsOnPools.find((name) => name === pool)

export function poolTitle(mock: Mock): string {
  const pool = poolOf(mock)
  return pool ? t(pools[pool].title) : mock.pool
}

const modeTitle = ({ mode }: Mock): string =>
  t(modes[mode === 'training' ? 'training' : ('timed' satisfies HandsOnMode)].title)

const tasksOf = ({ tasks }: Mock): readonly MockTask[] => tasks ?? []

/** One in a line of the list. */
export function viewRow(mock: Mock, attempts: readonly Attempt[], nowMs: number) {
  const closed = closedAtMs(mock, nowMs)
  const tasks = tasksOf(mock)
  const percent = percentOf(totalScore(tasks).score)
  return {
    id: mock.id,
    title: tn(tasks.length, '{pool} hands-on, {n} task', '{pool} hands-on, {n} tasks', { pool: poolTitle(mock) }),
    mode: modeTitle(mock),
    seed: mock.seed,
    at: printDay(mock.startedAtMs),
    isOpen: closed === null,
    isJudged: closed !== null && isJudged(mock),
    begun: tasks.filter((task) => isWorkedOn(attemptThatCounts(attempts, mock, task))).length,
    count: tasks.length,
    left: mock.endsAtMs !== null && closed === null ? printSpan(leftMs(mock, nowMs)) : undefined,
    percent,
    isPassed: percent >= passMark,
    isFromFile: mock.origin !== undefined,
  }
}

/** What stands above the desk, and on the page where it is handed in. */
export interface ExamStrip {
  href: string
  title: string
  modeTitle: string
  isTraining: boolean
  /** From 1. */
  n: number
  count: number
  isFlagged: boolean
  begun: number
  flagged: number
  tasks: {
    n: number
    title: string
    locale: Locale
    group: string
    isCurrent: boolean
    isWorkedOn: boolean
    isFlagged: boolean
  }[]
  clock: { leftMs: number; totalMs: number; left: string; until: string } | undefined
}

export function viewStrip(
  { challenges }: Catalog,
  mock: Mock,
  place: number,
  attempts: readonly Attempt[],
  nowMs: number,
): ExamStrip {
  const tasks = tasksOf(mock).map((task, n) => {
    const challenge = challenges.get(task.challengeId)
    return {
      n: n + 1,
      title: challenge?.title ?? task.challengeId,
      locale: challenge?.locale ?? original,
      group: groupTitle(mock.pool, task.group),
      isCurrent: n === place,
      isWorkedOn: isWorkedOn(attemptThatCounts(attempts, mock, task)),
      isFlagged: task.isFlagged,
    }
  })
  const left = leftMs(mock, nowMs)
  return {
    href: `/study/hands-on/${mock.id}`,
    title: poolTitle(mock),
    modeTitle: modeTitle(mock),
    isTraining: mock.mode === 'training',
    n: place + 1,
    count: tasks.length,
    isFlagged: tasks[place]?.isFlagged ?? false,
    begun: tasks.filter((task) => task.isWorkedOn).length,
    flagged: tasks.filter((task) => task.isFlagged).length,
    tasks,
    clock:
      mock.endsAtMs === null
        ? undefined
        : {
            leftMs: Math.max(0, left),
            totalMs: mock.endsAtMs - mock.startedAtMs,
            left: printSpan(left),
            until: printTime(mock.endsAtMs),
          },
  }
}

const verdicts = {
  right: ['✓', msg('Solved')],
  partly: ['◐', msg('Partly solved')],
  wrong: ['✕', msg('Not solved')],
  none: ['–', msg('Not begun')],
  refused: ['✕', msg('Could not be graded as it was left')],
  void: ['–', msg('Not counted')],
} as const

export function viewResults(catalog: Catalog, mock: Mock, nowMs: number) {
  const { challenges } = catalog
  const tasks = tasksOf(mock)
  const total = totalScore(tasks)
  const percent = percentOf(total.score)
  const closed = closedAtMs(mock, nowMs) ?? nowMs
  const weights = handsOnGroups[poolOf(mock) ?? 'cka']
  return {
    id: mock.id,
    href: `/study/hands-on/${mock.id}`,
    title: t('{pool} hands-on', { pool: poolTitle(mock) }),
    exam: poolTitle(mock),
    isReal: mock.pool !== 'interview',
    seed: mock.seed,
    modeTitle: modeTitle(mock),
    origin: mock.origin && originTold(mock.origin),
    at: printDay(mock.startedAtMs),
    took: printSpan(closed - mock.startedAtMs),
    wasCutShort: mock.endsAtMs !== null && closed === mock.endsAtMs,
    again: againHref(mock),
    total: { ...total, percent },
    passMark,
    isPassed: percent >= passMark,
    groups: scoreByGroup(tasks).map((group) => ({
      ...group,
      title: groupTitle(mock.pool, group.group),
      weight: weights[group.group]?.weight,
      percent: percentOf(group.score),
      practise: worstOf(challenges, tasks, group.group),
    })),
    tasks: tasks.map(({ challengeId, group, result, isFlagged }, place) => {
      const challenge = challenges.get(challengeId)
      const [icon, word] = verdicts[result?.verdict ?? 'none']
      const hasGrading = result !== null && 'score' in result
      return {
        n: place + 1,
        title: challenge?.title ?? challengeId,
        locale: challenge?.locale ?? original,
        verdict: result?.verdict ?? 'none',
        icon,
        word: t(word),
        percent: hasGrading ? percentOf(scoreOf({ result })) : undefined,
        why: result && 'why' in result ? t(result.why, result.values) : undefined,
        group: groupTitle(mock.pool, group),
        isFlagged,
        href:
          hasGrading && challenge
            ? `/challenges/${challengeId}/results/${result.attempt}/${result.grading}`
            : undefined,
        practise: challenge ? `/challenges/${challengeId}` : undefined,
        lesson: challenge && result?.verdict !== 'right' ? lessonOn(catalog, challenge) : undefined,
      }
    }),
  }
}

/** The form of a new exam as this one's was filled in. */
function againHref(mock: Mock): string {
  const pool = poolOf(mock) ?? 'cka'
  const isFull = tasksOf(mock).length > lengths[pool].short.count
  const size: Size = isFull ? 'full' : 'short'
  return `/study/hands-on?pool=${pool}&mode=${mock.mode}&size=${size}`
}

/** Where one reads about what the task is about most. */
function lessonOn(
  { lessons }: Catalog,
  { spec }: Challenge,
): { href: string; title: string; locale: Locale } | undefined {
  for (const topic of spec.topics) {
    const lesson = [...lessons.values()].find(({ topics }) => topics.includes(topic))
    if (lesson) return { href: `/lessons/${lesson.id}`, title: lesson.title, locale: lesson.locale }
  }
  return undefined
}

/** The task of a group that lost most, to be practised; undefined when nothing was lost. */
function worstOf(
  challenges: Catalog['challenges'],
  tasks: readonly MockTask[],
  group: string,
): { href: string; title: string; locale: Locale } | undefined {
  const lost = tasks
    .filter((task) => task.group === group && task.result?.verdict !== 'void' && scoreOf(task) < 1)
    .sort((a, b) => scoreOf(a) - scoreOf(b))
  const challenge = lost[0] && challenges.get(lost[0].challengeId)
  return challenge && { href: `/challenges/${challenge.id}`, title: challenge.title, locale: challenge.locale }
}
