/** What comes of a folder with a kustomization. Source: kustomize/api/internal/target/kusttarget.go, api/krusty */
import { decodeBase64Lossy } from '../../api/meta/base64.ts'
import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubectlContext } from '../context.ts'
import { KubectlError } from '../errors.ts'
import { parseManifest } from '../yaml.ts'
import { generate, withHash } from './generators.ts'
import { FILE_NAMES, type Kustomization, type Patch, readKustomization } from './kustomization.ts'
import { inOrder } from './order.ts'
import { applyPatch, type SchemaOf } from './patches.ts'
import { Place } from './place.ts'
import { withReferences } from './references.ts'
import { replaceFields } from './replacements.ts'
import { idOf, makeResource, metadataOf, type Resource, shownId } from './resource.ts'
import { inNamespace, withAffix, withAnnotations, withImage, withLabels, withReplicas } from './transformers.ts'

export interface BuildOptions {
  /** Whether files outside of a kustomization's folder are refused. */
  isRestricted: boolean
  /** Called when the kustomization says in which order its resources are. */
  onOrder?(): void
}

/** The objects in the order they are printed in. @throws KubectlError worded as kustomize words it */
export function buildKustomization(
  context: KubectlContext,
  folder: string,
  { isRestricted, onOrder }: BuildOptions,
): JsonMap[] {
  const place = Place.open(context, folder, isRestricted)
  const builder = new Builder(context)
  const kustomization = builder.load(place)
  const resources = withReferences(builder.build([], kustomization, place).map(withHash))
  if (kustomization.sortOptions) onOrder?.()
  return inOrder(resources, kustomization)
    .map(({ object }) => object)
    .filter((object) => !isLocal(object))
}

/** Objects that only kustomize is to see. */
const isLocal = (object: JsonMap): boolean => {
  const { annotations } = metadataOf(object)
  return isMap(annotations) && annotations['config.kubernetes.io/local-config'] === 'true'
}

class Builder {
  private readonly context: KubectlContext
  private readonly kinds: readonly Kind[]

  constructor(context: KubectlContext) {
    this.context = context
    this.kinds = context.kinds
  }

  load(place: Place): Kustomization {
    const names = FILE_NAMES.filter((name) => place.has(name))
    if (names.length > 1) throw new KubectlError(`Found multiple kustomization files under: ${place.root}\n`)
    if (names.length === 0) {
      throw new KubectlError(
        `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${place.root}'`,
      )
    }
    return readKustomization(readText(place, names[0]), place.root, (line) => this.context.stderr(`${line}\n`))
  }

  /** @param given resources that are there already: those that a component changes */
  build(given: readonly Resource[], kustomization: Kustomization, place: Place): readonly Resource[] {
    let resources = prefixed('accumulating resources', () =>
      kustomization.resources.reduce((found, path) => this.addResource(found, path, place), given),
    )
    const { generatorOptions } = kustomization
    for (const args of kustomization.configMapGenerator ?? [])
      resources = generate(resources, 'ConfigMap', args, generatorOptions, place)
    for (const args of kustomization.secretGenerator ?? [])
      resources = generate(resources, 'Secret', args, generatorOptions, place)
    resources = prefixed('accumulating components', () =>
      (kustomization.components ?? []).reduce((found, path) => this.addComponent(found, path, place), resources),
    )
    return this.transform(resources, kustomization, place)
  }

  private addResource(found: readonly Resource[], path: string, place: Place): readonly Resource[] {
    let more: readonly Resource[]
    try {
      return merged(found, this.readFile(path, place), `merging resources from '${path}': `)
    } catch (fileError) {
      if (!(fileError instanceof KubectlError)) throw fileError
      if (fileError.message.includes('MalformedYAMLError')) throw fileError
      try {
        more = this.enter(place.enter(path), 'Kustomization', [])
        return merged(found, more, 'recursed merging from path ')
      } catch (error) {
        if (!(error instanceof KubectlError)) throw error
        throw new KubectlError(`accumulation err='${fileError.message}': ${error.message}`)
      }
    }
  }

  private addComponent(found: readonly Resource[], path: string, place: Place): readonly Resource[] {
    const inner = quoted('loader.New', () => place.enter(path))
    return quoted('accumulateDirectory:', () => this.enter(inner, 'Component', found))
  }

  private enter(place: Place, kind: 'Kustomization' | 'Component', given: readonly Resource[]): readonly Resource[] {
    const kustomization = prefixed(`couldn't make target for path '${place.root}'`, () => this.load(place))
    if (kind === 'Component' && kustomization.kind !== kind)
      throw new KubectlError(`expected kind 'Component' for path '${place.root}' but got '${kustomization.kind}'`)
    if (kind !== 'Component' && kustomization.kind === 'Component')
      throw new KubectlError(`expected kind != 'Component' for path '${place.root}'`)
    return prefixed(`recursed accumulation of path '${place.root}'`, () => this.build(given, kustomization, place))
  }

  private readFile(path: string, place: Place): Resource[] {
    return prefixed(`accumulating resources from '${path}'`, () => {
      const text = readText(place, path)
      let values: unknown[]
      try {
        values = parseManifest(text, '').flatMap(({ value }) => flatten(value))
      } catch (error) {
        if (!(error instanceof KubectlError)) throw error
        const why = error.message.replace(/^error parsing : error converting YAML to JSON: (yaml: )(line \d+: )?/, '$1')
        throw new KubectlError(`MalformedYAMLError: ${why} in File: ${path}`)
      }
      return values.map(resourceOf)
    })
  }

  private transform(given: readonly Resource[], kustomization: Kustomization, place: Place): readonly Resource[] {
    const { namespace, namePrefix = '', nameSuffix = '' } = kustomization
    const schemaOf: SchemaOf = (resource) => this.kindOf(resource)?.schema
    const patch = (resources: readonly Resource[], one: Patch): readonly Resource[] =>
      applyPatch(resources, one, place, schemaOf)
    const old = (kustomization.patchesStrategicMerge ?? []).map(
      (text): Patch => (place.has(text) ? { path: text } : { patch: text }),
    )
    let resources = [...old, ...(kustomization.patches ?? [])].reduce(patch, given)
    const each = (change: (resource: Resource) => Resource): void => {
      resources = resources.map(change)
    }
    if (namespace) each((resource) => inNamespace(resource, namespace, (one) => this.kindOf(one)?.isNamespaced ?? true))
    each((resource) => withAffix(resource, namePrefix, ''))
    each((resource) => withAffix(resource, '', nameSuffix))
    for (const label of kustomization.labels ?? []) each((resource) => withLabels(resource, label))
    const { commonLabels, commonAnnotations } = kustomization
    if (commonLabels) each((resource) => withLabels(resource, { pairs: commonLabels, includeSelectors: true }))
    if (commonAnnotations) each((resource) => withAnnotations(resource, commonAnnotations))
    resources = (kustomization.patchesJson6902 ?? []).reduce(patch, resources)
    for (const count of kustomization.replicas ?? []) resources = withReplicas(resources, count)
    for (const image of kustomization.images ?? []) each((resource) => withImage(resource, image))
    for (const replacement of kustomization.replacements ?? []) resources = replaceFields(resources, replacement, place)
    return resources
  }

  private kindOf({ kind, apiVersion }: Resource): Kind | undefined {
    return this.kinds.find((one) => one.kind === kind && one.apiVersion === apiVersion)
  }
}

function merged(found: readonly Resource[], more: readonly Resource[], where: string): readonly Resource[] {
  const keyOf = (resource: Resource): string => {
    const { name, namespace } = idOf(resource)
    return shownId(resource, name, namespace)
  }
  const known = new Set(found.map(keyOf))
  const twice = more.map(keyOf).find((key, at, all) => known.has(key) || all.indexOf(key) < at)
  if (twice !== undefined)
    throw new KubectlError(`${where}may not add resource with an already registered id: ${twice}`)
  return [...found, ...more]
}

function resourceOf(object: unknown): Resource {
  if (!isMap(object)) throw new KubectlError('missing Resource metadata')
  const { name, namespace, generateName } = metadataOf(object)
  const shown = (what: string): KubectlError =>
    new KubectlError(
      `missing ${what} in object {{${object.apiVersion ?? ''} ${object.kind ?? ''}} {{${name ?? ''} ${namespace ?? ''}} map[] map[]}}`,
    )
  if (!object.kind) throw shown('kind')
  if (!name && !generateName) throw shown('metadata.name')
  return makeResource(object)
}

const flatten = (value: unknown): unknown[] =>
  isMap(value) && typeof value.kind === 'string' && value.kind.endsWith('List') && Array.isArray(value.items)
    ? value.items.flatMap(flatten)
    : [value]

function readText(place: Place, path: string): string {
  const content = place.read(path)
  return typeof content === 'string' ? content : decodeBase64Lossy(content.base64)
}

/** Says with a failure what was going on. */
function prefixed<T>(what: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof KubectlError) throw new KubectlError(`${what}: ${error.message}`)
    throw error
  }
}

function quoted<T>(what: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof KubectlError) throw new KubectlError(`${what} ${JSON.stringify(error.message)}`)
    throw error
  }
}
