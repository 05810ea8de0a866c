/** Keys, requests and certificates that the simulated openssl makes: the cluster takes them, and so does the real one in shape. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBase64Text } from '../../../sim/api/meta/base64.ts'
import { findImage } from '../../../sim/images/registry.ts'
import { programPaths } from '../../../sim/node-shell/registry.ts'
import { parseCertificateRequest } from '../../../sim/pki/request.ts'
import { hasReal, real, simulated } from './recorded.ts'

const signs = 'openssl x509 -req -in x.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out x.crt -days 365'
const asks = 'openssl genrsa -out x.key 2048 && openssl req -new -key x.key -subj "/CN=jane/O=dev/O=ops" -out x.csr'

test('a request made here is one for the API server', () => {
  const request = parseCertificateRequest(encodeBase64Text(simulated(asks).read('x.csr')))
  assert.ok(typeof request !== 'string')
  assert.equal(request.commonName, 'jane')
  assert.deepEqual(request.organizations, ['dev', 'ops'])
})

test('what an authority signs here, it vouches for, and another does not', () => {
  const { out, err, status } = simulated(
    `${asks} && ${signs} && openssl verify -CAfile ca.crt x.crt && openssl x509 -in x.crt -noout -subject -issuer -dates && openssl verify -CAfile rootA.crt x.crt`,
  )
  assert.equal(
    out,
    'x.crt: OK\nsubject=CN = jane, O = dev, O = ops\nissuer=CN = kubernetes\nnotBefore=Nov 26 00:00:00 2026 GMT\nnotAfter=Nov 26 00:00:00 2027 GMT\n',
  )
  assert.equal(
    err,
    'Certificate request self-signature ok\nsubject=CN = jane, O = dev, O = ops\nCN = jane, O = dev, O = ops\nerror 20 at 0 depth lookup: unable to get local issuer certificate\nerror x.crt: verification failed\n',
  )
  assert.equal(status, 2)
})

test('a certificate outlives its time, and another authority of the same name has not signed it', () => {
  const other =
    'openssl req -x509 -newkey rsa:2048 -nodes -keyout o.key -out o.crt -subj /CN=root -config nox.cnf 2>/dev/null'
  const { err } = simulated(
    `${other}; ${asks}; openssl x509 -req -in x.csr -CA rootA.crt -CAkey ca.key -out x.crt -days 1 2>/dev/null; openssl verify -attime 1795910400 -CAfile rootA.crt x.crt; openssl verify -CAfile o.crt x.crt 2>&1 | head -3 >&2`,
  )
  assert.equal(
    err,
    'CN = jane, O = dev, O = ops\nerror 10 at 0 depth lookup: certificate has expired\nerror x.crt: verification failed\nCN = jane, O = dev, O = ops\nerror 7 at 0 depth lookup: certificate signature failure\nerror x.crt: verification failed\n',
  )
})

test('a key, its request and its certificate have one modulus', () => {
  const { out } = simulated(
    `${asks}; ${signs}; for what in "rsa -in x.key" "req -in x.csr" "x509 -in x.crt"; do openssl $what -noout -modulus | openssl md5; done | sort -u | wc -l; stat -c %a x.key x.crt`,
  )
  assert.equal(out, '1\n600\n644\n')
})

test('a certificate that signs itself, as documentation makes it', () => {
  const { out, status } = simulated(
    'openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -days 365 -subj "/CN=web.example.com" -addext "subjectAltName=DNS:web.example.com" 2>/dev/null && openssl x509 -in tls.crt -noout -subject -ext subjectAltName,basicConstraints && openssl verify -CAfile tls.crt tls.crt && head -1 tls.key',
  )
  assert.equal(
    out,
    'subject=CN = web.example.com\nX509v3 Basic Constraints: critical\n    CA:TRUE\nX509v3 Subject Alternative Name: \n    DNS:web.example.com\ntls.crt: OK\n-----BEGIN PRIVATE KEY-----\n',
  )
  assert.equal(status, 0)
})

test('the same run draws the same key, and two keys of a run differ', () => {
  const [one, other] = [simulated('openssl genrsa -out a; openssl genrsa -out b'), simulated('openssl genrsa -out a')]
  assert.equal(one.read('a'), other.read('a'))
  assert.notEqual(one.read('a'), one.read('b'))
})

test('random bytes have the length that is asked for', () => {
  const { out } = simulated(
    'openssl rand -hex 8 | wc -c; openssl rand -base64 50 | wc -l; openssl rand 7 | wc -c; openssl rand -hex 300 | tr -d "0-9a-f"',
  )
  assert.equal(out, '17\n2\n7\n\n')
})

test('the real one reads what is made here', { skip: !hasReal && 'there is no openssl 3.0' }, () => {
  const made = simulated(
    `${asks} -addext "subjectAltName=DNS:a,IP:10.0.0.1"; ${signs} -copy_extensions copy 2>/dev/null`,
  )
  const files = Object.fromEntries(['x.key', 'x.csr', 'x.crt'].map((name) => [name, made.read(name)]))
  for (const line of [
    'openssl req -in x.csr -noout -text',
    'openssl x509 -in x.crt -noout -text -fingerprint -serial',
    'openssl pkey -in x.key -pubout',
    'openssl rsa -in x.key -traditional',
    'openssl x509 -in x.crt -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256',
  ]) {
    const { read: _, ...printed } = simulated(line, files)
    assert.deepEqual({ line, ...printed }, { line, ...real(line, files) })
  }
})

test('it is on nodes and in the images that have it, and in no others', () => {
  const path = '/usr/bin/openssl'
  assert.ok(programPaths.includes(path))
  const has = (image: string): boolean => Object.hasOwn(findImage(image)!.programs, path)
  assert.deepEqual(['nicolaka/netshoot:latest', 'nginx:1.27', 'debian:12', 'alpine:3.20', 'busybox:1.36'].map(has), [
    true,
    true,
    false,
    false,
    false,
  ])
})

const refusals: Readonly<Record<string, string>> = {
  'openssl s_client -connect 127.0.0.1:6443': 's_client',
  'openssl ecparam -name prime256v1 -genkey': 'ecparam',
  'openssl x509 -in ca.crt -noout -purpose': 'x509 -purpose',
  'openssl x509 -in ca.crt -noout -certopt no_pubkey': 'x509 -certopt',
  'openssl rsa -in ca.key -noout -text': 'rsa -text',
  'openssl rsa -in ca.key -aes256': 'rsa -aes256',
  'openssl pkey -in ec.key -pubout': 'pkey with a key that is not of RSA',
  'openssl genpkey -algorithm ED25519': 'genpkey -algorithm ED25519',
  'openssl req -new -key ca.key': 'req without -subj: it would ask for a name',
  'openssl req -newkey rsa:2048 -subj /CN=x': 'req without -nodes: a key behind a pass phrase',
  'openssl dgst -sha512 text': 'dgst -sha512',
  'openssl verify -x509_strict -CAfile ca.crt ca.crt': 'verify -x509_strict',
  'openssl version -a': 'version -a',
}

test('what is not simulated is refused in a line', () => {
  for (const [line, what] of Object.entries(refusals)) {
    const { out, err, status } = simulated(line)
    assert.deepEqual(
      { line, out, err, status },
      { line, out: '', err: `podium: openssl ${what} is not simulated\n`, status: 1 },
    )
  }
})

test('a signature that is not computed is refused, not taken', () => {
  const { out, err, status } = simulated('openssl verify -CAfile ec.crt ecleaf.crt')
  assert.deepEqual(
    { out, err, status },
    { out: '', err: 'podium: openssl verify of a signature with ecdsa-with-SHA256 is not simulated\n', status: 1 },
  )
})
