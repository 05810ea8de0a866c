/** ConfigMaps and Secrets that a kustomization makes of literals and files. Source: kustomize/api/internal/generators, api/internal/loader, api/kv */
import { decodeBase64Lossy, encodeBase64Text } from '../../api/meta/base64.ts'
import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import type { FileContent } from '../../scenario/types.ts'
import { KubectlError } from '../errors.ts'
import { nameHash } from '../name-hash.ts'
import type { GeneratorOptions, SourceArgs } from './kustomization.ts'
import type { Place } from './place.ts'
import { idsOf, isSameNamespace, makeResource, metadataOf, type Resource, withObject } from './resource.ts'

/** The resources with what is generated: added, or merged into one that is there already. */
export function generate(
  resources: readonly Resource[],
  kind: 'ConfigMap' | 'Secret',
  args: SourceArgs,
  shared: GeneratorOptions | undefined,
  place: Place,
): Resource[] {
  const made = makeSource(kind, args, mergedOptions(shared, args.options), place)
  const { name = '', namespace = '' } = args
  const at = resources.findIndex(
    (other) =>
      other.kind === kind && idsOf(other).some((id) => id.name === name && isSameNamespace(id.namespace, namespace)),
  )
  const { behavior = '' } = args
  const merges = behavior === 'merge' || behavior === 'replace'
  const id = `id resid.ResId{Gvk:resid.Gvk{Group:"", Version:"v1", Kind:"${kind}", isClusterScoped:false}, Name:"${name}", Namespace:"${namespace}"}`
  if (at < 0) {
    if (merges) throw new KubectlError(`merging from generator: ${id} does not exist; cannot merge or replace`)
    return [...resources, made]
  }
  if (!merges) {
    const shown = behavior === 'create' ? 'create' : 'unspecified'
    throw new KubectlError(
      `merging from generator: ${id} exists; can not use behavior: '${shown}', behavior must be merge or replace`,
    )
  }
  return resources.with(at, combined(resources[at], made, behavior === 'merge'))
}

function combined(old: Resource, made: Resource, keepsData: boolean): Resource {
  const [before, now] = [metadataOf(old.object), metadataOf(made.object)]
  const metadata: JsonMap = { ...before }
  for (const field of ['labels', 'annotations'])
    if (isMap(now[field])) metadata[field] = { ...(isMap(before[field]) ? before[field] : {}), ...now[field] }
  const object: JsonMap = { ...made.object, metadata }
  if (keepsData)
    for (const field of ['data', 'binaryData']) {
      const [a, b] = [old.object[field], made.object[field]]
      if (isMap(a)) object[field] = { ...a, ...(isMap(b) ? b : {}) }
    }
  return withObject({ ...old, needsHash: old.needsHash || made.needsHash }, object)
}

function mergedOptions(shared: GeneratorOptions = {}, own: GeneratorOptions = {}): GeneratorOptions {
  return {
    labels: { ...shared.labels, ...own.labels },
    annotations: { ...shared.annotations, ...own.annotations },
    disableNameSuffixHash: shared.disableNameSuffixHash || own.disableNameSuffixHash,
    immutable: shared.immutable || own.immutable,
  }
}

function makeSource(
  kind: 'ConfigMap' | 'Secret',
  args: SourceArgs,
  { labels = {}, annotations = {}, immutable, disableNameSuffixHash }: GeneratorOptions,
  place: Place,
): Resource {
  const { name, namespace } = args
  if (!name) throw new KubectlError(`a ${kind.toLowerCase()} must have a name`)
  const data: Record<string, string> = {}
  const binaryData: Record<string, string> = {}
  for (const [key, value] of readPairs(args, place)) {
    if (key in data || key in binaryData)
      throw new KubectlError(`${kind.toLowerCase()} ${name} illegally repeats the key \`${key}\``)
    if (kind === 'Secret') data[key] = inLines(typeof value === 'string' ? encodeBase64Text(value) : value.base64)
    else if (typeof value === 'string') data[key] = value
    else binaryData[key] = inLines(value.base64)
  }
  const has = (map: object): boolean => Object.keys(map).length > 0
  return makeResource(
    {
      apiVersion: 'v1',
      kind,
      metadata: {
        name,
        ...(namespace ? { namespace } : {}),
        ...(has(labels) ? { labels } : {}),
        ...(has(annotations) ? { annotations } : {}),
      },
      ...(has(data) ? { data } : {}),
      ...(has(binaryData) ? { binaryData } : {}),
      ...(kind === 'Secret' ? { type: args.type || 'Opaque' } : {}),
      ...(immutable ? { immutable } : {}),
    },
    !disableNameSuffixHash,
  )
}

const LINE = 70

/** Base64 that is longer than a line is broken up. */
const inLines = (base64: string): string =>
  base64.length < LINE ? base64 : `${base64.match(/.{1,70}/g)!.join('\n')}\n`

function readPairs(args: SourceArgs, place: Place): [key: string, value: FileContent][] {
  const attempt = <T>(what: string, read: () => T): T => {
    try {
      return read()
    } catch (error) {
      if (error instanceof KubectlError) throw new KubectlError(`loading KV pairs: ${what}: ${error.message}`)
      throw error
    }
  }
  const { literals = [], files = [] } = args
  const envs = [...(args.envs ?? []), ...(args.env ? [args.env] : [])]
  return [
    ...attempt(`env source files: [${envs.join(' ')}]`, () => envs.flatMap((path) => environmentOf(path, place))),
    ...attempt(`literal sources [${literals.join(' ')}]`, () => literals.map(literalOf)),
    ...attempt(`file sources: [${files.join(' ')}]`, () => files.map((source) => fileOf(source, place))),
  ]
}

function literalOf(source: string): [string, string] {
  const equals = source.indexOf('=')
  if (equals < 1) throw new KubectlError(`invalid literal source ${source}, expected key=value`)
  const value = source.slice(equals + 1)
  const [, inner] = /^"(.*)"$/s.exec(value) ?? /^'(.*)'$/s.exec(value) ?? [undefined, value]
  return [source.slice(0, equals), inner]
}

function fileOf(source: string, place: Place): [string, FileContent] {
  const parts = source.split('=')
  if (parts.length > 2) throw new KubectlError(`key names or file paths cannot contain '='`)
  if (parts.length === 2 && parts[0] === '')
    throw new KubectlError(
      `missing key name for file path ${JSON.stringify(parts[1])} in source ${JSON.stringify(source)}`,
    )
  if (parts.length === 2 && parts[1] === '')
    throw new KubectlError(
      `missing file path for key name ${JSON.stringify(parts[0])} in source ${JSON.stringify(source)}`,
    )
  const path = parts.at(-1)!
  return [parts.length === 2 ? parts[0] : path.slice(path.lastIndexOf('/') + 1), place.read(path)]
}

function environmentOf(path: string, place: Place): [string, string][] {
  const content = place.read(path)
  const text = typeof content === 'string' ? content : decodeBase64Lossy(content.base64)
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const equals = line.indexOf('=')
      return equals < 0 ? [line, place.environment[line] ?? ''] : [line.slice(0, equals), line.slice(equals + 1)]
    })
}

/** The resource with the hash of what it holds at its name's end. Source: kustomize/api/internal/hasher */
export function withHash(resource: Resource): Resource {
  if (!resource.needsHash) return resource
  const { object, kind } = resource
  const metadata = metadataOf(object)
  const content = {
    kind,
    name: HASHED_NAME,
    data: object.data ?? '',
    ...(kind === 'Secret' ? { type: object.type ?? '' } : {}),
    ...(isMap(object.binaryData) ? { binaryData: object.binaryData } : {}),
    ...(isMap(object.stringData) ? { stringData: object.stringData } : {}),
  }
  return withObject(resource, { ...object, metadata: { ...metadata, name: `${metadata.name}-${nameHash(content)}` } })
}

/** The name itself does not count. */
const HASHED_NAME = ''
