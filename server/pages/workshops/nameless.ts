/** What of somebody's work is shown to everybody: without what names them. Pure. */

/** In place of a name. */
const mask = '•••'

/** A part of a name that is shorter stands within too many words: it is taken out where it is a word of its own. */
const shortestPart = 3
/** What is shorter names nobody. */
const shortestWord = 2

/** Words that stand in the picture of every cluster. */
const wordsOfClusters =
  'pods nodes services deployments replicasets statefulsets daemonsets jobs default kubectl ready running pending completed terminating failed events age name'

/**
 * The same value with people's names, and each part of them, taken out of every text, in whichever case and with whatever between the parts.
 * @param nicknames of everybody: what one calls something may name another
 * @param known a text whose words are the task's own: what stands there tells nobody's name
 */
export function withoutNames<T>(value: T, nicknames: readonly string[], known = ''): T {
  const own = `${known} ${wordsOfClusters}`.toLowerCase()
  const texts = [...new Set(nicknames.flatMap((nickname) => textsOf(nickname, own)))]
  // The longest first: a part must not be taken out of a whole.
  const ordered = texts.sort((a, b) => b.length - a.length)
  return ordered.length > 0 ? masked(value, new RegExp(ordered.join('|'), 'giu')) : value
}

function textsOf(nickname: string, own: string): string[] {
  const ownWords = new Set(wordsIn(own))
  const parts = wordsIn(nickname)
  const whole = parts.map(escaped).join(String.raw`[\W_]*`)
  return [
    ...(parts.length > 1 && parts.join('').length >= shortestPart && !own.includes(parts.join('').toLowerCase())
      ? [whole]
      : []),
    ...parts.flatMap((part) => {
      const text = part.toLowerCase()
      if (text.length < shortestWord || ownWords.has(text)) return []
      const isLong = text.length >= shortestPart || /\p{Script=Han}/u.test(text)
      // Ann is within the task's annotations: those stay, and ann-web does not.
      return [
        isLong && !own.includes(text) ? escaped(part) : String.raw`(?<![\p{L}\p{N}])${escaped(part)}(?![\p{L}\p{N}])`,
      ]
    }),
  ]
}

const wordsIn = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean)

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
