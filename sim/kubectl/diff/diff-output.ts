/**
 * What `diff` prints for two texts: hunks of the unified form, or the normal one.
 * Source: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html and Detailed-Normal.html
 */
import { changedLines } from './changed-lines.ts'

/** Lines that one side has instead of the other's; one of the two may be none. Ends are exclusive. */
interface Change {
  old: Range
  new: Range
}

interface Range {
  from: number
  to: number
}

/**
 * The hunks with so many lines around each change; empty when the texts are equal.
 * @param old every line with its newline at the end
 */
export function unifiedHunks(old: string, now: string, context: number): string {
  const [a, b] = [linesOf(old), linesOf(now)]
  const hunks: Change[][] = []
  for (const change of changesBetween(a, b, context)) {
    const last = hunks.at(-1)
    if (last && change.old.from - last.at(-1)!.old.to <= 2 * context) last.push(change)
    else hunks.push([change])
  }
  return hunks.map((hunk) => printHunk(hunk, a, b, context)).join('')
}

/** The changes as commands of `ed` head them: `2,3c2`, with the lines themselves. */
export function normalChanges(old: string, now: string): string {
  const [a, b] = [linesOf(old), linesOf(now)]
  return changesBetween(a, b, 0)
    .map((change) => {
      const [isGone, isNew] = [change.old.from < change.old.to, change.new.from < change.new.to]
      const command = isGone && isNew ? 'c' : isGone ? 'd' : 'a'
      return [
        `${printLines(change.old)}${command}${printLines(change.new)}\n`,
        ...a.slice(change.old.from, change.old.to).map((line) => `< ${line}\n`),
        ...(isGone && isNew ? ['---\n'] : []),
        ...b.slice(change.new.from, change.new.to).map((line) => `> ${line}\n`),
      ].join('')
    })
    .join('')
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

function changesBetween(a: readonly string[], b: readonly string[], context: number): Change[] {
  const changed = changedLines(a, b, context)
  const found: Change[] = []
  for (let at = 0, partner = 0; at < a.length || partner < b.length; at++, partner++) {
    const [from, partnerFrom] = [at, partner]
    while (changed.old[at]) at++
    while (changed.new[partner]) partner++
    if (at > from || partner > partnerFrom)
      found.push({ old: { from, to: at }, new: { from: partnerFrom, to: partner } })
  }
  return found
}

function printHunk(hunk: readonly Change[], a: readonly string[], b: readonly string[], context: number): string {
  const [first, last] = [hunk[0], hunk.at(-1)!]
  const before = Math.min(context, first.old.from)
  const after = Math.min(context, a.length - last.old.to)
  const old = { from: first.old.from - before, to: last.old.to + after }
  const now = { from: first.new.from - before, to: last.new.to + after }
  let text = `@@ -${printCount(old)} +${printCount(now)} @@\n`
  let at = old.from
  const common = (to: number): void => {
    for (; at < to; at++) text += ` ${a[at]}\n`
  }
  for (const change of hunk) {
    common(change.old.from)
    for (const line of a.slice(change.old.from, change.old.to)) text += `-${line}\n`
    for (const line of b.slice(change.new.from, change.new.to)) text += `+${line}\n`
    at = change.old.to
  }
  common(old.to)
  return text
}

/** The first line and how many there are; of none, the line before. */
function printCount({ from, to }: Range): string {
  const count = to - from
  return count === 1 ? String(to) : `${count === 0 ? from : from + 1},${count}`
}

/** First and last line; of none, the line before. */
function printLines({ from, to }: Range): string {
  return to - from > 1 ? `${from + 1},${to}` : String(to)
}
