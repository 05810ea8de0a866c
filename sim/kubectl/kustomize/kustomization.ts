/** A kustomization file: where it is found, which fields it may have. Source: kustomize/api/types/kustomization.go */

import { isMap, type JsonMap, sortedKeys } from '../../api/meta/go-json.ts'
import { jsonTypeName } from '../../api/meta/json.ts'
import { KubectlError } from '../errors.ts'
import { parseManifest } from '../yaml.ts'

export interface SourceArgs {
  name?: string
  namespace?: string
  behavior?: string
  literals?: string[]
  files?: string[]
  envs?: string[]
  env?: string
  options?: GeneratorOptions
  /** Of a Secret. */
  type?: string
}

export interface GeneratorOptions {
  labels?: Record<string, string>
  annotations?: Record<string, string>
  disableNameSuffixHash?: boolean
  immutable?: boolean
}

export interface Selector {
  group?: string
  version?: string
  kind?: string
  name?: string
  namespace?: string
  labelSelector?: string
  annotationSelector?: string
}

export interface Patch {
  path?: string
  patch?: string
  target?: Selector
  options?: { allowNameChange?: boolean; allowKindChange?: boolean }
}

export interface Label {
  pairs?: Record<string, string>
  includeSelectors?: boolean
  includeTemplates?: boolean
  fields?: { path: string; kind?: string; group?: string; create?: boolean }[]
}

export interface Image {
  name?: string
  newName?: string
  newTag?: string
  digest?: string
  tagSuffix?: string
}

export interface Replacement {
  source?: Selector & { fieldPath?: string; options?: { delimiter?: string; index?: number } }
  targets?: {
    select?: Selector
    reject?: Selector[]
    fieldPaths?: string[]
    options?: { delimiter?: string; index?: number; create?: boolean }
  }[]
  path?: string
}

export interface Kustomization {
  kind: string
  apiVersion: string
  resources: string[]
  components?: string[]
  namePrefix?: string
  nameSuffix?: string
  namespace?: string
  commonLabels?: Record<string, string>
  labels?: Label[]
  commonAnnotations?: Record<string, string>
  patchesStrategicMerge?: string[]
  patchesJson6902?: Patch[]
  patches?: Patch[]
  images?: Image[]
  replicas?: { name: string; count: number }[]
  replacements?: Replacement[]
  configMapGenerator?: SourceArgs[]
  secretGenerator?: SourceArgs[]
  generatorOptions?: GeneratorOptions
  sortOptions?: { order?: string; legacySortOptions?: { orderFirst?: string[]; orderLast?: string[] } }
}

export const FILE_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']

/** What a field holds: a text, a number, a map of texts, a list of one of them, or fields of its own. */
type Shape = 'string' | 'bool' | 'int' | 'texts' | 'any' | readonly [Shape] | { readonly [field: string]: Shape }

const OPTIONS: Shape = { labels: 'texts', annotations: 'texts', disableNameSuffixHash: 'bool', immutable: 'bool' }
const SELECTOR = {
  group: 'string',
  version: 'string',
  kind: 'string',
  name: 'string',
  namespace: 'string',
  labelSelector: 'string',
  annotationSelector: 'string',
} as const
const SOURCES = {
  name: 'string',
  namespace: 'string',
  behavior: 'string',
  literals: ['string'],
  files: ['string'],
  envs: ['string'],
  env: 'string',
  options: OPTIONS,
} as const
const PATCH: Shape = {
  path: 'string',
  patch: 'string',
  target: SELECTOR,
  options: { allowNameChange: 'bool', allowKindChange: 'bool' },
}
const FIELD = { path: 'string', kind: 'string', group: 'string', version: 'string', create: 'bool' } as const
const IMAGE = { name: 'string', newName: 'string', newTag: 'string', digest: 'string', tagSuffix: 'string' } as const
const FIELD_OPTIONS = { delimiter: 'string', index: 'int', encoding: 'string', create: 'bool' } as const

const SHAPE: { readonly [field: string]: Shape } = {
  apiVersion: 'string',
  kind: 'string',
  metadata: 'any',
  resources: ['string'],
  bases: ['string'],
  components: ['string'],
  namePrefix: 'string',
  nameSuffix: 'string',
  namespace: 'string',
  commonLabels: 'texts',
  labels: [{ pairs: 'texts', includeSelectors: 'bool', includeTemplates: 'bool', fields: [FIELD] }],
  commonAnnotations: 'texts',
  patchesStrategicMerge: ['string'],
  patchesJson6902: [PATCH],
  patches: [PATCH],
  images: [IMAGE],
  imageTags: [IMAGE],
  replicas: [{ name: 'string', count: 'int' }],
  replacements: [
    {
      path: 'string',
      source: { ...SELECTOR, fieldPath: 'string', options: FIELD_OPTIONS },
      targets: [{ select: SELECTOR, reject: [SELECTOR], fieldPaths: ['string'], options: FIELD_OPTIONS }],
    },
  ],
  configMapGenerator: [SOURCES],
  secretGenerator: [{ ...SOURCES, type: 'string' }],
  generatorOptions: OPTIONS,
  sortOptions: { order: 'string', legacySortOptions: { orderFirst: ['string'], orderLast: ['string'] } },
  buildMetadata: ['string'],
  openapi: 'texts',
  configurations: ['string'],
  crds: ['string'],
  generators: ['string'],
  transformers: ['string'],
  validators: ['string'],
  vars: 'any',
  helmCharts: 'any',
  helmGlobals: 'any',
  helmChartInflationGenerator: 'any',
  inventory: 'any',
}

/** Real fields that nothing here acts on. */
const ABSENT = [
  'buildMetadata',
  'configurations',
  'crds',
  'generators',
  'helmChartInflationGenerator',
  'helmCharts',
  'helmGlobals',
  'inventory',
  'openapi',
  'transformers',
  'validators',
  'vars',
]

const DEPRECATED: readonly (readonly [field: string, instead: string])[] = [
  ['bases', 'resources'],
  ['imageTags', 'images'],
  ['patchesJson6902', 'patches'],
  ['patchesStrategicMerge', 'patches'],
  ['commonLabels', 'labels'],
]

/**
 * @param folder told when the file is not what it says it is
 * @param warn gets a line for each field that has another name now
 */
export function readKustomization(text: string, folder: string, warn: (line: string) => void): Kustomization {
  const value = parse(text)
  if (value === undefined || Object.keys(value).length === 0) throw new KubectlError('kustomization.yaml is empty')
  checkShape(value, SHAPE, '')
  const absent = ABSENT.find((field) => value[field] !== undefined)
  if (absent) throw new KubectlError(`invalid Kustomization: ${absent} is not available here`)
  for (const [field, instead] of DEPRECATED) {
    if (value[field] === undefined || value[field] === null) continue
    warn(
      `# Warning: '${field}' is deprecated. Please use '${instead}' instead. Run 'kustomize edit fix' to update your Kustomization automatically.`,
    )
  }
  const {
    bases = [],
    imageTags = [],
    ...rest
  } = value as Partial<Kustomization> & { bases?: string[]; imageTags?: Image[] }
  const kind = rest.kind || 'Kustomization'
  const version = `kustomize.config.k8s.io/${kind === 'Component' ? 'v1alpha1' : 'v1beta1'}`
  const problems: string[] = []
  if (kind !== 'Kustomization' && kind !== 'Component') problems.push('kind should be Kustomization or Component')
  if (rest.apiVersion && rest.apiVersion !== version) problems.push(`apiVersion for ${kind} should be ${version}`)
  if (problems.length > 0)
    throw new KubectlError(`Failed to read kustomization file under ${folder}:\n${problems.join('\n')}`)
  return {
    ...rest,
    kind,
    apiVersion: version,
    resources: [...(rest.resources ?? []), ...bases],
    images: [...(rest.images ?? []), ...imageTags],
  }
}

function parse(text: string): JsonMap | undefined {
  let value: unknown
  try {
    value = parseManifest(text, '')[0]?.value
  } catch (error) {
    const why = (error as Error).message.replace(/^error parsing : (error converting YAML to JSON: )?/, '')
    throw new KubectlError(`invalid Kustomization: ${why}`)
  }
  if (value === undefined) return undefined
  if (!isMap(value))
    throw new KubectlError(
      `invalid Kustomization: json: cannot unmarshal ${jsonTypeName(value)} into Go value of type types.Kustomization`,
    )
  return value
}

/** Source: encoding/json with DisallowUnknownFields; names of fields are the same in any case */
function checkShape(value: unknown, shape: Shape, path: string): void {
  if (value === null || value === undefined || shape === 'any') return
  const mismatch = (type: string): KubectlError =>
    new KubectlError(
      `invalid Kustomization: json: cannot unmarshal ${jsonTypeName(value)} into Go struct field Kustomization${path} of type ${type}`,
    )
  if (shape === 'texts') {
    if (!isMap(value)) throw mismatch('map[string]string')
    for (const key of sortedKeys(value)) checkShape(value[key], 'string', `${path}.${key}`)
  } else if (typeof shape === 'string') {
    const wanted = { string: 'string', bool: 'boolean', int: 'number' }[shape]
    if (typeof value !== wanted) throw mismatch(shape === 'int' ? 'int64' : shape)
  } else if (isList(shape)) {
    const [item] = shape
    if (!Array.isArray(value)) throw mismatch(`[]${typeof item === 'string' ? item : 'types'}`)
    for (const [at, one] of value.entries()) checkShape(one, item, typeof item === 'string' ? path : `${path}.${at}`)
  } else {
    if (!isMap(value)) throw mismatch('types')
    for (const key of sortedKeys(value)) {
      const field = Object.keys(shape).find((name) => name.toLowerCase() === key.toLowerCase())
      if (field === undefined)
        throw new KubectlError(`invalid Kustomization: json: unknown field ${JSON.stringify(key)}`)
      checkShape(value[key], shape[field], `${path}.${field}`)
    }
  }
}

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape)
