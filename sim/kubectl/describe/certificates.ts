/** kubectl describe certificatesigningrequest. Source: k8s.io/kubectl/pkg/describe/describe.go */
import { printState } from '../../api/certificates/certificate-signing-request.ts'
import type { CertificateSigningRequest } from '../../api/certificates/types.ts'
import { printHumanDuration } from '../../api/meta/duration.ts'
import { formatLabels } from '../../api/meta/selector-text.ts'
import { parseCertificateRequest } from '../../pki/request.ts'
import { type Describer, findEvents, printTime, writeEvents } from './common.ts'

/** Simplified: alternative names of the subject are not shown. */
export const describeCertificateSigningRequest: Describer<CertificateSigningRequest> = (csr, w, context) => {
  const { metadata, spec } = csr
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Labels', formatLabels(metadata.labels))
  w.field(0, 'Annotations', formatLabels(metadata.annotations))
  w.field(0, 'CreationTimestamp', printTime(metadata.creationTimestamp))
  w.field(0, 'Requesting User', spec.username ?? '')
  if (spec.signerName) w.field(0, 'Signer', spec.signerName)
  if (spec.expirationSeconds !== undefined)
    w.field(0, 'Requested Duration', printHumanDuration(spec.expirationSeconds * 1000))
  w.field(0, 'Status', printState(csr))
  const request = parseCertificateRequest(spec.request)
  w.line(0, 'Subject:')
  if (typeof request !== 'string') {
    w.line(0, `\tCommon Name:\t${request.commonName}`)
    w.line(0, `\tSerial Number:\t${request.serialNumber}`)
    if (request.organizations.length > 0) w.line(0, `\tOrganization:\t${request.organizations.join('\n\t\t')}`)
  }
  writeEvents(w, context, findEvents(context, csr))
}
