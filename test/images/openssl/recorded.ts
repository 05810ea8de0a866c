/**
 * Lines and what the real openssl printed for them: `$` begins a line, `!` is standard error, `?` the exit code, and the others are standard
 * output. `UPDATE_OPENSSL=1` records them anew with the openssl 3.0 of this machine.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine } from '../../../sim/engine/engine.ts'
import { layerOf } from '../../../sim/images/base-files.ts'
import { findImage } from '../../../sim/images/registry.ts'
import { createFileSystem } from '../../../sim/runtime/file-system.ts'
import { decodeBytes } from '../../../sim/runtime/text-bytes.ts'
import { runShell } from '../../runtime/run-shell.ts'

const folder = 'test/images/openssl/files'
const names = readdirSync(folder)

/** Keys and certificates of the real one, by their names. */
export const fixture = (name: string): string => readFileSync(join(folder, name), 'utf8')

export interface Printed {
  out: string
  err: string
  status: number
}

export interface Recorded extends Printed {
  line: string
}

/** The number of the thread differs from run to run. */
const masked = (text: string): string => text.replaceAll(/^[0-9A-F]{16}:error/gm, '0000000000000000:error')

/** In the machine outside of the cluster, with the files around it. */
export function simulated(
  line: string,
  more: Readonly<Record<string, string>> = {},
): Printed & { read(path: string): string } {
  const image = findImage('nicolaka/netshoot:latest')!
  const engine = new Engine({ seed: 'test', startEpochMs: Date.UTC(2026, 10, 26) })
  const files = createFileSystem({ base: layerOf(image), nowEpochMs: () => engine.epochMs })
  files.mkdir('/w')
  for (const name of names) files.write(`/w/${name}`, decodeBytes(readFileSync(join(folder, name))))
  for (const [name, text] of Object.entries(more)) files.write(`/w/${name}`, text)
  const { stdout, stderr, exitCode = -1 } = runShell(`cd /w\n${line}`, { image, engine, files })
  return { out: stdout, err: masked(stderr), status: exitCode, read: (name) => files.read(`/w/${name}`) }
}

/** By the openssl of this machine. */
export function real(line: string, more: Readonly<Record<string, string>> = {}): Printed {
  const place = mkdtempSync(join(tmpdir(), 'podium-openssl-'))
  try {
    for (const name of names) writeFileSync(join(place, name), readFileSync(join(folder, name)))
    for (const [name, text] of Object.entries(more)) writeFileSync(join(place, name), text)
    const { stdout, stderr, status } = spawnSync('sh', ['-c', line], { cwd: place, input: '' })
    return { out: decodeBytes(stdout), err: masked(decodeBytes(stderr)), status: status ?? -1 }
  } finally {
    rmSync(place, { recursive: true })
  }
}

/** Whether this machine has the version that is simulated. */
export const hasReal = ((): boolean => {
  try {
    return execFileSync('openssl', ['version'], { encoding: 'utf8' }).startsWith('OpenSSL 3.0.')
  } catch {
    return false
  }
})()

const recording = (name: string): string => `test/images/openssl/${name}.txt`

/** The lines of a recording, recorded anew where that is asked for. */
export function readRecording(name: string): Recorded[] {
  const recorded: Recorded[] = []
  for (const text of readFileSync(recording(name), 'utf8').split('\n').slice(0, -1)) {
    const last = recorded.at(-1)
    if (text.startsWith('$ ')) recorded.push({ line: text.slice(2), out: '', err: '', status: 0 })
    else if (text.startsWith('! ') && last) last.err += `${text.slice(2)}\n`
    else if (text.startsWith('? ') && last) last.status = Number(text.slice(2))
    else if (last) last.out += `${text.slice(2)}\n`
  }
  if (!process.env.UPDATE_OPENSSL) return recorded
  const anew = recorded.map(({ line }) => ({ line, ...real(line) }))
  writeFileSync(recording(name), anew.map(printRecorded).join(''))
  return anew
}

function printRecorded({ line, out, err, status }: Recorded): string {
  const prefixed = (text: string, prefix: string): string =>
    text === '' ? '' : `${text.replace(/\n$/, '').replaceAll(/^/gm, prefix)}\n`
  return `$ ${line}\n${prefixed(out, '  ')}${prefixed(err, '! ')}${status ? `? ${status}\n` : ''}`
}
