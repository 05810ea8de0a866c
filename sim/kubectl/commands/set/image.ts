/** kubectl set image */
import type { Container } from '../../../api/core/pod-types.ts'
import type { Command } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { namesFiles } from '../../manifests.ts'
import { noResources } from '../../resources.ts'
import { changeFlags, findAllTargets, splitPairs } from '../../targets.ts'
import { changePodSpecs } from './pod-spec.ts'

export const setImage: Command = {
  name: 'image',
  short: 'Update the image of a pod template',
  readsTypes: true,
  usage:
    '(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N [options]',
  flags: changeFlags('kubectl-set'),
  run(invocation) {
    const { resources, pairs } = splitPairs(invocation.args, (arg) => arg.indexOf('=') > 0, 'image')
    if (invocation.args.length === 0 && !namesFiles(invocation)) throw noResources()
    if (pairs.length === 0) {
      // What does not name objects is told first.
      if (resources.length > 0) findAllTargets(invocation, resources)
      throw new KubectlError('at least one image update is required')
    }
    const images = new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
    if (images.has('*') && images.size > 1) {
      throw new KubectlError(
        'all containers are already specified by *, but saw more than one container_name=container_image pairs',
      )
    }
    return changePodSpecs(invocation, resources, {
      operation: 'image updated',
      what: 'image update',
      apply(spec) {
        const names = [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name)
        const missing = [...images.keys()].find((name) => name !== '*' && !names.includes(name))
        if (missing !== undefined) throw new KubectlError(`unable to find container named "${missing}"`)
        const withImage = (container: Container): Container => {
          const image = images.get(container.name) ?? images.get('*')
          return image !== undefined ? { ...container, image } : container
        }
        return {
          ...spec,
          containers: spec.containers.map(withImage),
          ...(spec.initContainers ? { initContainers: spec.initContainers.map(withImage) } : {}),
        }
      },
    })
  },
}
