/** The picture and the table of real runs. Facts about a Pod's life come from the documentation named beside each. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podLifeScenario, readPodLife } from '../../../server/explorers/pod-life.ts'
import { type PodTimeline, viewPodTimeline } from '../../../server/explorers/pod-timeline.ts'
import { explorePod } from '../../../server/labs/tasks/work.ts'

function run(given: Record<string, string>): PodTimeline {
  const settings = readPodLife(given).settings!
  const pod = { namespace: 'default', name: 'life' }
  const { steps, history } = explorePod({ scenario: podLifeScenario(settings), pod, seed: 'test' })
  assert.deepEqual(
    steps.map(({ exit, stderr }) => [exit, stderr]),
    steps.map(() => [0, '']),
  )
  return viewPodTimeline(history, settings.deleteAt)
}

const lane = (timeline: PodTimeline, name: string) => timeline.lanes.find((one) => one.name === name)!
const words = (timeline: PodTimeline, name: string) => lane(timeline, name).bars.map(({ word }) => word)
const marks = (timeline: PodTimeline, name: string) => lane(timeline, name).marks.map(({ atSeconds }) => atSeconds)

test('a program that runs on is waiting, then running and ready, and nothing else happens', () => {
  const timeline = run({})
  assert.deepEqual(words(timeline, 'Pod phase'), ['Pending', 'Running'])
  assert.equal(words(timeline, 'Container main').at(-1), 'running')
  assert.deepEqual(words(timeline, 'Readiness'), ['not ready', 'ready'])
  assert.equal(marks(timeline, 'Started').length, 1)
  assert.match(timeline.summary, /^The container was started once\. .* After 120 s its phase is Running\.$/)
})

const endings: { given: Record<string, string>; phase: string; starts: number }[] = [
  // https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
  { given: { run: '3', exit: '0', restart: 'Never' }, phase: 'Succeeded', starts: 1 },
  { given: { run: '3', exit: '4', restart: 'Never' }, phase: 'Failed', starts: 1 },
  { given: { run: '3', exit: '0', restart: 'OnFailure' }, phase: 'Succeeded', starts: 1 },
]
for (const { given, phase, starts } of endings)
  test(`under ${given.restart}, exit ${given.exit} makes the Pod ${phase}`, () => {
    const timeline = run(given)
    assert.equal(words(timeline, 'Pod phase').at(-1), phase)
    assert.match(words(timeline, 'Container main').at(-1)!, new RegExp(`^terminated: \\w+, exit ${given.exit}$`))
    assert.equal(marks(timeline, 'Started').length, starts)
  })

test('a crash loop shows running, the end with its code and a back-off that is not like other waiting', () => {
  const timeline = run({ run: '2', exit: '1' })
  const bars = lane(timeline, 'Container main').bars
  for (const word of ['running', 'terminated: Error, exit 1', 'waiting: CrashLoopBackOff'])
    assert.ok(
      bars.some((bar) => bar.word === word),
      word,
    )
  assert.ok(bars.every(({ tone, word }) => (tone === 'backoff') === (word === 'waiting: CrashLoopBackOff')))
  assert.deepEqual(words(timeline, 'Pod phase'), ['Pending', 'Running'])
  const starts = marks(timeline, 'Started')
  assert.ok(starts.length >= 4)
  // The first restart has no delay, the next ones 10 s, 20 s, 40 s at least.
  for (const [n, least] of [0, 10, 20].entries()) assert.ok(starts[n + 1]! - starts[n]! >= least + 2)
})

test('a liveness probe that fails restarts the container, and the end between two runs is shown with its code', () => {
  const timeline = run({ liveness: 'httpGet', 'liveness-period': '5', 'liveness-pass': '', watch: '60' })
  assert.ok(words(timeline, 'Container main').includes('terminated: Error, exit 143'))
  const killing = marks(timeline, 'Killing')
  assert.ok(killing.length >= 1)
  assert.ok(marks(timeline, 'Unhealthy').filter((at) => at <= killing[0]!).length === 3)
})

test('a startup probe holds back liveness until the program is up', () => {
  const timeline = run({
    liveness: 'exec',
    'liveness-period': '5',
    'liveness-pass': '40',
    startup: 'exec',
    'startup-period': '5',
    'startup-threshold': '20',
    'startup-pass': '40',
  })
  assert.equal(marks(timeline, 'Started').length, 1)
  assert.equal(marks(timeline, 'Killing').length, 0)
  assert.deepEqual(words(timeline, 'Container main').slice(-2), ['running, not started', 'running'])
  const { bars } = timeline.lanes.find(({ name }) => name === 'Container main')!
  assert.deepEqual(
    bars.slice(-2).map(({ tone }) => tone),
    ['starting', 'ready'],
  )
})

for (const kind of ['httpGet', 'tcpSocket', 'exec'])
  test(`readiness by ${kind} comes and goes with the program's answer, and nothing is restarted`, () => {
    const timeline = run({
      readiness: kind,
      'readiness-period': '2',
      'readiness-threshold': '2',
      'readiness-pass': '10',
      'readiness-fail': '40',
    })
    assert.deepEqual(words(timeline, 'Readiness'), ['not ready', 'ready', 'not ready'])
    const { fromSeconds, toSeconds } = lane(timeline, 'Readiness').bars[1]!
    assert.ok(fromSeconds >= 10 && fromSeconds <= 14, String(fromSeconds))
    assert.ok(toSeconds >= 42 && toSeconds <= 46, String(toSeconds))
    assert.equal(marks(timeline, 'Started').length, 1)
  })

const deletions: { given: Record<string, string>; from: number; to: number; code: number }[] = [
  // https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
  { given: { term: 'ends' }, from: 20, to: 23, code: 143 },
  { given: { term: 'ends-later', 'term-after': '6' }, from: 26, to: 29, code: 143 },
  { given: { term: 'ignores', grace: '12' }, from: 32, to: 35, code: 137 },
]
for (const { given, from, to, code } of deletions)
  test(`a deleted Pod whose program takes SIGTERM so: ${given.term}, is gone in time with exit ${code}`, () => {
    const timeline = run({ ...given, delete: '20', watch: '60' })
    const gone = lane(timeline, 'Pod phase').bars.at(-1)!.toSeconds
    assert.ok(gone >= from && gone <= to, String(gone))
    assert.ok(words(timeline, 'Container main').includes(`terminated: Error, exit ${code}`))
    assert.equal(words(timeline, 'Container main').at(-1), `terminated: Error, exit ${code}`)
    assert.ok(Math.abs(timeline.deletedX! - 33.333) < 0.01)
    assert.match(timeline.summary, /It was gone after/)
  })

test('starts are counted by restarts, for events about one Pod are dropped when there were many', () => {
  const timeline = run({ run: '0', exit: '1', watch: '600', readiness: 'exec', 'readiness-period': '1' })
  const [, told] = /started (\d+) times/.exec(timeline.summary)!
  assert.ok(Number(told) >= 6, timeline.summary)
})

test('the table tells every bar and every mark of the picture', () => {
  const timeline = run({ run: '5', exit: '2', readiness: 'exec', 'readiness-pass': '3', delete: '90' })
  for (const { name, bars, marks: own } of timeline.lanes) {
    for (const bar of bars)
      assert.ok(
        timeline.rows.some((row) => row.lane === name && row.what === bar.word && row.fromSeconds === bar.fromSeconds),
      )
    for (const mark of own)
      assert.ok(
        timeline.rows.some(
          (row) =>
            row.fromSeconds <= mark.atSeconds &&
            (row.toSeconds ?? row.fromSeconds) >= mark.atSeconds &&
            row.what.includes(mark.title.slice(mark.title.indexOf(':'))),
        ),
        mark.title,
      )
  }
  assert.ok(timeline.rows.some(({ what, fromSeconds }) => what === 'kubectl delete pod life' && fromSeconds === 90))
})

test('bars follow each other without gaps or overlaps, inside the picture', () => {
  for (const { bars } of run({ run: '1', exit: '1', delete: '100' }).lanes)
    for (const [n, bar] of bars.entries()) {
      assert.ok(bar.x >= 0 && bar.x + bar.width <= 100.3)
      assert.ok(bar.toSeconds >= bar.fromSeconds)
      if (n > 0) assert.equal(bar.fromSeconds, bars[n - 1]!.toSeconds)
    }
})

test('the same settings give the same picture', () => {
  const given = { run: '2', exit: '1', liveness: 'tcpSocket' }
  assert.deepEqual(run(given), run(given))
})
