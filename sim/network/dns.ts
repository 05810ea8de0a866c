/**
 * The cluster's DNS: names of Services and of the Pods behind them.
 * Sources: https://github.com/kubernetes/dns/blob/master/docs/specification.md, plugin/kubernetes of CoreDNS
 * Simplified: answers are never cached, and where the cluster runs no DNS Pods it answers without them.
 */
import { services as serviceKind } from '../api/core/service.ts'
import type { Service } from '../api/core/types.ts'
import { endpointSlices as sliceKind } from '../api/discovery/endpoint-slice.ts'
import type { Endpoint, EndpointSlice } from '../api/discovery/types.ts'
import type { ComponentContext, RunningComponent } from '../client/machinery.ts'
import { charge } from '../engine/work.ts'
import { clusterDnsIP, parseIp } from './address.ts'
import type { Network } from './network.ts'
import type { NameServer } from './resolver.ts'
import type { DnsRecord, NameService } from './types.ts'

const CLUSTER_DOMAIN = 'cluster.local'
const DNS_PORT = 53

const REVERSE_DOMAIN = '.in-addr.arpa'

interface PortFacts {
  name?: string
  protocol?: string
}

export interface DnsOptions {
  /** Under the identity of CoreDNS; the caller starts its informers. */
  context: ComponentContext
  network: Network
  /** It is Pods behind the Service kube-dns: without a ready one nobody answers. */
  needsPods: boolean
}

/** Answers names from now on; Pods whose sandboxes are made later search in the cluster's domain. */
export function startDns({ context, network, needsPods }: DnsOptions): RunningComponent {
  const services = context.informers.informer(serviceKind)
  const slices = context.informers.informer(sliceKind)

  function slicesOf({ metadata }: Service): EndpointSlice[] {
    const all = slices.list(metadata.namespace)
    charge(all.length)
    return all.filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name)
  }

  function endpointsOf(service: Service): Endpoint[] {
    const own = slicesOf(service)
    charge(stepsOfEndpoint * sizeOf(own))
    return own.flatMap((slice) => slice.endpoints ?? []).filter((endpoint) => isListed(service, endpoint))
  }

  function answerService(labels: readonly string[]): readonly string[] | undefined {
    const host = labels.length === 3 ? labels[0] : undefined
    const [name, namespace] = labels.slice(-2)
    const service = services.get({ namespace, name })
    if (!service) return undefined
    const { spec } = service
    if (spec.type === 'ExternalName') return host || !spec.externalName ? undefined : [spec.externalName]
    // CoreDNS answers for an endpoint by its name whatever kind of Service it is below; the specification promises it for headless ones.
    if (spec.clusterIP && spec.clusterIP !== 'None' && !host) return [spec.clusterIP]
    const found = endpointsOf(service).filter((endpoint) => !host || hostOf(endpoint) === host)
    const addresses = [...new Set(found.map((endpoint) => endpoint.addresses[0]))].sort()
    return addresses.length > 0 ? addresses : undefined
  }

  const nameOf = ({ metadata }: Service): string => `${metadata.name}.${metadata.namespace}.svc.${CLUSTER_DOMAIN}`

  /** `_http._tcp.web.default`, or the Service's name for all of its ports; undefined when there is nothing of that name. */
  function serviceRecords(asked: string, labels: readonly string[]): readonly DnsRecord[] | undefined {
    const [portLabel, protocolLabel] = labels[0]?.startsWith('_') ? labels : [undefined, undefined]
    const [name, namespace] = labels.slice(-2)
    const service = services.get({ namespace, name })
    if (!service || service.spec.type === 'ExternalName') return undefined
    const isAsked = ({ name: port = '', protocol = 'TCP' }: PortFacts): boolean =>
      portLabel === undefined || (`_${port}` === portLabel && `_${protocol.toLowerCase()}` === protocolLabel)
    const record = (weight: number, port: number, host: string): DnsRecord => ({
      name: asked,
      type: 'SRV',
      value: `0 ${weight} ${port} ${host}`,
    })
    if (service.spec.clusterIP !== 'None') {
      charge(stepsOfEndpoint * (service.spec.ports?.length ?? 0))
      const ports = (service.spec.ports ?? []).filter(isAsked)
      return ports.length > 0 ? ports.map(({ port }) => record(100, port, nameOf(service))) : undefined
    }
    const targets = slicesOf(service).flatMap((slice) => {
      charge(slice.ports?.length ?? 0)
      const ports = (slice.ports ?? []).filter((port) => isAsked(port) && port.port !== undefined)
      charge(stepsOfTarget * ports.length * (slice.endpoints?.length ?? 0))
      return ports.flatMap(({ port }) =>
        (slice.endpoints ?? [])
          .filter((endpoint) => isListed(service, endpoint))
          .map((endpoint) => ({ port: port!, host: `${hostOf(endpoint)}.${nameOf(service)}` })),
      )
    })
    if (targets.length === 0) return undefined
    return targets.map(({ port, host }) => record(Math.floor(100 / targets.length), port, host))
  }

  /** Addresses have names when they are cluster IPs, or are of endpoints with a hostname of their own below any Service. */
  function pointerRecords(asked: string): readonly DnsRecord[] | undefined {
    const ip = asked.slice(0, -REVERSE_DOMAIN.length).split('.').reverse().join('.')
    const record = (value: string): DnsRecord => ({ name: asked, type: 'PTR', value })
    charge(services.list().length / 4)
    const own = services.list().find(({ spec }) => spec.clusterIP === ip)
    if (own) return [record(nameOf(own))]
    charge(slices.list().length + sizeOf(slices.list()) / 4)
    const found = slices.list().flatMap((slice) => {
      const service = slice.metadata.labels?.['kubernetes.io/service-name']
      return (slice.endpoints ?? [])
        .filter(({ addresses, hostname }) => addresses[0] === ip && hostname)
        .map(({ hostname }) => record(`${hostname}.${service}.${slice.metadata.namespace}.svc.${CLUSTER_DOMAIN}`))
    })
    return found.length > 0 ? found : undefined
  }

  /** The first name server behind the Service that Pods ask; undefined where nobody answers there. Simplified: it answers for all. */
  function behindService(): NameService | undefined {
    const service = services.get({ namespace: 'kube-system', name: 'kube-dns' })
    if (service?.spec.clusterIP !== clusterDnsIP) return undefined
    const asked = service.spec.ports?.find(({ port, protocol }) => port === DNS_PORT && protocol === 'UDP')
    if (!asked) return undefined
    for (const { ports, endpoints } of slicesOf(service)) {
      const port = ports?.find(({ name }) => (name ?? '') === (asked.name ?? ''))?.port
      charge(endpoints?.length ?? 0)
      for (const { addresses, conditions } of endpoints ?? []) {
        if (port === undefined || conditions?.ready === false) continue
        const names = network.serverAt(addresses[0], port, 'UDP')?.names
        if (names) return names()
      }
    }
    return undefined
  }

  const isServing = (name: string): boolean => !needsPods || behindService()?.servesCluster(name) === true

  const server: NameServer = {
    ip: clusterDnsIP,
    clusterDomain: CLUSTER_DOMAIN,
    answer(name) {
      const lower = name.toLowerCase()
      const own = needsPods ? behindService()?.hostOf(lower) : undefined
      if (own) return [own]
      if (!lower.endsWith(`.${CLUSTER_DOMAIN}`) || !isServing(lower)) return undefined
      const labels = lower.slice(0, -CLUSTER_DOMAIN.length - 1).split('.')
      const zone = labels.pop()
      if (zone === 'svc' && (labels.length === 2 || labels.length === 3)) return answerService(labels)
      if (zone !== 'pod' || labels.length !== 2) return undefined
      const ip = labels[0].replaceAll('-', '.')
      return parseIp(ip) === undefined ? undefined : [ip]
    },
    isServed: () => !needsPods || behindService() !== undefined,
    forwards: (name) => !needsPods || behindService()?.forwards(name) === true,
    owns: (name) =>
      (needsPods && behindService()?.hostOf(name) !== undefined) ||
      ((isIn(name.toLowerCase(), CLUSTER_DOMAIN) || name.endsWith(REVERSE_DOMAIN)) && isServing(name)),
    records(name, type) {
      const lower = name.toLowerCase()
      if (lower.endsWith(REVERSE_DOMAIN)) {
        const found = pointerRecords(lower)
        return found && type !== 'PTR' ? [] : found
      }
      const found = server.answer(lower)
      const labels = lower.slice(0, -`.svc.${CLUSTER_DOMAIN}`.length).split('.')
      const isService = isIn(lower, `svc.${CLUSTER_DOMAIN}`)
      const served =
        isService && (labels.length === 2 || labels[0].startsWith('_')) ? serviceRecords(lower, labels) : undefined
      if (!found) return served && type !== 'SRV' ? [] : served
      const alias = found.find((address) => parseIp(address) === undefined)
      if (alias) return [{ name: lower, type: 'CNAME', value: alias }]
      if (type === 'SRV') return served ?? []
      return type === 'A' ? found.map((value) => ({ name: lower, type: 'A', value })) : []
    },
  }
  network.setNameServer(server)
  return { stop: () => network.setNameServer(undefined) }
}

/** Of computing: to look at an endpoint, and to make the record of one of its ports. */
const stepsOfEndpoint = 4
const stepsOfTarget = 15

const sizeOf = (slices: readonly EndpointSlice[]): number =>
  slices.reduce((sum, { endpoints }) => sum + (endpoints?.length ?? 0), 0)

const isIn = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`)

const isListed = ({ spec }: Service, { conditions }: Endpoint): boolean =>
  conditions?.ready !== false || spec.publishNotReadyAddresses === true

/** The label of an endpoint below its Service. */
const hostOf = ({ hostname, addresses }: Endpoint): string => hostname || addresses[0].replaceAll('.', '-')
