/** kubectl exec. Source: k8s.io/kubectl/pkg/cmd/exec/exec.go */
import { openSession } from '../attach.ts'
import { type Command, fileFlags, type Invocation } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { readManifests } from '../manifests.ts'
import { chooseContainer, choosePod, findObject } from '../pods.ts'
import type { Found } from '../resources.ts'

export const exec: Command = {
  name: 'exec',
  isTyped: true,
  short: 'Execute a command in a container',
  readsTypes: true,
  usage: '(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...] [options]',
  flags: [
    ...fileFlags.filter(({ name }) => name === 'filename'),
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
    const files = flags.list('filename')
    if (args.length === 0 && files.length === 0)
      throw new KubectlError('pod, type/name or --filename must be specified')
    if (args.length > 1 && !invocation.afterDash)
      throw invocation.usageError('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead')
    const command = invocation.afterDash ?? []
    if (command.length === 0) throw new KubectlError('you must specify at least one command for the container')
    const found = args.length > 0 ? findObject(invocation, args[0]) : findInFiles(invocation)
    const { pod } = yield* choosePod(invocation, found, 'attach to')
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
    // A line whose input is redirected has no terminal, for sure.
    if (flags.bool('stdin') && flags.bool('tty') && !context.interact && context.stdin !== '')
      invocation.err('Unable to use a TTY - input is not a terminal or the right kind of file\n')
    const exitCode = yield* openSession(() =>
      flags.bool('stdin') && context.interact
        ? context.interact({ kind: 'exec', ...program, stdin: true }, streams)
        : invocation.node.exec({ ...program, ...(flags.bool('stdin') ? { stdin: context.stdin } : {}) }, streams),
    )
    if (exitCode !== 0) invocation.err(`command terminated with exit code ${exitCode}\n`)
    return exitCode
  },
}

/** The one object that -f names. */
function findInFiles(invocation: Invocation): Found {
  const objects = readManifests(invocation, (error) => throwAll([error]))
  if (objects.length !== 1) throw new KubectlError('cannot exec into multiple objects at a time')
  const [{ kind, namespace, name }] = objects
  return { kind, object: invocation.client.get(kind, { namespace, name }) }
}
