/** Name suffixes that spell no words: no vowels, and no digits that look like letters. Source: k8s.io/apimachinery/pkg/util/rand */

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const SUFFIX_LENGTH = 5
/** Longest base that leaves room for the suffix in a name of 63 characters. */
const MAX_BASE_LENGTH = 63 - SUFFIX_LENGTH

/** What this file needs of the engine's Random. */
interface Draw {
  int(min: number, max: number): number
}

/** Five characters as `generateName` and ReplicaSets append them to a name. */
export function randomSuffix(random: Draw, length = SUFFIX_LENGTH): string {
  let text = ''
  for (let i = 0; i < length; i++) text += ALPHABET[random.int(0, ALPHABET.length - 1)]
  return text
}

/** The base, cut to 58 characters, with a random suffix: what the server makes of `metadata.generateName`. */
export const generateName = (base: string, random: Draw): string =>
  base.slice(0, MAX_BASE_LENGTH) + randomSuffix(random)

/** Each character of `text` replaced by a safe one: how a pod-template-hash is made of a number. */
export function encodeSafe(text: string): string {
  let encoded = ''
  for (let i = 0; i < text.length; i++) encoded += ALPHABET[text.charCodeAt(i) % ALPHABET.length]
  return encoded
}
