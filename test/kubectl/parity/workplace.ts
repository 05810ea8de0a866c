/** The same files for both kubectls: a scratch folder for the real one, a workplace in memory for the built-in one. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileContent } from '../../../sim/index.ts'

const source = 'test/kubectl/parity/files'
/** Where the built-in kubectl finds itself; the scratch folder is shown as it. */
export const home = '/home/learner'

/** By absolute path; an empty folder as `folder/`. */
export type Files = Record<string, FileContent>

/** A copy of the files; `remove` it in the end. */
export function makeScratchFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'parity-'))
  cpSync(source, path, { recursive: true })
  mkdirSync(join(path, 'empty'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** All files of a folder as a workplace holds them, kubectl's caches aside. */
export function readFiles(folder: string): Files {
  const files: Files = {}
  const read = (path: string): void => {
    if (path === '/.kube/cache') return
    const names = readdirSync(folder + path)
    if (names.length === 0) files[`${home}${path}/`] = ''
    for (const name of names) {
      const at = `${path}/${name}`
      if (statSync(folder + at).isDirectory()) read(at)
      else files[home + at] = contentOf(readFileSync(folder + at), folder)
    }
  }
  read('')
  return files
}

/** The folder's own name stands in it as the place of the built-in kubectl. */
function contentOf(bytes: Buffer, folder: string): FileContent {
  const text = bytes.toString('utf8').replaceAll(folder, home)
  return Buffer.from(bytes.toString('utf8')).equals(bytes) ? text : { base64: bytes.toString('base64') }
}
