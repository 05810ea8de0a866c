/** ControllerRevision, apps/v1. Source: kubernetes/pkg/registry/apps/controllerrevision/strategy.go */
import { WORKLOAD_META } from '../core/workload/validation.ts'
import { type FieldError, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { controllerOf } from '../meta/object.ts'
import { immutable, nonNegative, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { ControllerRevision } from './types.ts'

export const controllerRevisions: Kind<ControllerRevision> = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  apiVersion: 'apps/v1',
  schema: 'io.k8s.api.apps.v1.ControllerRevision',
  applyDefaults: () => undefined,
  prepareForCreate: () => undefined,
  prepareForUpdate: () => undefined,
  validate: validateControllerRevision,
  validateUpdate: (revision, old) => [
    ...validateObjectMetaUpdate(revision.metadata, old.metadata),
    ...validateControllerRevision(revision),
    ...immutable('data', revision.data, old.data),
  ],
  hasStatus: false,
  columns: [
    nameColumn,
    column('Controller', 'string', 'Whose template it keeps.', (revision) => {
      const owner = controllerOf(revision)
      if (!owner) return '<none>'
      const group = owner.apiVersion.split('/')
      return group.length > 1
        ? `${owner.kind.toLowerCase()}.${group[0]}/${owner.name}`
        : `${owner.kind.toLowerCase()}/${owner.name}`
    }),
    column('Revision', 'integer', 'Its number: the highest is the newest.', (revision) => revision.revision),
    ageColumn,
  ],
}

function validateControllerRevision(revision: ControllerRevision): FieldError[] {
  const errors = validateObjectMeta(revision.metadata, WORKLOAD_META)
  if (!revision.data) errors.push(required('data', 'data is mandatory'))
  return [...errors, ...nonNegative('revision', revision.revision)]
}
