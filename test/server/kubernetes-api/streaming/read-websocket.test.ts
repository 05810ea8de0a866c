/** Logs and watches over WebSocket, against a sandbox. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { type SandboxServer, startSandboxServer } from '../../../support/sandbox-server.ts'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
  const { cluster } = server.sandbox
  cluster.execute({
    op: 'kubectl',
    line: "kubectl run talk --image=busybox:1.36 -- sh -c 'echo one; echo two; sleep 100000'",
  })
  cluster.settle(30_000)
})
after(async () => {
  await server.close()
  assert.deepEqual(server.errors, [])
})

const pods = '/api/v1/namespaces/default/pods'

/** What comes until `isEnough`, or the server's end of it. */
async function read(
  path: string,
  protocols: string[],
  isEnough: (messages: readonly Buffer[]) => boolean = () => false,
) {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, protocols)
  const messages: Buffer[] = []
  const kinds = new Set<boolean>()
  socket.on('message', (data, isBinary) => {
    messages.push(data as Buffer)
    kinds.add(isBinary)
    if (isEnough(messages)) socket.close()
  })
  const [code] = (await once(socket, 'close')) as [number]
  return { code, protocol: socket.protocol, messages, text: Buffer.concat(messages).toString(), kinds: [...kinds] }
}

test('a log comes in binary messages, the first of which is empty, and ends', async () => {
  const { code, protocol, messages, text, kinds } = await read(`${pods}/talk/log`, ['binary.k8s.io'])
  assert.deepEqual([code, protocol, text, kinds], [1000, 'binary.k8s.io', 'one\ntwo\n', [true]])
  assert.equal(messages[0]!.length, 0)
})

test('without a subprotocol it is the same, and in base64 it is text', async () => {
  assert.equal((await read(`${pods}/talk/log`, [])).text, 'one\ntwo\n')
  const { messages, kinds } = await read(`${pods}/talk/log`, ['base64.binary.k8s.io'])
  assert.deepEqual(kinds, [false])
  assert.equal(messages.map((message) => Buffer.from(message.toString(), 'base64').toString()).join(''), 'one\ntwo\n')
})

test('a log that is followed goes on', async () => {
  const { text } = await read(`${pods}/talk/log?follow=true`, ['binary.k8s.io'], (all) =>
    Buffer.concat(all).includes('two'),
  )
  assert.equal(text, 'one\ntwo\n')
})

test('each event of a watch is a message of text', async () => {
  const { messages, kinds } = await read(`${pods}?watch=1`, [], (all) => all.length === 1)
  const { type, object } = JSON.parse(messages[0]!.toString())
  assert.deepEqual([type, object.metadata.name, kinds], ['ADDED', 'talk', [false]])
})

for (const [path, protocols, status] of [
  [`${pods}/nobody/log`, ['binary.k8s.io'], 404],
  [`${pods}/talk/log`, ['v4.channel.k8s.io'], 403],
  [`${pods}/talk`, ['binary.k8s.io'], 200],
] as const)
  test(`${path} by ${protocols} is answered with ${status}, without an upgrade`, async () => {
    const socket = new WebSocket(server.url.replace('http', 'ws') + path, [...protocols])
    const [, answer] = await once(socket, 'unexpected-response')
    assert.equal(answer.statusCode, status)
    answer.destroy()
  })
