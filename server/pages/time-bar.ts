/** The bar of time under the picture of a cluster: the same in sandboxes, challenges and demos. Its model; drawn by `views/time`. Pure. */
import type { CommandWords } from '../../sim/forms.ts'
import { currentLocale, type Locale, original } from '../i18n/locale.ts'
import { t, type Values } from '../i18n/translate.ts'
import { lineOfWords } from '../labs/views/command-line.ts'
import { printClock, scrubStepMs } from './clock.ts'

export interface TimeBar {
  /** Of the moment that is shown. */
  clock: string
  endClock: string
  atMs: number
  endMs: number
  /** The moment that is shown is over. */
  isPast: boolean
  /** Virtual seconds in a second, as long as nobody does anything: 0 where time waits. */
  speed: number
  /** What time does, in words. */
  state: string
  slider: Slider
  speeds: { value: number; label: string; isActive: boolean }[]
  /** What else moves the clock; `label` is for `th`, whose `<hidden>` is for who hears the button alone. */
  buttons: { id: string; value: string; label: string; values?: Values }[]
  /** The form on the page that the buttons belong to; where they post to, and with what besides; or that a script plays what is on the page. */
  does: { form: string } | { action: string; kept: Hidden[] } | 'script' | undefined
  /** The present, from a moment of the past. */
  back: { href: string; target: string | undefined } | undefined
  /** Where another cluster goes on from the moment that is shown. */
  branch: { action: string } | undefined
  /** Somebody may have the seconds after a command played. */
  mayPlay: boolean
}

/** A slider over all the time there is. */
export interface Slider {
  id: string
  label: string
  /** Where the moments are, as a form with GET, and what else its address says. Undefined where all are on the page. */
  action: string | undefined
  kept: Hidden[]
  /** What htmx puts the answer in place of; undefined where the answer says it. */
  target: string | undefined
  /** The address of the window follows. */
  isPushed: boolean
  max: number
  step: number
  value: number
  /** Milliseconds of one step of the slider's value. */
  unitMs: number
  endMs: number
  clock: string
  endClock: string
  /** It goes on with the clock. */
  isLive: boolean
  marks: Mark[]
}

/** A hidden field of a form. */
interface Hidden {
  name: string
  value: string
}

export interface Mark {
  /** Thousandths of the time there is. */
  x: number
  label: string
  /** What the label is in. */
  locale: Locale
}

/** Where what was done stands over the slider. */
export const marksOver = (endMs: number, done: readonly { atMs: number; words: CommandWords }[]): Mark[] =>
  endMs > 0
    ? done.map(({ atMs, words }) => ({
        x: Math.round((atMs / endMs) * 1000),
        label: lineOfWords(words),
        locale: 'typed' in words ? original : currentLocale(),
      }))
    : []

type Asked = Pick<Slider, 'action'> & Partial<Pick<Slider, 'id' | 'label' | 'kept' | 'target' | 'isPushed'>>

/** A slider that counts milliseconds. @param endMs all there is @param isLive more is to come by itself */
export function sliderOf(atMs: number, endMs: number, isLive: boolean, marks: Mark[], asked: Asked): Slider {
  const step = scrubStepMs(endMs)
  return {
    id: 'moment',
    label: t('History'),
    kept: [],
    target: undefined,
    isPushed: false,
    ...asked,
    // What goes on by itself is always a little further.
    max: (isLive ? Math.floor(endMs / step) : Math.ceil(endMs / step)) * step,
    step,
    value: Math.floor(atMs),
    unitMs: 1,
    endMs: Math.floor(endMs),
    clock: printClock(atMs),
    endClock: printClock(endMs),
    isLive,
    marks,
  }
}
