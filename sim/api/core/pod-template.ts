/** PodTemplate, core/v1: a template by itself, which nothing makes Pods of. Source: kubernetes/pkg/registry/core/podtemplate/strategy.go */
import type { Kind } from '../meta/kind.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { formatLabels } from '../meta/selector-text.ts'
import { column, nameColumn } from '../meta/table.ts'
import { validatePodTemplate } from './pod/spec-validation.ts'
import type { PodTemplate } from './types.ts'
import { containerColumns } from './workload/template-columns.ts'
import { applyTemplateDefaults } from './workload/template-defaults.ts'
import { WORKLOAD_META } from './workload/validation.ts'

export const podTemplates: Kind<PodTemplate> = {
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.PodTemplate',
  applyDefaults: applyTemplateDefaults,
  prepareForCreate: () => undefined,
  prepareForUpdate: () => undefined,
  generationOf: ({ template }) => template,
  validate: (object) => [
    ...validateObjectMeta(object.metadata, WORKLOAD_META),
    ...validatePodTemplate(object.template, 'template'),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object.metadata, old.metadata),
    ...validatePodTemplate(object.template, 'template'),
  ],
  hasStatus: false,
  columns: [
    nameColumn,
    ...containerColumns<PodTemplate>(({ template }) => template).map((shown) => ({ ...shown, priority: 0 as const })),
    column('Pod Labels', 'string', "The template's labels.", ({ template }) => formatLabels(template.metadata.labels)),
  ],
}
