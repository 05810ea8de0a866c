/** kubectl scale. Source: k8s.io/kubectl/pkg/cmd/scale/scale.go */
import type { Kind } from '../../api/meta/kind.ts'
import { type KubeObject, keyOf } from '../../api/meta/object.ts'
import type { WriteOptions } from '../../client/client.ts'
import type { Command, Invocation } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { showResult } from '../results.ts'
import { changeFlags, checkSubresource, findTargets, recorded } from '../targets.ts'

export const scale: Command = {
  name: 'scale',
  short: 'Set a new size for a deployment, replica set, or replication controller',
  usage: '[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME) [options]',
  flags: [
    ...changeFlags('kubectl-scale'),
    {
      name: 'replicas',
      type: 'int',
      isRequired: true,
      default: -1,
      help: 'The new desired number of replicas. Required.',
    },
    { name: 'current-replicas', type: 'int', default: -1, help: 'Precondition for current size.' },
    { name: 'resource-version', type: 'string', help: 'Precondition for resource version.' },
    { name: 'timeout', type: 'duration', help: 'The length of time to wait before giving up on a scale operation.' },
  ],
  run(invocation) {
    const { flags } = invocation
    const replicas = flags.number('replicas')
    if (replicas < 0) {
      throw new KubectlError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0')
    }
    const errors: unknown[] = []
    const targets = findTargets(invocation, invocation.args, (error) => errors.push(error))
    if (targets.length === 0 && errors.length === 0) throw new KubectlError('no objects passed to scale')
    for (const { kind, object } of targets) {
      try {
        checkSubresource(kind, object.metadata.name, 'scale')
        if (invocation.dryRun !== 'client') {
          setReplicas(invocation, kind, object, replicas)
          if (flags.bool('record')) {
            const { annotations } = recorded(invocation, object).metadata
            invocation.client.patch(kind, keyOf(object), 'merge', { metadata: { annotations } }, dryRunOf(invocation))
          }
        }
        const { spec } = object as { spec?: object }
        showResult(invocation, kind, { ...object, spec: { ...spec, replicas } } as KubeObject, 'scaled')
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}

/** The requests name no manager: the server takes kubectl itself for it. */
const dryRunOf = ({ dryRun }: Invocation): WriteOptions => (dryRun === 'server' ? { dryRun: true } : {})

/**
 * Without a precondition the number is patched; with one the scale is read, compared and written back.
 * Source: k8s.io/kubectl/pkg/scale, genericScaler
 */
function setReplicas(invocation: Invocation, kind: Kind, object: KubeObject, replicas: number): void {
  const { client, flags } = invocation
  const key = keyOf(object)
  const expected = flags.number('current-replicas')
  const version = flags.string('resource-version')
  if (expected < 0 && !version) {
    client.patch(kind, key, 'merge', { spec: { replicas } }, { ...dryRunOf(invocation), subresource: 'scale' })
    invocation.showWarnings()
    return
  }
  const current = client.getScale(kind, key).spec.replicas
  if (expected >= 0 && expected !== current)
    throw new KubectlError(`Expected replicas to be ${expected}, was ${current}`)
  if (version && version !== object.metadata.resourceVersion)
    throw new KubectlError(`Expected resource version to be ${version}, was ${object.metadata.resourceVersion}`)
  if (invocation.dryRun === 'server')
    client.patch(kind, key, 'merge', { spec: { replicas } }, { dryRun: true, subresource: 'scale' })
  else client.updateScale(kind, key, replicas)
  invocation.showWarnings()
}
