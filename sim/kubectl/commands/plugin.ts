/** kubectl plugin and alpha: what others add, and what is tried out. Here is neither. Source: k8s.io/kubectl/pkg/cmd/plugin, pkg/cmd/alpha.go */
import type { Command } from '../command.ts'
import { KubectlError } from '../errors.ts'

export const plugin: Command = {
  name: 'plugin',
  short: 'Provides utilities for interacting with plugins',
  usage: '[flags] [options]',
  subcommands: [
    {
      name: 'list',
      short: "List all visible plugin executables on a user's PATH",
      usage: '[flags] [options]',
      flags: [{ name: 'name-only', type: 'bool', help: 'If true, display only the binary name of each plugin.' }],
      run() {
        throw new KubectlError('unable to find any kubectl plugins in your PATH')
      },
    },
  ],
}

export const alpha: Command = {
  name: 'alpha',
  short: 'Commands for features in alpha',
  usage: '[flags]',
  run(invocation) {
    invocation.err('No alpha commands are available in this version of kubectl\n')
    return 0
  },
}
