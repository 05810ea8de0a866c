/** A replay: each act at its place, with the work as it was, and what turned by what. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import {
  doingOf,
  isDiagnosis,
  longestPauseMs,
  milestonesOf,
  type ReplayPoint,
  replayOf,
  runsOf,
  turnsOf,
} from '../../../server/practice/replay.ts'
import type { LoggedCommand } from '../../../sim/index.ts'

const seat = { sittingId: 'class', participantId: 'ann' }
let count = 0
const act = (atMs: number, name: string, data: object, more: object = {}): KnownAct =>
  ({
    id: `act-${count++}`,
    atMs,
    act: name,
    item: 'challenge:web',
    data: { attempt: 'a1', ...data },
    ...more,
  }) as KnownAct
const opened = (atMs = 0) => act(atMs, 'opened', { seed: 's', drafts: {}, earlierDrafts: [], hintsOpened: [] })
const kubectl = (line: string, atMs: number): LoggedCommand => ({ atMs, command: { op: 'kubectl', line } })
const ran = (atMs: number, line: string, clockMs: number) =>
  act(atMs, 'ran', { logged: kubectl(line, clockMs), exit: 0 }, { virtualMs: clockMs })
const waited = (atMs: number, clockMs: number) => act(atMs, 'ran', {}, { virtualMs: clockMs })
const edited = (atMs: number, text: string) => act(atMs, 'edited', { file: 'a.yaml', text, setsAside: false })
const places = (points: readonly ReplayPoint[]) =>
  points.map(({ wallMs, axisMs, pauseMs }) => [wallMs, axisMs, pauseMs])

test('each act has its place on the wall clock, pauses are short on the axis, and a clock that goes back stands', () => {
  const acts = [opened(5000), edited(7000, 'a'), ran(67_000, 'get pods', 0), edited(60_000, 'b'), edited(67_000, 'c')]
  assert.deepEqual(places(replayOf(seat, acts, 'a1')), [
    [0, 0, 0],
    [2000, 2000, 0],
    [62_000, 2000 + longestPauseMs, 60_000],
    [62_000, 2001 + longestPauseMs, 0],
    [62_000, 2002 + longestPauseMs, 0],
  ])
})

test('at each point stand the files, the commands and the clock of then, also of what was taken back', () => {
  const acts = [
    opened(),
    edited(1000, 'kind: Pod'),
    ran(2000, 'create -f a.yaml', 0),
    waited(3000, 10_000),
    ran(4000, 'delete pod a', 10_000),
    act(5000, 'undid', {}),
    edited(6000, 'kind: Job'),
  ]
  const points = replayOf(seat, acts, 'a1')
  assert.deepEqual(
    points.map(({ attempt }) => [attempt.drafts['a.yaml'], attempt.log.length, attempt.clockMs]),
    [
      [undefined, 0, 0],
      ['kind: Pod', 0, 0],
      ['kind: Pod', 1, 0],
      ['kind: Pod', 1, 10_000],
      ['kind: Pod', 2, 10_000],
      ['kind: Pod', 1, 10_000],
      ['kind: Job', 1, 10_000],
    ],
  )
  assert.deepEqual(
    runsOf(points).map(({ keeps, added, clockMs }) => [keeps, added.length, clockMs]),
    [
      [0, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
      [1, 0, 10_000],
      [1, 1, 10_000],
      [1, 0, 10_000],
      [1, 0, 10_000],
    ],
  )
  assert.deepEqual(points.map(doingOf), ['begin', 'edit', 'change', 'wait', 'change', 'undo', 'edit'])
})

test('other attempts and other seats’ acts are not in it, and there is none of an attempt that is not there', () => {
  const other = { ...opened(), data: { ...opened().data, attempt: 'a2' } } as KnownAct
  assert.equal(replayOf(seat, [opened(), other, edited(1, 'x')], 'a1').length, 2)
  assert.deepEqual(replayOf(seat, [opened()], 'a3'), [])
  assert.deepEqual(replayOf(seat, [edited(1, 'of an attempt whose beginning is damaged')], 'a1'), [])
})

test('a line looks, changes or asks why', () => {
  const lines: [string, string, boolean][] = [
    ['get pods', 'look', false],
    ['kubectl get pods -o yaml', 'look', true],
    ['get events', 'look', true],
    ['describe pod a', 'look', true],
    ['logs a -f', 'look', true],
    ['auth can-i get pods', 'look', true],
    ['rollout status deployment/a', 'look', false],
    ['rollout restart deployment/a', 'change', false],
    ['delete pod a', 'change', false],
    ['-n shop scale deployment a --replicas=2', 'change', false],
  ]
  for (const [line, doing, asks] of lines) {
    const point = replayOf(seat, [opened(), ran(1, line, 0)], 'a1')[1]!
    assert.deepEqual([line, doingOf(point), isDiagnosis(point)], [line, doing, asks])
  }
  const onNode = (line: string) =>
    replayOf(
      seat,
      [opened(), act(1, 'ran', { logged: { atMs: 0, command: { op: 'node', node: 'n', line } } })],
      'a1',
    )[1]!
  assert.deepEqual(
    [doingOf(onNode('journalctl -u kubelet')), isDiagnosis(onNode('journalctl -u kubelet'))],
    ['look', true],
  )
  assert.deepEqual(
    [doingOf(onNode('systemctl restart kubelet')), isDiagnosis(onNode('systemctl start x'))],
    ['change', false],
  )
})

test('a check that turns is told with the change before it, and the places a reviewer goes to first', () => {
  const acts = [
    opened(),
    ran(1000, 'get pods', 0),
    ran(2000, 'describe pod a', 0),
    ran(3000, 'set image deployment/a a=b', 0),
    waited(4000, 20_000),
    ran(5000, 'scale deployment a --replicas=0', 20_000),
    ran(6000, 'scale deployment a --replicas=3', 20_000),
    waited(7000, 40_000),
  ]
  const points = replayOf(seat, acts, 'a1')
  const at = (ready: 'holds' | 'not yet') => [
    { id: 'ready', state: ready },
    { id: 'asked', state: 'unknown' as const },
  ]
  const standings = ['not yet', 'not yet', 'not yet', 'not yet', 'holds', 'not yet', 'not yet', 'holds'] as const
  const turns = turnsOf(points, standings.map(at))
  assert.deepEqual(turns, [
    { at: 4, by: 3, check: 'ready', holds: true, isBack: false },
    { at: 5, by: 5, check: 'ready', holds: false, isBack: false },
    { at: 7, by: 6, check: 'ready', holds: true, isBack: true },
  ])
  assert.deepEqual(milestonesOf(points, turns), { diagnosis: 2, hypothesis: 3, recovery: 7 })
  assert.deepEqual(milestonesOf(points.slice(0, 1), []), {
    diagnosis: undefined,
    hypothesis: undefined,
    recovery: undefined,
  })
  assert.deepEqual(turnsOf(points, []), [])
})
