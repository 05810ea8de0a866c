/** Runs a group of lines with the built-in kubectl and with the real one, and tells what each saw. */
import { execFile } from 'node:child_process'
import { createCluster, type FileContent, type LiveCluster } from '../../../sim/index.ts'
import { splitWords } from '../../../sim/kubectl/words.ts'
import { realKubectl } from '../../support/real-kubectl.ts'
import type { Line } from './table.ts'
import { home, makeScratchFolder, readFiles } from './workplace.ts'

/** What came of a group: as text, to be compared and read. */
export interface Outcome {
  /** Standard output, standard error and exit code of each line. */
  lines: string[]
  /** The files afterwards, by absolute path. */
  files: Record<string, FileContent>
}

const shown = (line: Line, exit: number, stdout: string, stderr: string): string =>
  `${line.number}: ${line.text}${line.input ? ` < ${line.input}` : ''}\n${stdout}---- stderr, exit ${exit}\n${maskLog(stderr)}`

/** Log lines without their time and process: `W0101 00:00:00.000000       1 helpers.go:719] …` */
const maskLog = (text: string): string =>
  text.replace(/^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ (?=\w+\.go:\d+\])/gm, '$1 ')

export const newCluster = (): LiveCluster => createCluster({ seed: 'parity', shape: { nodes: [{ name: 'node-1' }] } })

export function runBuiltIn(group: readonly Line[], cluster: LiveCluster): Outcome {
  const folder = makeScratchFolder()
  const files = readFiles(folder.path)
  folder.remove()
  const lines = group.map((line) => {
    const content = line.input === undefined ? '' : files[`${home}/${line.input}`]
    if (typeof content !== 'string') throw new Error(`${line.text}: no text file ${line.input}`)
    const result = cluster.execute({
      op: 'kubectl',
      line: line.text,
      stdin: content,
      workplace: { directory: home, environment: { HOME: home }, files: { ...files } },
    })
    for (const [path, written] of Object.entries(result.files?.written ?? {})) {
      if (written === null) delete files[path]
      else files[path] = written
    }
    return shown(line, result.exit, result.stdout, result.stderr)
  })
  return { lines, files }
}

export async function runReal(group: readonly Line[]): Promise<Outcome> {
  const folder = makeScratchFolder()
  try {
    const lines: string[] = []
    for (const line of group) {
      const { exit, stdout, stderr } = await execute(line, folder.path)
      lines.push(shown(line, exit, stdout, stderr).replaceAll(folder.path, home))
    }
    return { lines, files: readFiles(folder.path) }
  } finally {
    folder.remove()
  }
}

function execute(line: Line, folder: string): Promise<{ exit: number; stdout: string; stderr: string }> {
  const words = splitWords(line.text)
  const env = { HOME: folder, PATH: process.env.PATH }
  return new Promise((resolve, reject) => {
    const child = execFile(realKubectl(), words.slice(1), { cwd: folder, env }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ exit: Number(error?.code ?? 0), stdout, stderr })
    })
    if (line.input === undefined) child.stdin?.end()
    else child.stdin?.end(readFiles(folder)[`${home}/${line.input}`] as string)
  })
}
