/** kubectl explain. Source: k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl */
import type { Command } from '../command.ts'
import type { SchemaDefinition, SchemaField, SchemaSource } from '../context.ts'
import { KubectlError } from '../errors.ts'

const WIDTH = 80

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
    const { args, flags, context, resources } = invocation
    const { schema } = context
    if (args.length === 0) {
      throw invocation.usageError(
        'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.\n',
      )
    }
    if (args.length > 1) throw invocation.usageError('We accept only this format: explain RESOURCE\n')
    if (!schema) throw new KubectlError('the descriptions of the API are not available here')
    const [resource, ...path] = args[0].split('.')
    const found = resources.find(resource)
    const apiVersion = flags.string('api-version')
    const kind = apiVersion ? resources.forObject(apiVersion, found.kind) : found
    if (!kind) throw new KubectlError(`couldn't find resource for "${apiVersion}, Kind=${found.kind}"`)
    const definition = schema.definition(kind.schema)
    if (!definition) throw new KubectlError(`couldn't find resource for "${kind.apiVersion}, Kind=${kind.kind}"`)
    const { field, target } = follow(schema, definition, path)
    invocation.out(
      `${kind.group ? `GROUP:      ${kind.group}\n` : ''}KIND:       ${kind.kind}\nVERSION:    ${kind.version}\n\n`,
    )
    if (field) {
      invocation.out(`FIELD: ${field.name} <${field.type}>${field.isRequired ? ' -required-' : ''}\n`)
      if (field.enum?.length) invocation.out(`ENUM:\n${field.enum.map((value) => `    ${value}\n`).join('')}`)
      invocation.out('\n')
    }
    const texts = [field?.description, target?.description].filter((text, at, all) => text && all.indexOf(text) === at)
    invocation.out(
      `DESCRIPTION:\n${(texts.length > 0 ? texts : ['<empty>']).map((text) => wrap(text ?? '', 4)).join('')}    \n`,
    )
    if (target && target.fields.length > 0) {
      invocation.out('FIELDS:\n')
      invocation.out(
        flags.bool('recursive') ? printTree(schema, target, 2, []) : target.fields.map(printField).join(''),
      )
      invocation.out('\n')
    }
    return 0
  },
}

/** Said of the two fields that the schemas leave without words. */
const TYPE_FIELDS: Readonly<Record<string, string>> = {
  apiVersion: 'The group and version of the API that the object is written in.',
  kind: 'The type of the object, in CamelCase. It cannot be changed.',
}

const isTypeField = (field: SchemaField): boolean => !field.description && Object.hasOwn(TYPE_FIELDS, field.name)

/** The field at a path, and the definition behind it. @throws KubectlError `field "nope" does not exist` */
function follow(schema: SchemaSource, root: SchemaDefinition, path: readonly string[]) {
  let target: SchemaDefinition | undefined = root
  let field: SchemaField | undefined
  for (const name of path) {
    field = target?.fields.find((one) => one.name === name)
    if (!field) throw new KubectlError(`field "${name}" does not exist`)
    target = field.definition ? schema.definition(field.definition) : undefined
  }
  return { field, target }
}

function printField(field: SchemaField): string {
  const head = `  ${field.name}\t<${field.type}>${field.isRequired ? ' -required-' : ''}\n`
  return `${head}${printEnum(field, '  ')}${wrap(field.description || (TYPE_FIELDS[field.name] ?? '<no description>'), 4)}\n`
}

const printEnum = (field: SchemaField, indent: string): string =>
  field.enum?.length && !isTypeField(field) ? `${indent}enum: ${field.enum.join(', ')}\n` : ''

/** Names and types at every depth; a definition within itself is not followed. */
function printTree(
  schema: SchemaSource,
  definition: SchemaDefinition,
  indent: number,
  within: readonly string[],
): string {
  return definition.fields
    .map((field) => {
      const head = `${' '.repeat(indent)}${field.name}\t<${field.type}>${field.isRequired ? ' -required-' : ''}\n`
      const enumLine = printEnum(field, ' '.repeat(indent))
      const inner =
        field.definition && !within.includes(field.definition) ? schema.definition(field.definition) : undefined
      return (
        head +
        enumLine +
        (inner && field.definition ? printTree(schema, inner, indent + 2, [...within, field.definition]) : '')
      )
    })
    .join('')
}

/** Paragraphs broken at spaces, each line indented. */
function wrap(text: string, indent: number): string {
  const room = WIDTH - indent
  let out = ''
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of paragraph.split(' ').filter(Boolean)) {
      if (line && line.length + 1 + word.length > room) {
        out += `${' '.repeat(indent)}${line}\n`
        line = word
      } else line = line ? `${line} ${word}` : word
    }
    out += `${' '.repeat(indent)}${line}\n`
  }
  return out
}
