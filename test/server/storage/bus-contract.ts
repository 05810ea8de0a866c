/** What the bus of every storage backend must do. Each backend's test file runs all of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../../server/storage/store.ts'
import { until } from '../../support/until.ts'

export function testBusContract(name: string, open: () => Promise<{ store: Store; dispose(): Promise<void> }>) {
  test(`${name} tells everybody who listens to a topic, each once and in order, and nobody else`, async () => {
    const { store, dispose } = await open()
    const { bus } = store
    try {
      const heard: string[] = []
      await bus.publish('wall', 'before')
      const stop = bus.subscribe('wall', (text) => void heard.push(`one ${text}`))
      bus.subscribe('wall', () => {
        throw new Error('a listener that fails')
      })
      bus.subscribe('wall', (text) => void heard.push(`two ${text}`))
      bus.subscribe('walls', (text) => void heard.push(`other ${text}`))
      for (const text of ['1', '2', '3']) await bus.publish('wall', text)
      // What is published last is heard last: whoever is told of it has been told of all before.
      await bus.publish('walls', 'end')
      await until(() => heard.includes('other end'))
      const of = (who: string) => heard.filter((line) => line.startsWith(who))
      assert.deepEqual(of('one'), ['one 1', 'one 2', 'one 3'])
      assert.deepEqual(of('two'), ['two 1', 'two 2', 'two 3'])
      assert.equal(heard.length, 7)
      stop()
      stop()
      await bus.publish('wall', '4')
      await until(() => heard.includes('two 4'))
      assert.deepEqual(of('one').length, 3)
      assert.deepEqual(of('two').at(-1), 'two 4')
    } finally {
      await store.close()
      await dispose()
    }
  })

  test(`${name} carries any text, and a listener may stop or begin while it is told`, async () => {
    const { store, dispose } = await open()
    const { bus } = store
    try {
      const heard: string[] = []
      const stop = bus.subscribe('t', (text) => {
        stop()
        bus.subscribe('t', (later) => void heard.push(`later ${later}`))
        heard.push(text)
      })
      await bus.publish('t', '{"a":"\u0000 \u{1F600}\n"}')
      await until(() => heard.length > 0)
      for (const text of ['again', 'end']) await bus.publish('t', text)
      await until(() => heard.includes('later end'))
      assert.deepEqual(heard, ['{"a":"\u0000 \u{1F600}\n"}', 'later again', 'later end'])
    } finally {
      await store.close()
      await dispose()
    }
  })
}
