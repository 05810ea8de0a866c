/** Turns a cluster into what a page shows of it. Pure. */
import type { Cluster, KubeObject, MemberStanding } from '../../../sim/index.ts'
import { msg } from '../../i18n/translate.ts'
import type {
  ClusterView,
  EtcdView,
  EventView,
  NodeView,
  ObjectTable,
  PictureView,
  PodView,
  ServiceView,
  TimelineRow,
  Tone,
} from '../types.ts'
import { viewScheduling } from './scheduling-view.ts'

export function viewCluster(cluster: Cluster, handedOverMs: number): ClusterView {
  const now = cluster.epochMs
  return {
    clockSeconds: (cluster.nowMs - handedOverMs) / 1000,
    isSettled: cluster.isSettled,
    ...viewPicture(cluster),
    events: visible(cluster.objects('events'))
      .map((event) => ({ event, ageSeconds: Math.max(0, Math.round((now - lastSeenMs(event)) / 1000)) }))
      .sort((a, b) => a.ageSeconds - b.ageSeconds)
      .slice(0, 60)
      .map(({ event, ageSeconds }) => viewEvent(event, ageSeconds)),
    scheduling: viewScheduling(cluster, handedOverMs),
    notSimulated: [...cluster.notSimulated],
  }
}

/** What there is, without what happened. */
export function viewPicture(cluster: Cluster): PictureView {
  const now = cluster.epochMs
  const pods = visible(cluster.objects('pods')).map((pod) => viewPod(pod, now))
  return {
    nodes: cluster.objects('nodes').map((node) => viewNode(node, pods, cluster)),
    unscheduled: pods.filter(({ node }) => node === ''),
    pods,
    services: viewServices(cluster),
    tables: viewTables(cluster, now),
  }
}

/** The word that `kubectl get pods` prints as STATUS, and the state it stands for. */
export function stateOfPod(pod: KubeObject): { word: string; tone: Tone; message: string } {
  const statuses = list(pod, 'status.containerStatuses')
  const inits = list(pod, 'status.initContainerStatuses')
  const phase = text(pod, 'status.phase') || 'Pending'
  if (pod.metadata.deletionTimestamp) return { word: 'Terminating', tone: 'ending', message: '' }
  for (const status of [...inits, ...statuses]) {
    const waiting = text(status, 'state.waiting.reason')
    if (waiting && waiting !== 'ContainerCreating' && waiting !== 'PodInitializing')
      return { word: waiting, tone: 'failing', message: text(status, 'state.waiting.message') }
  }
  const failedExit = statuses.find((status) => {
    const code = at(status, 'state.terminated.exitCode')
    return typeof code === 'number' && code !== 0
  })
  if (phase === 'Failed' || failedExit)
    return {
      word: text(pod, 'status.reason') || text(failedExit, 'state.terminated.reason') || 'Error',
      tone: 'failing',
      message: text(pod, 'status.message') || exitOf(failedExit),
    }
  if (phase === 'Succeeded') return { word: 'Completed', tone: 'done', message: '' }
  if (phase === 'Running') {
    const allReady = statuses.length > 0 && statuses.every((status) => at(status, 'ready') === true)
    // Of a node that is lost nobody reports: then the Pod is not ready, whatever its containers were.
    const isUnready = list(pod, 'status.conditions').some(
      (condition) => text(condition, 'type') === 'Ready' && text(condition, 'status') === 'False',
    )
    if (allReady && !isUnready) return { word: 'Running', tone: 'ready', message: '' }
    // An exit with 0 under a Pod that goes on: kubectl says what ended, not what the phase is.
    const done = statuses.find((status) => at(status, 'state.terminated') !== undefined)
    if (done) {
      const othersRun = statuses.some((status) => at(status, 'ready') === true)
      const word = othersRun ? 'NotReady' : text(done, 'state.terminated.reason') || 'Completed'
      return { word, tone: 'waiting', message: exitOf(done) }
    }
    return { word: 'Running', tone: 'waiting', message: 'not ready' }
  }
  const scheduled = list(pod, 'status.conditions').find((condition) => text(condition, 'type') === 'PodScheduled')
  if (scheduled && text(scheduled, 'status') === 'False')
    return { word: 'Pending', tone: 'waiting', message: text(scheduled, 'message') }
  const creating = statuses.length > 0 || text(pod, 'spec.nodeName') !== ''
  return { word: creating ? 'ContainerCreating' : 'Pending', tone: 'waiting', message: '' }
}

function exitOf(status: unknown): string {
  const code = at(status, 'state.terminated.exitCode')
  return typeof code === 'number' ? `exit code ${code}` : ''
}

function viewPod(pod: KubeObject, now: number): PodView {
  const statuses = list(pod, 'status.containerStatuses')
  const ready = statuses.filter((status) => at(status, 'ready') === true).length
  return {
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    ...stateOfPod(pod),
    ready: `${ready}/${list(pod, 'spec.containers').length}`,
    restarts: statuses.reduce((sum: number, status) => sum + number(status, 'restartCount'), 0),
    node: text(pod, 'spec.nodeName'),
    ip: text(pod, 'status.podIP'),
    age: printAge(ageOf(pod, now)),
    labels: pairs(pod.metadata.labels),
  }
}

export const isNodeReady = (node: KubeObject): boolean =>
  list(node, 'status.conditions').some(
    (condition) => text(condition, 'type') === 'Ready' && text(condition, 'status') === 'True',
  )

/** What `kubectl get nodes` prints as STATUS. */
export function wordOfNode(node: KubeObject): string {
  const cordoned = at(node, 'spec.unschedulable') === true
  return `${isNodeReady(node) ? 'Ready' : 'NotReady'}${cordoned ? ',SchedulingDisabled' : ''}`
}

function viewNode(node: KubeObject, views: readonly PodView[], cluster: Cluster): NodeView {
  const name = node.metadata.name
  const member = cluster.etcdMembers().find((one) => one.name === name)
  const word = wordOfNode(node)
  const own = cluster
    .objects('pods')
    .filter((pod) => text(pod, 'spec.nodeName') === name && !/^(Succeeded|Failed)$/.test(text(pod, 'status.phase')))
  const containers = own.flatMap((pod) => list(pod, 'spec.containers'))
  const sum = (resource: string) =>
    containers.reduce(
      (total: number, container) => total + quantity(at(container, `resources.requests.${resource}`)),
      0,
    )
  return {
    name,
    tone: word === 'Ready' ? 'ready' : word.startsWith('Ready') ? 'waiting' : 'failing',
    word,
    cpuUsedMillis: Math.round(sum('cpu') * 1000),
    cpuMillis: Math.round(quantity(at(node, 'status.allocatable.cpu')) * 1000),
    memoryUsedMib: Math.round(sum('memory') / 2 ** 20),
    memoryMib: Math.round(quantity(at(node, 'status.allocatable.memory')) / 2 ** 20),
    pods: views.filter((pod) => pod.node === name),
    systemPods: own.filter((pod) => !isShown(pod)).length,
    ...(member ? { etcd: viewMember(member) } : {}),
  }
}

function viewMember({ is, term, hasLeader }: MemberStanding): EtcdView {
  if (is === 'stopped') return { word: is, tone: 'failing', term }
  return hasLeader ? { word: is, tone: 'ready', term } : { word: `${is}, no leader`, tone: 'waiting', term }
}

function viewServices(cluster: Cluster): ServiceView[] {
  const slices = visible(cluster.objects('endpointslices.discovery.k8s.io'))
  return visible(cluster.objects('services'))
    .filter(({ metadata }) => !(metadata.name === 'kubernetes' && metadata.namespace === 'default'))
    .map((service) => {
      const own = slices.filter(
        ({ metadata }) =>
          metadata.namespace === service.metadata.namespace &&
          metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
      )
      return {
        namespace: service.metadata.namespace ?? '',
        name: service.metadata.name,
        type: text(service, 'spec.type'),
        clusterIP: text(service, 'spec.clusterIP'),
        ports: list(service, 'spec.ports').map(printPort).join(', '),
        selector: pairs(at(service, 'spec.selector') as Record<string, string> | undefined),
        endpoints: own
          .flatMap((slice) => list(slice, 'endpoints'))
          .map((endpoint) => ({
            ip: String((at(endpoint, 'addresses') as string[] | undefined)?.[0] ?? ''),
            pod: text(endpoint, 'targetRef.name'),
            isReady: at(endpoint, 'conditions.ready') !== false,
          })),
      }
    })
}

function printPort(port: unknown): string {
  const node = at(port, 'nodePort')
  return `${at(port, 'port')}${node ? `:${node}` : ''}/${text(port, 'protocol')} → ${at(port, 'targetPort')}`
}

/** Workload objects that have no picture of their own, as tables in the manner of kubectl. */
function viewTables(cluster: Cluster, now: number): ObjectTable[] {
  const age = (object: KubeObject) => printAge(ageOf(object, now))
  const tables: ObjectTable[] = [
    {
      resource: 'deployments',
      columns: [msg('Name'), msg('Ready'), msg('Up to date'), msg('Available'), msg('Age')],
      rows: visible(cluster.objects('deployments.apps')).map((d) => [
        nameOf(d),
        `${number(d, 'status.readyReplicas')}/${number(d, 'spec.replicas')}`,
        String(number(d, 'status.updatedReplicas')),
        String(number(d, 'status.availableReplicas')),
        age(d),
      ]),
    },
    {
      resource: 'replicasets',
      columns: [msg('Name'), msg('Desired'), msg('Current'), msg('Ready'), msg('Age')],
      rows: visible(cluster.objects('replicasets.apps')).map((r) => [
        nameOf(r),
        String(number(r, 'spec.replicas')),
        String(number(r, 'status.replicas')),
        String(number(r, 'status.readyReplicas')),
        age(r),
      ]),
    },
    {
      resource: 'configmaps',
      columns: [msg('Name'), msg('Data keys'), msg('Age')],
      rows: visible(cluster.objects('configmaps'))
        .filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
        .map((c) => [nameOf(c), Object.keys((at(c, 'data') as object | undefined) ?? {}).join(', '), age(c)]),
    },
  ]
  return tables.filter(({ rows }) => rows.length > 0)
}

const lastSeenMs = (event: KubeObject): number =>
  Date.parse(text(event, 'lastTimestamp') || text(event, 'eventTime') || event.metadata.creationTimestamp)

function viewEvent(event: KubeObject, ageSeconds: number): EventView {
  return {
    age: printAge(ageSeconds),
    type: text(event, 'type'),
    reason: text(event, 'reason'),
    object: `${text(event, 'involvedObject.kind')}/${text(event, 'involvedObject.name')}`,
    message: text(event, 'message'),
    count: number(event, 'count') || 1,
  }
}

/** The states of each Pod over time, from the store's memory. */
export function viewTimeline(cluster: Cluster, fromMs: number): TimelineRow[] {
  const rows = new Map<string, TimelineRow>()
  const endSeconds = (cluster.nowMs - fromMs) / 1000
  for (const change of cluster.changes('pods')) {
    const { namespace, name } = change.object.metadata
    if (!isShown(change.object)) continue
    const seconds = Math.max(0, (change.atMs - fromMs) / 1000)
    const row = rows.get(`${namespace}/${name}`) ?? { name, spans: [] }
    rows.set(`${namespace}/${name}`, row)
    const last = row.spans.at(-1)
    if (last) last.toSeconds = seconds
    if (change.type === 'DELETED') continue
    const { tone, word, message } = stateOfPod(change.object)
    const shown = message === 'not ready' ? 'not ready' : tone === 'ready' ? 'Ready' : word
    if (last && last.word === shown && last.tone === tone) last.toSeconds = endSeconds
    else row.spans.push({ fromSeconds: seconds, toSeconds: endSeconds, tone, word: shown })
  }
  for (const row of rows.values()) row.spans = row.spans.filter((span) => span.toSeconds > span.fromSeconds)
  return [...rows.values()]
}

/** With the namespace, unless it is `default`. */
const nameOf = ({ metadata }: KubeObject): string =>
  metadata.namespace === undefined || metadata.namespace === 'default'
    ? metadata.name
    : `${metadata.namespace}/${metadata.name}`

/** `42s`, `3m10s`, `2h`: as kubectl prints ages. */
function printAge(seconds: number): string {
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`
  if (minutes < 180) return `${minutes}m`
  return `${Math.floor(minutes / 60)}h`
}

const visible = (objects: readonly KubeObject[]) => objects.filter(isShown)

/** What the system keeps for itself is left out, but for the control plane's own Pods on their nodes. */
const isShown = ({ metadata }: KubeObject): boolean =>
  !metadata.namespace?.startsWith('kube-') || isMirror(metadata.annotations)

const isMirror = (annotations: Readonly<Record<string, string>> = {}): boolean =>
  'kubernetes.io/config.mirror' in annotations

function ageOf(object: KubeObject, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(object.metadata.creationTimestamp)) / 1000))
}

function at(value: unknown, path: string): unknown {
  let current = value
  for (const key of path.split('.')) {
    if (typeof current !== 'object' || current === null) return undefined
    current = (current as Record<string, unknown>)[key]
  }
  return current
}

function text(value: unknown, path: string): string {
  const found = at(value, path)
  return typeof found === 'string' ? found : ''
}

function number(value: unknown, path: string): number {
  const found = at(value, path)
  return typeof found === 'number' ? found : 0
}

function list(value: unknown, path: string): unknown[] {
  const found = at(value, path)
  return Array.isArray(found) ? found : []
}

function pairs(labels: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

const suffixes: Record<string, number> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** A quantity for a capacity bar; what does not parse counts nothing. */
function quantity(value: unknown): number {
  const match = /^([0-9.]+)([A-Za-z]*)$/.exec(String(value ?? ''))
  return match ? Number(match[1]) * (suffixes[match[2]!] ?? 0) : 0
}
