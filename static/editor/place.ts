/**
 * Where in a manifest a position is: its document's kind, and the path of fields that leads there. By indentation, since a text that is
 * being typed is rarely YAML.
 */

export interface Place {
  apiVersion: string
  kind: string
  /** What leads to the object that holds the line's field; places in lists are left out. */
  path: string[]
  /** The fields beside it. */
  siblings: string[]
  /** The field on the line. */
  key: string | undefined
  /** The position is behind the field's colon. */
  isValue: boolean
}

export function placeAt(text: string, offset: number): Place {
  const all = text.split('\n')
  let start = 0
  let row = 0
  while (row < all.length - 1 && start + all[row]!.length + 1 <= offset) start += all[row++]!.length + 1
  const column = offset - start
  const isRule = (line: string) => /^---(\s|$)/.test(line)
  let first = row
  while (first > 0 && !isRule(all[first - 1]!)) first--
  let end = row + 1
  while (end < all.length && !isRule(all[end]!)) end++
  const lines = all.slice(first, end).map(readLine)
  const own = lines[row - first]!
  // On an empty line the field would stand where the cursor is.
  const level = all[row]!.trim() === '' ? column : own.inner
  const top = (name: string) => lines.find((line) => line.inner === 0 && line.key === name)?.value ?? ''
  return {
    apiVersion: top('apiVersion'),
    kind: top('kind'),
    path: pathTo(lines, row - first, level),
    siblings: siblingsOf(lines, row - first, level),
    key: own.key,
    isValue: own.key !== undefined && column > own.inner + own.key.length,
  }
}

interface Line {
  /** Columns before the first letter, and before the field behind the dashes of lists. */
  indent: number
  inner: number
  isItem: boolean
  isEmpty: boolean
  key: string | undefined
  value: string
}

function readLine(text: string): Line {
  const [, spaces, dashes, rest] = /^( *)((?:- +|-$)*)(.*)$/.exec(text)!
  const [, key, value] = /^"?([\w./$-]+)"?:(?:\s+(.*))?$/.exec(rest!) ?? []
  return {
    indent: spaces!.length,
    inner: spaces!.length + dashes!.length,
    isItem: dashes !== '',
    isEmpty: text.trim() === '' || rest!.startsWith('#'),
    key,
    value: (value ?? '').replace(/(^|\s+)#.*$/, '').trim(),
  }
}

function pathTo(lines: readonly Line[], row: number, level: number): string[] {
  const path: string[] = []
  let inner = level
  // Where the list begins that the line is in: its field may stand at the same column.
  let dash = lines[row]!.isItem ? lines[row]!.indent : undefined
  for (let n = row - 1; n >= 0 && (inner > 0 || dash !== undefined); n--) {
    const line = lines[n]!
    if (line.isEmpty) continue
    if (dash !== undefined) {
      if (line.isItem ? line.indent >= dash : line.inner > dash || (line.inner === dash && line.value !== '')) continue
      if (line.isItem || line.key === undefined || line.value !== '') {
        if (line.inner >= dash) continue
      }
      if (line.key !== undefined && line.value === '') path.unshift(line.key)
      inner = line.inner
      dash = line.isItem ? line.indent : undefined
      continue
    }
    if (line.isItem && line.indent < inner && line.inner >= inner) {
      // The item that the field belongs to.
      dash = line.indent
      continue
    }
    if (line.inner >= inner) continue
    if (line.key !== undefined && line.value === '') path.unshift(line.key)
    inner = line.inner
    dash = line.isItem ? line.indent : undefined
  }
  return path
}

function siblingsOf(lines: readonly Line[], row: number, level: number): string[] {
  const found: string[] = []
  const own = lines[row]!
  if (!own.isItem)
    for (let n = row - 1; n >= 0; n--) {
      const line = lines[n]!
      if (line.isEmpty || line.inner > level) continue
      if (line.inner < level) break
      if (line.key !== undefined) found.push(line.key)
      if (line.isItem) break
    }
  for (let n = row + 1; n < lines.length; n++) {
    const line = lines[n]!
    if (line.isEmpty) continue
    if (line.inner > level && !(line.isItem && line.indent < level)) continue
    if (line.inner < level || line.isItem) break
    if (line.key !== undefined) found.push(line.key)
  }
  return found
}
