/** kubectl certificate. Source: k8s.io/kubectl/pkg/cmd/certificates/certificates.go */
import { certificateSigningRequests } from '../../api/certificates/certificate-signing-request.ts'
import type { CertificateCondition, CertificateSigningRequest } from '../../api/certificates/types.ts'
import { cloneJson } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { timestampOf } from '../../engine/engine.ts'
import { type Command, fileFlags, type Invocation, outputFlags } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { namesFiles } from '../manifests.ts'
import { showResult } from '../results.ts'
import { findTargets } from '../targets.ts'

interface Decision {
  name: 'approve' | 'deny'
  short: string
  type: 'Approved' | 'Denied'
  /** What may not have been decided before. */
  opposite: 'Approved' | 'Denied'
  reason: string
  message: string
}

const decide = (decision: Decision): Command => ({
  name: decision.name,
  short: decision.short,
  usage: '(-f FILENAME | NAME) [options]',
  flags: [
    ...fileFlags,
    ...outputFlags,
    { name: 'force', type: 'bool', help: `Update the CSR even if it is already ${decision.type.toLowerCase()}.` },
  ],
  run(invocation) {
    const { args } = invocation
    if (args.length === 0 && !namesFiles(invocation))
      throw new KubectlError('one or more CSRs must be specified as <name> or -f <filename>')
    const errors: unknown[] = []
    // A request may be named with its kind, as `csr/alice`.
    const names = args.map((name) => (name.includes('/') ? name : `${certificateSigningRequests.plural}/${name}`))
    // It asks in no namespace.
    if (names.some((name) => invocation.resources.find(name.split('/')[0]!)?.isNamespaced))
      throw new KubectlError('namespace may not be empty when retrieving a resource by name')
    for (const { kind, object } of findTargets(invocation, names, (error) => errors.push(error))) {
      try {
        if (kind.kind !== certificateSigningRequests.kind)
          throw new KubectlError('can only handle certificates.k8s.io/v1 certificate signing requests')
        const csr = object as CertificateSigningRequest
        showResult(invocation, kind, send(invocation, kind, csr, decision), decision.type.toLowerCase())
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
})

/** The request with the decision; as it was when that had been made before. */
function send(
  { client, flags, context }: Invocation,
  kind: Kind,
  csr: CertificateSigningRequest,
  { type, opposite, reason, message }: Decision,
): CertificateSigningRequest {
  const conditions = csr.status.conditions ?? []
  if (conditions.some((condition) => condition.type === opposite))
    throw new KubectlError(`certificate signing request ${JSON.stringify(csr.metadata.name)} is already ${opposite}`)
  if (conditions.some((condition) => condition.type === type) && !flags.bool('force')) return csr
  const made: CertificateCondition = {
    type,
    status: 'True',
    reason,
    message,
    lastUpdateTime: timestampOf(context.nowEpochMs()),
  }
  const decided: CertificateSigningRequest = {
    ...csr,
    status: { ...csr.status, conditions: [...conditions.filter((condition) => condition.type !== type), made] },
  }
  return client.update(kind, cloneJson(decided), { subresource: 'approval' }) as CertificateSigningRequest
}

export const certificate: Command = {
  name: 'certificate',
  short: 'Modify certificate resources',
  usage: 'SUBCOMMAND',
  subcommands: [
    decide({
      name: 'approve',
      short: 'Approve a certificate signing request',
      type: 'Approved',
      opposite: 'Denied',
      reason: 'KubectlApprove',
      message: 'This CSR was approved by kubectl certificate approve.',
    }),
    decide({
      name: 'deny',
      short: 'Deny a certificate signing request',
      type: 'Denied',
      opposite: 'Approved',
      reason: 'KubectlDeny',
      message: 'This CSR was denied by kubectl certificate deny.',
    }),
  ],
}
