/** What people type as an address leads to the internet or nowhere: not to this machine, its networks, or a cloud's metadata. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { askOutside, isOfInternet, problemOfUrl } from '../../../server/doors/outside.ts'

const strict = { allowsLoopback: false }

for (const address of [
  ...[
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
  ],
  ...['100.64.0.1', '100.100.100.200', '192.0.0.192', '198.18.0.1', '224.0.0.1', '255.255.255.255', '240.0.0.1'],
  ...[
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
  ],
  ...['ff02::1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', '2001:db8::1', '3fff::1', 'example.org', ''],
])
  test(`${address || 'nothing'} is no address of the internet`, () => assert.equal(isOfInternet(address), false))

for (const address of [
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '100.63.0.1',
  '192.167.1.1',
  '2606:4700::1111',
  '2a00:1450::1',
])
  test(`${address} is an address of the internet`, () => assert.equal(isOfInternet(address), true))

for (const [typed, says] of [
  ['', /not an address/],
  ['example.org/hooks', /not an address/],
  ['http://example.org/', /https/],
  ['ftp://example.org/', /https/],
  ['file:///etc/passwd', /not an address/],
  ['javascript:alert(1)', /not an address/],
  ['https://example.org:4711/\r\nX: y', /address/],
  ['https://example.org/a b', /address/],
  ['https://ann:secret@example.org/', /name and a password/],
  ['https://localhost/', /inner network/],
  ['https://a.localhost./', /inner network/],
  ['https://127.1/', /inner network/],
  ['https://0x7f000001/', /inner network/],
  ['https://2130706433/', /inner network/],
  ['https://[::1]/', /inner network/],
  ['https://[::ffff:169.254.169.254]/', /inner network/],
  ['https://169.254.169.254/latest/meta-data', /inner network/],
  [`https://example.org/${'x'.repeat(2000)}`, /longer/],
] as const)
  test(`${typed.slice(0, 60) || 'nothing'} is refused as it is typed`, () =>
    assert.match(problemOfUrl(typed, strict)?.text ?? 'taken', says))

test('plain http leads to this machine only, and only where it was allowed', () => {
  const may = { allowsLoopback: true }
  for (const url of ['http://127.0.0.1:3000/', 'http://localhost/', 'http://[::1]:1/', 'https://example.org/'])
    assert.equal(problemOfUrl(url, may), undefined, url)
  for (const url of ['http://example.org/', 'http://10.0.0.1/', 'https://10.0.0.1/', 'https://169.254.169.254/'])
    assert.equal(typeof problemOfUrl(url, may)?.text, 'string', url)
})

async function listening(handle: RequestListener) {
  let asked = 0
  const server = createServer((req, res) => {
    asked++
    handle(req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    return new Promise((done) => server.close(done))
  }
  return { port, close, count: () => asked }
}

const post = (url: string) => ({ method: 'POST' as const, url, headers: {}, body: '{}' })

test('a name that leads inside is not asked, also when one of its addresses is outside', async () => {
  const inside = await listening((_req, res) => res.end('ok'))
  try {
    for (const found of [['127.0.0.1'], ['10.0.0.1'], ['93.184.216.34', '169.254.169.254'], ['::ffff:127.0.0.1'], []]) {
      const resolve = async () => found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      const answer = await askOutside(post(`https://evil.example:${inside.port}/`), { ...strict, resolve })
      assert.match('unsent' in answer ? answer.unsent.text : 'sent', /inner network|There is no address/)
    }
    assert.equal(inside.count(), 0)
  } finally {
    await inside.close()
  }
})

test('a name is resolved once: another address a moment later is not gone to', async () => {
  let asked = 0
  const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '10.0.0.1', family: 4 }]
  const target = await listening((_req, res) => res.end('hello'))
  try {
    const answer = await askOutside(post(`http://localhost:${target.port}/`), { allowsLoopback: true, resolve })
    assert.deepEqual([asked, 'status' in answer && answer.status], [1, 200])
  } finally {
    await target.close()
  }
})

test('a redirect is told and not followed, and only the beginning of an answer is read', async () => {
  const inside = await listening((_req, res) => res.end())
  const target = await listening((req, res) => {
    if (req.url === '/away') return res.writeHead(307, { Location: `http://127.0.0.1:${inside.port}/` }).end()
    res.write('x'.repeat(3000))
    res.write('y'.repeat(100_000))
    // It never ends.
  })
  try {
    const may = { allowsLoopback: true, limitMs: 5000 }
    const away = await askOutside(post(`http://127.0.0.1:${target.port}/away`), may)
    assert.equal('status' in away && away.status, 307)
    assert.equal(inside.count(), 0)
    const long = await askOutside(post(`http://127.0.0.1:${target.port}/long`), may)
    assert.equal('status' in long && long.text.length, 4096)
  } finally {
    await Promise.all([inside.close(), target.close()])
  }
})

test('who does not answer is waited for so long and no longer', async () => {
  const silent = await listening(() => undefined)
  try {
    const answer = await askOutside(post(`http://127.0.0.1:${silent.port}/`), { allowsLoopback: true, limitMs: 200 })
    assert.match('unsent' in answer ? answer.unsent.text : 'sent', /No answer/)
    const refused = await askOutside(post('http://127.0.0.1:1/'), { allowsLoopback: true })
    assert.match('unsent' in refused ? refused.unsent.text : 'sent', /The connection failed/)
  } finally {
    await silent.close()
  }
})

test('a name that is never resolved is waited for so long and no longer', async () => {
  const resolve = () => new Promise<never>(() => undefined)
  const answer = await askOutside(post('https://slow.example/'), { ...strict, resolve, limitMs: 100 })
  assert.match('unsent' in answer ? answer.unsent.text : 'sent', /No answer/)
})
