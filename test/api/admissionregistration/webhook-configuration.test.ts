import assert from 'node:assert/strict'
import test from 'node:test'
import type { WebhookConfiguration } from '../../../sim/api/admissionregistration/types.ts'
import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from '../../../sim/api/admissionregistration/webhook-configuration.ts'
import { messageOf } from '../../../sim/api/meta/field-error.ts'

const base = {
  name: 'pods.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { service: { namespace: 'default', name: 'hook' } },
}

function errorsOf(change: object, kind = validatingWebhookConfigurations): string[] {
  const configuration = {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name: 'w' },
    webhooks: [structuredClone({ ...base, ...change })],
  } as unknown as WebhookConfiguration
  kind.applyDefaults(configuration)
  return kind.validate(configuration).map(messageOf)
}

const cases: readonly [string, object, string[]][] = [
  ['what is right', {}, []],
  [
    'a name of two segments',
    { name: 'a.b' },
    ['webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots'],
  ],
  ['no name', { name: '' }, ['webhooks[0].name: Required value']],
  [
    'the same version twice',
    { admissionReviewVersions: ['v1', 'v1'] },
    ['webhooks[0].admissionReviewVersions[1]: Invalid value: "v1": duplicate version'],
  ],
  [
    'an address that is no URL',
    { clientConfig: { url: 'https://a b/' } },
    [
      'webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "https://a b/": invalid character " " in host name; desired format: https://host[/path]',
    ],
  ],
  [
    'user and fragment in an address',
    { clientConfig: { url: 'https://me@host/x#y' } },
    [
      'webhooks[0].clientConfig.url: Invalid value: "me": user information is not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "y": fragments are not permitted in the URL',
    ],
  ],
  [
    'a condition that reads params',
    { matchConditions: [{ name: 'a', expression: 'params.x == 1' }] },
    [
      `webhooks[0].matchConditions[0].expression: Invalid value: "params.x == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x == 1\n | ^`,
    ],
  ],
]

for (const [name, change, want] of cases)
  test(`a webhook with ${name} is validated`, () => assert.deepEqual(errorsOf(change), want))

test('defaults are those of the server, and only a mutating webhook may be asked again', () => {
  const made = (kind: typeof validatingWebhookConfigurations) => {
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }]
    const configuration = { webhooks: [structuredClone({ ...base, rules })] } as unknown as WebhookConfiguration
    kind.applyDefaults(configuration)
    return configuration.webhooks![0]
  }
  const { failurePolicy, matchPolicy, timeoutSeconds, rules, clientConfig } = made(validatingWebhookConfigurations)
  assert.deepEqual(
    [failurePolicy, matchPolicy, timeoutSeconds, rules?.[0].scope, clientConfig.service?.port],
    ['Fail', 'Equivalent', 10, '*', 443],
  )
  assert.equal(made(validatingWebhookConfigurations).reinvocationPolicy, undefined)
  assert.equal(made(mutatingWebhookConfigurations).reinvocationPolicy, 'Never')
})
