/**
 * In which form an answer is wanted: plain JSON, a table, or metadata alone.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
 */
import { StatusError } from '../api/meta/status-error.ts'

export interface Representation {
  /** The object itself unless told. */
  as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList'
  /** Of the form's own group: `v1`, `v2`. */
  version: string
}

const PLAIN: Representation = { as: 'object', version: '' }
/** Forms of meta.k8s.io and of apidiscovery.k8s.io, with the versions that are spoken. */
const FORMS: Readonly<Record<string, { group: string; versions: readonly string[] }>> = {
  Table: { group: 'meta.k8s.io', versions: ['v1', 'v1beta1'] },
  PartialObjectMetadata: { group: 'meta.k8s.io', versions: ['v1', 'v1beta1'] },
  PartialObjectMetadataList: { group: 'meta.k8s.io', versions: ['v1', 'v1beta1'] },
  APIGroupDiscoveryList: { group: 'apidiscovery.k8s.io', versions: ['v2', 'v2beta1'] },
}
const YAML = 'application/yaml'
const JSON_TYPES = new Set(['application/json', 'application/*', '*/*', ''])
/** Answers that are no object are text: logs, metrics, health. */
const TYPES = new Set([...JSON_TYPES, YAML, 'text/plain', 'text/*'])
export const PROTOBUF = 'application/vnd.kubernetes.protobuf'
/** A table has no message. */
const PROTOBUF_FORMS = new Set<Representation['as']>(['PartialObjectMetadata', 'PartialObjectMetadataList'])

/**
 * The first form of the Accept header that is spoken here. Typed clients ask for protobuf as the first of two, and get JSON; who
 * speaks protobuf alone gets that.
 * @param allowed the forms that this path can answer in
 * @throws StatusError 406 when none is
 */
export function negotiate(accept: string | undefined, allowed: readonly Representation['as'][]): Representation {
  if (!accept?.trim()) return PLAIN
  const isAlone = speaksProtobufAlone(accept)
  for (const range of accept.split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim())
    const given = Object.fromEntries(parameters.map((parameter) => parameter.split('=', 2)))
    const as = given.as as Representation['as'] | undefined
    if (as !== undefined) {
      const form = FORMS[as]
      if (!form || form.group !== given.g || !form.versions.includes(given.v) || !allowed.includes(as)) continue
      if (type === 'application/json' || (isAlone && PROTOBUF_FORMS.has(as))) return { as, version: given.v }
      continue
    }
    if (isAlone || TYPES.has(type)) return PLAIN
  }
  throw new StatusError(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml, application/json;as=Table;v=v1;g=meta.k8s.io',
  )
}

/** Whether an object as it is would do, so that no path refuses it. */
export function isAnswerable(accept: string): boolean {
  try {
    negotiate(accept, [])
    return true
  } catch (error) {
    if (error instanceof StatusError) return false
    throw error
  }
}

/** Whether nothing but protobuf is understood. */
export function speaksProtobufAlone(accept = ''): boolean {
  if (!accept.includes(PROTOBUF)) return false
  return accept.split(',').every((range) => !TYPES.has(range.split(';')[0].trim()))
}

/** Whether YAML is asked for before JSON. */
export function prefersYaml(accept: string | undefined): boolean {
  const types = (accept ?? '').split(',').map((range) => range.split(';')[0].trim())
  return types.find((type) => type === YAML || JSON_TYPES.has(type)) === YAML
}
