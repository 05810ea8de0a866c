/** The objects of -f FILE and -f -: read, split out of lists, and matched with the server's kinds. */

import { isMap, type JsonMap, printCompactJson, sortedKeys } from '../api/meta/go-json.ts'
import type { Kind } from '../api/meta/kind.ts'
import { compileSelector } from '../api/meta/label-selector.ts'
import { checkFields } from '../api/schema/schema.ts'
import type { Invocation } from './command.ts'
import type { KubectlContext } from './context.ts'
import { KubectlError, throwAll } from './errors.ts'
import { readText } from './files.ts'
import { buildKustomization } from './kustomize/build.ts'
import { parseManifest } from './yaml.ts'

/** An object as its manifest has it, and what it will be sent as. */
export interface ManifestObject {
  kind: Kind
  /** With its namespace filled in. */
  object: JsonMap
  /** As it was written. */
  given: JsonMap
  namespace: string
  name: string
  /** `STDIN` or the file's name, for messages. */
  source: string
}

/**
 * Every object of the files that -f names.
 * @param onError gets what is wrong with one object, so that the others are still handled
 * @throws KubectlError when a file is missing or can't be read as YAML
 */
export function readManifests(invocation: Invocation, onError: (error: unknown) => void): ManifestObject[] {
  const { flags } = invocation
  const selector = flags.knows('selector') ? flags.string('selector').trim() : ''
  const matches = selector ? labelTest(selector) : undefined
  const found: ManifestObject[] = []
  for (const { source, values } of readInputs(invocation)) {
    for (const value of values) {
      const members = objectsIn(value)
      if (invocation.readsTypes && members[0] !== value) checkMembers(invocation, members)
      for (const member of members) {
        try {
          found.push(resolveManifest(invocation, member, source))
        } catch (error) {
          onError(error)
        }
      }
    }
  }
  if (!matches) return found
  return found.filter(({ object }) => matches((object.metadata as { labels?: Record<string, string> }).labels))
}

/** @throws KubectlError Source: cli-runtime pkg/resource/builder.go, visitByPaths */
function labelTest(selector: string): (labels: Record<string, string> | undefined) => boolean {
  try {
    return compileSelector(selector).matches
  } catch (error) {
    throw new KubectlError(
      `the provided selector ${JSON.stringify(selector)} is not valid: ${(error as Error).message}`,
    )
  }
}

interface Input {
  /** `STDIN` or the file's name, for messages. */
  source: string
  text: string
}

/** What -f and -k name. @throws KubectlError, or several of them, for what can't be read */
function readInputs(invocation: Invocation): { source: string; values: unknown[] }[] {
  const { flags, context } = invocation
  const names = flags.list('filename')
  const folder = flags.knows('kustomize') ? flags.string('kustomize') : ''
  const isRecursive = flags.knows('recursive') && flags.bool('recursive')
  if (folder && names.length > 0) throw new KubectlError('only one of -f or -k can be specified')
  if (folder && isRecursive) throw new KubectlError("the -k flag can't be used with -f or -R")
  if (folder)
    return [
      {
        source: folder,
        values: buildKustomization(context, folder, { isRestricted: true, onOrder: warnOfOrder(invocation) }),
      },
    ]
  const errors: unknown[] = []
  const inputs = names.flatMap((name) => {
    try {
      return readInput(context, name, isRecursive)
    } catch (error) {
      errors.push(error)
      return []
    }
  })
  throwAll(errors)
  return inputs.map(({ source, text }) => ({ source, values: parseManifest(text, source).map(({ value }) => value) }))
}

/** The order is always asked for here, so that a kustomization with one of its own is told of. */
const warnOfOrder = (invocation: Invocation) => (): void =>
  invocation.log(
    'I',
    'log.go:244',
    "Warning: Sorting order is set both in 'kustomization.yaml' ('sortOptions') and in a CLI flag ('--reorder'). Using the kustomization file over the CLI flag.",
  )

const MANIFEST_NAME = /\.(json|ya?ml)$/

/** A file, standard input, or the manifests of a folder. */
function readInput(context: KubectlContext, name: string, isRecursive: boolean): Input[] {
  if (name === '-') return [{ source: 'STDIN', text: context.stdin }]
  if (/^https?:/.test(name)) {
    throw new KubectlError(`unable to read URL "${name}": there is no network outside the cluster here`)
  }
  const members = context.files.list(name)
  if (!members) {
    const text = readText(context, name)
    if (text === undefined) throw new KubectlError(`the path "${name}" does not exist`)
    return [{ source: name, text }]
  }
  const inputs = manifestsIn(context, name.replace(/\/+$/, ''), isRecursive)
  if (inputs.length === 0)
    throw new KubectlError(`error reading [${name}]: recognized file extensions are [.json .yaml .yml]`)
  return inputs
}

const manifestsIn = (context: KubectlContext, folder: string, isRecursive: boolean): Input[] =>
  (context.files.list(folder) ?? []).flatMap((name) => {
    const path = `${folder}/${name}`
    if (context.files.list(path)) return isRecursive ? manifestsIn(context, path, true) : []
    const text = MANIFEST_NAME.test(name) ? readText(context, path) : undefined
    return text === undefined ? [] : [{ source: path, text }]
  })

/** The members of a `List`, or the value itself. */
export function objectsIn(value: unknown): unknown[] {
  if (isMap(value) && typeof value.kind === 'string' && value.kind.endsWith('List') && Array.isArray(value.items)) {
    return value.items.flatMap(objectsIn)
  }
  return [value]
}

/** An object as it will be sent. @throws KubectlError for what is none */
export function resolveManifest(invocation: Invocation, value: unknown, source: string): ManifestObject {
  const decode = (why: string): KubectlError => new KubectlError(`unable to decode "${source}": ${why}`)
  if (!isMap(value)) {
    throw new KubectlError(
      `error parsing ${source}: error converting YAML to JSON: the document is ${describe(value)}, not an object`,
    )
  }
  const { apiVersion, kind: kindName } = value
  if (typeof kindName !== 'string' || kindName === '') {
    // What has no --validate finds out only when it decodes.
    if (!invocation.flags.knows('validate')) throw decode(`Object 'Kind' is missing in '${printCompactJson(value)}'`)
    throw new KubectlError(
      `error validating "${source}": error validating data: kind not set; if you choose to ignore these errors, turn validation off with --validate=false`,
    )
  }
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    if (invocation.readsTypes) throw decode(`Object 'apiVersion' is missing in '${printCompactJson(value)}'`)
    throw new KubectlError(
      `error validating "${source}": error validating data: apiVersion not set; if you choose to ignore these errors, turn validation off with --validate=false`,
    )
  }
  const metadata = value.metadata ?? {}
  if (!isMap(metadata)) throw decode(cannotUnmarshal(metadata, 'metadata', 'v1.ObjectMeta'))
  const problem = metadataProblem(metadata)
  if (problem) throw decode(problem)
  const kind = invocation.resources.forObject(apiVersion, kindName)
  if (invocation.readsTypes) {
    const fault = typeFault(kind, value)
    if (fault !== undefined) throw decode(fault)
  }
  const name = textOf(metadata.name)
  if (!kind) throw noMatch(apiVersion, kindName, name, textOf(metadata.namespace), source)
  const given = textOf(metadata.namespace)
  if (kind.isNamespaced && given && invocation.isNamespaceGiven && given !== invocation.namespace) {
    throw new KubectlError(
      `the namespace from the provided object "${given}" does not match the namespace "${invocation.namespace}". You must pass '--namespace=${given}' to perform this operation.`,
    )
  }
  const namespace = kind.isNamespaced ? given || invocation.namespace : ''
  const converted = inServedVersion(kind, value)
  const object = {
    ...converted,
    apiVersion: kind.apiVersion,
    metadata: kind.isNamespaced ? { ...metadata, namespace } : metadata,
  }
  return { kind, object, given: value, namespace, name, source }
}

/** The object as the version says it that is served. */
const inServedVersion = (kind: Kind, value: JsonMap): JsonMap =>
  value.apiVersion === kind.apiVersion ? value : (kind.fromOldVersion?.(value) ?? value)

/** Groups of the API server whose types kubectl does not have. Source: k8s.io/client-go/kubernetes/scheme/register.go */
const notOfKubectl: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])

/** What keeps Go's own type of that kind from being read; undefined for what fits. */
function typeFault(kind: Kind | undefined, value: JsonMap): string | undefined {
  const { apiVersion, kind: name } = value as { apiVersion: string; kind: string }
  // kubectl has the types of versions still that the server has dropped.
  if (!kind && /^([a-z.]+\.k8s\.io|[a-z]+)\/v\d+(alpha|beta)\d+$/.test(apiVersion)) return undefined
  if (!kind || kind.custom || notOfKubectl.has(kind.group))
    return `no kind ${JSON.stringify(name)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/scheme/scheme.go:28"`
  return checkFields(kind, inServedVersion(kind, value)).typeError
}

/** A list is read as a whole: one of its members that does not fit keeps the others from being read. @throws KubectlError */
function checkMembers(invocation: Invocation, members: readonly unknown[]): void {
  for (const member of members) {
    const isNamed = isMap(member) && typeof member.apiVersion === 'string' && typeof member.kind === 'string'
    if (!isNamed) continue
    const fault = typeFault(invocation.resources.forObject(member.apiVersion as string, member.kind as string), member)
    if (fault !== undefined) throw new KubectlError(fault, 1, true)
  }
}

/** What keeps metadata from being read, as kubectl finds before it asks the server; undefined when it is sound. */
function metadataProblem(metadata: JsonMap): string | undefined {
  for (const field of sortedKeys(metadata)) {
    const value = metadata[field]
    if (value === null) continue
    if (field === 'annotations' || field === 'labels') {
      if (!isMap(value)) return cannotUnmarshal(value, `metadata.${field}`, 'map[string]string')
      const wrong = sortedKeys(value).find((key) => value[key] !== null && typeof value[key] !== 'string')
      if (wrong !== undefined) return cannotUnmarshal(value[wrong], `metadata.${field}`, 'string')
    } else if (['generateName', 'name', 'namespace'].includes(field) && typeof value !== 'string') {
      return cannotUnmarshal(value, `metadata.${field}`, 'string')
    }
  }
  return undefined
}

/** Source: encoding/json, UnmarshalTypeError */
function cannotUnmarshal(value: unknown, field: string, type: string): string {
  const found = Array.isArray(value)
    ? 'array'
    : isMap(value)
      ? 'object'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value
  return `json: cannot unmarshal ${found} into Go struct field ObjectMeta.${field} of type ${type}`
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const describe = (value: unknown): string =>
  Array.isArray(value)
    ? 'a list'
    : typeof value === 'string'
      ? `the text ${JSON.stringify(value.slice(0, 40))}`
      : `a ${typeof value}`

const noMatch = (apiVersion: string, kind: string, name: string, namespace: string, source: string): KubectlError =>
  new KubectlError(
    `resource mapping not found for name: "${name}" namespace: "${namespace}" from "${source}": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`,
  )

/** An object as `resource.Info` names itself in messages. */
export function describeInfo({ kind, namespace, name }: ManifestObject): string {
  const groupVersion = `${kind.group}/${kind.version}`
  return `Resource: "${groupVersion}, Resource=${kind.plural}", GroupVersionKind: "${groupVersion}, Kind=${kind.kind}"\nName: "${name}", Namespace: "${namespace}"`
}

/** Whether -f or -k stands on the line. */
/** What is sent to be created: nothing that was not there has a version. Source: k8s.io/cli-runtime/pkg/resource/helper.go CreateWithOptions */
export function unversioned(object: JsonMap): JsonMap {
  const { resourceVersion: _, ...metadata } = (object.metadata ?? {}) as JsonMap
  return object.metadata === undefined ? object : { ...object, metadata }
}

export const namesFiles = ({ flags }: Invocation): boolean =>
  flags.list('filename').length > 0 || (flags.knows('kustomize') && flags.string('kustomize') !== '')

/** Refuses a command that got neither -f nor arguments. */
export function requireFilename(invocation: Invocation): void {
  if (!namesFiles(invocation)) {
    throw new KubectlError('must specify one of -f and -k')
  }
}
