import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { writeTicket } from '../../server/accounts/tickets.ts'
import { createUpgrades } from '../../server/upgrades.ts'
import { someSandboxes, someShape } from './labs/sandboxes/support.ts'
import { createTestApp, visitor } from './support.ts'

test('a learner has so many terminals at a time, another one has their own, and a closed one makes room', async () => {
  const { app, deps } = await createTestApp()
  const upgrades = createUpgrades(deps)
  const server = createServer(app).on('upgrade', upgrades.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const open: WebSocket[] = []
  /** @returns the status that refused it, or 101 */
  const connect = async (cookie: string, shell = ''): Promise<number> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/challenges/three-pods/terminal${shell}`, {
      origin: `http://127.0.0.1:${port}`,
      headers: { cookie },
    })
    socket.on('error', () => undefined)
    return new Promise((done) => {
      socket.once('open', () => {
        open.push(socket)
        done(101)
      })
      socket.once('unexpected-response', (_req, res) => done(res.statusCode!))
    })
  }
  try {
    const { cookie } = await visitor(app)
    assert.equal(await connect(cookie, '/4'), 404)
    assert.equal(await connect(cookie, '/1'), 404)
    // Another shell is one more connection, not another count.
    for (const shell of ['/2', '/3']) assert.equal(await connect(cookie, shell), 101)
    for (let n = 0; n < 18; n++) assert.equal(await connect(cookie), 101)
    assert.equal(await connect(cookie, '/2'), 429)
    assert.equal(await connect(cookie), 429)
    assert.equal(await connect((await visitor(app)).cookie), 101)
    const [first] = open
    first!.close()
    await once(first!, 'close')
    let status = 429
    for (let tries = 0; tries < 50 && status === 429; tries++) status = await connect(cookie)
    assert.equal(status, 101)
  } finally {
    for (const socket of open) socket.terminate()
    upgrades.close()
    server.closeAllConnections()
    server.close()
  }
})

test('a terminal and a live view end when their browser is signed out from another one', async () => {
  const { sandboxes } = await someSandboxes()
  const { app, deps } = await createTestApp({ sandboxes })
  const upgrades = createUpgrades(deps)
  const server = createServer(app).on('upgrade', upgrades.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const learner = 'a'.repeat(30)
  const { id } = await sandboxes.create(learner, { name: 'mine', shape: someShape })
  const [here, there] = [
    await deps.sessions.open(learner, 'maple', 'link'),
    await deps.sessions.open(learner, 'maple', 'link'),
  ]
  const cookie = `podium=${writeTicket(here, deps.secret)}`
  try {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/sandboxes/${id}/terminal`, {
      origin: `http://127.0.0.1:${port}`,
      headers: { cookie },
    })
    socket.on('error', () => undefined)
    await once(socket, 'open')
    const live = await fetch(`http://127.0.0.1:${port}/sandboxes/${id}/live`, { headers: { cookie } })
    assert.equal(live.status, 200)
    const ends = [once(socket, 'close'), live.text().catch(() => 'cut off')]
    await deps.sessions.closeOthers(there)
    await Promise.all(ends)
  } finally {
    upgrades.close()
    await sandboxes.close()
    server.closeAllConnections()
    server.close()
  }
})

test('the terminal of an anonymous learner ends when their browser signs in to an account', async () => {
  const { app, deps } = await createTestApp()
  const upgrades = createUpgrades(deps)
  const server = createServer(app).on('upgrade', upgrades.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const guest = await visitor(app)
  try {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/challenges/three-pods/terminal`, {
      origin: `http://127.0.0.1:${port}`,
      headers: { cookie: guest.cookie },
    })
    socket.on('error', () => undefined)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    const own = 'acorn river maple stone'
    await guest.post('/account', { name: 'maple', which: 'own', own, again: own }).expect(303)
    await closed
  } finally {
    upgrades.close()
    server.closeAllConnections()
    server.close()
  }
})
