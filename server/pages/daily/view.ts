/** What the pages of the daily incident show. Pure. */
import type { Challenge } from '../../catalog/types.ts'
import { currentLocale, type Locale, languageTags, original } from '../../i18n/locale.ts'
import { msg, t } from '../../i18n/translate.ts'
import { type DailyStanding, dailyMs, dayAfter, dayOf, lineOfSquares, startOfDay } from '../../practice/daily.ts'
import { printRace, type SquaresModel, viewSquares } from '../squares.ts'
import { printDate, printSpan, printTime } from '../time.ts'

/** Somebody's day, over or not. */
export interface DayModel extends SquaresModel {
  day: string
  date: string
  title: string
  locale: Locale
  /** Undefined until it is passed. */
  time: string | undefined
  isInTime: boolean
  gaveUp: boolean
  hints: number
  /** Nothing more can be earned. */
  isOver: boolean
  href: string
  result: string
  /** Of the last grading. */
  grading: string | undefined
  card: string | undefined
  practise: string
}

export function viewDay(standing: DailyStanding, challenge: Challenge | undefined): DayModel {
  const { day, challengeId, passedMs, gaveUp, hints, last, squares } = standing
  const grading = last && `/challenges/${challengeId}/results/${last.attempt}/${last.number}`
  return {
    ...viewSquares(squares.map(({ square }) => square)),
    ...{ day, date: printDate(startOfDay(day)), gaveUp, hints, grading },
    title: challenge?.title ?? challengeId,
    locale: challenge?.locale ?? original,
    time: passedMs === null ? undefined : printRace(passedMs),
    isInTime: passedMs !== null && passedMs <= dailyMs,
    isOver: passedMs !== null || gaveUp,
    href: `/daily/${day}`,
    result: `/daily/${day}/result`,
    card: passedMs !== null && grading ? `${grading}/card.svg` : undefined,
    practise: `/challenges/${challengeId}`,
  }
}

/** What is pasted into a chat: it gives away nothing of the task. */
export function shareText({ day, squares, passedMs, hints }: DailyStanding, link: string): string {
  const time = passedMs === null ? '' : ` ${printRace(passedMs)}`
  const help = hints > 0 ? ` 💡${hints}` : ''
  const line = lineOfSquares(squares.map(({ square }) => square))
  return `Podium · ${t('The daily incident')} ${day}\n${line}${time}${help}\n${link}`
}

/** Above the desk: the clock, and what is reached so far. */
export interface StripModel {
  day: DayModel
  /** While a square can be green. */
  leftMs: number
  left: string
  used: string
  totalMs: number
  until: string
}

/** Until squares are yellow; `left` is empty when they are. */
export function leftOf(usedMs: number): { leftMs: number; left: string } {
  const leftMs = Math.max(0, dailyMs - usedMs)
  return { leftMs, left: leftMs > 0 ? printSpan(leftMs) : '' }
}

export function viewStrip(day: DayModel, usedMs: number, nowMs: number): StripModel {
  const { leftMs, left } = leftOf(usedMs)
  return {
    ...{ day, leftMs, left, totalMs: dailyMs, used: printRace(usedMs) },
    until: printTime(nowMs + leftMs),
  }
}

export interface CalendarModel {
  weekdays: string[]
  /** Undefined for a day that is still to come. */
  weeks: (CalendarCell | undefined)[][]
}

interface CalendarCell {
  number: number
  date: string
  is: CalendarDay
  word: string
  href: string | undefined
}

type CalendarDay = 'none' | 'begun' | 'late' | 'in-time'

const dayWords: Record<CalendarDay, string> = {
  none: msg('not played'),
  begun: msg('begun'),
  late: msg('solved later'),
  'in-time': msg('solved in time'),
}

const weeksShown = 5

/** The weeks up to today's, each from Monday on. */
export function viewCalendar(today: string, standings: ReadonlyMap<string, DailyStanding>): CalendarModel {
  const sinceMonday = (new Date(startOfDay(today)).getUTCDay() + 6) % 7
  const first = dayAfter(today, -sinceMonday - (weeksShown - 1) * 7)
  const weekday = new Intl.DateTimeFormat(languageTags[currentLocale()], { weekday: 'short', timeZone: 'UTC' })
  const cellOf = (day: string): CalendarCell | undefined => {
    if (day > today) return undefined
    const standing = standings.get(day)
    const is = standing ? dayIs(standing) : 'none'
    return {
      number: Number(day.slice(8)),
      date: printDate(startOfDay(day)),
      ...{ is, word: t(dayWords[is]), href: standing && `/daily/${day}/result` },
    }
  }
  return {
    weekdays: Array.from({ length: 7 }, (_, n) => weekday.format(startOfDay(dayAfter(first, n)))),
    weeks: Array.from({ length: weeksShown }, (_, week) =>
      Array.from({ length: 7 }, (_, n) => cellOf(dayAfter(first, week * 7 + n))),
    ),
  }
}

function dayIs({ passedMs }: DailyStanding): CalendarDay {
  if (passedMs === null) return 'begun'
  return passedMs <= dailyMs ? 'in-time' : 'late'
}

/** Until the next one. */
export const untilNext = (nowMs: number): string => printSpan(startOfDay(dayAfter(dayOf(nowMs))) - nowMs)
