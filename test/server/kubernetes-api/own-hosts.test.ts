import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownHosts } from '../../../server/kubernetes-api/own-hosts.ts'

const hosts = ownHosts({
  publicUrl: 'https://podium.example.org',
  allowedHosts: ['lab', '.school.example'],
  machine: 'Desk7.lan',
})

const own = [
  ...['127.0.0.1:3000', '10.1.2.3', '[::1]:3000', '[fe80::1]', 'localhost:3000', 'LOCALHOST', 'localhost.'],
  ...['app.localhost', 'desk7.lan:3000', 'desk7', 'podium.example.org', 'podium.example.org:443', 'lab:81'],
  ...['school.example', 'a.school.example', 'a.b.school.example', undefined],
]
const foreign = [
  ...['evil.example', 'podium.example.org.evil.example', 'example.org', 'notschool.example', '127.0.0.1.evil.example'],
  ...[
    'x@127.0.0.1',
    '127.0.0.1/x',
    'evil.example,127.0.0.1',
    '',
    ' ',
    'desk8',
    '[::1',
    'a b',
    'localhost.evil.example',
  ],
]
for (const host of own)
  test(`the name ${host} is one of ours`, () => {
    assert.equal(hosts.isOwn(host), true)
  })
for (const host of foreign)
  test(`the name "${host}" is none of ours`, () => {
    assert.equal(hosts.isOwn(host), false)
  })

test('a page may ask that is of the same site, of the public one, or of a name of the configuration', () => {
  const may = (origin: string, host: string) => hosts.isOwnOrigin(origin, host)
  assert.ok(may('http://127.0.0.1:3000', '127.0.0.1:3000'))
  assert.ok(may('http://localhost', 'localhost:80'))
  assert.ok(may('https://podium.example.org', '10.0.0.7:3000'))
  assert.ok(may('https://a.school.example', '10.0.0.7:3000'))
  for (const [origin, host] of [
    ['http://127.0.0.1:9000', '127.0.0.1:3000'],
    ['http://192.168.0.66', '127.0.0.1:3000'],
    ['http://podium.example.org:8080', '127.0.0.1:3000'],
    ['https://evil.example', 'evil.example.org'],
    ['null', '127.0.0.1'],
    ['file://', '127.0.0.1'],
    ['', '127.0.0.1'],
  ] as const)
    assert.equal(may(origin, host), false, `${origin} at ${host}`)
})
