/** Configuration files: sections of names and values. Source: config(5) of OpenSSL 3.0 */
import { charge, chargeText } from '../../../engine/work.ts'
import { notSimulated, Stop } from './stop.ts'

export type Pairs = readonly (readonly [name: string, value: string])[]

export interface Config {
  /** Undefined where there is no such section. */
  section(name: string): Pairs | undefined
}

/** Of computing: a line with its comment and its value. */
const stepsOfLine = 20

/** Lines before the first section are in this one. */
export const DEFAULT_SECTION = 'default'

export const noConfig: Config = { section: () => undefined }

/** @param path as errors tell it. @throws Stop */
export function readConfig(command: string, text: string, path: string): Config {
  chargeText(text.length)
  const sections = new Map<string, [string, string][]>([[DEFAULT_SECTION, []]])
  let current: [string, string][] = sections.get(DEFAULT_SECTION)!
  const lines = text.split('\n')
  charge(lines.length * stepsOfLine)
  for (let at = 0; at < lines.length; at++) {
    let line = withoutComment(lines[at])
    while (line.endsWith('\\') && at + 1 < lines.length) line = line.slice(0, -1) + withoutComment(lines[++at])
    line = line.trim()
    if (line === '') continue
    const failure = (number: string, why: string, where: number): Stop =>
      new Stop(`${command}: Error on line ${at + 1} of config file "${path}"`, {
        queue: [
          `error:${number}:configuration file routines:def_load_bio:${why}:../crypto/conf/conf_def.c:${where}:HERE-->line ${at + 1}`,
        ],
      })
    if (line.startsWith('[')) {
      const end = line.indexOf(']')
      if (end < 0) throw failure('07000064', 'missing close square bracket', 410)
      const name = line.slice(1, end).trim()
      current = sections.get(name) ?? []
      sections.set(name, current)
      continue
    }
    if (/^\.(?:include|pragma)\b/.test(line) || /\$/.test(line))
      throw notSimulated(command, 'with includes or variables in a configuration')
    const equals = line.indexOf('=')
    if (equals < 0) throw failure('07000065', 'missing equal sign', 529)
    current.push([line.slice(0, equals).trim(), unquoted(line.slice(equals + 1).trim())])
  }
  return { section: (name) => sections.get(name) }
}

/** From a `#` on that is not within quotes nor behind a backslash. */
function withoutComment(line: string): string {
  if (!line.includes('#')) return line.trimEnd()
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const character = line[at]
    if (character === '\\') at++
    else if (quote) quote = character === quote ? '' : quote
    else if (character === '"' || character === "'") quote = character
    else if (character === '#') return line.slice(0, at).trimEnd()
  }
  return line.trimEnd()
}

function unquoted(text: string): string {
  let value = ''
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\\' && quote !== "'") value += text[++at] ?? ''
    else if (character === quote) quote = ''
    else if (!quote && (character === '"' || character === "'")) quote = character
    else value += character
  }
  return value
}

/** The last value of the name in the section. */
export const valueIn = (config: Config, section: string, name: string): string | undefined =>
  config.section(section)?.findLast(([key]) => key === name)?.[1]
