/** pgrep, pkill and killall of a node read flags as those of procps and psmisc do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'

/** Each in a container of its own. */
const sleeping = (seconds: number) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `sleeps-${seconds}` },
  spec: { containers: [{ name: 'main', image: 'busybox:1.36', command: ['sleep', String(seconds)] }] },
})

function aNode(): (line: string) => { stdout: string; stderr: string; exit: number } {
  const cluster = createCluster({ seed: 'names', shape: { nodes: [{ name: 'node-1' }] } })
  for (const seconds of [600, 700]) cluster.execute({ op: 'apply', manifest: JSON.stringify(sleeping(seconds)) })
  cluster.advance(20_000)
  return (line) => cluster.execute({ op: 'node', node: 'node-1', line })
}

test('a node finds the processes of its containers by name, command line, age and parent', () => {
  const run = aNode()
  const [first, second] = run('pgrep -x sleep').stdout.trim().split('\n')
  const lines: readonly [line: string, out: string, exit?: number][] = [
    ['pgrep slee', `${first}\n${second}\n`],
    ['pgrep -x slee', '', 1],
    ['pgrep --exact --count SLEEP -i', '2\n'],
    ['pgrep -f "^sleep 7"', `${second}\n`],
    ['pgrep -af ^sleep | sort', [`${first} sleep 600\n`, `${second} sleep 700\n`].sort().join('')],
    ['pgrep -nl sleep', `${second} sleep\n`],
    ['pgrep -o -d, sleep', `${first}\n`],
    ['pgrep -d, -u root sleep', `${first},${second}\n`],
    ['pgrep -u nobody sleep', '', 1],
    ['pkill -0 -c sleep', '2\n'],
  ]
  for (const [line, out, exit = 0] of lines) {
    const answer = run(line)
    assert.deepEqual({ line, out: answer.stdout, exit: answer.exit }, { line, out, exit })
  }
})

test('a signal goes to whom the flags choose, wherever it stands among them', () => {
  const run = aNode()
  assert.equal(run('pkill -STOP -x slee').exit, 1)
  assert.equal(run('pgrep -r T sleep').exit, 1)
  assert.equal(run('pkill -x -STOP -f "sleep 600"').exit, 0)
  assert.equal(run('pgrep -r T -c sleep').stdout, '1\n')
  assert.equal(run('killall -s CONT sleep').exit, 0)
  assert.equal(run('pgrep -r T sleep').exit, 1)
  assert.match(run('pkill -e --signal KILL -o sleep').stdout, /^sleep killed \(pid \d+\)\n$/)
  assert.equal(run('pgrep -c sleep').stdout, '1\n')
})

test('what no process can be meant by is an error', () => {
  const run = aNode()
  const lines: readonly [line: string, said: string, exit: number][] = [
    ['pkill', "pkill: no matching criteria specified\nTry `pkill --help' for more information.\n", 2],
    ['pkill sleep cat', "pkill: only one pattern can be provided\nTry `pkill --help' for more information.\n", 2],
    ['pgrep -Q', "pgrep: invalid option -- 'Q'\n\nUsage:\n pgrep [options] <pattern>\n\n", 2],
    ['killall nobody', 'nobody: no process found\n', 1],
    ['killall -x sleep', 'Usage: killall [OPTION]... [--] NAME...\n', 1],
  ]
  for (const [line, said, exit] of lines) {
    const answer = run(line)
    assert.deepEqual({ line, said: answer.stderr, exit: answer.exit }, { line, said, exit })
  }
})
