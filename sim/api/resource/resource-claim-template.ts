/** ResourceClaimTemplate, resource.k8s.io/v1. Sources: kubernetes/pkg/registry/resource/resourceclaimtemplate, pkg/apis/resource/validation */
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import {
  immutable,
  type MetaRules,
  validateAnnotations,
  validateLabels,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/object-meta.ts'
import { ageColumn, nameColumn } from '../meta/table.ts'
import { defaultClaimSpec, validateClaimSpec } from './claim-spec.ts'
import type { ResourceClaimTemplate } from './types.ts'

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
    ...validateLabels(spec?.metadata?.labels, 'spec.metadata.labels'),
    ...validateAnnotations(spec?.metadata?.annotations, 'spec.metadata.annotations'),
    ...validateClaimSpec(spec?.spec, 'spec.spec'),
  ],
  validateUpdate: (template, old) => [
    ...validateObjectMetaUpdate(template.metadata, old.metadata),
    ...immutable('spec', template.spec, old.spec),
  ],
  hasStatus: false,
  columns: [nameColumn, ageColumn],
}
