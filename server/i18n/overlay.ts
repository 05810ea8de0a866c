/** Lays translated texts over what they translate, and tells where the two do not fit. Pure. */

/** Where texts are: `options.*.why` is the field `why` of each element (or entry) of `options`. */
export type TextPath = string

export interface Misfit {
  path: (string | number)[]
  message: string
}

/**
 * `original` with its texts in place of the translated ones, all else as it was.
 * @param translated the same shape; it holds texts, and of lists with ids the ids, in the same order
 */
export function overlay<T>(
  original: T,
  translated: unknown,
  texts: readonly TextPath[],
): { value: T; misfits: Misfit[] } {
  const misfits: Misfit[] = []
  const value = lay(
    original,
    translated,
    texts.map((path) => path.split('.')),
    [],
    misfits,
  )
  return { value: value as T, misfits }
}

/** The texts of `original` in the shape that `overlay` takes, and ids beside them; undefined when it holds none. */
export function pickTexts(original: unknown, texts: readonly TextPath[]): unknown {
  return pick(
    original,
    texts.map((path) => path.split('.')),
  )
}

function pick(original: unknown, patterns: readonly string[][]): unknown {
  if (original === undefined || patterns.length === 0) return undefined
  if (patterns.some((pattern) => pattern.length === 0)) return original === '' ? undefined : String(original)
  if (Array.isArray(original)) {
    const items = original.map((item, n) => pick(item, below(patterns, n)))
    return items.some((item) => item !== undefined) ? items.map((item) => item ?? {}) : undefined
  }
  if (!isRecord(original)) return undefined
  const found = Object.entries(original)
    .map(([key, value]) => [key, pick(value, below(patterns, key))] as const)
    .filter(([, value]) => value !== undefined)
  if (found.length === 0) return undefined
  return Object.fromEntries([...('id' in original ? [['id', original.id]] : []), ...found])
}

/** Each of the texts of `value`, with where it is. */
export function textsAt(value: unknown, texts: readonly TextPath[]): { path: Path; text: string }[] {
  const find = (one: unknown, patterns: readonly string[][], path: Path): { path: Path; text: string }[] => {
    if (one === undefined || patterns.length === 0) return []
    if (patterns.some((pattern) => pattern.length === 0)) return [{ path, text: String(one) }]
    if (Array.isArray(one)) return one.flatMap((item, n) => find(item, below(patterns, n), [...path, n]))
    if (!isRecord(one)) return []
    return Object.entries(one).flatMap(([key, item]) => find(item, below(patterns, key), [...path, key]))
  }
  return find(
    value,
    texts.map((path) => path.split('.')),
    [],
  )
}

type Path = (string | number)[]

/** @param patterns what is left of the paths of texts below here; an empty one says that this is a text */
function lay(
  original: unknown,
  translated: unknown,
  patterns: readonly string[][],
  path: Path,
  misfits: Misfit[],
): unknown {
  const complain = (message: string, at = path) => misfits.push({ path: at, message })
  if (original === undefined) {
    if (translated !== undefined) complain('is not in the original')
    return original
  }
  // Where there is no text, none has to be given.
  if (translated === undefined && pick(original, patterns) === undefined) return original
  if (patterns.some((pattern) => pattern.length === 0)) {
    if (typeof translated !== 'string' || translated.trim() === '') {
      complain('is not translated')
      return original
    }
    for (const problem of compareTexts(String(original), translated)) complain(problem)
    return translated
  }
  if (Array.isArray(original)) {
    if (!Array.isArray(translated) || translated.length !== original.length) {
      complain(`must be a list of ${original.length} as in the original`)
      return original
    }
    return original.map((item, n) => lay(item, translated[n], below(patterns, n), [...path, n], misfits))
  }
  if (isRecord(original)) {
    const given = isRecord(translated) ? translated : {}
    for (const key of Object.keys(given))
      if (key === 'id') {
        if (given.id !== original.id) complain(`must be "${original.id}" as in the original`, [...path, key])
      } else if (below(patterns, key).length === 0) complain('is not a text of the original', [...path, key])
      else if (!(key in original)) complain('is not in the original', [...path, key])
    return Object.fromEntries(
      Object.entries(original).map(([key, value]) => {
        const deeper = below(patterns, key)
        return [key, deeper.length === 0 ? value : lay(value, given[key], deeper, [...path, key], misfits)]
      }),
    )
  }
  return original
}

const below = (patterns: readonly string[][], key: string | number): string[][] =>
  patterns.filter(([first]) => first === '*' || first === String(key)).map((pattern) => pattern.slice(1))

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a translation has to keep: parameters, code, links, headings, callouts, folds and fenced blocks. */
export function compareTexts(original: string, translated: string): string[] {
  const problems: string[] = []
  for (const [what, find] of Object.entries(kept)) {
    const [wanted, found] = [new Set(find(original)), new Set(find(translated))]
    const lost = [...wanted].filter((item) => !found.has(item))
    const added = [...found].filter((item) => !wanted.has(item))
    if (lost.length > 0) problems.push(`lacks ${what} ${lost.join(', ')} of the original`)
    if (added.length > 0 && what !== 'the code') problems.push(`has ${what} ${added.join(', ')}, not in the original`)
  }
  const [headings, own] = [headingsOf(original), headingsOf(translated)]
  if (headings !== own)
    problems.push(`has headings of levels ${own || 'none'}, where the original has ${headings || 'none'}`)
  const [asides, ownAsides] = [asidesOf(original), asidesOf(translated)]
  if (asides !== ownAsides)
    problems.push(`has the callouts and folds ${ownAsides || 'none'}, where the original has ${asides || 'none'}`)
  const [blocks, ownBlocks] = [blocksOf(original), blocksOf(translated)]
  if (blocks !== ownBlocks)
    problems.push(`has the fenced blocks ${ownBlocks || 'none'}, where the original has ${blocks || 'none'}`)
  else if (solutionsOf(original) !== solutionsOf(translated)) problems.push('has a solution that is not the original’s')
  return problems
}

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found!)
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```[ \t]*$/gm, '')
const withoutCode = (text: string): string => prose(text).replace(/`[^`\n]+`/g, '')

const kept: Record<string, (text: string) => string[]> = {
  'the parameter': (text) => all(text, /\{\{\s*(\w+)\s*\}\}/g),
  'the code': (text) => all(prose(text), /`([^`\n]+)`/g),
  'the link': (text) => all(withoutCode(text), /\]\(([^)\s]+)/g),
}

const headingsOf = (text: string): string =>
  all(prose(text), /^(#{1,6})[ \t]/gm)
    .map((marks) => marks.length)
    .join(' ')

const asidesOf = (text: string): string => all(prose(text), /^:::(\w+)/gm).join(' ')

const blocksOf = (text: string): string =>
  all(text, /^```([^\n]*)\n[\s\S]*?^```[ \t]*$/gm)
    .map((info) => info.trim())
    .join(', ')

/** What is proven of the original has to be what the translation shows. */
const solutionsOf = (text: string): string => all(text, /^```\S+ solution\b[^\n]*\n([\s\S]*?)^```[ \t]*$/gm).join('')
