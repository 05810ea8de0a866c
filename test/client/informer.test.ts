/** Reflectors and shared informers, on an API server whose watches can be broken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../sim/api/core/config-map.ts'
import type { ConfigMap } from '../../sim/api/core/types.ts'
import type { KubeObject } from '../../sim/api/meta/object.ts'
import { StatusError } from '../../sim/api/meta/status-error.ts'
import type { Client, WatchEvent } from '../../sim/client/client.ts'
import { createInformerFactory } from '../../sim/client/informer-factory.ts'
import { Engine } from '../../sim/engine/engine.ts'

const aMap = (name: string, version: number): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'ns', name, uid: name, resourceVersion: String(version), creationTimestamp: '' },
})

/** A server of ConfigMaps reduced to what an informer asks of it. */
function aServer() {
  const engine = new Engine({ seed: 'test', startEpochMs: 0 })
  const stored = new Map<string, ConfigMap>()
  const watches = new Set<(event: WatchEvent<KubeObject>) => void>()
  const asked: string[] = []
  let isDown = false
  const client = {
    list() {
      asked.push(`list@${Math.round(engine.nowMs)}`)
      if (isDown) throw new StatusError(503, 'ServiceUnavailable', 'down')
      return { items: [...stored.values()], resourceVersion: '1' }
    },
    watch(_kind: unknown, _options: unknown, onEvent: (event: WatchEvent<KubeObject>) => void) {
      watches.add(onEvent)
      return { stop: () => watches.delete(onEvent) }
    },
  } as unknown as Client
  const send = (type: WatchEvent<KubeObject>['type'], object: KubeObject) => {
    for (const watch of [...watches]) watch({ type, object })
  }
  return {
    engine,
    client,
    asked,
    watches,
    store: (...objects: ConfigMap[]) => {
      for (const object of objects) stored.set(object.metadata.name, object)
    },
    unstore: (name: string) => stored.delete(name),
    send,
    setDown: (value: boolean) => {
      isDown = value
    },
  }
}

function listen(server: ReturnType<typeof aServer>) {
  const factory = createInformerFactory(server.engine, server.client)
  const informer = factory.informer(configMaps)
  const seen: string[] = []
  informer.addHandlers({
    onAdd: ({ metadata }) => seen.push(`+${metadata.name}`),
    onUpdate: ({ metadata }, old) =>
      seen.push(`${metadata.name}:${old.metadata.resourceVersion}>${metadata.resourceVersion}`),
    onDelete: ({ metadata }) => seen.push(`-${metadata.name}`),
  })
  factory.start()
  return { factory, informer, seen }
}

test('an informer holds what the list gave, and then what the watch tells', () => {
  const server = aServer()
  server.store(aMap('a', 1))
  const { informer, seen } = listen(server)
  assert.ok(informer.hasSynced())
  server.send('ADDED', aMap('b', 2))
  server.send('MODIFIED', aMap('a', 3))
  server.send('DELETED', aMap('b', 4))
  assert.deepEqual(seen, ['+a', '+b', 'a:1>3', '-b'])
  assert.deepEqual(
    informer.list().map(({ metadata }) => metadata.name),
    ['a'],
  )
})

test('after a broken watch the informer lists again and tells of what it missed', () => {
  const server = aServer()
  server.store(aMap('a', 1), aMap('b', 1))
  const { seen } = listen(server)
  server.send('ERROR', { kind: 'Status', code: 410 } as unknown as KubeObject)
  server.unstore('a')
  server.store(aMap('b', 7), aMap('c', 8))
  server.engine.runUntil(5000)
  assert.deepEqual(seen, ['+a', '+b', '-a', 'b:1>7', '+c'])
  assert.equal(server.watches.size, 1)
})

test('a server that is down is asked again, less and less often', () => {
  const server = aServer()
  server.setDown(true)
  const { informer } = listen(server)
  server.engine.runUntil(60_000)
  const times = server.asked.map((entry) => Number(entry.slice(5)))
  const gaps = times.slice(1).map((time, i) => time - times[i])
  assert.ok(gaps[0] >= 800 && gaps[0] <= 1600, `${gaps}`)
  assert.ok(gaps[3] >= 6400, `${gaps}`)
  assert.ok(!informer.hasSynced())
  server.setDown(false)
  server.engine.runUntil(130_000)
  assert.ok(informer.hasSynced())
})

test('asking twice for a kind gives the same informer, and late handlers are told of what is there', () => {
  const server = aServer()
  server.store(aMap('a', 1))
  const { factory, informer } = listen(server)
  assert.equal(factory.informer(configMaps), informer)
  assert.notEqual(factory.informer(configMaps, { namespace: 'ns' }), informer)
  const late: string[] = []
  informer.addHandlers({ onAdd: ({ metadata }) => late.push(metadata.name) })
  assert.deepEqual(late, ['a'])
})

test('a stopped informer hears nothing more and leaves nothing due', () => {
  const server = aServer()
  const { factory, seen } = listen(server)
  server.send('ERROR', { kind: 'Status' } as unknown as KubeObject)
  factory.stop()
  server.send('ADDED', aMap('a', 1))
  server.engine.runUntil(100_000)
  assert.deepEqual(seen, [])
  assert.ok(server.engine.isSettled)
})
