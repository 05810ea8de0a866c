import assert from 'node:assert/strict'
import test from 'node:test'
import type { Webhook } from '../../../sim/api/admissionregistration/types.ts'
import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from '../../../sim/api/admissionregistration/webhook-configuration.ts'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { encodeBase64Text } from '../../../sim/api/meta/base64.ts'
import { mutatingAdmissionWebhook } from '../../../sim/apiserver/admission/webhooks/mutating.ts'
import { validatingAdmissionWebhook } from '../../../sim/apiserver/admission/webhooks/validating.ts'
import type { Outgoing } from '../../../sim/apiserver/webhooks/call.ts'
import type { HttpRequest } from '../../../sim/network/types.ts'
import { type Asked, ask } from './plugin.ts'

const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }]
const url = 'https://hook.example.com/check'

const hook = (change: Partial<Webhook> = {}): Webhook => ({
  name: 'maps.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  failurePolicy: 'Fail',
  timeoutSeconds: 10,
  clientConfig: { url },
  rules,
  ...change,
})

/** @param answer the body, or what of a review to answer with */
function asked(answer: string | object, webhook = hook(), request: Asked = {}, isMutating = false) {
  const sent: HttpRequest[] = []
  const outgoing: Outgoing = {
    ask(_, given) {
      sent.push(given)
      const { uid } = JSON.parse(given.body!).request
      const whole = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid, ...Object(answer) } }
      const body = typeof answer === 'string' ? answer : JSON.stringify(whole)
      return {
        ok: true,
        tookMs: 1,
        hops: [],
        response: { status: 200, headers: { 'Content-Type': 'application/json' }, body },
      }
    },
    failure: () => undefined,
    pick: ([first]) => first,
    uid: () => 'u-1',
  }
  const kind = isMutating ? mutatingWebhookConfigurations : validatingWebhookConfigurations
  const plugin = isMutating ? mutatingAdmissionWebhook : validatingAdmissionWebhook
  const configuration = { metadata: { name: 'c' }, webhooks: [webhook] }
  const object = { metadata: { name: 'm' }, data: { a: 'b' } }
  const result = ask(plugin, configMaps, { object, ...request }, [[kind, [configuration]]], { outgoing })
  return { ...result, sent }
}

const failed = (why: string) => `Internal error occurred: failed calling webhook "maps.example.com": ${why}`
const review = (response: object, more = {}) =>
  JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response, ...more })

const answers: readonly [string, string | object, string | undefined][] = [
  ['yes', { allowed: true }, undefined],
  ['no', { allowed: false }, 'admission webhook "maps.example.com" denied the request without explanation'],
  [
    'no, and why',
    { allowed: false, status: { message: 'too many', reason: 'Invalid', code: 422 } },
    'admission webhook "maps.example.com" denied the request: too many',
  ],
  [
    'nothing',
    '',
    failed('failed to call webhook: 0-length response with status code: 200 and content type: application/json'),
  ],
  [
    'no JSON',
    'oops',
    failed(
      "failed to call webhook: couldn't get version/kind; json parse error: invalid character 'o' looking for beginning of value",
    ),
  ],
  ['no kind', '{"a":1}', failed(`failed to call webhook: Object 'Kind' is missing in '{"a":1}'`)],
  [
    'no response',
    JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' }),
    failed('received invalid webhook response: webhook response was absent'),
  ],
  [
    'the uid of another review',
    review({ uid: 'other', allowed: true }),
    failed('received invalid webhook response: expected response.uid="u-1", got "other"'),
  ],
  [
    'a patch of a validating webhook',
    { allowed: true, patch: encodeBase64Text('[]'), patchType: 'JSONPatch' },
    failed('received invalid webhook response: validating webhook may not return response.patch'),
  ],
]

for (const [name, answer, want] of answers)
  test(`a webhook that answers ${name}`, () => assert.equal(asked(answer).refusal, want))

test('failures of a webhook that may fail are passed over, a refusal is not', () => {
  const lenient = hook({ failurePolicy: 'Ignore' })
  assert.equal(asked('oops', lenient).refusal, undefined)
  assert.match(asked({ allowed: false }, lenient).refusal ?? '', /denied the request/)
})

test('the review says what is asked for, by whom, and as what', () => {
  const { sent, warnings } = asked({ allowed: true, warnings: ['careful'] })
  const { request } = JSON.parse(sent[0].body!)
  assert.deepEqual(
    [sent[0].method, sent[0].path, sent[0].host, sent[0].verifies],
    ['POST', '/check?timeout=10s', 'hook.example.com', true],
  )
  assert.deepEqual(request.kind, { group: '', version: 'v1', kind: 'ConfigMap' })
  assert.deepEqual(request.resource, { group: '', version: 'v1', resource: 'configmaps' })
  assert.deepEqual(
    [request.uid, request.name, request.namespace, request.operation, request.dryRun, request.oldObject],
    ['u-1', 'm', 'ns', 'CREATE', false, null],
  )
  assert.deepEqual([request.object.kind, request.object.data], ['ConfigMap', { a: 'b' }])
  assert.equal(request.options.kind, 'CreateOptions')
  assert.deepEqual(warnings, ['careful'])
})

test('a webhook is asked only about what its rules, selectors and conditions name', () => {
  const count = (change: Partial<Webhook>, request: Asked = {}) =>
    asked({ allowed: true }, hook(change), request).sent.length
  assert.equal(count({ rules: [] }), 0)
  assert.equal(count({ rules: [{ ...rules[0], resources: ['configmaps/status'] }] }), 0)
  assert.equal(count({ objectSelector: { matchLabels: { a: 'b' } } }), 0)
  assert.equal(count({ matchConditions: [{ name: 'a', expression: 'object.data.a == "c"' }] }), 0)
  assert.equal(count({ matchConditions: [{ name: 'a', expression: 'object.data.a == "b"' }] }), 1)
  const broken = [{ name: 'a', expression: 'object.missing == 1' }]
  assert.equal(count({ matchConditions: broken, failurePolicy: 'Ignore' }), 0)
  assert.equal(
    asked({ allowed: true }, hook({ matchConditions: broken })).refusal,
    `configmaps "m" is forbidden: expression 'object.missing == 1' resulted in error: no such key: missing`,
  )
})

test('a dry run is refused where a webhook would leave something behind', () => {
  const some = hook({ sideEffects: 'Some' })
  assert.equal(
    asked({ allowed: true }, some, { isDryRun: true }).refusal,
    'admission webhook "maps.example.com" does not support dry run',
  )
  assert.equal(asked({ allowed: true }, hook({ sideEffects: 'NoneOnDryRun' }), { isDryRun: true }).refusal, undefined)
})

test('a mutating webhook changes the object by its patch, which has to fit', () => {
  const patched = (patch: unknown, change: Partial<Webhook> = {}) => {
    const text = typeof patch === 'string' ? patch : JSON.stringify(patch)
    return asked({ allowed: true, patch: encodeBase64Text(text), patchType: 'JSONPatch' }, hook(change), {}, true)
  }
  assert.deepEqual(patched([{ op: 'add', path: '/data/c', value: 'd' }]).object.data, { a: 'b', c: 'd' })
  assert.equal(
    patched('oops').refusal,
    failed("received undecodable patch in webhook response: invalid character 'o' looking for beginning of value"),
  )
  // That it does not fit is no failure that a policy passes over.
  assert.match(
    patched([{ op: 'remove', path: '/data/x' }], { failurePolicy: 'Ignore' }).refusal ?? '',
    /^Internal error occurred: .*data\/x/,
  )
  assert.match(patched([{ op: 'replace', path: '/data', value: 7 }]).refusal ?? '', /^Internal error occurred: /)
})
