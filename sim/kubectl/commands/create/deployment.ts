/** kubectl create deployment. Source: k8s.io/kubectl/pkg/cmd/create/create_deployment.go */
import { KubectlError } from '../../errors.ts'
import { generatorCommand } from './generator.ts'

export const createDeployment = generatorCommand({
  name: 'deployment',
  aliases: ['deploy'],
  short: 'Create a deployment with the specified name',
  usage: 'NAME --image=image -- [COMMAND] [args...] [options]',
  flags: [
    {
      name: 'image',
      type: 'list',
      help: 'Image names to run. A deployment can have multiple images set for multi-container pod.',
    },
    { name: 'port', type: 'int', default: -1, help: 'The container port that this deployment exposes.' },
    { name: 'replicas', short: 'r', type: 'int', default: 1, help: 'Number of replicas to create.' },
  ],
  failure: 'failed to create deployment: ',
  build(invocation, name) {
    const { flags } = invocation
    const images = flags.list('image')
    const command = invocation.afterDash ?? []
    if (images.length === 0) throw new KubectlError('required flag(s) "image" not set')
    if (images.length > 1 && command.length > 0)
      throw new KubectlError('cannot specify multiple --image options and command')
    if (flags.number('replicas') < 0) throw new KubectlError(`--replicas must be greater than or equal to 0`)
    const labels = { app: name }
    const containers = images.map((image) => ({
      name: containerName(image),
      image,
      ...(command.length > 0 ? { command: [...command] } : {}),
      ...(flags.number('port') >= 0 ? { ports: [{ containerPort: flags.number('port') }] } : {}),
      resources: {},
    }))
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels },
      spec: {
        replicas: flags.number('replicas'),
        selector: { matchLabels: labels },
        strategy: {},
        template: { metadata: { labels }, spec: { containers } },
      },
      status: {},
    }
  },
})

/** The image's last part, without tag or digest, made fit for a name. */
function containerName(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1).replace(/[@:].*$/, '')
  return last.replaceAll('_', '-').toLowerCase()
}
