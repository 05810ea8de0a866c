/** A resource on its way through a kustomization: what it is now, and by which names it was known before. Source: kustomize/api/resource */
import { isMap, type JsonMap } from '../../api/meta/go-json.ts'

export interface Id {
  name: string
  namespace: string
  kind: string
}

export interface Resource {
  object: JsonMap
  apiVersion: string
  group: string
  version: string
  kind: string
  /** What it was called, oldest first. */
  before: readonly Id[]
  prefixes: readonly string[]
  suffixes: readonly string[]
  /** Its name gets a hash of what it holds in the end. */
  needsHash: boolean
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export const metadataOf = (object: JsonMap): JsonMap => (isMap(object.metadata) ? object.metadata : {})
export const nameOf = ({ object }: Resource): string => textOf(metadataOf(object).name)
export const namespaceOf = ({ object }: Resource): string => textOf(metadataOf(object).namespace)
export const idOf = (resource: Resource): Id => ({
  name: nameOf(resource),
  namespace: namespaceOf(resource),
  kind: resource.kind,
})

export function makeResource(object: JsonMap, needsHash = false): Resource {
  const apiVersion = textOf(object.apiVersion)
  const slash = apiVersion.indexOf('/')
  return {
    object,
    apiVersion,
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind: textOf(object.kind),
    before: [],
    prefixes: [],
    suffixes: [],
    needsHash,
  }
}

/** The resource with another object, which may have another name; what it was called before is kept. */
export function withObject(resource: Resource, object: JsonMap): Resource {
  const next = { ...resource, object, kind: textOf(object.kind) || resource.kind }
  const [old, now] = [idOf(resource), idOf(next)]
  const isSame = old.name === now.name && old.namespace === now.namespace && old.kind === now.kind
  return isSame ? next : { ...next, before: [...resource.before, old] }
}

/** Every id it has or had. */
export const idsOf = (resource: Resource): Id[] => [...resource.before, idOf(resource)]

/** `Service.v1.[noGrp]/web.[noNs]` */
export const shownId = (
  { kind, version, group }: Pick<Resource, 'kind' | 'version' | 'group'>,
  name: string,
  namespace: string,
): string =>
  `${kind || '[noKind]'}.${version || '[noVer]'}.${group || '[noGrp]'}/${name || '[noName]'}.${namespace || '[noNs]'}`

/** An empty namespace is the default one. */
export const isSameNamespace = (a: string, b: string): boolean => (a || 'default') === (b || 'default')
