import assert from 'node:assert/strict'
import test from 'node:test'
import { encodeBase64Text } from '../../sim/api/meta/base64.ts'
import type { KubeObject } from '../../sim/api/meta/object.ts'
import type { CallParts } from '../../sim/apiserver/webhooks/call.ts'
import { convertByWebhook } from '../../sim/apiserver/webhooks/conversion.ts'
import type { HttpRequest } from '../../sim/network/types.ts'

const from = 'example.com/v1'
const to = 'example.com/v2'
const object = {
  apiVersion: from,
  kind: 'Box',
  metadata: { name: 'b', namespace: 'default', uid: 'u-1', generation: 2, labels: { a: 'b' } },
  size: 3,
} as unknown as KubeObject

interface Asked {
  versions?: readonly string[]
  caBundle?: string
  status?: number
}

/** @param answer the body, or the review with the request's uid, or what to make of the request */
function asked(answer: string | object | ((review: { request: { uid: string } }) => object), how: Asked = {}) {
  const sent: HttpRequest[] = []
  const { versions = ['v1'], caBundle, status = 200 } = how
  const parts: CallParts = {
    find: () => undefined,
    list: () => [],
    outgoing: {
      ask(_, request) {
        sent.push(request)
        const review = JSON.parse(request.body!)
        const body =
          typeof answer === 'string'
            ? answer
            : JSON.stringify(
                typeof answer === 'function'
                  ? answer(review)
                  : {
                      kind: review.kind,
                      apiVersion: review.apiVersion,
                      response: { uid: review.request.uid, ...answer },
                    },
              )
        return {
          ok: true,
          tookMs: 4,
          hops: [],
          response: { status, headers: { 'Content-Type': 'application/json' }, body },
        }
      },
      failure: () => undefined,
      pick: ([first]) => first,
      uid: () => 'r-1',
    },
  }
  const clientConfig = { url: 'https://convert.example.com/all', ...(caBundle ? { caBundle } : {}) }
  return { result: convertByWebhook(parts, { clientConfig, conversionReviewVersions: versions }, object, to), sent }
}

const success = { status: 'Success' }
const converted = (change: object = {}, metadata: object = {}) => ({
  result: success,
  convertedObjects: [{ ...object, apiVersion: to, metadata: { ...object.metadata, ...metadata }, ...change }],
})

test('a conversion webhook is sent the object, and what comes back has its metadata but for labels and annotations', () => {
  const { result, sent } = asked(
    converted({ size: '3' }, { labels: { c: 'd' }, annotations: { e: 'f' }, generation: 9 }),
  )
  assert.deepEqual(JSON.parse(sent[0].body!), {
    kind: 'ConversionReview',
    apiVersion: 'apiextensions.k8s.io/v1',
    request: { uid: 'r-1', desiredAPIVersion: to, objects: [object] },
    response: { uid: '', convertedObjects: null, result: { metadata: {} } },
  })
  assert.equal(sent[0].path, '/all?timeout=30s')
  assert.deepEqual(result, {
    tookMs: 4,
    object: {
      apiVersion: to,
      kind: 'Box',
      metadata: { ...object.metadata, labels: { c: 'd' }, annotations: { e: 'f' } },
      size: '3',
    },
  })
})

test('labels and annotations that do not come back are gone', () => {
  const { result } = asked(converted({}, { labels: undefined }))
  assert.ok('object' in result)
  assert.equal(result.object.metadata.labels, undefined)
})

test('a webhook of v1beta1 need not repeat the uid', () => {
  const { result, sent } = asked(
    ({ request: _ }) => ({
      kind: 'ConversionReview',
      apiVersion: 'apiextensions.k8s.io/v1beta1',
      response: converted(),
    }),
    { versions: ['v9', 'v1beta1', 'v1'] },
  )
  assert.equal(JSON.parse(sent[0].body!).apiVersion, 'apiextensions.k8s.io/v1beta1')
  assert.ok('object' in result)
})

const failed = (why: string) => `conversion webhook for example.com/v1, Kind=Box failed: ${why}`
const returned = (what: string) => `conversion webhook for example.com/v1, Kind=Box returned ${what}`
const refusals: readonly [string, Parameters<typeof asked>[0], string, Asked?][] = [
  ['nothing', '', failed('0-length response with status code: 200 and content type: application/json')],
  [
    'no JSON',
    'oops',
    failed("couldn't get version/kind; json parse error: invalid character 'o' looking for beginning of value"),
  ],
  ['an error of HTTP', 'x', failed('the server could not find the requested resource'), { status: 404 }],
  [
    'no response',
    () => ({ kind: 'ConversionReview', apiVersion: 'apiextensions.k8s.io/v1' }),
    failed('no response provided'),
  ],
  [
    'another kind',
    () => ({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: {} }),
    failed(
      'expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got admission.k8s.io/v1, Kind=AdmissionReview',
    ),
  ],
  ['another uid', { ...converted(), uid: 'x' }, failed('expected response.uid="r-1", got "x"')],
  ['no status', { convertedObjects: [] }, failed("response.result.status was '', not 'Success'")],
  [
    'a failure without words',
    { result: { status: 'Failure' } },
    failed("response.result.status was 'Failure', not 'Success'"),
  ],
  ['a failure with words', { result: { status: 'Failure', message: 'too old' } }, failed('too old')],
  ['no objects', { result: success }, returned('0 objects, expected 1')],
  ['two objects', { result: success, convertedObjects: [object, object] }, returned('2 objects, expected 1')],
  [
    'the object as it was',
    { result: success, convertedObjects: [object] },
    returned('invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)'),
  ],
  [
    'another kind of object',
    converted({ kind: 'Bag' }),
    returned('invalid object at index 0: invalid kind (expected Box, received Bag)'),
  ],
  ['another name', converted({}, { name: 'c' }), returned('invalid object: must have the same name: b != c')],
  [
    'another namespace',
    converted({}, { namespace: 'x' }),
    returned('invalid object: must have the same namespace: default != x'),
  ],
  [
    'another uid of the object',
    converted({}, { uid: 'x' }),
    returned('invalid object: must have the same UID: u-1 != x'),
  ],
  [
    'no metadata',
    converted({ metadata: undefined }),
    returned('invalid metadata: missing metadata in converted object'),
  ],
  [
    'metadata that is a list',
    converted({ metadata: [] }),
    returned('invalid metadata: invalid metadata of type []interface {} in converted object'),
  ],
  [
    'labels that are text',
    converted({}, { labels: 'x' }),
    returned('invalid metadata: invalid metadata.labels of type string in converted object'),
  ],
  [
    'a label that is a number',
    converted({}, { labels: { a: 1 } }),
    returned('invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object'),
  ],
  [
    'a label that none can have',
    converted({}, { labels: { a: '-' } }),
    returned(
      "invalid metadata: metadata.labels: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ),
  ],
]

for (const [name, answer, why, how] of refusals)
  test(`a conversion that gives ${name} is refused`, () => {
    const { result } = asked(answer, how)
    assert.ok('error' in result)
    assert.equal(result.error, why)
  })

test('a webhook that takes no version of the review that the server knows is not asked', () => {
  const { result, sent } = asked(converted(), { versions: ['v7'] })
  assert.deepEqual(
    [result, sent],
    [{ tookMs: 0, error: 'no supported conversion review versions', isSilent: false }, []],
  )
})

test('the certificates to trust go with the request', () => {
  const { sent } = asked(converted(), { caBundle: encodeBase64Text('-----BEGIN CERTIFICATE-----') })
  assert.equal(sent[0].authorities, '-----BEGIN CERTIFICATE-----')
})
