/**
 * Two folders of files, compared by the program that kubectl diff runs: `diff -u -N`, or what KUBECTL_EXTERNAL_DIFF names.
 * Source: DiffProgram in k8s.io/kubectl/pkg/cmd/diff/diff.go; https://www.gnu.org/software/diffutils/manual/html_node/Comparing-Directories.html
 */
import type { Invocation } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { normalChanges, unifiedHunks } from './diff-output.ts'

/** Texts by their names. */
export type Folder = Map<string, string>

interface Place {
  /** Under /tmp. */
  name: string
  files: Folder
}

/** Prints how the second differs. @returns 0 when it does not, else 1 */
export function diffFolders(invocation: Invocation, from: Place, to: Place): number {
  const options = optionsOf(invocation)
  const writtenMs = invocation.context.nowEpochMs()
  let exit = 0
  for (const name of [...new Set([...from.files.keys(), ...to.files.keys()])].sort()) {
    const [old, now] = [from.files.get(name), to.files.get(name)]
    if (old === now) continue
    exit = 1
    const lacking = old === undefined ? to : from
    if (!options.newFile && (old === undefined || now === undefined)) {
      invocation.out(`Only in /tmp/${lacking.name}: ${name}\n`)
      continue
    }
    const [oldPath, newPath] = [from, to].map((place) => `/tmp/${place.name}/${name}`)
    if (options.brief) {
      invocation.out(`Files ${oldPath} and ${newPath} differ\n`)
      continue
    }
    invocation.out(`diff ${[...options.words.map(quoted), oldPath, newPath].join(' ')}\n`)
    if (options.context === undefined) {
      invocation.out(normalChanges(old ?? '', now ?? ''))
      continue
    }
    invocation.out(`--- ${oldPath}\t${fileTime(old === undefined ? 0 : writtenMs)}\n`)
    invocation.out(`+++ ${newPath}\t${fileTime(now === undefined ? 0 : writtenMs)}\n`)
    invocation.out(unifiedHunks(old ?? '', now ?? '', options.context))
  }
  return exit
}

const quoted = (word: string): string => (word.includes('=') ? `'${word}'` : word)

/** `2026-01-02 03:04:05.678000000 +0000` */
const fileTime = (ms: number): string => `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')}000000 +0000`

interface Options {
  /** As they stand in the line that each pair of files begins with. */
  words: readonly string[]
  /** Lines around a change; undefined for the normal form, which has none. */
  context: number | undefined
  /** A file that is not there counts as an empty one. */
  newFile: boolean
  brief: boolean
}

/** @throws KubectlError for another program than diff, and for what it is not simulated with */
function optionsOf(invocation: Invocation): Options {
  const external = invocation.context.environment.KUBECTL_EXTERNAL_DIFF
  if (!external) return readOptions(['-u', '-N'])
  const [program, ...rest] = external.split(' ')
  if (program !== 'diff') throw new KubectlError(`failed to run "${program}": executable file not found in $PATH`)
  // Others are left out without a word.
  return readOptions(rest.filter((word) => /^[a-zA-Z0-9-=]+$/.test(word)))
}

function readOptions(words: readonly string[]): Options {
  const options: Options = { words, context: undefined, newFile: false, brief: false }
  for (const word of words) {
    const number = /^(?:-U|--unified=)(\d+)$/.exec(word)?.[1]
    if (number !== undefined) options.context = Number(number)
    else if (word === '--unified') options.context ??= 3
    else if (word === '--new-file') options.newFile = true
    else if (word === '--brief') options.brief = true
    else if (!['--recursive', '--text'].includes(word)) readLetters(word, options)
  }
  return options
}

function readLetters(word: string, options: Options): void {
  for (const letter of word.slice(1)) {
    if (letter === 'u') options.context ??= 3
    else if (letter === 'N') options.newFile = true
    else if (letter === 'q') options.brief = true
    else if (!/^-[ar]+$/.test(`-${letter}`)) throw notHere(word)
  }
  if (!/^-\w/.test(word)) throw notHere(word)
}

const notHere = (word: string): KubectlError =>
  new KubectlError(
    `failed to run "diff": the option ${word} is not available here; there are -u, -U, -N, -a, -r and -q`,
  )
