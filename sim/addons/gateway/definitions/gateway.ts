/** The schema of a Gateway. Source: sigs.k8s.io/gateway-api v1.6.1, config/crd/standard */
import type { JsonSchema } from '../../../api/apiextensions/types.ts'
import {
  addressType,
  atomicList,
  conditions,
  GROUP,
  group,
  HOSTNAME_TEXT,
  hostname,
  integer,
  keyedList,
  kind,
  labelSelector,
  localReference,
  namespace,
  object,
  objectName,
  oneOf,
  pending,
  port,
  protocol,
  referenceFields,
  rule,
  sectionName,
  text,
  withDefault,
} from './shapes.ts'

/** An address whose value has to be an IP address unless its type says otherwise. */
const address = (value: JsonSchema, required: readonly string[], valueRule: ReturnType<typeof rule>): JsonSchema => ({
  ...object({ type: addressType, value }, required, valueRule),
  oneOf: [
    {
      properties: { type: { enum: ['IPAddress'] }, value: { anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] } },
    },
    { properties: { type: { not: { enum: ['IPAddress'] } } } },
  ],
})

const isHostname = `self.value.matches(r"""${HOSTNAME_TEXT}""")`
const unique = (type: string, space: string): string =>
  `self.all(a1, a1.type == '${type}'${space}&& has(a1.value) ? self.exists_one(a2, a2.type == a1.type && has(a2.value) && a2.value == a1.value) : true )`

const addresses = atomicList(
  address(
    text(undefined, 253),
    [],
    rule(
      `self.type == 'Hostname' ? (!has(self.value) || ${isHostname}): true`,
      `Hostname value must be empty or contain only valid characters (matching ${HOSTNAME_TEXT})`,
    ),
  ),
  { most: 16 },
  rule(unique('IPAddress', ' '), 'IPAddress values must be unique'),
  rule(unique('Hostname', '  '), 'Hostname values must be unique'),
)

const namespacesFrom = (usual: string, ...others: readonly string[]): JsonSchema =>
  withDefault(
    object({
      from: withDefault(oneOf('All', 'Selector', 'Same', ...others), usual),
      selector: labelSelector,
    }),
    { from: usual },
  )

const routeKind = object({ group: withDefault(group, GROUP), kind }, ['kind'])

/** Labels or annotations for what is made for the Gateway. */
const metadata = (what: 'label' | 'annotation', most: number, value: JsonSchema): JsonSchema => ({
  type: 'object',
  additionalProperties: value,
  maxProperties: most,
  'x-kubernetes-validations': [
    rule(
      'self.all(key, key.matches(r"""^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$"""))',
      `${what === 'label' ? 'Label' : 'Annotation'} keys must be in the form of an optional DNS subdomain prefix followed by a required name segment of up to 63 characters.`,
    ),
    rule(
      'self.all(key, key.split("/")[0].size() < 253)',
      `If specified, the ${what} key's prefix must be a DNS subdomain not longer than 253 characters in total.`,
    ),
  ],
})

const infrastructure = object({
  annotations: metadata('annotation', 16, text(0, 4096)),
  labels: metadata('label', 8, text(0, 63, '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$')),
  parametersRef: localReference,
})

const listenerTls = object(
  {
    certificateRefs: atomicList(object(referenceFields('Secret'), ['name']), { most: 64 }),
    mode: withDefault(oneOf('Terminate', 'Passthrough'), 'Terminate'),
    options: { type: 'object', additionalProperties: text(0, 4096), maxProperties: 16 },
  },
  [],
  rule(
    "self.mode == 'Terminate' ? size(self.certificateRefs) > 0 || size(self.options) > 0 : true",
    'certificateRefs or options must be specified when mode is Terminate',
  ),
)

const listener = object(
  {
    allowedRoutes: withDefault(
      object({ kinds: atomicList(routeKind, { most: 8 }), namespaces: namespacesFrom('Same') }),
      { namespaces: { from: 'Same' } },
    ),
    hostname,
    name: sectionName,
    port,
    protocol,
    tls: listenerTls,
  },
  ['name', 'port', 'protocol'],
)

const listeners = keyedList(
  'name',
  listener,
  { least: 1, most: 64 },
  rule(
    "self.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)",
    "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
  ),
  rule(
    "self.all(l, (l.protocol == 'HTTPS' && has(l.tls)) ? (l.tls.mode == '' || l.tls.mode == 'Terminate') : true)",
    'tls mode must be Terminate for protocol HTTPS',
  ),
  rule(
    "self.all(l, (l.protocol == 'TLS' ? has(l.tls) && has(l.tls.mode) && l.tls.mode != '' : true))",
    'tls mode must be set for protocol TLS',
  ),
  rule(
    "self.all(l, l.protocol in ['TCP', 'UDP']  ? (!has(l.hostname) || l.hostname == '') : true)",
    "hostname must not be specified for protocols ['TCP', 'UDP']",
  ),
  rule('self.all(l1, self.exists_one(l2, l1.name == l2.name))', 'Listener name must be unique within the Gateway'),
  rule(
    'self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))',
    'Combination of port, protocol and hostname must be unique for each listener',
  ),
)

/** How certificates of clients are checked. */
const validated = object({
  validation: object(
    {
      caCertificateRefs: atomicList(object({ group, kind, name: objectName, namespace }, ['group', 'kind', 'name']), {
        least: 1,
        most: 16,
      }),
      mode: withDefault(oneOf('AllowValidOnly', 'AllowInsecureFallback'), 'AllowValidOnly'),
    },
    ['caCertificateRefs'],
  ),
})

const tls = object({
  backend: object({ clientCertificateRef: object(referenceFields('Secret'), ['name']) }),
  frontend: object(
    {
      default: validated,
      perPort: keyedList(
        'port',
        object({ port, tls: validated }, ['port', 'tls']),
        { most: 64 },
        rule(
          'self.all(t1, self.exists_one(t2, t1.port == t2.port))',
          'Port for TLS configuration must be unique within the Gateway',
        ),
      ),
    },
    ['default'],
  ),
})

const spec = object(
  {
    addresses,
    allowedListeners: object({ namespaces: namespacesFrom('None', 'None') }),
    gatewayClassName: objectName,
    infrastructure,
    listeners,
    tls,
  },
  ['gatewayClassName', 'listeners'],
)

const status = object({
  addresses: atomicList(
    address(
      text(1, 253),
      ['value'],
      rule(
        `self.type == 'Hostname' ? ${isHostname}: true`,
        `Hostname value must only contain valid characters (matching ${HOSTNAME_TEXT})`,
      ),
    ),
    { most: 16 },
  ),
  attachedListenerSets: integer(),
  conditions: withDefault(conditions, pending('Accepted', 'Programmed')),
  listeners: keyedList(
    'name',
    object(
      {
        attachedRoutes: integer(),
        conditions,
        name: sectionName,
        supportedKinds: atomicList(routeKind, { most: 8 }),
      },
      ['attachedRoutes', 'conditions', 'name'],
    ),
    { most: 64 },
  ),
})

export const gatewayFields: Record<string, JsonSchema> = {
  spec,
  status: withDefault(status, { conditions: pending('Accepted', 'Programmed') }),
}
