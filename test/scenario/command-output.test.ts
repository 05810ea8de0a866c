// What a command writes, in the order of writing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/cluster.ts'
import { inOrderOfWriting, recordOutput } from '../../sim/scenario/command-output.ts'

test('a warning that came before what was done stays before it', () => {
  const cluster = createCluster({ seed: 'order', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'kubectl', line: 'kubectl run web --image=nginx' })
  cluster.advance(5000)
  const forced = cluster.execute({ op: 'kubectl', line: 'kubectl delete pod web --force' })
  assert.deepEqual(
    inOrderOfWriting(forced).map(({ stream, text }) => [stream, text.split(/[: ]/)[0]]),
    [
      ['stderr', 'Warning'],
      ['stdout', 'pod'],
    ],
  )
  // Where stdout came first, there is nothing to tell.
  const both = cluster.execute({ op: 'kubectl', line: 'kubectl get ns/default pod/nobody' })
  assert.equal(both.turns, undefined)
  assert.deepEqual(
    inOrderOfWriting(both).map(({ stream }) => stream),
    ['stdout', 'stderr'],
  )
})

test('whatever is written comes back whole and in its order', () => {
  const written = [
    ['stderr', 'a'],
    ['stdout', 'b'],
    ['stdout', ''],
    ['stdout', 'c'],
    ['stderr', 'd'],
    ['stdout', 'é\n'],
  ] as const
  for (let length = 0; length <= written.length; length++) {
    const output = recordOutput()
    for (const [stream, text] of written.slice(0, length)) output.write(stream, text)
    const parts = inOrderOfWriting(output.written())
    assert.equal(
      parts.map(({ text }) => text).join(''),
      written
        .slice(0, length)
        .map(([, text]) => text)
        .join(''),
    )
    assert.ok(parts.every(({ stream }, n) => stream !== parts[n + 1]?.stream))
  }
})
