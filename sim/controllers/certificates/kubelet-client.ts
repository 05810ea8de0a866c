/** What a kubelet may ask for as a client of the API server. Source: kubernetes/pkg/apis/certificates/helpers.go ValidateKubeletClientCSR */

import type { CertificateSigningRequest } from '../../api/certificates/types.ts'
import type { CertificateRequest } from '../../pki/request.ts'

export const kubeletSigner = 'kubernetes.io/kube-apiserver-client-kubelet'
const usages = ['client auth', 'digital signature', 'key encipherment']

/** Why a request is none of a kubelet. Simplified: names and addresses that a request asks for are not read. */
export function kubeletClientProblem(
  { spec }: CertificateSigningRequest,
  { organizations, commonName }: CertificateRequest,
): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes')
    return 'subject organization is not system:nodes'
  if (!/^system:node:./.test(commonName)) return 'subject common name does not begin with system:node:'
  const asked = spec.usages ?? []
  const isUsual =
    asked.every((usage) => usages.includes(usage)) &&
    ['client auth', 'digital signature'].every((usage) => asked.includes(usage))
  return isUsual
    ? undefined
    : 'usages did not match [client auth digital signature key encipherment] or [client auth digital signature]'
}
