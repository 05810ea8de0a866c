/** Whatever bytes a client sends, a replay of the log sends the same ones. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster, replayCluster } from '../../sim/index.ts'
import { loggedRequest, readLoggedRequest } from '../../sim/rest/logged-request.ts'

const bodies: Record<string, { bytes: number[]; isBase64?: true }> = {
  nothing: { bytes: [] },
  'text beyond ASCII': { bytes: [...Buffer.from('期望状态 – 🚀')] },
  'a byte order mark': { bytes: [0xef, 0xbb, 0xbf, 0x7b, 0x7d] },
  'a NUL': { bytes: [0, 0x61] },
  Protobuf: { bytes: [0x6b, 0x38, 0x73, 0, 0xff, 0x80], isBase64: true },
  'half a character': { bytes: [0x61, 0xe6, 0x9c], isBase64: true },
  'a character written too long': { bytes: [0xc0, 0xaf], isBase64: true },
  'half a pair of surrogates': { bytes: [0xed, 0xa0, 0x80], isBase64: true },
}

test('of a body that is refused for its type the log keeps that there was one', () => {
  const cluster = createCluster({ seed: 'type', shape: { nodes: [] } })
  const bodies = () => cluster.log.map(({ command }) => (command as { body: string }).body)
  const ask = (method: string, contentType: string, name = '', text = '{"a": "b"}') => {
    const url = `/api/v1/namespaces/default/configmaps${name}`
    const outcome = cluster.request({ method, url, headers: { 'content-type': contentType }, body: Buffer.from(text) })
    return outcome.kind === 'answer' ? outcome.status : outcome.kind
  }
  assert.equal(ask('POST', 'text/plain', '', '\\'.repeat(100_000)), 415)
  assert.equal(ask('PATCH', 'application/json', '/kube-root-ca.crt'), 415)
  assert.equal(ask('POST', 'application/json', '', '"a"'), 400)
  assert.deepEqual(bodies(), ['\\', '{', '"a"'])
  const again = replayCluster({ seed: 'type', shape: { nodes: [] } }, cluster.log, cluster.nowMs)
  assert.equal(again.stateHash(), cluster.stateHash())
})

for (const [name, { bytes, isBase64 }] of Object.entries(bodies))
  test(`a body is kept as it is: ${name}`, () => {
    const body = Uint8Array.from(bytes)
    const logged = loggedRequest({ method: 'POST', url: '/', headers: {}, body })
    assert.equal(logged.isBase64, isBase64)
    const throughFile = JSON.parse(JSON.stringify(logged)) as typeof logged
    assert.deepEqual(readLoggedRequest(throughFile).body, body)
  })
