/** Objects in the form that was asked for: as they are, as rows of a table, as metadata alone. */
import type { Kind, PrintContext } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import type { Representation } from './negotiation.ts'

/** What a list says besides its items. */
export interface ListMeta {
  resourceVersion: string
  continue?: string
  remainingItemCount?: number
}

/** What of an object stands in a table's row besides the cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface Shape {
  form: Representation
  includeObject: IncludeObject
  context: PrintContext
}

/** `Table` of meta.k8s.io. @param hasColumns left out in all but the first event of a watch */
export function tableOf(
  kind: Kind,
  objects: readonly KubeObject[],
  meta: ListMeta,
  { form, includeObject, context }: Shape,
  hasColumns = true,
) {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${form.version}`,
    metadata: meta,
    columnDefinitions: hasColumns
      ? kind.columns.map(({ name, type, format = '', description, priority }) => ({
          name,
          type,
          format,
          description,
          priority,
        }))
      : null,
    rows: (kind.compareRows ? objects.toSorted(kind.compareRows) : objects).map((object) => ({
      cells: kind.columns.map((column) => column.cell(object, context)),
      ...(includeObject === 'None'
        ? {}
        : { object: includeObject === 'Object' ? object : partialMetadata(object, form.version) }),
    })),
  }
}

/** `PartialObjectMetadata` of meta.k8s.io. */
export const partialMetadata = ({ metadata }: KubeObject, version: string) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata,
})

/** The fields of an object in the order that people read them in. */
function inOrder({ kind, apiVersion, metadata, ...fields }: KubeObject): KubeObject {
  const { status, ...rest } = fields as { status?: unknown }
  return { kind, apiVersion, metadata, ...rest, ...(status === undefined ? {} : { status }) } as KubeObject
}

/** One object in the form that was asked for. */
export function showObject(kind: Kind, object: KubeObject, shape: Shape): unknown {
  const { as, version } = shape.form
  if (as === 'Table') return tableOf(kind, [object], { resourceVersion: object.metadata.resourceVersion }, shape)
  if (as === 'PartialObjectMetadata') return partialMetadata(object, version)
  return inOrder(object)
}

/** A list in the form that was asked for. Its items say their kind only where several kinds may stand. */
export function showList(kind: Kind, objects: readonly KubeObject[], meta: ListMeta, shape: Shape): unknown {
  const { as, version } = shape.form
  if (as === 'Table') return tableOf(kind, objects, meta, shape)
  if (as === 'PartialObjectMetadataList')
    return {
      kind: as,
      apiVersion: `meta.k8s.io/${version}`,
      metadata: meta,
      items: objects.map((object) => partialMetadata(object, version)),
    }
  return {
    kind: `${kind.kind}List`,
    apiVersion: kind.apiVersion,
    metadata: meta,
    items: objects.map((object) => {
      const { kind: _, apiVersion: __, ...item } = inOrder(object)
      return item
    }),
  }
}
