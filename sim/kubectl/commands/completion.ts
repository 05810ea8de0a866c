/** kubectl completion: what a shell loads to complete kubectl. Source: k8s.io/kubectl/pkg/cmd/completion/completion.go */
import type { Command } from '../command.ts'

const shells = ['bash', 'fish', 'powershell', 'zsh']

/** Simplified: a script without effect, since the shell beside a simulated cluster completes by itself. */
export const completion: Command = {
  name: 'completion',
  short: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
  usage: 'SHELL',
  run(invocation) {
    const [shell, more] = invocation.args
    if (shell === undefined) throw invocation.usageError('Shell not specified.')
    if (more !== undefined) throw invocation.usageError('Too many arguments. Expected only the shell type.')
    if (!shells.includes(shell)) throw invocation.usageError(`Unsupported shell type ${JSON.stringify(shell)}.`)
    invocation.out(
      `# ${shell} completion for kubectl: the shell beside this cluster completes kubectl and k without it.\n`,
    )
    return 0
  },
}
