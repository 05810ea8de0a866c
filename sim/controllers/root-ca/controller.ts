/** Publishes the cluster's CA in every namespace, as ConfigMap kube-root-ca.crt. Source: kubernetes/pkg/controller/certificates/rootcacertpublisher */
import { configMaps } from '../../api/core/config-map.ts'
import { namespaces } from '../../api/core/namespace.ts'
import type { ConfigMap } from '../../api/core/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'

const NAME = 'kube-root-ca.crt'

const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

export const rootCaPublisher: ControllerSpec = {
  name: 'root-ca-certificate-publisher-controller',
  serviceAccount: 'root-ca-cert-publisher',
  watches: [namespaces, configMaps],
  start: startRootCaPublisher,
}

function startRootCaPublisher(context: ComponentContext): RunningComponent {
  const { client, informers, queue: createQueue } = context
  const bundle = { 'ca.crt': context.clusterAuthority().certificate }
  const namespaceInformer = informers.informer(namespaces)
  const configMapInformer = informers.informer(configMaps)
  const queue = createQueue({ name: 'root-ca', metricName: 'root_ca_cert_publisher', reconcile })

  function reconcile(name: string): void {
    const namespace = namespaceInformer.get({ namespace: '', name })
    if (namespace?.status.phase === 'Terminating') return
    const known = configMapInformer.get({ namespace: name, name: NAME })
    if (!known) create(name)
    else if (!equalJson(known.data, bundle)) client.update(configMaps, { ...known, data: bundle })
  }

  function create(namespace: string): void {
    const annotations = { 'kubernetes.io/description': DESCRIPTION }
    try {
      client.create(configMaps, { metadata: { namespace, name: NAME, annotations }, data: bundle })
    } catch (error) {
      const isClosing =
        isStatus(error, 'Forbidden') && error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'AlreadyExists') && !isClosing) throw error
    }
  }

  const onChange = ({ metadata }: ConfigMap): void => {
    if (metadata.name === NAME) queue.add(metadata.namespace!)
  }
  const listening = createListening(() => queue.stop())
  listening.on(namespaceInformer, {
    onAdd: ({ metadata }) => queue.add(metadata.name),
    onUpdate: ({ metadata }) => queue.add(metadata.name),
  })
  listening.on(configMapInformer, { onUpdate: onChange, onDelete: onChange })
  return listening
}
