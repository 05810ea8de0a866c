/** How deep a JSON text nests, told before it is parsed: what recurses over the value would run out of stack, at a depth that no rule knows. */
import { charge, chargeText } from '../../engine/work.ts'

/** Nothing that Kubernetes knows nests a tenth as deep. Simplified: Go's decoder takes ten thousand. */
export const mostJsonDepth = 500

/** Of what tells two values apart: a member of an object has two such, and is built as fast as six characters are read one by one. */
const stepsOfSeparator = 3
/** Of a member of an object that is a table by then, and no record: whatever looks at it looks each of its names up. */
const stepsOfWideMember = 40
const widestRecord = 100

/**
 * Whether lists and maps stand inside each other more than `most` deep; brackets in strings do not count. Charges what it takes to parse the
 * text as well: by its values, not by its length, since one long string is copied at once.
 */
export function nestsDeeperThan(text: string, most: number): boolean {
  chargeText(2 * text.length)
  const members = [0]
  let depth = 0
  let separators = 0
  let wideMembers = 0
  let isText = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isText) {
      if (code === 0x5c) i++
      else if (code === 0x22) isText = false
    } else if (code === 0x22) isText = true
    else if (code === 0x2c) separators++
    else if (code === 0x3a) {
      separators++
      if (++members[depth]! > widestRecord) wideMembers++
    } else if (code === 0x5b || code === 0x7b) {
      separators++
      if (++depth > most) return true
      members[depth] = 0
    } else if (code === 0x5d || code === 0x7d) depth = Math.max(0, depth - 1)
  }
  charge(stepsOfSeparator * separators + stepsOfWideMember * wideMembers)
  return false
}
