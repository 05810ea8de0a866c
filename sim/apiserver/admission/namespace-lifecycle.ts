/**
 * NamespaceLifecycle: nothing is created in a namespace that is missing or going, and the system's namespaces stay.
 * Source: k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle
 */
import { namespaces } from '../../api/core/namespace.ts'
import { resourceName } from '../../api/meta/kind.ts'
import { forbidden, notFound, StatusError } from '../../api/meta/status-error.ts'
import type { AdmissionPlugin } from './admission.ts'

const immortal = new Set(['default', 'kube-system', 'kube-public'])

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  admit(request, context) {
    if (request.kind === namespaces) {
      if (request.operation === 'DELETE' && immortal.has(request.name)) {
        throw forbidden('namespaces', request.name, 'this namespace may not be deleted')
      }
      return
    }
    if (request.operation !== 'CREATE' || !request.namespace || request.subresource) return
    const namespace = context.find(namespaces, { namespace: '', name: request.namespace })
    if (!namespace) throw notFound('namespaces', request.namespace)
    if (namespace.status.phase === 'Terminating') {
      const name = request.name || (request.object?.metadata.generateName ?? '')
      const error = forbidden(
        resourceName(request.kind),
        name,
        `unable to create new content in namespace ${request.namespace} because it is being terminated`,
      )
      throw new StatusError(error.code, error.reason, error.message, {
        ...error.details,
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${request.namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      })
    }
  },
}
