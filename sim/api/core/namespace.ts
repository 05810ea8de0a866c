/** Namespace, core/v1. Source: kubernetes/pkg/registry/core/namespace/strategy.go */

import type { Kind } from '../meta/kind.ts'
import { dnsLabelErrors } from '../meta/names.ts'
import {
  validateFinalizerName,
  validateLabelName,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { Namespace } from './types.ts'

const NAME_LABEL = 'kubernetes.io/metadata.name'
const FINALIZER = 'kubernetes'

export const namespaces: Kind<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  categories: [],
  isNamespaced: false,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.Namespace',
  applyDefaults: setNameLabel,
  prepareForCreate: (namespace) => {
    setNameLabel(namespace)
    namespace.status = { phase: 'Active' }
    // The namespace controller takes it out once everything inside is gone.
    const finalizers = namespace.spec?.finalizers ?? []
    namespace.spec = {
      ...namespace.spec,
      finalizers: finalizers.includes(FINALIZER) ? finalizers : [...finalizers, FINALIZER],
    }
  },
  prepareForUpdate: (namespace, old) => {
    namespace.spec = old.spec
    namespace.status = old.status
  },
  prepareForStatusUpdate: (namespace, old) => {
    namespace.spec = old.spec
  },
  // It stays, Terminating, until the namespace controller has emptied it.
  beginDeletion: (namespace) => {
    delete namespace.metadata.deletionGracePeriodSeconds
    namespace.status = { ...namespace.status, phase: 'Terminating' }
  },
  holdsDeletion: (namespace) => (namespace.spec.finalizers ?? []).length > 0,
  validate: (namespace) => [
    ...validateObjectMeta(namespace.metadata, { isNamespaced: false, nameErrors: dnsLabelErrors }),
    ...(namespace.spec.finalizers ?? []).flatMap((finalizer) => [
      ...validateLabelName(finalizer, 'spec.finalizers'),
      ...validateFinalizerName(finalizer, 'spec.finalizers'),
    ]),
  ],
  validateUpdate: (namespace, old) => validateObjectMetaUpdate(namespace.metadata, old.metadata),
  liesInItself: true,
  hasStatus: true,
  columns: [
    nameColumn,
    column(
      'Status',
      'string',
      'Active, or Terminating while its contents are deleted.',
      (namespace) => namespace.status?.phase ?? '',
    ),
    ageColumn,
  ],
  selectableFields: (namespace) => ({ 'status.phase': namespace.status?.phase ?? '', name: namespace.metadata.name }),
}

function setNameLabel(namespace: Namespace): void {
  if (namespace.metadata.name && namespace.metadata.labels?.[NAME_LABEL] !== namespace.metadata.name)
    namespace.metadata.labels = { ...namespace.metadata.labels, [NAME_LABEL]: namespace.metadata.name }
}
