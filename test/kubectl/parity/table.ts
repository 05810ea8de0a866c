/**
 * Tables of lines that the built-in kubectl and the real one must answer alike. A blank line ends a group, whose lines are run one
 * after the other in a folder of their own. `# …` is a comment; `< FILE` at a line's end gives its standard
 * input; in tables for a cluster `advance 30s` lets time pass.
 */
import { readFileSync } from 'node:fs'

export interface Line {
  /** As written, without the redirection. */
  text: string
  /** The file that is its standard input. */
  input: string | undefined
  /** In the table's file, from 1. */
  number: number
}

/** Groups of lines, in the file's order. */
export function readTable(path: string): Line[][] {
  const groups: Line[][] = [[]]
  for (const [at, written] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (written.startsWith('#')) continue
    if (written.trim() === '') groups.push([])
    else {
      const [, text, input] = /^(.*?)(?: < (\S+))?$/.exec(written)!
      groups.at(-1)!.push({ text, input, number: at + 1 })
    }
  }
  return groups.filter((group) => group.length > 0)
}
