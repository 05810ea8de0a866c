/** Runs a group of lines with the built-in kubectl and with the real one, and tells what each saw. */
import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { createCluster, type FileContent, type LiveCluster } from '../../../sim/index.ts'
import { splitWords } from '../../../sim/kubectl/words.ts'
import { realKubectl } from '../../support/real-kubectl.ts'
import { startClusterPair } from './cluster-pair.ts'
import { maskFolders, maskLog, maskMoment, maskSeconds } from './masks.ts'
import type { SharedCluster } from './shared-cluster.ts'
import type { Line } from './table.ts'
import { type Files, home, makeScratchFolder, readFiles } from './workplace.ts'

/** What came of a group: as text, to be compared and read. */
export interface Outcome {
  /** Standard output, standard error and exit code of each line. */
  lines: string[]
  /** The files afterwards, by absolute path. */
  files: Record<string, FileContent>
}

interface Result {
  exit: number
  stdout: string
  stderr: string
}

const shown = (line: Line, { exit, stdout, stderr }: Result): string =>
  `${line.number}: ${line.text}${line.input ? ` < ${line.input}` : ''}\n${stdout}---- stderr, exit ${exit}\n${maskLog(stderr)}`

export const newCluster = (): LiveCluster => createCluster({ seed: 'parity', shape: { nodes: [{ name: 'node-1' }] } })

export function runBuiltIn(group: readonly Line[], cluster: LiveCluster): Outcome {
  const folder = makeScratchFolder()
  const files = readFiles(folder.path)
  folder.remove()
  return { lines: group.map((line) => shown(line, executeBuiltIn(cluster, line, files))), files }
}

export async function runReal(group: readonly Line[]): Promise<Outcome> {
  const folder = makeScratchFolder()
  try {
    const lines: string[] = []
    for (const line of group) {
      const result = await executeReal(line, folder.path)
      lines.push(shown(line, result).replaceAll(folder.path, home))
    }
    return { lines, files: readFiles(folder.path) }
  } finally {
    folder.remove()
  }
}

/** Both at once, each on its own of two equal clusters; what depends on the moment and on chance is masked. */
export async function runOnClusters(group: readonly Line[]): Promise<{ builtIn: Outcome; real: Outcome }> {
  const pair = await startClusterPair()
  const folder = makeScratchFolder()
  try {
    writeFileSync(`${folder.path}/.kube/config`, kubeconfigFor(pair.url))
    const files = readFiles(folder.path)
    const builtIn: string[] = []
    const real: string[] = []
    const mask = (line: Line, result: Result): string =>
      maskMoment(maskFolders(shown(line, result).replaceAll(folder.path, home).replaceAll(pair.url, 'http://server')))
    for (const line of group) {
      const pause = /^advance (\d+)s$/.exec(line.text)
      if (pause) {
        pair.align(Number(pause[1]) * 1000)
        continue
      }
      builtIn.push(mask(line, executeBuiltIn(pair.builtIn, line, files)))
      real.push(mask(line, await pair.whileTimePasses(executeReal(line, folder.path))))
      pair.align()
    }
    return { builtIn: { lines: builtIn, files }, real: { lines: real, files: readFiles(folder.path) } }
  } finally {
    folder.remove()
    await pair.close()
  }
}

/** Both one after the other on the same cluster at the same moment: for lines that change nothing. */
export async function runOnShared(
  group: readonly Line[],
  shared: SharedCluster,
): Promise<{ builtIn: Outcome; real: Outcome }> {
  const folder = makeScratchFolder()
  try {
    writeFileSync(`${folder.path}/.kube/config`, kubeconfigFor(shared.url))
    const files = readFiles(folder.path)
    const builtIn: string[] = []
    const real: string[] = []
    const mask = (line: Line, result: Result): string =>
      maskSeconds(shown(line, result).replaceAll(folder.path, home).replaceAll(shared.url, 'http://server'))
    for (const line of group) {
      let [ofReal, ofBuiltIn] = ['', '']
      // An age may grow by a minute or more between the two: then both tell it once more.
      for (let tries = 3; tries > 0 && (ofReal === '' || ofReal !== ofBuiltIn); tries--) {
        shared.follow()
        ofReal = mask(line, await executeReal(line, folder.path))
        shared.follow()
        ofBuiltIn = mask(line, executeBuiltIn(shared.cluster, line, files))
      }
      real.push(ofReal)
      builtIn.push(ofBuiltIn)
    }
    return { builtIn: { lines: builtIn, files }, real: { lines: real, files: readFiles(folder.path) } }
  } finally {
    folder.remove()
  }
}

const kubeconfigFor = (url: string): string => `apiVersion: v1
kind: Config
clusters:
- name: training
  cluster:
    server: ${url}
contexts:
- name: training
  context:
    cluster: training
    user: learner
users:
- name: learner
  user: {}
current-context: training
`

/** @param files of the workplace; what the line writes is put there */
function executeBuiltIn(cluster: LiveCluster, line: Line, files: Files): Result {
  const content = line.input === undefined ? '' : files[`${home}/${line.input}`]
  if (typeof content !== 'string') throw new Error(`${line.text}: no text file ${line.input}`)
  const result = cluster.execute({
    op: 'kubectl',
    line: line.text,
    stdin: content,
    workplace: { directory: home, environment: { HOME: home, ...line.environment }, files: { ...files } },
  })
  for (const [path, written] of Object.entries(result.files?.written ?? {})) {
    if (written === null) delete files[path]
    else files[path] = written
  }
  return result
}

/** Without the folders that npm puts before it, of which most are not there: `kubectl plugin list` tells each. */
const systemPath = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.endsWith('node_modules/.bin') && existsSync(folder))
  .join(delimiter)

function executeReal(line: Line, folder: string): Promise<Result> {
  const words = splitWords(line.text)
  const env = { HOME: folder, PATH: systemPath, ...line.environment }
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env, timeout: 30_000 }
    const child = execFile(realKubectl(), words.slice(1), options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ exit: Number(error?.code ?? 0), stdout, stderr })
    })
    if (line.input === undefined) child.stdin?.end()
    else child.stdin?.end(readFiles(folder)[`${home}/${line.input}`] as string)
  })
}
