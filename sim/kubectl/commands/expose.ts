/** kubectl expose. Source: k8s.io/kubectl/pkg/cmd/expose/expose.go */

import type { KubeObject } from '../../api/meta/object.ts'
import { type Command, dryRunFlag, fieldManagerFlag, fileFlags, type Invocation, outputFlags } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { parseLabels } from '../labels.ts'
import { withOverrides } from '../overrides.ts'
import { selectorOf } from '../pods.ts'
import type { Found } from '../resources.ts'
import { showTyped } from '../results.ts'
import { findTargets } from '../targets.ts'
import { podSpecOf } from './set/pod-spec.ts'

const EXPOSABLE = new Set(['Pod', 'Service', 'ReplicationController', 'ReplicaSet', 'Deployment', 'StatefulSet'])

export const expose: Command = {
  name: 'expose',
  short: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  readsTypes: true,
  usage:
    '(-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type] [options]',
  flags: [
    ...fileFlags,
    ...outputFlags,
    dryRunFlag,
    fieldManagerFlag('kubectl-expose'),
    {
      name: 'cluster-ip',
      type: 'string',
      help: "ClusterIP to be assigned to the service. Set to 'None' to create a headless service.",
    },
    { name: 'external-ip', type: 'string', help: 'Additional external IP address for the service.' },
    { name: 'labels', short: 'l', type: 'string', help: 'Labels to apply to the service created by this call.' },
    { name: 'load-balancer-ip', type: 'string', help: 'IP to assign to the LoadBalancer.' },
    { name: 'name', type: 'string', help: 'The name for the newly created object.' },
    { name: 'overrides', type: 'string', help: 'An inline JSON override for the generated object.' },
    {
      name: 'override-type',
      type: 'string',
      default: 'merge',
      help: 'The method used to override the generated object.',
    },
    { name: 'port', type: 'string', help: 'The port that the service should serve on.' },
    { name: 'protocol', type: 'string', help: "The network protocol for the service to be created. Default is 'TCP'." },
    { name: 'selector', type: 'string', help: 'A label selector to use for this service.' },
    {
      name: 'session-affinity',
      type: 'string',
      help: "If non-empty, set the session affinity for the service to this; legal values: 'None', 'ClientIP'",
    },
    {
      name: 'target-port',
      type: 'string',
      help: 'Name or number for the port on the container that the service should direct traffic to.',
    },
    {
      name: 'type',
      type: 'string',
      help: 'Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName.',
    },
  ],
  run(invocation) {
    const errors: unknown[] = []
    // --selector here is the new Service's, so that the objects are found by their names alone.
    const collect = (error: unknown): void => void errors.push(error)
    for (const found of findTargets(invocation, invocation.args, collect, { ignoresSelector: true })) {
      try {
        if (!EXPOSABLE.has(found.kind.kind)) throw new KubectlError(`cannot expose a ${found.kind.kind}`)
        const service = withOverrides(invocation, buildService(invocation, found), 'io.k8s.api.core.v1.Service')
        const kind = invocation.resources.find('services')
        const created =
          invocation.dryRun === 'client'
            ? (service as unknown as KubeObject)
            : invocation.client.create(
                kind,
                service as never,
                invocation.writeOptions(invocation.flags.string('field-manager')),
              )
        if (invocation.dryRun !== 'client') invocation.showWarnings()
        showTyped(invocation, kind, created, 'exposed')
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}

function buildService(invocation: Invocation, { object }: Found) {
  const { flags } = invocation
  const labels = flags.has('labels') ? parseLabels(flags.string('labels')) : object.metadata.labels
  const type = flags.string('type')
  const affinity = flags.string('session-affinity')
  if (affinity && affinity !== 'None' && affinity !== 'ClientIP')
    throw new KubectlError(`unknown session affinity: ${affinity}`)
  const namespace = object.metadata.namespace ?? invocation.namespace
  const shownNamespace = invocation.isNamespaceGiven || invocation.dryRun !== 'client' ? { namespace } : {}
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: flags.string('name') || object.metadata.name.slice(0, 63),
      ...shownNamespace,
      ...(labels && Object.keys(labels).length > 0 ? { labels } : {}),
    },
    spec: {
      ports: portsOf(invocation, object),
      selector: flags.string('selector') ? parseLabels(flags.string('selector')) : targetSelector(object),
      ...(type ? { type } : {}),
      ...(affinity ? { sessionAffinity: affinity } : {}),
      ...(flags.string('cluster-ip') ? { clusterIP: flags.string('cluster-ip') } : {}),
      ...(flags.string('external-ip') ? { externalIPs: [flags.string('external-ip')] } : {}),
      ...(flags.string('load-balancer-ip') ? { loadBalancerIP: flags.string('load-balancer-ip') } : {}),
    },
    status: { loadBalancer: {} },
  }
}

const NO_SELECTOR = "couldn't retrieve selectors via --selector flag or introspection"

function targetSelector(object: KubeObject): Record<string, string> {
  if (object.kind === 'Pod') {
    const { labels } = object.metadata
    if (!labels || Object.keys(labels).length === 0) {
      throw new KubectlError(`${NO_SELECTOR}: the pod has no labels and cannot be exposed`)
    }
    return labels
  }
  const selector = selectorOf(object)
  if (object.kind === 'Service' && Object.keys(selector?.matchLabels ?? {}).length === 0) {
    throw new KubectlError(`${NO_SELECTOR}: the service has no pod selector set`)
  }
  if (selector?.matchExpressions?.length) {
    throw new KubectlError(
      `${NO_SELECTOR}: couldn't convert expressions - ${JSON.stringify(selector.matchExpressions)} to map-based selector format`,
    )
  }
  if (!selector?.matchLabels)
    throw new KubectlError(
      `${NO_SELECTOR}: invalid ${object.kind.toLowerCase()}: no selectors, therefore cannot be exposed`,
    )
  return selector.matchLabels
}

interface KnownPort {
  port: number
  protocol?: string
}

/** Ports that the object itself names. */
function knownPorts(object: KubeObject): KnownPort[] {
  if (object.kind === 'Service') {
    const { spec } = object as unknown as { spec: { ports?: KnownPort[] } }
    return spec.ports ?? []
  }
  return (podSpecOf(object)?.containers ?? []).flatMap(({ ports = [] }) =>
    ports.map(({ containerPort, protocol }) => ({ port: containerPort, protocol })),
  )
}

function portsOf(invocation: Invocation, object: KubeObject): object[] {
  const { flags } = invocation
  const known = knownPorts(object)
  const given = flags.string('port')
  const isHeadless = flags.string('cluster-ip') === 'None'
  const wanted = given ? given.split(',') : known.map(({ port }) => String(port))
  if (wanted.length === 0) {
    if (isHeadless) return []
    throw new KubectlError("couldn't find port via --port flag or introspection")
  }
  const target = flags.string('target-port')
  return wanted.map((text, at) => {
    if (!/^\d+$/.test(text)) throw new KubectlError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
    const port = Number(text)
    const protocol = flags.string('protocol') || known.find((one) => one.port === port)?.protocol || 'TCP'
    return {
      ...(wanted.length > 1 ? { name: `port-${at + 1}` } : {}),
      port,
      protocol,
      targetPort: target ? (/^\d+$/.test(target) ? Number(target) : target) : port,
    }
  })
}
