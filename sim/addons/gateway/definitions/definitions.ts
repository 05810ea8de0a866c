/**
 * The CustomResourceDefinitions of the Gateway API, standard channel, as its bundle installs them.
 * Source: sigs.k8s.io/gateway-api v1.6.1, config/crd/standard. Simplified: of its ten kinds there are the five that the controller acts on; those of TCP, TLS and
 * UDP, ListenerSet and BackendTLSPolicy are left out, and so is the policy that keeps somebody from installing an older bundle.
 */
import type {
  CustomResourceDefinition,
  DefinitionNames,
  JsonSchema,
  PrinterColumn,
} from '../../../api/apiextensions/types.ts'
import type { Draft } from '../../../api/meta/object.ts'
import { describedFields } from './descriptions.ts'
import { gatewayFields } from './gateway.ts'
import { gatewayClassFields } from './gateway-class.ts'
import { grpcRouteFields } from './grpc-route.ts'
import { httpRouteFields } from './http-route.ts'
import { referenceGrantFields } from './reference-grant.ts'
import { GROUP } from './shapes.ts'

export const BUNDLE_VERSION = 'v1.6.1'
export const BUNDLE_VERSION_ANNOTATION = 'gateway.networking.k8s.io/bundle-version'

interface Described {
  kind: string
  plural: string
  shortNames?: readonly string[]
  isNamespaced: boolean
  /** Served versions, in their order; the one that is stored. */
  versions: readonly string[]
  storedVersion: string
  columns: readonly PrinterColumn[]
  fields: Record<string, JsonSchema>
  /** What the kind is for. */
  description: string
}

const column = (name: string, jsonPath: string, priority?: number): PrinterColumn => ({
  name,
  type: name === 'Age' ? 'date' : 'string',
  jsonPath,
  ...(priority === undefined ? {} : { priority }),
})
const age = column('Age', '.metadata.creationTimestamp')
const conditionAt = (type: string): string => `.status.conditions[?(@.type=="${type}")].status`
const both = ['v1', 'v1beta1']

const described: readonly Described[] = [
  {
    kind: 'GatewayClass',
    plural: 'gatewayclasses',
    shortNames: ['gc'],
    isNamespaced: false,
    versions: both,
    storedVersion: 'v1',
    columns: [
      column('Controller', '.spec.controllerName'),
      column('Accepted', conditionAt('Accepted')),
      age,
      column('Description', '.spec.description', 1),
    ],
    fields: gatewayClassFields,
    description: 'A class of Gateways: which controller looks after them.',
  },
  {
    kind: 'Gateway',
    plural: 'gateways',
    shortNames: ['gtw'],
    isNamespaced: true,
    versions: both,
    storedVersion: 'v1',
    columns: [
      column('Class', '.spec.gatewayClassName'),
      column('Address', '.status.addresses[*].value'),
      column('Programmed', conditionAt('Programmed')),
      age,
    ],
    fields: gatewayFields,
    description: 'An entry into the cluster: addresses, and the listeners that routes attach to.',
  },
  {
    kind: 'HTTPRoute',
    plural: 'httproutes',
    isNamespaced: true,
    versions: both,
    storedVersion: 'v1',
    columns: [column('Hostnames', '.spec.hostnames'), age],
    fields: httpRouteFields,
    description: 'Rules by which HTTP requests that reach a Gateway are passed on to backends.',
  },
  {
    kind: 'GRPCRoute',
    plural: 'grpcroutes',
    isNamespaced: true,
    versions: ['v1'],
    storedVersion: 'v1',
    columns: [column('Hostnames', '.spec.hostnames'), age],
    fields: grpcRouteFields,
    description: 'Rules by which gRPC calls that reach a Gateway are passed on to backends.',
  },
  {
    kind: 'ReferenceGrant',
    plural: 'referencegrants',
    shortNames: ['refgrant'],
    isNamespaced: true,
    versions: both,
    storedVersion: 'v1beta1',
    columns: [age],
    fields: referenceGrantFields,
    description: 'Lets objects of other namespaces refer to objects of this one.',
  },
]

/** What they are called, for whoever looks for such objects. */
export const gatewayKindNames = described.map(({ kind, plural, isNamespaced }) => ({
  ...{ kind, plural, group: GROUP, isNamespaced, singular: kind.toLowerCase() },
}))

/** As they are created, one after the other. */
export const gatewayDefinitions: readonly Draft<CustomResourceDefinition>[] = described.map(definitionOf)

function definitionOf(one: Described): Draft<CustomResourceDefinition> {
  const { kind, plural, shortNames, versions, storedVersion, columns, fields, description } = one
  const names: DefinitionNames = {
    categories: ['gateway-api'],
    kind,
    listKind: `${kind}List`,
    plural,
    ...(shortNames ? { shortNames: [...shortNames] } : {}),
    singular: kind.toLowerCase(),
  }
  const properties = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    ...describedFields(kind, fields),
  }
  const openAPIV3Schema: JsonSchema = { type: 'object', description, properties, required: ['spec'] }
  const draft = {
    metadata: {
      name: `${plural}.${GROUP}`,
      annotations: {
        'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/4530',
        [BUNDLE_VERSION_ANNOTATION]: BUNDLE_VERSION,
        'gateway.networking.k8s.io/channel': 'standard',
      },
    },
    spec: {
      group: GROUP,
      names,
      scope: one.isNamespaced ? 'Namespaced' : 'Cluster',
      versions: versions.map((name) => ({
        name,
        served: true,
        storage: name === storedVersion,
        additionalPrinterColumns: [...columns],
        schema: { openAPIV3Schema },
        subresources: fields.status ? { status: {} } : {},
      })),
    },
  }
  return draft as Draft<CustomResourceDefinition>
}
