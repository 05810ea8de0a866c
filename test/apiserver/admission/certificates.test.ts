import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certificateSigningRequests } from '../../../sim/api/certificates/certificate-signing-request.ts'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { encodeBase64Text } from '../../../sim/api/meta/base64.ts'
import { certificateApproval, certificateSubjectRestriction } from '../../../sim/apiserver/admission/certificates.ts'
import { ofJane, ofMaster } from '../../api/certificates/requests.ts'
import { type Asked, ask } from './plugin.ts'

const CLIENT = 'kubernetes.io/kube-apiserver-client'
const asking = (signerName: string, request = ofJane) => ({
  metadata: { name: 'c' },
  spec: { signerName, request: encodeBase64Text(request) },
})
const FORBIDDEN = 'certificatesigningrequests.certificates.k8s.io "c" is forbidden:'

test('a request is approved by who may approve for its signer, or for all signers of its domain', () => {
  const refusal = (allowed: string | undefined, asked: Asked = {}, kind: unknown = certificateSigningRequests) =>
    ask(
      certificateApproval,
      kind as typeof configMaps,
      {
        operation: 'UPDATE',
        subresource: 'approval',
        object: asking('a.b/c'),
        old: asking('a.b/c'),
        namespace: '',
        ...asked,
      },
      [],
      {
        authorization: {
          authorize: ({ verb, group, resource, subresource, namespace, name }: Record<string, string>) => {
            assert.deepEqual(
              [verb, group, resource, subresource, namespace],
              ['approve', 'certificates.k8s.io', 'signers', '', ''],
            )
            return { allowed: name === allowed }
          },
        } as never,
      },
    ).refusal
  const why = `${FORBIDDEN} user not permitted to approve requests with signerName "a.b/c"`
  assert.equal(refusal('a.b/c'), undefined)
  assert.equal(refusal('a.b/*'), undefined)
  assert.equal(refusal('*'), why)
  assert.equal(refusal(undefined), why)
  assert.equal(refusal('x/y', { object: asking('x/y') }), why)
  assert.equal(refusal(undefined, { subresource: 'status' }), undefined)
  assert.equal(refusal(undefined, {}, configMaps), undefined)
})

test('nobody asks to be signed into the group of masters as a client of the server', () => {
  const refusal = (object: object, asked: Asked = {}, kind: unknown = certificateSigningRequests) =>
    ask(certificateSubjectRestriction, kind as typeof configMaps, { object, namespace: '', ...asked }).refusal
  const master = asking(CLIENT, ofMaster)
  assert.equal(refusal(master), `${FORBIDDEN} use of ${CLIENT} signer with system:masters group is not allowed`)
  assert.equal(refusal(asking(CLIENT)), undefined)
  assert.equal(refusal(asking(CLIENT, 'no request')), undefined)
  assert.equal(refusal(asking('example.com/signer', ofMaster)), undefined)
  assert.equal(refusal(master, { operation: 'UPDATE', old: master }), undefined)
  assert.equal(refusal(master, { subresource: 'status' }), undefined)
  assert.equal(refusal(master, {}, configMaps), undefined)
})
