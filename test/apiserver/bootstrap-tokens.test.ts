// Whom the API server takes the owner of a bootstrap token for, and when it takes them for nobody.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Secret } from '../../sim/api/core/types.ts'
import { encodeBase64Text } from '../../sim/api/meta/base64.ts'
import { isTokenOf, secretOfToken, userOfBootstrapToken } from '../../sim/apiserver/bootstrap-tokens.ts'

const token = 'abcdef.0123456789abcdef'
const now = Date.UTC(2026, 0, 1)
const usual = {
  'token-id': 'abcdef',
  'token-secret': '0123456789abcdef',
  'usage-bootstrap-authentication': 'true',
  'usage-bootstrap-signing': 'true',
  'auth-extra-groups': 'system:bootstrappers:b,system:bootstrappers:a',
}

const secretWith = (fields: Readonly<Record<string, string>>, over: Partial<Secret> = {}): Secret =>
  ({
    metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, encodeBase64Text(text)])),
    ...over,
  }) as Secret

const userWith = (secret: Secret | undefined, shown = token) => userOfBootstrapToken(shown, () => secret, now)

test('who shows it is known by its id, and is in its groups', () => {
  assert.deepEqual(userWith(secretWith(usual)), {
    name: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:b', 'system:authenticated'],
  })
  assert.deepEqual(secretOfToken(token), { namespace: 'kube-system', name: 'bootstrap-token-abcdef' })
})

const nobody: Readonly<Record<string, Secret | undefined>> = {
  'there is no such Secret': undefined,
  'its Secret says another word': secretWith({ ...usual, 'token-secret': '0000000000000000' }),
  'its Secret is of another id': secretWith({ ...usual, 'token-id': 'fedcba' }),
  'its Secret is of another type': secretWith(usual, { type: 'Opaque' }),
  'it has expired': secretWith({ ...usual, expiration: new Date(now).toISOString() }),
  'its expiration is no time': secretWith({ ...usual, expiration: 'tomorrow' }),
  'it is not for authentication': secretWith({ ...usual, 'usage-bootstrap-authentication': 'false' }),
  'a group is not one of those that bootstrap': secretWith({ ...usual, 'auth-extra-groups': 'system:masters' }),
  'its Secret is about to go': secretWith(usual, {
    metadata: { name: 'bootstrap-token-abcdef', deletionTimestamp: '2026-01-01T00:00:00Z' } as Secret['metadata'],
  }),
}

for (const [about, secret] of Object.entries(nobody))
  test(`nobody, where ${about}`, () => assert.equal(userWith(secret), undefined))

test('what has another form is no bootstrap token', () => {
  for (const text of ['', 'abcdef', 'ABCDEF.0123456789abcdef', 'abcdef.0123456789abcde', `${token}.x`, ` ${token}`])
    assert.equal(secretOfToken(text), undefined, text)
})

test('signing is another use than to prove who one is', () => {
  const only = secretWith({ ...usual, 'usage-bootstrap-authentication': 'false', expiration: '2026-01-02T00:00:00Z' })
  assert.equal(isTokenOf(only, token, 'signing', now), true)
  assert.equal(isTokenOf(only, token, 'authentication', now), false)
})
