/**
 * Devices by claim on a node: the claims of a Pod are prepared by their drivers before its containers start, and given back after they have
 * ended. Drivers are plugins of this kubelet; slices of one that is away for half a minute are deleted.
 * Sources: pkg/kubelet/cm/dra/manager.go, claiminfo.go, plugin/dra_plugin_manager.go
 */
import type { Container, ContainerStatus, Pod } from '../api/core/pod-types.ts'
import { isRecord } from '../api/meta/json.ts'
import { StatusError } from '../api/meta/status-error.ts'
import { claimNameOf, isMadeFor, isReservedFor } from '../api/resource/pod-claims.ts'
import { resourceClaims } from '../api/resource/resource-claim.ts'
import { resourceSlices } from '../api/resource/resource-slice.ts'
import type { ResourceClaim } from '../api/resource/types.ts'
import type { Client } from '../client/client.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import type { FileSystem, Listener, RpcResult } from '../runtime/files.ts'
import type { PluginHandler, PluginInfo } from './plugin-manager.ts'
import { type Routine, runRoutine } from './routine.ts'
import { callSocket } from './sockets.ts'

/** How long a driver may take for a call. */
const CALL_TIMEOUT_MS = 45_000
/** How long a driver may be away before its slices are deleted: defaultWipingDelay. */
const WIPING_DELAY_MS = 30_000
const WIPING_RETRY_MS = 1000
const MOST_WIPING_RETRY_MS = 300_000
/** How often claims are given back whose Pods the kubelet does not know any more: defaultReconcilePeriod. */
const RECONCILE_MS = 60_000
/** In order of preference. */
const SERVICES: readonly string[] = ['v1.DRAPlugin', 'v1beta1.DRAPlugin']

/** A device as its driver prepared it. */
interface PreparedDevice {
  readonly poolName: string
  readonly deviceName: string
  readonly requestNames: readonly string[]
  /** By which the container runtime finds what belongs to it: `k8s.gpu.example.com/gpu=UID-gpu-0`. */
  readonly cdiDeviceIDs: readonly string[]
}

interface ClaimInfo {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly devices: Map<string, PreparedDevice[]>
  /** The uids of those that use it. */
  readonly pods: Set<string>
  isPrepared: boolean
}

/** What is prepared on a node, by namespace and name of the claim. It outlives the kubelet's process, as dra_manager_state does. */
export type PreparedClaims = Map<string, ClaimInfo>

interface Driver {
  readonly plugin: PluginInfo
  /** Undefined where nobody listens. */
  readonly listener: Listener | undefined
}

export interface DynamicResourcesOptions {
  engine: Engine
  client: Client
  node: string
  files: FileSystem
  prepared: PreparedClaims
  /** Whether a Pod still runs, or ends, on this node. */
  isActive(podUid: string): boolean
}

/** What workers ask for the devices of their Pods. */
export interface PodDevices {
  /** Has the Pod's claims prepared. @returns why that failed */
  prepare(pod: Pod): Routine<string | undefined>
  /** Gives them back. @returns why that failed */
  unprepare(pod: Pod): Routine<string | undefined>
  /** The names by which the container runtime finds the container's devices. */
  cdiDevicesOf(pod: Pod, container: Container): readonly string[]
  /** What the container's status says of them. */
  healthOf(pod: Pod, container: Container): Pick<ContainerStatus, 'allocatedResourcesStatus'>
}

/** Those of a hollow node, which prepares nothing. Source: pkg/kubelet/cm/container_manager_stub.go */
export const noDevices: PodDevices = {
  // biome-ignore lint/correctness/useYield: there is nothing to wait for
  *prepare() {
    return undefined
  },
  // biome-ignore lint/correctness/useYield: there is nothing to wait for
  *unprepare() {
    return undefined
  },
  cdiDevicesOf: () => [],
  healthOf: () => ({}),
}

export class DynamicResources implements PodDevices, PluginHandler {
  private readonly options: DynamicResourcesOptions
  /** By name, in the order in which they came. */
  private readonly drivers = new Map<string, Driver[]>()
  private readonly wipes = new Map<string, Timer>()
  private readonly retries = new Set<Timer>()
  private reconcileTimer: Timer | undefined
  private isStopped = false

  constructor(options: DynamicResourcesOptions) {
    this.options = options
    // After a restart a claim is prepared once more: a driver is asked for that again. Source: newClaimInfoFromState
    for (const info of options.prepared.values()) info.isPrepared = false
    // None of the drivers is there yet: nothing of this node is on offer until they are.
    this.wipe('', WIPING_RETRY_MS)
    if (options.prepared.size > 0) this.reconcileLater()
  }

  stop(): void {
    this.isStopped = true
    const { engine } = this.options
    for (const timer of [...this.retries, ...this.wipes.values(), this.reconcileTimer]) engine.cancel(timer)
  }

  // ---------- drivers ----------

  refuse({ name, endpoint, supportedVersions }: PluginInfo): string | undefined {
    const invalid = `invalid supported gRPC versions of DRA driver plugin ${name} at endpoint ${endpoint}:`
    if (supportedVersions.length === 0)
      return `${invalid} empty list of supported gRPC services (aka supported versions)`
    if (supportedVersions.some((version) => SERVICES.includes(version))) return undefined
    const listed = (services: readonly string[]): string => `[${services.map((one) => JSON.stringify(one)).join(' ')}]`
    return `${invalid} none of services supported by the plugin (${listed(supportedVersions)}) are supported by the kubelet (${listed(SERVICES)})`
  }

  register(plugin: PluginInfo): void {
    const listener = this.listenerAt(plugin.endpoint)
    const driver = { plugin, listener }
    this.drivers.set(plugin.name, [...(this.drivers.get(plugin.name) ?? []), driver])
    if (listener?.server) listener.onClose.add(() => this.look(plugin.name))
    this.look(plugin.name)
  }

  deregister({ name, endpoint }: PluginInfo): void {
    const left = (this.drivers.get(name) ?? []).filter(({ plugin }) => plugin.endpoint !== endpoint)
    if (left.length > 0) this.drivers.set(name, left)
    else this.drivers.delete(name)
    this.look(name)
  }

  /** The newest of them, that is there if one is. */
  private driverNamed(name: string): Driver | undefined {
    const all = this.drivers.get(name) ?? []
    return all.findLast(({ listener }) => listener?.server) ?? all.at(-1)
  }

  private listenerAt(path: string): Listener | undefined {
    const { files } = this.options
    return files.exists(path) && files.stat(path).type === 'socket' ? files.listenerAt(path) : undefined
  }

  /** Slices of a driver that is not there are deleted after a while, unless it comes back. */
  private look(name: string): void {
    const { engine } = this.options
    if (this.isStopped) return
    const pending = this.wipes.get(name)
    if (this.driverNamed(name)?.listener?.server) {
      engine.cancel(pending)
      this.wipes.delete(name)
      return
    }
    if (pending) return
    const wipe = (): void => {
      this.wipes.delete(name)
      this.wipe(name, WIPING_RETRY_MS)
    }
    this.wipes.set(name, engine.after(WIPING_DELAY_MS, 'delete ResourceSlices', wipe, { background: true }))
  }

  /** @param driver '' for all */
  private wipe(driver: string, retryMs: number): void {
    const { client, node } = this.options
    const fieldSelector = `spec.nodeName=${node}${driver ? `,spec.driver=${driver}` : ''}`
    const done = this.ask(() => client.deleteCollection(resourceSlices, { fieldSelector }))
    if ('value' in done) return
    const nextMs = Math.min(retryMs * 2, MOST_WIPING_RETRY_MS)
    const again = (): void => {
      this.retries.delete(timer)
      this.wipe(driver, nextMs)
    }
    const timer: Timer = this.options.engine.after(retryMs, 'delete ResourceSlices', again, { background: true })
    this.retries.add(timer)
  }

  // ---------- claims ----------

  *prepare(pod: Pod): Routine<string | undefined> {
    const failure = yield* this.prepareClaims(pod)
    return failure === undefined ? undefined : `prepare dynamic resources: ${failure}`
  }

  private *prepareClaims(pod: Pod): Routine<string | undefined> {
    const { prepared } = this.options
    const found: ClaimInfo[] = []
    // Nothing is noted before all of it is known to be there: a Pod that fails here can be deleted without any driver.
    for (const podClaim of pod.spec.resourceClaims ?? []) {
      const name = this.claimOf(pod, podClaim.name)
      if ('error' in name) return name.error
      if (name.claim === undefined) continue
      const claim = this.allowed(pod, name.claim, podClaim.resourceClaimTemplateName !== undefined)
      if ('error' in claim) return claim.error
      const info = infoOf(claim.value)
      if (!info) return `ResourceClaim ${name.claim}: not allocated`
      for (const driver of info.devices.keys())
        if (!this.driverNamed(driver)) return `DRA driver ${driver} is not registered`
      found.push(info)
    }
    const wanted: ClaimInfo[] = []
    for (const fresh of found) {
      const key = keyOf(fresh)
      const info = prepared.get(key) ?? fresh
      if (info.uid !== fresh.uid)
        return `old ResourceClaim with same name ${fresh.name} and different UID ${info.uid} still exists (previous pod force-deleted?!)`
      prepared.set(key, info)
      info.pods.add(pod.metadata.uid)
      if (!info.isPrepared) wanted.push(info)
    }
    if (found.length > 0) this.reconcileLater()
    for (const [driver, claims] of byDriver(wanted)) {
      const answer = yield* this.call(driver, 'NodePrepareResources', claims)
      if ('error' in answer) return answer.error
      for (const info of claims) {
        const devices = answer.results.get(info.uid)?.devices
        info.devices.set(driver, Array.isArray(devices) ? devices.map(deviceOf) : [])
      }
    }
    for (const info of wanted) info.isPrepared = true
    return undefined
  }

  *unprepare(pod: Pod): Routine<string | undefined> {
    const names: string[] = []
    for (const { name } of pod.spec.resourceClaims ?? []) {
      const known = this.claimOf(pod, name)
      if ('error' in known) return `unprepare dynamic resources: ${known.error}`
      if (known.claim !== undefined) names.push(known.claim)
    }
    const failure = yield* this.giveBack(pod.metadata.uid, pod.metadata.namespace ?? '', names)
    return failure === undefined ? undefined : `unprepare dynamic resources: ${failure}`
  }

  private *giveBack(podUid: string, namespace: string, names: readonly string[]): Routine<string | undefined> {
    const { prepared } = this.options
    const last: ClaimInfo[] = []
    for (const name of names) {
      const info = prepared.get(keyOf({ namespace, name }))
      if (!info) continue
      // Others use it still.
      if (info.pods.size > 1) info.pods.delete(podUid)
      else last.push(info)
    }
    for (const [driver, claims] of byDriver(last)) {
      if (!this.driverNamed(driver)) return `DRA driver ${driver} is not registered`
      const answer = yield* this.call(driver, 'NodeUnprepareResources', claims)
      if ('error' in answer) return answer.error
    }
    for (const info of last) prepared.delete(keyOf(info))
    return undefined
  }

  /** Source: reconcileLoop */
  private reconcileLater(): void {
    const { engine, prepared, isActive } = this.options
    if (this.reconcileTimer) return
    const reconcile = (): void => {
      this.reconcileTimer = undefined
      for (const { pods, namespace, name } of [...prepared.values()])
        for (const uid of pods) if (!isActive(uid)) runRoutine(this.giveBack(uid, namespace, [name]), () => undefined)
      if (prepared.size > 0) this.reconcileLater()
    }
    this.reconcileTimer = engine.after(RECONCILE_MS, 'DRA reconcile', reconcile, { background: true })
  }

  /** @returns the results by the uid of their claim; without one that failed */
  private *call(
    driver: string,
    method: string,
    claims: readonly ClaimInfo[],
  ): Routine<{ results: ReadonlyMap<string, Record<string, unknown>> } | { error: string }> {
    const { engine, files } = this.options
    const endpoint = this.driverNamed(driver)?.plugin.endpoint ?? ''
    const request = { claims: claims.map(({ namespace, uid, name }) => ({ namespace, uid, name })) }
    const answer = (yield callSocket(engine, files, endpoint, {
      method,
      request,
      timeoutMs: CALL_TIMEOUT_MS,
    })) as RpcResult
    if ('error' in answer) return { error: `${method}: ${answer.error}` }
    const given = isRecord(answer.value) && isRecord(answer.value.claims) ? answer.value.claims : {}
    const results = new Map<string, Record<string, unknown>>()
    for (const [uid, result] of Object.entries(given)) {
      const claim = claims.find((one) => one.uid === uid)
      if (!claim) return { error: `${method} returned result for unknown claim UID ${uid}` }
      if (!isRecord(result)) continue
      if (result.error) return { error: `${method} failed for ResourceClaim ${claim.name}: ${result.error}` }
      results.set(uid, result)
    }
    if (results.size < claims.length)
      return { error: `${method} skipped ${claims.length - results.size} ResourceClaims` }
    return { results }
  }

  /** Source: resourceclaim.Name */
  private claimOf(pod: Pod, name: string): { claim: string | undefined } | { error: string } {
    const podClaim = pod.spec.resourceClaims?.find((one) => one.name === name)
    const status = pod.status.resourceClaimStatuses?.find((one) => one.name === name)
    if (!podClaim || podClaim.resourceClaimTemplateName === undefined)
      return { claim: podClaim && claimNameOf(pod, podClaim) }
    if (!status) return { error: `pod "${pod.metadata.namespace}/${pod.metadata.name}": ResourceClaim not created yet` }
    return { claim: status.resourceClaimName }
  }

  /** The claim as the API has it, if the Pod may use it. */
  private allowed(pod: Pod, name: string, isOwn: boolean): { value: ResourceClaim } | { error: string } {
    const { client } = this.options
    const { namespace = '', name: podName, uid } = pod.metadata
    const asked = this.ask(() => client.get(resourceClaims, { namespace, name }))
    if ('error' in asked) return { error: `fetch ResourceClaim ${name}: ${asked.error}` }
    const claim = asked.value
    if (isOwn && !isMadeFor(pod, claim)) {
      const whose = `${namespace}/${name} was not created for Pod ${namespace}/${podName}`
      return { error: `ResourceClaim ${whose} (Pod is not owner)` }
    }
    if (!isReservedFor(pod, claim))
      return {
        error: `pod ${podName} (${uid}) is not allowed to use ResourceClaim ${name} (${claim.metadata.uid})`,
      }
    return { value: claim }
  }

  // ---------- containers ----------

  cdiDevicesOf(pod: Pod, container: Container): readonly string[] {
    return (container.resources?.claims ?? []).flatMap(({ name, request }) =>
      this.devicesOf(pod, name, request).flatMap(({ device }) => device.cdiDeviceIDs),
    )
  }

  /** Source: UpdateAllocatedResourcesStatus. Simplified: no driver says how its devices are. */
  healthOf(pod: Pod, container: Container): Pick<ContainerStatus, 'allocatedResourcesStatus'> {
    const all = (container.resources?.claims ?? []).map(({ name, request }) => {
      const ids = this.devicesOf(pod, name, request).map(
        ({ driver, device }) => device.cdiDeviceIDs[0] ?? `${driver}/${device.poolName}/${device.deviceName}`,
      )
      return {
        name: `claim:${name}${request ? `/${request}` : ''}`,
        resources: [...new Set(ids)].map((resourceID) => ({ resourceID, health: 'Unknown' })),
      }
    })
    const known = all.filter(({ resources }) => resources.length > 0)
    return known.length > 0 ? { allocatedResourcesStatus: known } : {}
  }

  /** The devices of one of the Pod's claims, or of a request of it. */
  private devicesOf(pod: Pod, name: string, request: string | undefined) {
    const { claim } = this.claimOf(pod, name) as { claim?: string }
    const info =
      claim === undefined
        ? undefined
        : this.options.prepared.get(keyOf({ namespace: pod.metadata.namespace ?? '', name: claim }))
    return [...(info?.devices ?? [])].flatMap(([driver, devices]) =>
      devices
        .filter(({ requestNames }) => !request || requestNames.length === 0 || requestNames.includes(request))
        .map((device) => ({ driver, device })),
    )
  }

  // ---------- machinery ----------

  private ask<T>(call: () => T): { value: T } | { error: string } {
    const { client } = this.options
    try {
      return { value: call() }
    } catch (error) {
      if (error instanceof StatusError) return { error: error.message }
      throw error
    } finally {
      client.takeChargedMs?.()
    }
  }
}

const keyOf = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`

/** Undefined for a claim that is not allocated. */
function infoOf({ metadata, status }: ResourceClaim): ClaimInfo | undefined {
  if (!status?.allocation) return undefined
  const drivers = new Set((status.allocation.devices?.results ?? []).map(({ driver }) => driver))
  return {
    ...{ uid: metadata.uid, namespace: metadata.namespace ?? '', name: metadata.name },
    ...{ devices: new Map([...drivers].map((driver) => [driver, []])), pods: new Set(), isPrepared: false },
  }
}

function byDriver(claims: readonly ClaimInfo[]): Map<string, ClaimInfo[]> {
  const batches = new Map<string, ClaimInfo[]>()
  for (const claim of claims)
    for (const driver of claim.devices.keys()) batches.set(driver, [...(batches.get(driver) ?? []), claim])
  return batches
}

function deviceOf(value: unknown): PreparedDevice {
  const { poolName = '', deviceName = '', requestNames = [], cdiDeviceIDs = [] } = value as Partial<PreparedDevice>
  return { poolName, deviceName, requestNames, cdiDeviceIDs }
}
