/**
 * Signs what was approved, for clients of the API server, kubelets among them. Simplified: the signer of what kubelets show is not served, as
 * no kubelet here asks for that. Source: kubernetes/pkg/controller/certificates/signer/signer.go
 */

import { certificateSigningRequests, hasCondition } from '../../api/certificates/certificate-signing-request.ts'
import type { CertificateSigningRequest } from '../../api/certificates/types.ts'
import { encodeBase64Text } from '../../api/meta/base64.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { BACKDATE_MS } from '../../pki/authority.ts'
import { type Issuer, issueCertificate } from '../../pki/issue.ts'
import { type CertificateRequest, parseCertificateRequest } from '../../pki/request.ts'
import { createListening } from '../handlers.ts'
import { updateStatusRetrying } from '../status-update.ts'
import { kubeletClientProblem, kubeletSigner } from './kubelet-client.ts'

const SIGNERS: readonly string[] = ['kubernetes.io/kube-apiserver-client', kubeletSigner]
/** --cluster-signing-duration */
const LONGEST_MS = 365 * 24 * 3_600_000
const ALLOWED = ['digital signature', 'key encipherment', 'client auth']

export const certificateSigningController: ControllerSpec = {
  name: 'certificatesigningrequest-signing-controller',
  serviceAccount: 'certificate-controller',
  watches: [certificateSigningRequests],
  start: startSigning,
}

function startSigning(context: ComponentContext): RunningComponent {
  const { engine, client, informers, queue: createQueue } = context
  const informer = informers.informer(certificateSigningRequests)
  const queue = createQueue({ name: 'certificate-signing', metricName: 'certificate', reconcile })

  function reconcile(name: string): void {
    const csr = informer.get({ namespace: '', name })
    if (!csr || !SIGNERS.includes(csr.spec.signerName) || csr.metadata.deletionTimestamp) return
    if (csr.status.certificate || !hasCondition(csr, 'Approved')) return
    if (hasCondition(csr, 'Denied') || hasCondition(csr, 'Failed')) return
    const issuer = context.signerOf(csr.spec.signerName)
    if (issuer) updateStatusRetrying(client, certificateSigningRequests, csr, signed(csr, issuer))
  }

  function signed(csr: CertificateSigningRequest, issuer: Issuer): CertificateSigningRequest['status'] {
    const { spec, status, metadata } = csr
    const request = parseCertificateRequest(spec.request)
    const problem = typeof request === 'string' ? request : problemOf(csr, request)
    const now = engine.timestamp()
    if (typeof request === 'string' || problem !== undefined) {
      const failed = {
        type: 'Failed',
        status: 'True',
        reason: 'SignerValidationFailure',
        message: problem,
        lastUpdateTime: now,
        lastTransitionTime: now,
      }
      return { ...status, conditions: [...(status.conditions ?? []), failed] }
    }
    const wantedMs = (spec.expirationSeconds ?? Number.POSITIVE_INFINITY) * 1000
    const notBeforeMs = engine.epochMs - BACKDATE_MS
    const certificate = issueCertificate({
      subject: request.subject,
      publicKey: request.publicKey,
      issuer,
      usages: spec.usages ?? [],
      notBeforeMs,
      notAfterMs: notBeforeMs + Math.min(wantedMs, LONGEST_MS),
      seed: metadata.uid,
      serialBytes: 16,
    })
    return { ...status, certificate: encodeBase64Text(certificate) }
  }

  const listening = createListening(() => queue.stop())
  listening.on(informer, {
    onAdd: ({ metadata }) => queue.add(metadata.name),
    onUpdate: ({ metadata }) => queue.add(metadata.name),
  })
  return listening
}

const problemOf = (csr: CertificateSigningRequest, request: CertificateRequest): string | undefined =>
  csr.spec.signerName === kubeletSigner ? kubeletClientProblem(csr, request) : usageProblem(csr.spec.usages ?? [])

/** Source: k8s.io/kubernetes/pkg/controller/certificates/signer/signer.go isKubeAPIServerClient */
const usageProblem = (usages: readonly string[]): string | undefined =>
  usages.every((usage) => ALLOWED.includes(usage)) && usages.includes('client auth')
    ? undefined
    : `invalid usage for client certificate: ${usages.join(',')}`
