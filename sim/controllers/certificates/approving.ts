/**
 * Approves what a kubelet asks for, where who asks may have it approved: the first certificate of a machine that joins, and the next one of a node.
 * Source: kubernetes/pkg/controller/certificates/approver/sarapprove.go, pkg/apis/certificates/helpers.go
 */
import { subjectAccessReviews } from '../../api/authorization/reviews.ts'
import { certificateSigningRequests, hasCondition } from '../../api/certificates/certificate-signing-request.ts'
import type { CertificateSigningRequest } from '../../api/certificates/types.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { type CertificateRequest, parseCertificateRequest } from '../../pki/request.ts'
import { createListening } from '../handlers.ts'
import { kubeletClientProblem, kubeletSigner } from './kubelet-client.ts'

/** Who may have it approved, and in which words that is told. */
const ways = [
  {
    subresource: 'selfnodeclient',
    fits: ({ spec }: CertificateSigningRequest, { commonName }: CertificateRequest) => spec.username === commonName,
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  },
  {
    subresource: 'nodeclient',
    fits: () => true,
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
  },
] as const

export const certificateApprovingController: ControllerSpec = {
  name: 'certificatesigningrequest-approving-controller',
  serviceAccount: 'certificate-controller',
  watches: [certificateSigningRequests],
  start: startApproving,
}

function startApproving(context: ComponentContext): RunningComponent {
  const { engine, client, informers, queue: createQueue } = context
  const informer = informers.informer(certificateSigningRequests)
  const queue = createQueue({ name: 'certificate-approving', metricName: 'certificate', reconcile })

  function reconcile(name: string): void {
    const csr = informer.get({ namespace: '', name })
    if (!csr || csr.metadata.deletionTimestamp || csr.status.certificate) return
    if (hasCondition(csr, 'Approved') || hasCondition(csr, 'Denied')) return
    const request = parseCertificateRequest(csr.spec.request)
    if (csr.spec.signerName !== kubeletSigner || typeof request === 'string') return
    if (kubeletClientProblem(csr, request) !== undefined) return
    const way = ways.find((one) => one.fits(csr, request) && mayBeApproved(csr, one.subresource))
    if (!way) return
    const now = engine.timestamp()
    const approved = {
      type: 'Approved',
      status: 'True',
      reason: 'AutoApproved',
      message: way.message,
      lastUpdateTime: now,
      lastTransitionTime: now,
    }
    const status = { ...csr.status, conditions: [...(csr.status.conditions ?? []), approved] }
    client.update(certificateSigningRequests, { ...csr, status }, { subresource: 'approval' })
  }

  function mayBeApproved({ spec }: CertificateSigningRequest, subresource: string): boolean {
    const resourceAttributes = {
      group: 'certificates.k8s.io',
      resource: 'certificatesigningrequests',
      subresource,
      verb: 'create',
      version: '*',
    }
    const { username: user, groups, uid } = spec
    const review = client.create(subjectAccessReviews, {
      metadata: { name: '' },
      spec: { user, groups, ...(uid ? { uid } : {}), resourceAttributes },
    })
    return review.status?.allowed === true
  }

  const listening = createListening(() => queue.stop())
  listening.on(informer, {
    onAdd: ({ metadata }) => queue.add(metadata.name),
    onUpdate: ({ metadata }) => queue.add(metadata.name),
  })
  return listening
}
