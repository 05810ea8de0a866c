/** Objects of any kind as the server stores them, and what it says of them: the one place of these tests that knows how a kind is asked. */
import { messageOf } from '../../sim/api/meta/field-error.ts'
import type { Kind } from '../../sim/api/meta/kind.ts'
import type { KubeObject } from '../../sim/api/meta/object.ts'
import { findResource } from '../../sim/api/registry.ts'
import { context } from './core/pod/pod-fixture.ts'

type Part = Record<string, unknown>

/** A row of a table: what is said of an object with these parts. None: it is accepted. */
export interface Refusal {
  name: string
  part: Part
  metadata?: Part
  errors: string[]
}

/** A row of a table: what is said when the object before is replaced by the one after. */
export interface RefusedChange {
  name: string
  before: Part
  after: Part
  /** Of the object after. */
  metadata?: Part
  errors: string[]
}

/** An object of the kind, defaulted and made ready as a new one; a status is put in afterwards. */
function stored(plural: string, part: Part, metadata: Part = {}): { kind: Kind; object: KubeObject } {
  const kind = findResource(plural)!
  const { status, ...rest } = part
  const object = structuredClone({
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name: 'x',
      ...(kind.isNamespaced ? { namespace: 'default' } : {}),
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-11-20T08:00:00Z',
      ...metadata,
    },
    ...rest,
  }) as KubeObject
  kind.applyDefaults(object)
  kind.prepareForCreate(object, context)
  if (status) Object.assign(object, { status })
  return { kind, object }
}

export function errorsOf(plural: string, part: Part, metadata: Part = {}): string[] {
  const { kind, object } = stored(plural, part, metadata)
  return kind.validate(object).map(messageOf)
}

export function updateErrorsOf(plural: string, { before, after, metadata }: Omit<RefusedChange, 'name' | 'errors'>) {
  const { kind, object: old } = stored(plural, before)
  const { object } = stored(plural, after, metadata)
  kind.prepareForUpdate(object, old, context)
  return kind.validateUpdate(object, old).map(messageOf)
}

/** Of a write through the subresource status: only the parts that are given differ. */
export function statusErrorsOf(plural: string, { before, after, metadata }: Omit<RefusedChange, 'name' | 'errors'>) {
  const { kind, object: old } = stored(plural, before)
  const { object } = stored(plural, { ...before, ...after }, metadata)
  return kind.validateStatusUpdate!(object, old).map(messageOf)
}

/** Shown as a request that changes nothing in metadata is not: an update without a version. */
export const NO_VERSION = {
  metadata: { resourceVersion: '' },
  errors: ['metadata.resourceVersion: Invalid value: "": must be specified for an update'],
}
