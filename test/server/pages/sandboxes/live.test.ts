/** The live view when its client or its sandbox goes at a bad moment: at each of its awaits, and while others are slow. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get as httpGet, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Sandboxes } from '../../../../server/labs/sandboxes/types.ts'
import { until } from '../../../support/until.ts'
import { handWall, someSandboxes } from '../../labs/sandboxes/support.ts'
import { createTestApp, visitor } from '../../support.ts'

type Held = 'find' | 'subscribe' | 'look'

/** A sandbox whose calls of one kind wait until they are let go, and a server that tells of errors of its responses. */
async function world(t: TestContext, held: Held) {
  const wall = handWall()
  const { sandboxes } = await someSandboxes({ wall })
  let isHolding = false
  const waiting: (() => void)[] = []
  const stopped: string[] = []
  const gated = new Proxy(sandboxes, {
    get(target, name: keyof Sandboxes) {
      const method = target[name]
      if (typeof method !== 'function') return method
      if (name === 'whenMoved') return method.bind(target)
      return async (...given: unknown[]) => {
        if (name === held && isHolding) await new Promise<void>((go) => waiting.push(go))
        const result = await Reflect.apply(method as (...all: unknown[]) => unknown, target, given)
        if (name !== 'subscribe') return result
        const { stop } = result as { stop(): void }
        return {
          stop: () => {
            stopped.push('subscription')
            stop()
          },
        }
      }
    },
  })
  const { app } = await createTestApp({ sandboxes: gated, now: () => wall.nowMs() })
  const guest = await visitor(app)
  const made = await guest.post('/sandboxes', {
    ...{ from: 'shape', name: 'Mine', nodes: '1', size: 'small', zones: '1', taint: '', tainted: '0' },
    proxy: 'iptables',
  })
  const url = made.headers.location as string
  const errors: unknown[] = []
  const responses: ServerResponse[] = []
  const server = createServer((req, res) => {
    res.on('error', (error) => errors.push(error))
    responses.push(res)
    app(req, res)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    guest,
    url,
    errors,
    stopped,
    responses,
    hold: () => {
      isHolding = true
    },
    /** Until a call is held. */
    async reached() {
      await until(() => waiting.length > 0, 'a call is held')
    },
    release: () => {
      isHolding = false
      for (const go of waiting.splice(0)) go()
    },
    open: () => {
      const request = httpGet({
        host: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
        path: `${url}/live`,
        headers: { cookie: guest.cookie },
      })
      request.on('error', () => undefined)
      return request
    },
  }
}

for (const held of ['find', 'subscribe', 'look'] as const)
  test(`a client that goes while the live view waits for ${held} leaves nothing behind`, async (t) => {
    const { guest, url, errors, stopped, responses, hold, reached, release, open } = await world(t, held)
    hold()
    const request = open()
    await reached()
    const [response] = responses
    const closed = once(response!, 'close')
    request.destroy()
    await closed
    release()
    await until(() => stopped.length > 0, 'what was subscribed to is given back')
    await guest.get(url).expect(200)
    assert.deepEqual([errors, stopped], [[], ['subscription']])
  })

test('nothing is written before the head, however long the subscription takes', async (t) => {
  const { errors, stopped, reached, responses, hold, release, open } = await world(t, 'subscribe')
  hold()
  const request = open()
  await reached()
  assert.equal(responses[0]!.headersSent, false)
  release()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['content-type'], 'text/event-stream')
  request.destroy()
  await until(() => stopped.length > 0, 'what was subscribed to is given back')
  assert.deepEqual(errors, [])
})

test('a sandbox that is deleted while it is looked at ends its live view once', async (t) => {
  const { guest, url, errors, stopped, reached, hold, release, open } = await world(t, 'look')
  hold()
  const request = open()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  await reached()
  const deleted = guest.post(url, { do: 'delete', confirm: 'yes' })
  await deleted.expect(303)
  release()
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += part
  assert.match(text, /event: gone/)
  assert.deepEqual(errors, [])
  assert.deepEqual(stopped, ['subscription'])
})
