/** An API server with all controllers, and hollow nodes on which every Pod starts in a second and stops in another. */
import { deployments } from '../../sim/api/apps/deployment.ts'
import { replicaSets } from '../../sim/api/apps/replica-set.ts'
import type { ReplicaSet } from '../../sim/api/apps/types.ts'
import { leases } from '../../sim/api/coordination/lease.ts'
import { events as eventKind } from '../../sim/api/core/event.ts'
import { namespaces } from '../../sim/api/core/namespace.ts'
import { nodes } from '../../sim/api/core/node.ts'
import { pods } from '../../sim/api/core/pod.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { Condition } from '../../sim/api/meta/object.ts'
import { keyOf } from '../../sim/api/meta/object.ts'
import { StatusError } from '../../sim/api/meta/status-error.ts'
import { ApiServer } from '../../sim/apiserver/api-server.ts'
import { bootstrap } from '../../sim/apiserver/bootstrap.ts'
import { createClient } from '../../sim/apiserver/client.ts'
import type { Client } from '../../sim/client/client.ts'
import type { ControllerSpec, RunningComponent } from '../../sim/client/machinery.ts'
import { adminUser, createComponentContext, serviceAccountUser } from '../../sim/component-context.ts'
import { controllers } from '../../sim/controllers/registry.ts'
import { Engine } from '../../sim/engine/engine.ts'

export interface ControlledCluster {
  engine: Engine
  client: Client
  /** Stops that controller, or all; `start` brings back what was stopped, with empty caches. */
  stop(name?: string): void
  start(): void
  /** A node that no longer answers. */
  silence(node: string): void
  wake(node: string): void
  /** Keeps Pods of this image from ever becoming ready. */
  readonly brokenImages: Set<string>
  runFor(ms: number): void
  eventTexts(name?: string): string[]
}

/** @param nodeCount the Pods go to them in turn */
export function startControlled(options: { nodeCount?: number; seed?: string } = {}): ControlledCluster {
  const engine = new Engine({ seed: options.seed ?? 'test', startEpochMs: Date.UTC(2026, 0, 1) })
  const server = new ApiServer({ engine, strict: true })
  const client = createClient(server, { user: adminUser, fieldManager: 'test' })
  bootstrap(server, client, '172.18.0.2')
  const running = new Map<string, RunningComponent>()

  const startOne = (spec: ControllerSpec): void => {
    const user = serviceAccountUser('kube-system', spec.serviceAccount)
    const context = createComponentContext(server, { user, fieldManager: 'kube-controller-manager' })
    const component = spec.start(context)
    context.informers.start()
    running.set(spec.name, {
      stop() {
        component.stop()
        context.informers.stop()
      },
    })
  }
  const start = (): void => {
    for (const spec of controllers) if (!running.has(spec.name)) startOne(spec)
  }
  start()

  const silent = new Set<string>()
  const brokenImages = new Set<string>()
  const nodeNames = Array.from({ length: options.nodeCount ?? 2 }, (_, i) => `node-${i + 1}`)
  for (const name of nodeNames) startNode(engine, client, name, silent)
  startHollowNodes(engine, server, nodeNames, silent, brokenImages)
  client.create(namespaces, { metadata: { name: 'ns' }, spec: {} })
  engine.runUntil(1000)

  return {
    engine,
    client,
    brokenImages,
    start,
    stop(name) {
      for (const [key, component] of running) {
        if (name !== undefined && key !== name) continue
        component.stop()
        running.delete(key)
      }
    },
    silence: (node) => void silent.add(node),
    wake: (node) => void silent.delete(node),
    runFor: (ms) => engine.runUntil(engine.nowMs + ms),
    eventTexts: (name) =>
      client
        .list(eventKind)
        .items.filter((event) => name === undefined || event.involvedObject.name === name)
        .toSorted((a, b) => (a.metadata.name.slice(-16) < b.metadata.name.slice(-16) ? -1 : 1))
        .map((event) => `${event.type} ${event.reason} ${event.message}`),
  }
}

function startNode(engine: Engine, client: Client, name: string, silent: ReadonlySet<string>): void {
  const now = engine.timestamp()
  const node = client.create(nodes, { metadata: { name }, spec: {} })
  const ready: Condition = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  }
  client.updateStatus(nodes, { ...node, status: { conditions: [ready] } })
  client.create(leases, {
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { holderIdentity: name, renewTime: `${now.slice(0, -1)}.000000Z` },
  })
  const beat = (): void => {
    engine.after(10_000, 'lease', beat, { background: true })
    if (silent.has(name)) return
    const renewTime = `${engine.timestamp().slice(0, -1)}.000000Z`
    client.patch(leases, { namespace: 'kube-node-lease', name }, 'merge', { spec: { renewTime } })
    const current = client.get(nodes, { namespace: '', name })
    if (current.status.conditions?.some(({ type, status }) => type === 'Ready' && status !== 'True')) {
      const conditions = [{ ...ready, lastHeartbeatTime: engine.timestamp(), lastTransitionTime: engine.timestamp() }]
      client.updateStatus(nodes, { ...current, status: { ...current.status, conditions } })
    }
  }
  engine.after(10_000, 'lease', beat, { background: true })
}

function startHollowNodes(
  engine: Engine,
  server: ApiServer,
  names: readonly string[],
  silent: ReadonlySet<string>,
  brokenImages: ReadonlySet<string>,
): void {
  const context = createComponentContext(server, { user: adminUser, fieldManager: 'kubelet' })
  const { client } = context
  let placed = 0
  const place = (pod: Pod): void => {
    const target = { kind: 'Node', name: names[placed++ % names.length] }
    engine.after(5, 'place', () =>
      ignoreRefusal(() => client.createSubresource(pods, keyOf(pod), 'binding', { target })),
    )
  }
  const run = (pod: Pod): void => {
    const isBroken = brokenImages.has(pod.spec.containers[0].image)
    engine.after(1000, 'pod starts', () =>
      ignoreRefusal(() => {
        const current = client.get(pods, keyOf(pod))
        if (
          current.metadata.uid !== pod.metadata.uid ||
          current.metadata.deletionTimestamp ||
          silent.has(current.spec.nodeName ?? '')
        )
          return
        const condition: Condition = {
          type: 'Ready',
          status: isBroken ? 'False' : 'True',
          lastTransitionTime: engine.timestamp(),
        }
        const podIP = `10.244.0.${(placed % 250) + 1}`
        const status: Pod['status'] = {
          ...current.status,
          phase: isBroken ? 'Pending' : 'Running',
          podIP,
          conditions: [condition],
        }
        client.updateStatus(pods, { ...current, status })
      }),
    )
  }
  const end = (pod: Pod): void => {
    engine.after(1000, 'pod stops', () => {
      if (silent.has(pod.spec.nodeName ?? '')) return
      ignoreRefusal(() =>
        client.delete(pods, keyOf(pod), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } }),
      )
    })
  }
  const informer = context.informers.informer(pods)
  informer.addHandlers({
    onAdd: (pod) => (pod.spec.nodeName ? run(pod) : place(pod)),
    onUpdate(pod, old) {
      if (pod.spec.nodeName && !old.spec.nodeName) run(pod)
      if (pod.metadata.deletionTimestamp && !old.metadata.deletionTimestamp) end(pod)
    },
  })
  context.informers.start()
}

function ignoreRefusal(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
  }
}

export const podTemplate = (labels: Record<string, string>, image = 'nginx:1.25') => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image }] },
})

export const createDeployment = (client: Client, name: string, replicas: number, more: Record<string, unknown> = {}) =>
  client.create(deployments, {
    metadata: { name, namespace: 'ns' },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: podTemplate({ app: name }), ...more },
  })

export const setImage = (client: Client, name: string, image: string) =>
  client.patch(deployments, { namespace: 'ns', name }, 'strategic', {
    spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
  })

export const getDeployment = (client: Client, name: string) => client.get(deployments, { namespace: 'ns', name })

/** `desired/current/ready/available` of each ReplicaSet by image, oldest first. */
export const setSizes = (client: Client): string[] =>
  client
    .list(replicaSets, { namespace: 'ns' })
    .items.toSorted((a: ReplicaSet, b: ReplicaSet) => Number(revision(a)) - Number(revision(b)))
    .map((set) => {
      const { replicas, readyReplicas = 0, availableReplicas = 0 } = set.status
      return `${set.spec.template.spec.containers[0].image} ${set.spec.replicas}/${replicas}/${readyReplicas}/${availableReplicas}`
    })

const revision = (set: ReplicaSet): string => set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? '0'
