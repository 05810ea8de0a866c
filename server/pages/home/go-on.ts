/** What somebody with a past may go on with, the most urgent first. Pure. */
import type { Catalog } from '../../catalog/types.ts'
import type { Locale } from '../../i18n/locale.ts'
import { t, tn } from '../../i18n/translate.ts'
import type { Work } from '../../journal/journals.ts'
import { findItem, type Item } from '../../practice/items.ts'
import type { Done } from '../../practice/next-steps.ts'
import { trackInHand } from '../../practice/own-track.ts'
import { triedBy } from '../../practice/track-steps.ts'
import { openMocks } from '../mocks.ts'

export interface GoOn {
  href: string
  title: string
  /** Of the title. */
  locale?: Locale
  /** The track that it is a step of, and how much of it is done, in percent. */
  track?: { title: string; locale: Locale; percent: number }
  /** Why it is worth it. */
  about: string
}

/** @param due concepts to review now @param nowMs decides which exams are over. @returns none for somebody who has done nothing yet */
export function waysOn(catalog: Catalog, work: Work, done: Done, due: number, nowMs: number): GoOn[] {
  const { exam, handsOn, interview } = openMocks(work.mocks, nowMs)
  const open = work.attempts
    .filter(({ state, challengeId, mock }) => state === 'open' && mock === undefined && !done.passed.has(challengeId))
    .sort((a, b) => b.updatedAtMs - a.updatedAtMs)[0]
  const step = nextStep(catalog, done)
  const hasClock = (id: string): boolean => work.mocks.some((mock) => mock.id === id && mock.endsAtMs !== null)
  const challenge = open && findItem(catalog, `challenge:${open.challengeId}`)
  const ways: (GoOn | undefined)[] = [
    handsOn === undefined ? undefined : asExam(`/study/hands-on/${handsOn}`, hasClock(handsOn)),
    exam === undefined ? undefined : asExam(`/study/exams/${exam}`, hasClock(exam)),
    interview === undefined
      ? undefined
      : { href: `/study/interview/${interview}`, title: t('Your mock interview'), about: t('You have begun one.') },
    step,
    challenge && challenge.href !== step?.href ? asWay(challenge, t('You have begun this challenge.')) : undefined,
    due === 0
      ? undefined
      : {
          href: '/study/review/next',
          title: tn(due, 'Review {n} concept', 'Review {n} concepts'),
          about: t('You met them before, and are about to forget them.'),
        },
  ]
  return ways.filter((way) => way !== undefined)
}

const asExam = (href: string, hasClock: boolean): GoOn => ({
  href,
  title: t('Your mock exam'),
  about: hasClock ? t('It is open, and its clock runs.') : t('You have begun one.'),
})

const asWay = ({ href, title, locale }: Item, about: string): GoOn => ({ href, title, locale, about })

/** On the track that they are on. */
function nextStep(catalog: Catalog, done: Done): GoOn | undefined {
  const standing = trackInHand(catalog, done)
  if (!standing?.next) return undefined
  const { track, total, next } = standing
  const far = t('{n} of {count} steps', { n: standing.done, count: total })
  const isAgain = triedBy(done)(`${next.kind}:${next.id}`)
  return {
    ...asWay(next, isAgain ? t('{far}. You have not answered it right yet: here it is again.', { far }) : far),
    track: { title: track.title, locale: track.locale, percent: Math.round((100 * standing.done) / total) },
  }
}
