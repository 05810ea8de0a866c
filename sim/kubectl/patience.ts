/** How long a line may take when nobody sits there to press Ctrl-C. */
import { parseGoDuration } from '../api/meta/duration.ts'
import { isReportable } from './errors.ts'
import { splitWords } from './words.ts'

/** A line that watches or follows has told what it can tell in this time. */
const watchMs = 10_000
/** Long enough to pull a large image, and then to have nothing more to tell. */
const shellMs = 60_000
/** Longer than a Deployment's progress deadline, which `rollout status` waits for. */
const waitMs = 900_000

const watching: Readonly<Record<string, RegExp>> = {
  get: /^(-w|--watch|--watch-only)(=true)?$/,
  events: /^(-w|--watch)(=true)?$/,
  logs: /^(-f|--follow)(=true)?$/,
  attach: /./,
  'port-forward': /./,
  proxy: /./,
}

const keyboard = /^(-[it]{1,2}|--stdin|--tty)(=true)?$/

/** The shell of a debug container waits for what nobody types: its stdin stays open when that of the line has ended. */
const isShell = ([program, ...more]: string[]): boolean =>
  program === undefined || (more.length === 0 && /^(?:\/bin\/)?(?:ba|da|a)?sh$/.test(program))

export interface Patience {
  ms: number
  /** It never ends by itself: being stopped is how it is meant to end. */
  isEndless: boolean
}

/** @param line as typed, with or without `kubectl` in front */
export function patienceFor(line: string): Patience {
  let words: string[]
  try {
    words = splitWords(line)
  } catch (error) {
    if (!isReportable(error)) throw error
    return { ms: waitMs, isEndless: false }
  }
  const dash = words.indexOf('--')
  const own = (dash < 0 ? words : words.slice(0, dash)).filter((word) => word !== 'kubectl')
  const verb = own.find((word) => !word.startsWith('-')) ?? ''
  const pattern = Object.hasOwn(watching, verb) ? watching[verb] : undefined
  const isEndless = pattern !== undefined && own.some((word) => pattern.test(word))
  if (verb === 'debug' && own.some((word) => keyboard.test(word)) && isShell(dash < 0 ? [] : words.slice(dash + 1)))
    return { ms: shellMs, isEndless: true }
  const asked = own.find((word) => word.startsWith('--request-timeout='))?.slice('--request-timeout='.length)
  const limitMs = asked ? (/^\d+$/.test(asked) ? Number(asked) * 1000 : (parseGoDuration(asked) ?? 0)) : 0
  const ms = isEndless ? watchMs : waitMs
  return { ms: limitMs > 0 ? Math.min(limitMs, ms) : ms, isEndless }
}
