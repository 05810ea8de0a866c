/**
 * The example driver of dynamic resource allocation: GPUs that exist as entries of a ResourceSlice, and as environment variables of the
 * containers that get one. Simplified: slices are listed every half a minute where the real one watches them, and the uuids of its GPUs
 * are others. Sources: github.com/kubernetes-sigs/dra-example-driver v0.4.0; k8s.io/dynamic-resource-allocation v0.36.2, kubeletplugin and resourceslice
 */
import { equalJson, isRecord } from '../api/meta/json.ts'
import type { KubeObject } from '../api/meta/object.ts'
import type { ResourceClaim, ResourceSlice } from '../api/resource/types.ts'
import { hash32 } from '../engine/random.ts'
import { FileError, type Listener, type RpcResult, type RpcServer } from '../runtime/files.ts'
import type { Image, Process } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { signalWithin, stamp } from './programs/daemon.ts'
import { type Answered, askApi } from './programs/in-cluster-client.ts'
import type { Run } from './programs/support.ts'
import { response } from './programs/web-server.ts'

const SLICES = '/apis/resource.k8s.io/v1/resourceslices'
const GPU_CONFIG = { apiVersion: 'gpu.resource.example.com/v1alpha1', kind: 'GpuConfig' }
const MEMORY_BYTES = 20 * 1024 * 1024
const START_MS = 150
/** After a change of slices: DefaultSyncDelay. */
const SYNC_MS = 30_000
/** How long a reflector waits before it asks again, at least and at most. */
const RETRY_MS = 1000
const MOST_RETRY_MS = 30_000
const MOST_DEVICES = 128
const FATAL = 'dra_example_driver_fatal_background_errors_total'
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const

/** Each flag with the variable of the environment that sets it as well, and what holds without either. */
const flags = {
  'node-name': ['NODE_NAME', ''],
  'cdi-root': ['CDI_ROOT', '/etc/cdi'],
  'num-devices': ['NUM_DEVICES', '8'],
  'kubelet-registrar-directory-path': ['KUBELET_REGISTRAR_DIRECTORY_PATH', '/var/lib/kubelet/plugins_registry'],
  'kubelet-plugins-directory-path': ['KUBELET_PLUGINS_DIRECTORY_PATH', '/var/lib/kubelet/plugins'],
  'healthcheck-port': ['HEALTHCHECK_PORT', '-1'],
  'metrics-port': ['METRICS_PORT', '-1'],
  'device-profile': ['DEVICE_PROFILE', 'gpu'],
  'driver-name': ['DRIVER_NAME', ''],
  'pod-uid': ['POD_UID', ''],
  'gpu-partitions': ['GPU_PARTITIONS', '0'],
  'gpu-device-status': ['GPU_DEVICE_STATUS', 'false'],
  'binding-conditions': ['BINDING_CONDITIONS', 'false'],
  'gpu-allow-multiple-allocations': ['GPU_ALLOW_MULTIPLE_ALLOCATIONS', 'false'],
  'cpu-numa-nodes': ['CPU_NUMA_NODES', '8'],
  'cpus-per-numa-node': ['CPUS_PER_NUMA_NODE', '4'],
} as const
type Flag = keyof typeof flags
type Settings = Readonly<Record<Flag, string>>

/** What the real one does with another value than this, and this one does not. */
const fixed: Partial<Record<Flag, string>> = {
  'device-profile': 'gpu',
  'gpu-partitions': '0',
  'gpu-device-status': 'false',
  'binding-conditions': 'false',
  'gpu-allow-multiple-allocations': 'false',
}

const klog = (process: Process, level: 'I' | 'E', source: string, text: string): void =>
  process.stderr.write(
    `${level}${stamp(process, '%m%d %H:%M:%S.%L000')} ${String(process.pid).padStart(7)} ${source}] ${text}\n`,
  )

function settingsOf({ argv, env }: Process): Settings | { error: string } {
  const given = new Map<string, string>()
  for (let at = 1; at < argv.length; at++) {
    const [, name, , value] = /^--?([^=]+)(=(.*))?$/s.exec(argv[at]) ?? []
    if (name === undefined) return { error: `arguments not supported: [${argv.slice(at).join(' ')}]` }
    if (!Object.hasOwn(flags, name)) return { error: `flag provided but not defined: -${name}` }
    const text = value ?? argv[++at]
    if (text === undefined) return { error: `flag needs an argument: -${name}` }
    given.set(name, text)
  }
  const settings = Object.fromEntries(
    Object.entries(flags).map(([name, [variable, usual]]) => [name, given.get(name) ?? (env[variable] || usual)]),
  ) as Settings
  if (settings['node-name'] === '') return { error: 'Required flag "node-name" not set' }
  for (const name of ['num-devices', 'healthcheck-port', 'metrics-port', 'gpu-partitions'] as const)
    if (!/^[-+]?\d+$/.test(settings[name]))
      return { error: `invalid value "${settings[name]}" for flag -${name}: parse error` }
  const other = Object.entries(fixed).find(([name, only]) => settings[name as Flag] !== only)
  if (other) return { error: `podium: ${other[0]}=${settings[other[0] as Flag]} is not simulated` }
  return settings
}

function* plugin(process: Process): Run {
  const read = settingsOf(process)
  if ('error' in read) {
    process.stderr.write(`Error: ${read.error}\n`)
    return 1
  }
  const settings = read
  const name = settings['driver-name'] || `${settings['device-profile']}.example.com`
  const folder = `${settings['kubelet-plugins-directory-path']}/${name}`
  const uid = settings['pod-uid'] && `-${settings['pod-uid']}`
  process.useMemory(MEMORY_BYTES)
  process.useCpu(1)
  if (yield* waitFor(signalWithin(process, SIGNALS, START_MS))) return 0
  const driver = new Driver(process, settings, name, folder)
  const closers: (() => void)[] = []
  try {
    process.files.mkdir(folder, { parents: true, mode: 0o750 })
    process.files.mkdir(settings['cdi-root'], { parents: true, mode: 0o750 })
    driver.writeCommonSpec()
    const endpoint = `${folder}/dra${uid}.sock`
    closers.push(serve(process, endpoint, driver))
    const info = {
      ...{ type: 'DRAPlugin', name, endpoint },
      supportedVersions: ['v1.DRAPlugin', 'v1beta1.DRAPlugin'],
    }
    const registrar: RpcServer = {
      call: (method, _, reply) => reply(method === 'GetInfo' ? { value: info } : { value: {} }),
    }
    closers.push(serve(process, `${settings['kubelet-registrar-directory-path']}/${name}${uid}-reg.sock`, registrar))
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    process.stderr.write(`Error: start DRA service: ${error.message.toLowerCase()}\n`)
    return 1
  }
  const problem = listen(process, settings, driver, closers)
  if (problem !== undefined) {
    process.stderr.write(`Error: ${problem}\n`)
    return 1
  }
  let waitMs = RETRY_MS
  for (;;) {
    const failure = yield* driver.publish()
    if (failure !== undefined) klog(process, 'E', 'reflector.go:204', failure)
    if (yield* waitFor(signalWithin(process, SIGNALS, failure === undefined ? SYNC_MS : waitMs))) break
    waitMs = failure === undefined ? RETRY_MS : Math.min(waitMs * 2, MOST_RETRY_MS)
  }
  if (Number(settings['healthcheck-port']) >= 0) klog(process, 'I', 'health.go:113', '"stopping healthcheck service"')
  for (const close of closers) close()
  return 0
}

/** A socket of that path, which goes with what listens there. */
function serve(process: Process, path: string, server: RpcServer): () => void {
  const { files } = process
  const remove = (): void => {
    if (files.exists(path)) files.remove(path)
  }
  // A stale one is in the way.
  remove()
  const listener: Listener = files.bind(path, server)
  return () => {
    listener.close()
    remove()
  }
}

/** Its ports, for those who want to know how it is. @returns why one cannot be opened */
function listen(process: Process, settings: Settings, driver: Driver, closers: (() => void)[]): string | undefined {
  const servers = {
    'healthcheck-port': {
      grpcHealth: (service: string) =>
        service === '' || service === 'liveness' ? ('SERVING' as const) : ('UNKNOWN_SERVICE' as const),
    },
    'metrics-port': {
      http: ({ path }: { path: string }, reply: (answer: ReturnType<typeof response>) => void) =>
        reply(path === '/metrics' ? response(200, driver.metrics()) : response(404, '404 page not found\n')),
    },
  }
  for (const [flag, server] of Object.entries(servers)) {
    const port = Number(settings[flag as Flag])
    if (port < 0) continue
    const listening = process.network.listen(port, server)
    if ('error' in listening) return `listen tcp :${port}: bind: ${listening.error}`
    closers.push(listening.close)
    if (flag !== 'healthcheck-port') continue
    klog(process, 'I', 'health.go:100', `"starting healthcheck service" addr="[::]:${port}"`)
  }
  return undefined
}

interface Prepared {
  readonly device: string
  readonly pool: string
  readonly request: string
  readonly env: readonly string[]
}

class Driver implements RpcServer {
  private readonly process: Process
  private readonly settings: Settings
  private readonly name: string
  private readonly checkpoint: string
  private readonly devices: ReadonlyMap<string, unknown>
  private readonly counts = { prepare: { success: 0, error: 0 }, unprepare: { success: 0, error: 0 } }

  constructor(process: Process, settings: Settings, name: string, folder: string) {
    this.process = process
    this.settings = settings
    this.name = name
    this.checkpoint = `${folder}/checkpoint.json`
    const count = Math.min(Math.max(0, Number(settings['num-devices'])), MOST_DEVICES)
    this.devices = new Map(
      Array.from({ length: count }, (_, index) => [`gpu-${index}`, gpu(settings['node-name'], index)]),
    )
  }

  // ---------- the slice ----------

  /** Sees to it that the slice of its node says what devices there are. @returns why that failed */
  *publish(): Generator<ReturnType<typeof askApi>, string | undefined, unknown> {
    const { process, name } = this
    const node = this.settings['node-name']
    const selector = encodeURIComponent(`spec.driver=${name},spec.nodeName=${node}`)
    const path = `${SLICES}?fieldSelector=${selector}`
    const listed = (yield askApi(process, path)) as Answered<{ items: ResourceSlice[] }>
    if ('error' in listed)
      return `"Failed to watch" err=${JSON.stringify(`failed to list *v1.ResourceSlice: ${listed.error}`)} logger="UnhandledError" reflector="k8s.io/dynamic-resource-allocation/resourceslice" type="*v1.ResourceSlice"`
    const failed = (why: string): string =>
      `"processing ResourceSlice objects" err=${JSON.stringify(why)} logger="UnhandledError"`
    const devices = [...this.devices.values()]
    const [mine, ...others] = listed.object.items
    for (const { metadata } of others) yield askApi(process, `${SLICES}/${metadata.name}`, { method: 'DELETE' })
    if (mine && equalJson(mine.spec.devices ?? [], devices)) return undefined
    if (mine) {
      const body = { ...mine, spec: { ...mine.spec, devices } }
      const updated = (yield askApi(process, `${SLICES}/${mine.metadata.name}`, {
        method: 'PUT',
        body,
      })) as Answered<unknown>
      return 'error' in updated ? failed(`update resource slice: ${updated.error}`) : undefined
    }
    const owner = (yield askApi(process, `/api/v1/nodes/${node}`)) as Answered<KubeObject>
    if ('error' in owner) return failed(`retrieve node "${node}": ${owner.error}`)
    const { uid } = owner.object.metadata
    const body = {
      ...{ apiVersion: 'resource.k8s.io/v1', kind: 'ResourceSlice' },
      metadata: {
        generateName: `00000-${name}-${node}-`,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid, controller: true }],
      },
      spec: {
        driver: name,
        pool: { name: node, generation: 1, resourceSliceCount: 1 },
        nodeName: node,
        ...(devices.length > 0 ? { devices } : {}),
      },
    }
    const created = (yield askApi(process, SLICES, { method: 'POST', body })) as Answered<unknown>
    return 'error' in created ? failed(`create resource slice: ${created.error}`) : undefined
  }

  // ---------- what the kubelet calls ----------

  call(method: string, request: unknown, reply: (result: RpcResult) => void): void {
    const { claims } = request as { claims: readonly { namespace: string; name: string; uid: string }[] }
    if (method === 'NodePrepareResources') this.prepareAll(claims, reply)
    else if (method === 'NodeUnprepareResources') {
      this.say('driver.go:135', `"UnprepareResourceClaims is called" numClaims=${claims.length}`)
      reply({ value: { claims: Object.fromEntries(claims.map(({ uid }) => [uid, this.unprepare(uid)])) } })
    } else reply({ error: `unknown method ${method}` })
  }

  private prepareAll(
    claims: readonly { namespace: string; name: string; uid: string }[],
    reply: (result: RpcResult) => void,
  ): void {
    const found: ResourceClaim[] = []
    const next = (): void => {
      const wanted = claims[found.length]
      if (!wanted) {
        this.say('driver.go:90', `"PrepareResourceClaims is called" numClaims=${claims.length}`)
        reply({
          value: { claims: Object.fromEntries(found.map((claim) => [claim.metadata.uid, this.prepare(claim)])) },
        })
        return
      }
      const { namespace, name, uid } = wanted
      const path = `/apis/resource.k8s.io/v1/namespaces/${namespace}/resourceclaims/${name}`
      askApi<ResourceClaim>(this.process, path).start((answer) => {
        const fail = (why: string): void => reply({ error: `get resource claims: ${why}` })
        if ('error' in answer) return fail(`retrieve claim ${namespace}/${name}: ${answer.error}`)
        if (!answer.object.status?.allocation) return fail(`claim ${namespace}/${name} not allocated`)
        if (answer.object.metadata.uid !== uid) return fail(`claim ${namespace}/${name} got replaced`)
        found.push(answer.object)
        next()
      })
    }
    next()
  }

  private prepare(claim: ResourceClaim): object {
    const { uid, namespace, name } = claim.metadata
    this.say('driver.go:102', `"Preparing claim" uid="${uid}" namespace="${namespace}" name="${name}"`)
    try {
      const prepared = this.configure(claim)
      if ('error' in prepared) return this.refuse(uid, `prepare failed: ${prepared.error}`)
      const devices = prepared.map(({ device, pool, request }) => ({
        ...{ requestNames: [request.split('/')[0]], poolName: pool, deviceName: device },
        cdiDeviceIDs: [`${this.kind}=common`, `${this.kind}=${uid}-${device}`],
      }))
      this.writeSpec(
        uid,
        prepared.map(({ device, env }) => ({ name: `${uid}-${device}`, env })),
      )
      this.note((claims) => (claims.includes(uid) ? claims : [...claims, uid]))
      const told = devices.map(({ requestNames, poolName, deviceName, cdiDeviceIDs }) => ({
        ...{ Requests: requestNames, PoolName: poolName, DeviceName: deviceName, CDIDeviceIDs: cdiDeviceIDs },
        ...{ ShareID: null, Metadata: null },
      }))
      this.say(
        'driver.go:128',
        `"Returning newly prepared devices for claim" uid="${uid}" devices=${JSON.stringify(told)}`,
      )
      this.counts.prepare.success++
      return { devices }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      return this.refuse(uid, `unable to create CDI spec file for claim: ${error.message.toLowerCase()}`)
    }
  }

  private refuse(uid: string, why: string): object {
    klog(
      this.process,
      'E',
      'driver.go:111',
      `"Error preparing devices for claim" err=${JSON.stringify(why)} uid="${uid}"`,
    )
    this.counts.prepare.error++
    return { error: `error preparing devices for claim ${uid}: ${why}` }
  }

  private unprepare(uid: string): object {
    try {
      const path = this.specPath(uid)
      if (this.process.files.exists(path)) this.process.files.remove(path)
      this.note((claims) => claims.filter((one) => one !== uid))
      this.counts.unprepare.success++
      return {}
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.counts.unprepare.error++
      return {
        error: `error unpreparing devices for claim ${uid}: unable to delete CDI spec file for claim: ${error.message.toLowerCase()}`,
      }
    }
  }

  /** What each device of the claim sets in the containers that get it. */
  private configure(claim: ResourceClaim): readonly Prepared[] | { error: string } {
    const { results = [], config = [] } = claim.status?.allocation?.devices ?? {}
    const own = config.filter(({ opaque }) => opaque?.driver === this.name)
    // The claim's come after the class's, and the last that fits wins.
    const ordered = ['FromClass', 'FromClaim'].flatMap((source) => own.filter((one) => one.source === source))
    const isAdmin = results.some(({ adminAccess }) => adminAccess)
    const prepared: Prepared[] = []
    for (const { device, pool, request } of results.filter(({ driver }) => driver === this.name)) {
      if (!this.devices.has(device)) return { error: `requested device is not allocatable: ${device}` }
      const chosen = ordered.findLast(({ requests = [] }) => requests.length === 0 || requests.includes(request))
      const sharing = sharingOf(chosen?.opaque?.parameters)
      if ('error' in sharing) return sharing
      prepared.push({ device, pool, request, env: [...claimEnv(claim, device, isAdmin), ...envOf(device, sharing)] })
    }
    return prepared
  }

  // ---------- files of the node ----------

  private get kind(): string {
    return `k8s.${this.name}/${this.settings['device-profile']}`
  }

  private specPath(id: string): string {
    return `${this.settings['cdi-root']}/${this.kind.replace('/', '-')}_${id}.yaml`
  }

  writeCommonSpec(): void {
    const env = [`KUBERNETES_NODE_NAME=${this.settings['node-name']}`, `DRA_RESOURCE_DRIVER_NAME=${this.name}`]
    this.writeSpec('common', [{ name: 'common', env }])
  }

  private writeSpec(id: string, devices: readonly { name: string; env: readonly string[] }[]): void {
    // Names that begin with a digit are allowed since that version.
    const version = devices.some(({ name }) => /^\d/.test(name)) ? '0.5.0' : '0.3.0'
    const lines = devices.flatMap(({ name, env }) => [
      '- containerEdits:',
      '    env:',
      ...env.map((line) => `    - ${line}`),
      `  name: ${name}`,
    ])
    const text = ['---', `cdiVersion: ${version}`, 'containerEdits: {}', 'devices:', ...lines, `kind: ${this.kind}`, '']
    this.process.files.write(this.specPath(id), text.join('\n'))
  }

  private note(change: (claims: readonly string[]) => readonly string[]): void {
    const { files } = this.process
    const read: unknown = files.exists(this.checkpoint) ? parsed(files.read(this.checkpoint)) : undefined
    const kept = isRecord(read) && Array.isArray(read.preparedClaims) ? read.preparedClaims : []
    const claims = change(kept.flatMap((one) => (isRecord(one) && typeof one.uid === 'string' ? [one.uid] : [])))
    const content = {
      ...{ kind: 'Checkpoint', apiVersion: 'checkpoint.internal.example.com/v1' },
      preparedClaims: claims.map((uid) => ({ uid })),
    }
    files.write(this.checkpoint, `${JSON.stringify(content, null, 2)}\n`)
  }

  // ---------- what it tells ----------

  metrics(): string {
    return (['prepare', 'unprepare'] as const)
      .map((what) => {
        const name = `dra_example_driver_${what}_claims_total`
        const { success, error } = this.counts[what]
        return [
          `# HELP ${name} [BETA] Total number of resource claim ${what} operations handled by the driver.`,
          `# TYPE ${name} counter`,
          `${name}{result="error"} ${error}`,
          `${name}{result="success"} ${success}\n`,
        ].join('\n')
      })
      .join('')
      .concat(
        `# HELP ${FATAL} [BETA] Total number of fatal background errors reported by the driver.\n# TYPE ${FATAL} counter\n${FATAL} 0\n`,
      )
  }

  private say(source: string, text: string): void {
    klog(this.process, 'I', source, text)
  }
}

/** A GPU as its slice tells of it. */
function gpu(node: string, index: number): object {
  return {
    name: `gpu-${index}`,
    allowMultipleAllocations: false,
    attributes: {
      driverVersion: { version: '1.0.0' },
      index: { int: index },
      model: { string: 'LATEST-GPU-MODEL' },
      uuid: { string: `gpu-${uuidOf(`${node}/${index}`)}` },
    },
    capacity: { compute: { value: '100' }, memory: { value: '80Gi' } },
  }
}

function uuidOf(seed: string): string {
  const digits = [0, 1, 2, 3].map((n) => hash32(`${seed}#${n}`).toString(16).padStart(8, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

interface Sharing {
  readonly strategy: string
  readonly detail: string
}

/** How a GPU is to be shared, as the claim or its class says; in time slices unless told. */
function sharingOf(parameters: unknown): Sharing | { error: string } {
  const config = parameters ?? GPU_CONFIG
  if (!isRecord(config) || config.apiVersion !== GPU_CONFIG.apiVersion || config.kind !== GPU_CONFIG.kind) {
    const { kind = '', apiVersion = '' } = isRecord(config) ? config : {}
    return {
      error: `error getting opaque device configs: error decoding config parameters: no kind "${kind}" is registered for version "${apiVersion}" in scheme`,
    }
  }
  const fail = (why: string) => ({ error: `error applying config: ${why}` })
  const {
    strategy = 'TimeSlicing',
    timeSlicingConfig,
    spacePartitioningConfig,
  } = isRecord(config.sharing) ? config.sharing : {}
  if (strategy === 'TimeSlicing') {
    const interval = isRecord(timeSlicingConfig) ? (timeSlicingConfig.interval ?? '') : 'Default'
    if (!['Default', 'Short', 'Medium', 'Long'].includes(String(interval)))
      return fail(`error validating GPU config: unknown time-slice interval: ${interval}`)
    return { strategy, detail: `TIMESLICE_INTERVAL=${interval}` }
  }
  if (strategy !== 'SpacePartitioning')
    return fail(`error validating GPU config: unknown GPU sharing strategy: ${strategy}`)
  const count = isRecord(spacePartitioningConfig) ? Number(spacePartitioningConfig.partitionCount ?? 0) : 1
  if (count < 0) return fail(`error validating GPU config: invalid partition count: ${count}`)
  return { strategy, detail: `PARTITION_COUNT=${count}` }
}

const claimEnv = ({ metadata }: ResourceClaim, device: string, isAdmin: boolean): readonly string[] => [
  `GPU_DEVICE_${device.replace(/[^a-zA-Z0-9]+/g, '_').toUpperCase()}_RESOURCE_CLAIM=${metadata.uid}`,
  `DRA_ADMIN_ACCESS=${isAdmin}`,
]

function envOf(device: string, { strategy, detail }: Sharing): readonly string[] {
  const id = device.slice('gpu-'.length).replaceAll('-', '_').toUpperCase()
  return [`GPU_DEVICE_${id}=${device}`, `GPU_DEVICE_${id}_SHARING_STRATEGY=${strategy}`, `GPU_DEVICE_${id}_${detail}`]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const draExampleDriver: Image = {
  repositories: ['dra-example-driver/dra-example-driver'],
  tags: ['v0.4.0'],
  base: 'ubuntu:22.04',
  sizeBytes: 96_000_000,
  cmd: ['/bin/bash'],
  files: debianFiles,
  programs: { ...debianPrograms, '/usr/bin/dra-example-kubeletplugin': plugin },
}
