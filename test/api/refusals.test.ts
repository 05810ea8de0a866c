/** What the server v1.36 says of objects that are wrong in rare ways, kinds of all groups together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, type Refusal } from './stored.ts'

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const SEARCH =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')"
const containers = [{ name: 'c', image: 'i:1' }]
const owner = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', name, uid: name, controller: true })
const slice = (part: Record<string, unknown>) => ({ addressType: 'IPv4', endpoints: [], ...part })

const refusals: (Refusal & { plural: string })[] = [
  {
    name: 'a finalizer without a domain',
    plural: 'configmaps',
    part: {},
    metadata: { finalizers: ['foo', 'orphan', 'a.b/c'] },
    errors: [
      'metadata.finalizers[0]: Invalid value: "foo": name is neither a standard finalizer name nor is it fully qualified',
    ],
  },
  {
    name: 'two controllers',
    plural: 'configmaps',
    part: {},
    metadata: { ownerReferences: [owner('a'), owner('b')] },
    errors: [
      'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"Pod","name":"a","uid":"a","controller":true},{"apiVersion":"v1","kind":"Pod","name":"b","uid":"b","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b',
    ],
  },
  {
    name: 'a search domain',
    plural: 'pods',
    part: { spec: { containers, dnsConfig: { searches: ['Bad_', '_a.b'] } } },
    errors: [`spec.dnsConfig.searches[0]: Invalid value: "Bad_": ${SEARCH}`],
  },
  {
    name: 'half a huge page',
    plural: 'pods',
    part: { spec: { containers: [{ ...containers[0], resources: { limits: { cpu: '1', 'hugepages-2Mi': '3Mi' } } }] } },
    errors: ['limits', 'requests'].map(
      (field) =>
        `spec.containers[0].resources.${field}[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
    ),
  },
  {
    name: 'a user that is none',
    plural: 'pods',
    part: { spec: { containers, securityContext: { runAsUser: -1 } } },
    errors: ['spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
  },
  {
    name: 'a comparison, whose gate is off',
    plural: 'pods',
    part: { spec: { containers, tolerations: [{ key: 'a', operator: 'Gt', value: '5' }] } },
    errors: ['spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"'],
  },
  {
    name: 'parameters without a namespace',
    plural: 'ingressclasses',
    part: { spec: { controller: 'a.b/c', parameters: { kind: 'a/b', name: 'n', scope: 'Namespace' } } },
    errors: [
      `spec.parameters.kind: Invalid value: "a/b": may not contain '/'`,
      "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
    ],
  },
  {
    name: 'a controller of no domain',
    plural: 'ingressclasses',
    part: { spec: { controller: 'a b/c' } },
    errors: [`spec.controller: Invalid value: "a b": ${SUBDOMAIN}`],
  },
  {
    name: 'a resource without a name',
    plural: 'ingresses',
    part: { spec: { defaultBackend: { resource: { kind: 'a', name: '' } } } },
    errors: ['spec.defaultBackend.resource.name: Required value'],
  },
  {
    name: 'a range with more bits',
    plural: 'networkpolicies',
    part: { spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1/8' } }] }] } },
    errors: [
      'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
    ],
  },
  {
    name: 'an address that is none',
    plural: 'endpointslices',
    part: slice({ endpoints: [{ addresses: ['foo'] }], ports: [{ port: 0 }] }),
    errors: [
      'endpoints[0].addresses[0]: Invalid value: "foo": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  },
  {
    name: 'a node that no name is of',
    plural: 'endpointslices',
    part: slice({ endpoints: [{ addresses: ['1.2.3.4'], hints: { forNodes: [{ name: '' }] } }] }),
    errors: [`endpoints[0].hints.forNodes[0].name: Invalid value: "": ${SUBDOMAIN}`],
  },
  {
    name: 'text that is no JSON',
    plural: 'secrets',
    part: { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'Zm9v' } },
    errors: [
      `data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character 'o' in literal false (expecting 'a')`,
    ],
  },
]
for (const { name, plural, part, metadata, errors } of refusals)
  test(`${plural} with ${name} are refused`, () => assert.deepEqual(errorsOf(plural, part, metadata), errors))
