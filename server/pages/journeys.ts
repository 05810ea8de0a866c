/** Ways through questions that are more than the list of them: what comes next is asked at each step. */
import type { Request } from 'express'
import { msg, t } from '../i18n/translate.ts'
import { field, query } from './form.ts'

export interface Journey {
  id: string
  title: string
  href: string
  next: string
}

const journeys: readonly Journey[] = [
  { id: 'review', title: msg('Review'), href: '/study/review', next: '/study/review/next' },
  { id: 'mistakes', title: msg('Mistakes'), href: '/study/notebook', next: '/study/mistakes/next' },
]

/** The one that the page's address or form names. */
export function journeyOf(req: Request): Journey | undefined {
  const name = field(req, 'in') || query(req, 'in')
  const journey = journeys.find(({ id }) => id === name)
  return journey && { ...journey, title: t(journey.title) }
}
