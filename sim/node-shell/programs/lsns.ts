/** lsns: the namespaces of the node's processes, each with the first that is in it. Simplified: a list, never a tree. Source: lsns(8) of util-linux */

import { type NamespaceType, namespaceTypes } from '../../runtime/namespaces.ts'
import type { ProcessRow } from '../../runtime/process-files.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'
import { userOf } from './ps.ts'

interface Listed {
  number: number
  type: NamespaceType
  rows: ProcessRow[]
}

const columns: Readonly<Record<string, (one: Listed, user: (uid: number) => string) => string>> = {
  NS: ({ number }) => String(number),
  TYPE: ({ type }) => type,
  NPROCS: ({ rows }) => String(rows.length),
  PID: ({ rows }) => String(rows[0]!.pid),
  PPID: ({ rows }) => String(rows[0]!.ppid),
  UID: ({ rows }) => String(rows[0]!.uid),
  USER: ({ rows }, user) => user(rows[0]!.uid),
  COMMAND: ({ rows }) => rows[0]!.argv.join(' '),
  PATH: ({ rows, type }) => `/proc/${rows[0]!.pid}/ns/${type}`,
}
const right = new Set(['NS', 'NPROCS', 'PID', 'PPID', 'UID'])
const usual = ['NS', 'TYPE', 'NPROCS', 'PID', 'USER', 'COMMAND']

export const lsns: NodeProgram = {
  path: '/usr/bin/lsns',
  make: (machine) =>
    function* (process) {
      yield* []
      const words = process.argv.slice(1)
      let types: readonly string[] = namespaceTypes
      let shown: readonly string[] = usual
      let pid: number | undefined
      let wanted: number | undefined
      let hasHead = true
      const fail = (why: string): number => {
        process.stderr.write(`lsns: ${why}\n`)
        return 1
      }
      for (let n = 0; n < words.length; n++) {
        const word = words[n]!
        const [, long, given] = /^--([^=]+)(?:=(.*))?$/.exec(word) ?? []
        const name = long ?? (/^-./.test(word) ? word[1]! : '')
        const value = (): string =>
          given ?? (long === undefined && word.length > 2 ? word.slice(2) : (words[++n] ?? ''))
        if (name === 't' || name === 'type') {
          types = value().split(',')
          const unknown = types.find((type) => !namespaceTypes.some((known) => known === type))
          if (unknown !== undefined) return fail(`unknown namespace type: ${unknown}`)
        } else if (name === 'p' || name === 'task') {
          const text = value()
          if (!/^\d+$/.test(text)) return fail(`invalid PID argument: '${text}'`)
          pid = Number(text)
        } else if (name === 'o' || name === 'output') {
          shown = value().toUpperCase().split(',')
          const unknown = shown.find((column) => !columns[column])
          if (unknown !== undefined) return fail(`unknown column: ${unknown}`)
        } else if (name === 'n' || name === 'noheadings') hasHead = false
        else if (['l', 'list', 'r', 'raw', 'u', 'notruncate', 'W', 'nowrap'].includes(name)) continue
        else if (name !== '') return fail(`unrecognized option '${word}'\nTry 'lsns --help' for more information.`)
        else if (/^\d+$/.test(word)) wanted = Number(word)
        else return fail(`invalid namespace argument: '${word}'`)
      }
      const all = namespacesOf(machine, types)
      const own = all.filter(
        ({ number, rows }) =>
          (wanted === undefined || number === wanted) && (pid === undefined || rows.some((row) => row.pid === pid)),
      )
      if (pid !== undefined && own.length === 0) return fail(`not found namespace for task ${pid}`)
      if (wanted !== undefined && own.length === 0) return fail(`not found namespace: ${wanted}`)
      const cells = own.map((one) => shown.map((column) => columns[column]!(one, (uid) => userOf(process, uid))))
      const rows = hasHead ? [[...shown], ...cells] : cells
      const width = shown.map((_, at) => Math.max(0, ...rows.map((row) => row[at]!.length)))
      for (const row of rows)
        process.stdout.write(
          `${row
            .map((cell, at) =>
              right.has(shown[at]!)
                ? cell.padStart(width[at]!)
                : at === row.length - 1
                  ? cell
                  : cell.padEnd(width[at]!),
            )
            .join(' ')}\n`,
        )
      return 0
    },
}

function namespacesOf({ kubelet }: NodeMachine, types: readonly string[]): Listed[] {
  const byNumber = new Map<number, Listed>()
  for (const row of kubelet.runtime.processes.pids.processes())
    for (const type of namespaceTypes) {
      const number = row.place?.namespaces[type]
      if (number === undefined || !types.includes(type)) continue
      const listed = byNumber.get(number) ?? { number, type, rows: [] }
      byNumber.set(number, listed)
      listed.rows.push(row)
    }
  return [...byNumber.values()].sort((a, b) => a.number - b.number)
}
