/** kubectl attach. Source: k8s.io/kubectl/pkg/cmd/attach/attach.go */
import { attachTo } from '../attach.ts'
import { type Command, fileFlags } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { chooseContainer, choosePodAloud, findObject } from '../pods.ts'

export const attach: Command = {
  name: 'attach',
  short: 'Attach to a running container',
  usage: '(POD | TYPE/NAME) -c CONTAINER [options]',
  flags: [
    ...fileFlags,
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
    const pod = yield* choosePodAloud(
      invocation,
      findObject(invocation, args.length === 2 ? `${args[0]}/${args[1]}` : args[0]),
      'attach to',
    )
    const { phase } = pod.status
    if (phase === 'Succeeded' || phase === 'Failed')
      throw new KubectlError(`cannot attach a container in a completed pod; current phase is ${phase}`)
    const container = chooseContainer(invocation, pod, flags.string('container'))
    if (flags.bool('stdin') && !flags.bool('quiet'))
      invocation.err("If you don't see a command prompt, try pressing enter.\n")
    yield* attachTo(invocation, pod, container, flags.bool('stdin') ? context.stdin : undefined)
    return 0
  },
}
