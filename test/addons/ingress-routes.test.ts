import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findRoute, hasTls } from '../../sim/addons/ingress-routes.ts'
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
