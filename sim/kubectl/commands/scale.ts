/** kubectl scale. Source: k8s.io/kubectl/pkg/cmd/scale/scale.go */
import { resourceName } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type { Command } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { showResult } from '../results.ts'
import { changeFlags, findTargets, recorded, sendPatch, warnOfRecord } from '../targets.ts'

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
    warnOfRecord(invocation)
    const replicas = flags.number('replicas')
    if (replicas < 0) {
      throw new KubectlError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0')
    }
    const errors: unknown[] = []
    const targets = findTargets(invocation, invocation.args, (error) => errors.push(error))
    if (targets.length === 0 && errors.length === 0) throw new KubectlError('no objects passed to scale')
    for (const { kind, object } of targets) {
      try {
        if (!kind.scale) {
          throw new StatusError(
            404,
            'NotFound',
            `the server could not find the requested resource (patch ${resourceName(kind)} ${object.metadata.name})`,
          )
        }
        const current = kind.scale.replicas(object)
        const expected = flags.number('current-replicas')
        if (expected >= 0 && expected !== current)
          throw new KubectlError(`Expected replicas to be ${expected}, was ${current}`)
        const version = flags.string('resource-version')
        if (version && version !== object.metadata.resourceVersion) {
          throw new KubectlError(`Expected resource version to be ${version}, was ${object.metadata.resourceVersion}`)
        }
        if (invocation.dryRun !== 'client') {
          sendPatch(invocation, kind, object, { spec: { replicas } }, 'scale')
          if (flags.bool('record')) {
            const { annotations } = recorded(invocation, object).metadata
            sendPatch(invocation, kind, object, { metadata: { annotations } })
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
