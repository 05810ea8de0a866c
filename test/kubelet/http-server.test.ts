/** Whom a kubelet asks for, and what it remembers of the answers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StatusError } from '../../sim/api/meta/status-error.ts'
import type { Client } from '../../sim/client/client.ts'
import type { Engine } from '../../sim/engine/engine.ts'
import { kubeletServer, subresourcesOf } from '../../sim/kubelet/http-server.ts'
import type { LetsIn } from '../../sim/kubelet/service/startup.ts'
import type { HttpResponse } from '../../sim/network/types.ts'

test('each path belongs to parts of a node, of which one is enough', () => {
  for (const [path, parts] of [
    ['/metrics', 'metrics'],
    ['/metrics/cadvisor', 'metrics'],
    ['/metricsx', 'proxy'],
    ['/stats/summary', 'stats'],
    ['/pods', 'pods proxy'],
    ['/runningpods/', 'pods proxy'],
    ['/healthz/ping', 'healthz proxy'],
    ['/configz', 'configz proxy'],
    ['/logs/', 'log'],
    ['/run/default/a/b', 'proxy'],
  ] as const)
    assert.equal(subresourcesOf(path).join(' '), parts, path)
})

function aServer(reviews: { isDown: boolean; allowed: string[] }, letsIn: Partial<LetsIn> = {}) {
  const asked: string[] = []
  const engine = { nowMs: 0 }
  const client = {
    create(kind: { kind: string }, object: { spec: { token?: string; resourceAttributes?: { subresource: string } } }) {
      asked.push(kind.kind)
      if (reviews.isDown) throw new StatusError(503, 'ServiceUnavailable', 'down')
      if (kind.kind === 'TokenReview')
        return {
          status: object.spec.token === 'ann' ? { authenticated: true, user: { username: 'ann', groups: [] } } : {},
        }
      return { status: { allowed: reviews.allowed.includes(object.spec.resourceAttributes!.subresource) } }
    },
  }
  const { http } = kubeletServer({
    ...{ engine: engine as Engine, node: 'node-1', client: client as unknown as Client },
    letsIn: { anonymous: false, tokens: true, allToAll: false, ...letsIn },
    pageAt: (path) => (path === '/pods' ? { json: [] } : path === '/metrics' ? 'm 1\n' : undefined),
  })
  const get = (path: string, token?: string): string => {
    let told: HttpResponse | undefined
    http!(
      {
        ...{ method: 'GET', path, host: 'node-1:10250', scheme: 'https' },
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      },
      (response) => {
        told = response
      },
    )
    return `${told!.status} ${told!.body}`
  }
  return { get, asked, engine }
}

test('a kubelet keeps what it was told of somebody for a while, and lets nobody in while nobody tells', () => {
  const reviews = { isDown: false, allowed: ['metrics'] }
  const { get, asked, engine } = aServer(reviews)
  assert.equal(get('/metrics'), '401 Unauthorized')
  assert.equal(get('/metrics', 'bob'), '401 Unauthorized')
  assert.equal(get('/metrics', 'ann'), '200 m 1\n')
  assert.equal(get('/nothing', 'ann'), '403 Forbidden (user=ann, verb=get, resource=nodes, subresource(s)=[proxy])\n')
  assert.equal(get('/pods', 'ann'), '403 Forbidden (user=ann, verb=get, resource=nodes, subresource(s)=[pods proxy])\n')
  const before = asked.length
  reviews.allowed = []
  reviews.isDown = true
  assert.equal(get('/metrics', 'ann'), '200 m 1\n')
  assert.equal(asked.length, before)
  assert.equal(
    get('/stats/summary', 'ann'),
    '500 Authorization error (user=ann, verb=get, resource=nodes, subresource=stats)',
  )
  engine.nowMs = 121_000
  assert.equal(get('/metrics', 'ann'), '401 Unauthorized')
  reviews.isDown = false
  assert.equal(get('/metrics', 'ann'), '200 m 1\n')
  engine.nowMs = 301_000
  assert.match(get('/metrics', 'ann'), /^403 /)
  reviews.allowed = ['pods']
  engine.nowMs = 332_000
  assert.equal(get('/pods', 'ann'), '200 []')
})

test('where tokens are not looked at, whoever shows one is a stranger', () => {
  const reviews = { isDown: false, allowed: ['metrics'] }
  const closed = aServer(reviews, { tokens: false })
  assert.equal(closed.get('/metrics', 'ann'), '401 Unauthorized')
  assert.deepEqual(closed.asked, [])
  const open = aServer(reviews, { tokens: false, anonymous: true })
  assert.equal(open.get('/metrics', 'ann'), '200 m 1\n')
  assert.deepEqual(open.asked, ['SubjectAccessReview'])
})
