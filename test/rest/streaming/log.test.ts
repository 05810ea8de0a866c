import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveCluster } from '../../../sim/index.ts'
import { ask, smallCluster } from '../ask.ts'
import { podsUrl, runPod } from './session.ts'

const say = (command: string) => ({
  restartPolicy: 'Never',
  containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', command] }],
})

function follow(cluster: LiveCluster, url: string) {
  const outcome = cluster.request({ method: 'GET', url: `${podsUrl}/${url}`, headers: {}, body: new Uint8Array() })
  if (outcome.kind !== 'stream') throw new Error(`${url} is no stream: ${JSON.stringify(outcome)}`)
  assert.equal(outcome.headers['content-type'], 'text/plain')
  const seen = { text: '', isOver: false }
  const { close } = outcome.open({
    write(text) {
      seen.text += text
    },
    end() {
      seen.isOver = true
    },
  })
  return { seen, close }
}

test('a log is plain text, as much of it as is asked for', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', say('for i in 1 2 3; do echo line $i; sleep 2; done'), 20_000)
  const log = (query: string): unknown => ask(cluster, 'GET', `${podsUrl}/web/log${query}`).body
  assert.equal(log(''), 'line 1\nline 2\nline 3\n')
  assert.equal(log('?tailLines=1'), 'line 3\n')
  assert.equal(log('?tailLines=0'), '')
  assert.equal(log('?limitBytes=9'), 'line 1\nli')
  assert.match(String(log('?timestamps=true')), /^2026-01-01T00:00:0\d\.\d{9}Z line 1\n/)
  const [, second] = String(log('?timestamps=true')).split('\n')
  assert.equal(log(`?sinceTime=${second.slice(0, 19)}Z`), 'line 2\nline 3\n')
  assert.equal(ask(cluster, 'GET', `${podsUrl}/web/log`).headers['content-type'], 'text/plain')
})

test('a follower sees what comes, until the container ends or it leaves', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', say('for i in 1 2 3; do echo line $i; sleep 5; done'), 4000)
  const whole = follow(cluster, 'web/log?follow=true')
  const part = follow(cluster, 'web/log?follow=true&tailLines=0')
  assert.equal(whole.seen.text, 'line 1\n')
  cluster.advance(5000)
  part.close()
  assert.equal(part.seen.text, 'line 2\n')
  cluster.advance(20_000)
  assert.equal(whole.seen.text, 'line 1\nline 2\nline 3\n')
  assert.equal(whole.seen.isOver, true)
  assert.equal(part.seen.text, 'line 2\n')
})

test('a cluster with a follower has the history of one without', () => {
  const hashes = [true, false].map((isFollowed) => {
    const cluster = smallCluster()
    runPod(cluster, 'web', say('while sleep 1; do date; done'))
    if (isFollowed) follow(cluster, 'web/log?follow=true')
    cluster.advance(60_000)
    return `${cluster.stateHash()} ${cluster.eventsProcessed} ${cluster.log.length}`
  })
  assert.equal(hashes[0], hashes[1])
})

const refusals = [
  { query: 'none/log', status: 404, message: 'pods "none" not found' },
  {
    query: 'two/log',
    status: 400,
    message: 'a container name must be specified for pod two, choose one of: [setup a b]',
  },
  { query: 'two/log?container=x', status: 400, message: 'container x is not valid for pod two' },
  {
    query: 'two/log?container=a&previous=true',
    status: 400,
    message: 'previous terminated container "a" in pod "two" not found',
  },
  {
    query: 'absent/log',
    status: 400,
    message: 'container "main" in pod "absent" is waiting to start: trying and failing to pull image',
  },
  {
    query: 'absent/log?follow=true',
    status: 400,
    message: 'container "main" in pod "absent" is waiting to start: trying and failing to pull image',
  },
  {
    query: 'two/log?container=a&tailLines=-1',
    status: 422,
    message: 'PodLogOptions "two" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  },
  {
    query: 'two/log?container=a&limitBytes=0',
    status: 422,
    message: 'PodLogOptions "two" is invalid: limitBytes: Invalid value: 0: must be greater than 0',
  },
  {
    query: 'two/log?container=a&sinceSeconds=0',
    status: 422,
    message: 'PodLogOptions "two" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0',
  },
  {
    query: 'two/log?container=a&tailLines=many',
    status: 400,
    message: 'strconv.ParseInt: parsing "many": invalid syntax',
  },
]
for (const { query, status, message } of refusals)
  test(`the log of ${query} is refused`, () => {
    const cluster = smallCluster()
    runPod(cluster, 'absent', { containers: [{ name: 'main', image: 'busybox:9.9' }] })
    runPod(
      cluster,
      'two',
      {
        initContainers: [{ name: 'setup', image: 'busybox:1.36', command: ['true'] }],
        containers: [
          { name: 'a', image: 'busybox:1.36', command: ['sleep', '3600'] },
          { name: 'b', image: 'busybox:1.36', command: ['sleep', '3600'] },
        ],
      },
      20_000,
    )
    const answer = ask(cluster, 'GET', `${podsUrl}/${query}`)
    assert.equal(answer.body.message, message)
    assert.equal(answer.status, status)
  })

test('a container that waits has no log yet, and a Pod on no node an empty one', () => {
  const cluster = smallCluster()
  cluster.execute({ op: 'kubectl', line: 'kubectl run web --image=busybox:1.36 -- sleep 100' })
  while (!ask(cluster, 'GET', `${podsUrl}/web`).body.status.startTime) cluster.step()
  assert.equal(
    ask(cluster, 'GET', `${podsUrl}/web/log`).body.message,
    'container "web" in pod "web" is waiting to start: ContainerCreating',
  )
  runPod(cluster, 'waiting', { ...say('true'), nodeSelector: { disk: 'none' } })
  assert.equal(ask(cluster, 'GET', `${podsUrl}/waiting/log`).body, '')
})

test('one has to be allowed to get logs, and a node that is off gives none', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', say('echo hi; sleep 3600'))
  const answer = ask(cluster, 'GET', `${podsUrl}/web/log`, undefined, { 'impersonate-user': 'ann' })
  assert.equal(answer.status, 403)
  assert.match(
    answer.body.message,
    /^pods "web" is forbidden: User "ann" cannot get resource "pods\/log" in API group ""/,
  )
  const node = String(ask(cluster, 'GET', `${podsUrl}/web`).body.spec.nodeName)
  cluster.execute({ op: 'fault', fault: { kind: 'node', node, state: 'down' } })
  assert.match(
    ask(cluster, 'GET', `${podsUrl}/web/log`).body.message,
    /^Get "https:\/\/\S+:10250\/containerLogs\/default\/web\/main": dial tcp \S+:10250: connect: no route to host$/,
  )
})
