/** kubectl explain. Source: k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl and pkg/explain/explain.go */
import { documentedSchema } from '../../api/apiextensions/documented.ts'
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import type { Schema } from '../../api/schema/types.ts'
import { discoverAgain, readDescription } from '../ask.ts'
import type { Command, Invocation } from '../command.ts'
import type { SchemaSource } from '../context.ts'
import { KubectlError } from '../errors.ts'

const WIDTH = 80
/** How many values of an enumeration a list of fields names. */
const ENUM_LIMIT = 4

export const explain: Command = {
  name: 'explain',
  short: 'Get documentation for a resource',
  usage:
    'TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2] [options]',
  flags: [
    { name: 'api-version', type: 'string', help: 'Use given api-version (group/version) of the resource.' },
    { name: 'output', short: 'o', type: 'string', default: 'plaintext', help: 'Format in which to render the schema.' },
    { name: 'recursive', type: 'bool', help: 'When true, print the name of all the fields recursively.' },
  ],
  run(invocation) {
    const { args, flags, context } = invocation
    const source = context.schema
    if (args.length === 0) {
      throw new KubectlError(
        'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.\n',
      )
    }
    if (args.length > 1) throw new KubectlError('We accept only this format: explain RESOURCE\n')
    if (!source) throw new KubectlError('the descriptions of the API are not available here')
    invocation.readConfig()
    const asked = parseRequest(invocation, args[0])
    if (!asked) {
      discoverAgain(invocation)
      // Told without the word `error`: the mapper knows no such name.
      invocation.err(`the server doesn't have a resource type "${args[0].split('.')[0]}"\n`)
      return 1
    }
    if (!['plaintext', 'plaintext-openapiv2'].includes(flags.string('output')))
      throw new KubectlError(`unrecognized format: ${flags.string('output')}`)
    const kind = inVersion(invocation, asked.kind, flags.string('api-version'))
    readDescription(invocation, kind)
    invocation.out(
      `${kind.group ? `GROUP:      ${kind.group}\n` : ''}KIND:       ${kind.kind}\nVERSION:    ${kind.version}\n\n`,
    )
    const found = follow(source, documentedSchema(kind) ?? { $ref: kind.schema }, asked.path)
    if (!found) throw new KubectlError(`field "${asked.path.at(-1)}" does not exist`)
    const name = asked.path.at(-1)
    if (name !== undefined) invocation.out(`FIELD: ${name} <${typeName(source, found)}>\n${longEnum(found)}\n\n`)
    invocation.out(`DESCRIPTION:\n${indented(wrapped(description(source, found) || '<empty>', WIDTH - 4), 4)}\n`)
    const fields = fieldList(source, found, { level: 1, isRecursive: flags.bool('recursive'), within: [] })
    invocation.out(`${fields ? `FIELDS:\n${fields}` : ''}\n`)
    return 0
  },
}

interface Request {
  kind: Kind
  path: readonly string[]
}

/** `pods.spec.containers`, `deployments.apps.spec`: a resource, with its group where that tells it from others, and a path. */
function parseRequest({ resources, flags }: Invocation, text: string): Request | undefined {
  const request = text.replace(/\.$/, '')
  const [resource, ...path] = request.split('.')
  if (path.includes('')) throw new KubectlError('invalid jsonpath syntax, first node must be field node')
  const first = resources.lookUp(resource)
  if (!first) return undefined
  const qualified = flags.string('api-version')
    ? undefined
    : resources.all.find(
        (kind) =>
          (kind.plural === resource || kind.singular === resource) &&
          `${request}.`.startsWith(`${resourceName(kind)}.`),
      )
  if (!qualified) return { kind: first, path }
  const rest = request.slice(resourceName(qualified).length + 1)
  return { kind: qualified, path: rest ? rest.split('.') : [] }
}

function inVersion({ resources }: Invocation, kind: Kind, apiVersion: string): Kind {
  if (!apiVersion) return kind
  const wanted = apiVersion.replace(/^\//, '')
  const found = resources.inVersion(kind.plural, wanted)
  if (found) return found
  const gvr = `${wanted}, Resource=${kind.plural}`
  throw new KubectlError(
    resources.serves(wanted) ? `GVR (${gvr}) not found in OpenAPI schema` : `couldn't find resource for "${gvr}"`,
  )
}

/** The schema at the end of a path of fields; lists and maps are passed through. Undefined when there is none. */
function follow(source: SchemaSource, schema: Schema, path: readonly string[]): Schema | undefined {
  const [name, ...rest] = path
  if (name === undefined) return schema
  const inner = schema.items ?? schema.additionalProperties
  if (inner) return follow(source, inner, path)
  const properties = resolved(source, schema).properties ?? {}
  return Object.hasOwn(properties, name) ? follow(source, properties[name], rest) : undefined
}

const resolved = (source: SchemaSource, schema: Schema): Schema =>
  schema.$ref ? (source.definition(schema.$ref) ?? {}) : schema

/** What is said of the field, and of the type behind it. */
function description(source: SchemaSource, schema: Schema): string {
  const inner = schema.items ?? schema.additionalProperties ?? (schema.$ref ? resolved(source, schema) : undefined)
  const own = schema.description ? `${schema.description}\n` : ''
  return own + (inner ? description(source, inner) : '')
}

/** `string`, `PodSpec`, `[]Container`, `map[string]string`: structs, and what JSON writes as one of two, go by their names. */
function typeName(source: SchemaSource, { type, items, additionalProperties, $ref }: Schema): string {
  if (items) return `[]${typeName(source, items)}`
  if (additionalProperties) return `map[string]${typeName(source, additionalProperties)}`
  if (!$ref) return type === undefined || type === 'object' ? 'Object' : type
  const definition = source.definition($ref)
  const isPlain = definition?.type === 'string' && !['quantity', 'int-or-string'].includes(definition.format ?? '')
  return isPlain ? definition.type! : $ref.slice($ref.lastIndexOf('.') + 1)
}

interface ListOptions {
  level: number
  isRecursive: boolean
  /** Definitions around this one: none is followed within itself. */
  within: readonly string[]
}

function fieldList(source: SchemaSource, schema: Schema, options: ListOptions): string {
  const { level, isRecursive, within } = options
  const inner = schema.items ?? schema.additionalProperties
  if (inner) return fieldList(source, inner, options)
  if (schema.$ref && within.includes(schema.$ref)) return ''
  const next = { level: level + 1, isRecursive, within: schema.$ref ? [...within, schema.$ref] : within }
  const { properties = {}, required = [] } = resolved(source, schema)
  return Object.keys(properties)
    .sort()
    .map((name) => {
      const field = properties[name]
      const head = `${name}\t<${typeName(source, field)}>${required.includes(name) ? ' -required-' : ''}`
      const lines = `${indented(head, level * 2)}${shortEnum(field, level * 2)}\n`
      if (isRecursive) return lines + fieldList(source, field, next)
      const words = wrapped(field.description || '<no description>', WIDTH - 2 - level * 2)
      return `${lines}${indented(words, level * 2 + 2)}\n\n`
    })
    .join('')
}

const enumWord = (value: string): string => value || '""'

const longEnum = ({ enum: values }: Schema): string =>
  values?.length ? `ENUM:${values.map((value) => `\n    ${enumWord(value)}`).join('')}` : ''

function shortEnum({ enum: values }: Schema, indent: number): string {
  if (!values?.length) return ''
  const shown = values.slice(0, ENUM_LIMIT).map(enumWord)
  return `\n${' '.repeat(indent)}enum: ${[...shown, ...(values.length > ENUM_LIMIT ? ['....'] : [])].join(', ')}`
}

const indented = (text: string, indent: number): string => {
  const pad = ' '.repeat(indent)
  return pad + text.replaceAll('\n', `\n${pad}`)
}

/**
 * Lines broken at spaces, with the breaks and the spaces of the text itself; a word that is longer than a line stays whole.
 * Source: github.com/mitchellh/go-wordwrap
 */
function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => {
      let out = ''
      let used = 0
      for (const [, spaces, word] of line.matchAll(/(\s*)(\S*)/g)) {
        const before = used + spaces.length
        // The break comes while the word is being written: one that begins the line, though too long, is not moved.
        const isBroken = word !== '' && before >= 2 && before + word.length > width
        if (isBroken) {
          out += `\n${word}`
          used = word.length
        } else if (word !== '' || before <= width) {
          out += spaces + word
          used = before + word.length
        }
      }
      return out
    })
    .join('\n')
}
