/** The containers of a Pod or template. */
import type {
  Container,
  ContainerPort,
  ContainerState,
  ContainerStatus,
  EnvVar,
  Pod,
  Probe,
} from '../../api/core/pod-types.ts'
import { utf8Bytes } from '../../api/meta/base64.ts'
import type { ResourceList } from '../../api/meta/object.ts'
import { canonicalQuantity, quantityMillis, quantityValue } from '../../api/meta/quantity.ts'
import { charge } from '../../engine/work.ts'
import { goSorted } from '../go-sort.ts'
import { printTime } from './common.ts'
import type { DescribeWriter } from './writer.ts'

interface ContainersOptions {
  label: string
  statuses?: readonly ContainerStatus[]
  /** The Pod that fieldRefs are resolved in; left out in a template. */
  pod?: Pod
  /** Two spaces inside a template, '' in a Pod. */
  space: string
}

export function writeContainers(
  w: DescribeWriter,
  containers: readonly Container[] | undefined,
  options: ContainersOptions,
): void {
  const { label, statuses = [], pod, space } = options
  w.line(0, `${space}${label}:${containers?.length ? '' : ' <none>'}`)
  charge(stepsOfContainer * (containers?.length ?? 0))
  const byName = new Map(statuses.toReversed().map((status) => [status.name, status]))
  for (const container of containers ?? []) {
    const status = byName.get(container.name)
    writeBasics(w, container, status, space)
    writeWords(w, 'Command', container.command)
    writeWords(w, 'Args', container.args)
    if (status) writeStatus(w, status)
    writeResources(w, container.resources, 2)
    writeProbe(w, 'Liveness', container.livenessProbe)
    writeProbe(w, 'Readiness', container.readinessProbe)
    writeProbe(w, 'Startup', container.startupProbe)
    writeEnvironment(w, container, pod)
    writeMounts(w, container)
  }
}

/** Of computing: the lines of one container, beside its lists. */
const stepsOfContainer = 100

function writeBasics(
  w: DescribeWriter,
  container: Container,
  status: ContainerStatus | undefined,
  space: string,
): void {
  w.line(1, `${space ? ' ' : ''}${container.name}:`)
  if (status) w.field(2, 'Container ID', status.containerID ?? '')
  w.field(2, 'Image', container.image)
  if (status) w.field(2, 'Image ID', status.imageID)
  writePorts(w, 'Port', container.ports ?? [], ({ containerPort }) => containerPort)
  writePorts(w, 'Host Port', container.ports ?? [], ({ hostPort }) => hostPort ?? 0)
  const profile = container.securityContext?.seccompProfile
  if (profile) w.field(2, 'SeccompProfile', profile.type)
  if (profile?.type === 'Localhost') w.field(3, 'LocalhostProfile', profile.localhostProfile ?? '')
}

function writePorts(
  w: DescribeWriter,
  title: string,
  ports: readonly ContainerPort[],
  numberOf: (port: ContainerPort) => number,
): void {
  const shown = ports.map((port) => `${numberOf(port)}/${port.protocol}${port.name ? ` (${port.name})` : ''}`)
  w.field(2, `${title}${shown.length > 1 ? 's' : ''}`, shown.join(', ') || '<none>')
}

function writeWords(w: DescribeWriter, title: string, words: readonly string[] | undefined): void {
  if (!words?.length) return
  w.line(2, `${title}:`)
  for (const word of words) for (const line of word.split('\n')) w.line(3, line)
}

function writeStatus(w: DescribeWriter, status: ContainerStatus): void {
  writeState(w, 'State', status.state)
  if (status.lastState?.terminated) writeState(w, 'Last State', status.lastState)
  w.field(2, 'Ready', status.ready ? 'True' : 'False')
  w.field(2, 'Restart Count', status.restartCount)
}

function writeState(w: DescribeWriter, title: string, state: ContainerState | undefined): void {
  if (state?.running) {
    w.field(2, title, 'Running')
    w.field(3, 'Started', printTime(state.running.startedAt))
  } else if (state?.terminated) {
    const { terminated } = state
    w.field(2, title, 'Terminated')
    if (terminated.reason) w.field(3, 'Reason', terminated.reason)
    if (terminated.message) w.field(3, 'Message', terminated.message)
    w.field(3, 'Exit Code', terminated.exitCode)
    if (terminated.signal) w.field(3, 'Signal', terminated.signal)
    w.field(3, 'Started', printTime(terminated.startedAt))
    w.field(3, 'Finished', printTime(terminated.finishedAt))
  } else {
    w.field(2, title, 'Waiting')
    if (state?.waiting?.reason) w.field(3, 'Reason', state.waiting.reason)
  }
}

export function writeResources(
  w: DescribeWriter,
  resources: { limits?: ResourceList; requests?: ResourceList } | undefined,
  level: number,
): void {
  for (const [title, list] of [
    ['Limits', resources?.limits],
    ['Requests', resources?.requests],
  ] as const) {
    const names = Object.keys(list ?? {}).sort()
    if (names.length > 0) w.line(level, `${title}:`)
    for (const name of names) w.field(level + 1, name, canonicalQuantity(list?.[name] ?? '0'))
  }
}

function writeProbe(w: DescribeWriter, title: string, probe: Probe | undefined): void {
  if (probe) w.field(2, title, printProbe(probe))
}

/** `http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3` */
function printProbe(probe: Probe): string {
  const { exec, httpGet, tcpSocket, grpc } = probe
  const times = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds}s period=${probe.periodSeconds}s #success=${probe.successThreshold} #failure=${probe.failureThreshold}`
  if (exec) return `exec [${(exec.command ?? []).join(' ')}] ${times}`
  if (httpGet) {
    const host = httpGet.host ?? ''
    const address = `${host.includes(':') ? `[${host}]` : host}:${httpGet.port}`
    return `http-get ${(httpGet.scheme ?? 'HTTP').toLowerCase()}://${address}${escapePath(httpGet.path ?? '')} ${times}`
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port} ${times}`
  if (grpc) return `grpc <pod>:${grpc.port} ${grpc.service ?? ''} ${times}`
  return `unknown ${times}`
}

/** As Go's net/url writes a path: what would end it is escaped. */
function escapePath(path: string): string {
  const escaped = path.replace(/[^A-Za-z0-9\-_.~$&+,/:;=@]/gu, (letter) =>
    utf8Bytes(letter)
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  )
  return escaped === '' || escaped.startsWith('/') ? escaped : `/${escaped}`
}

function writeEnvironment(w: DescribeWriter, container: Container, pod: Pod | undefined): void {
  if (container.envFrom?.length) {
    w.line(2, 'Environment Variables from:')
    for (const { configMapRef, secretRef, prefix } of container.envFrom) {
      const from = configMapRef ? 'ConfigMap' : 'Secret'
      const ref = configMapRef ?? secretRef
      w.line(
        3,
        `${ref?.name ?? ''}\t${from}${prefix ? ` with prefix '${prefix}'` : ''}\tOptional: ${ref?.optional ?? false}`,
      )
    }
  }
  w.line(2, `Environment:${container.env?.length ? '' : '\t<none>'}`)
  for (const variable of container.env ?? []) writeVariable(w, variable, container, pod)
}

function writeVariable(
  w: DescribeWriter,
  { name, value, valueFrom }: EnvVar,
  container: Container,
  pod: Pod | undefined,
): void {
  if (!valueFrom) {
    ;(value ?? '').split('\n').forEach((line, at) => {
      w.line(3, at === 0 ? `${name}:\t${line}` : `\t${line}`)
    })
    return
  }
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom
  if (fieldRef) {
    const resolved = pod ? readField(pod, fieldRef.fieldPath) : ''
    w.line(3, `${name}:\t${resolved} (${fieldRef.apiVersion ?? 'v1'}:${fieldRef.fieldPath})`)
  } else if (resourceFieldRef) {
    w.line(3, `${name}:\t${readResource(container, resourceFieldRef)} (${resourceFieldRef.resource})`)
  } else if (secretKeyRef) {
    w.line(
      3,
      `${name}:\t<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name}'>\tOptional: ${secretKeyRef.optional ?? false}`,
    )
  } else if (configMapKeyRef) {
    w.line(
      3,
      `${name}:\t<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name}'>\tOptional: ${configMapKeyRef.optional ?? false}`,
    )
  }
}

/** kubectl knows name and namespace; all else is left out. */
function readField(pod: Pod, path: string): string {
  if (path === 'metadata.name') return pod.metadata.name
  return path === 'metadata.namespace' ? (pod.metadata.namespace ?? '') : ''
}

const MEASURED = ['cpu', 'memory', 'ephemeral-storage']

/**
 * The amount in units of the divisor, rounded up, as the container itself has it, whichever the reference names.
 * Source: ExtractContainerResourceValue in k8s.io/kubectl/pkg/util/resource
 */
function readResource(container: Container, { resource, divisor }: { resource: string; divisor?: string }): string {
  const [list, name] = resource.split('.')
  if (!MEASURED.includes(name) && !name.startsWith('hugepages-')) return ''
  const amount = (list === 'limits' ? container.resources?.limits : container.resources?.requests)?.[name] ?? '0'
  const amountOf = name === 'cpu' ? quantityMillis : quantityValue
  const unit = divisor === undefined || quantityMillis(divisor) === 0 ? '1' : divisor
  const value = Math.ceil(amountOf(amount) / amountOf(unit))
  return value === 0 && ['limits.cpu', 'limits.memory'].includes(resource) ? 'node allocatable' : String(value)
}

function writeMounts(w: DescribeWriter, container: Container): void {
  const mounts = container.volumeMounts ?? []
  w.line(2, `Mounts:${mounts.length ? '' : '\t<none>'}`)
  for (const mount of goSorted(mounts, (a, b) => a.mountPath < b.mountPath)) {
    const options = [mount.readOnly ? 'ro' : 'rw', ...(mount.subPath ? [`path=${JSON.stringify(mount.subPath)}`] : [])]
    w.line(3, `${mount.mountPath} from ${mount.name} (${options.join(',')})`)
  }
  if (!container.volumeDevices?.length) return
  w.line(2, `Devices:${mounts.length ? '' : '\t<none>'}`)
  for (const { devicePath, name } of goSorted(container.volumeDevices, (a, b) => a.devicePath < b.devicePath))
    w.line(3, `${devicePath} from ${name}`)
}
