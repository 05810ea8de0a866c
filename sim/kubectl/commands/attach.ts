/** kubectl attach. Source: k8s.io/kubectl/pkg/cmd/attach/attach.go */
import type { Pod } from '../../api/core/pod-types.ts'
import { attachTo } from '../attach.ts'
import type { Command, Invocation } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { chooseContainer, choosePod, findObject } from '../pods.ts'

export const attach: Command = {
  name: 'attach',
  isTyped: true,
  short: 'Attach to a running container',
  usage: '(POD | TYPE/NAME) -c CONTAINER [options]',
  flags: [
    { name: 'detach-keys', type: 'string', default: 'ctrl-p,ctrl-q', help: 'Keys that leave the container running.' },
    { name: 'container', short: 'c', type: 'string', help: 'Container name.' },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      default: 60_000,
      help: 'How long to wait until at least one pod is running',
    },
    { name: 'quiet', short: 'q', type: 'bool', help: 'Only print output from the remote session' },
    { name: 'stdin', short: 'i', type: 'bool', help: 'Pass stdin to the container' },
    { name: 'tty', short: 't', type: 'bool', help: 'Stdin is a TTY' },
  ],
  *run(invocation) {
    const { args, flags, context } = invocation
    if (args.length === 0) throw new KubectlError('at least 1 argument is required for attach')
    if (args.length > 2)
      throw new KubectlError(
        `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`,
      )
    const found = findObject(invocation, args.length === 2 ? `${args[0]}/${args[1]}` : args[0])
    const { pod } = yield* choosePod(invocation, found, 'attach to')
    const { phase } = pod.status
    if (phase === 'Succeeded' || phase === 'Failed')
      throw new KubectlError(`cannot attach a container in a completed pod; current phase is ${phase}`)
    const container = containerToAttach(invocation, pod)
    yield* attachTo(invocation, pod, container, flags.bool('stdin') ? context.stdin : undefined)
    return 0
  },
}

function containerToAttach(invocation: Invocation, pod: Pod): string {
  try {
    return chooseContainer(invocation, pod, invocation.flags.string('container'))
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    throw new KubectlError(`cannot attach to the container: ${error.message}`)
  }
}
