/**
 * Who may approve what a signer is asked to sign, and that nobody is signed into the group of masters.
 * Sources: kubernetes/plugin/pkg/admission/certificates/{approval,subjectrestriction}
 */

import type { CertificateSigningRequest } from '../../api/certificates/types.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import { parseCertificateRequest } from '../../pki/request.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'

const RESOURCE = 'certificatesigningrequests.certificates.k8s.io'
const MASTERS = 'system:masters'

const isOfRequests = ({ kind }: AdmissionRequest): boolean => kind.kind === 'CertificateSigningRequest'

export const certificateApproval: AdmissionPlugin = {
  name: 'CertificateApproval',
  validate(request, context) {
    if (!isOfRequests(request) || request.subresource !== 'approval') return
    const { signerName } = (request.old as CertificateSigningRequest).spec
    if (mayUseSigner(request, context, 'approve', signerName)) return
    throw forbidden(
      RESOURCE,
      request.name,
      `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`,
    )
  },
}

/** By the signer's name, or by all signers of its domain. */
function mayUseSigner({ user }: AdmissionRequest, context: AdmissionContext, verb: string, signer: string): boolean {
  const [domain] = signer.split('/')
  return [signer, `${domain}/*`].some(
    (name) =>
      context.authorization.authorize({
        user,
        verb,
        group: 'certificates.k8s.io',
        resource: 'signers',
        subresource: '',
        namespace: '',
        name,
      }).allowed,
  )
}

export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(request) {
    if (!isOfRequests(request) || request.operation !== 'CREATE' || request.subresource) return
    const { spec } = request.object as CertificateSigningRequest
    if (spec.signerName !== 'kubernetes.io/kube-apiserver-client') return
    const asked = parseCertificateRequest(spec.request)
    if (typeof asked === 'string' || !asked.organizations.includes(MASTERS)) return
    throw forbidden(
      RESOURCE,
      request.name,
      `use of kubernetes.io/kube-apiserver-client signer with ${MASTERS} group is not allowed`,
    )
  },
}
