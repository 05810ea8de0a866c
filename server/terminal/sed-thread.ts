/**
 * The entry of the thread that runs `sed` for all shells, one call at a time. The library's holds no bound on a line that grows with each
 * substitution, and nothing else can stop it: what it takes of memory or time costs this thread.
 */
import { parentPort } from 'node:worker_threads'
import { Bash } from 'just-bash'
import { shellLimits } from './limits.ts'
import { quoted } from './quoted.ts'
import type { SedSaid, SedTask } from './sed.ts'

parentPort?.on('message', async ({ args, cwd, stdin, files }: SedTask) => {
  const say = (said: SedSaid) => parentPort?.postMessage(said)
  say('begun')
  const bash = new Bash({ files, cwd, executionLimits: shellLimits })
  const { stdout, stderr, exitCode } = await bash.exec(['sed', ...args].map(quoted).join(' '), {
    stdin,
    stdinKind: 'bytes',
  })
  const written: Record<string, Uint8Array> = {}
  for (const path of bash.fs.getAllPaths()) {
    if (isSystem(path) || !(await bash.fs.stat(path)).isFile) continue
    const content = await bash.fs.readFileBuffer(path)
    const before = files[path]
    if (!before || Buffer.compare(content, before) !== 0) written[path] = content
  }
  say({ stdout, stderr, exitCode, written })
})

/** What every shell of the library has by itself. */
const isSystem = (path: string): boolean => /^\/(bin|usr|dev|proc)\//.test(path)
