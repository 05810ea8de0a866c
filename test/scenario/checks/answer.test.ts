/** Files that are handed in as answers, against what the cluster says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { judgeAnswer } from '../../../sim/scenario/checks/answer.ts'
import { gradeChallenge } from '../../../sim/scenario/grade.ts'
import type { AnswerKey, ChallengeSpec, LoggedCommand } from '../../../sim/scenario/types.ts'

const shape = { nodes: [{ name: 'node-1' }, { name: 'node-2' }, { name: 'node-3' }] }
const names: AnswerKey = { kubectl: 'kubectl get nodes -o jsonpath={.items[*].metadata.name}' }
const withKind: AnswerKey = { kubectl: 'kubectl get nodes -o name' }

function judged(texts: readonly string[], keys: AnswerKey[], order?: 'any') {
  const cluster = createCluster({ seed: 'answer', shape })
  for (const text of texts) cluster.execute({ op: 'answer', file: 'nodes.txt', text })
  return judgeAnswer(cluster, { file: 'nodes.txt', keys, ...(order ? { order } : {}) })
}

for (const [about, text] of [
  ['as it was printed', 'node-1 node-2 node-3'],
  ['a line each, with carriage returns', 'node-1\r\nnode-2\r\nnode-3\r\n'],
  ['aligned by tabs and spaces', '\n\n  node-1\t\tnode-2   \n node-3'],
  ['as another key has it', 'node/node-1\nnode/node-2\nnode/node-3\n'],
] as const)
  test(`right: ${about}`, () => {
    assert.equal(judged([text], [names, withKind]).holds, true)
  })

for (const [text, actual] of [
  ['', 'nodes.txt is empty'],
  [' \n\t ', 'nodes.txt is empty'],
  ['node-1 node-3 node-2', 'nodes.txt has the right words in another order'],
  ['node-1 node-2', 'of the words of nodes.txt, 1 missing'],
  ['node-1 node-2 node-3 node-3', 'of the words of nodes.txt, 1 too much: node-3'],
  ['NAME node-1 node-2', 'of the words of nodes.txt, 1 missing, 1 too much: NAME'],
  ['Node-1 node-2 node-3', 'of the words of nodes.txt, 1 missing, 1 too much: Node-1'],
  ['a b c d e', 'of the words of nodes.txt, 3 missing, 5 too much: a, b, c, d, e'],
  ['node-1node-2 node-3', 'of the words of nodes.txt, 2 missing, 1 too much: node-1node-2'],
  ['node-3 node-1 node-1', 'of the words of nodes.txt, 1 missing, 1 too much: node-1'],
  ['node '.repeat(5000), 'of the words of nodes.txt, 3 missing, 5000 too much: node, node, node, node, node…'],
  ['a b c d e f', 'of the words of nodes.txt, 3 missing, 6 too much: a, b, c, d, e…'],
  ['node '.repeat(5001), 'nodes.txt has 5001 words, and at most 5000 are read'],
] as const)
  test(`wrong, and told without the key: ${JSON.stringify(text.slice(0, 30))}`, () => {
    const verdict = judged([text], [names])
    assert.deepEqual({ ...verdict, expected: '' }, { holds: false, actual, expected: '' })
    assert.doesNotMatch(verdict.expected, /node-\d|kubectl/)
  })

test('what is not handed in is wrong; of several texts the last counts', () => {
  assert.equal(judged([], [names]).actual, 'nodes.txt was not handed in')
  assert.equal(judged(['node-1', 'node-1 node-2 node-3'], [names]).holds, true)
  assert.equal(judged(['node-1 node-2 node-3', 'node-1'], [names]).holds, false)
})

test('where the order is free, each word still counts as often as it stands there', () => {
  assert.equal(judged(['node-3 node-1 node-2'], [names], 'any').holds, true)
  assert.equal(judged(['node-3 node-1 node-2 node-2'], [names], 'any').holds, false)
})

test('where the order is free, commas are spaces, and elsewhere they are part of a word', () => {
  for (const text of ['node-3,node-1,node-2', 'node-3, node-1, node-2\n'])
    assert.equal(judged([text], [names], 'any').holds, true)
  assert.equal(judged(['node-1,node-2,node-3'], [names]).holds, false)
})

test('of several keys the one that comes nearest is what is told of', () => {
  const keys: AnswerKey[] = [{ text: 'one two three four' }, { text: 'five six' }, { text: 'five' }]
  const told = (text: string) => judged([text], keys).actual.replace('of the words of nodes.txt, ', '')
  assert.equal(told('five eight'), '1 too much: eight')
  assert.equal(told('one two three'), '1 missing')
  assert.equal(told('one two three nine'), '1 missing, 1 too much: nine')
  assert.equal(told('six five'), 'nodes.txt has the right words in another order')
})

test('a word that the key has twice is wanted twice', () => {
  const told = (text: string) => judged([text], [{ text: 'a a b' }]).actual
  assert.equal(told('a b a'), 'nodes.txt has the right words in another order')
  assert.equal(told('a b'), 'of the words of nodes.txt, 1 missing')
  assert.equal(told('b'), 'of the words of nodes.txt, 2 missing')
  assert.equal(told('a a a b'), 'of the words of nodes.txt, 1 too much: a')
  assert.equal(judged(['a b'], [{ text: 'a a b' }], 'any').holds, false)
})

test('an answer to something else is no answer to this', () => {
  const cluster = createCluster({ seed: 'answer', shape })
  cluster.execute({ op: 'answer', file: 'nodes.txt', text: 'a' })
  cluster.execute({ op: 'answer', file: 'pods.txt', text: 'b' })
  const holds = (file: string, text: string) => judgeAnswer(cluster, { file, keys: [{ text }] }).holds
  assert.deepEqual([holds('nodes.txt', 'a'), holds('pods.txt', 'b'), holds('nodes.txt', 'b')], [true, true, false])
})

test('a key may be a text', () => {
  assert.equal(judged(['  iptables\n'], [{ text: 'iptables' }]).holds, true)
})

test('whoever removed what they were asked about has no right answer', () => {
  const gone: AnswerKey = { kubectl: 'kubectl get pod gone -o name' }
  assert.deepEqual(judged(['pod/gone'], [gone]), {
    holds: false,
    actual: 'what nodes.txt is about is not in the cluster any more',
    expected: 'nodes.txt to say what the cluster says',
  })
  assert.equal(judged(['a'], [gone, { text: 'a' }]).holds, true)
})

const spec = {
  id: 'which-nodes',
  version: 1,
  title: 'Which nodes',
  style: 'task',
  difficulty: 1,
  minutes: 3,
  topics: [],
  params: {},
  world: { shape, setup: [], settleSeconds: 5 },
  workspace: { files: { 'nodes.txt': '' }, allowKubectl: true, maxApplies: 1, maxVirtualSeconds: 60 },
  checks: [
    {
      ...{ id: 'names', title: 'names', points: 100, when: { mode: 'settled' } },
      assert: { answer: { file: 'nodes.txt', keys: [names] } },
    },
  ],
  hints: [],
  observeSeconds: 1,
} as unknown as ChallengeSpec

test('a grade takes the answer from the log, and from nowhere else', () => {
  const graded = (log: LoggedCommand[]) => gradeChallenge(spec, { log }, 'seed', '').score
  const answer = (text: string, file = 'nodes.txt'): LoggedCommand => ({
    atMs: 0,
    command: { op: 'answer', file, text },
  })
  assert.equal(graded([answer('node-1 node-2 node-3')]), 100)
  assert.equal(graded([answer('node-1 node-2 node-3', 'other.txt')]), 0)
  assert.equal(graded([]), 0)
  // A line that prints it is no answer yet.
  assert.equal(graded([{ atMs: 0, command: { op: 'kubectl', line: 'kubectl get nodes -o name' } }]), 0)
})

test('an answer that is too long is refused, as a manifest is', () => {
  const log: LoggedCommand[] = [{ atMs: 0, command: { op: 'answer', file: 'nodes.txt', text: 'x'.repeat(300_000) } }]
  assert.match(gradeChallenge(spec, { log }, 'seed', '').problem!, /command 1 is 300000 characters long/)
})
