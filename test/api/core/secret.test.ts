import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secrets } from '../../../sim/api/core/secret.ts'
import type { Secret } from '../../../sim/api/core/types.ts'
import { encodeBase64Text } from '../../../sim/api/meta/base64.ts'
import { authorityOf } from '../../../sim/pki/authority.ts'

const [one, other] = [authorityOf('one', 0), authorityOf('other', 0)]
const ofElliptic = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA==\n-----END EC PRIVATE KEY-----\n'

for (const { what, certificate, key, type = 'kubernetes.io/tls', says } of [
  { what: 'a certificate and its key', certificate: one.certificate, key: one.privateKey, says: [] },
  {
    what: 'a certificate and the key of another',
    certificate: one.certificate,
    key: other.privateKey,
    says: ['tls: private key does not match public key'],
  },
  {
    what: 'words',
    certificate: 'a',
    key: 'b',
    says: ['tls: failed to find any PEM data in certificate input'],
  },
  {
    what: 'the two in each other’s place',
    certificate: one.privateKey,
    key: one.certificate,
    says: [
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ],
  },
  { what: 'a key that is no RSA key, which is not read', certificate: one.certificate, key: ofElliptic, says: [] },
  { what: 'words in a Secret of another type', certificate: 'a', key: 'b', type: 'Opaque', says: [] },
])
  test(`a TLS Secret warns of a pair that does not fit: ${what}`, () => {
    const data = { 'tls.crt': encodeBase64Text(certificate), 'tls.key': encodeBase64Text(key) }
    assert.deepEqual(secrets.warnings!({ type, data } as unknown as Secret, undefined), says)
  })

test('a million bytes that are no text are refused in words, as a few are', () => {
  const dockerConfig = (bytes: number): Secret => {
    const data = { '.dockerconfigjson': Buffer.alloc(bytes, 0xff).toString('base64') }
    const metadata = { name: 'pull', namespace: 'default' }
    return { metadata, type: 'kubernetes.io/dockerconfigjson', data } as unknown as Secret
  }
  const [fault] = secrets.validate(dockerConfig(3))
  assert.match(fault!.body, /^Invalid value: "<secret contents redacted>": invalid character /)
  assert.deepEqual(secrets.validate(dockerConfig(1_000_000)), [fault])
})
