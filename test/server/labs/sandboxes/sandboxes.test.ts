import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StartHost } from '../../../../server/labs/sandboxes/host-client.ts'
import { startLocalHost } from '../../../../server/labs/sandboxes/host-links.ts'
import { realWall } from '../../../../server/labs/sandboxes/live-sandbox.ts'
import { LabRefusal } from '../../../../server/labs/types.ts'
import { runForCaller } from '../../../../server/request-caller.ts'
import { createStorage } from '../../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../../server/storage/memory.ts'
import type { Storage } from '../../../../server/storage/types.ts'
import type { ClusterShape, HttpOutcome, HttpRequest, LoggedCommand } from '../../../../sim/index.ts'
import { until } from '../../../support/until.ts'
import { aConfigMap, aRequest, handWall, losableHost, someHostOptions, someSandboxes, someShape } from './support.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const configMaps = '/api/v1/namespaces/default/configmaps'

const refused = (status: number, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof LabRefusal, String(error))
  assert.equal(error.status, status)
  assert.match(error.message, message)
  return true
}

const statusOf = (outcome: HttpOutcome): number => {
  assert.ok(outcome.kind === 'answer', outcome.kind)
  return outcome.status
}

test('a sandbox is made, looked at, and answers the Kubernetes API', async () => {
  const { sandboxes, problems } = await someSandboxes()
  const { id, nodes, speed } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  assert.deepEqual({ nodes, speed }, { nodes: 2, speed: 1 })
  assert.equal(statusOf(await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap('a')))), 201)
  const seen = await sandboxes.request(id, aRequest('GET', `${configMaps}/a`))
  assert.ok(seen.kind === 'answer' && JSON.parse(String(seen.body)).data.text === 'x')
  const { view, marks, stopped } = await sandboxes.look(id)
  assert.equal(view.nodes.length, 2)
  assert.deepEqual(
    marks.map(({ words }) => words),
    [{ typed: `POST ${configMaps}` }],
  )
  assert.equal(stopped, undefined)
  assert.deepEqual(
    (await sandboxes.log(id)).map(({ command }) => command.op),
    ['request'],
  )
  await sandboxes.close()
  assert.deepEqual(problems, [])
})

test('a sandbox is its owner’s, and found by nobody else', async () => {
  const { sandboxes } = await someSandboxes()
  const { id } = await sandboxes.create('ann', { name: ' mine ', shape: someShape })
  assert.equal((await sandboxes.find('ann', id))!.name, 'mine')
  assert.equal(await sandboxes.find('bob', id), undefined)
  assert.deepEqual(await sandboxes.list('bob'), [])
  const token = await sandboxes.share(id)
  assert.equal((await sandboxes.findShared(token))!.id, id)
  assert.equal(await sandboxes.share(id), token)
  await sandboxes.unshare(id)
  assert.equal(await sandboxes.findShared(token), undefined)
})

test('what is stored holds neither the address nor the token of the read-only link', async () => {
  const { sandboxes, storage } = await someSandboxes()
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  const { secret } = await sandboxes.address(id)
  const token = await sandboxes.share(id)
  const stored = JSON.stringify(await storage.sandboxes.find(id))
  assert.ok(!stored.includes(secret) && !stored.includes(token))
  assert.equal(await sandboxes.findByAddress(secret), id)
  assert.equal(await sandboxes.findByAddress(token), undefined)
  // Another process with the same key shows the same address.
  await sandboxes.close()
  const { sandboxes: later } = await someSandboxes({ storage })
  assert.equal((await later.address(id)).secret, secret)
  assert.equal(await later.findByAddress(secret), id)
})

test('nobody has more sandboxes than allowed, however fast they are asked for', async () => {
  const { sandboxes } = await someSandboxes({ limits: { perOwner: 2 } })
  const made = await Promise.allSettled(
    ['a', 'b', 'c'].map((name) => sandboxes.create('ann', { name, shape: someShape })),
  )
  assert.deepEqual(
    made.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected'],
  )
  await assert.rejects(
    sandboxes.create('ann', { name: 'd', shape: someShape }),
    refused(409, /the most that you may have/),
  )
  await sandboxes.remove((await sandboxes.list('ann'))[0]!.id)
  await sandboxes.create('ann', { name: 'e', shape: someShape })
})

test('a shape that cannot be is refused, and nothing is left of it', async () => {
  const { sandboxes, storage } = await someSandboxes()
  const shapes = [
    { nodes: [] },
    { nodes: Array.from({ length: 11 }, (_, n) => ({ name: `n${n}` })) },
    { nodes: [{ name: 'a', cpu: 'much' }] },
    { nodes: [{ name: 'control-plane-3' }], controlPlane: { members: 3 } },
    { nodes: [{ name: 'a' }], controlPlane: { members: 1e6 } },
    { nodes: [{ name: 'a' }], controlPlane: null },
    { nodes: [{ name: 'control-plane' }], controlPlane: { members: 1, staticPods: true } },
    { nodes: [{ name: 'a' }], controlPlane: { members: 1, staticPods: 'yes' } },
  ] as ClusterShape[]
  for (const shape of shapes)
    await assert.rejects(
      sandboxes.create('ann', { name: 'x', shape }),
      refused(422, /nodes|not a quantity|members of etcd|static Pods/),
    )
  assert.deepEqual(await sandboxes.list('ann'), [])
  assert.deepEqual(await storage.sandboxes.list(), [])
})

test('a sandbox that nobody uses is deleted after its days, with its log; one that is used is not', async () => {
  const wall = handWall()
  const { sandboxes, storage } = await someSandboxes({ wall })
  const unused = await sandboxes.create('ann', { name: 'unused', shape: someShape })
  const used = await sandboxes.create('ann', { name: 'used', shape: someShape })
  await sandboxes.request(unused.id, aRequest('POST', configMaps, aConfigMap('a')))
  const { logId } = (await storage.sandboxes.find(unused.id))!
  wall.pass(6 * dayMs)
  await sandboxes.look(used.id)
  wall.pass(dayMs + minuteMs)
  assert.equal(await sandboxes.find('ann', unused.id), undefined)
  await assert.rejects(sandboxes.look(unused.id), refused(404, /expired/))
  await until(async () => {
    wall.pass(minuteMs)
    return (await storage.sandboxes.find(unused.id)) === undefined
  }, 'it is deleted')
  assert.deepEqual(await storage.sandboxLogs.read(logId), [])
  assert.deepEqual(
    (await sandboxes.list('ann')).map(({ name }) => name),
    ['used'],
  )
})

test('the clock follows the wall clock, stands in a long absence, and is set', async () => {
  const wall = handWall()
  const { sandboxes, storage } = await someSandboxes({ wall })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  const now = async () => (await sandboxes.look(id)).nowMs
  assert.equal(await now(), 0)
  wall.pass(90_000)
  assert.equal(await now(), 90_000)
  await sandboxes.setSpeed(id, 10)
  wall.pass(1000)
  assert.equal(await now(), 100_000)
  await sandboxes.setSpeed(id, 0)
  wall.pass(50 * minuteMs)
  assert.equal(await now(), 100_000)
  await sandboxes.skip(id, 5000)
  assert.equal(await now(), 105_000)
  await sandboxes.setSpeed(id, 1)
  wall.pass(6 * minuteMs)
  await until(async () => (await storage.sandboxes.find(id))!.checkpoint?.virtualMs === 105_000, 'it has left')
  wall.pass(3 * dayMs)
  assert.equal(await now(), 105_000 + hourMs)
  await assert.rejects(sandboxes.setSpeed(id, -1), refused(422, /0 to 3600/))
  await assert.rejects(sandboxes.skip(id, Number.NaN), refused(422, /week/))
})

test('a step goes to the next thing that is written, and settling until nothing is due', async () => {
  const { sandboxes } = await someSandboxes()
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  await sandboxes.setSpeed(id, 0)
  const podOf = async () => (await sandboxes.look(id)).view.pods[0]?.word
  await sandboxes.request(
    id,
    aRequest('POST', '/api/v1/namespaces/default/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
    }),
  )
  assert.equal(await podOf(), 'Pending')
  const before = (await sandboxes.look(id)).nowMs
  await sandboxes.step(id)
  const stepped = (await sandboxes.look(id)).nowMs
  assert.ok(stepped > before && stepped < before + 1000, `${before} ${stepped}`)
  await sandboxes.settle(id, 60_000)
  assert.equal(await podOf(), 'Running')
  const versions = await sandboxes.objects(id, { resource: 'pods', namespace: 'default', name: 'web' })
  assert.equal(versions.at(-1)!.type, 'ADDED')
  assert.match(versions[0]!.by, /^system:node:/)
  assert.match(versions[0]!.yaml, /phase: Running/)
  const [then] = await sandboxes.objects(id, { resource: 'pods', namespace: 'default', atMs: before })
  assert.match(then!.yaml, /phase: Pending/)
  assert.equal((await sandboxes.look(id, before)).view.pods[0]!.word, 'Pending')
  const causes = await sandboxes.causes(id, { resource: 'pods', namespace: 'default', name: 'web' })
  assert.equal(causes[0]!.actor, 'you')
  assert.ok(causes.some(({ actor }) => actor === 'system:kube-scheduler'))
  await assert.rejects(sandboxes.objects(id, { resource: 'nothings' }), refused(404, /no resource nothings/))
})

test('a reset cluster begins again, and a branch goes on from a moment with what was done until then', async () => {
  const wall = handWall()
  const { sandboxes, storage } = await someSandboxes({ wall })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  const names = async (of: string) =>
    (await sandboxes.objects(of, { resource: 'configmaps', namespace: 'default' }))
      .map(({ name }) => name)
      .filter((name) => name !== 'kube-root-ca.crt')
  await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap('early')))
  wall.pass(10_000)
  await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap('late')))
  const branch = await sandboxes.branch(id, 5000)
  assert.equal((await sandboxes.look(branch.id)).nowMs, 5000)
  assert.deepEqual(await names(branch.id), ['early'])
  await sandboxes.request(branch.id, aRequest('POST', configMaps, aConfigMap('other')))
  assert.deepEqual(await names(id), ['early', 'late'])
  await sandboxes.reset(id)
  assert.deepEqual(await names(id), [])
  assert.equal((await sandboxes.look(id)).nowMs, 0)
  assert.deepEqual(await sandboxes.log(id), [])
  assert.deepEqual(await names(branch.id), ['early', 'other'])
  assert.deepEqual((await storage.sandboxes.find(branch.id))!.branchOf, { id, atMs: 5000 })
})

test('a budget that is used up stops a sandbox in words, for good, and others go on', async () => {
  const wall = handWall()
  const { sandboxes, problems } = await someSandboxes({ wall, host: { limits: { events: 20_000, objects: 2500 } } })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  const other = await sandboxes.create('ann', { name: 'other', shape: someShape })
  await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap('a')))
  while ((await sandboxes.skip(id, 7 * dayMs)).isCutShort);
  const { stopped, nowMs, view } = await sandboxes.look(id)
  assert.match(stopped ?? '', /budget of 20000 events/)
  assert.equal(view.nodes.length, 2)
  const answer = await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap('b')))
  assert.equal(statusOf(answer), 403)
  assert.match(answer.kind === 'answer' ? String(answer.body) : '', /budget of 20000 events/)
  assert.equal(statusOf(await sandboxes.request(id, aRequest('GET', `${configMaps}/a`))), 200)
  const ran = await sandboxes.run(id, { op: 'kubectl', line: 'kubectl delete cm a' })
  assert.equal(ran.exit, 1)
  assert.match(ran.stderr, /budget of 20000 events/)
  // It is as stopped when it comes back.
  wall.pass(6 * minuteMs)
  await until(async () => (await sandboxes.look(id)).stopped !== undefined, 'it is stopped again')
  const again = await sandboxes.look(id)
  assert.deepEqual({ stopped: again.stopped, nowMs: again.nowMs }, { stopped, nowMs })
  assert.equal((await sandboxes.look(other.id)).stopped, undefined)
  assert.deepEqual(problems, [])
})

test('a log that is full takes no more commands, and reading goes on', async () => {
  const { sandboxes } = await someSandboxes({ limits: { log: { commands: 3, characters: 10_000 } } })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  const statuses = []
  for (const name of ['a', 'b', 'c', 'd'])
    statuses.push(statusOf(await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap(name)))))
  assert.deepEqual(statuses, [201, 201, 201, 403])
  assert.match((await sandboxes.look(id)).stopped ?? '', /has taken 3 commands/)
  assert.equal(statusOf(await sandboxes.request(id, aRequest('GET', `${configMaps}/c`))), 200)
  assert.equal((await sandboxes.log(id)).length, 3)
  const large = await sandboxes.create('ann', { name: 'large', shape: someShape })
  await sandboxes.request(large.id, aRequest('POST', configMaps, aConfigMap('a', 'x'.repeat(20_000))))
  assert.equal(statusOf(await sandboxes.request(large.id, aRequest('POST', configMaps, aConfigMap('b')))), 403)
})

/** Notes what comes of a command. */
function aSink() {
  const sink = {
    printed: '',
    exit: undefined as number | undefined,
    output(_stream: 'stdout' | 'stderr', text: string) {
      sink.printed += text
    },
    done(result: { exit: number }) {
      sink.exit = result.exit
    },
  }
  return sink
}

/** A storage whose appends wait for the test. */
function heldStorage() {
  const storage = createStorage(createMemoryStore())
  const appends: { commands: readonly LoggedCommand[]; go(): void; fail(): void }[] = []
  const { append } = storage.sandboxLogs
  storage.sandboxLogs.append = (logId, expected, commands, fence) =>
    new Promise((resolve, reject) => {
      appends.push({
        commands,
        go: () => resolve(append(logId, expected, commands, fence)),
        fail: () => reject(new Error('no space left on device')),
      })
    })
  return { storage, appends }
}

test('a command is acknowledged when it is on the disk, and those that come together share a write', async () => {
  const { storage, appends } = heldStorage()
  const { sandboxes } = await someSandboxes({ storage })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  let acknowledged = 0
  const post = async (name: string) => {
    assert.equal(statusOf(await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap(name)))), 201)
    acknowledged++
  }
  const posts = Array.from({ length: 10 }, (_, n) => post(`m${n}`))
  await until(() => appends.length === 1, 'a write is under way')
  const more = [post('n1'), post('n2')]
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(acknowledged, 0)
  assert.equal(appends.length, 1)
  // On a slow machine some come when the second write has begun.
  for (let n = 0; acknowledged < 12; n++) {
    await until(() => appends.length > n || acknowledged === 12, 'the next write is under way')
    appends[n]?.go()
  }
  await Promise.all([...posts, ...more])
  assert.ok(appends.length < 6, `${appends.length} writes`)
  assert.equal(
    appends.map(({ commands }) => commands.length).reduce((a, b) => a + b),
    12,
  )
})

test('what could not be written is not acknowledged, and has not happened', async () => {
  const { storage, appends } = heldStorage()
  const { sandboxes, problems } = await someSandboxes({ storage })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  const post = (name: string) => sandboxes.request(id, aRequest('POST', configMaps, aConfigMap(name)))
  const first = post('a')
  await until(() => appends.length === 1, 'a write is under way')
  appends[0]!.go()
  await first
  const second = post('b')
  const third = post('c')
  await until(() => appends.length === 2, 'a write is under way')
  appends[1]!.fail()
  await assert.rejects(second, /no space left/)
  await assert.rejects(third, /no space left/)
  assert.match(problems.join(), /could not be written/)
  assert.equal(statusOf(await sandboxes.request(id, aRequest('GET', `${configMaps}/a`))), 200)
  assert.equal(statusOf(await sandboxes.request(id, aRequest('GET', `${configMaps}/b`))), 404)
})

test('a host that is lost ends what is open, and its sandboxes come back from what is stored', async () => {
  const wall = handWall()
  const host = losableHost(startLocalHost(someHostOptions, wall))
  const { sandboxes, problems } = await someSandboxes({ wall, starts: [host.start] })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap('a')))
  const watch = await sandboxes.request(id, aRequest('GET', `${configMaps}?watch=true`))
  let hasEnded = false
  assert.ok(watch.kind === 'stream')
  watch.open({
    write: () => undefined,
    end() {
      hasEnded = true
    },
  })
  const sink = aSink()
  await sandboxes.begin(id, { op: 'kubectl', line: 'kubectl get cm -w' }, sink)
  let changes = 0
  const subscription = await sandboxes.subscribe(id, () => changes++)
  const underWay = sandboxes.request(id, aRequest('GET', configMaps))
  host.lose('out of memory')
  await assert.rejects(underWay, refused(503, /started again/))
  assert.deepEqual({ hasEnded, exit: sink.exit }, { hasEnded: true, exit: 1 })
  assert.match(problems.join(), /lost: out of memory/)
  assert.equal(statusOf(await sandboxes.request(id, aRequest('GET', `${configMaps}/a`))), 200)
  // Who looks on goes on to do so.
  const before = changes
  assert.ok(before > 0)
  await until(async () => {
    await sandboxes.request(id, aRequest('POST', configMaps, { ...aConfigMap(''), metadata: { generateName: 'n' } }))
    wall.pass(200)
    return changes > before
  }, 'told of a change')
  subscription.stop()
})

test('a sandbox over which a host is lost again and again is not opened, until it is reset', async () => {
  const wall = handWall()
  const openings: number[] = []
  const host = losableHost(startLocalHost(someHostOptions, wall))
  const { sandboxes } = await someSandboxes({
    wall,
    starts: [
      (listener) => {
        const link = host.start(listener)
        return {
          ...link,
          post(message) {
            if (message.do === 'open') openings.push(message.opening)
            link.post(message)
          },
        }
      },
    ],
  })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  for (let n = 0; n < 2; n++) {
    await sandboxes.look(id)
    host.lose('out of memory', openings.at(-1))
    await new Promise((resolve) => setTimeout(resolve, 1100))
  }
  await assert.rejects(sandboxes.look(id), refused(422, /more memory or computing time/))
  await sandboxes.reset(id)
  assert.equal((await sandboxes.look(id)).nowMs, 0)
})

/** Hosts that note which sandboxes are opened in each of them. */
function watchedPlaces<Place extends string>(...names: Place[]) {
  const opened = Object.fromEntries(names.map((name) => [name, [] as string[]])) as Record<Place, string[]>
  const openingOf = new Map<string, number>()
  const placed = (place: Place, start: StartHost): StartHost => {
    return (listener) => {
      const link = start(listener)
      return {
        ...link,
        post(message) {
          if (message.do === 'open') {
            opened[place].push(message.id)
            openingOf.set(message.id, message.opening)
          }
          link.post(message)
        },
      }
    }
  }
  return { opened, openingOf, placed }
}

test('a cluster whose control plane is on nodes begins where there is room', async () => {
  const { opened, placed } = watchedPlaces('usual', 'roomy')
  const { sandboxes } = await someSandboxes({
    wall: realWall,
    starts: [placed('usual', startLocalHost(someHostOptions, realWall))],
    roomy: placed('roomy', startLocalHost(someHostOptions, realWall)),
  })
  const ids: string[] = []
  for (const controlPlane of [undefined, { members: 1, staticPods: true }, { members: 3 }] as const) {
    const shape = { ...someShape, ...(controlPlane && { controlPlane }) }
    const { id } = await sandboxes.create('ann', { name: 'mine', shape })
    await sandboxes.objects(id, { resource: 'nodes' })
    ids.push(id)
  }
  const [plain, kubeadm, three] = ids
  assert.deepEqual(opened, { usual: [plain], roomy: [kubeadm, three] })
  await sandboxes.close()
})

/** A body that takes more than a shared thread has for one request. */
const manyTexts = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, 'x']))

test('a sandbox that needs more at a time than its thread has for one moves, and what it was asked is done once', async () => {
  const { opened, placed } = watchedPlaces('usual', 'roomy')
  const stretchSteps = 400_000
  const { sandboxes, problems } = await someSandboxes({
    wall: realWall,
    starts: [placed('usual', startLocalHost({ ...someHostOptions, stretchSteps }, realWall))],
    roomy: placed('roomy', startLocalHost(someHostOptions, realWall)),
  })
  const from = (address: string) =>
    runForCaller({ address }, () => sandboxes.create(address, { name: 'mine', shape: someShape }))
  const [heavy, other] = [await from('a'), await from('b')]
  const send = (id: string, name: string, data: object = {}) =>
    sandboxes.request(id, aRequest('POST', configMaps, { ...aConfigMap(name), data }))
  assert.equal(statusOf((await send(heavy.id, 'small')) as HttpOutcome), 201)
  assert.equal(statusOf((await send(other.id, 'small')) as HttpOutcome), 201)
  let ends = 0
  await sandboxes.begin(
    heavy.id,
    { op: 'kubectl', line: 'kubectl get cm -w' },
    { output: () => undefined, done: () => void ends++ },
  )
  assert.equal(statusOf((await send(heavy.id, 'large', manyTexts)) as HttpOutcome), 201)
  await until(() => ends === 1, 'what was open where it stood has ended')
  assert.deepEqual(opened, { usual: [heavy.id, other.id], roomy: [heavy.id] })
  // In the log once, and everything before it.
  const asked = (await sandboxes.log(heavy.id)).map(({ command }) => command.op)
  assert.deepEqual(asked, ['request', 'kubectl', 'interrupt', 'request'])
  const names = (await sandboxes.objects(heavy.id, { resource: 'configmaps', namespace: 'default' })).map(
    ({ name }) => name,
  )
  assert.deepEqual(names.toSorted(), ['kube-root-ca.crt', 'large', 'small'])
  // Who makes another one, begins where there is room; others do not.
  const another = await from('a')
  const stranger = await from('c')
  assert.deepEqual(opened, { usual: [heavy.id, other.id, stranger.id], roomy: [heavy.id, another.id] })
  assert.deepEqual(problems, [])
  await sandboxes.close()
})

test('a sandbox that moves stands where it was seen to stand: its time does not go back', async () => {
  const { opened, placed } = watchedPlaces('usual', 'roomy')
  const wall = handWall()
  const { sandboxes } = await someSandboxes({
    wall,
    starts: [placed('usual', startLocalHost({ ...someHostOptions, idleMs: dayMs, stretchSteps: 400_000 }, wall))],
    roomy: placed('roomy', startLocalHost(someHostOptions, wall)),
  })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  for (let looks = 0; looks < 24; looks++) {
    wall.pass(15 * minuteMs)
    await sandboxes.look(id)
  }
  const seenMs = (await sandboxes.look(id)).nowMs
  assert.equal(seenMs, 6 * hourMs)
  const large = aRequest('POST', configMaps, { ...aConfigMap('large'), data: manyTexts })
  assert.equal(statusOf((await sandboxes.request(id, large)) as HttpOutcome), 201)
  assert.deepEqual(opened, { usual: [id], roomy: [id] })
  assert.equal((await sandboxes.look(id)).nowMs, seenMs)
  await sandboxes.close()
})

/** Six hours old, with a request in its first minute that takes more than a shared thread has for one. */
async function grownSandbox(storage: Storage, wall: ReturnType<typeof handWall>) {
  const open = async () => {
    const { sandboxes } = await someSandboxes({
      storage,
      wall,
      starts: [startLocalHost({ ...someHostOptions, idleMs: dayMs, stretchSteps: 400_000 }, wall)],
      roomy: startLocalHost({ ...someHostOptions, idleMs: dayMs }, wall),
    })
    return sandboxes
  }
  const sandboxes = await open()
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  const large = aRequest('POST', configMaps, { ...aConfigMap('large'), data: manyTexts })
  wall.pass(minuteMs)
  assert.equal(statusOf((await sandboxes.request(id, large)) as HttpOutcome), 201)
  for (let looks = 0; looks < 24; looks++) {
    wall.pass(15 * minuteMs)
    await sandboxes.look(id)
  }
  return { sandboxes, id, open }
}

test('a sandbox that outgrows its thread while it is rebuilt after a restart keeps its time, and goes on', async () => {
  const storage = createStorage(createMemoryStore())
  const wall = handWall()
  const { sandboxes, id, open } = await grownSandbox(storage, wall)
  assert.equal((await sandboxes.look(id)).nowMs, 6 * hourMs + minuteMs)
  await sandboxes.close()
  const again = await open()
  assert.equal((await again.look(id)).nowMs, 6 * hourMs + minuteMs)
  wall.pass(10 * minuteMs)
  assert.equal((await again.look(id)).nowMs, 6 * hourMs + 11 * minuteMs)
  await again.close()
})

test('a branch that outgrows its thread while it is made stands at the moment where it was branched', async () => {
  const { sandboxes, id } = await grownSandbox(createStorage(createMemoryStore()), handWall())
  const branch = await sandboxes.branch(id, 5 * hourMs)
  assert.equal((await sandboxes.look(branch.id)).nowMs, 5 * hourMs)
  await sandboxes.close()
})

test('a sandbox that moves while time is let pass comes as far as it was asked to, and no further', async () => {
  const { opened, placed } = watchedPlaces('usual', 'roomy')
  const { sandboxes } = await someSandboxes({
    wall: realWall,
    starts: [placed('usual', startLocalHost({ ...someHostOptions, stretchSteps: 30_000 }, realWall))],
    roomy: placed('roomy', startLocalHost(someHostOptions, realWall)),
  })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  await sandboxes.setSpeed(id, 0)
  await sandboxes.run(id, { op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=60' })
  const { nowMs } = await sandboxes.look(id)
  assert.deepEqual(await sandboxes.skip(id, minuteMs), { isCutShort: false })
  assert.deepEqual(opened, { usual: [id], roomy: [id] })
  assert.equal((await sandboxes.look(id)).nowMs, nowMs + minuteMs)
  await sandboxes.close()
})

test('a past that somebody brings is refused when it takes too much to rebuild, and nothing is left of it', async () => {
  const { sandboxes } = await someSandboxes({ host: { limits: { events: 50_000_000 } } })
  const bring = (virtualMs: number) =>
    sandboxes.create('ann', { name: 'brought', shape: someShape, past: { log: [], virtualMs } })
  assert.equal((await sandboxes.look((await bring(6 * hourMs)).id)).nowMs, 6 * hourMs)
  await assert.rejects(bring(7 * dayMs), refused(422, /Shorten its duration/))
  assert.equal((await sandboxes.list('ann')).length, 1)
  await sandboxes.close()
})

test('time that is let pass takes so much computing at most: the clock stops on the way, and goes on from there', async () => {
  const { sandboxes } = await someSandboxes({ host: { limits: { events: 50_000_000 } } })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  await sandboxes.setSpeed(id, 0)
  await sandboxes.run(id, { op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=60' })
  assert.deepEqual(await sandboxes.skip(id, minuteMs), { isCutShort: false })
  const stoodAtMs = (await sandboxes.look(id)).nowMs
  assert.deepEqual(await sandboxes.skip(id, 7 * dayMs), { isCutShort: true })
  const stoppedAtMs = (await sandboxes.look(id)).nowMs
  assert.ok(stoppedAtMs > stoodAtMs && stoppedAtMs < 7 * dayMs, `${stoodAtMs} ${stoppedAtMs}`)
  assert.deepEqual(await sandboxes.skip(id, 1000), { isCutShort: false })
  assert.equal((await sandboxes.look(id)).nowMs, stoppedAtMs + 1000)
  await sandboxes.close()
})

test('who has cost a host its life lives apart from then on, with all that they make; the others stay where they were', async () => {
  const wall = handWall()
  const { opened, openingOf, placed } = watchedPlaces('usual', 'apart')
  const host = losableHost(startLocalHost(someHostOptions, wall))
  const { sandboxes } = await someSandboxes({
    wall,
    starts: [placed('usual', host.start)],
    apart: placed('apart', startLocalHost(someHostOptions, wall)),
  })
  const from = (address: string, owner: string) =>
    runForCaller({ address }, () => sandboxes.create(owner, { name: 'mine', shape: someShape }))
  const culprit = await from('a', 'ann')
  const other = await from('b', 'bob')
  await sandboxes.look(other.id)
  await sandboxes.look(culprit.id)
  host.lose('it worked for too long', openingOf.get(culprit.id))
  await new Promise((resolve) => setTimeout(resolve, 1100))
  await sandboxes.look(culprit.id)
  await sandboxes.look(other.id)
  // A new cookie is no new address.
  const another = await from('a', 'somebody new')
  await sandboxes.look(another.id)
  assert.deepEqual(opened.apart, [culprit.id, another.id])
  assert.ok(!opened.apart.includes(other.id))
  assert.equal(opened.usual.filter((id) => id === other.id).length, 2)
  await sandboxes.close()
})

test('sandboxes that nobody looks at make room for others; while all are in use, nobody else is let in', async () => {
  const { sandboxes, storage } = await someSandboxes({ host: { live: 2 } })
  const made: string[] = []
  for (const name of ['a', 'b', 'c']) made.push((await sandboxes.create('ann', { name, shape: someShape })).id)
  await until(async () => (await storage.sandboxes.find(made[0]!))!.checkpoint !== null, 'the first has left')
  const stops = [
    await sandboxes.subscribe(made[0]!, () => undefined),
    await sandboxes.subscribe(made[1]!, () => undefined),
  ]
  await assert.rejects(sandboxes.look(made[2]!), refused(503, /in use/))
  stops[0]!.stop()
  await until(
    () =>
      sandboxes.look(made[2]!).then(
        () => true,
        () => false,
      ),
    'there is room',
  )
})

test('who holds all the room there is gives some up for others, until they hold as much', async () => {
  const { sandboxes } = await someSandboxes({ host: { live: 4 }, limits: { perOwner: 9 } })
  const at = <T>(address: string, act: () => T): T => runForCaller({ address }, act)
  const ended: string[] = []
  // Many cookies of one address, each looked at without an end.
  const hogged: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) {
    const { id } = await at('10.0.0.1', () => sandboxes.create(`hog ${name}`, { name, shape: someShape }))
    hogged.push(id)
    await at('10.0.0.1', () => sandboxes.subscribe(id, () => ended.push(name)))
  }
  const first = await at('10.0.0.2', () => sandboxes.create('ann', { name: 'first', shape: someShape }))
  await at('10.0.0.2', () => sandboxes.subscribe(first.id, () => undefined))
  // One of them has ended, and is not let in again at the cost of somebody who holds fewer.
  await until(async () => ended.length > 0, 'who watched it is told')
  const looked = await Promise.allSettled(hogged.map((id) => at('10.0.0.1', () => sandboxes.look(id))))
  const refusals = looked.filter((one) => one.status === 'rejected')
  assert.equal(refusals.length, 1)
  refused(503, /in use/)(refusals[0]!.reason)
  const second = await at('10.0.0.2', () => sandboxes.create('ann', { name: 'second', shape: someShape }))
  await at('10.0.0.2', () => sandboxes.subscribe(second.id, () => undefined))
  // Two and two: nobody holds more than the other.
  await assert.rejects(
    at('10.0.0.2', () => sandboxes.create('ann', { name: 'third', shape: someShape })),
    refused(503, /in use/),
  )
  const third = await at('10.0.0.3', () => sandboxes.create('bob', { name: 'third', shape: someShape }))
  assert.ok((await sandboxes.look(third.id)).view)
})

test('while one sandbox catches up with two days, another one answers', async () => {
  const { sandboxes } = await someSandboxes({ host: { limits: { events: 50_000_000 } } })
  const busy = await sandboxes.create('ann', { name: 'busy', shape: someShape })
  const other = await sandboxes.create('ann', { name: 'other', shape: someShape })
  const probed = `kubectl create deployment web --image=nginx:1.27 --replicas=5`
  await sandboxes.run(busy.id, { op: 'kubectl', line: probed })
  let isDone = false
  const skipped = (async () => {
    // As often as it is cut short.
    while ((await sandboxes.look(busy.id)).nowMs < 2 * dayMs) await sandboxes.skip(busy.id, 12 * hourMs)
    isDone = true
  })()
  let answers = 0
  for (let n = 0; n < 3; n++) {
    await sandboxes.request(other.id, aRequest('POST', configMaps, aConfigMap(`m${n}`)))
    if (!isDone) answers++
  }
  await skipped
  assert.equal(answers, 3)
  assert.ok((await sandboxes.look(busy.id)).nowMs >= 2 * dayMs)
})

test('a command that is run to its end takes the time that it takes, and one without an end is ended', async () => {
  const { sandboxes } = await someSandboxes()
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  await sandboxes.setSpeed(id, 0)
  const run = (line: string) => sandboxes.run(id, { op: 'kubectl', line })
  assert.equal((await run('kubectl create deployment web --image=nginx:1.27')).stdout, 'deployment.apps/web created\n')
  const rollout = await run('kubectl rollout status deployment web')
  assert.match(rollout.stdout, /^Waiting for .*\ndeployment "web" successfully rolled out\n$/)
  assert.ok(rollout.doneMs > rollout.atMs)
  assert.ok((await sandboxes.look(id)).nowMs >= rollout.doneMs)
  const watch = await run('kubectl get deployments -w')
  assert.match(watch.stdout, /^NAME .*\nweb /)
  assert.deepEqual({ exit: watch.exit, stderr: watch.stderr }, { exit: 130, stderr: '' })
  const wait = await run('kubectl wait --for=condition=Nothing deployment/web --timeout=-1s')
  assert.equal(wait.exit, 130)
  assert.equal(wait.stderr, 'error: the command was still waiting after 900 s and was interrupted\n')
  assert.equal((await run('kubectl get nothings')).exit, 1)
})

test('what a command prints comes while it runs, and Ctrl-C ends it', async () => {
  const wall = handWall()
  const { sandboxes } = await someSandboxes({ wall })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  const sink = aSink()
  const running = await sandboxes.begin(id, { op: 'kubectl', line: 'kubectl get cm -w' }, sink)
  await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap('watched')))
  await until(() => {
    wall.pass(100)
    return /^watched /m.test(sink.printed)
  }, 'the watch prints')
  assert.equal(sink.exit, undefined)
  running.interrupt()
  await until(() => sink.exit !== undefined, 'it has ended')
  assert.equal(sink.exit, 130)
  assert.deepEqual(
    (await sandboxes.log(id)).map(({ command }) => command.op),
    ['kubectl', 'request', 'interrupt'],
  )
})

test('a session whose thread was lost before it was opened ends as it begins', async () => {
  const wall = handWall()
  const { start, lose } = losableHost(startLocalHost(someHostOptions, wall))
  const { sandboxes } = await someSandboxes({ wall, starts: [start] })
  const { id } = await sandboxes.create('ann', { name: 'one', shape: someShape })
  await sandboxes.run(id, { op: 'kubectl', line: 'kubectl run web --image=nginx:1.27' })
  await sandboxes.skip(id, 60_000)
  const pod = '/api/v1/namespaces/default/pods/web'
  const watch = await sandboxes.request(id, aRequest('GET', `${configMaps}?watch=true`))
  const upgraded = (url: string): HttpRequest => ({ ...aRequest('POST', url), headers: { connection: 'Upgrade' } })
  const exec = await sandboxes.request(id, upgraded(`${pod}/exec?command=cat&stdout=true`))
  const forward = await sandboxes.request(id, upgraded(`${pod}/portforward`))
  assert.ok(watch.kind === 'stream' && exec.kind === 'exec' && forward.kind === 'port-forward')
  lose('it was ended')
  const ends: string[] = []
  watch.open({ write: () => undefined, end: () => void ends.push('watch') })
  exec.open({ stdout: () => undefined, stderr: () => undefined, end: ({ status }) => void ends.push(`exec ${status}`) })
  forward.whenLost?.(() => void ends.push('forward'))
  forward.connect(80, { data: () => undefined, error: (text) => void ends.push(text), end: () => undefined })
  await until(() => ends.length === 4, `all have ended: ${ends}`)
  assert.deepEqual(ends.sort(), ['exec Failure', 'forward', 'lost connection to pod', 'watch'])
})

test('a copy makes the same cluster again, once, where nobody has its id, with its clock where it stood', async () => {
  const wall = handWall()
  const { sandboxes } = await someSandboxes({ wall })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  await sandboxes.request(id, aRequest('POST', configMaps, aConfigMap('a')))
  wall.pass(5 * minuteMs)
  const copy = await sandboxes.copy(id)
  assert.deepEqual([copy.name, copy.virtualMs, copy.log.length], ['mine', 5 * minuteMs, 1])
  await assert.rejects(sandboxes.restore('bob', copy), refused(409, /with this id/))
  const before = (await sandboxes.look(id)).view.nodes
  await sandboxes.remove(id)
  wall.pass(9 * dayMs)
  const again = await sandboxes.restore('bob', JSON.parse(JSON.stringify(copy)))
  assert.deepEqual([again.id, again.owner, again.createdAtMs], [id, 'bob', copy.createdAtMs])
  const { view, atMs } = await sandboxes.look(id)
  assert.deepEqual([view.nodes, atMs], [before, 5 * minuteMs])
  const seen = await sandboxes.request(id, aRequest('GET', `${configMaps}/a`))
  assert.ok(seen.kind === 'answer' && seen.status === 200)
  wall.pass(10 * hourMs)
  assert.equal((await sandboxes.copy(id)).virtualMs, 5 * minuteMs + hourMs, 'while nobody looks its clock stands')
})

test('a copy is refused where there is no room, and with a log or a shape that cannot be', async () => {
  const { sandboxes } = await someSandboxes({ limits: { perOwner: 1, log: { commands: 2, characters: 10_000 } } })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  const copy = { ...(await sandboxes.copy(id)), id: 'other' }
  assert.equal(await sandboxes.room('ann'), 0)
  await assert.rejects(sandboxes.restore('ann', copy), refused(409, /the most that you may have/))
  const line: LoggedCommand = { atMs: 0, command: { op: 'kubectl', line: 'get pods' } }
  await assert.rejects(sandboxes.restore('bob', { ...copy, log: [line, line, line] }), refused(422, /2 commands/))
  await assert.rejects(
    sandboxes.restore('bob', { ...copy, options: { ...copy.options, shape: { nodes: [] } } }),
    refused(422, /1 to 10 nodes/),
  )
  assert.deepEqual(await sandboxes.list('bob'), [])
})

test('a sandbox that is given is the other one’s alone, though they have as many as one may make', async () => {
  const { sandboxes } = await someSandboxes({ limits: { perOwner: 1 } })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  await sandboxes.create('bob', { name: 'his', shape: someShape })
  await sandboxes.give(id, 'bob')
  assert.equal(await sandboxes.find('ann', id), undefined)
  assert.deepEqual(
    [(await sandboxes.list('bob')).length, await sandboxes.room('bob'), await sandboxes.room('ann')],
    [2, 0, 1],
  )
})
