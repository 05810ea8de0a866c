import { chargeText } from './work.ts'

/** How many code points a text has, without an array of them: a lone surrogate counts as one. */
export function countCodePoints(text: string): number {
  chargeText(text.length)
  let count = text.length
  for (let i = 0; i < text.length - 1; i++)
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) count--
  return count
}
