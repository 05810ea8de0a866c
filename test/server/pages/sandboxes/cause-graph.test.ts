import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CauseNode } from '../../../../server/labs/sandboxes/types.ts'
import { actorName, causeGraph } from '../../../../server/pages/sandboxes/cause-graph.ts'

const node = (record: number, cause?: number): CauseNode => ({
  record,
  cause,
  atMs: record * 10,
  actor: 'system:kube-scheduler',
  action: 'bind',
  object: 'Pod/default/web',
})

test('the longest chain goes straight down, and what branches off has a lane of its own', () => {
  const { rows, lanes } = causeGraph([node(1), node(2, 1), node(3, 2), node(4, 3), node(5, 2), node(6, 5), node(7, 6)])
  assert.equal(lanes, 2)
  assert.deepEqual(
    rows.map(({ lane, because }) => [lane, because]),
    [
      [0, undefined],
      [0, 1],
      [1, 2],
      [1, 3],
      [0, 2],
      [0, 5],
      [0, 6],
    ],
  )
  assert.deepEqual(rows[1]!.branches, [1])
  assert.deepEqual(rows[2]!.passing, [0])
})

test('a lane is taken again once its chain has ended', () => {
  const { lanes } = causeGraph([node(1), node(2, 1), node(3, 1), node(4, 3), node(5, 4), node(6, 4), node(7, 5)])
  assert.equal(lanes, 2)
})

test('of very many acts the latest are shown, and the others counted', () => {
  const { rows, more } = causeGraph(Array.from({ length: 250 }, (_, n) => node(n + 1, n || undefined)))
  assert.deepEqual([rows.length, more, rows[0]!.because], [200, 50, undefined])
})

const tree = fc
  .array(fc.nat(), { minLength: 1, maxLength: 60 })
  .map((picks) => picks.map((pick, n) => node(n + 1, n === 0 || pick % 5 === 0 ? undefined : (pick % n) + 1)))

test('no two chains share a lane in a row, whatever led to what', () => {
  fc.assert(
    fc.property(tree, (nodes) => {
      for (const { lane, passing, goesOn, branches } of causeGraph(nodes).rows) {
        const below = [...passing, ...(goesOn ? [lane] : []), ...branches]
        if (new Set(below).size !== below.length || passing.includes(lane)) return false
      }
      return true
    }),
    { seed: 3 },
  )
})

test('actors are called as people call them', () => {
  assert.deepEqual(
    [
      'system:serviceaccount:kube-system:replicaset-controller',
      'system:node:node-1',
      'kubelet/node-1',
      'containerd/node-1',
      'system:kube-scheduler',
      'you',
    ].map(actorName),
    [
      'replicaset-controller',
      'kubelet of node-1',
      'kubelet of node-1',
      'containerd of node-1',
      'kube-scheduler',
      'you',
    ],
  )
})
