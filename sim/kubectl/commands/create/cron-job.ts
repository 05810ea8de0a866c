/** kubectl create cronjob. Source: k8s.io/kubectl/pkg/cmd/create/create_cronjob.go */
import { generatorCommand } from './generator.ts'

export const createCronJob = generatorCommand({
  name: 'cronjob',
  failure: 'failed to create cronjob: ',
  aliases: ['cj'],
  short: 'Create a cron job with the specified name',
  usage: "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags] [options]",
  flags: [
    { name: 'image', type: 'string', isRequired: true, help: 'Image name to run.' },
    {
      name: 'schedule',
      type: 'string',
      isRequired: true,
      help: 'A schedule in the Cron format the job should be run with.',
    },
    {
      name: 'restart',
      type: 'string',
      default: 'OnFailure',
      help: "job's restart policy. supported values: OnFailure, Never",
    },
  ],
  build(invocation, name) {
    const { flags } = invocation
    const command = [...(invocation.afterDash ?? [])]
    const container = {
      name,
      image: flags.string('image'),
      ...(command.length > 0 ? { command } : {}),
      resources: {},
    }
    const template = { metadata: {}, spec: { containers: [container], restartPolicy: flags.string('restart') } }
    return {
      kind: 'CronJob',
      apiVersion: 'batch/v1',
      metadata: { name },
      spec: { schedule: flags.string('schedule'), jobTemplate: { metadata: { name }, spec: { template } } },
      status: {},
    }
  },
})
