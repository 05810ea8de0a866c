/** A cluster over TLS: whom it believes, and as whom. */
import assert from 'node:assert/strict'
import { createPublicKey, createSign, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createTlsServer, drawAuthorityKey } from '../../scripts/sandbox/tls-server.ts'
import type { ClientTrust } from '../../server/kubernetes-api/kubeconfig.ts'
import { LiveSandbox, realWall } from '../../server/labs/sandboxes/live-sandbox.ts'
import { createCluster, issueCertificate, replayCluster, writeName } from '../../sim/index.ts'
import { TAG, writeDer, writeOid } from '../../sim/pki/der.ts'
import { writePem } from '../../sim/pki/pem.ts'

const options = { seed: 'tls', shape: { nodes: [{ name: 'node-1' }] }, authorityKey: drawAuthorityKey() }
const nowMs = Date.now()
const sandbox = new LiveSandbox(
  { options: { ...options, startEpochMs: nowMs }, log: [], clock: { speed: 1, wallMs: nowMs, virtualMs: 0 } },
  realWall,
)
const errors: unknown[] = []
const { server, admin } = createTlsServer({
  cluster: sandbox.cluster,
  ask: (asked) => sandbox.request(asked),
  onError: (error) => errors.push(error),
})
let port = 0

before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
})
after(() => {
  sandbox.close()
  server.close()
  server.closeAllConnections()
  assert.deepEqual(errors, [])
})

interface Asked {
  certificate?: string
  key?: string
  token?: string
  method?: string
  body?: unknown
}

/** Trusts the cluster's authority alone. */
function ask(path: string, { certificate, key, token, method = 'GET', body }: Asked = {}) {
  return new Promise<{ status: number; text: string }>((done, failed) => {
    const req = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        ca: admin.authority,
        cert: certificate,
        key,
        agent: false,
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
      (res) => {
        let text = ''
        res.setEncoding('utf8').on('data', (part) => {
          text += part
        })
        res.on('end', () => done({ status: res.statusCode!, text }))
      },
    )
    req.on('error', failed)
    req.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

const asAdmin = ({ certificate, key }: ClientTrust = admin) => ({ certificate, key })
const pods = '/api/v1/namespaces/default/pods'
const whoAmI = (asked: Asked) =>
  ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    ...asked,
    method: 'POST',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  })
const userIn = ({ text }: { text: string }): { username: string; groups: string[] } => JSON.parse(text).status.userInfo

async function tokenOfDefault(): Promise<string> {
  const { text } = await ask('/api/v1/namespaces/default/serviceaccounts/default/token', {
    ...asAdmin(),
    method: 'POST',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  })
  return JSON.parse(text).status.token
}

const keyPair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    privateKey,
    pem: privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
    der: publicKey.export({ type: 'spki', format: 'der' }),
  }
}

test('its certificate is signed by the authority that the kubeconfig and the cluster name', async () => {
  const authority = new X509Certificate(admin.authority)
  assert.ok(authority.verify(authority.publicKey))
  assert.equal(authority.subject, 'CN=kubernetes')
  assert.ok(
    new X509Certificate(admin.certificate).verify(
      createPublicKey(authority.publicKey.export({ type: 'spki', format: 'pem' })),
    ),
  )
  // The connection itself is refused where it is not.
  assert.equal((await ask('/readyz')).text, 'ok')
  const { text } = await ask('/api/v1/namespaces/default/configmaps/kube-root-ca.crt', asAdmin())
  assert.equal(JSON.parse(text).data['ca.crt'], admin.authority)
})

test('the administrator is who has its certificate', async () => {
  assert.equal((await ask(pods, asAdmin())).status, 200)
  assert.deepEqual(userIn(await whoAmI(asAdmin())).groups, ['kubeadm:cluster-admins', 'system:authenticated'])
})

test('who shows nothing is anonymous', async () => {
  assert.equal((await ask('/version')).status, 200)
  const { status, text } = await ask(pods)
  assert.equal(status, 403)
  assert.match(text, /User \\"system:anonymous\\" cannot list resource \\"pods\\"/)
})

test('a token counts, and one that is none is refused', async () => {
  const token = await tokenOfDefault()
  assert.equal(userIn(await whoAmI({ token })).username, 'system:serviceaccount:default:default')
  assert.equal((await ask(pods, { token: 'nonsense' })).status, 401)
})

test('a certificate counts before a token', async () => {
  const token = await tokenOfDefault()
  assert.equal(userIn(await whoAmI({ ...asAdmin(), token })).username, 'kubernetes-admin')
})

test('a certificate that another one signed is nobody’s, whatever it says; a token beside it counts', async () => {
  const { pem, der } = keyPair()
  const { name, publicKey } = sandbox.cluster.server.authority
  const stranger = {
    subject: writeName('kubernetes-admin', ['system:masters']),
    publicKey: der,
    seed: 'x',
    serialBytes: 8,
  }
  const times = { notBeforeMs: nowMs - 60_000, notAfterMs: nowMs + 3_600_000 }
  // With the authority's name and key identifier, but without its key.
  const forged = issueCertificate({ ...stranger, ...times, issuer: { name, publicKey }, usages: ['client auth'] })
  assert.equal((await ask(pods, { certificate: forged, key: pem })).status, 401)
  const token = await tokenOfDefault()
  assert.equal(
    userIn(await whoAmI({ certificate: forged, key: pem, token })).username,
    'system:serviceaccount:default:default',
  )
})

test('a signing request that is approved makes a certificate that counts, and that openssl would verify', async () => {
  const { pem, der, privateKey } = keyPair()
  const info = writeDer(TAG.sequence, writeDer(TAG.integer, [0]), writeName('jane', ['devs']), [...der], writeDer(0xa0))
  const signature = createSign('sha256').update(Uint8Array.from(info)).sign(privateKey)
  const algorithm = writeDer(TAG.sequence, writeOid('1.2.840.113549.1.1.11'), writeDer(TAG.null))
  const csr = writePem(
    'CERTIFICATE REQUEST',
    writeDer(TAG.sequence, info, algorithm, writeDer(TAG.bits, [0], [...signature])),
  )
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
  const made = await ask(path, {
    ...asAdmin(),
    method: 'POST',
    body: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'jane' },
      spec: {
        request: Buffer.from(csr).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
      },
    },
  })
  assert.equal(made.status, 201, made.text)
  const object = JSON.parse(made.text)
  object.status = { conditions: [{ type: 'Approved', status: 'True', reason: 'Test' }] }
  assert.equal((await ask(`${path}/jane/approval`, { ...asAdmin(), method: 'PUT', body: object })).status, 200)
  let certificate = ''
  for (let n = 0; n < 50 && certificate === ''; n++) {
    await new Promise((done) => setTimeout(done, 100))
    const { text } = await ask(`${path}/jane`, asAdmin())
    certificate = Buffer.from(JSON.parse(text).status.certificate ?? '', 'base64').toString()
  }
  assert.ok(new X509Certificate(certificate).verify(new X509Certificate(admin.authority).publicKey))
  const jane = { certificate, key: pem }
  assert.deepEqual(userIn(await whoAmI(jane)), { username: 'jane', groups: ['devs', 'system:authenticated'] })
  const write = await ask(pods, { ...jane, method: 'POST', body: { apiVersion: 'v1', kind: 'Pod' } })
  assert.equal(write.status, 403)
})

test('a replay of its log has the same hash: who came with what is in it', () => {
  const { log } = sandbox.cluster
  assert.ok(log.some(({ command }) => command.op === 'request' && command.tls?.certificate))
  const again = replayCluster({ ...options, startEpochMs: nowMs }, log, sandbox.cluster.nowMs)
  assert.equal(again.stateHash(), sandbox.cluster.stateHash())
})

test('a key that is no RSA key is refused in words', () => {
  assert.throws(() => createCluster({ ...options, authorityKey: 'nonsense' }), /no RSA key in PEM/)
})
