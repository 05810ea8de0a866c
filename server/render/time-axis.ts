/** The axis of a picture over time: places in percent of its width, so that it is as wide as the page has room. Pure. */
import { columnsOf } from '../i18n/columns.ts'

export interface Tick {
  /** In percent. */
  x: number
  label: string
  anchor: 'start' | 'middle' | 'end'
  /** Left out of a narrow picture. */
  isMinor: boolean
}

/** Seconds between two ticks. */
const steps = [1, 2, 5, 10, 20, 60, 120, 300, 600, 1800, 3600, 7200, 14_400]
const mostTicks = 6

/** The least width of the lanes, in pixels: on the narrowest window, and beside their names. */
const narrowWidth = 280
const wideWidth = 480

/** @returns what is later than the end stands at the end */
export const percentOf = (seconds: number, endSeconds: number): number =>
  Math.round((Math.min(seconds, endSeconds) / endSeconds) * 1e5) / 1e3

export function ticksOf(endSeconds: number): Tick[] {
  const step = steps.find((size) => endSeconds / size <= mostTicks) ?? Math.ceil(endSeconds / mostTicks)
  const count = Math.floor(endSeconds / step)
  return Array.from({ length: count + 1 }, (_, n) => ({
    x: percentOf(n * step, endSeconds),
    label: `${n * step} s`,
    anchor: n === 0 ? 'start' : n * step === endSeconds ? 'end' : 'middle',
    isMinor: n % 2 === 1 && n < count,
  }))
}

/** Of something that lasts: its place and width in percent, and what there is room for in it. */
export interface PlacedSpan {
  x: number
  width: number
  /** In a narrow picture, and in a wide one. Empty: nothing. */
  narrow: string
  wide: string
}

/** @param words the same in fewer and fewer words */
export function placeSpan(
  { fromSeconds, toSeconds }: { fromSeconds: number; toSeconds: number },
  endSeconds: number,
  words: readonly string[],
): PlacedSpan {
  const x = percentOf(fromSeconds, endSeconds)
  const width = Math.max(0.25, Math.round((percentOf(toSeconds, endSeconds) - x) * 1e3) / 1e3)
  const labelIn = (pictureWidth: number) =>
    words.find((label) => (width / 100) * pictureWidth >= columnsOf(label) * 6.8 + 11) ?? ''
  return { x, width, narrow: labelIn(narrowWidth), wide: labelIn(wideWidth) }
}
