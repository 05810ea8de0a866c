/** The simulated openssl prints what the real one does, byte for byte, on files that the real one made. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasReal, type Recorded, readRecording, real, simulated } from './recorded.ts'

for (const name of ['x509', 'req', 'verify', 'keys', 'digests'])
  test(`openssl prints what the real one printed: ${name}`, () => {
    const lines = readRecording(name)
    assert.ok(lines.length > 10)
    for (const { line, out, err, status } of lines) {
      const { read: _, ...printed } = simulated(line)
      assert.deepEqual({ line, ...printed }, { line, out, err, status })
    }
  })

test('what is recorded is still what the real one prints', { skip: !hasReal && 'there is no openssl 3.0' }, () => {
  const lines = readRecording('req').filter(({ line }) => !line.includes('-x509'))
  for (const { line, out, err, status } of lines.slice(0, 12))
    assert.deepEqual(anyPatch({ line, ...real(line) }), anyPatch({ line, out, err, status }))
})

/** Its errors name lines of its own source, which move with each patch of Debian's. */
const anyPatch = ({ err, ...printed }: Recorded): Recorded => ({
  ...printed,
  err: err.replaceAll(/\.c:\d+:/g, '.c:0:'),
})
