/** kubectl port-forward. Source: k8s.io/kubectl/pkg/cmd/portforward/portforward.go, k8s.io/client-go/tools/portforward */
import type { Pod } from '../../api/core/pod-types.ts'
import type { Service } from '../../api/core/types.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type { PortServer } from '../../network/types.ts'
import type { Command, Invocation } from '../command.ts'
import type { LocalMachine } from '../context.ts'
import { KubectlError } from '../errors.ts'
import { choosePod, findObject, podKind } from '../pods.ts'

interface ForwardedPort {
  /** 0 for one that is free. */
  local: number
  remote: number
}

interface ListenAddress {
  address: string
  protocol: 'tcp4' | 'tcp6'
  /** One of those that stand for localhost may fail. */
  isOfLocalhost: boolean
}

export const portForward: Command = {
  name: 'port-forward',
  short: 'Forward one or more local ports to a pod',
  usage: 'TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  flags: [
    {
      name: 'address',
      type: 'list',
      help: 'Addresses to listen on: IP addresses or localhost, which is 127.0.0.1 and ::1.',
    },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      default: 60_000,
      help: 'How long to wait until at least one pod is running',
    },
  ],
  *run(invocation) {
    const { args, flags, context } = invocation
    const [name, ...texts] = args
    if (texts.length === 0) throw invocation.usageError('TYPE/NAME and list of ports are required for port-forward')
    const found = findObject(invocation, name)
    const { pod: chosen } = yield* choosePod(invocation, found, 'attach to')
    const isService = found.kind.kind === 'Service'
    const wanted = isService ? servicePorts(texts, found.object as Service, chosen) : podPorts(texts, chosen)
    const key = { namespace: invocation.namespace, name: chosen.metadata.name }
    const { phase } = invocation.client.get(podKind(invocation), key).status
    if (phase !== 'Running')
      throw new KubectlError(`unable to forward port because pod is not running. Current status=${phase}`)
    const given = flags.list('address')
    const addresses = parseAddresses(given.length > 0 ? given : ['localhost'])
    const ports = wanted.map(parsePort)
    const { machine } = context
    if (!machine)
      throw new KubectlError(
        `kubectl port-forward goes on until it is stopped, and here a line runs to its end: ask inside of the Pod instead, as with "kubectl exec ${key.name} -- wget -qO- localhost:${ports[0].remote}"`,
      )
    const way = openWay(invocation, machine, key.namespace, key.name)
    yield {
      start(resume) {
        const closers: (() => void)[] = []
        const close = (): void => closers.splice(0).forEach((end) => void end())
        const lost = (local: number, remote: number, why: string): void => {
          const words = `an error occurred forwarding ${local} -> ${remote}: ${why}`
          invocation.log('E', 'portforward.go:522', `"Unhandled Error" err=${JSON.stringify(words)}`)
          close()
          resume(undefined)
        }
        const isListening = ports.map((port) => {
          const server = way(port.remote, (why) => lost(port.local, port.remote, why))
          const connected = (): void => invocation.out(`Handling connection for ${port.local}\n`)
          const failure = listenOn(invocation, machine, addresses, port, closers, telling(server, connected))
          if (failure) invocation.err(`Unable to listen on port ${port.local}: ${failure}\n`)
          return !failure
        })
        if (!isListening.includes(true)) {
          close()
          const shown = ports.map(({ local, remote }) => `{${local} ${remote}}`).join(' ')
          throw new KubectlError(`unable to listen on any of the requested ports: [${shown}]`)
        }
        return close
      },
    }
    throw new KubectlError('lost connection to pod')
  },
}

function openWay(
  { client }: Invocation,
  machine: LocalMachine,
  namespace: string,
  pod: string,
): ReturnType<LocalMachine['forward']> {
  try {
    return machine.forward({ user: client.user, namespace, pod })
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw new KubectlError(`error upgrading connection: ${error.message}`)
  }
}

/** The server, and somebody who is told of each connection. */
const telling = (server: PortServer, connected: () => void): PortServer => ({
  get tls() {
    return server.tls
  },
  http(request, reply) {
    connected()
    server.http?.(request, reply)
  },
  tcp(input, reply) {
    connected()
    server.tcp?.(input, reply)
  },
})

/** Listens on all addresses; what of them it got stays open. @returns why it failed, if it did */
function listenOn(
  invocation: Invocation,
  machine: LocalMachine,
  addresses: readonly ListenAddress[],
  port: ForwardedPort,
  closers: (() => void)[],
  server: PortServer,
): string | undefined {
  const failures: { why: string; isOfLocalhost: boolean }[] = []
  let isLocalhostOpen = false
  for (const { address, protocol, isOfLocalhost } of addresses) {
    const listening = machine.listen(address, port.local, server)
    const place = (local: number): string => `${protocol === 'tcp6' ? `[${address}]` : address}:${local}`
    if ('error' in listening) {
      const why = `unable to create listener: Error listen ${protocol} ${place(port.local)}: bind: ${listening.error}`
      failures.push({ why, isOfLocalhost })
      continue
    }
    port.local = listening.port
    closers.push(listening.close)
    invocation.out(`Forwarding from ${place(port.local)} -> ${port.remote}\n`)
    isLocalhostOpen ||= isOfLocalhost
  }
  if (failures.every(({ isOfLocalhost }) => isOfLocalhost && isLocalhostOpen)) return undefined
  return `Listeners failed to create with the following errors: [${failures.map(({ why }) => why).join(' ')}]`
}

// ---------- addresses and ports ----------

function parseAddresses(texts: readonly string[]): ListenAddress[] {
  const parsed = new Map<string, ListenAddress>()
  for (const text of texts) {
    if (text === 'localhost') {
      for (const [address, protocol] of [
        ['127.0.0.1', 'tcp4'],
        ['::1', 'tcp6'],
      ] as const)
        if (!parsed.has(address)) parsed.set(address, { address, protocol, isOfLocalhost: true })
    } else if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255))
      parsed.set(text, { address: text, protocol: 'tcp4', isOfLocalhost: false })
    else if (/^[\da-f:.]*:[\da-f:.]*$/i.test(text))
      parsed.set(text, { address: text, protocol: 'tcp6', isOfLocalhost: false })
    else throw new KubectlError(`${text} is not a valid IP`)
  }
  return [...parsed.values()].sort((a, b) => (a.address < b.address ? -1 : 1))
}

/** `8080:80`, `80`, or `:80` for a local port that is free. */
function parsePort(text: string): ForwardedPort {
  const parts = text.split(':')
  const [first, second = first] = parts
  if (parts.length > 2) throw new KubectlError(`invalid port format '${text}'`)
  const local = parseUint(parts.length === 2 && first === '' ? '0' : first, 'local')
  const remote = parseUint(second, 'remote')
  if (remote === 0) throw new KubectlError('remote port must be > 0')
  return { local, remote }
}

function parseUint(text: string, side: 'local' | 'remote'): number {
  const fail = (why: string): KubectlError =>
    new KubectlError(`error parsing ${side} port '${text}': strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`)
  if (!/^\d+$/.test(text)) throw fail('invalid syntax')
  if (Number(text) > 65535) throw fail('value out of range')
  return Number(text)
}

function split(text: string): { local: string; remote: string } {
  const parts = text.split(':')
  return parts.length === 2 ? { local: parts[0], remote: parts[1] } : { local: parts[0], remote: parts[0] }
}

const isNumber = (text: string): boolean => /^[-+]?\d+$/.test(text)
const join = (local: string, remote: string): string => (local === remote ? remote : `${local}:${remote}`)

function podPorts(texts: readonly string[], pod: Pod): string[] {
  const declared = pod.spec.containers.flatMap(({ ports = [] }) =>
    ports.map(({ containerPort, protocol }) => ({ port: containerPort, protocol })),
  )
  refuseUdp(texts, declared, (name) => podPortNamed(pod, name))
  return texts.map((text) => {
    const { local, remote } = split(text)
    if (remote === '') throw new KubectlError('remote port cannot be empty')
    const port = isNumber(remote) ? remote : String(podPortNamed(pod, remote))
    return local === remote ? port : `${local}:${port}`
  })
}

function servicePorts(texts: readonly string[], service: Service, pod: Pod): string[] {
  const declared = (service.spec.ports ?? []).map(({ port, protocol }) => ({ port, protocol }))
  refuseUdp(texts, declared, (name) => servicePortNamed(service, name))
  return texts.map((text) => {
    const { local, remote } = split(text)
    const port = isNumber(remote) ? Number(remote) : servicePortNamed(service, remote)
    const own = !isNumber(remote) && local === remote ? String(port) : local
    return join(own, String(targetPortOf(service, pod, port)))
  })
}

function refuseUdp(
  texts: readonly string[],
  declared: readonly { port: number; protocol?: string }[],
  named: (name: string) => number,
): void {
  const ofProtocol = (wanted: string): Set<number> =>
    new Set(declared.filter(({ protocol }) => protocol === wanted).map(({ port }) => port))
  const udp = ofProtocol('UDP')
  const tcp = ofProtocol('TCP')
  for (const text of texts) {
    const { remote } = split(text)
    const port = isNumber(remote) ? Number(remote) : named(remote)
    if (udp.has(port) && !tcp.has(port)) throw new KubectlError(`UDP protocol is not supported for ${remote}`)
  }
}

/** Source: k8s.io/kubectl/pkg/util/pod_port.go */
function podPortNamed({ metadata, spec }: Pod, name: string): number {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  const found = [...sidecars, ...spec.containers]
    .flatMap(({ ports = [] }) => ports)
    .find((port) => port.name === name && name !== '')
  if (!found) throw new KubectlError(`Pod '${metadata.name}' does not have a named port '${name}'`)
  return found.containerPort
}

/** Source: k8s.io/kubectl/pkg/util/service_port.go */
function servicePortNamed({ metadata, spec }: Service, name: string): number {
  const found = (spec.ports ?? []).find((port) => (port.name ?? '') === name)
  if (!found) throw new KubectlError(`Service '${metadata.name}' does not have a named port '${name}'`)
  return found.port
}

function targetPortOf({ metadata, spec }: Service, pod: Pod, port: number): number {
  const found = (spec.ports ?? []).find((candidate) => candidate.port === port)
  if (!found) throw new KubectlError(`Service ${metadata.name} does not have a service port ${port}`)
  if (spec.clusterIP === 'None') return port
  const { targetPort } = found
  return typeof targetPort === 'string' ? podPortNamed(pod, targetPort) : targetPort || port
}
