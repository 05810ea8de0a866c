/** What an attempt keeps of the help it was given beside the challenge's own hints: the steps of a smallest change, the solutions. Pure. */
import { msg } from '../i18n/translate.ts'

/** The levels at which a change is told, with what each costs; labels are English, for `t`. */
export const changeLevels = [
  { label: msg('Which object?'), cost: 2 },
  { label: msg('Which field?'), cost: 3 },
  { label: msg('Which way?'), cost: 5 },
  { label: msg('Which value?'), cost: 10 },
] as const

/** What is kept among the opened hints of an attempt. */
export const changeHint = (check: string, level: number): string => `change/${check}/${level}`

/** Of hints that are changes; the challenge's own are not counted here. */
export function changeCost(hintsOpened: readonly string[]): number {
  return hintsOpened.reduce((sum, hint) => {
    const level = /^change\/[^/]+\/([1-4])$/.exec(hint)?.[1]
    return level === undefined ? sum : sum + changeLevels[Number(level) - 1]!.cost
  }, 0)
}

/** Among the opened hints: the solutions were shown without a pass. */
export const solutionsHint = 'solutions'

/** How far a check's change has been opened, 0 for not at all. */
export const openedLevel = (hintsOpened: readonly string[], check: string): number =>
  changeLevels.filter((_, n) => hintsOpened.includes(changeHint(check, n + 1))).length
