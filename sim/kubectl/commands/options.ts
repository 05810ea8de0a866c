/** kubectl options: the flags that every command takes. Source: k8s.io/kubectl/pkg/cmd/options */
import { type Command, globalFlags } from '../command.ts'
import { printFlags } from '../help.ts'

export const options: Command = {
  name: 'options',
  short: 'Print the list of flags inherited by all commands',
  usage: '',
  run(invocation) {
    const home = invocation.context.environment.HOME ?? ''
    const flags = globalFlags
      .filter(({ name }) => name !== 'help')
      .map((flag) => (flag.name === 'cache-dir' ? { ...flag, default: `${home}/.kube/cache` } : flag))
    invocation.out(`The following options can be passed to any command:\n\n${printFlags(flags)}\n`)
    return 0
  },
}
