/** A sandbox that comes back is the one that left: the same state hash, whatever its log is made of. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveSandbox, type Wall } from '../../../../server/labs/sandboxes/live-sandbox.ts'
import type { Sandboxes } from '../../../../server/labs/sandboxes/types.ts'
import type { Storage } from '../../../../server/storage/types.ts'
import type { Command, LoggedCommand } from '../../../../sim/index.ts'
import { until } from '../../../support/until.ts'
import { aConfigMap, aRequest, handWall, someSandboxes, someShape } from './support.ts'

const minuteMs = 60_000

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "nginx:1.27", readinessProbe: {httpGet: {port: 80}, periodSeconds: 5}}
`

/** A bit of everything that goes into a log, at moments of no round number. */
async function useIt(sandboxes: Sandboxes, id: string, wall: ReturnType<typeof handWall>): Promise<void> {
  const post = (name: string) =>
    sandboxes.request(id, aRequest('POST', '/api/v1/namespaces/default/configmaps', aConfigMap(name)))
  wall.pass(1237)
  await sandboxes.run(id, { op: 'apply', manifest: deployment })
  wall.pass(333)
  await Promise.all([post('a'), post('b'), post('c')])
  const begun = await sandboxes.begin(
    id,
    { op: 'kubectl', line: 'kubectl get pods -w' },
    { output: () => undefined, done: () => undefined },
  )
  for (let n = 0; n < 20; n++) {
    wall.pass(701)
    await sandboxes.request(id, aRequest('GET', '/api/v1/namespaces/default/pods'))
  }
  await sandboxes.run(id, { op: 'kubectl', line: 'kubectl rollout status deploy/web' })
  begun.interrupt()
  await sandboxes.step(id)
  await sandboxes.request(id, aRequest('DELETE', '/api/v1/namespaces/default/configmaps/b'))
  await sandboxes.setSpeed(id, 60)
  wall.pass(4999)
  await post('d')
  await sandboxes.run(id, { op: 'fault', fault: { kind: 'node', node: 'node-1', state: 'down' } })
  await sandboxes.skip(id, 90_001)
  await sandboxes.settle(id, 10 * minuteMs)
  await sandboxes.setSpeed(id, 0)
}

/** Lets it leave memory, and gives where it stood. */
async function leave(storage: Storage, wall: ReturnType<typeof handWall>, id: string) {
  wall.pass(6 * minuteMs)
  await until(async () => (await storage.sandboxes.find(id))!.checkpoint !== null, 'it has left')
  return (await storage.sandboxes.find(id))!.checkpoint!
}

test('a sandbox that left memory comes back with the same state hash', async () => {
  const wall = handWall()
  const { sandboxes, storage, problems } = await someSandboxes({ wall })
  const { id } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  await useIt(sandboxes, id, wall)
  const seen = await sandboxes.look(id)
  const checkpoint = await leave(storage, wall, id)
  assert.equal(checkpoint.virtualMs, seen.nowMs)
  const again = await sandboxes.look(id)
  assert.deepEqual(again.view, seen.view)
  assert.equal(again.nowMs, seen.nowMs)
  // The host holds what it rebuilt against the checkpoint, and would have said so.
  assert.deepEqual(problems, [])
  await sandboxes.close()
  assert.deepEqual((await storage.sandboxes.find(id))!.checkpoint, checkpoint)
})

test('a sandbox comes back with the same state hash after the process has ended', async () => {
  const wall = handWall()
  const first = await someSandboxes({ wall })
  const { id } = await first.sandboxes.create('ann', { name: 'mine', shape: someShape })
  await useIt(first.sandboxes, id, wall)
  const seen = await first.sandboxes.look(id)
  const log = await first.sandboxes.log(id)
  await first.sandboxes.close()
  const { checkpoint } = (await first.storage.sandboxes.find(id))!
  assert.equal(checkpoint!.commands, log.length)
  const second = await someSandboxes({ wall, storage: first.storage })
  assert.deepEqual((await second.sandboxes.look(id)).view, seen.view)
  assert.deepEqual(await second.sandboxes.log(id), log)
  await second.sandboxes.close()
  assert.deepEqual((await first.storage.sandboxes.find(id))!.checkpoint, checkpoint)
  assert.deepEqual([...first.problems, ...second.problems], [])
})

test('a line whose terminal is gone with the process is ended when its sandbox comes back', async () => {
  const wall = handWall()
  const first = await someSandboxes({ wall })
  const { id } = await first.sandboxes.create('ann', { name: 'mine', shape: someShape })
  const sink = { output: () => undefined, done: () => undefined }
  await first.sandboxes.begin(id, { op: 'kubectl', line: 'kubectl get pods -w' }, sink)
  await first.sandboxes.begin(id, { op: 'kubectl', line: 'kubectl get pods' }, sink)
  wall.pass(1000)
  await first.sandboxes.request(id, aRequest('GET', '/version'))
  await first.sandboxes.close()
  const problems = [...first.problems]
  for (let times = 0; times < 2; times++) {
    const again = await someSandboxes({ wall, storage: first.storage })
    await again.sandboxes.look(id)
    assert.deepEqual(
      (await again.sandboxes.log(id)).map(({ command }) => command),
      [
        { op: 'kubectl', line: 'kubectl get pods -w' },
        { op: 'kubectl', line: 'kubectl get pods' },
        { op: 'interrupt', number: 0 },
      ],
    )
    await again.sandboxes.close()
    problems.push(...again.problems)
  }
  assert.deepEqual(problems, [])
})

test('a rebuilt sandbox that stands otherwise is told: as a mistake of ours, or as a newer engine', async () => {
  const wall = handWall()
  const first = await someSandboxes({ wall })
  const { id } = await first.sandboxes.create('ann', { name: 'mine', shape: someShape })
  await useIt(first.sandboxes, id, wall)
  await first.sandboxes.close()
  const record = (await first.storage.sandboxes.find(id))!
  const other = { ...record.checkpoint!, stateHash: '0000000000000000' }
  await first.storage.sandboxes.add({ ...record, checkpoint: other })
  const second = await someSandboxes({ wall, storage: first.storage })
  assert.equal((await second.sandboxes.look(id)).notice, undefined)
  assert.match(second.problems.join(), /rebuilt by the same engine, it stands otherwise/)
  await second.sandboxes.close()
  await first.storage.sandboxes.add({
    ...record,
    checkpoint: { ...other, engineVersion: '0.0.1' },
    engineVersion: '0.0.1',
  })
  const third = await someSandboxes({ wall, storage: first.storage })
  await third.sandboxes.look(id)
  assert.match((await third.sandboxes.look(id)).notice ?? '', /simulator is newer/)
  assert.deepEqual(third.problems, [])
  await third.sandboxes.reset(id)
  assert.equal((await third.sandboxes.look(id)).notice, undefined)
})

test('whatever the moments of the wall clock, a replay of the log has the same state hash', () => {
  for (const seed of ['1', '2', '3', '4', '5']) {
    let nowMs = 1_700_000_000_000
    const wall: Wall = { nowMs: () => nowMs, after: () => () => undefined }
    let drawn = Number(seed) * 7919
    const next = (below: number): number => {
      drawn = (drawn * 48_271) % 2_147_483_647
      return drawn % below
    }
    const options = {
      seed,
      shape: someShape,
      // The hash covers what objects hold, too.
      strict: true,
      setup: { commands: [{ op: 'apply', manifest: deployment } satisfies Command], settleMs: 0.1 },
    }
    const clock = { speed: 1.7, wallMs: nowMs, virtualMs: 0 }
    const original = new LiveSandbox({ options, log: [], clock }, wall)
    const lines = ['scale deploy/web --replicas=3', 'delete pod -l app=web --wait=false', 'rollout restart deploy/web']
    const running: { interrupt(): void }[] = []
    for (let n = 0; n < 60; n++) {
      nowMs += next(4000)
      const command: Command = { op: 'kubectl', line: `kubectl ${lines[next(lines.length)]}` }
      const act = next(5)
      if (act === 0) [...original.run(command, () => 1)]
      else if (act === 1)
        running.push(
          original.begin(
            command,
            () => undefined,
            () => undefined,
          ),
        )
      else if (act === 2)
        original.request(aRequest('POST', '/api/v1/namespaces/default/configmaps', aConfigMap(`m${n}`)))
      else if (act === 3) running[next(running.length)]?.interrupt()
      else original.setSpeed(1 + next(100) / 10)
    }
    original.catchUp()
    const kept = JSON.parse(JSON.stringify(original.cluster.log)) as LoggedCommand[]
    const at = original.checkpoint('x')!
    const verdicts: boolean[] = []
    const rebuilt = new LiveSandbox(
      { options, log: kept, clock: { speed: 0, wallMs: nowMs, virtualMs: at.virtualMs }, checkpoint: at },
      wall,
      { compared: (isSame) => verdicts.push(isSame) },
    )
    while (!rebuilt.catchUp(1));
    assert.deepEqual(verdicts, [true], `seed ${seed}`)
    assert.equal(rebuilt.cluster.nowMs, at.virtualMs)
  }
})
