/**
 * Certificate signing requests: asked for, decided on, signed.
 * Sources: kubernetes/test/e2e/auth/certificates.go, kubernetes/pkg/apis/certificates/validation
 */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import type { LiveCluster } from '../../../sim/index.ts'
import { ofJane, ofMaster } from '../../api/certificates/requests.ts'
import { ask, smallCluster, watch } from '../ask.ts'

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const MERGE = { 'content-type': 'application/merge-patch+json' }
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const usages = ['digital signature', 'client auth']
const csr = (spec: Record<string, unknown> = {}, name = 'jane') => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: { request: base64(ofJane), signerName: 'kubernetes.io/kube-apiserver-client', usages, ...spec },
})
const condition = (type: string) => ({ type, status: 'True', reason: 'Tested', message: 'by a test' })
const approve = (cluster: LiveCluster, type = 'Approved', headers = {}) =>
  ask(
    cluster,
    'PATCH',
    `${PATH}/jane/approval`,
    { status: { conditions: [condition(type)] } },
    { ...MERGE, ...headers },
  )

test('what was approved is signed, for whom and as long as was asked', () => {
  const cluster = smallCluster()
  const created = ask(cluster, 'POST', PATH, csr({ username: 'somebody', expirationSeconds: 3600 }))
  assert.equal(created.status, 201, JSON.stringify(created.body))
  assert.equal(created.body.spec.username, 'kubernetes-admin', 'who asked is what the server says')
  const told = watch(cluster, `${PATH}?watch=true&fieldSelector=metadata.name%3Djane`)
  cluster.advance(10_000)
  assert.equal(ask(cluster, 'GET', `${PATH}/jane`).body.status.certificate, undefined, 'not before')

  const approved = approve(cluster)
  assert.equal(approved.status, 200, JSON.stringify(approved.body))
  assert.ok(approved.body.status.conditions[0].lastTransitionTime)
  cluster.advance(10_000)
  const { body } = ask(cluster, 'GET', `${PATH}/jane/status`)
  const certificate = new X509Certificate(Buffer.from(body.status.certificate, 'base64'))
  assert.equal(certificate.subject, 'O=dev\nCN=jane')
  assert.equal(certificate.issuer, 'CN=kubernetes')
  assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 3_600_000)
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2'])
  assert.deepEqual(
    told.events.map(({ type }) => type),
    ['ADDED', 'MODIFIED', 'MODIFIED'],
  )
})

test('approval and status are parts of their own', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', PATH, csr({ signerName: 'example.com/mine' }))
  const whole = ask(cluster, 'GET', `${PATH}/jane`).body
  const put = (part: string, status: object) =>
    ask(cluster, 'PUT', `${PATH}/jane${part}`, { ...whole, metadata: { name: 'jane' }, status })
  assert.deepEqual(put('', { conditions: [condition('Approved')], certificate: base64('x') }).body.status, {})
  assert.deepEqual(put('/status', { conditions: [condition('Approved')] }).body.status, {}, 'status decides nothing')
  assert.equal(
    put('/approval', { conditions: [condition('Approved')], certificate: base64('x') }).body.status.certificate,
    undefined,
  )
  const signed = put('/status', { certificate: base64(ofJane), conditions: [condition('Failed')] })
  assert.deepEqual(
    signed.body.status.conditions.map(({ type }: { type: string }) => type),
    ['Approved', 'Failed'],
  )
  const spec = ask(cluster, 'PATCH', `${PATH}/jane`, { spec: { signerName: 'example.com/other' } }, MERGE)
  assert.equal(spec.body.spec.signerName, 'example.com/mine', 'what was asked stays')
  assert.equal(put('/approval', { conditions: [] }).status, 422, 'what was decided stays')
  assert.equal(ask(cluster, 'DELETE', PATH).status, 200)
  assert.equal(ask(cluster, 'GET', `${PATH}/jane`).status, 404)
})

const REFUSED: readonly [Record<string, unknown>, string][] = [
  [{ request: base64('x') }, 'PEM block type must be CERTIFICATE REQUEST'],
  [
    { request: base64('-----BEGIN CERTIFICATE REQUEST-----\nA=A=\n-----END CERTIFICATE REQUEST-----\n') },
    'PEM block type must be CERTIFICATE REQUEST',
  ],
  [{ usages: [] }, 'spec.usages: Required value'],
  [{ usages: ['client auth', 'client auth'] }, 'spec.usages[1]: Duplicate value: "client auth"'],
  [{ usages: ['fly'] }, 'spec.usages[0]: Unsupported value: "fly"'],
  [{ signerName: '' }, 'spec.signerName: Required value'],
  [{ signerName: 'plain' }, "must be a fully qualified domain and path of the form 'example.com/signer-name'"],
  [{ signerName: 'kubernetes.io/legacy-unknown' }, 'the legacy signerName is not allowed via this API version'],
  [{ expirationSeconds: 60 }, 'may not specify a duration less than 600 seconds (10 minutes)'],
]

test('what cannot be signed is refused', () => {
  const cluster = smallCluster()
  for (const [spec, why] of REFUSED) {
    const { status, body } = ask(cluster, 'POST', PATH, csr(spec))
    assert.equal(status, 422, why)
    assert.ok(body.message.includes(why), body.message)
  }
  const masters = ask(cluster, 'POST', PATH, csr({ request: base64(ofMaster) }))
  assert.equal(masters.status, 403)
  assert.match(
    masters.body.message,
    /use of kubernetes\.io\/kube-apiserver-client signer with system:masters group is not allowed$/,
  )
})

test('one is approved or denied, not both', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', PATH, csr())
  assert.equal(approve(cluster, 'Denied').status, 200)
  const both = ask(
    cluster,
    'PATCH',
    `${PATH}/jane/approval`,
    { status: { conditions: [condition('Denied'), condition('Approved')] } },
    MERGE,
  )
  assert.match(both.body.message, /Approved and Denied conditions are mutually exclusive/)
  cluster.advance(10_000)
  assert.equal(ask(cluster, 'GET', `${PATH}/jane`).body.status.certificate, undefined)
})

test('the signer refuses uses that are not a client’s', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', PATH, csr({ usages: ['server auth'] }))
  approve(cluster)
  cluster.advance(10_000)
  const { status } = ask(cluster, 'GET', `${PATH}/jane`).body
  assert.equal(status.certificate, undefined)
  assert.deepEqual([status.conditions[1].type, status.conditions[1].reason], ['Failed', 'SignerValidationFailure'])
})

// Source: https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
test('who approves has to be allowed to approve for the signer too', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', PATH, csr())
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  const requests = {
    apiGroups: ['certificates.k8s.io'],
    resources: ['certificatesigningrequests/approval'],
    verbs: ['update', 'patch'],
  }
  ask(cluster, 'POST', `${rbac}/clusterroles`, { metadata: { name: 'approver' }, rules: [requests] })
  ask(cluster, 'POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'approver' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'approver' },
    subjects: [{ kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }],
  })
  const ann = { 'impersonate-user': 'ann' }
  const refused = approve(cluster, 'Approved', ann)
  assert.equal(refused.status, 403)
  assert.match(
    refused.body.message,
    /user not permitted to approve requests with signerName "kubernetes\.io\/kube-apiserver-client"$/,
  )
  const signers = {
    apiGroups: ['certificates.k8s.io'],
    resources: ['signers'],
    resourceNames: ['kubernetes.io/*'],
    verbs: ['approve'],
  }
  ask(cluster, 'PATCH', `${rbac}/clusterroles/approver`, { rules: [requests, signers] }, MERGE)
  assert.equal(approve(cluster, 'Approved', ann).status, 200)
})
