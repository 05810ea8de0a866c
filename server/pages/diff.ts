/** The lines in which two texts differ. Pure. */
import { tn } from '../i18n/translate.ts'

export interface DiffLine {
  kind: 'same' | 'added' | 'removed' | 'left out'
  text: string
}

/** Lines of a text that are compared at most: what is longer is shown as replaced. */
const maxLines = 3000
/** Lines shown around a change. */
const contextLines = 3

/** From the older text to the newer; runs of equal lines are shortened to what stands around a change. */
export function diffLines(older: string, newer: string): DiffLine[] {
  return shortened(compare(lines(older), lines(newer)))
}

const lines = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** By the longest common subsequence of what lies between the equal beginnings and ends. */
function compare(a: readonly string[], b: readonly string[]): DiffLine[] {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const left = a.slice(start, a.length - end)
  const right = b.slice(start, b.length - end)
  const same = (text: string): DiffLine => ({ kind: 'same', text })
  return [...a.slice(0, start).map(same), ...between(left, right), ...a.slice(a.length - end).map(same)]
}

function between(a: readonly string[], b: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: 'removed', text })
  const added = (text: string): DiffLine => ({ kind: 'added', text })
  if (a.length > maxLines || b.length > maxLines) return [...a.map(removed), ...b.map(added)]
  const width = b.length + 1
  // How long the common part from there on is.
  const common = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
  const told: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      told.push({ kind: 'same', text: a[i]! })
      i++
      j++
    } else if (j >= b.length || (i < a.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      told.push(removed(a[i++]!))
    else told.push(added(b[j++]!))
  }
  return told
}

function shortened(all: readonly DiffLine[]): DiffLine[] {
  const isNear = all.map(() => false)
  all.forEach(({ kind }, at) => {
    if (kind !== 'same') isNear.fill(true, Math.max(0, at - contextLines), at + contextLines + 1)
  })
  const told: DiffLine[] = []
  for (let at = 0; at < all.length; at++) {
    if (isNear[at]) {
      told.push(all[at]!)
      continue
    }
    const from = at
    while (at + 1 < all.length && !isNear[at + 1]) at++
    const count = at - from + 1
    told.push({ kind: 'left out', text: tn(count, '{n} equal line', '{n} equal lines') })
  }
  return told
}
