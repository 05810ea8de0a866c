/** The containers of a Pod or template. */
import type { Container, ContainerState, ContainerStatus, EnvVar, Pod, Probe } from '../../api/core/pod-types.ts'
import type { ResourceList } from '../../api/meta/object.ts'
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
  for (const container of containers ?? []) {
    const status = statuses.find(({ name }) => name === container.name)
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
  const ports = container.ports ?? []
  const plural = ports.length > 1 ? 's' : ''
  w.field(2, `Port${plural}`, ports.map((port) => `${port.containerPort}/${port.protocol}`).join(', ') || '<none>')
  w.field(2, `Host Port${plural}`, ports.map((port) => `${port.hostPort ?? 0}/${port.protocol}`).join(', ') || '<none>')
  const profile = container.securityContext?.seccompProfile
  if (profile) w.field(2, 'SeccompProfile', profile.type)
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
    for (const name of names) w.field(level + 1, name, list?.[name] ?? '')
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
    const path = httpGet.path ?? ''
    return `http-get ${(httpGet.scheme ?? 'HTTP').toLowerCase()}://${httpGet.host ?? ''}:${httpGet.port}${path.startsWith('/') || !path ? path : `/${path}`} ${times}`
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port} ${times}`
  if (grpc) return `grpc <pod>:${grpc.port} ${grpc.service ?? ''} ${times}`
  return `unknown ${times}`
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
    const [list, resource] = resourceFieldRef.resource.split('.')
    const amounts = list === 'limits' ? container.resources?.limits : container.resources?.requests
    const shown =
      amounts?.[resource] ?? (list === 'limits' && ['cpu', 'memory'].includes(resource) ? 'node allocatable' : '0')
    w.line(3, `${name}:\t${shown} (${resourceFieldRef.resource})`)
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

/** The value of a downward API field that can be told from the object. */
function readField(pod: Pod, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path)
  if (keyed) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]] ?? ''
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name
    case 'metadata.namespace':
      return pod.metadata.namespace ?? ''
    case 'metadata.uid':
      return pod.metadata.uid
    default:
      // Values that only the kubelet knows are left out, as kubectl does.
      return ''
  }
}

function writeMounts(w: DescribeWriter, container: Container): void {
  const mounts = container.volumeMounts ?? []
  w.line(2, `Mounts:${mounts.length ? '' : '\t<none>'}`)
  for (const mount of mounts.toSorted((a, b) => (a.mountPath < b.mountPath ? -1 : 1))) {
    const options = [mount.readOnly ? 'ro' : 'rw', ...(mount.subPath ? [`path=${JSON.stringify(mount.subPath)}`] : [])]
    w.line(3, `${mount.mountPath} from ${mount.name} (${options.join(',')})`)
  }
}
