/**
 * A cloud controller manager, as far as Services are concerned: its service controller gives each Service of type LoadBalancer one
 * of the cloud. Source: k8s.io/cloud-provider/controllers/service/controller.go. Simplified: it is no Pod of the cluster, and says
 * nothing about nodes.
 */
import { nodes } from '../../api/core/node.ts'
import { services } from '../../api/core/service.ts'
import type { Node, Service } from '../../api/core/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { ApiServer } from '../../apiserver/api-server.ts'
import { createComponentContext, serviceAccountUser } from '../../component-context.ts'
import type { Network } from '../../network/network.ts'
import { createCloud } from './load-balancers.ts'
import {
  balancedNodes,
  balancerSpecOf,
  FINALIZER,
  hasFinalizer,
  needsCleanup,
  needsUpdate,
  wantsBalancer,
} from './plan.ts'

const MIN_RETRY_MS = 5000
const MAX_RETRY_MS = 300_000

/** What the cloud has done for a Service and the Service has not been told yet. */
type Answer = { made: string } | 'deleted'

/** Starts it; Services of type LoadBalancer get addresses from now on. */
export function installCloudProvider({ server, network }: { server: ApiServer; network: Network }): void {
  const context = createComponentContext(server, {
    user: serviceAccountUser('kube-system', 'service-controller'),
    fieldManager: 'cloud-controller-manager',
  })
  const { client, informers } = context
  const cloud = createCloud(server.engine, network)
  const serviceInformer = informers.informer(services)
  const nodeInformer = informers.informer(nodes)
  const events = context.recorder('service-controller')
  /** Services that have to be looked at. */
  const due = new Set<string>()
  const underway = new Set<string>()
  const answers = new Map<string, Answer>()
  /** The Service that each load balancer was made for. */
  const served = new Map<string, Service>()
  let knownNodes: readonly string[] = []

  const queue = context.queue({
    name: 'service',
    baseDelayMs: MIN_RETRY_MS,
    maxDelayMs: MAX_RETRY_MS,
    reconcile(key) {
      if (underway.has(key)) return
      try {
        const answer = answers.get(key)
        answers.delete(key)
        if (answer) conclude(key, answer)
        if (due.delete(key)) begin(key)
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        due.add(key)
        const service = serviceInformer.get(parseKeyText(key))
        if (service)
          events.event(service, 'Warning', 'SyncLoadBalancerFailed', `Error syncing load balancer: ${error.message}`)
        throw error
      }
    },
  })

  function begin(key: string): void {
    const service = serviceInformer.get(parseKeyText(key))
    if (!service) {
      // It went without its finalizer: what is left in the cloud goes too.
      if (cloud.find(key)) askToDelete(key, served.get(key))
      return
    }
    if (!wantsBalancer(service) || needsCleanup(service)) {
      if (cloud.find(key)) askToDelete(key, service)
      else conclude(key, 'deleted')
      return
    }
    events.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer')
    if (!hasFinalizer(service)) setFinalizers(service, [...(service.metadata.finalizers ?? []), FINALIZER])
    const hosts = balancedNodes(nodeInformer.list())
    if (hosts.length === 0) warnOfNoNodes(service)
    served.set(key, service)
    ask(key, (done) => cloud.ensure(key, balancerSpecOf(service, hosts), (ip) => done({ made: ip })))
  }

  function askToDelete(key: string, service: Service | undefined): void {
    if (service) events.event(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer')
    ask(key, (done) => cloud.delete(key, () => done('deleted')))
  }

  function ask(key: string, request: (done: (answer: Answer) => void) => void): void {
    underway.add(key)
    request((answer) => {
      underway.delete(key)
      answers.set(key, answer)
      queue.add(key)
    })
  }

  function conclude(key: string, answer: Answer): void {
    const service = serviceInformer.get(parseKeyText(key))
    if (answer === 'deleted') {
      if (service && hasFinalizer(service))
        setFinalizers(service, service.metadata.finalizers?.filter((one) => one !== FINALIZER) ?? [])
      const about = service ?? served.get(key)
      if (about) events.event(about, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer')
      served.delete(key)
      if (service) patchStatus(service, {})
      return
    }
    if (!service) {
      due.add(key)
      return
    }
    events.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer')
    patchStatus(service, { ingress: [{ ip: answer.made, ipMode: 'VIP' }] })
  }

  /** Finalizers are set by way of the status, as helpers.PatchService does. */
  function setFinalizers(service: Service, finalizers: readonly string[]): void {
    const metadata = { finalizers: finalizers.length > 0 ? finalizers : null }
    client.patchStatus(services, keyOf(service), 'merge', { metadata })
  }

  function patchStatus(service: Service, loadBalancer: Service['status']['loadBalancer']): void {
    if (equalJson(service.status?.loadBalancer ?? {}, loadBalancer)) return
    const change = loadBalancer.ingress ? loadBalancer : { ingress: null }
    try {
      client.patchStatus(services, keyOf(service), 'merge', { status: { loadBalancer: change } })
    } catch (error) {
      // It may be gone, now that its finalizer is.
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  const warnOfNoNodes = (service: Service): void =>
    events.event(service, 'Warning', 'UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer')

  const enqueue = (service: Service): void => {
    const key = keyText(keyOf(service))
    due.add(key)
    queue.add(key)
  }
  serviceInformer.addHandlers({
    onAdd(service) {
      if (wantsBalancer(service) || needsCleanup(service)) enqueue(service)
    },
    onUpdate(service, old) {
      // What waits for its finalizer to go is being seen to already.
      const isNewlyUnwanted = needsCleanup(service) && !needsCleanup(old)
      if (needsUpdate(old, service) || isNewlyUnwanted) enqueue(service)
    },
    onDelete(service) {
      if (cloud.find(keyText(keyOf(service)))) enqueue(service)
    },
  })

  function onNodes(): void {
    const hosts = balancedNodes(nodeInformer.list())
    if (equalJson(hosts, knownNodes)) return
    knownNodes = hosts
    for (const service of serviceInformer.list()) {
      const key = keyText(keyOf(service))
      if (!wantsBalancer(service) || !cloud.find(key)) continue
      cloud.updateNodes(key, hosts)
      if (hosts.length === 0) warnOfNoNodes(service)
      else events.event(service, 'Normal', 'UpdatedLoadBalancer', 'Updated load balancer with new hosts')
    }
  }
  nodeInformer.addHandlers({
    onAdd: onNodes,
    onUpdate(node: Node, old: Node) {
      if (node.metadata.labels !== old.metadata.labels || node.spec !== old.spec) onNodes()
    },
    onDelete: onNodes,
  })
  informers.start()
}
