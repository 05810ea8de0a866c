/** Services of every type, zones, policies and proxies of every mode: what is done to them, and what has to come of it. */
import type { Node, Service } from '../../sim/api/core/types.ts'
import type { EndpointSlice } from '../../sim/api/discovery/types.ts'
import type { Random } from '../../sim/engine/random.ts'
import type { ClusterShape, Command, LiveCluster } from '../../sim/index.ts'

const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup'
/** Deployments and their Services; others of the swarm leave them alone. */
const names = ['front', 'back']
const line = (text: string): Command => ({ op: 'kubectl', line: text })

/** How a seed's network is. */
export const networkShape = (random: Random): Pick<ClusterShape, 'proxy' | 'cloudProvider'> => ({
  proxy: random.pick([
    { mode: 'iptables' },
    { mode: 'nftables' },
    { mode: 'ipvs', scheduler: random.pick(['rr', 'lc', 'sh', 'dh', 'sed', 'nq'] as const) },
  ]),
  cloudProvider: random.next() < 0.5,
})

export const serviceOperations: Record<string, (random: Random) => Command[]> = {
  service: (random) => {
    const name = random.pick(names)
    const type = random.pick(['ClusterIP', 'NodePort', 'LoadBalancer'])
    const fields = [
      `type: ${type}`,
      `selector: {app: ${name}}`,
      'ports: [{port: 80}]',
      `sessionAffinity: ${random.pick(['None', 'ClientIP'])}`,
      `internalTrafficPolicy: ${random.pick(['Cluster', 'Local'])}`,
      ...(type === 'ClusterIP' ? [] : [`externalTrafficPolicy: ${random.pick(['Cluster', 'Local'])}`]),
      ...random.pick([[], [`trafficDistribution: ${random.pick(['PreferSameZone', 'PreferSameNode'])}`]]),
    ]
    const annotation = random.pick(['', '', ', annotations: {service.kubernetes.io/topology-mode: Auto}'])
    const zones = [1, 2, 3].map((n) =>
      line(`kubectl label node node-${n} topology.kubernetes.io/zone=${random.pick(['a', 'b'])} --overwrite`),
    )
    const manifest = `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}${annotation}}\nspec: {${fields.join(', ')}}\n`
    return [
      ...zones,
      line(`kubectl create deployment ${name} --image=nginx:1.27`),
      line(`kubectl scale deployment ${name} --replicas=${random.int(0, 7)}`),
      { op: 'apply', manifest },
    ]
  },
  deleteService: (random) => [line(`kubectl delete service ${random.pick(names)} --wait=false`)],
  zone: (random) => {
    const zone = random.pick(['=a', '=b', '-'])
    return [line(`kubectl label node node-${random.int(1, 3)} topology.kubernetes.io/zone${zone} --overwrite`)]
  },
  policy: (random) => [
    random.pick([
      {
        op: 'apply',
        manifest: `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {matchLabels: {app: ${random.pick(names)}}}, policyTypes: [Ingress, Egress]}\n`,
      },
      line('kubectl delete networkpolicy p --ignore-not-found'),
    ]),
  ],
}

export const servicesMended: Command[] = [line('kubectl delete networkpolicy p --ignore-not-found')]

/** What is wrong with the network of a cluster that has been left alone. */
export function serviceProblems(cluster: LiveCluster, hasCloud: boolean): string[] {
  const services = (cluster.objects('services') as Service[]).filter(({ spec }) => spec.selector)
  return services.flatMap((service) => [
    ...balancerProblems(service, hasCloud),
    ...hintProblems(cluster, service),
    ...proxyProblems(cluster, service),
  ])
}

function balancerProblems({ metadata, spec, status }: Service, hasCloud: boolean): string[] {
  const wants = spec.type === 'LoadBalancer' && hasCloud
  const has = (status.loadBalancer.ingress ?? []).length > 0
  const isHeld = metadata.finalizers?.includes(FINALIZER) ?? false
  if (has === wants && isHeld === wants && !metadata.deletionTimestamp) return []
  return [`Service ${metadata.name} of type ${spec.type}: address ${has}, finalizer ${isHeld}, cloud ${hasCloud}`]
}

const slicesOf = (cluster: LiveCluster, { metadata }: Service): EndpointSlice[] =>
  (cluster.objects('endpointslices.discovery.k8s.io', { namespace: metadata.namespace }) as EndpointSlice[]).filter(
    (slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name,
  )

function hintProblems(cluster: LiveCluster, service: Service): string[] {
  const { metadata, spec } = service
  const isAuto = metadata.annotations?.['service.kubernetes.io/topology-mode'] === 'Auto'
  const ready = slicesOf(cluster, service).flatMap(({ endpoints }) => endpoints.filter((one) => one.conditions.ready))
  const zones = new Set(
    (cluster.objects('nodes') as Node[]).map((node) => node.metadata.labels?.['topology.kubernetes.io/zone']),
  )
  return ready.flatMap(({ hints, zone, nodeName, addresses }) => {
    const forZones = (hints?.forZones ?? []).map(({ name }) => name)
    const forNodes = (hints?.forNodes ?? []).map(({ name }) => name)
    const isRight = isAuto
      ? forNodes.length === 0 && forZones.every((name) => zones.has(name))
      : spec.trafficDistribution
        ? String(forZones) === String(zone ? [zone] : []) &&
          String(forNodes) === String(spec.trafficDistribution === 'PreferSameNode' ? [nodeName] : [])
        : !hints
    return isRight ? [] : [`Service ${metadata.name}: endpoint ${addresses[0]} in ${zone} has ${JSON.stringify(hints)}`]
  })
}

/** Each node's rules hold the endpoints of the slices, and lead to one of them. */
function proxyProblems(cluster: LiveCluster, service: Service): string[] {
  const { name, namespace } = service.metadata
  const ready = slicesOf(cluster, service)
    .flatMap(({ endpoints }) => endpoints.filter((one) => one.conditions.ready).map(({ addresses }) => addresses[0]))
    .sort()
  return cluster.network.nodeNames().flatMap((node) => {
    const table = cluster.network.rules(node)
    const rule = table.rules().find((one) => one.name === `${namespace}/${name}`)
    const held = (rule?.endpoints ?? []).map(({ ip }) => ip).sort()
    if (String(held) !== String(ready)) return [`${node} sends ${name} to ${held}; ready are ${ready}`]
    const target = { host: service.spec.clusterIP ?? '', port: 80 }
    const { outcome } = cluster.network.walk(cluster.network.node(node), target)
    const isLocal = service.spec.internalTrafficPolicy === 'Local'
    const none = table.proxy.mode === 'ipvs' ? 'refused' : 'timeout'
    const want = ready.length === 0 ? 'refused' : isLocal && rule!.localEndpoints(node).length === 0 ? none : 'reached'
    return outcome === want ? [] : [`a walk from ${node} to ${name} ends with ${outcome}, not ${want}`]
  })
}
