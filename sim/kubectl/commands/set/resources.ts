/** kubectl set resources */
import type { ResourceList } from '../../../api/meta/object.ts'
import { quantityError } from '../../../api/meta/quantity.ts'
import type { Command } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { namesFiles } from '../../manifests.ts'
import { noResources } from '../../resources.ts'
import { changeFlags } from '../../targets.ts'
import { changeContainers, changePodSpecs } from './pod-spec.ts'

export const setResources: Command = {
  name: 'resources',
  short: 'Update resource requests/limits on objects with pod templates',
  readsTypes: true,
  usage: '(-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS] [options]',
  flags: [
    ...changeFlags('kubectl-set'),
    {
      name: 'containers',
      short: 'c',
      type: 'string',
      default: '*',
      help: 'The names of containers in the selected pod templates to change.',
    },
    {
      name: 'limits',
      type: 'string',
      help: "The resource requirement limits for this container. For example, 'cpu=100m,memory=256Mi'.",
    },
    {
      name: 'requests',
      type: 'string',
      help: "The resource requirement requests for this container. For example, 'cpu=100m,memory=256Mi'.",
    },
  ],
  run(invocation) {
    const { flags } = invocation
    const [limits, requests] = [parseAmounts(flags.string('limits')), parseAmounts(flags.string('requests'))]
    if (invocation.args.length === 0 && !namesFiles(invocation)) throw noResources()
    if (!limits && !requests)
      throw new KubectlError('you must specify an update to requests or limits (in the form of --requests/--limits)')
    return changePodSpecs(invocation, invocation.args, {
      operation: 'resource requirements updated',
      what: 'resources update',
      apply: (spec) =>
        changeContainers(
          spec,
          flags.string('containers'),
          (container) => ({
            ...container,
            resources: {
              ...container.resources,
              ...(limits ? { limits: { ...container.resources?.limits, ...limits } } : {}),
              ...(requests ? { requests: { ...container.resources?.requests, ...requests } } : {}),
            },
          }),
          () => {
            throw new KubectlError(`unable to find container named ${flags.string('containers')}`)
          },
        ),
    })
  },
}

/** `cpu=100m,memory=256Mi`; undefined for an empty text. */
function parseAmounts(text: string): ResourceList | undefined {
  if (!text) return undefined
  const amounts: ResourceList = {}
  for (const part of text.split(',')) {
    const [name, quantity, ...rest] = part.split('=')
    if (!name || quantity === undefined || rest.length > 0) {
      throw new KubectlError(`Invalid argument syntax ${part}, expected <resource>=<value>`)
    }
    const problem = quantityError(quantity)
    if (problem) throw new KubectlError(problem)
    amounts[name] = quantity
  }
  return amounts
}
