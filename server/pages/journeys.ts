/** Ways through questions that are more than the list of them: what comes next is asked at each step. */
import type { Request } from 'express'
import { msg, t } from '../i18n/translate.ts'
import { readRound } from '../practice/rounds.ts'
import { field, query } from './form.ts'

export interface Journey {
  id: string
  title: string
  href: string
  next: string
  /** A right answer leads on at once, and nobody is asked how sure they are. */
  isQuick?: boolean
}

const journeys: readonly Journey[] = [
  { id: 'review', title: msg('Review'), href: '/study/review', next: '/study/review/next' },
  { id: 'mistakes', title: msg('Mistakes'), href: '/study/notebook', next: '/study/mistakes/next' },
]

/** The one that the page's address or form names. */
export function journeyOf(req: Request): Journey | undefined {
  const name = field(req, 'in') || query(req, 'in')
  const round = readRound(name)
  if (round) {
    const next = `/study/practice/next?round=${round.id}`
    return { id: round.id, title: t('Practice'), href: '/study/practice', next, isQuick: true }
  }
  const journey = journeys.find(({ id }) => id === name)
  return journey && { ...journey, title: t(journey.title) }
}
