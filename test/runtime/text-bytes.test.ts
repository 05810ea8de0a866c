import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byteLength } from '../../sim/runtime/file-tree.ts'
import { ByteDecoder, decodeBytes, encodeBytes } from '../../sim/runtime/text-bytes.ts'

test('every byte comes back, and text in UTF-8 reads as text', () => {
  for (const text of ['', 'plain\n', 'grün — 水 — 😀', '\0tar\0']) {
    assert.equal(decodeBytes(new TextEncoder().encode(text)), text)
    assert.deepEqual(encodeBytes(text), new TextEncoder().encode(text))
  }
  const every = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  assert.deepEqual(encodeBytes(decodeBytes(every)), every)
})

test('what only looks like UTF-8 comes back as well: longer forms than needed, halves of surrogate pairs, too high numbers', () => {
  for (const bytes of [
    [0xc0, 0x80],
    [0xe0, 0x80, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xed, 0xb2, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98, 0x41],
  ]) {
    const given = Uint8Array.from(bytes)
    assert.deepEqual(encodeBytes(decodeBytes(given)), given, bytes.join(' '))
  }
})

test('random bytes come back whole or in pieces, and byteLength counts them', () => {
  let state = 42
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
  for (let run = 0; run < 200; run++) {
    const bytes = Uint8Array.from({ length: next(60) }, () => (next(3) ? 128 + next(128) : next(128)))
    const decoder = new ByteDecoder()
    let text = ''
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + next(5)
      text += decoder.decode(bytes.slice(at, at + size))
      at += size
    }
    text += decoder.end()
    assert.deepEqual(encodeBytes(text), bytes, `run ${run}`)
    assert.equal(text, decodeBytes(bytes), `run ${run}`)
    assert.equal(byteLength(text), bytes.length, `run ${run}`)
  }
})

test('a character that arrives in two pieces is one character', () => {
  const decoder = new ByteDecoder()
  const [first, ...others] = new TextEncoder().encode('€')
  assert.equal(decoder.decode(Uint8Array.of(first)), '')
  assert.equal(decoder.decode(Uint8Array.from(others)), '€')
  assert.equal(decoder.end(), '')
})
