/** The squares and the time of a daily incident, wherever they are shown. Pure. */
import { t } from '../i18n/translate.ts'
import type { Square } from '../practice/daily.ts'

export interface SquaresModel {
  squares: readonly Square[]
  /** In a sentence. */
  told: string
}

export function viewSquares(squares: readonly Square[]): SquaresModel {
  const count = (which: Square) => squares.filter((square) => square === which).length
  return {
    squares,
    told: t('{green} of {all} checks right in time, {yellow} later.', {
      ...{ all: squares.length, green: count('green'), yellow: count('yellow') },
    }),
  }
}

/** `3:42`; from an hour on `1:03:42`. */
export function printRace(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const rest = String(seconds % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}
