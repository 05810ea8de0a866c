/** What of an order a cluster is given, and when it can be taken back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import { workOfActs } from '../../../server/journal/work.ts'
import { canWithdraw, entryOf, type FaultOrder, givenAtOpening, giveTo } from '../../../server/workshops/orders.ts'
import { newRoom } from '../../../server/workshops/room.ts'
import type { LoggedCommand } from '../../../sim/index.ts'

const order = (over: Partial<FaultOrder> = {}): FaultOrder => ({
  ...{ id: 'f', step: 's', fault: { kind: 'node', node: 'node-1', state: 'down' }, atMs: 60_000, to: null },
  ...{ isSecret: false, name: 'ines', orderedAtMs: 0, isUndone: false, ...over },
})
const command = (atMs: number): LoggedCommand => ({ atMs, command: { op: 'kubectl', line: `kubectl get ${atMs}` } })
const room = (orders: FaultOrder[]) => ({
  ...newRoom,
  orders,
  steps: [{ id: 's', item: 'challenge:c', title: 'C', minutes: 5 }],
})

const cases = [
  { name: 'ahead of its second', attempt: { log: [], clockMs: 10_000 }, want: 60_000 },
  { name: 'at its second', attempt: { log: [], clockMs: 60_000 }, want: 60_000 },
  { name: 'past it', attempt: { log: [], clockMs: 60_001 }, want: 'past' },
  { name: 'now', over: { atMs: null }, attempt: { log: [], clockMs: 70_000 }, want: 70_000 },
  { name: 'at the end of the clock', over: { atMs: null }, attempt: { log: [], clockMs: 90_000 }, want: 'limit' },
  { name: 'not begun', attempt: undefined, want: 'not-begun' },
]
for (const { name, over, attempt, want } of cases)
  test(`a cluster ${name} gets it or says why not`, () => {
    const given = giveTo(order(over), attempt, 90_000)
    assert.equal(typeof given === 'object' && given.command.op === 'fault' ? given.command.given!.dueMs : given, want)
  })

test('it is given once, and taken back as long as nothing was done since it came', () => {
  const entry = entryOf(order(), 60_000, 10_000)
  assert.equal(giveTo(order(), { log: [entry], clockMs: 10_000 }, 90_000), undefined)
  assert.equal(canWithdraw({ log: [entry, command(59_999)] }, 'f'), true)
  assert.equal(canWithdraw({ log: [entry, command(60_000)] }, 'f'), false)
  assert.equal(canWithdraw({ log: [command(0)] }, 'f'), false)
})

// ---------- in a journal ----------

const seat = { sittingId: 'w', participantId: 'p' }
let n = 0
const act = (over: object): KnownAct => ({ id: `a${++n}`, atMs: n, item: 'challenge:c', ...over }) as KnownAct
const opened = act({
  ...{ act: 'opened', contentHash: 'h', engineVersion: '1', virtualMs: 0 },
  data: { attempt: 'x', seed: 's', drafts: {}, earlierDrafts: [], hintsOpened: [] },
})
const ran = (atMs: number, clockMs: number) =>
  act({ act: 'ran', virtualMs: clockMs, data: { attempt: 'x', logged: command(atMs) } })
const given = (dueMs: number, clockMs: number, id = 'f') =>
  act({ act: 'faulted', data: { attempt: 'x', logged: entryOf(order({ id }), dueMs, clockMs) } })
const does = (name: string, data: object = {}) => act({ act: name, data: { attempt: 'x', ...data } })
const attemptOf = (...acts: KnownAct[]) => workOfActs(seat, [opened, ...acts]).attempts[0]!
const ops = ({ log }: { log: LoggedCommand[] }) => log.map(({ atMs, command: { op } }) => `${op} ${atMs}`)

test('who takes a command back does not get around a fault: it comes at its second again', () => {
  const attempt = attemptOf(ran(5000, 20_000), ran(20_000, 30_000), given(30_000, 30_000), does('undid'))
  assert.deepEqual([ops(attempt), attempt.clockMs], [['kubectl 5000', 'fault 20000'], 20_000])
  const twice = attemptOf(ran(5000, 20_000), given(30_000, 20_000), does('undid'), does('undid'))
  assert.deepEqual([ops(twice), twice.clockMs], [['fault 5000'], 5000])
})

test('who starts over has it in the new cluster from the beginning', () => {
  const before = [attemptOf(ran(5000, 20_000), given(20_000, 20_000))]
  const dues = (orders: FaultOrder[]) =>
    givenAtOpening(room(orders), 'challenge:c', 'p', before).map(({ logged }) =>
      logged.command.op === 'fault' ? logged.command.given!.dueMs : -1,
    )
  assert.deepEqual(dues([order({ atMs: null })]), [20_000])
  assert.deepEqual(dues([order({ id: 'g', atMs: null }), order({ id: 'h', atMs: 90_000 })]), [90_000])
  assert.deepEqual(dues([order({ atMs: null, isUndone: true }), order({ id: 'i', to: ['other'] })]), [])
  assert.deepEqual(givenAtOpening(room([order()]), 'challenge:other', 'p', before), [])
})

test('taken back, it is out of the log, and what was graded with it keeps its commands', () => {
  const graded = does('graded', { commands: 2, result: { score: 0, tests: [] }, hintsOpened: [], proof: null })
  const attempt = attemptOf(ran(0, 20_000), given(20_000, 20_000), graded, does('fault-withdrawn', { fault: 'f' }))
  assert.deepEqual(ops(attempt), ['kubectl 0'])
  assert.deepEqual(ops({ log: attempt.gradings[0]!.log! }), ['kubectl 0', 'fault 20000'])
})

test('rewound to a second or to the start, with its files, and back again as often as one likes', () => {
  const edited = does('edited', { file: 'web.yaml', text: 'kind: Pod', setsAside: false })
  const all = [edited, ran(0, 20_000), given(30_000, 20_000), ran(40_000, 50_000)]
  const before = attemptOf(...all)
  const rewound = attemptOf(...all, does('rewound', { toMs: 30_000 }))
  assert.deepEqual(
    [ops(rewound), rewound.clockMs, rewound.drafts],
    [['kubectl 0'], 30_000, { 'web.yaml': 'kind: Pod' }],
  )
  const start = attemptOf(...all, does('rewound', { toMs: null }))
  assert.deepEqual([ops(start), start.clockMs], [[], 0])
  const back = attemptOf(...all, does('rewound', { toMs: null }), ran(0, 10_000), does('returned'))
  assert.deepEqual([ops(back), back.clockMs], [ops(before), before.clockMs])
  const again = attemptOf(...all, does('rewound', { toMs: null }), ran(0, 10_000), does('returned'), does('returned'))
  assert.deepEqual([ops(again), again.clockMs], [['kubectl 0'], 10_000])
})
