/** The kubelet's word about its node: the Node object, its status, its lease. Sources: pkg/kubelet/kubelet_node_status.go, nodestatus/setters.go */
import { leases } from '../api/coordination/lease.ts'
import type { Lease } from '../api/coordination/types.ts'
import { nodes } from '../api/core/node.ts'
import type { Node, Taint } from '../api/core/types.ts'
import { type Condition, findCondition, type ResourceList } from '../api/meta/object.ts'
import { canonicalQuantity, canonicalResources, quantityMillis, quantityValue } from '../api/meta/quantity.ts'
import { StatusError } from '../api/meta/status-error.ts'
import { csiNodes } from '../api/storage/csi-node.ts'
import type { Client } from '../client/client.ts'
import type { EventRecorder } from '../client/machinery.ts'
import { type Engine, microTimestampOf, type Timer } from '../engine/engine.ts'
import { hash32 } from '../engine/random.ts'
import { apiServerIP, apiServerPort } from '../network/address.ts'
import { kernelVersion } from '../runtime/kernel-version.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import type { Pressure } from './eviction.ts'
import type { ImageGarbagePolicy } from './image-garbage.ts'
import { isSameValue } from './same-value.ts'
import { evictionBytes, type Reservation } from './service/reservation.ts'

export interface KubeletNodeShape extends ImageGarbagePolicy {
  /** It runs no programs. */
  hollow?: boolean
  name: string
  /** False for a machine that is no node yet. */
  joined?: boolean
  /** `2` unless told. */
  cpu?: string
  /** `24Gi` unless told. */
  memory?: string
  /** `102399Mi` unless told: one filesystem for images, containers and directories of Pods. */
  disk?: string
  /** 110 unless told. */
  pods?: number
  labels?: Record<string, string>
  taints?: Taint[]
  unschedulable?: boolean
  shutdownGracePeriodSeconds?: number
  shutdownGracePeriodCriticalPodsSeconds?: number
  maxParallelImagePulls?: number
  devices?: Record<string, number>
  /** Volumes that a storage driver attaches at most, by driver. */
  volumeLimits?: Record<string, number>
  /** Processes that it has numbers for; as many as its memory allows unless told. */
  maxPids?: number
  podPidsLimit?: number
  evictionHard?: { 'pid.available'?: string }
}

export interface NodeStatusOptions {
  engine: Engine
  client: Client
  recorder: EventRecorder
  runtime: ContainerRuntime
  shape: KubeletNodeShape
  nodeIP: string
  podCIDR?: string
  version: string
  reserved: Reservation
  hasPressure(pressure: Pressure): boolean
  /** How often the machine was started again. */
  boots(): number
  /** Why the kubelet can't run Pods. */
  problems(): readonly string[]
}

// https://kubernetes.io/docs/reference/node/node-status/#heartbeats
const LEASE_PERIOD_MS = 10_000
const LEASE_SECONDS = 40
const LOOK_MS = 10_000
const REPORT_MS = 300_000
const RETRY_MS = 1000

const DEFAULT_DISK = '102399Mi'

// The kernel's threads-max: an eighth of the memory may go into stacks of 16 KiB.
const THREAD_SHARE_BYTES = 8 * 16 * 1024

const pressureEvents: Readonly<Record<string, readonly [has: string, hasNot: string]>> = {
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
}

/** Extended resources of a node, `example.com/dongle`. */
const extendedOf = (node: Node | undefined): ResourceList =>
  Object.fromEntries(
    Object.entries(node?.status.capacity ?? {}).filter(
      ([name]) => name.includes('/') && !name.startsWith('kubernetes.io/'),
    ),
  )

/** What a machine of that shape has. */
export const capacityOf = ({
  memory = '24Gi',
  disk = DEFAULT_DISK,
  maxPids,
}: KubeletNodeShape): { memoryBytes: number; diskBytes: number; maxPids: number } => ({
  memoryBytes: quantityValue(memory),
  diskBytes: quantityValue(disk),
  maxPids: maxPids ?? Math.floor(quantityValue(memory) / THREAD_SHARE_BYTES),
})

/** An error as net/http words it when there was no answer. */
const asked = (method: string, path: string, { reason, message }: StatusError): string =>
  reason === 'Unreachable' ? `${method} "https://${dialed(message)}${path}": ${message}` : message

/** Which host and port that was, as the reason tells. */
const dialed = (message: string): string =>
  /^dial tcp ([\d.]+:\d+):/.exec(message)?.[1] ?? `${apiServerIP}:${apiServerPort}`

/** What a machine has for Pods and for all else. */
export const machineResources = ({
  cpu = '2',
  memory = '24Gi',
}: KubeletNodeShape): { cpu: string; memory: string } => ({
  cpu,
  memory,
})

const resourcesOfNode = (shape: KubeletNodeShape): ResourceList =>
  canonicalResources({
    cpu: shape.cpu ?? '2',
    'ephemeral-storage': shape.disk ?? DEFAULT_DISK,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: `${Math.floor(quantityValue(shape.memory ?? '24Gi') / 1024)}Ki`,
    pods: String(shape.pods ?? 110),
    ...Object.fromEntries(Object.entries(shape.devices ?? {}).map(([name, count]) => [name, String(count)])),
  })

export class NodeStatusReporter {
  private readonly options: NodeStatusOptions
  private timers: (Timer | undefined)[] = []
  private isRunning = false
  /** Registering belongs to the start: a Node that somebody deletes later does not come back by itself. */
  private isRegistered = false
  private startedMs = 0
  private lookTimer: Timer | undefined
  private leaseTimer: Timer | undefined
  private reportTimer: Timer | undefined
  private lease: Lease | undefined

  private readonly capacity: ResourceList
  /** What Pods may use of it. */
  readonly allocatable: ResourceList

  constructor(options: NodeStatusOptions) {
    this.options = options
    this.capacity = resourcesOfNode(options.shape)
    const { reserved } = options
    const capacityBytes = quantityValue(this.capacity.memory)
    const memoryBytes = capacityBytes - reserved.memoryBytes - evictionBytes(reserved, capacityBytes)
    this.allocatable = {
      ...this.capacity,
      cpu: canonicalQuantity(`${quantityMillis(this.capacity.cpu) - reserved.cpuMillis}m`),
      memory: canonicalQuantity(`${Math.floor(memoryBytes / 1024)}Ki`),
    }
  }

  /** Registers the node, or takes over the object that there is, and begins to report. */
  start(): void {
    const { engine } = this.options
    this.isRunning = true
    this.isRegistered = false
    this.startedMs = engine.nowMs
    this.register()
    this.renewLease()
  }

  stop(): void {
    this.isRunning = false
    const { engine } = this.options
    for (const timer of [this.lookTimer, this.leaseTimer, this.reportTimer, ...this.timers]) engine.cancel(timer)
    this.timers = []
    this.lookTimer = undefined
    this.leaseTimer = undefined
    this.reportTimer = undefined
    this.lease = undefined
  }

  /** Something in the status changed (a new image): it is written at the next look, ten seconds apart. */
  changed(): void {
    const { engine } = this.options
    if (!this.isRunning || this.lookTimer) return
    const looks = Math.floor((engine.nowMs - this.startedMs) / LOOK_MS) + 1
    this.lookTimer = engine.at(
      this.startedMs + looks * LOOK_MS,
      'node status',
      () => {
        this.lookTimer = undefined
        this.report()
      },
      { background: true },
    )
  }

  /**
   * Looks at the node as somebody else left it. What they wrote of what is its own to tell does not stay: that it is silent, another release. A
   * capacity that is new becomes allocatable. Source: nodeStatusHasChanged in pkg/kubelet/kubelet_node_status.go
   */
  observe(node: Node): void {
    const { status } = node
    const own = this.makeStatus(node)
    const fields = ['addresses', 'allocatable', 'capacity', 'daemonEndpoints', 'features', 'nodeInfo'] as const
    const isSameCondition = ({ type, status: value, reason, message }: Condition): boolean => {
      const there = findCondition(status.conditions, type)
      return there?.status === value && there.reason === reason && there.message === message
    }
    if (fields.every((field) => isSameValue(status[field], own[field])) && own.conditions!.every(isSameCondition))
      return
    this.changed()
  }

  /** Writes the status at once. */
  reportNow(): void {
    this.report()
  }

  private register(): void {
    const { client, shape, podCIDR, engine } = this.options
    const { journal } = this.options.runtime
    journal.info('kubelet_node_status.go:75', 'Attempting to register node', { node: shape.name })
    try {
      const found = client.find(nodes, { namespace: '', name: shape.name })
      if (found) this.report()
      else {
        const labels = {
          'beta.kubernetes.io/arch': 'amd64',
          'beta.kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'kubernetes.io/hostname': shape.name,
          'kubernetes.io/os': 'linux',
          ...shape.labels,
        }
        client.create(nodes, {
          metadata: {
            name: shape.name,
            labels,
            annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
          },
          spec: {
            ...(podCIDR ? { podCIDR, podCIDRs: [podCIDR] } : {}),
            ...(shape.taints?.length ? { taints: shape.taints } : {}),
            ...(shape.unschedulable ? { unschedulable: true } : {}),
          },
          status: this.makeStatus(undefined),
        })
        this.scheduleReport()
      }
      this.registerDrivers()
      if (found) journal.info('kubelet_node_status.go:124', 'Node was previously registered', { node: shape.name })
      journal.info('kubelet_node_status.go:78', 'Successfully registered node', { node: shape.name })
      this.isRegistered = true
      this.announce()
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      const err = asked('Post', '/api/v1/nodes', error)
      journal.error('kubelet_node_status.go:107', 'Unable to register node with API server', err, { node: shape.name })
      this.timers.push(engine.after(RETRY_MS, 'register node', () => this.register(), { background: true }))
    } finally {
      client.takeChargedMs?.()
    }
  }

  /** The storage drivers of the node, once. Source: kubernetes/pkg/volume/csi/nodeinfomanager */
  private registerDrivers(): void {
    const { client, shape } = this.options
    if (client.find(csiNodes, { namespace: '', name: shape.name })) return
    const { uid } = client.get(nodes, { namespace: '', name: shape.name }).metadata
    const drivers = Object.entries(shape.volumeLimits ?? {}).map(([name, count]) => ({
      name,
      nodeID: shape.name,
      topologyKeys: null,
      allocatable: { count },
    }))
    client.create(csiNodes, {
      metadata: { name: shape.name, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: shape.name, uid }] },
      spec: { drivers: drivers.length > 0 ? drivers : null },
    })
  }

  /** What a kubelet tells of its node when it starts, as if it saw it for the first time. */
  private announce(): void {
    const { client, shape, recorder } = this.options
    const self = client.get(nodes, { namespace: '', name: shape.name })
    recorder.event(self, 'Normal', 'Starting', 'Starting kubelet.')
    for (const [type, [has, hasNot]] of Object.entries(pressureEvents)) {
      const reason = findCondition(self.status.conditions, type)?.status === 'True' ? has : hasNot
      recorder.event(self, 'Normal', reason, `Node ${shape.name} status is now: ${reason}`)
    }
    recorder.event(self, 'Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods')
  }

  private scheduleReport(): void {
    const { engine } = this.options
    engine.cancel(this.reportTimer)
    this.reportTimer = engine.after(REPORT_MS, 'node status', () => this.report(), { background: true })
  }

  private report(): void {
    if (!this.isRunning) return
    const { client, shape, recorder } = this.options
    const { journal } = this.options.runtime
    try {
      const current = client.find(nodes, { namespace: '', name: shape.name })
      if (!current) {
        if (this.isRegistered) this.scheduleReport()
        else this.register()
        return
      }
      const status = this.makeStatus(current)
      const wasReady = current.status.conditions?.find((c) => c.type === 'Ready')?.status === 'True'
      if (!isSameValue(current.status, status)) client.updateStatus(nodes, { ...current, status })
      const { bootID } = status.nodeInfo ?? {}
      const oldBootID = current.status.nodeInfo?.bootID
      if (bootID && oldBootID && oldBootID !== bootID)
        recorder.event(current, 'Warning', 'Rebooted', `Node ${shape.name} has been rebooted, boot id: ${bootID}`)
      for (const [type, words] of Object.entries(pressureEvents)) {
        const was = findCondition(current.status.conditions, type)?.status
        const is = findCondition(status.conditions, type)?.status
        if (was === is || was === 'Unknown') continue
        const reason = words[is === 'True' ? 0 : 1]
        recorder.event(current, 'Normal', reason, `Node ${shape.name} status is now: ${reason}`)
      }
      const isReady = findCondition(status.conditions, 'Ready')?.status === 'True'
      if (wasReady && !isReady)
        recorder.event(current, 'Normal', 'NodeNotReady', `Node ${shape.name} status is now: NodeNotReady`)
      const ready = findCondition(status.conditions, 'Ready')
      if (wasReady && !isReady)
        journal.info('setters.go:552', 'Node became not ready', {
          node: shape.name,
          condition: { struct: ready ?? {} },
        })
      if (!wasReady && isReady)
        recorder.event(current, 'Normal', 'NodeReady', `Node ${shape.name} status is now: NodeReady`)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      journal.error(
        'kubelet_node_status.go:474',
        'Error updating node status, will retry',
        `error getting node ${JSON.stringify(shape.name)}: ${asked('Get', `/api/v1/nodes/${shape.name}?resourceVersion=0&timeout=10s`, error)}`,
      )
      this.changed()
    } finally {
      client.takeChargedMs?.()
    }
    this.scheduleReport()
  }

  private makeStatus(current: Node | undefined): Node['status'] {
    const { engine, shape, nodeIP, runtime, version, hasPressure } = this.options
    const now = engine.timestamp()
    const problems = this.options.problems()
    const condition = (type: string, status: 'True' | 'False', reason: string, message: string): Condition => {
      const old = current?.status.conditions?.find((c) => c.type === type)
      return {
        type,
        status,
        lastHeartbeatTime: now,
        lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
        reason,
        message,
      }
    }
    const id = (salt: string): string =>
      [0, 1, 2, 3].map((i) => hash32(`${i}${salt}${shape.name}${engine.seed}`).toString(16).padStart(8, '0')).join('')
    const own = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']
    return {
      ...current?.status,
      // What somebody else wrote of further resources is theirs, and allocatable as it stands.
      capacity: { ...extendedOf(current), ...this.capacity },
      allocatable: { ...extendedOf(current), ...this.allocatable },
      conditions: [
        ...(current?.status.conditions ?? []).filter((c) => !own.includes(c.type)),
        hasPressure('MemoryPressure')
          ? condition(
              'MemoryPressure',
              'True',
              'KubeletHasInsufficientMemory',
              `kubelet has insufficient memory available`,
            )
          : condition(
              'MemoryPressure',
              'False',
              'KubeletHasSufficientMemory',
              'kubelet has sufficient memory available',
            ),
        hasPressure('DiskPressure')
          ? condition('DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure')
          : condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        hasPressure('PIDPressure')
          ? condition('PIDPressure', 'True', 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available')
          : condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        problems.length === 0
          ? condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
          : condition(
              'Ready',
              'False',
              'KubeletNotReady',
              problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`,
            ),
      ],
      addresses: [
        { type: 'InternalIP', address: nodeIP },
        { type: 'Hostname', address: shape.name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      features: { supplementalGroupsPolicy: true },
      nodeInfo: {
        machineID: id('machine'),
        systemUUID: id('system').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
        bootID: id(`boot${this.options.boots() || ''}`).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
        kernelVersion,
        osImage: 'Debian GNU/Linux 13 (trixie)',
        containerRuntimeVersion: 'containerd://2.2.0',
        kubeletVersion: version,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
      // nodeStatusMaxImages
      images: runtime.images.list().slice(0, 50),
    }
  }

  private renewLease(): void {
    if (!this.isRunning) return
    const { engine, client, shape } = this.options
    const renewTime = microTimestampOf(engine.epochMs)
    try {
      // The lease as this kubelet last wrote it; read anew only when somebody else did.
      const known = this.lease ?? client.find(leases, { namespace: 'kube-node-lease', name: shape.name })
      this.lease = known
        ? client.update(leases, { ...known, spec: { ...known.spec, holderIdentity: shape.name, renewTime } })
        : this.createLease(renewTime)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      const { journal } = this.options.runtime
      const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${shape.name}?timeout=10s`
      if (this.lease) journal.error('controller.go:195', 'Failed to update lease', asked('Put', path, error))
      else
        journal.error('controller.go:145', 'Failed to ensure lease exists, will retry', asked('Get', path, error), {
          interval: '10s',
        })
      this.lease = undefined
    } finally {
      client.takeChargedMs?.()
    }
    this.leaseTimer = engine.after(LEASE_PERIOD_MS, 'node lease', this.renew, { background: true })
  }

  private readonly renew = (): void => this.renewLease()

  private createLease(renewTime: string): Lease | undefined {
    const { client, shape } = this.options
    const { name } = shape
    const node = client.find(nodes, { namespace: '', name })
    // Without a Node to belong to, the Lease would be left behind.
    if (!node) return undefined
    const owner = { apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }
    return client.create(leases, {
      metadata: { namespace: 'kube-node-lease', name, ownerReferences: [owner] },
      spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime },
    })
  }
}
