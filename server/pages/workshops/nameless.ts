/** What of somebody's work is shown to everybody: without what names them. Pure. */

/** In place of a name. */
const mask = '•••'

/** A part of a name that is shorter stands in too many words. */
const shortestPart = 3

/**
 * The same value with the name of its owner, and each part of it, taken out of every text, in whichever case and with whatever between the parts.
 * @param known a text whose words are the task's own: what stands there tells nobody's name
 */
export function withoutName<T>(value: T, nickname: string, known = ''): T {
  const pattern = patternOf(nickname, known)
  return pattern ? masked(value, pattern) : value
}

function patternOf(nickname: string, known: string): RegExp | undefined {
  const parts = nickname.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  const own = known.toLowerCase()
  const isTelling = (text: string): boolean => text.length >= shortestPart && !own.includes(text.toLowerCase())
  const texts = [
    ...(parts.length > 1 && isTelling(parts.join('')) ? [parts.map(escaped).join(String.raw`[\W_]*`)] : []),
    ...parts.filter(isTelling).map(escaped),
  ]
  return texts.length > 0 ? new RegExp(texts.join('|'), 'giu') : undefined
}

const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)

function masked<T>(value: T, pattern: RegExp): T {
  if (typeof value === 'string') return value.replaceAll(pattern, mask) as T
  if (Array.isArray(value)) return value.map((item) => masked(item, pattern)) as T
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, pattern)])) as T
  return value
}

/** A line without its comment, and without the names of files. */
export const bareLine = (line: string): string =>
  line
    .split('\n')[0]!
    .replace(/(^|\s)#.*$/, '')
    .replaceAll(/(\s(?:-f|-k|--filename|--kustomize|--from-file|--from-env-file)[= ]+)\S+/g, '$1…')
    .trimEnd()
