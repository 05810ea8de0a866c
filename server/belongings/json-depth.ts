/** How deep a JSON text nests, without parsing it: a parser builds whatever stands there first. */

/** Whether lists and maps stand inside each other more than `most` deep; brackets in strings do not count. */
export function nestsDeeperThan(text: string, most: number): boolean {
  // From one that matters to the next. A whole string in one expression would need the machine's stack for its length.
  const marks = /["\\[\]{}]/g
  let depth = 0
  let isInString = false
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    const [mark] = found
    if (mark === '"') isInString = !isInString
    else if (mark === '\\') marks.lastIndex++
    else if (isInString) continue
    else if (mark === '[' || mark === '{') depth++
    else depth--
    if (depth > most) return true
  }
  return false
}
