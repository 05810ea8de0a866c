/**
 * Registers the versions that definitions of custom resources bring, as the API server itself does.
 * Source: kubernetes/pkg/controlplane/controller/crdregistration, k8s.io/kube-aggregator/pkg/controllers/autoregister
 */
import { customResourceDefinitions } from '../../api/apiextensions/custom-resource-definition.ts'
import { type CustomResourceDefinition, isTrue } from '../../api/apiextensions/types.ts'
import { apiServices } from '../../api/apiregistration/api-service.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { ComponentContext, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'

const MANAGED = 'kube-aggregator.kubernetes.io/automanaged'

export function startRegistration({ client, informers, queue: createQueue }: ComponentContext): RunningComponent {
  const definitions = informers.informer(customResourceDefinitions)
  const registered = informers.informer(apiServices)
  const queue = createQueue({ name: 'autoregister', reconcile })

  /** @param name `v1.example.com` */
  function reconcile(name: string): void {
    const dot = name.indexOf('.')
    const [version, group] = [name.slice(0, dot), name.slice(dot + 1)]
    const isWanted = definitions.list().some((definition) => brings(definition, group, version))
    const known = registered.get({ namespace: '', name })
    try {
      if (isWanted && !known)
        client.create(apiServices, {
          metadata: { name, labels: { [MANAGED]: 'true' } },
          spec: { group, groupPriorityMinimum: 1000, version, versionPriority: 100 },
          status: {},
        })
      else if (!isWanted && known?.metadata.labels?.[MANAGED] === 'true')
        client.delete(apiServices, { namespace: '', name })
    } catch (error) {
      // Somebody was faster.
      if (!isStatus(error, 'AlreadyExists') && !isStatus(error, 'NotFound')) throw error
    }
  }

  const enqueue = ({ spec }: CustomResourceDefinition): void => {
    for (const { name } of spec.versions) queue.add(`${name}.${spec.group}`)
  }
  const listening = createListening(() => queue.stop())
  listening.on(definitions, {
    onAdd: enqueue,
    onUpdate(definition, old) {
      enqueue(old)
      enqueue(definition)
    },
    onDelete: enqueue,
  })
  return listening
}

const brings = (definition: CustomResourceDefinition, group: string, version: string): boolean =>
  definition.spec.group === group &&
  isTrue(definition, 'Established') &&
  definition.spec.versions.some(({ name, served }) => served && name === version)
