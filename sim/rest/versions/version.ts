/** A kind in another version than the one that it is stored in. Source: https://kubernetes.io/docs/reference/using-api/#api-versioning */
import type { FieldError } from '../../api/meta/field-error.ts'
import type { Kind } from '../../api/meta/kind.ts'

export interface OtherVersion {
  /** The names and the schema of this version; all else is that of the stored one. */
  kind: Kind
  stored: Kind
  /** Get a copy of their own, which they may change. */
  fromStored(object: Record<string, unknown>): Record<string, unknown>
  toStored(object: Record<string, unknown>): Record<string, unknown>
  /** What this version demands besides, of objects in the words of the stored one. */
  validate?(object: Record<string, unknown>): FieldError[]
  validateUpdate?(object: Record<string, unknown>, old: Record<string, unknown>): FieldError[]
  /** Fields that are selected by another name in the stored version. */
  selectableAs?: Readonly<Record<string, string>>
}

/** A kind under the names of another version. */
export const inVersion = (kind: Kind, group: string, version: string, schema: string): Kind => ({
  ...kind,
  group,
  version,
  apiVersion: `${group}/${version}`,
  schema,
})
