/** VolumeAttachment, storage.k8s.io/v1. Source: kubernetes/pkg/registry/storage/volumeattachment, pkg/apis/storage/validation */
import { validateDriverName } from '../core/other-volume-sources.ts'
import { type FieldError, forbiddenField, invalid, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { immutable, type MetaRules, validateObjectMeta } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { internalForm } from '../schema/internal-form.ts'
import type { VolumeAttachment } from './types.ts'

/** How its specification is told. */
const STRUCT = 'VolumeAttachmentSpec'
const META: MetaRules = { isNamespaced: false, nameErrors: dnsSubdomainErrors }

export const volumeAttachments: Kind<VolumeAttachment> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  singular: 'volumeattachment',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: 'storage.k8s.io/v1',
  schema: 'io.k8s.api.storage.v1.VolumeAttachment',
  applyDefaults: () => {},
  prepareForCreate: (attachment) => {
    attachment.status = { attached: false }
  },
  prepareForUpdate: (attachment, old) => {
    attachment.status = old.status
  },
  prepareForStatusUpdate: (attachment, old) => {
    attachment.spec = old.spec
  },
  validate,
  validateUpdate: (attachment, old) => [
    ...validate(attachment),
    ...immutable('spec', internalForm(STRUCT, attachment.spec), internalForm(STRUCT, old.spec)),
  ],
  needsResourceVersion: true,
  hasStatus: true,
  columns: [
    nameColumn,
    { ...column<VolumeAttachment>('Attacher', 'string', 'The driver.', ({ spec }) => spec.attacher), format: 'name' },
    column('PV', 'string', 'The volume.', ({ spec }) => spec.source.persistentVolumeName ?? ''),
    column('Node', 'string', 'The node it is attached to.', ({ spec }) => spec.nodeName),
    column('Attached', 'boolean', 'Whether it is.', ({ status }) => status?.attached ?? false),
    ageColumn,
  ],
}

function validate({ metadata, spec }: VolumeAttachment): FieldError[] {
  return [
    ...validateObjectMeta(metadata, META),
    ...validateSpec(spec),
    ...validateVolumeName(spec?.source?.persistentVolumeName),
  ]
}

function validateSpec(spec: VolumeAttachment['spec'] | undefined): FieldError[] {
  const errors: FieldError[] = []
  errors.push(...validateDriverName(spec?.attacher ?? '', 'spec.attacher'))
  const { persistentVolumeName, inlineVolumeSpec } = spec?.source ?? {}
  const exactlyOne = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (persistentVolumeName === undefined && !inlineVolumeSpec) errors.push(required('spec.source', exactlyOne))
  else if (persistentVolumeName !== undefined && inlineVolumeSpec)
    errors.push(forbiddenField('spec.source', exactlyOne))
  else if (persistentVolumeName === '')
    errors.push(required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'))
  const nodeName = spec?.nodeName ?? ''
  for (const why of dnsSubdomainErrors(nodeName)) errors.push(invalid('spec.nodeName', nodeName, why))
  return errors
}

const validateVolumeName = (name: string | undefined): FieldError[] =>
  name === undefined
    ? []
    : dnsSubdomainErrors(name).map((why) => invalid('spec.source.persistentVolumeName', name, why))
