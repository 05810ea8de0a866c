/** What fields of the Gateway API are for, in a sentence each, as kubectl explain shows them. Paths go through lists as if they were not there. */
import type { JsonSchema } from '../../../api/apiextensions/types.ts'

const parentRefs = {
  'spec.parentRefs': 'The Gateways that the route wants to attach to.',
  'spec.parentRefs.sectionName': 'The listener that is meant; any of them unless told.',
  'spec.parentRefs.port': 'The port of the listeners that are meant.',
  'spec.hostnames': 'Hosts of the requests that the route is for; those of the listener unless told.',
  'status.parents': 'What each controller says of each parent.',
}

const rules = {
  'spec.rules': 'What is done with which requests.',
  'spec.rules.name': 'A name for the rule, which is unique in the route.',
  'spec.rules.matches': 'The requests that the rule is for: those that fit one of the matches.',
  'spec.rules.matches.headers': 'Headers that the request has to have, all of them.',
  'spec.rules.filters': 'What is changed about requests and responses.',
  'spec.rules.backendRefs': 'Where requests are sent, each getting its share.',
  'spec.rules.backendRefs.weight': 'Its share among all weights of the rule; 0 for none.',
}

const byKind: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  GatewayClass: {
    spec: 'Who looks after Gateways of the class.',
    'spec.controllerName': 'The controller, by a name with a domain. It cannot be changed.',
    'spec.description': 'What the class is for.',
    'spec.parametersRef': 'An object with settings for the controller.',
    status: 'What the controller says of the class.',
  },
  Gateway: {
    spec: 'What is wanted of the Gateway.',
    'spec.gatewayClassName': 'The GatewayClass that it is of.',
    'spec.addresses': 'Addresses that are asked for; any unless told.',
    'spec.infrastructure': 'Labels, annotations and settings for what is made for the Gateway.',
    'spec.listeners': 'Where requests come in, and which routes may say what becomes of them.',
    'spec.listeners.name': 'By which routes name the listener.',
    'spec.listeners.hostname': 'The hosts that it is for; all of them unless told.',
    'spec.listeners.port': 'The port that it takes connections at.',
    'spec.listeners.protocol': 'What is spoken there: HTTP, HTTPS, TLS, TCP, UDP, or one with a domain of its own.',
    'spec.listeners.tls': 'How TLS ends there.',
    'spec.listeners.tls.certificateRefs': 'Secrets with certificates and their keys.',
    'spec.listeners.allowedRoutes': 'Which routes may attach.',
    'spec.listeners.allowedRoutes.kinds': 'Their kinds; all that the protocol allows unless told.',
    'spec.listeners.allowedRoutes.namespaces': 'Their namespaces; that of the Gateway unless told.',
    status: 'What the controller made of the Gateway.',
    'status.addresses': 'The addresses that it has.',
    'status.listeners': 'What became of each listener.',
    'status.listeners.attachedRoutes': 'How many routes attached to it.',
    'status.listeners.supportedKinds': 'Kinds of routes that may attach to it.',
  },
  HTTPRoute: {
    spec: 'Which requests go where.',
    ...parentRefs,
    ...rules,
    'spec.rules.matches.path': 'The path; every one unless told.',
    'spec.rules.matches.method': 'The method of HTTP.',
    'spec.rules.matches.queryParams': 'Parameters that the query has to have, all of them.',
    'spec.rules.timeouts': 'How long a request may take.',
    'spec.rules.timeouts.request': 'Until the client has an answer; 0s for no limit.',
    'spec.rules.timeouts.backendRequest': 'Until a backend has answered one request; 0s for no limit.',
    status: 'How the route stands with its parents.',
  },
  GRPCRoute: {
    spec: 'Which calls go where.',
    ...parentRefs,
    ...rules,
    'spec.rules.matches.method': 'The service and the method that are called.',
    status: 'How the route stands with its parents.',
  },
  ReferenceGrant: {
    spec: 'Who may refer to what.',
    'spec.from': 'Kinds and namespaces whose objects may refer.',
    'spec.to': 'Kinds of this namespace, or single objects, that they may refer to.',
  },
}

/** The fields of a kind with their descriptions. */
export function describedFields(kind: string, fields: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const descriptions = byKind[kind] ?? {}
  const described = (schema: JsonSchema, path: string): JsonSchema => {
    const { properties, items } = schema
    const description = descriptions[path]
    return {
      ...schema,
      ...(description === undefined ? {} : { description }),
      ...(properties ? { properties: inside(properties, `${path}.`) } : {}),
      ...(items?.properties ? { items: { ...items, properties: inside(items.properties, `${path}.`) } } : {}),
    }
  }
  const inside = (properties: Record<string, JsonSchema>, prefix: string): Record<string, JsonSchema> =>
    Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name, described(schema, `${prefix}${name}`)]),
    )
  return inside(fields, '')
}
