/** kubectl create deployment. Source: k8s.io/kubectl/pkg/cmd/create/create_deployment.go */
import type { Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { nameHash } from '../../name-hash.ts'
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
      isRequired: true,
      help: 'Image names to run. A deployment can have multiple images set for multi-container pod.',
    },
    { name: 'port', type: 'int32', default: -1, help: 'The container port that this deployment exposes.' },
    { name: 'replicas', short: 'r', type: 'int32', default: 1, help: 'Number of replicas to create.' },
  ],
  failure: 'failed to create deployment: ',
  build(invocation, name) {
    const { flags } = invocation
    const images = flags.list('image')
    const command = invocation.afterDash ?? []
    if (images.length > 1 && command.length > 0)
      throw new KubectlError('cannot specify multiple --image options and command')
    const labels = { app: name }
    const port = flags.number('port')
    const containers = images.map((image, at) => ({
      name: containerName(image, invocation),
      image,
      ...(command.length > 0 ? { command: [...command] } : {}),
      ...(port >= 0 && at === 0 ? { ports: [{ containerPort: port }] } : {}),
      resources: {},
    }))
    return {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name, labels },
      spec: {
        replicas: flags.number('replicas'),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
        strategy: {},
      },
      status: {},
    }
  },
})

/**
 * The image's last part, without tag or digest. One that is no name is changed, and ends in letters that no other has.
 * Simplified: the letters come from the image and the time instead of chance.
 */
function containerName(image: string, { context }: Invocation): string {
  const last = image.slice(image.lastIndexOf('/') + 1).replace(/[@:].*$/, '')
  if (!/[_.]/.test(last)) return last
  const unique = nameHash({ image, atMs: context.nowEpochMs() }).slice(0, 5)
  return `${last.replaceAll(/[_.]/g, '-')}-${unique}`
}
