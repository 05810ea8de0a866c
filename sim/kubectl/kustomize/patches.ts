/** Patches of a kustomization: strategic merge and JSON 6902, for one resource or for all that a selector finds. Source: kustomize/api/internal/builtins/PatchTransformer.go */

import { decodeBase64Lossy } from '../../api/meta/base64.ts'
import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import { compileSelector } from '../../api/meta/label-selector.ts'
import { applyOperations, JsonPatchError } from '../../api/patch/json-patch.ts'
import { compileGoRegexp } from '../../text/go-regexp.ts'
import { KubectlError } from '../errors.ts'
import { printYaml } from '../printers/yaml.ts'
import { parseManifest } from '../yaml.ts'
import type { Patch, Selector } from './kustomization.ts'
import { mergePatch } from './merge.ts'
import type { Place } from './place.ts'
import {
  idOf,
  idsOf,
  isSameNamespace,
  makeResource,
  metadataOf,
  type Resource,
  shownId,
  withObject,
} from './resource.ts'

/** The definition of a resource's kind; undefined for one that nobody knows. */
export type SchemaOf = (resource: Resource) => string | undefined

export function applyPatch(
  resources: readonly Resource[],
  patch: Patch,
  place: Place,
  schemaOf: SchemaOf,
): readonly Resource[] {
  const { target } = patch
  const parsed = readPatch(patch, place)
  if (parsed.kind === 'json') {
    if (!target) throw new KubectlError(`must specify a target for JSON patch ${shownPatch(patch)}`)
    const meant = selected(resources, target)
    return resources.map((resource) =>
      meant.has(resource) ? withObject(resource, patchJson(resource.object, parsed.operations)) : resource,
    )
  }
  return parsed.objects.reduce<readonly Resource[]>((current, object) => {
    const meant = target ? selected(current, target) : new Set([findTarget(current, makeResource(object))])
    return current.flatMap((resource) => {
      if (!meant.has(resource)) return [resource]
      const merged = mergePatch(schemaOf(resource), resource.object, target ? withoutName(object) : object)
      return merged ? [withObject(resource, keepIdentity(resource, merged, patch))] : []
    })
  }, resources)
}

/** A patch with a target names nothing itself. */
const withoutName = (object: JsonMap): JsonMap => {
  const { name: _, namespace: __, ...metadata } = metadataOf(object)
  const { apiVersion: ___, kind: ____, ...rest } = object
  return { ...rest, ...(Object.keys(metadata).length > 0 ? { metadata } : {}) }
}

/** Names, namespaces and kinds stay as they are unless the patch may change them. */
function keepIdentity({ object }: Resource, merged: JsonMap, { options }: Patch): JsonMap {
  const [old, now] = [metadataOf(object), metadataOf(merged)]
  const metadata = {
    ...now,
    ...(options?.allowNameChange ? {} : { name: old.name }),
    ...(old.namespace === undefined ? {} : { namespace: old.namespace }),
  }
  if (old.namespace === undefined) delete (metadata as JsonMap).namespace
  return { ...merged, metadata, ...(options?.allowKindChange ? {} : { kind: object.kind }) }
}

const OPERATIONS = new Set(['add', 'copy', 'move', 'remove', 'replace', 'test'])

type Parsed = { kind: 'merge'; objects: JsonMap[] } | { kind: 'json'; operations: JsonMap[] }

function readPatch(patch: Patch, place: Place): Parsed {
  const configured = (why: string): KubectlError =>
    new KubectlError(`trouble configuring builtin PatchTransformer with config: \`\n${printYaml(patch)}\`: ${why}`)
  if (patch.patch && patch.path) throw configured(`patch and path can't be set at the same time\n${printYaml(patch)}`)
  if (!patch.patch && !patch.path) throw configured(`must specify one of patch and path in\n${printYaml(patch)}`)
  let text = patch.patch ?? ''
  if (patch.path) {
    try {
      const content = place.read(patch.path)
      text = typeof content === 'string' ? content : decodeBase64Lossy(content.base64)
    } catch (error) {
      if (!(error instanceof KubectlError)) throw error
      throw configured(`failed to get the patch file from path(${patch.path}): ${error.message}`)
    }
  }
  let values: unknown[] = []
  try {
    values = parseManifest(text, '').map(({ value }) => value)
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
  }
  const [first] = values
  if (
    values.length === 1 &&
    Array.isArray(first) &&
    first.every((item) => isMap(item) && OPERATIONS.has(String(item.op)))
  )
    return { kind: 'json', operations: first }
  const objects = values.filter(isMap)
  const isWhole = ({ kind, metadata }: JsonMap): boolean =>
    typeof kind === 'string' && isMap(metadata) && typeof metadata.name === 'string'
  if (objects.length === 0 || objects.length < values.length || !objects.every(isWhole))
    throw configured(`unable to parse SM or JSON patch from ${shownPatch(patch)}`)
  return { kind: 'merge', objects }
}

const shownPatch = ({ patch, path }: Patch): string =>
  path ? `[path: ${JSON.stringify(path)}]` : `[patch: ${JSON.stringify(patch)}]`

function findTarget(resources: readonly Resource[], patch: Resource): Resource {
  const { name, namespace } = idOf(patch)
  const found = resources.filter(
    (resource) =>
      resource.group === patch.group &&
      idsOf(resource).some(
        (id) => id.kind === patch.kind && id.name === name && isSameNamespace(id.namespace, namespace),
      ),
  )
  if (found.length === 1) return found[0]
  const id = shownId(patch, name, namespace)
  const why = found.length === 0 ? 'no matches for Id' : 'multiple matches for Id'
  throw new KubectlError(
    `no resource matches strategic merge patch ${JSON.stringify(id)}: ${why} ${id}; failed to find unique target for patch ${id}`,
  )
}

/** The resources that a selector means: its texts are patterns for the whole of a field. */
export function selected(resources: readonly Resource[], selector: Selector): Set<Resource> {
  const refuse = (why: string): never => {
    throw new KubectlError(why)
  }
  const fits = (pattern: string | undefined, text: string): boolean =>
    !pattern || compileGoRegexp(`^(?:${pattern})$`, refuse)(text)
  const compiled = (text = '') => {
    try {
      return compileSelector(text)
    } catch (error) {
      return refuse((error as Error).message)
    }
  }
  const labels = compiled(selector.labelSelector)
  const annotations = compiled(selector.annotationSelector)
  return new Set(
    resources.filter((resource) => {
      const metadata = metadataOf(resource.object) as Record<
        'labels' | 'annotations',
        Record<string, string> | undefined
      >
      return (
        fits(selector.group, resource.group) &&
        fits(selector.version, resource.version) &&
        labels.matches(metadata.labels) &&
        annotations.matches(metadata.annotations) &&
        idsOf(resource).some(
          (id) =>
            fits(selector.kind, id.kind) && fits(selector.name, id.name) && fits(selector.namespace, id.namespace),
        )
      )
    }),
  )
}

/** @throws KubectlError in the words of the library that the real one uses. Source: kustomize/api/filters/patchjson6902/patchjson6902.go */
function patchJson(object: JsonMap, operations: readonly JsonMap[]): JsonMap {
  try {
    return applyOperations(object, operations) as JsonMap
  } catch (error) {
    if (error instanceof JsonPatchError) throw new KubectlError(error.message)
    throw error
  }
}
