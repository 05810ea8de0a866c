/** Events as components record them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../sim/api/core/config-map.ts'
import { events } from '../../sim/api/core/event.ts'
import { namespaces } from '../../sim/api/core/namespace.ts'
import { ApiServer } from '../../sim/apiserver/api-server.ts'
import { createClient } from '../../sim/apiserver/client.ts'
import { createEventRecorder } from '../../sim/client/event-recorder.ts'
import { Engine } from '../../sim/engine/engine.ts'

function aRecorder() {
  const engine = new Engine({ seed: 'test', startEpochMs: Date.UTC(2026, 0, 1) })
  const server = new ApiServer({ engine, strict: true })
  const client = createClient(server, { user: { name: 'admin', groups: ['system:masters'] }, fieldManager: 'test' })
  client.create(namespaces, { metadata: { name: 'ns' }, spec: {} })
  const subject = client.create(configMaps, { metadata: { name: 'subject', namespace: 'ns' } })
  const recorder = createEventRecorder(engine, client, { component: 'tester', host: 'node-1' })
  const record = (message: string, reason = 'Happened') => {
    recorder.event(subject, 'Warning', reason, message)
    engine.runUntil(engine.nowMs + 1000)
  }
  return { engine, client, recorder, subject, record, list: () => client.list(events, { namespace: 'ns' }).items }
}

test('an event is written a little later, about the object, by the component', () => {
  const { engine, recorder, subject, list } = aRecorder()
  recorder.event(subject, 'Normal', 'Happened', 'It did.', 'data{x}')
  assert.deepEqual(list(), [])
  engine.runUntil(100)
  const [event] = list()
  assert.match(event.metadata.name, /^subject\.[0-9a-f]{16}$/)
  const { involvedObject, source, reason, message, type, count, firstTimestamp, lastTimestamp } = event
  assert.deepEqual(
    { involvedObject, source, reason, message, type, count, firstTimestamp, lastTimestamp },
    {
      involvedObject: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: 'ns',
        name: 'subject',
        uid: subject.metadata.uid,
        resourceVersion: subject.metadata.resourceVersion,
        fieldPath: 'data{x}',
      },
      source: { component: 'tester', host: 'node-1' },
      reason: 'Happened',
      message: 'It did.',
      type: 'Normal',
      count: 1,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
    },
  )
  assert.deepEqual([event.reportingComponent, event.reportingInstance, event.eventTime], ['tester', 'node-1', null])
})

test('an event that repeats counts up and keeps its first time', () => {
  const { record, list } = aRecorder()
  for (let i = 0; i < 3; i++) record('again')
  assert.deepEqual(
    list().map(({ count, firstTimestamp, lastTimestamp }) => [count, firstTimestamp, lastTimestamp]),
    [[3, '2026-01-01T00:00:00Z', '2026-01-01T00:00:02Z']],
  )
})

test('from the tenth message on, events with one reason about one object are combined', () => {
  const { record, list } = aRecorder()
  for (let i = 0; i < 12; i++) record(`number ${i}`)
  const combined = list().filter(({ message }) => message.startsWith('(combined from similar events): '))
  assert.equal(list().length, 10)
  assert.deepEqual(
    combined.map(({ message, count }) => [message, count]),
    [['(combined from similar events): number 11', 3]],
  )
})

test('after 25 writes about an object more are dropped, until five minutes have passed; the count does not forget them', () => {
  const { engine, record, list } = aRecorder()
  for (let i = 0; i < 40; i++) record('again')
  assert.equal(list()[0].count, 25)
  engine.runUntil(engine.nowMs + 300_000)
  record('again')
  assert.equal(list()[0].count, 41)
})

test('an event whose object in the API was deleted is written anew with its count', () => {
  const { client, record, list } = aRecorder()
  record('again')
  client.delete(events, { namespace: 'ns', name: list()[0].metadata.name })
  record('again')
  assert.deepEqual(
    list().map(({ count }) => count),
    [2],
  )
})
