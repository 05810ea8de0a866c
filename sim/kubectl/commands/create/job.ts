/** kubectl create job. Source: k8s.io/kubectl/pkg/cmd/create/create_job.go */
import type { CronJob } from '../../../api/batch/types.ts'
import type { JsonMap } from '../../../api/meta/go-json.ts'
import type { Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { generatorCommand } from './generator.ts'

export const createJob = generatorCommand({
  name: 'job',
  failure: 'failed to create job: ',
  short: 'Create a job with the specified name',
  usage: 'NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...] [options]',
  flags: [
    { name: 'image', type: 'string', help: 'Image name to run.' },
    {
      name: 'from',
      type: 'string',
      help: 'The name of the resource to create a Job from (only cronjob is supported).',
    },
  ],
  build(invocation, name) {
    const { flags } = invocation
    const [image, from] = [flags.string('image'), flags.string('from')]
    const command = [...(invocation.afterDash ?? [])]
    if ((image === '') === (from === '')) throw new KubectlError('either --image or --from must be specified')
    if (from && command.length > 0) throw new KubectlError('cannot specify --from and command')
    if (from) return fromCronJob(findCronJob(invocation, from), name)
    const container = { name, image, ...(command.length > 0 ? { command } : {}), resources: {} }
    return {
      kind: 'Job',
      apiVersion: 'batch/v1',
      metadata: { name },
      spec: { template: { metadata: {}, spec: { containers: [container], restartPolicy: 'Never' } } },
      status: {},
    }
  },
})

function findCronJob({ resources, client, namespace }: Invocation, from: string): CronJob {
  const [type, name, ...rest] = from.split('/')
  if (rest.length > 0 || (name === '' && type !== ''))
    throw new KubectlError(`arguments in resource/name form must have a single resource and name`)
  const kind = resources.find(type)
  if (name === undefined) throw new KubectlError('resource(s) were provided, but no name was specified')
  const found = client.get(kind, { namespace, name })
  if (kind.kind === 'CronJob') return found as unknown as CronJob
  throw new KubectlError(`unknown object type *${kind.version}.${kind.kind}`)
}

/** A run out of turn: the CronJob's own, so that it counts it as one of its Jobs. */
function fromCronJob({ metadata, spec }: CronJob, name: string): JsonMap & { apiVersion: string; kind: string } {
  const { metadata: template = {}, spec: job } = spec.jobTemplate
  return {
    kind: 'Job',
    apiVersion: 'batch/v1',
    metadata: {
      name,
      ...(template.labels ? { labels: template.labels } : {}),
      annotations: { ...template.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: metadata.name, uid: metadata.uid, controller: true },
      ],
    },
    spec: job as unknown as JsonMap,
    status: {},
  }
}
