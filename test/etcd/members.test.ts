/** Members of etcd in a cluster: what they agree on outlives every fault that leaves a majority, and one member costs nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nodes as kind } from '../../sim/api/core/node.ts'
import { Engine } from '../../sim/engine/engine.ts'
import { EtcdMembers } from '../../sim/etcd/members.ts'
import { refusals } from '../../sim/etcd/roster.ts'
import { createCluster, type LiveCluster, replayCluster } from '../../sim/index.ts'
import { raftProblem } from '../swarm/etcd.ts'

const nodes = [{ name: 'node-1', cpu: '2', memory: '4Gi' }]

function someMembers(seed: string, count: number) {
  const engine = new Engine({ seed, startEpochMs: 0 })
  const places = Array.from({ length: count }, (_, i) => ({ name: `m${i}`, ip: `172.18.0.${i + 2}` }))
  const members = new EtcdMembers(engine, places)
  let revision = 1
  return {
    engine,
    members,
    get revision() {
      return revision
    },
    write() {
      const agreement = members.write({ revision: revision + 1, bucket: 'pods', key: 'default/web' })
      if (agreement.error === undefined) revision++
      return agreement
    },
    leader: () => members.status().find(({ isUp, isLeader }) => isUp && isLeader)?.name,
  }
}

test('one member is the store as it always was: the same history, event by event', () => {
  const run = (shape: object): LiveCluster => {
    const cluster = createCluster({ seed: 'one', shape: { nodes, ...shape }, strict: true })
    cluster.execute({ op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=3' })
    cluster.advance(60_000)
    return cluster
  }
  const [without, one] = [run({}), run({ controlPlane: { members: 1 } })]
  assert.deepEqual([one.stateHash(), one.engine.eventsProcessed], [without.stateHash(), without.engine.eventsProcessed])
  assert.equal(without.server.members, undefined)
})

test('members to whom nothing happens put no event into the cluster', () => {
  const { engine, members, write } = someMembers('idle', 3)
  engine.runUntil(3_600_000)
  assert.equal(engine.eventsProcessed, 0)
  assert.deepEqual(write(), { tookMs: 4 })
  engine.runUntil(7_200_000)
  assert.equal(engine.eventsProcessed, 0)
  assert.deepEqual(
    members.status().map(({ revision }) => revision),
    [2, 2, 2],
  )
})

test('the loss of a leader is noticed after a second or two, and then another one leads', () => {
  for (let n = 0; n < 20; n++) {
    const { engine, members, write, leader } = someMembers(`lost ${n}`, 3)
    const first = leader()!
    members.stop(first)
    assert.equal(write().error, 'etcdserver: request timed out, possibly due to previous leader failure')
    engine.runUntil(900)
    assert.equal(leader(), undefined)
    engine.runUntil(6000)
    assert.notEqual(leader(), undefined)
    assert.deepEqual(write(), { tookMs: 4 })
    members.start(first)
    engine.runUntil(20_000)
    assert.deepEqual([...new Set(members.status().map(({ revision }) => revision))], [2])
  }
})

test('a partition leaves the side of the majority at work, and the other side follows it afterwards', () => {
  const { engine, members, write, leader } = someMembers('cut', 5)
  const first = leader()!
  members.setCut(first, 'from-all')
  engine.runUntil(6000)
  assert.notEqual(members.status().find(({ isLeader }) => isLeader)?.name, first)
  assert.equal(write().error, undefined)
  members.setCut(first, 'healed')
  engine.runUntil(12_000)
  assert.deepEqual([...new Set(members.status().map(({ revision, term }) => `${revision} ${term}`))], ['2 2'])
  assert.deepEqual([...new Set(members.status().map(({ leaderChanges }) => leaderChanges))], [2])
})

test('what was acknowledged is never lost, whatever happens to members', () => {
  const happening = fc.tuple(
    fc.constantFrom('write', 'write', 'write', 'stop', 'start', 'cut', 'heal', 'slow', 'fast', 'move'),
    fc.nat({ max: 4 }),
    fc.constantFrom(0, 1, 5, 120, 900, 2500),
  )
  const seen = { acknowledged: 0, refused: 0 }
  fc.assert(
    fc.property(
      fc.nat(),
      fc.constantFrom(3, 5),
      fc.array(happening, { minLength: 5, maxLength: 60 }),
      (seed, count, all) => {
        const group = someMembers(String(seed), count)
        const { engine, members } = group
        engine.onEvent = () => assert.equal(raftProblem(members, group.revision), undefined)
        for (const [what, member, delayMs] of all) {
          const name = `m${member % count}`
          if (what === 'write') seen[group.write().error === undefined ? 'acknowledged' : 'refused']++
          else if (what === 'stop') members.stop(name)
          else if (what === 'start') members.start(name)
          else if (what === 'cut') members.setCut(name, member % 2 ? 'from-all' : 'from-control-plane')
          else if (what === 'heal') members.setCut(name, 'healed')
          else if (what === 'move') members.transfer(group.leader() ?? '', members.status()[member % count].id)
          else members.setDisk(name, what === 'slow' ? 'slow' : 'normal')
          assert.equal(raftProblem(members, group.revision), undefined)
          engine.runUntil(engine.nowMs + delayMs)
        }
        for (const { name } of members.status()) {
          members.setDisk(name, 'normal')
          members.setCut(name, 'healed')
          members.start(name)
        }
        engine.runUntil(engine.nowMs + 30_000)
        assert.equal(group.write().error, undefined)
        engine.runUntil(engine.nowMs + 1000)
        assert.deepEqual([...new Set(members.status().map(({ revision }) => revision))], [group.revision])
      },
    ),
    { seed: 3, numRuns: 200, endOnFailure: true },
  )
  assert.deepEqual([seen.acknowledged > 400, seen.refused > 100], [true, true])
})

const often = [
  'write',
  'heal',
  'start',
  'remove',
  'add',
  'add-learner',
  'add-learner',
  'join',
  'promote',
  'promote',
] as const

test('who is removed ends and stays out; whoever is added begins with nothing and catches up, and nothing acknowledged is lost', () => {
  const happening = fc.tuple(
    fc.constantFrom(...often, ...often, ...often, 'stop', 'cut'),
    fc.nat({ max: 4 }),
    fc.constantFrom(0, 120, 2500, 6000, 6000),
  )
  const seen = { removed: 0, added: 0, joined: 0, promoted: 0, refused: new Set<string>() }
  fc.assert(
    fc.property(
      fc.nat(),
      fc.constantFrom(1, 3, 5),
      fc.array(happening, { minLength: 40, maxLength: 100 }),
      (seed, count, all) => {
        const group = someMembers(String(seed), count)
        const { engine, members } = group
        engine.onEvent = () => assert.equal(raftProblem(members, group.revision), undefined)
        const urlOf = (name: string): string => `https://${members.status().find((one) => one.name === name)!.ip}:2380`
        const knownAs = (name: string) => members.list().find(({ peerUrls }) => peerUrls[0] === urlOf(name))
        const told = ({ error }: { error?: string }): number => {
          if (error !== undefined) seen.refused.add(error)
          return error === undefined ? 1 : 0
        }
        const join = (name: string): void => {
          const known = knownAs(name)
          const { id, isUp } = members.status().find((one) => one.name === name)!
          if (known === undefined || known.id === id || isUp) return
          members.start(name, { id: known.id, name })
          seen.joined++
        }
        for (const [what, member, delayMs] of all) {
          const name = `m${member % count}`
          const [from] = members.status().filter((one) => members.isServingAt(one.name))
          if (what === 'write') group.write()
          else if (what === 'stop') members.stop(name)
          else if (what === 'start') members.start(name)
          else if (what === 'cut') members.setCut(name, 'from-all')
          else if (what === 'heal') members.setCut(name, 'healed')
          else if (what === 'join') for (const one of members.status()) join(one.name)
          else if (from === undefined) continue
          else if (what === 'remove') seen.removed += told(members.remove(from.name, knownAs(name)?.id ?? from.id))
          else if (what === 'promote') {
            const learner = members.list().find(({ isLearner }) => isLearner)
            seen.promoted += told(members.promote((learner ?? knownAs(name))?.id ?? from.id))
          } else {
            const out = members.status().find((one) => knownAs(one.name) === undefined)?.name ?? name
            seen.added += told(members.add(from.name, [urlOf(out)], what === 'add-learner'))
          }
          assert.equal(raftProblem(members, group.revision), undefined)
          engine.runUntil(engine.nowMs + delayMs)
        }
        for (const { name } of members.status()) members.setCut(name, 'healed')
        // One that was removed hears of it only while another one is up.
        for (let n = 0; n < 2; n++) {
          for (const { name, id } of members.status())
            if (knownAs(name)?.id === id) members.start(name)
            else join(name)
          engine.runUntil(engine.nowMs + 3000)
        }
        engine.runUntil(engine.nowMs + 30_000)
        assert.equal(group.write().error, undefined)
        engine.runUntil(engine.nowMs + 1000)
        for (const { name, id, isUp, revision, leader } of members.status()) {
          const isKnown = knownAs(name)?.id === id
          assert.equal(isUp, isKnown, name)
          if (isKnown) assert.deepEqual([revision, leader !== undefined], [group.revision, true])
        }
        assert.deepEqual(
          members.list().filter(({ name }) => name === ''),
          [],
        )
      },
    ),
    { seed: 5, numRuns: 150, endOnFailure: true },
  )
  const { refused, ...counted } = seen
  assert.ok(
    Object.values(counted).every((n) => n >= 5),
    JSON.stringify(counted),
  )
  const { sameUrl, notLearner, notInSync, notEnoughStarted, tooManyLearners, unhealthy } = refusals
  const expected = [sameUrl, notLearner, notInSync, notEnoughStarted, tooManyLearners, unhealthy]
  assert.deepEqual(
    expected.filter((error) => !refused.has(error)),
    [],
  )
})

test('a run with members that fail is the same again when it is replayed', () => {
  const options = { seed: 'again', shape: { nodes, controlPlane: { members: 3 as const } }, strict: true }
  const cluster = createCluster(options)
  const fault = (n: number, state: 'stopped' | 'started' | 'slow-disk'): void =>
    void cluster.execute({ op: 'fault', fault: { kind: 'etcd', node: `control-plane-${n}`, state } })
  fault(2, 'stopped')
  cluster.execute({ op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=2' })
  cluster.advance(3000)
  fault(1, 'slow-disk')
  cluster.execute({ op: 'kubectl', line: 'kubectl create deployment api --image=nginx:1.27 --replicas=2' })
  fault(3, 'stopped')
  cluster.advance(30_000)
  fault(2, 'started')
  cluster.advance(60_000)
  const again = replayCluster(options, cluster.log, cluster.nowMs)
  assert.equal(again.stateHash(), cluster.stateHash())
  assert.equal(cluster.objects('pods', { namespace: 'default' }).length, 4)
})

test('a control plane has one, three or five members, and no node of theirs twice', () => {
  const shapeOf = (members: number) => ({ nodes, controlPlane: { members: members as 3 } })
  for (const members of [0, 2, 4, 7, 1.5, Number.NaN])
    assert.throws(() => createCluster({ seed: 'odd', shape: shapeOf(members) }), /1, 3 or 5 members/)
  const twice = { ...shapeOf(3), nodes: [{ name: 'control-plane-2' }] }
  assert.throws(() => createCluster({ seed: 'twice', shape: twice }), /there is a node control-plane-2 already/)
})

test('while etcd has no majority, what a client asks anew is refused, and what it watches goes on', () => {
  const cluster = createCluster({ seed: 'quorum', shape: { nodes, controlPlane: { members: 3 } }, strict: true })
  for (const n of [1, 2])
    cluster.execute({ op: 'fault', fault: { kind: 'etcd', node: `control-plane-${n}`, state: 'stopped' } })
  cluster.advance(5000)
  const refused = { code: 500, message: 'etcdserver: request timed out' }
  const key = { namespace: '', name: 'node-1' }
  assert.throws(() => cluster.client.get(kind, key), refused)
  assert.throws(() => cluster.client.list(kind), refused)
  assert.equal(cluster.client.list(kind, { resourceVersion: '0' }).items.length, 4)
  const watch = cluster.client.watch(kind, { resourceVersion: String(cluster.server.etcd.revision) }, () => undefined)
  watch.stop()
  assert.throws(() => cluster.client.delete(kind, key), refused)
  assert.equal(cluster.objects('nodes').length, 4)
})

test('who leads whom is remembered for each moment', () => {
  const group = someMembers('standing', 3)
  const told = (atMs: number): string =>
    group.members
      .standingAt(atMs)
      .map(({ name, is, term, hasLeader }) => `${name} ${is} ${term}${hasLeader ? '' : ' alone'}`)
      .join(', ')
  const first = group.leader()!
  const followers = ['m0', 'm1', 'm2'].filter((name) => name !== first)
  group.engine.runUntil(1000)
  group.members.stop(first)
  group.engine.runUntil(10_000)
  const second = group.leader()!
  assert.match(told(0), new RegExp(`${first} leader 1(?:,|$)`))
  for (const name of followers) assert.match(told(999), new RegExp(`${name} follower 1(?:,|$)`))
  assert.match(told(1000), new RegExp(`${first} stopped 1 alone`))
  // For a while nobody leads the two that are left.
  const alone = group.members.standingTurns().filter((atMs) => !/ leader /.test(told(atMs)))
  assert.ok(alone.length > 0 && alone.every((atMs) => atMs >= 1000 && atMs < 4000), String(alone))
  assert.match(told(9999), new RegExp(`${second} leader 2(?:,|$)`))
  const turns = group.members.standingTurns()
  group.write()
  group.engine.runUntil(60_000)
  assert.deepEqual(group.members.standingTurns(), turns, 'what stays as it is is not noted again')
  assert.equal(told(-1), '')
})
