/** Broken certificates, requests and keys: openssl says that it cannot read them, or shows what it can, and nothing is thrown. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom, type Random } from '../../../sim/engine/random.ts'
import { readPem, writePem } from '../../../sim/pki/pem.ts'
import { fixture, simulated } from './recorded.ts'

/** One to four of its bytes changed, left out or put in, or its end cut off. */
function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let all = [...bytes]
  for (let left = random.int(1, 4); left > 0; left--) {
    const at = random.int(0, all.length - 1)
    const kind = random.int(0, 5)
    if (kind === 0) all[at] = random.int(0, 255)
    else if (kind === 1) all[at] = random.pick([0, 0x80, 0xff, 0x84, 0x30, 0x02])
    else if (kind === 2) all[at] ^= 1 << random.int(0, 7)
    else if (kind === 3) all.splice(at, random.int(1, 20))
    else if (kind === 4) all.splice(at, 0, random.int(0, 255), random.int(0, 255))
    else all = all.slice(0, at + 1)
  }
  return Uint8Array.from(all)
}

const lines: Readonly<Record<string, string>> = {
  CERTIFICATE:
    'openssl x509 -in m -noout -text -modulus -fingerprint -ext subjectAltName -pubkey -serial; openssl verify -CAfile m ca.crt; openssl verify -CAfile ca.crt m; openssl verify -partial_chain -show_chain -CAfile m m; openssl x509 -req -in leaf.csr -CA m -CAkey ca.key -set_serial 1 -extfile i.cnf',
  'CERTIFICATE REQUEST':
    'openssl req -in m -noout -text -verify -pubkey -modulus; openssl x509 -req -in m -CA ca.crt -CAkey ca.key -copy_extensions copy -out q && openssl x509 -in q -noout -text',
  'PRIVATE KEY':
    'openssl rsa -in m -check -modulus -pubout; openssl pkey -in m -check; openssl req -new -key m -subj /CN=x | openssl req -noout -text',
}

test('mutated files end in words', () => {
  const random = createRandom('hostile', 'openssl')
  for (let n = 0; n < 150; n++) {
    const name = random.pick(['ca.crt', 'server.crt', 'ec.crt', 'ed.crt', 'san.csr', 'leaf.csr', 'ca.key'])
    const [{ type, bytes }] = readPem(fixture(name))
    const { out, err, status } = simulated(lines[type], { m: writePem(type, mutated(bytes, random)) })
    assert.ok(status >= 0 && status <= 2, `${name} ${n}`)
    assert.doesNotMatch(out + err, /undefined|NaN|\[object/)
  }
})

/** A sequence in a sequence, so often. */
function nested(depth: number): number[] {
  let bytes = [0x30, 0]
  for (let n = 0; n < depth; n++) bytes = [0x30, 0x82, bytes.length >> 8, bytes.length & 255, ...bytes]
  return bytes
}

const begin = '-----BEGIN CERTIFICATE-----\n'
const texts: Readonly<Record<string, string>> = {
  'white space without end': begin + ' \n'.repeat(300_000),
  'beginnings without end': begin.repeat(20_000),
  'a long name of a block': `-----BEGIN ${'A'.repeat(500_000)}`,
  'deep nesting': writePem('CERTIFICATE', nested(3000)),
  'lengths beyond the end': String.fromCharCode(0x30, 0x7f).repeat(100_000),
  'a length of 4 GiB': writePem('CERTIFICATE', [0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0]),
  'no length': writePem('CERTIFICATE', [0x30]),
}

test('hostile texts end in words', () => {
  for (const [what, text] of Object.entries(texts)) {
    const { out, err, status } = simulated('openssl x509 -in m -noout -text', { m: text })
    assert.deepEqual({ what, out, status }, { what, out: '', status: 1 })
    assert.match(err, /^Could not read certificate from m\n(?:.*\n)?Unable to load certificate\n$/)
  }
})

test('a crowd of authorities is searched in time', () => {
  const { out } = simulated('openssl verify -attime 1795651200 -CAfile m api.crt', {
    m: fixture('rootA.crt').repeat(300) + fixture('ca.crt'),
  })
  assert.equal(out, 'api.crt: OK\n')
})
