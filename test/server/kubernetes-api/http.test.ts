import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { mountKubernetesApi } from '../../../server/kubernetes-api/mount.ts'
import type { HttpStream, Outcome } from '../../../server/labs/sandboxes/sessions.ts'

/** A sandbox that answers as told, once it is let. */
async function served(t: TestContext, outcome: Outcome) {
  let answer: () => void = () => undefined
  let asked: () => void = () => undefined
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve
  })
  const errors: unknown[] = []
  const mount = mountKubernetesApi({
    find: () => async () => {
      asked()
      await new Promise<void>((go) => {
        answer = go
      })
      return outcome
    },
    onError: (error) => errors.push(error),
  })
  let closed: () => void = () => undefined
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve
  })
  const server = createServer((req, res) => {
    res.once('close', closed)
    mount.request(req, res)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const client = request({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    path: '/k8s/secret/api/v1/pods?watch=1',
  })
  client.on('error', () => undefined)
  client.end()
  return { client, errors, isAsked, isClosed, answer: () => answer() }
}

test('a watch whose client went before it began is closed again', async (t) => {
  let isOpen = false
  const watch: HttpStream = {
    kind: 'stream',
    status: 200,
    headers: {},
    open: () => {
      isOpen = true
      return {
        close: () => {
          isOpen = false
          ended()
        },
      }
    },
  }
  let ended: () => void = () => undefined
  const isEnded = new Promise<void>((resolve) => {
    ended = resolve
  })
  const { client, errors, isAsked, isClosed, answer } = await served(t, watch)
  await isAsked
  client.destroy()
  await isClosed
  answer()
  await isEnded
  assert.equal(isOpen, false)
  assert.deepEqual(errors, [])
})

test('a stream that writes after its end harms nobody', async (t) => {
  let sinkOf: Parameters<HttpStream['open']>[0] | undefined
  const { client, errors, isAsked, answer } = await served(t, {
    kind: 'stream',
    status: 200,
    headers: { 'content-type': 'text/plain' },
    open: (sink) => {
      sinkOf = sink
      sink.write('first')
      return { close: () => undefined }
    },
  })
  await isAsked
  answer()
  const [response] = await once(client, 'response')
  await once(response, 'data')
  sinkOf!.end()
  sinkOf!.write('late')
  sinkOf!.end()
  await once(response, 'end')
  assert.deepEqual(errors, [])
})
