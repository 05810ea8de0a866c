/**
 * Tables of lines that the built-in kubectl and the real one must answer alike. A blank line ends a group, whose lines are run one
 * after the other in a folder of their own. `# …` is a comment; `< FILE` at a line's end gives its standard input, and `NAME=value` at
 * its beginning a variable of its environment. `% …` prepares the cluster that all lines of the table are asked of: `% kubectl …`,
 * `% advance 15m`, `% addon metricsServer`.
 */
import { readFileSync } from 'node:fs'
import { parseGoDuration } from '../../../sim/api/meta/duration.ts'

export interface Line {
  /** As written, without the redirection. */
  text: string
  /** The file that is its standard input. */
  input: string | undefined
  /** Given in front of the line. */
  environment: Record<string, string>
  /** In the table's file, from 1. */
  number: number
}

/** What is done to the cluster before the first line. */
export type Setup = { do: 'line'; line: string } | { do: 'advance'; ms: number } | { do: 'addon'; name: string }

/** Groups of lines, in the file's order. */
export function readTable(path: string): Line[][] {
  const groups: Line[][] = [[]]
  for (const [at, written] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (written.startsWith('#') || written.startsWith('%')) continue
    if (written.trim() === '') groups.push([])
    else {
      const [, name, quoted, plain, text, input] = /^(?:([A-Z_]+)=(?:"([^"]*)"|(\S*)) )?(.*?)(?: < (\S+))?$/.exec(
        written,
      )!
      const environment = name === undefined ? {} : { [name]: quoted ?? plain }
      groups.at(-1)!.push({ text, input, environment, number: at + 1 })
    }
  }
  return groups.filter((group) => group.length > 0)
}

export function readSetup(path: string): Setup[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((written) => written.startsWith('% '))
    .map((written): Setup => {
      const line = written.slice(2)
      const [word, argument] = line.split(' ')
      if (word === 'kubectl') return { do: 'line', line }
      if (word === 'addon') return { do: 'addon', name: argument }
      const ms = word === 'advance' ? parseGoDuration(argument) : undefined
      if (ms === undefined)
        throw new Error(`${path}: ${written}: kubectl …, advance DURATION or addon NAME is expected`)
      return { do: 'advance', ms }
    })
}
