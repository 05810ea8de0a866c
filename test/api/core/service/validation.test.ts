/** What the server says of a Service. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, type RefusedChange, updateErrorsOf } from '../../stored.ts'

const port = (part: object = {}) => ({ port: 80, ...part })
const service = (part: object = {}) => ({ spec: { ports: [port()], ...part } })
const ports = (...given: object[]) => service({ ports: given })

const BALANCER = "Forbidden: may only be used when `type` is 'LoadBalancer'"
const OUTSIDE = 'Forbidden: may not be set for ExternalName services'
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const PORT = 'must be between 1 and 65535, inclusive'
const IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const repeated = (protocol: string, number: number): string =>
  `Duplicate value: {"Name":"","Protocol":"${protocol}","AppProtocol":null,"Port":${number},"TargetPort":0,"NodePort":0}`

const refused: Refusal[] = [
  { name: 'of one port', part: service(), errors: [] },
  { name: 'whose name begins with a digit', part: service(), metadata: { name: '1a' }, errors: [] },
  {
    name: 'with a dot in its name',
    part: service(),
    metadata: { name: 'a.b' },
    errors: ['metadata.name: Invalid value: "a.b": must not contain dots'],
  },
  {
    name: 'without a namespace',
    part: service(),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
  { name: 'of no port', part: service({ ports: [] }), errors: ['spec.ports: Required value'] },
  { name: 'of no port and no address', part: service({ ports: [], clusterIP: 'None' }), errors: [] },
  ...['NodePort', 'LoadBalancer'].map((type) => ({
    name: `of type ${type} without an address`,
    part: service({ type, clusterIP: 'None' }),
    errors: [`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for ${type} services`],
  })),
  {
    name: 'of another type',
    part: service({ type: 'Mesh' }),
    errors: [
      'spec.type: Unsupported value: "Mesh": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
  },
  { name: 'for another name', part: { spec: { type: 'ExternalName', externalName: 'example.com.' } }, errors: [] },
  { name: 'for no name', part: { spec: { type: 'ExternalName' } }, errors: ['spec.externalName: Required value'] },
  {
    name: 'for what is no name',
    part: { spec: { type: 'ExternalName', externalName: 'a_b.' } },
    errors: [`spec.externalName: Invalid value: "a_b": ${SUBDOMAIN}`],
  },
  {
    name: 'for another name, with addresses of its own',
    part: {
      spec: {
        ...{ type: 'ExternalName', externalName: 'a', clusterIP: '10.0.0.1' },
        ...{ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
      },
    },
    errors: [`spec.clusterIPs: ${OUTSIDE}`, `spec.ipFamilies: ${OUTSIDE}`, `spec.ipFamilyPolicy: ${OUTSIDE}`],
  },
  {
    name: 'of two ports without names',
    part: ports(port(), port({ port: 81 })),
    errors: ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
  },
  {
    name: 'of two ports of one name, which is none',
    part: ports(port({ name: 'A' }), port({ name: 'A', port: 81 })),
    errors: [
      `spec.ports[0].name: Invalid value: "A": ${LABEL}`,
      `spec.ports[1].name: Invalid value: "A": ${LABEL}`,
      'spec.ports[1].name: Duplicate value: "A"',
    ],
  },
  { name: 'of the last port', part: ports(port({ port: 65535, protocol: 'SCTP' })), errors: [] },
  ...[0, 65536].map((number) => ({
    name: `of port ${number}`,
    part: ports({ port: number, targetPort: 80 }),
    errors: [`spec.ports[0].port: Invalid value: ${number}: ${PORT}`],
  })),
  {
    name: 'of a port without a number',
    part: ports({ targetPort: 80 }),
    errors: [`spec.ports[0].port: Invalid value: 0: ${PORT}`],
  },
  {
    name: 'of another protocol',
    part: ports(port({ protocol: 'HTTP' })),
    errors: ['spec.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"'],
  },
  {
    name: 'that leads to no port',
    part: ports(port({ targetPort: 70000 })),
    errors: [`spec.ports[0].targetPort: Invalid value: 70000: ${PORT}`],
  },
  {
    name: 'of a protocol whose name is none',
    part: ports(port({ appProtocol: '-' })),
    errors: [`spec.ports[0].appProtocol: Invalid value: "-": ${QUALIFIED}`],
  },
  {
    name: 'of one port for two protocols',
    part: ports(port({ name: 'a' }), port({ name: 'b', protocol: 'UDP' })),
    errors: [],
  },
  {
    name: 'of one port twice',
    part: ports(port({ name: 'a' }), port({ name: 'b', port: 81 }), port({ name: 'c' })),
    errors: [`spec.ports[2]: ${repeated('TCP', 80)}`],
  },
  {
    name: 'of Pods with a label that is none',
    part: service({ selector: { a: '-' } }),
    errors: [`spec.selector: Invalid value: "-": ${LABEL_VALUE}`],
  },
  {
    name: 'of one port of every node for two protocols',
    part: service({
      type: 'NodePort',
      ports: [port({ name: 'a', nodePort: 30000 }), port({ name: 'b', nodePort: 30000, protocol: 'UDP' })],
    }),
    errors: [],
  },
  {
    name: 'of one port of every node twice',
    part: service({
      type: 'NodePort',
      ports: [port({ name: 'a', nodePort: 30000 }), port({ name: 'b', port: 81, nodePort: 30000 })],
    }),
    errors: ['spec.ports[1].nodePort: Duplicate value: 30000'],
  },
  {
    name: 'of ports of every node, inside the cluster',
    part: ports(port({ name: 'a', nodePort: 30000 }), port({ name: 'b', port: 81, nodePort: 30000 })),
    errors: [
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
      "spec.ports[1].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
      'spec.ports[1].nodePort: Duplicate value: 30000',
    ],
  },
  {
    name: 'with another affinity',
    part: service({ sessionAffinity: 'Cookie' }),
    errors: ['spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"'],
  },
  ...[1, 86400].map((timeoutSeconds) => ({
    name: `whose clients stay for ${timeoutSeconds} s`,
    part: service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } }),
    errors: [],
  })),
  ...[0, 86401].map((timeoutSeconds) => ({
    name: `whose clients stay for ${timeoutSeconds} s`,
    part: service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } }),
    errors: [
      `spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: ${timeoutSeconds}: must be greater than 0 and less than 86400`,
    ],
  })),
  {
    name: 'whose addresses are in disorder',
    part: service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.2'] }),
    errors: ['spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`'],
  },
  {
    name: 'with more addresses than the one that it does not have',
    part: service({ clusterIPs: ['10.0.0.2'] }),
    errors: ['spec.clusterIPs: Invalid value: ["10.0.0.2"]: must be empty when `clusterIP` is not specified'],
  },
  {
    name: 'with families that there are not',
    part: service({ ipFamilies: ['IPv5', 'IPv4', 'IPv4'], ipFamilyPolicy: 'TripleStack' }),
    errors: [
      'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
      'spec.ipFamilies[2]: Duplicate value: "IPv4"',
      'spec.ipFamilyPolicy: Unsupported value: "TripleStack": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
    ],
  },
  {
    name: 'of both families',
    part: service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'], ipFamilies: ['IPv4', 'IPv6'] }),
    errors: [],
  },
  {
    name: 'of both families in another order',
    part: service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'], ipFamilies: ['IPv6', 'IPv4'] }),
    errors: [
      'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
      'spec.clusterIPs[1]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[1]`',
    ],
  },
  {
    name: 'with two addresses of one family',
    part: service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', '10.0.0.2'] }),
    errors: [
      'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family',
    ],
  },
  {
    name: 'with three addresses',
    part: service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1', '10.0.0.2'] }),
    errors: ['spec.clusterIPs: Invalid value: ["10.0.0.1","fd00::1","10.0.0.2"]: may only hold up to 2 values'],
  },
  {
    name: 'with no address and one more',
    part: service({ clusterIP: 'None', clusterIPs: ['None', '10.0.0.1'] }),
    errors: [`spec.clusterIPs: Invalid value: ["None","10.0.0.1"]: 'None' must be the first and only value`],
  },
  {
    name: 'with an address and none more',
    part: service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'None'] }),
    errors: [`spec.clusterIPs[1]: Invalid value: "None": ${IP}`],
  },
  { name: 'without an address, of IPv6', part: service({ clusterIP: 'None', ipFamilies: ['IPv6'] }), errors: [] },
  {
    name: 'at addresses outside',
    part: service({ externalIPs: ['192.0.2.1', '1.2.3', '127.0.0.1'] }),
    errors: [
      `spec.externalIPs[1]: Invalid value: "1.2.3": ${IP}`,
      'spec.externalIPs[2]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  },
  {
    name: 'with what only a load balancer has',
    part: service({
      loadBalancerSourceRanges: ['10.0.0.0/8'],
      allocateLoadBalancerNodePorts: true,
      loadBalancerClass: '-',
    }),
    errors: [
      `spec.LoadBalancerSourceRanges: ${BALANCER}`,
      `spec.allocateLoadBalancerNodePorts: ${BALANCER}`,
      `spec.loadBalancerClass: ${BALANCER}`,
    ],
  },
  {
    name: 'with clients of certain networks',
    part: service({
      type: 'LoadBalancer',
      loadBalancerSourceRanges: ['10.0.0.0/8', ' 10.0.0.0/32 ', 'fd00::/128'],
      loadBalancerClass: 'example.com/a',
    }),
    errors: [],
  },
  ...['10.0.0.0', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/8', '10.0.0.0/a', 'fd00::/129'].map((range) => ({
    name: `with clients of ${range}`,
    part: service({ type: 'LoadBalancer', loadBalancerSourceRanges: [range] }),
    errors: [`spec.LoadBalancerSourceRanges[0]: Invalid value: "${range}": ${CIDR}`],
  })),
  {
    name: 'of a load balancer whose class is no name',
    part: service({ type: 'LoadBalancer', loadBalancerClass: '-' }),
    errors: [`spec.loadBalancerClass: Invalid value: "-": ${QUALIFIED}`],
  },
  { name: 'that stays on the node', part: service({ internalTrafficPolicy: 'Local' }), errors: [] },
  {
    name: 'that stays in the rack',
    part: service({ internalTrafficPolicy: 'Rack', trafficDistribution: 'PreferSameRack' }),
    errors: [
      'spec.internalTrafficPolicy: Unsupported value: "Rack": supported values: "Cluster", "Local"',
      'spec.trafficDistribution: Unsupported value: "PreferSameRack": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  },
  ...['PreferClose', 'PreferSameZone', 'PreferSameNode'].map((trafficDistribution) => ({
    name: `whose traffic is to ${trafficDistribution}`,
    part: service({ trafficDistribution }),
    errors: [],
  })),
  {
    name: 'of a policy for clients that it does not have',
    part: service({ externalTrafficPolicy: 'Local' }),
    errors: ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
  },
  {
    name: 'of another policy for clients outside',
    part: service({ type: 'NodePort', externalTrafficPolicy: 'Rack' }),
    errors: ['spec.externalTrafficPolicy: Unsupported value: "Rack": supported values: "Cluster", "Local"'],
  },
  ...[{ type: 'NodePort', externalTrafficPolicy: 'Local' }, { type: 'LoadBalancer' }].map((part) => ({
    name: `whose health nobody asks for, of ${JSON.stringify(part)}`,
    part: service({ ...part, healthCheckNodePort: 30000 }),
    errors: [
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  })),
  {
    name: 'that tells its health at a port',
    part: service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30000 }),
    errors: [],
  },
  {
    name: 'that tells its health at no port',
    part: service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 70000 }),
    errors: [`spec.healthCheckNodePort: Invalid value: 70000: ${PORT}`],
  },
]
for (const { name, part, metadata, errors } of refused)
  test(`a Service ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('services', part, metadata), errors))

const ONCE = 'may not change once set'
const at = (...clusterIPs: string[]) => service({ clusterIP: clusterIPs[0], clusterIPs })
const dual = (part: object = {}) => ({ ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4', 'IPv6'], ...part })
const both = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'] }
const one = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] }
const balancer = (part: object = {}) => service({ ...one, type: 'LoadBalancer', ...part })
const checked = (healthCheckNodePort: number, part: object = {}) =>
  balancer({ externalTrafficPolicy: 'Local', healthCheckNodePort, ...part })
const changes: RefusedChange[] = [
  {
    name: 'another address',
    before: at('10.0.0.1'),
    after: at('10.0.0.2'),
    errors: [`spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: ${ONCE}`],
  },
  {
    name: 'another second address',
    before: service({ ...dual(), ...both }),
    after: service({ ...dual(), ...both, clusterIPs: ['10.0.0.1', 'fd00::2'] }),
    errors: [`spec.clusterIPs[1]: Invalid value: ["10.0.0.1","fd00::2"]: ${ONCE}`],
  },
  {
    name: 'no address any more',
    before: at('10.0.0.1'),
    after: service({ clusterIP: 'None' }),
    errors: [`spec.clusterIPs[0]: Invalid value: ["None"]: ${ONCE}`],
  },
  {
    name: 'an address, where there was none to have',
    before: service({ clusterIP: 'None' }),
    after: at('10.0.0.1'),
    errors: [`spec.clusterIPs[0]: Invalid value: ["10.0.0.1"]: ${ONCE}`],
  },
  {
    name: 'other families, without an address',
    before: service({ clusterIP: 'None', ipFamilies: ['IPv4'] }),
    after: service({ clusterIP: 'None', ipFamilies: ['IPv6'] }),
    errors: [],
  },
  {
    name: 'another family',
    before: service({ ipFamilies: ['IPv4'] }),
    after: service({ ipFamilies: ['IPv6'] }),
    errors: [`spec.ipFamilies[0]: Invalid value: ["IPv6"]: ${ONCE}`],
  },
  {
    name: 'the families in another order',
    before: service(dual()),
    after: service(dual({ ipFamilies: ['IPv6', 'IPv4'] })),
    errors: ['', ''].map(() => `spec.ipFamilies[0]: Invalid value: ["IPv6","IPv4"]: ${ONCE}`),
  },
  {
    name: 'a second address',
    before: service({ ...one, ipFamilies: ['IPv4'] }),
    after: service({ ...dual(), ...both }),
    errors: [],
  },
  {
    name: 'a second address before the first',
    before: service({ ...one, ipFamilies: ['IPv4'] }),
    after: service({ clusterIP: 'fd00::1', clusterIPs: ['fd00::1', '10.0.0.1'], ipFamilies: ['IPv6', 'IPv4'] }),
    errors: ['clusterIPs', 'ipFamilies'].map(
      (field) => `spec.${field}[0]: Invalid value: ["fd00::1","10.0.0.1"]: ${ONCE}`,
    ),
  },
  {
    name: 'one address less',
    before: service({ ...dual(), ...both }),
    after: service({ ...one, ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }),
    errors: [],
  },
  {
    name: 'one address less, and the policy of two',
    before: service({ ...dual(), ...both }),
    after: service({ ...one, ipFamilies: ['IPv4'], ipFamilyPolicy: 'PreferDualStack' }),
    errors: ['clusterIP', 'ipFamily'].map(
      (what) =>
        `spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to 'SingleStack' when releasing the secondary ${what}`,
    ),
  },
  {
    name: 'the first address less',
    before: service({ ...dual(), ...both }),
    after: service({
      clusterIP: 'fd00::1',
      clusterIPs: ['fd00::1'],
      ipFamilies: ['IPv6'],
      ipFamilyPolicy: 'SingleStack',
    }),
    errors: ['clusterIPs', 'ipFamilies'].map((field) => `spec.${field}[0]: Invalid value: ["fd00::1"]: ${ONCE}`),
  },
  {
    name: 'no family and no address of its own, of another type',
    before: service({ type: 'ExternalName', externalName: 'a', ports: [port()] }),
    after: at('10.0.0.1'),
    errors: [],
  },
  {
    name: 'another name instead of an address',
    before: service({ ...one, ipFamilies: ['IPv4'] }),
    after: { spec: { type: 'ExternalName', externalName: 'a' } },
    errors: [],
  },
  {
    name: 'another class of load balancer, which is no name',
    before: balancer({ loadBalancerClass: 'a' }),
    after: balancer({ loadBalancerClass: '-' }),
    errors: [
      `spec.loadBalancerClass: Invalid value: "-": ${ONCE}`,
      `spec.loadBalancerClass: Invalid value: "-": ${QUALIFIED}`,
      `spec.loadBalancerClass: Invalid value: "-": ${QUALIFIED}`,
    ],
  },
  {
    name: 'a class, once it is a load balancer',
    before: service(one),
    after: balancer({ loadBalancerClass: 'a' }),
    errors: [],
  },
  {
    name: 'another port for its health',
    before: checked(30000),
    after: checked(30001),
    errors: ['spec.healthCheckNodePort: Forbidden: field is immutable'],
  },
  { name: 'a port for its health', before: balancer(), after: checked(30001), errors: [] },
  { name: 'no port for its health', before: checked(30001), after: balancer(), errors: [] },
  {
    name: 'no ports',
    before: service(one),
    after: service({ ...one, ports: [] }),
    errors: ['spec.ports: Required value'],
  },
  { name: 'no version', before: service(one), after: service(one), ...NO_VERSION },
]
for (const { name, errors, ...change } of changes)
  test(`an update of a Service with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(updateErrorsOf('services', change), errors))
