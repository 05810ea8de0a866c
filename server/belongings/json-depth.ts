/** How deep a JSON text nests, without parsing it: a parser builds whatever stands there first. */

/** Whether lists and maps stand inside each other more than `most` deep; brackets in strings do not count. */
export function nestsDeeperThan(text: string, most: number): boolean {
  let depth = 0
  // A string, or a bracket: what stands between them changes nothing.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[{\]}]/gs)) {
    if (token === '[' || token === '{') depth++
    else if (token === ']' || token === '}') depth--
    if (depth > most) return true
  }
  return false
}
