/** kubectl exec. Source: k8s.io/kubectl/pkg/cmd/exec/exec.go */
import { waitFor } from '../../runtime/process.ts'
import { type Command, fileFlags } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { chooseContainer, choosePodAloud, findObject } from '../pods.ts'

export const exec: Command = {
  name: 'exec',
  short: 'Execute a command in a container',
  usage: '(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...] [options]',
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
    const command = invocation.afterDash ?? []
    if (args.length === 0) throw new KubectlError('pod, type/name or --filename must be specified')
    if (args.length > 1) {
      throw invocation.usageError('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead')
    }
    if (command.length === 0) throw new KubectlError('you must specify at least one command for the container')
    const pod = yield* choosePodAloud(invocation, findObject(invocation, args[0]), 'attach to')
    if (pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') {
      throw new KubectlError(`cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`)
    }
    const container = chooseContainer(invocation, pod, flags.string('container'))
    const program = {
      user: invocation.client.user,
      namespace: pod.metadata.namespace ?? '',
      pod: pod.metadata.name,
      container,
      command,
      tty: flags.bool('tty'),
    }
    const streams = {
      stdout: (text: string) => invocation.out(text),
      stderr: (text: string) => invocation.err(text),
    }
    const outcome = yield* waitFor(
      flags.bool('stdin') && context.interact
        ? context.interact({ kind: 'exec', ...program, stdin: true }, streams)
        : context.node.exec({ ...program, ...(flags.bool('stdin') ? { stdin: context.stdin } : {}) }, streams),
    )
    if ('error' in outcome) throw new KubectlError(outcome.error)
    if (outcome.exitCode !== 0) invocation.err(`command terminated with exit code ${outcome.exitCode}\n`)
    return outcome.exitCode
  },
}
