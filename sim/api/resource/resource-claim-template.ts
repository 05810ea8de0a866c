/** ResourceClaimTemplate, resource.k8s.io/v1. Sources: kubernetes/pkg/registry/resource/resourceclaimtemplate, pkg/apis/resource/validation */
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import {
  immutable,
  type MetaRules,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateTemplateMeta,
} from '../meta/object-meta.ts'
import { ageColumn, nameColumn } from '../meta/table.ts'
import { internalForm } from '../schema/internal-form.ts'
import { adminAccessErrors, defaultClaimSpec, validateClaimSpec } from './claim-spec.ts'
import type { ResourceClaimTemplate } from './types.ts'

/** How its specification is told. */
const STRUCT = 'ResourceClaimTemplateSpec'
const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }

export const resourceClaimTemplates: Kind<ResourceClaimTemplate> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  singular: 'resourceclaimtemplate',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  apiVersion: 'resource.k8s.io/v1',
  schema: 'io.k8s.api.resource.v1.ResourceClaimTemplate',
  applyDefaults: ({ spec }) => defaultClaimSpec(spec?.spec),
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: ({ metadata, spec }) => [
    ...validateObjectMeta(metadata, META),
    ...validateTemplateMeta(spec?.metadata, 'spec.metadata'),
    ...validateClaimSpec(spec?.spec, 'spec.spec'),
  ],
  validateCreate: ({ metadata, spec }, context) => adminAccessErrors(spec?.spec, metadata.namespace, context),
  validateUpdate: (template, old) => [
    ...validateObjectMetaUpdate(template.metadata, old.metadata),
    ...immutable('spec', internalForm(STRUCT, template.spec), internalForm(STRUCT, old.spec)),
  ],
  hasStatus: false,
  columns: [nameColumn, ageColumn],
}
