/** What the bus of every storage backend must do. Each backend's test file runs all of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../../server/storage/store.ts'

/** News may be on its way for a while. */
const arrived = () => new Promise((done) => setTimeout(done, 50))

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
      await arrived()
      const of = (who: string) => heard.filter((line) => line.startsWith(who))
      assert.deepEqual(of('one'), ['one 1', 'one 2', 'one 3'])
      assert.deepEqual(of('two'), ['two 1', 'two 2', 'two 3'])
      assert.equal(heard.length, 6)
      stop()
      stop()
      await bus.publish('wall', '4')
      await arrived()
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
      await arrived()
      await bus.publish('t', 'again')
      await arrived()
      assert.deepEqual(heard, ['{"a":"\u0000 \u{1F600}\n"}', 'later again'])
    } finally {
      await store.close()
      await dispose()
    }
  })
}
