/** Sandboxes on a thread of their own, as the site runs them. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { finished } from 'node:stream/promises'
import { after, test } from 'node:test'
import { WebSocket } from 'ws'
import { parseConfig } from '../../../../server/config.ts'
import { mountSandboxes } from '../../../../server/kubernetes-api/site-mount.ts'
import { type ProcessHostOptions, startProcessHost } from '../../../../server/labs/sandboxes/host-links.ts'
import { realWall } from '../../../../server/labs/sandboxes/live-sandbox.ts'
import type { Sandboxes } from '../../../../server/labs/sandboxes/types.ts'
import { until } from '../../../support/until.ts'
import { spdyClient } from '../../kubernetes-api/raw-connection.ts'
import { aConfigMap, aRequest, losableHost, someHostOptions, someSandboxes, someShape } from './support.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'
const open: Sandboxes[] = []
after(() => Promise.all(open.map((sandboxes) => sandboxes.close())))

async function threaded(options: Partial<ProcessHostOptions> = {}) {
  const start = startProcessHost({
    ...someHostOptions,
    memoryMb: 512,
    stall: { cpuMs: 15_000, wallMs: 120_000 },
    ...options,
  })
  const made = await someSandboxes({
    wall: realWall,
    starts: [start],
    limits: { log: { commands: 10_000, characters: 2 ** 30 } },
  })
  open.push(made.sandboxes)
  return made
}

test('a thread that runs out of memory is started again, and what it kept comes back', async () => {
  const { sandboxes, problems } = await threaded({ memoryMb: 96, memoryBytes: 2 ** 33 })
  const { id } = await sandboxes.create('ann', { name: 'kept', shape: someShape })
  await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap('a')))
  const greedy = await sandboxes.create('bob', { name: 'greedy', shape: someShape })
  for (let n = 0; n < 400 && problems.length === 0; n++) {
    const text = randomBytes(350_000).toString('hex')
    await sandboxes.request(greedy.id, aRequest('POST', configMaps, aConfigMap(`m${n}`, text))).catch(() => undefined)
  }
  assert.match(problems.join(), /was lost over sandbox [0-9a-f]+: .*memory/)
  await until(
    () =>
      sandboxes.request(id, aRequest('GET', `${configMaps}/a`)).then(
        (answer) => answer.kind === 'answer' && answer.status === 200,
        () => false,
      ),
    'the other one is back',
  )
})

test('a thread that one sandbox does not let go of is ended, and others are served again', async () => {
  const { sandboxes, problems } = await threaded({
    stall: { cpuMs: 3000, wallMs: 60_000 },
    memoryMb: 2048,
    limits: { events: 500_000_000, objects: 1_000_000 },
  })
  const line = 'kubectl create deployment web --image=nginx:1.27 --replicas=20000'
  const setup = { commands: [{ op: 'kubectl' as const, line }], settleMs: 3_600_000 }
  await assert.rejects(sandboxes.create('ann', { name: 'endless', shape: someShape, setup }), { status: 503 })
  assert.match(problems.join(), /was lost over sandbox [0-9a-f]+: it worked for \d+ ms without a pause/)
  assert.deepEqual(await sandboxes.list('ann'), [])
  const { id } = await sandboxes.create('ann', { name: 'other', shape: someShape })
  assert.equal((await sandboxes.look(id)).view.nodes.length, 2)
})

test('two hundred watches on fifty sandboxes are held open, each told of its own changes, while a page is answered', async () => {
  const { sandboxes, problems } = await threaded()
  const ids: string[] = []
  for (let n = 0; n < 50; n++) ids.push((await sandboxes.create(`o${n}`, { name: 'x', shape: someShape })).id)
  const seen = new Map<string, number>()
  let isOpen = 0
  for (const id of ids)
    for (let n = 0; n < 4; n++) {
      const watch = await sandboxes.request(
        id,
        aRequest('GET', `${configMaps}?watch=true&fieldSelector=metadata.name=of-${id}`),
      )
      assert.ok(watch.kind === 'stream')
      isOpen++
      watch.open({
        write(text) {
          // Of a name that no other sandbox has.
          if (text.includes(`"of-${id}"`)) seen.set(id, (seen.get(id) ?? 0) + 1)
          else throw new Error(`not its own: ${text}`)
        },
        end: () => isOpen--,
      })
    }
  const page = sandboxes.look(ids[0]!)
  await Promise.all(ids.map((id) => sandboxes.request(id, aRequest('POST', configMaps, aConfigMap(`of-${id}`)))))
  assert.equal((await page).view.nodes.length, 2)
  await until(() => [...seen.values()].reduce((a, b) => a + b, 0) === 200, 'all are told')
  assert.deepEqual([...new Set(seen.values())], [4])
  assert.equal(isOpen, 200)
  assert.equal((await sandboxes.look(ids.at(-1)!)).stopped, undefined)
  assert.deepEqual(problems, [])
})

test('what was open through the API when its thread was lost ends for the client, and can be opened again', async (t) => {
  const { start, lose } = losableHost(
    startProcessHost({ ...someHostOptions, memoryMb: 512, stall: { cpuMs: 15_000, wallMs: 120_000 } }),
  )
  const made = await someSandboxes({ wall: realWall, starts: [start] })
  const { sandboxes, problems } = made
  open.push(sandboxes)
  const { id } = await sandboxes.create('ann', { name: 'one', shape: someShape })
  await sandboxes.run(id, { op: 'kubectl', line: 'kubectl run web --image=nginx:1.27' })
  await sandboxes.skip(id, 60_000)
  const server = createServer()
  const mount = mountSandboxes({
    config: parseConfig({}),
    sandboxes,
    perMinute: 1000,
    onError: (error) => problems.push(String(error)),
  })
  server.on('request', mount.request)
  server.on('upgrade', mount.upgrade)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const path = `/k8s/${(await sandboxes.address(id)).secret}`
  const place = `127.0.0.1:${port}${path}`
  const pod = '/api/v1/namespaces/default/pods/web'
  try {
    const openAll = async () => {
      const watch = (await once(get(`http://${place}${configMaps}?watch=true`, { agent: false }), 'response'))[0]
      const forward = await spdyClient(t, port, `${path}${pod}/portforward`, 'portforward.k8s.io')
      const exec = new WebSocket(`ws://${place}${pod}/exec?command=cat&stdin=true&stdout=true`, 'v5.channel.k8s.io')
      const byPort = new WebSocket(`ws://${place}${pod}/portforward?ports=80`, 'v4.channel.k8s.io')
      const sockets = [exec, byPort]
      const told: string[] = []
      exec.on('message', (data: Buffer) => void told.push(data.toString()))
      await Promise.all(sockets.map((socket) => once(socket, 'open')))
      exec.send(Buffer.from('\0hello\n'))
      await until(() => told.includes('\x01hello\n'), 'the Pod answers')
      const ends = [finished(watch.resume()), forward.over, ...sockets.map((socket) => once(socket, 'close'))]
      return { told, ended: Promise.all(ends) }
    }
    const { told, ended } = await openAll()
    lose('it was ended')
    await ended
    assert.match(told.at(-1)!.slice(1), /"status":"Failure".*started again/)
    assert.deepEqual(problems, ['a process of the sandboxes was lost: it was ended'])
    const again = await openAll()
    await sandboxes.reset(id)
    await again.ended
    assert.match(again.told.at(-1)!.slice(1), /"status":"Failure".*the sandbox was closed/)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
