/** A document as JSON text, and what has to be exchanged in one text to get another. */

export interface DocumentText {
  text: string
  /** Where the document's own members begin, in order: `[name, offset]`. Undefined when it is no object, or not known. */
  members?: readonly (readonly [string, number])[]
}

/** Puts `insert` in the place of `drop` characters at `at`. Characters are UTF-16 units of the text as it was. */
export type Splice = readonly [at: number, drop: number, insert: string]

/** @throws TypeError when it cannot be written as JSON */
export function printDocument(data: unknown): DocumentText {
  if (typeof data !== 'object' || data === null || Array.isArray(data) || 'toJSON' in data) {
    const text = JSON.stringify(data)
    if (text === undefined) throw new TypeError(`${String(data)} cannot be stored: it is nothing in JSON`)
    return { text }
  }
  const members: [string, number][] = []
  let text = '{'
  for (const [name, value] of Object.entries(data)) {
    const printed = JSON.stringify(value)
    if (printed === undefined) continue
    if (members.length > 0) text += ','
    members.push([name, text.length])
    text += `${JSON.stringify(name)}:${printed}`
  }
  return { text: `${text}}`, members }
}

/** The splices that turn one text into the other, from left to right: one for each member that differs. */
export function spliceBetween(before: DocumentText, after: DocumentText): Splice[] {
  const old = partsOf(before)
  const now = partsOf(after)
  const isAlike = old.length === now.length && old.every(({ name }, i) => name === now[i]!.name)
  if (!isAlike) return spliceOf(0, before.text, after.text)
  return old.flatMap(({ at, part }, i) => spliceOf(at, part, now[i]!.part))
}

/** @throws RangeError when a splice lies outside of the text */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = ''
  let read = 0
  for (const [at, drop, insert] of splices) {
    if (at < read || at + drop > text.length) throw new RangeError(`there is no character ${at + drop} to exchange`)
    result += text.slice(read, at) + insert
    read = at + drop
  }
  return result + text.slice(read)
}

function partsOf({ text, members }: DocumentText): { name: string; at: number; part: string }[] {
  if (!members || members.length === 0) return [{ name: '', at: 0, part: text }]
  return members.map(([name, start], i) => {
    const at = i === 0 ? 0 : start
    return { name, at, part: text.slice(at, members[i + 1]?.[1]) }
  })
}

function spliceOf(offset: number, before: string, after: string): Splice[] {
  if (before === after) return []
  const most = Math.min(before.length, after.length)
  const start = commonStart(before, after, most)
  let end = 0
  while (end < most - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end))
    end++
  return [[offset + start, before.length - end - start, after.slice(start, after.length - end)]]
}

function commonStart(before: string, after: string, most: number): number {
  let start = 0
  // Comparing pieces is much faster than comparing characters.
  const piece = 1024
  while (start + piece <= most && before.slice(start, start + piece) === after.slice(start, start + piece))
    start += piece
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++
  return start
}
