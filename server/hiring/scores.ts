/**
 * What reviewers say of a candidate: a level of each dimension of the rubric. A reviewer's sheet is theirs alone until they send it; then it is
 * fixed, they see those that others have sent, and what they change is a correction with a reason. Folded of acts. Pure.
 */
import { msg } from '../i18n/translate.ts'
import type { Fact } from '../sittings/roles.ts'
import { weightedKappa } from '../statistics/kappa.ts'
import { enoughPeople, fewestPeople } from '../statistics/thresholds.ts'
import type { Evidence, NewScoreAct, ScoreAct } from '../storage/scores.ts'

export interface Mark {
  /** As it was sent; null while there is none. */
  level: number | null
  says: string
  evidence: readonly Evidence[]
  /** What came after it was sent, the oldest first. */
  corrections: readonly { level: number; reason: string; atMs: number }[]
}

/** What one reviewer says. */
export interface Sheet {
  reviewer: string
  /** By dimension. */
  marks: ReadonlyMap<string, Mark>
  sentAtMs: number | null
}

/** What all reviewers say of one candidate: by reviewer. */
export type Scores = ReadonlyMap<string, Sheet>

export const noScores: Scores = new Map()

const noMark: Mark = { level: null, says: '', evidence: [], corrections: [] }

/** The scores after one more act. What cannot follow leaves them as they are. */
export function afterScoreAct(scores: Scores, { act, by, atMs, data }: ScoreAct): Scores {
  const sheet = scores.get(by) ?? { reviewer: by, marks: new Map<string, Mark>(), sentAtMs: null }
  const withSheet = (change: Partial<Sheet>): Scores => new Map(scores).set(by, { ...sheet, ...change })
  switch (act) {
    case 'level-noted': {
      if (sheet.sentAtMs !== null) return scores
      const { dimension, ...mark } = data
      return withSheet({ marks: new Map(sheet.marks).set(dimension, { ...mark, corrections: [] }) })
    }
    case 'sheet-sent':
      return sheet.sentAtMs === null ? withSheet({ sentAtMs: atMs }) : scores
    case 'level-corrected': {
      const mark = sheet.marks.get(data.dimension)
      if (sheet.sentAtMs === null || !mark) return scores
      const corrections = [...mark.corrections, { level: data.level, reason: data.reason, atMs }]
      return withSheet({ marks: new Map(sheet.marks).set(data.dimension, { ...mark, corrections }) })
    }
  }
}

/** With its corrections. */
export const levelOf = ({ level, corrections }: Mark): number | null => corrections.at(-1)?.level ?? level

/** The dimensions of a rubric, by their ids. */
export type RubricIds = readonly { id: string }[]

/** A text for `t`. */
export type ScoreRefusal = { refused: string }

export const scoreRefusals = {
  fixed: msg('You have sent your scores: they are fixed. Correct one with a reason instead.'),
  unknown: msg('The rubric has no such dimension.'),
  incomplete: msg('Give a level to each dimension first.'),
  notSent: msg('You have not sent your scores yet: change them as you like.'),
  same: msg('It has this level already.'),
}

type DataOf<Name extends ScoreAct['act']> = Extract<ScoreAct, { act: Name }>['data']

/** Notes a level on the own sheet. */
export function noteLevel(
  scores: Scores,
  rubric: RubricIds,
  reviewer: string,
  data: DataOf<'level-noted'>,
): NewScoreAct | ScoreRefusal {
  if (isSent(scores, reviewer)) return { refused: scoreRefusals.fixed }
  if (!rubric.some(({ id }) => id === data.dimension)) return { refused: scoreRefusals.unknown }
  return { act: 'level-noted', data }
}

/** Sends the own sheet: from now on it is fixed. */
export function sendSheet(scores: Scores, rubric: RubricIds, reviewer: string): NewScoreAct | ScoreRefusal {
  if (isSent(scores, reviewer)) return { refused: scoreRefusals.fixed }
  const marks = scores.get(reviewer)?.marks
  if (rubric.length === 0 || rubric.some(({ id }) => (marks?.get(id)?.level ?? null) === null))
    return { refused: scoreRefusals.incomplete }
  return { act: 'sheet-sent', data: {} }
}

/** Corrects what was sent. */
export function correctLevel(
  scores: Scores,
  reviewer: string,
  data: DataOf<'level-corrected'>,
): NewScoreAct | ScoreRefusal {
  if (!isSent(scores, reviewer)) return { refused: scoreRefusals.notSent }
  const mark = scores.get(reviewer)?.marks.get(data.dimension)
  if (!mark) return { refused: scoreRefusals.unknown }
  return levelOf(mark) === data.level ? { refused: scoreRefusals.same } : { act: 'level-corrected', data }
}

export const isSent = (scores: Scores, reviewer: string): boolean => (scores.get(reviewer)?.sentAtMs ?? null) !== null

/**
 * What is so of the scores of a candidate, for `see-scores`: somebody's own are sent, or those of all who score. Where nobody is to, all are.
 * @param own of whoever asks @param wanted whoever is to score the candidate
 */
export const factsOfScores = (scores: Scores, own: string, wanted: readonly string[]): Fact[] => [
  ...(isSent(scores, own) ? (['scored'] as const) : []),
  ...(wanted.every((one) => isSent(scores, one)) ? (['all-scored'] as const) : []),
]

/** The sheets that are shown to somebody: their own, and those that were sent where they may see scores. */
export const sheetsFor = (scores: Scores, own: string, maySeeOthers: boolean): Sheet[] =>
  [...scores.values()].filter((sheet) => sheet.reviewer === own || (maySeeOthers && sheet.sentAtMs !== null))

const sentSheets = (scores: Scores): Sheet[] => [...scores.values()].filter(({ sentAtMs }) => sentAtMs !== null)

export interface Difference {
  dimension: string
  /** The highest first. */
  levels: { reviewer: string; level: number }[]
}

/** From so many levels on reviewers should talk. */
const worthTalking = 2

/** Where the reviewers of a candidate lie two levels apart or more, by what was sent and corrected, in the order of the rubric. */
export function differencesIn(scores: Scores, rubric: RubricIds): Difference[] {
  return rubric.flatMap(({ id }) => {
    const levels = sentSheets(scores)
      .flatMap(({ reviewer, marks }) => {
        const level = levelOf(marks.get(id) ?? noMark)
        return level === null ? [] : [{ reviewer, level }]
      })
      .sort((a, b) => b.level - a.level || (a.reviewer < b.reviewer ? -1 : 1))
    const [highest, lowest] = [levels[0], levels.at(-1)]
    return highest && lowest && highest.level - lowest.level >= worthTalking ? [{ dimension: id, levels }] : []
  })
}

export interface Agreement {
  /** Levels that two gave to the same dimension of the same candidate. */
  n: number
  /** Quadratically weighted; of more than two reviewers the mean over pairs, each by how much it has judged. Undefined below `fewestPeople`. */
  kappa: number | undefined
  isRough: boolean
}

/**
 * How far the reviewers of a job agree beyond chance: by the levels as they were sent, before anybody saw those of others.
 * @param all of each candidate
 */
export function agreementIn(all: readonly Scores[], rubric: RubricIds): Agreement {
  const pairs = new Map<string, [number, number][]>()
  for (const scores of all) {
    const sheets = sentSheets(scores).sort((a, b) => (a.reviewer < b.reviewer ? -1 : 1))
    for (const [place, one] of sheets.entries())
      for (const other of sheets.slice(place + 1))
        for (const { id } of rubric) {
          const [a, b] = [one.marks.get(id)?.level, other.marks.get(id)?.level]
          if (typeof a !== 'number' || typeof b !== 'number') continue
          const key = JSON.stringify([one.reviewer, other.reviewer])
          pairs.set(key, [...(pairs.get(key) ?? []), [a, b]])
        }
  }
  const told = [...pairs.values()].map((own) => ({ n: own.length, kappa: weightedKappa(own) }))
  const n = told.reduce((sum, one) => sum + one.n, 0)
  const weighed = told.filter((one): one is { n: number; kappa: number } => one.kappa !== undefined)
  const weight = weighed.reduce((sum, one) => sum + one.n, 0)
  const kappa =
    n < fewestPeople || weight === 0 ? undefined : weighed.reduce((sum, one) => sum + one.n * one.kappa, 0) / weight
  return { n, kappa, isRough: n < enoughPeople }
}
