/** What the counts of groups say, in words for who is no statistician. Pure. */
import { msg } from '../i18n/translate.ts'
import { adverseImpact, type GroupImpact } from '../statistics/adverse-impact.ts'
import type { GroupCounts } from '../storage/groups.ts'

export type Reading = 'reference' | 'nobody' | 'clearly less' | 'less, maybe chance' | 'a little less' | 'no difference'

/** Texts for `t`. */
export const readings: Readonly<Record<Reading, string>> = {
  reference: msg('The highest share: the others are compared with it.'),
  nobody: msg('Nobody reached the pass bar: there is nothing to compare.'),
  'clearly less': msg(
    'Below four fifths, and chance alone hardly explains it. Find out why before you rely on the bar.',
  ),
  'less, maybe chance': msg('Below four fifths, but chance alone could do that. Look again with more candidates.'),
  'a little less': msg('Above four fifths, yet more than chance alone explains. Look at the items where they differ.'),
  'no difference': msg('No difference that stands out. That does not prove there is none.'),
}

const unlikely = 0.05

export function readingOf({ rate, ratio, p, isBelowFourFifths }: GroupImpact): Reading {
  if (ratio === undefined) return rate === 0 ? 'nobody' : 'reference'
  const isUnlikely = p !== undefined && p < unlikely
  if (isBelowFourFifths) return isUnlikely ? 'clearly less' : 'less, maybe chance'
  return isUnlikely ? 'a little less' : 'no difference'
}

/** By question. Those of which no two groups may be told have none. */
export const impactsIn = ({ tables }: GroupCounts): { question: string; groups: GroupImpact[] }[] =>
  tables.map(({ question, groups }) => ({ question, groups: adverseImpact(groups) }))
