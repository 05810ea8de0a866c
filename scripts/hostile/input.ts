/**
 * A hostile input as data: what one visitor sends. Its texts are written short, so that an input of megabytes is one line of a report:
 * `⟦1000|,|a#⟧` stands for a1,a2, … a1000.
 */

export type Step =
  /** To the Kubernetes API of the attacker's sandbox; `path` stands below its address. */
  | {
      do: 'api'
      method: string
      path: string
      headers?: Record<string, string>
      body?: string
      /** Sent so often at once. */
      times?: number
      /** It stays open: after this it is left. */
      listenMs?: number
    }
  /** A form of the site; `{sandbox}` in its path is the attacker's own. */
  | {
      do: 'form'
      path: string
      fields: Record<string, string>
      file?: { field: string; fileName: string; content: string }
    }
  /** Any request to the site. */
  | { do: 'page'; method: string; path: string; headers?: Record<string, string>; body?: string }
  /** A line typed into the sandbox's terminal; one that does not end by itself is interrupted. */
  | { do: 'terminal'; line: string }

export interface HostileInput {
  /** Of the corpus its name, of the grammar `seed:number`. */
  id: string
  /** The defect of the review that it showed; undefined of what is drawn. */
  defect?: string
  /** What it is, in a few words: findings are grouped by it. */
  about: string
  steps: readonly Step[]
}

const repetition = /⟦(\d+)\|([^|⟧]*)\|([^⟧]*)⟧/g

/** The text as it is sent. */
export const written = (text: string): string =>
  text.replace(repetition, (_, times: string, between: string, unit: string) =>
    unit.includes('#')
      ? Array.from({ length: Number(times) }, (_, n) => unit.replaceAll('#', String(n + 1))).join(between)
      : between === ''
        ? unit.repeat(Number(times))
        : Array(Number(times)).fill(unit).join(between),
  )

/** How long the text is as sent, without writing it. */
export const lengthOf = (text: string): number =>
  text.replace(repetition, '').length +
  [...text.matchAll(repetition)].reduce(
    (sum, [, times, between, unit]) => sum + Number(times) * (unit!.length + between!.length),
    0,
  )

export const repeated = (times: number, unit: string, between = ''): string => `⟦${times}|${between}|${unit}⟧`

/** Values of JSON, of which some are written short. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json } | Short
type Short = ManyItems | ManyNames | Raw

/** A list of so many; `#` in its texts is the number of the item, and the text `#n` that number itself. */
class ManyItems {
  readonly count: number
  readonly of: Json
  constructor(count: number, of: Json) {
    this.count = count
    this.of = of
  }
}

/** An object of so many fields; `#` in the name is the number of the field. */
class ManyNames {
  readonly count: number
  readonly name: string
  readonly of: Json
  constructor(count: number, name: string, of: Json) {
    this.count = count
    this.name = name
    this.of = of
  }
}

/** Text that stands in the JSON as it is. */
class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export const manyItems = (count: number, of: Json): Json => new ManyItems(count, of)
export const manyNames = (count: number, name: string, of: Json): Json => new ManyNames(count, name, of)
export const raw = (text: string): Json => new Raw(text)

/** The JSON of a value, written short. */
export function shortJson(value: Json): string {
  if (value instanceof Raw) return value.text
  if (value instanceof ManyItems) return `[${repeated(value.count, unitOf(shortJson(value.of)), ',')}]`
  if (value instanceof ManyNames)
    return `{${repeated(value.count, `${JSON.stringify(value.name)}:${unitOf(shortJson(value.of))}`, ',')}}`
  if (Array.isArray(value)) return `[${value.map(shortJson).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, of]) => `${JSON.stringify(name)}:${shortJson(of)}`)
      .join(',')}}`
  return JSON.stringify(value)
}

/** A repetition holds no other one: what was short in it is cut to a single one. */
const unitOf = (text: string): string =>
  text.replace(repetition, (_, _times, _between, unit: string) => unit).replaceAll('"#n"', '#')
