import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replayCluster } from '../../../sim/cluster.ts'
import { smallCluster } from '../ask.ts'
import { bytesOf, execUrl, openSession, podsUrl, runPod, shellPod } from './session.ts'

const options = { seed: 'rest', strict: true, shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } }

test('a replay types the same keys at the same moments, and comes to the same state', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  runPod(cluster, 'shell', {
    containers: [{ name: 'main', image: 'busybox:1.36', stdin: true, tty: true, command: ['sh'] }],
  })
  const outcome = cluster.request({
    method: 'GET',
    url: `${podsUrl}/shell/log?follow=true`,
    headers: {},
    body: new Uint8Array(),
  })
  if (outcome.kind === 'stream') outcome.open({ write: () => undefined, end: () => undefined })
  const exec = openSession(cluster, execUrl('web', ['sh'], 'stdin=true&stdout=true&tty=true'), 'POST')
  const attached = openSession(cluster, 'shell/attach?stdin=true&stdout=true&tty=true')
  for (const [n, key] of [...'sleep 3; date > /tmp/d\r'].entries()) exec.type(key, 37 + n)
  exec.input.resize(100, 40)
  attached.type('while sleep 1; do date; done\r', 3500)
  attached.type('\x03', 10)
  const put = openSession(cluster, execUrl('web', ['sh', '-c', 'cat > /tmp/bytes'], 'stdin=true&stdout=true'))
  put.input.write(Uint8Array.of(0, 255, 128, 10))
  put.input.end()
  cluster.advance(1000)
  exec.input.write(bytesOf('exit 7\r'))
  cluster.advance(5000)
  attached.input.close()
  cluster.execute({ op: 'kubectl', line: 'kubectl exec web -- sh -c "cat /tmp/d; od -c /tmp/bytes"' })
  cluster.advance(10_000)

  const log = JSON.parse(JSON.stringify(cluster.log))
  const texts: string[] = []
  const again = replayCluster(options, log, cluster.nowMs, ({ stdout }) => texts.push(stdout))
  assert.equal(again.stateHash(), cluster.stateHash())
  assert.equal(again.eventsProcessed, cluster.eventsProcessed)
  assert.match(texts.at(-1) ?? '', /^Thu Jan {2}1 00:00:1\d UTC 2026\n0000000 {2}\\0 377 200 {2}\\n\n0000004\n$/)
  assert.deepEqual(again.log, log)
})

test('a replay that leaves out one key comes to another state', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  const exec = openSession(cluster, execUrl('web', ['sh'], 'stdin=true&stdout=true&tty=true'))
  for (const key of 'sleep 3\r') exec.type(key, 50)
  cluster.advance(5000)
  const shorter = cluster.log.filter(
    ({ command }) => !(command.op === 'session' && 'data' in command.input && command.input.data === '3'),
  )
  assert.equal(shorter.length, cluster.log.length - 1)
  assert.notEqual(replayCluster(options, shorter, cluster.nowMs).stateHash(), cluster.stateHash())
})
