/** How deep a JSON text nests, told before it is parsed: what recurses over the value would run out of stack, at a depth that no rule knows. */
import { chargeText } from '../../engine/work.ts'

/** Nothing that Kubernetes knows nests a tenth as deep. Simplified: Go's decoder takes ten thousand. */
export const mostJsonDepth = 500

/** Whether lists and maps stand inside each other more than `most` deep; brackets in strings do not count. */
export function nestsDeeperThan(text: string, most: number): boolean {
  chargeText(4 * text.length)
  let depth = 0
  let isText = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isText) {
      if (code === 0x5c) i++
      else if (code === 0x22) isText = false
    } else if (code === 0x22) isText = true
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > most) return true
    } else if (code === 0x5d || code === 0x7d) depth--
  }
  return false
}
