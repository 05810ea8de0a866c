/** kubectl create service: clusterip, nodeport, loadbalancer, externalname. Source: k8s.io/kubectl/pkg/cmd/create/create_service.go */
import { dnsSubdomainErrors, portNameErrors, portNumberErrors } from '../../../api/meta/names.ts'
import type { Command, Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import type { Flag } from '../../flags.ts'
import { generatorCommand } from './generator.ts'

const tcpFlag: Flag = {
  name: 'tcp',
  type: 'list',
  help: "Port pairs can be specified as '<port>:<targetPort>'.",
}
const nodePortFlag: Flag = {
  name: 'node-port',
  type: 'int',
  help: 'Port used to expose the service on each node in a cluster.',
}

/** `80`, `80:8080`, `80:http` → a port. @throws KubectlError */
function parsePort(text: string, nodePort: number) {
  const [left, right = left] = text.split(':')
  if (!/^\d+$/.test(left)) throw new KubectlError(`strconv.ParseUint: parsing ${JSON.stringify(left)}: invalid syntax`)
  if (Number(left) > 65535)
    throw new KubectlError(`strconv.ParseUint: parsing ${JSON.stringify(left)}: value out of range`)
  const isNumber = /^[+-]?\d+$/.test(right)
  const problems = right === left ? [] : isNumber ? portNumberErrors(Number(right)) : portNameErrors(right)
  if (problems.length > 0) throw new KubectlError(problems.join(','))
  return {
    name: text.replaceAll(':', '-'),
    protocol: 'TCP',
    port: Number(left),
    targetPort: isNumber ? Number(right) : right,
    ...(nodePort ? { nodePort } : {}),
  }
}

/** @param address the fields that say where it is found; those that the Go type has after `type` come behind it */
function service(
  name: string,
  type: string,
  { clusterIP, externalName }: { clusterIP?: string; externalName?: string },
  ports: readonly object[],
) {
  const labels = { app: name }
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name, labels },
    spec: { ...(ports.length > 0 ? { ports } : {}), selector: labels, clusterIP, type, externalName },
    status: { loadBalancer: {} },
  }
}

const portsOf = (invocation: Invocation, nodePort = 0) => {
  const pairs = invocation.flags.list('tcp')
  return pairs.map((pair) => parsePort(pair, nodePort))
}

const usage = 'NAME --tcp=<port>:<targetPort> [--dry-run=server|client|none] [options]'

const needPorts = (ports: readonly object[]): readonly object[] => {
  if (ports.length === 0) throw new KubectlError('at least one tcp port specifier must be provided')
  return ports
}

const clusterIp = generatorCommand({
  name: 'clusterip',
  short: 'Create a ClusterIP service',
  failure: 'failed to create ClusterIP service: ',
  usage,
  flags: [
    tcpFlag,
    { name: 'clusterip', type: 'string', help: "Assign your own ClusterIP or set to 'None' for a 'headless' service." },
  ],
  build(invocation, name) {
    const address = invocation.flags.string('clusterip')
    const ports = portsOf(invocation)
    if (address !== 'None') needPorts(ports)
    return service(name, 'ClusterIP', address ? { clusterIP: address } : {}, ports)
  },
})

const nodePort = generatorCommand({
  name: 'nodeport',
  short: 'Create a NodePort service',
  failure: 'failed to create NodePort service: ',
  usage,
  flags: [tcpFlag, nodePortFlag],
  build: (invocation, name) =>
    service(name, 'NodePort', {}, needPorts(portsOf(invocation, invocation.flags.number('node-port')))),
})

const loadBalancer = generatorCommand({
  name: 'loadbalancer',
  short: 'Create a LoadBalancer service',
  failure: 'failed to create LoadBalancer service: ',
  usage,
  flags: [tcpFlag],
  build: (invocation, name) => service(name, 'LoadBalancer', {}, needPorts(portsOf(invocation))),
})

const externalName = generatorCommand({
  name: 'externalname',
  short: 'Create an ExternalName service',
  failure: 'failed to create ExternalName service: ',
  usage: 'NAME --external-name external.name [--dry-run=server|client|none] [options]',
  flags: [tcpFlag, { name: 'external-name', type: 'string', isRequired: true, help: 'External name of service' }],
  build(invocation, name) {
    const external = invocation.flags.string('external-name')
    if (dnsSubdomainErrors(external).length > 0) throw new KubectlError(`invalid service external name ${external}`)
    return service(name, 'ExternalName', { externalName: external }, portsOf(invocation))
  },
})

export const createService: Command = {
  name: 'service',
  aliases: ['svc'],
  short: 'Create a service using a specified subcommand',
  usage: '(clusterip | externalname | loadbalancer | nodeport)',
  failsAlone: 'stderr',
  subcommands: [clusterIp, externalName, loadBalancer, nodePort],
}
