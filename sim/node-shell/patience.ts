/** How long a line on a node may take when nobody sits there to press Ctrl-C. */

/** A line that follows or watches has told what it can tell in this time. */
const followMs = 10_000
const waitMs = 900_000

const following =
  /\b(?:journalctl|tail|crictl\s+logs)\b[^|;&\n]*\s(?:-[a-zA-Z]*f[a-zA-Z]*|--follow)\b|(?:^|[|;&]\s*)(?:watch|top|ping)\b/

export const patienceForShell = (line: string): { ms: number; isEndless: boolean } => {
  const isEndless = following.test(line)
  return { ms: isEndless ? followMs : waitMs, isEndless }
}
