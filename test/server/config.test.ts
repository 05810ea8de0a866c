import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../server/config.ts'

test('an empty environment gives a configuration that works on a laptop', () => {
  const config = parseConfig({})
  assert.deepEqual(
    [config.port, config.dataDir, config.storage, config.sessionSecret],
    [3000, './data', 'lowdb', undefined],
  )
})

test('an empty variable counts as one that is not set', () => {
  assert.equal(parseConfig({ PORT: '' }).port, 3000)
})

test('every bad variable is named with its value and what it has to be, and a secret is not repeated', () => {
  assert.throws(() => parseConfig({ PORT: '80800', WORKERS: 'two', LOG_LEVEL: 'loud', SESSION_SECRET: 'short' }), {
    name: 'ConfigError',
    message:
      /PORT="80800": must be 65535 or less\n.*WORKERS="two": must be a whole number\n.*LOG_LEVEL="loud"|SESSION_SECRET=\(hidden\): must have at least 32/s,
  })
  assert.throws(
    () => parseConfig({ SESSION_SECRET: 'short' }),
    (error: Error) => !error.message.includes('short'),
  )
})
