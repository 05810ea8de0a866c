/** Gives every namespace its ServiceAccount `default`. Source: kubernetes/pkg/controller/serviceaccount */
import { namespaces } from '../../api/core/namespace.ts'
import { serviceAccounts } from '../../api/core/service-account.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'

const NAME = 'default'

export const serviceAccountController: ControllerSpec = {
  name: 'serviceaccount-controller',
  serviceAccount: 'service-account-controller',
  watches: [namespaces, serviceAccounts],
  start: startServiceAccountController,
}

function startServiceAccountController({ client, informers, queue: createQueue }: ComponentContext): RunningComponent {
  const namespaceInformer = informers.informer(namespaces)
  const accountInformer = informers.informer(serviceAccounts)
  const queue = createQueue({ name: 'serviceaccount', reconcile })

  function reconcile(name: string): void {
    const namespace = namespaceInformer.get({ namespace: '', name })
    if (!namespace || namespace.status.phase === 'Terminating' || namespace.metadata.deletionTimestamp !== undefined)
      return
    if (accountInformer.get({ namespace: name, name: NAME })) return
    try {
      client.create(serviceAccounts, { metadata: { namespace: name, name: NAME } })
    } catch (error) {
      const isClosing =
        isStatus(error, 'Forbidden') && error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
      if (!isStatus(error, 'AlreadyExists') && !isClosing) throw error
    }
  }

  const listening = createListening(() => queue.stop())
  listening.on(namespaceInformer, {
    onAdd: ({ metadata }) => queue.add(metadata.name),
    onUpdate: ({ metadata }) => queue.add(metadata.name),
  })
  listening.on(accountInformer, {
    onDelete: ({ metadata }) => {
      if (metadata.name === NAME) queue.add(metadata.namespace!)
    },
  })
  return listening
}
