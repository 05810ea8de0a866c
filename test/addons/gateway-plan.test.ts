import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTROLLER, type Facts, planAll } from '../../sim/addons/gateway/plan.ts'
import { askedFor, byPrecedence, readyRoute } from '../../sim/addons/gateway/route-rules.ts'
import { findMatch, listenerFor } from '../../sim/addons/gateway/servers.ts'
import type {
  Gateway,
  GatewayClass,
  HttpMatch,
  HttpRoute,
  Listener,
  ParentRef,
} from '../../sim/addons/gateway/types.ts'
import type { Service } from '../../sim/api/core/types.ts'

const made = '2026-01-01T00:00:00Z'
const aGateway = (...listeners: Partial<Listener>[]): Gateway =>
  ({
    metadata: { name: 'shop', namespace: 'infra', uid: 'g', creationTimestamp: made, generation: 1 },
    spec: {
      gatewayClassName: 'nginx',
      listeners: listeners.map((one, n) => ({ name: `l${n}`, port: 80, protocol: 'HTTP', ...one })),
    },
  }) as unknown as Gateway

interface RouteOptions {
  name?: string
  namespace?: string
  hostnames?: string[]
  parent?: Partial<ParentRef>
  matches?: HttpMatch[][]
  creationTimestamp?: string
}
const aRoute = ({
  name = 'web',
  namespace = 'infra',
  hostnames,
  parent,
  matches = [[{}]],
  creationTimestamp = made,
}: RouteOptions = {}) =>
  ({
    metadata: { name, namespace, uid: `${namespace}/${name}`, creationTimestamp, generation: 1 },
    spec: {
      parentRefs: [{ name: 'shop', namespace: 'infra', ...parent }],
      ...(hostnames ? { hostnames } : {}),
      rules: matches.map((all) => ({ matches: all, backendRefs: [{ name: 'web', port: 80 }] })),
    },
  }) as unknown as HttpRoute

const facts = (gateway: Gateway, routes: readonly HttpRoute[]): Facts => ({
  classes: [{ metadata: { name: 'nginx' }, spec: { controllerName: CONTROLLER } } as GatewayClass],
  isKnownVersion: true,
  gateways: [gateway],
  routes: routes.map((route) => ({ kind: 'HTTPRoute', route })),
  grants: [],
  service: () => ({ spec: { ports: [{ port: 80 }] } }) as unknown as Service,
  secret: () => undefined,
  labelsOf: (namespace) => ({ 'kubernetes.io/metadata.name': namespace }),
  addresses: new Map(),
})

const reasonOf = (findings: readonly { type: string; status: string; reason: string }[], type: string): string => {
  const found = findings.find((one) => one.type === type)
  return found ? `${found.status} ${found.reason}` : 'none'
}

// ---------- listeners ----------

for (const { name, listeners, want, gateway } of [
  { name: 'HTTP', listeners: [{}], want: ['True Accepted'], gateway: 'True Accepted' },
  {
    name: 'TCP',
    listeners: [{ protocol: 'TCP' }],
    want: ['False UnsupportedProtocol'],
    gateway: 'False ListenersNotValid',
  },
  {
    name: 'HTTP and UDP',
    listeners: [{}, { protocol: 'UDP' }],
    want: ['True Accepted', 'False UnsupportedProtocol'],
    gateway: 'True ListenersNotValid',
  },
  {
    name: 'HTTPS without TLS',
    listeners: [{ protocol: 'HTTPS' }],
    want: ['False UnsupportedValue'],
    gateway: 'False ListenersNotValid',
  },
  {
    name: 'HTTPS with a Secret that is not there',
    listeners: [{ protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'tls' }] } }],
    want: ['False InvalidCertificateRef'],
    gateway: 'False ListenersNotValid',
  },
  {
    name: 'HTTPS with a Secret of another namespace',
    listeners: [{ protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'tls', namespace: 'web' }] } }],
    want: ['False RefNotPermitted'],
    gateway: 'False ListenersNotValid',
  },
  {
    name: 'HTTP and HTTPS on one port',
    listeners: [{}, { protocol: 'HTTPS', tls: {} }, { port: 81 }],
    want: ['False ProtocolConflict', 'False ProtocolConflict', 'True Accepted'],
    gateway: 'True ListenersNotValid',
  },
  {
    name: 'one host twice',
    listeners: [{ hostname: 'a.com' }, { hostname: 'a.com' }],
    want: ['False HostnameConflict', 'False HostnameConflict'],
    gateway: 'False ListenersNotValid',
  },
  {
    name: 'two hosts',
    listeners: [{ hostname: 'a.com' }, { hostname: '*.com' }],
    want: ['True Accepted', 'True Accepted'],
    gateway: 'True Accepted',
  },
])
  test(`listeners of ${name}: ${want.join(', ')}`, () => {
    const [planned] = planAll(facts(aGateway(...listeners), [])).gateways
    assert.deepEqual(
      planned.listeners.map(({ findings }) => reasonOf(findings, 'Accepted')),
      want,
    )
    assert.equal(reasonOf(planned.findings, 'Accepted'), gateway)
  })

// ---------- attachment ----------

const selector = (labels: Record<string, string>): Partial<Listener> => ({
  allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: labels } } },
})
for (const { name, listener = {}, route = {}, want } of [
  { name: 'of the same namespace', want: 'True Accepted' },
  { name: 'of another namespace', route: { namespace: 'web' }, want: 'False NotAllowedByListeners' },
  {
    name: 'of any namespace',
    listener: { allowedRoutes: { namespaces: { from: 'All' as const } } },
    route: { namespace: 'web' },
    want: 'True Accepted',
  },
  {
    name: 'of a selected namespace',
    listener: selector({ 'kubernetes.io/metadata.name': 'web' }),
    route: { namespace: 'web' },
    want: 'True Accepted',
  },
  {
    name: 'of a namespace that is not selected',
    listener: selector({ 'kubernetes.io/metadata.name': 'web' }),
    want: 'False NotAllowedByListeners',
  },
  {
    name: 'of a kind that is not allowed',
    listener: { allowedRoutes: { kinds: [{ kind: 'GRPCRoute' }] } },
    want: 'False NotAllowedByListeners',
  },
  { name: 'with its section', route: { parent: { sectionName: 'l0', port: 80 } }, want: 'True Accepted' },
  { name: 'with another section', route: { parent: { sectionName: 'l1' } }, want: 'False NoMatchingParent' },
  { name: 'with another port', route: { parent: { port: 8080 } }, want: 'False NoMatchingParent' },
  {
    name: 'with its section and another port',
    route: { parent: { sectionName: 'l0', port: 8080 } },
    want: 'False NoMatchingParent',
  },
  {
    name: 'with another host',
    listener: { hostname: '*.a.com' },
    route: { hostnames: ['a.com', 'b.com'] },
    want: 'False NoMatchingListenerHostname',
  },
  {
    name: 'with one of its hosts',
    listener: { hostname: '*.a.com' },
    route: { hostnames: ['x.a.com', 'b.com'] },
    want: 'True Accepted',
  },
  { name: 'whose listener has no protocol', listener: { protocol: 'TCP' }, want: 'False NotAllowedByListeners' },
  {
    name: 'whose listener has no certificate',
    listener: { protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'tls' }] } },
    want: 'True Accepted',
  },
])
  test(`a route ${name}: ${want}`, () => {
    const plan = planAll(facts(aGateway(listener), [aRoute(route)]))
    assert.equal(reasonOf(plan.routes[0].parents[0].findings, 'Accepted'), want)
    assert.equal(plan.gateways[0].listeners[0].attachedRoutes, want.startsWith('True') ? 1 : 0)
  })

test('a parent of another kind or group, or that is not there, is nobody of ours', () => {
  for (const parent of [{ kind: 'Service', group: '' }, { group: 'example.com' }, { name: 'other' }])
    assert.deepEqual(planAll(facts(aGateway({}), [aRoute({ parent })])).routes[0].parents, [])
})

// ---------- matching ----------

const served = (
  routes: readonly HttpRoute[],
  host: string,
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
) => {
  const [{ ports }] = planAll(facts(aGateway({}), routes)).gateways
  const listener = listenerFor(ports[0], host)
  const match = listener && findMatch(listener, host, askedFor(method, target, headers))
  return match && `${match.rule.route.metadata.name}/${match.rule.index}`
}

// Source: conformance/tests/httproute-path-match-order.yaml, httproute-matching.yaml
const paths = aRoute({
  name: 'paths',
  matches: [
    [{ path: { type: 'Exact', value: '/match/exact/one' } }],
    [{ path: { type: 'Exact', value: '/match/exact' } }],
    [{ path: { type: 'PathPrefix', value: '/match' } }],
    [{ path: { type: 'PathPrefix', value: '/match/prefix/' } }],
    [{ path: { type: 'PathPrefix', value: '/match/prefix/one' } }],
    [{ path: { type: 'RegularExpression', value: '^/reg[a-z]+$' } }],
    [{ path: { type: 'RegularExpression', value: '^/match/.*' } }],
  ],
})
for (const [target, want] of [
  ['/match/exact/one', 'paths/0'],
  ['/match/exact', 'paths/1'],
  ['/match', 'paths/2'],
  ['/matches', undefined],
  ['/match/prefix', 'paths/3'],
  ['/match/prefix/any', 'paths/3'],
  ['/match/prefix/one/any', 'paths/4'],
  ['/match/exact/one?x=1', 'paths/0'],
  ['/regular', 'paths/5'],
  ['/Match', undefined],
])
  test(`${target} belongs to ${want ?? 'nobody'}`, () => {
    assert.equal(served([paths], 'a.com', target!), want)
  })

test('the more exact host is asked alone, whatever the paths of others', () => {
  const routes = [
    aRoute({ name: 'any' }),
    aRoute({ name: 'exact', hostnames: ['a.com'], matches: [[{ path: { value: '/x' } }]] }),
  ]
  assert.equal(served(routes, 'a.com', '/x'), 'exact/0')
  assert.equal(served(routes, 'a.com', '/y'), undefined)
  assert.equal(served(routes, 'b.com', '/y'), 'any/0')
})

test('of equal matches the older route comes first, then the name, then the first rule', () => {
  const routes = [
    aRoute({ name: 'b', matches: [[{}], [{}]] }),
    aRoute({ name: 'a', creationTimestamp: '2026-01-01T00:00:01Z' }),
    aRoute({ name: 'c' }),
  ]
  const order = routes.flatMap((route) => readyRoute(route).matches).toSorted(byPrecedence)
  assert.deepEqual(
    order.map(({ rule }) => `${rule.route.metadata.name}/${rule.index}`),
    ['b/0', 'b/1', 'c/0', 'a/0'],
  )
})

const headers = (...names: string[]) => names.map((name) => ({ name, value: '1' }))
test('a method comes before headers, more headers before fewer, and those before parameters', () => {
  const route = aRoute({
    matches: [
      [{ queryParams: headers('a', 'b') }],
      [{ headers: headers('x') }],
      [{ headers: headers('x', 'y') }],
      [{ method: 'GET' }],
      [{ path: { value: '/longer' } }],
    ],
  })
  const order = readyRoute(route).matches.toSorted(byPrecedence)
  assert.deepEqual(
    order.map(({ rule }) => rule.index),
    [4, 3, 2, 1, 0],
  )
})

test('of headers with one name only the first counts, whatever its case', () => {
  const route = aRoute({
    matches: [
      [
        {
          headers: [
            { name: 'X', value: '1' },
            { name: 'x', value: '2' },
          ],
        },
      ],
    ],
  })
  assert.equal(served([route], 'a.com', '/', { x: '1' }), 'web/0')
  assert.equal(served([route], 'a.com', '/', { x: '2' }), undefined)
})

test('rules that cannot be read are dropped, and a route of such rules alone is refused', () => {
  const bad: HttpMatch[] = [{ path: { type: 'RegularExpression', value: '(' } }]
  const partly = planAll(facts(aGateway({}), [aRoute({ matches: [bad, [{}]] })])).routes[0].parents[0].findings
  assert.equal(reasonOf(partly, 'Accepted'), 'True Accepted')
  assert.equal(reasonOf(partly, 'PartiallyInvalid'), 'True UnsupportedValue')
  const whole = planAll(facts(aGateway({}), [aRoute({ matches: [bad] })])).routes[0].parents[0].findings
  assert.equal(reasonOf(whole, 'Accepted'), 'False UnsupportedValue')
})
