import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { StatusError } from '../../../sim/api/meta/status-error.ts'
import { decodeProtobuf } from '../../../sim/rest/protobuf/decode.ts'
import { recordedBodies } from './bodies.ts'

for (const { args, body, json } of recordedBodies)
  test(`what kubectl sends for ${args.join(' ')} is what its JSON says, in the same order`, () => {
    const decoded = decodeProtobuf(body, json as never)
    assert.deepEqual(decoded, json)
    assert.equal(JSON.stringify(decoded), JSON.stringify(json))
  })

/** Bytes as protoc would show them: a number and what it holds. */
type Part = [number: number, value: string | Uint8Array | number | Part[]]
const varint = (value: bigint): number[] =>
  value < 0x80n ? [Number(value)] : [Number(value & 0x7fn) | 0x80, ...varint(value >> 7n)]
const isParts = (value: unknown): value is Part[] => Array.isArray(value)
function bytes(parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map(([number, value]) => {
      if (typeof value === 'number')
        return Buffer.from([...varint(BigInt(number) << 3n), ...varint(BigInt.asUintN(64, BigInt(value)))])
      const held = isParts(value) ? bytes(value) : Buffer.from(value as string)
      return Buffer.concat([
        Buffer.from([...varint((BigInt(number) << 3n) | 2n), ...varint(BigInt(held.length))]),
        held,
      ])
    }),
  )
}
const raw = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')
const envelope = (apiVersion: string, kind: string, message: Part[] | Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    bytes([
      [
        1,
        [
          [1, apiVersion],
          [2, kind],
        ],
      ],
      [2, message],
    ]),
  ])

const POD = { apiVersion: 'v1', kind: 'Pod' }
const decodePod = (message: Part[] | Uint8Array) => decodeProtobuf(envelope('v1', 'Pod', message), POD)
const METADATA = 1
const SPEC = 2
const STATUS = 3

function checkRefused(body: Uint8Array, message: string): void {
  assert.throws(
    () => decodeProtobuf(body, POD),
    (error) => {
      assert.ok(error instanceof StatusError)
      assert.equal(error.code, 400)
      assert.equal(error.reason, 'BadRequest')
      assert.equal(error.message, message)
      return true
    },
  )
}

test('structs that are not in the bytes are empty, and lists that JSON always has are null', () => {
  assert.deepEqual(decodePod([]), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {},
    spec: { containers: null },
    status: {},
  })
})

test('an empty value is left out, unless a pointer points to it', () => {
  const spec: Part[] = [
    [3, ''], // restartPolicy string
    [4, 0], // terminationGracePeriodSeconds *int64
    [11, 0], // hostNetwork bool
    [27, 0], // shareProcessNamespace *bool
    [31, ''], // preemptionPolicy *string
  ]
  assert.deepEqual(decodePod([[SPEC, spec]]).spec, {
    containers: null,
    terminationGracePeriodSeconds: 0,
    shareProcessNamespace: false,
    preemptionPolicy: '',
  })
})

test('a field that comes again: a scalar is replaced, a message is merged, a list grows', () => {
  const object = decodePod([
    [
      METADATA,
      [
        [1, 'a'],
        [14, 'x'],
      ],
    ],
    [
      METADATA,
      [
        [1, 'b'],
        [3, 'ns'],
        [14, 'y'],
      ],
    ],
    [
      METADATA,
      [
        [
          11,
          [
            [1, 'k'],
            [2, 'v'],
          ],
        ],
        [11, [[1, 'l']]],
        [
          11,
          [
            [1, 'k'],
            [2, 'w'],
          ],
        ],
      ],
    ],
  ])
  assert.deepEqual(object.metadata, {
    name: 'b',
    namespace: 'ns',
    labels: { k: 'w', l: '' },
    finalizers: ['x', 'y'],
  })
})

test('numbers are signed, whether 32 or 64 bits wide, and may be packed', () => {
  const security: Part[] = [
    [2, -1], // runAsUser
    [5, 2 ** 40], // fsGroup
    [4, 7], // supplementalGroups
    [4, raw('05 ff ff ff ff ff ff ff ff ff 01')],
  ]
  const spec: Part[] = [
    [14, security],
    [25, -2_000_001_000],
    [4, Number.MIN_SAFE_INTEGER],
  ]
  assert.deepEqual(decodePod([[SPEC, spec]]).spec, {
    containers: null,
    terminationGracePeriodSeconds: Number.MIN_SAFE_INTEGER,
    priority: -2_000_001_000,
    securityContext: { runAsUser: -1, fsGroup: 2 ** 40, supplementalGroups: [7, 5, -1] },
  })
})

test('fields that nobody knows are passed over, whatever they hold', () => {
  const unknown = raw('a01f 01  a11f 0102030405060708  a21f 03 616263  a51f 01020304')
  assert.deepEqual(decodePod(Buffer.concat([unknown, bytes([[METADATA, [[1, 'a']]]]), unknown])).metadata, {
    name: 'a',
  })
})

const times: { name: string; message: Part[] | Uint8Array; want: unknown }[] = [
  { name: 'a time', message: [[1, 1_767_323_045]], want: '2026-01-02T03:04:05Z' },
  {
    name: 'a time has whole seconds',
    message: [
      [1, 1_767_323_045],
      [2, 999_999_999],
    ],
    want: '2026-01-02T03:04:05Z',
  },
  {
    name: 'the first second of 1970',
    message: [
      [1, 0],
      [2, 0],
    ],
    want: '1970-01-01T00:00:00Z',
  },
  { name: 'a time before 1970', message: [[1, -1]], want: '1969-12-31T23:59:59Z' },
  { name: 'no time', message: [], want: null },
  { name: "Go's zero time", message: [[1, -62_135_596_800]], want: null },
]
for (const { name, message, want } of times)
  test(`times: ${name}`, () => {
    const condition = { type: '', status: '', lastProbeTime: null, lastTransitionTime: want }
    const object = decodePod([
      [
        STATUS,
        [
          [2, [[4, message]]],
          [7, message],
        ],
      ],
    ])
    assert.deepEqual(object.status, { conditions: [condition], startTime: want })
  })

test('a time that is not set is left out of metadata, and null elsewhere', () => {
  assert.deepEqual(decodePod([[METADATA, [[8, []]]]]).metadata, {})
})

const microTimes: { nanos: number; want: string }[] = [
  { nanos: 0, want: '2026-01-02T03:04:05.000000Z' },
  { nanos: 123_456_789, want: '2026-01-02T03:04:05.123456Z' },
  { nanos: -1_000, want: '2026-01-02T03:04:04.999999Z' },
]
for (const { nanos, want } of microTimes)
  test(`times of a Lease have microseconds: ${nanos} nanoseconds`, () => {
    const time: Part[] = [
      [1, 1_767_323_045],
      [2, nanos],
    ]
    const body = envelope('coordination.k8s.io/v1', 'Lease', [[2, [[3, time]]]])
    const lease = decodeProtobuf(body, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' })
    assert.deepEqual(lease.spec, { acquireTime: want })
  })

test('a key named __proto__ is a key', () => {
  const { annotations } = decodePod([
    [
      METADATA,
      [
        [
          12,
          [
            [1, '__proto__'],
            [2, 'x'],
          ],
        ],
      ],
    ],
  ]).metadata as {
    annotations: object
  }
  assert.deepEqual(Object.entries(annotations), [['__proto__', 'x']])
})

test('text that is no UTF-8 is repaired as Go does, and a byte order mark is kept', () => {
  const { metadata } = decodePod([
    [
      METADATA,
      [
        [1, raw('61 ff 62')],
        [3, raw('ef bb bf 61')],
      ],
    ],
  ])
  assert.deepEqual(metadata, { name: 'a\ufffdb', namespace: '\ufeffa' })
})

test('an object of any shape is kept as the JSON that it is', () => {
  const body = envelope('apps/v1', 'ControllerRevision', [
    [2, [[1, '{"spec":{"a":[1,null]}}']]],
    [3, 4],
  ])
  assert.deepEqual(decodeProtobuf(body, { apiVersion: 'apps/v1', kind: 'ControllerRevision' }), {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {},
    data: { spec: { a: [1, null] } },
    revision: 4,
  })
})

test('extra attributes of a user are lists', () => {
  const user = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview' }
  const extra: Part[] = [
    [
      5,
      [
        [1, 'scopes'],
        [
          2,
          [
            [1, 'a'],
            [1, 'b'],
          ],
        ],
      ],
    ],
    [
      5,
      [
        [1, 'none'],
        [2, []],
      ],
    ],
  ]
  assert.deepEqual(decodeProtobuf(envelope(user.apiVersion, user.kind, [[2, extra]]), user).spec, {
    extra: { none: null, scopes: ['a', 'b'] },
  })
})

test('a body that does not say what it holds is what its place expects', () => {
  const body = Buffer.concat([Buffer.from('k8s\0'), bytes([[2, [[METADATA, [[1, 'a']]]]]])])
  assert.deepEqual(decodeProtobuf(body, { apiVersion: 'v1', kind: 'Namespace' }), {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'a' },
    spec: {},
    status: {},
  })
})

const unrecognized = 'the object provided is unrecognized (must be of type Pod): '
const refused = 'Pod in version "v1" cannot be handled as a Pod: '
const hostile: { name: string; body: Uint8Array; want: string }[] = [
  { name: 'no body', body: Buffer.alloc(0), want: `${unrecognized}empty data (<empty>)` },
  {
    name: 'JSON',
    body: Buffer.from('{"kind":"Pod","apiVersion":"v1"}'),
    want: `${unrecognized}provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({"kind":"Pod","apiVersion":"v1 ...)`,
  },
  { name: 'nothing after the prefix', body: Buffer.from('k8s\0'), want: `${unrecognized}empty body (6b387300)` },
  {
    name: 'an envelope that is cut off',
    body: envelope('v1', 'Pod', [[METADATA, [[1, 'a']]]]).subarray(0, -1),
    want: `${unrecognized}unexpected EOF (6b3873000a090a0276311203506f6412050a030a01)`,
  },
  {
    name: 'an unknown kind',
    body: envelope('v1', 'Pot', []),
    want: 'Pot in version "v1" cannot be handled as a Pod: no kind "Pot" is registered for version "v1"',
  },
  {
    name: 'a text that is cut off',
    body: envelope('v1', 'Pod', [[SPEC, [[2, raw('0a0561')]]]]),
    want: `${refused}unexpected EOF (at spec.containers[0].name)`,
  },
  {
    name: 'a length beyond all memory',
    body: envelope('v1', 'Pod', raw('12 ff ff ff ff 0f')),
    want: `${refused}unexpected EOF (at spec)`,
  },
  {
    name: 'a negative length',
    body: envelope('v1', 'Pod', raw('12 ff ff ff ff ff ff ff ff ff 01')),
    want: `${refused}proto: negative length found during unmarshaling (at spec)`,
  },
  {
    name: 'a number without an end',
    body: envelope('v1', 'Pod', [[SPEC, raw('20 80 80 80 80 80 80 80 80 80 80 01')]]),
    want: `${refused}proto: integer overflow (at spec.terminationGracePeriodSeconds)`,
  },
  {
    name: 'a number where a text belongs',
    body: envelope('v1', 'Pod', [
      [
        SPEC,
        [
          [2, []],
          [2, [[1, 5]]],
        ],
      ],
    ]),
    want: `${refused}proto: wrong wireType = 0 (at spec.containers[1].name)`,
  },
  {
    name: 'a text where a switch belongs',
    body: envelope('v1', 'Pod', [[SPEC, [[11, 'yes']]]]),
    want: `${refused}proto: wrong wireType = 2 (at spec.hostNetwork)`,
  },
  {
    name: 'the field number 0',
    body: envelope('v1', 'Pod', raw('02 00')),
    want: `${refused}proto: illegal tag 0 (wire type 2)`,
  },
  {
    name: 'a group',
    body: envelope('v1', 'Pod', raw('a3 1f a4 1f')),
    want: `${refused}proto: illegal wireType 3`,
  },
  {
    name: 'a year that has no four digits',
    body: envelope('v1', 'Pod', [[METADATA, [[8, [[1, 253_402_300_800]]]]]]),
    want: `${refused}Time.MarshalJSON: year outside of range [0,9999] (at metadata.creationTimestamp)`,
  },
  {
    name: 'a port that is neither number nor name',
    body: envelope('v1', 'Pod', [[SPEC, [[2, [[10, [[1, [[2, [[2, [[1, 2]]]]]]]]]]]]]]),
    want: `${refused}impossible IntOrString.Type (at spec.containers[0].livenessProbe.httpGet.port)`,
  },
]
for (const { name, body, want } of hostile) test(`refuses ${name}`, () => checkRefused(body, want))

test('refuses more parts than any object has: two bytes each are many bytes of JSON', () => {
  const containers: Part[] = Array.from({ length: 100_000 }, () => [2, ''])
  checkRefused(
    envelope('v1', 'Pod', [[SPEC, containers]]),
    `${refused}it has more than 100000 parts (at spec.containers[99998])`,
  )
})

test('refuses an object of any shape that is no JSON', () => {
  const body = envelope('apps/v1', 'ControllerRevision', [[2, [[1, '{"a":']]]])
  assert.throws(
    () => decodeProtobuf(body, { apiVersion: 'apps/v1', kind: 'ControllerRevision' }),
    /^StatusError: ControllerRevision in version "v1" cannot be handled as a ControllerRevision: .*JSON.* \(at data\)$/,
  )
})

test('bytes that were damaged give an object or a refusal, nothing else', () => {
  const change = fc.record({
    place: fc.nat(2000),
    act: fc.constantFrom('set', 'insert', 'remove', 'cut'),
    byte: fc.nat(255),
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...recordedBodies),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      ({ body }, changes) => {
        const damaged = [...body]
        for (const { place, act, byte } of changes) {
          const at = place % damaged.length || 0
          if (act === 'set') damaged[at] = byte
          else if (act === 'cut') damaged.length = at
          else damaged.splice(at, act === 'remove' ? 1 : 0, ...(act === 'insert' ? [byte] : []))
        }
        try {
          JSON.stringify(decodeProtobuf(Uint8Array.from(damaged), POD))
        } catch (error) {
          assert.ok(error instanceof StatusError, String(error))
          assert.equal(error.code, 400)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
