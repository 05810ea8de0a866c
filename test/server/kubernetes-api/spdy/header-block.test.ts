/** Header blocks of SPDY, as both ends of a connection compress and read them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createDeflate, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { headerDictionary } from '../../../../server/kubernetes-api/spdy/dictionary.ts'
import { createHeaderCodec } from '../../../../server/kubernetes-api/spdy/header-block.ts'
import { ProtocolError } from '../../../../server/kubernetes-api/spdy/protocol-error.ts'

const codec = () => createHeaderCodec(1 << 20)
const deflated = (bytes: Uint8Array) => deflateSync(bytes, { dictionary: headerDictionary })
const number = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const text = (value: string) => Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)])

test('the dictionary is that of SPDY/3, by its length and the Adler-32 that zlib names it with', () => {
  let a = 1
  let b = 0
  for (const byte of headerDictionary) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  assert.equal(headerDictionary.length, 1423)
  assert.equal((b * 65536 + a).toString(16), 'e3c6a7c2')
})

test('headers that are compressed come out again, block after block', async () => {
  const name = fc.stringMatching(/^[a-z:][a-z0-9-]{0,20}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(name, fc.string({ maxLength: 3000 })), { maxLength: 6 }),
      async (blocks) => {
        const sender = codec()
        const receiver = codec()
        const compressed = await Promise.all(blocks.map((block) => sender.compress(block)))
        for (const [index, block] of compressed.entries())
          assert.deepEqual({ ...(await receiver.decompress(block)) }, { ...blocks[index] })
        sender.close()
        receiver.close()
      },
    ),
    { numRuns: 60 },
  )
})

test('a block larger than what zlib gives at once comes out whole', async () => {
  const [sender, receiver] = [codec(), codec()]
  const headers = { long: 'x'.repeat(300_000), other: 'y' }
  assert.deepEqual(await receiver.decompress(await sender.compress(headers)), headers)
  assert.deepEqual(await receiver.decompress(await sender.compress({ port: '80' })), { port: '80' })
})

test('a name that JavaScript gives a meaning is only a name', async () => {
  const receiver = codec()
  const headers = await receiver.decompress(deflated(Buffer.concat([number(1), text('__proto__'), text('x')])))
  assert.deepEqual(Object.keys(headers), ['__proto__'])
  assert.equal(Object.getPrototypeOf(headers), Object.prototype)
})

describe('a block is refused that', () => {
  const cases = [
    { name: 'is not compressed', block: Buffer.from('hello'), why: /cannot be read/ },
    {
      name: 'is compressed without the dictionary but names one',
      block: Buffer.of(0x78, 0xbb, 1, 2, 3, 4),
      why: /cannot be read/,
    },
    { name: 'is cut short', block: deflated(Buffer.concat([number(2), text('a'), text('b')])), why: /cut short/ },
    {
      name: 'has a name longer than itself',
      block: deflated(Buffer.concat([number(1), number(0xffff_ffff)])),
      why: /cut short/,
    },
    { name: 'has no names at all', block: deflated(number(0xffff_ffff)), why: /cut short/ },
    {
      name: 'is longer than its headers',
      block: deflated(Buffer.concat([number(0), text('a')])),
      why: /longer than its headers/,
    },
    {
      name: 'has a name in upper case',
      block: deflated(Buffer.concat([number(1), text('Port'), text('80')])),
      why: /lower case/,
    },
    {
      name: 'has a name without letters',
      block: deflated(Buffer.concat([number(1), text(''), text('80')])),
      why: /lower case/,
    },
    {
      name: 'has a name twice',
      block: deflated(Buffer.concat([number(2), text('port'), text('80'), text('port'), text('81')])),
      why: /comes twice/,
    },
    {
      name: 'is a megabyte of nothing in a few bytes',
      block: deflated(Buffer.alloc(2 << 20)),
      why: /more than 1048576 bytes/,
    },
  ]
  for (const { name, block, why } of cases)
    test(name, async () => {
      const receiver = codec()
      await assert.rejects(receiver.decompress(block), (error: unknown) => {
        assert.ok(error instanceof ProtocolError)
        assert.match(error.message, why)
        return true
      })
      receiver.close()
    })

  test('comes after the end of the compression', async () => {
    const receiver = codec()
    const first = deflated(Buffer.concat([number(1), text('a'), text('b')]))
    assert.deepEqual(await receiver.decompress(first), { a: 'b' })
    await assert.rejects(receiver.decompress(first), ProtocolError)
  })
})

test('what another implementation makes with zlib alone is read', async () => {
  const deflate = createDeflate({ dictionary: headerDictionary, level: 9 })
  const parts: Buffer[] = []
  deflate.on('data', (part: Buffer) => parts.push(part))
  deflate.write(Buffer.concat([number(2), text('streamtype'), text('error'), text('port'), text('80')]))
  await new Promise<void>((done) => deflate.flush(done))
  assert.deepEqual(await codec().decompress(Buffer.concat(parts)), { streamtype: 'error', port: '80' })
})
