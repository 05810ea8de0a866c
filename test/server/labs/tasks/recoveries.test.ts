/** Faults that a cluster was given: when they come, what is told of them, and what they cost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recoveriesOf } from '../../../../server/labs/tasks/recoveries.ts'
import { challengeLimits, grade, Workbench } from '../../../../server/labs/tasks/work.ts'
import { wordsOfCommand } from '../../../../sim/forms.ts'
import type { Fault, LoggedCommand } from '../../../../sim/index.ts'
import { aSpec } from '../a-spec.ts'

const seed = 'one'
const spec = aSpec()
const kubectl = (atMs: number, line: string): LoggedCommand => ({
  atMs,
  command: { op: 'kubectl', line: `kubectl ${line}` },
})
const down: Fault = { kind: 'node', node: 'node-1', state: 'down' }
const given = (atMs: number, dueMs: number, fault: Fault = down): LoggedCommand => ({
  atMs,
  command: { op: 'fault', fault, given: { id: 'f', dueMs } },
})
const create = kubectl(1000, 'create deployment web --image=nginx:1.27 --replicas=3')
const look = (log: LoggedCommand[], clockMs: number) =>
  new Workbench().work({ spec, contentHash: 'h', seed, log, clockMs, action: { do: 'look' } })
const recover = (log: LoggedCommand[], clockMs: number) => recoveriesOf({ spec, seed, log, clockMs }, challengeLimits)

test('a fault comes at its virtual second, in the middle of a wait as well', () => {
  const wait = kubectl(30_000, 'wait --for=condition=Ready=false --timeout=200s pod --all')
  const log = [create, given(20_000, 60_000)]
  const node = (clockMs: number) => look(log, clockMs).view.nodes.find(({ name }) => name === 'node-1')!.word
  assert.equal(node(59_000), 'Ready')
  assert.equal(node(120_000), 'NotReady')
  const [recovery] = recover([...log, wait], 240_000)
  assert.equal(recovery!.dueMs, 60_000)
  assert.ok(recovery!.hurtMs! > 90_000 && recovery!.hurtMs! < 120_000, String(recovery!.hurtMs))
})

test('a node that is lost is recovered from when its Pods are elsewhere', () => {
  const [recovery] = recover([create, given(60_000, 60_000)], 600_000)
  assert.deepEqual([recovery!.by, recovery!.broken], ['checks', ['Three Pods of web are ready']])
  const seconds = (recovery!.backMs! - 60_000) / 1000
  // The control plane notices after 40 s, and waits five minutes for the node.
  assert.ok(seconds > 330 && seconds < 360, String(seconds))
  const [early] = recover([create, given(60_000, 60_000)], 200_000)
  assert.equal(early!.backMs, undefined)
})

test('where no check holds yet, it is the Pods that are watched', () => {
  const two = kubectl(1000, 'create deployment web --image=nginx:1.27 --replicas=2')
  const kill: Fault = { kind: 'pod', selector: 'app=web', act: 'kill' }
  const [recovery] = recover([two, given(30_000, 30_000, kill)], 60_000)
  assert.equal(recovery!.by, 'pods')
  assert.ok(recovery!.hurtMs! >= 30_000 && recovery!.backMs! > recovery!.hurtMs!, JSON.stringify(recovery))
})

test('what harms nothing is told as nothing, and one that is to come is not told', () => {
  const registry: Fault = { kind: 'registry', state: 'down' }
  assert.equal(recover([create, given(60_000, 60_000, registry)], 300_000)[0]!.hurtMs, undefined)
  assert.deepEqual(recover([create, given(60_000, 90_000)], 80_000), [])
})

test('a fault for what is not there does nothing', () => {
  const other: Fault = { kind: 'node', node: 'node-9', state: 'down' }
  const { view } = look([create, given(2000, 30_000, other)], 60_000)
  assert.equal(
    view.nodes.every(({ word }) => word === 'Ready'),
    true,
  )
})

test('a fault costs nobody a point, and who dealt with it keeps what that has earned', () => {
  const lost = grade({ spec, seed, contentHash: 'h', log: [create, given(60_000, 60_000)] })
  assert.deepEqual([lost.passed, lost.withoutFaults], [true, true])
  const repaired = kubectl(200_000, 'delete pod --all --force --grace-period=0')
  const healed = grade({ spec, seed, contentHash: 'h', log: [create, given(60_000, 60_000), repaired] })
  assert.deepEqual([healed.passed, healed.withoutFaults], [true, undefined])
  const nothing = grade({ spec, seed, contentHash: 'h', log: [given(0, 60_000)] })
  assert.deepEqual([nothing.gradable, nothing.passed, nothing.withoutFaults], [true, false, undefined])
  const stolen: LoggedCommand = { atMs: 0, command: { op: 'fault', fault: down } }
  assert.equal(grade({ spec, seed, contentHash: 'h', log: [stolen, create] }).gradable, false)
})

test('of a secret one only that something happens is told', () => {
  const words = (isSecret?: true) =>
    wordsOfCommand({ op: 'fault', fault: down, given: { id: 'f', dueMs: 0, ...(isSecret ? { isSecret } : {}) } })
  assert.match(JSON.stringify(words()), /node-1/)
  assert.doesNotMatch(JSON.stringify(words(true)), /node-1/)
})
