/** Frames of SPDY: printed, cut anywhere, and read again. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type Frame,
  type FrameLimits,
  type HeaderFrame,
  type PlainFrame,
  printFrame,
  printHeaderFrame,
  readFrames,
} from '../../../../server/kubernetes-api/spdy/frames.ts'
import { createHeaderCodec } from '../../../../server/kubernetes-api/spdy/header-block.ts'
import { ProtocolError } from '../../../../server/kubernetes-api/spdy/protocol-error.ts'

const limits: FrameLimits = { maxFrameBytes: 4096, maxHeaderBytes: 4096 }
const hasHeaders = (frame: Frame): frame is HeaderFrame => 'headers' in frame

async function print(frames: readonly Frame[]): Promise<Buffer> {
  const codec = createHeaderCodec(limits.maxHeaderBytes)
  const printed: Buffer[] = []
  for (const frame of frames)
    printed.push(hasHeaders(frame) ? await printHeaderFrame(frame, codec) : printFrame(frame as PlainFrame))
  codec.close()
  return Buffer.concat(printed)
}

async function read(chunks: Iterable<Uint8Array>): Promise<Frame[]> {
  const codec = createHeaderCodec(limits.maxHeaderBytes)
  const arriving = (async function* () {
    yield* chunks
  })()
  const frames: Frame[] = []
  for await (const frame of readFrames(arriving, codec, limits))
    frames.push(frame.type === 'data' ? { ...frame, data: Uint8Array.from(frame.data) } : frame)
  codec.close()
  return frames
}

const id = fc.integer({ min: 1, max: 0x7fff_ffff })
const word = fc.integer({ min: 0, max: 0x7fff_ffff })
const headers = fc
  .dictionary(fc.stringMatching(/^[a-z][a-z-]{0,10}$/), fc.string({ maxLength: 40 }), { maxKeys: 5 })
  .map((each) => ({ ...each }))
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant('syn-stream' as const),
    streamId: id,
    isLast: fc.boolean(),
    isUnidirectional: fc.boolean(),
    headers,
  }),
  fc.record({
    type: fc.constantFrom('syn-reply' as const, 'headers' as const),
    streamId: id,
    isLast: fc.boolean(),
    headers,
  }),
  fc.record({
    type: fc.constant('data' as const),
    streamId: id,
    isLast: fc.boolean(),
    data: fc.uint8Array({ maxLength: 600 }),
  }),
  fc.record({ type: fc.constant('rst-stream' as const), streamId: id, status: word }),
  fc.record({
    type: fc.constant('settings' as const),
    settings: fc.array(fc.record({ id: fc.integer({ min: 1, max: 0xff_ffff }), value: word }), { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('ping' as const), id: word }),
  fc.record({ type: fc.constant('goaway' as const), lastStreamId: id, status: word }),
  fc.record({ type: fc.constant('window-update' as const), streamId: word, delta: word }),
)

test('whatever the pieces in which bytes come, the frames are the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyFrame, { maxLength: 12 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 40 })),
      async (frames, sizes) => {
        const bytes = await print(frames)
        const chunks: Buffer[] = []
        for (let at = 0; at < bytes.length; ) {
          const size = sizes.next().value as number
          chunks.push(bytes.subarray(at, at + size))
          at += size
        }
        const plain = (all: Frame[]) => JSON.parse(JSON.stringify(all))
        assert.deepEqual(plain(await read(chunks)), plain(await read([bytes])))
        assert.deepEqual(plain(await read(chunks)), plain(frames))
      },
    ),
    { numRuns: 150 },
  )
})

test('the bytes of a frame are those of the specification', async () => {
  assert.equal(printFrame({ type: 'ping', id: 1 }).toString('hex'), '800300060000000400000001')
  assert.equal(
    printFrame({ type: 'data', streamId: 3, isLast: true, data: Buffer.from('hi') }).toString('hex'),
    `0000000301000002${Buffer.from('hi').toString('hex')}`,
  )
  assert.equal(
    printFrame({ type: 'rst-stream', streamId: 5, status: 3 }).toString('hex'),
    '80030003000000080000000500000003',
  )
  assert.equal(
    printFrame({ type: 'settings', settings: [{ id: 7, value: 65536 }] }).toString('hex'),
    '800300040000000c000000010000000700010000',
  )
})

test('a type that SPDY/3.1 does not have is skipped', async () => {
  const credential = Buffer.from('8003000a0000000461626364', 'hex')
  assert.deepEqual(await read([credential, printFrame({ type: 'ping', id: 7 })]), [{ type: 'ping', id: 7 }])
})

test('random bytes lead to frames or to a reason, and to nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }),
      fc.boolean(),
      async (chunks, isControl) => {
        const start = isControl ? [Uint8Array.of(0x80, 3, 0)] : []
        try {
          assert.ok(Array.isArray(await read([...start, ...chunks])))
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error))
        }
      },
    ),
    { numRuns: 300 },
  )
})

describe('a frame is refused that', () => {
  const cases = [
    { name: 'is of another version', bytes: '800200060000000400000001', why: /not a frame of SPDY\/3.1/ },
    {
      name: 'is HTTP',
      bytes: Buffer.from('\xff\xf4GET / HTTP/1.1\r\n', 'latin1').toString('hex'),
      why: /not a frame of SPDY/,
    },
    {
      name: 'has more data than is allowed',
      bytes: '0000000100001001',
      why: /4097 bytes is too large: data may have 4096/,
    },
    { name: 'has more headers than are allowed', bytes: '8003000100ffffff', why: /too large: syn-stream may have/ },
    {
      name: 'is a ping of another length',
      bytes: '800300060000000500000001',
      why: /ping frame has 5 bytes instead of 4/,
    },
    { name: 'has no stream', bytes: '8003000200000002ffff', why: /cut short/ },
    {
      name: 'has fewer settings than it says',
      bytes: '8003000400000004ffffffff',
      why: /another length than its settings/,
    },
    {
      name: 'has a header block that is none',
      bytes: '800300010000000e00000001000000000000deadbeef',
      why: /cannot be read/,
    },
  ]
  for (const { name, bytes, why } of cases)
    test(name, async () => {
      await assert.rejects(read([Buffer.from(bytes, 'hex')]), (error: unknown) => {
        assert.ok(error instanceof ProtocolError)
        assert.match(error.message, why)
        return true
      })
    })
})

test('a frame that comes byte by byte is one frame', async () => {
  const data = Buffer.alloc(4096, 'x')
  const bytes = printFrame({ type: 'data', streamId: 1, isLast: false, data })
  const frames = await read(Array.from(bytes, (byte) => Uint8Array.of(byte)))
  assert.deepEqual(frames, [{ type: 'data', streamId: 1, isLast: false, data: Uint8Array.from(data) }])
})
