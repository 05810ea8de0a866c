/**
 * The entry of the process that runs commands for all shells, one call at a time, which nothing else can stop: the library's `sed` has no bound on
 * a line that grows with each substitution, and its `diff` takes as long as both files together, squared. That costs this process.
 */
import { Bash } from 'just-bash'
import { connectToParent } from '../child-processes.ts'
import type { BoundedSaid, BoundedTask } from './bounded-commands.ts'
import { shellLimits } from './limits.ts'
import { quoted } from './quoted.ts'

connectToParent<undefined, BoundedTask, BoundedSaid>(
  (_, say) =>
    async ({ name, args, cwd, stdin, files }) => {
      say('begun')
      const bash = new Bash({ files, cwd, executionLimits: shellLimits })
      const { stdout, stderr, exitCode } = await bash.exec([name, ...args].map(quoted).join(' '), {
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
    },
  { mayComputeForever: true },
)

/** What every shell of the library has by itself. */
const isSystem = (path: string): boolean => /^\/(bin|usr|dev|proc)\//.test(path)
