import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findRoute, hasTls, redirectsToTls } from '../../sim/addons/ingress-routes.ts'
import type { HTTPIngressPath, Ingress } from '../../sim/api/networking/types.ts'
import { createCluster } from '../../sim/index.ts'
import type { HttpResult } from '../../sim/network/types.ts'

const aPath = (path: string, service: string, pathType = 'Prefix'): HTTPIngressPath => ({
  path,
  pathType,
  backend: { service: { name: service, port: { number: 80 } } },
})
const anIngress = (spec: Ingress['spec']): Ingress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'i', namespace: 'ns', uid: '', resourceVersion: '', creationTimestamp: '' },
  spec,
  status: {},
})
const all: Ingress[] = [
  anIngress({
    rules: [
      {
        host: 'a.example.com',
        http: {
          paths: [
            aPath('/', 'root'),
            aPath('/api', 'api'),
            aPath('/api/v2', 'v2'),
            aPath('/api', 'exact', 'Exact'),
            aPath('/legacy', 'legacy', 'ImplementationSpecific'),
          ],
        },
      },
      { host: '*.example.com', http: { paths: [aPath('/', 'wild')] } },
      { http: { paths: [aPath('/any', 'any')] } },
    ],
  }),
  anIngress({ defaultBackend: { service: { name: 'fallback', port: { number: 80 } } } }),
]
const cases: [host: string, path: string, service: string][] = [
  ['a.example.com', '/', 'root'],
  ['A.EXAMPLE.COM:80', '/', 'root'],
  ['a.example.com', '/api', 'exact'],
  ['a.example.com', '/api/', 'api'],
  ['a.example.com', '/api?x=1', 'exact'],
  ['a.example.com', '/api/v1', 'api'],
  ['a.example.com', '/api/v2/x', 'v2'],
  ['a.example.com', '/apis', 'root'],
  ['a.example.com', '/legacy/x', 'legacy'],
  ['a.example.com', '/legacyx', 'legacy'],
  ['b.example.com', '/x', 'wild'],
  ['c.b.example.com', '/x', 'fallback'],
  ['other.org', '/any/x', 'any'],
  ['other.org', '/x', 'fallback'],
]
for (const [host, path, service] of cases)
  test(`a request for ${host}${path} goes to ${service}`, () => {
    assert.equal(findRoute(all, host, path)?.backend.service?.name, service)
  })

test('without a rule and a default backend there is no route', () => {
  assert.equal(findRoute(all.slice(0, 1), 'other.org', '/x'), undefined)
})

const annotated = (annotations: Record<string, string>, paths: HTTPIngressPath[], host = 'a.example.com'): Ingress => {
  const ingress = anIngress({ rules: [{ host, http: { paths } }] })
  const named = Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value])
  return { ...ingress, metadata: { ...ingress.metadata, annotations: Object.fromEntries(named) } }
}
const own = 'ImplementationSpecific'
const rewrites: { name: string; ingresses: Ingress[]; path: string; want: string | undefined }[] = [
  {
    name: 'groups',
    ingresses: [annotated({ 'rewrite-target': '/$2' }, [aPath('/api(/|$)(.*)', 'api', own)])],
    path: '/api/users/1?x=1',
    want: 'api /users/1?x=1',
  },
  {
    name: 'the bare path',
    ingresses: [annotated({ 'rewrite-target': '/$2' }, [aPath('/api(/|$)(.*)', 'api', own)])],
    path: '/api',
    want: 'api /',
  },
  {
    name: 'a whole path without groups, which loses what follows',
    ingresses: [annotated({ 'rewrite-target': '/' }, [aPath('/api', 'api')])],
    path: '/api/users',
    want: 'api /',
  },
  {
    name: 'nothing that does not begin so',
    ingresses: [annotated({ 'rewrite-target': '/$2' }, [aPath('/api(/|$)(.*)', 'api', own)])],
    path: '/apis',
    want: undefined,
  },
  {
    name: 'the paths of other Ingresses of the host, which become expressions too',
    ingresses: [
      annotated({ 'use-regex': 'true' }, [aPath('/v[0-9]+/items', 'items', own)]),
      annotated({}, [aPath('/about', 'about', 'Exact')]),
    ],
    path: '/ABOUT/us',
    want: 'about /ABOUT/us',
  },
  {
    name: 'the longest expression first',
    ingresses: [annotated({ 'use-regex': 'true' }, [aPath('/a.*', 'short', own), aPath('/a/[a-z]+$', 'long', own)])],
    path: '/a/b',
    want: 'long /a/b',
  },
  {
    name: 'as little as an expression asks for, of a path whose slashes are one',
    ingresses: [annotated({ 'rewrite-target': '/$1' }, [aPath('/(.*?)/*$', 'api', own)])],
    path: '/orders//7/?a=//',
    want: 'api /orders/7?a=//',
  },
  {
    name: 'a path as it was asked for, where nothing is rewritten',
    ingresses: [annotated({}, [aPath('/a/b', 'api')])],
    path: '//a//b',
    want: 'api //a//b',
  },
  {
    name: 'no expression that is none',
    ingresses: [annotated({ 'use-regex': 'true' }, [aPath('/a(', 'broken', own)])],
    path: '/a(',
    want: undefined,
  },
]
for (const { name, ingresses, path, want } of rewrites)
  test(`annotations of nginx rewrite and match ${name}`, () => {
    const route = findRoute(ingresses, 'a.example.com', path)
    assert.equal(route && `${route.backend.service?.name} ${route.path}`, want)
  })

test('ssl-redirect may be turned off, and forced where there is no TLS', () => {
  const paths = [aPath('/', 'web')]
  const of = (annotations: Record<string, string>, hasCertificate: boolean): boolean => {
    const ingress = annotated(annotations, paths)
    const all = [
      { ...ingress, spec: { ...ingress.spec, ...(hasCertificate ? { tls: [{ hosts: ['a.example.com'] }] } : {}) } },
    ]
    return redirectsToTls(all, findRoute(all, 'a.example.com', '/')!, 'a.example.com')
  }
  assert.deepEqual(
    [of({}, true), of({}, false), of({ 'ssl-redirect': 'false' }, true), of({ 'force-ssl-redirect': 'true' }, false)],
    [true, false, false, true],
  )
})

test('TLS is of the hosts that are listed', () => {
  const secure = [anIngress({ tls: [{ hosts: ['a.example.com', '*.b.org'] }] })]
  assert.deepEqual(
    ['a.example.com', 'b.example.com', 'x.b.org'].map((host) => hasTls(secure, host)),
    [true, false, true],
  )
})

const manifest = JSON.stringify({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'i' },
  spec: {
    ingressClassName: 'nginx',
    tls: [{ hosts: ['s.example.com'], secretName: 's' }],
    rules: ['a', 's'].map((name) => ({
      host: `${name}.example.com`,
      http: { paths: [aPath('/', 'web'), aPath('/none', 'none')] },
    })),
  },
})

for (const { ingressController, want } of [
  {
    ingressController: true,
    want: {
      'http://a.example.com/': 200,
      'http://a.example.com/none': 503,
      'http://203.0.113.80/': 404,
      'http://s.example.com/': 308,
      'https://s.example.com/': 200,
    },
  },
  { ingressController: false, want: { 'http://a.example.com/': 'unknown-host' } },
])
  test(`an Ingress ${ingressController ? 'with' : 'without'} a controller, seen from outside`, () => {
    const cluster = createCluster({ seed: 'ing', shape: { nodes: [{ name: 'n1' }], ingressController } })
    cluster.execute({ op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27' })
    cluster.execute({ op: 'kubectl', line: 'kubectl expose deployment web --port=80' })
    cluster.execute({ op: 'apply', manifest })
    cluster.advance(5000)
    for (const [url, expected] of Object.entries(want)) {
      const [, scheme, host, path] = /^(https?):\/\/([^/]+)(.*)$/.exec(url)!
      let result: HttpResult | undefined
      const request = { method: 'GET', path, host, headers: {}, scheme: scheme as 'http' }
      cluster.network.outside.http({ host, port: scheme === 'https' ? 443 : 80 }, request, 5000, (given) => {
        result = given
      })
      cluster.advance(6000)
      assert.equal(result?.ok ? result.response.status : result?.error, expected, url)
    }
    const [ingress] = cluster.objects('ingresses') as unknown as Ingress[]
    assert.equal(ingress.status.loadBalancer?.ingress?.[0]?.ip, ingressController ? '203.0.113.80' : undefined)
  })

for (const path of ['/api(?:/.*)?$', '/api(?=/|$)', '/(api|api/.*)$', '/api(/|$)(.*)'])
  test(`the expression ${path} is read as nginx reads it`, () => {
    const one = anIngress({
      rules: [{ host: 'x', http: { paths: [aPath('/', 'shop'), aPath(path, 'api', 'ImplementationSpecific')] } }],
    })
    one.metadata.annotations = { 'nginx.ingress.kubernetes.io/use-regex': 'true' }
    const serviceOf = (asked: string) => findRoute([one], 'x', asked)?.backend.service?.name
    assert.deepEqual(['/api', '/api/orders/7', '/apis', '/'].map(serviceOf), ['api', 'api', 'shop', 'shop'])
  })

test('what a group that captures nothing matched is not what $1 stands for', () => {
  const one = anIngress({
    rules: [{ host: 'x', http: { paths: [aPath('/(?:v1|v2)/(.*)', 'api', 'ImplementationSpecific')] } }],
  })
  one.metadata.annotations = { 'nginx.ingress.kubernetes.io/rewrite-target': '/$1' }
  assert.equal(findRoute([one], 'x', '/v2/orders?id=1')?.path, '/orders?id=1')
})
