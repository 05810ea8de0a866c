/** Files that are handed in as answers: compared, word by word, with what the cluster itself says at the end. */
import type { LiveCluster } from '../../cluster.ts'
import { said } from '../../engine/said.ts'
import { chargeText } from '../../engine/work.ts'
import type { AnswerAssertion, AnswerKey } from '../types.ts'
import type { Verdict } from './verdict.ts'

/** A file with more words than this is compared with nothing: no key has so many. */
const mostWords = 5000
/** So many words of the learner's are named in a verdict. */
const mostNamed = 5

/**
 * Whether the last text that was handed in under that name says what one of the keys says. How words are spaced, and on how many lines,
 * makes no difference; their order does, unless `order` is `any`: then commas are spaces as well, as in columns of kubectl.
 */
export function judgeAnswer(cluster: LiveCluster, { file, keys, order }: AnswerAssertion): Verdict {
  const expected = said`${file} to say what the cluster says`
  const text = cluster.log.findLast(({ command }) => command.op === 'answer' && command.file === file)?.command
  if (text?.op !== 'answer') return { holds: false, actual: said`${file} was not handed in`, expected }
  chargeText(text.text.length)
  const wordsOf = (told: string) => told.split(order === 'any' ? /[\s,]+/ : /\s+/).filter((word) => word !== '')
  const given = wordsOf(text.text)
  if (given.length === 0) return { holds: false, actual: said`${file} is empty`, expected }
  if (given.length > mostWords)
    return {
      holds: false,
      actual: said`${file} has ${given.length} words, and at most ${mostWords} are read`,
      expected,
    }
  const wanted = keys.flatMap((key) => {
    const told = textOf(cluster, key)
    return told === undefined ? [] : [wordsOf(told)]
  })
  if (wanted.length === 0)
    return { holds: false, actual: said`what ${file} is about is not in the cluster any more`, expected }
  const arranged = (words: readonly string[]): string => (order === 'any' ? words.toSorted() : words).join(' ')
  if (wanted.some((words) => arranged(words) === arranged(given)))
    return { holds: true, actual: said`${file} says what the cluster says`, expected }
  return { holds: false, actual: differenceOf(file, given, wanted), expected }
}

/** Undefined where the cluster refuses the line: what it asks for may have been deleted. */
function textOf(cluster: LiveCluster, key: AnswerKey): string | undefined {
  if ('text' in key) return key.text
  const { exit, stdout } = cluster.execute({ op: 'kubectl', line: key.kubectl })
  return exit === 0 ? stdout : undefined
}

/** What is wrong about the answer that comes nearest, without the key. */
function differenceOf(file: string, given: readonly string[], wanted: readonly (readonly string[])[]): string {
  const [nearest] = wanted
    .map((words) => ({
      missing: without(words, given).length,
      tooMuch: without(given, words),
    }))
    .toSorted((a, b) => a.missing + a.tooMuch.length - (b.missing + b.tooMuch.length))
  const { missing, tooMuch } = nearest!
  if (missing === 0 && tooMuch.length === 0) return said`${file} has the right words in another order`
  const named = tooMuch.slice(0, mostNamed).join(', ')
  const [more, some] = [tooMuch.length, tooMuch.length > mostNamed ? `${named}…` : named]
  if (more === 0) return said`of the words of ${file}, ${missing} missing`
  return missing === 0
    ? said`of the words of ${file}, ${more} too much: ${some}`
    : said`of the words of ${file}, ${missing} missing, ${more} too much: ${some}`
}

/** The words of the one that the other has not, each as often as it is too often there. */
function without(words: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const word of others) left.set(word, (left.get(word) ?? 0) + 1)
  return words.filter((word) => {
    const count = left.get(word) ?? 0
    left.set(word, count - 1)
    return count <= 0
  })
}
