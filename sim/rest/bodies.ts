/** The bodies of requests as values: JSON, YAML or protobuf, whatever the Content-Type says. */
import { mostJsonDepth, nestsDeeperThan } from '../api/meta/json-depth.ts'
import { badRequest, StatusError } from '../api/meta/status-error.ts'
import { strictWarnings } from '../apiserver/decoding.ts'
import type { WrittenFields } from '../client/client.ts'
import { parseYamlValue } from '../kubectl/yaml.ts'
import { maxBodyBytes } from './limits.ts'
import { PROTOBUF } from './negotiation.ts'
import { decodeProtobuf, type ExpectedKind } from './protobuf/decode.ts'
import { writtenInJson, writtenInYaml } from './written-fields.ts'

export type PatchContent = 'json' | 'merge' | 'strategic' | 'apply'

const PATCH_TYPES: Readonly<Record<string, PatchContent>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}
const OBJECT_TYPES = ['application/json', 'application/yaml', PROTOBUF]

const unsupported = (accepted: readonly string[]): StatusError =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )

/** Whether a body of that type is looked into at all: else it is refused for its type, whatever it says. */
export function isReadable(method: string, contentType: string | undefined): boolean {
  const type = mediaType(contentType)
  return method === 'PATCH' ? Object.hasOwn(PATCH_TYPES, type) : ['', 'text/json', ...OBJECT_TYPES].includes(type)
}

const mediaType = (contentType: string | undefined): string => (contentType ?? '').split(';')[0].trim().toLowerCase()

export const isProtobuf = (contentType: string | undefined): boolean => mediaType(contentType) === PROTOBUF

/**
 * The value of a body; undefined of an empty one.
 * @param expected what it should hold
 * @throws StatusError 400 for one that cannot be read, 413 for one that is too large, 415 for an unknown type
 */
export function readBody(body: Uint8Array, contentType: string | undefined, expected: ExpectedKind): unknown {
  if (body.length === 0) return undefined
  checkSize(body)
  const type = mediaType(contentType) || 'application/json'
  if (type === PROTOBUF) return decodeProtobuf(body, expected)
  if (type === 'application/json' || type === 'text/json') return parseJson(textOf(body))
  if (type === 'application/yaml') return parseYaml(textOf(body))
  throw unsupported(OBJECT_TYPES)
}

/** A patch and its kind. @throws StatusError as readBody */
export function readPatch(body: Uint8Array, contentType: string | undefined): { type: PatchContent; patch: unknown } {
  checkSize(body)
  const type = PATCH_TYPES[mediaType(contentType)]
  if (!type) throw unsupported(Object.keys(PATCH_TYPES))
  const text = textOf(body)
  return { type, patch: type === 'apply' ? parseYaml(text) : parseJson(text) }
}

/** What the text of a body tells besides its value; undefined of one that is no text. */
export function writtenFields(body: Uint8Array, contentType: string | undefined): WrittenFields | undefined {
  const type = mediaType(contentType) || 'application/json'
  if (body.length === 0 || type === PROTOBUF) return undefined
  return type === 'application/yaml' ? writtenInYaml(textOf(body)) : writtenInJson(textOf(body))
}

/**
 * Refuses a configuration with fields that stand twice, or warns of them.
 * Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go applyPatcher
 */
export function checkApplied(body: Uint8Array, isStrict: boolean, warn: (text: string) => void): void {
  for (const { text } of writtenInYaml(textOf(body)).duplicates) {
    const problem = `error converting YAML to JSON: ${text}`
    if (isStrict) throw badRequest(`error strict decoding YAML: ${problem}`)
    for (const warning of strictWarnings(problem)) warn(warning)
  }
}

function checkSize(body: Uint8Array): void {
  if (body.length > maxBodyBytes)
    throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`)
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw badRequest('the body of the request is not valid UTF-8')
  }
}

function parseJson(text: string): unknown {
  if (nestsDeeperThan(text, mostJsonDepth))
    throw badRequest('error decoding the body of the request as JSON: exceeded max depth')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badRequest(`error decoding the body of the request as JSON: ${(error as Error).message}`)
  }
}

function parseYaml(text: string): unknown {
  // JSON is YAML, and is read faster as what it is.
  if (text.trimStart().startsWith('{')) return parseJson(text)
  try {
    return parseYamlValue(text)
  } catch (error) {
    throw badRequest(`error decoding YAML: ${(error as Error).message}`)
  }
}
