/** Objects as -o asks for them. Tables are the business of `get`; everything that needs the whole object is here. */
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { KubectlError } from '../errors.ts'
import type { FlagValues } from '../flags.ts'
import { shownName } from '../resources.ts'
import { printCustomColumns } from './custom-columns.ts'
import { printGoTemplate } from './go-template.ts'
import { isMap, type JsonMap, printIndentedJson } from './json.ts'
import { findValues, parseJsonPath, printJsonPath } from './jsonpath.ts'
import { printYaml } from './yaml.ts'

/** Prints what a command shows of an object, or of a list of them. */
export interface ObjectPrinter {
  /** @param value an object, or a `List` of them */
  print(value: unknown, kind: Kind | undefined): string
}

const FORMATS = [
  'custom-columns',
  'custom-columns-file',
  'go-template',
  'go-template-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'kyaml',
  'name',
  'template',
  'templatefile',
  'yaml',
]

/**
 * The printer for -o, or undefined for a table ('' and 'wide').
 * @param tables whether the command knows tables: only then is `wide` among the formats
 * @throws KubectlError `unable to match a printer suitable for the output format "x", allowed formats are: …`
 */
export function objectPrinter(flags: FlagValues, tables = true): ObjectPrinter | undefined {
  const output = flags.string('output')
  if (output === '' || (tables && output === 'wide')) return undefined
  const showsManagedFields = flags.bool('show-managed-fields')
  const clean = (value: unknown): unknown => (showsManagedFields ? value : withoutManagedFields(value))
  const equals = output.indexOf('=')
  const format = equals < 0 ? output : output.slice(0, equals)
  const argument = equals < 0 ? flags.string('template') : output.slice(equals + 1)
  const needsTemplate = (what: string): void => {
    if (!argument) throw new KubectlError(`${what} format specified but no template given`)
  }
  switch (format) {
    case 'yaml':
      return { print: (value) => printYaml(clean(value)) }
    case 'json':
      return { print: (value) => `${printIndentedJson(clean(value))}\n` }
    case 'name':
      return { print: printNames }
    case 'jsonpath': {
      needsTemplate('template')
      const template = parseJsonPath(argument)
      const allowsMissing = flags.bool('allow-missing-template-keys')
      return { print: (value) => printJsonPath(template, value, allowsMissing) }
    }
    case 'jsonpath-as-json': {
      needsTemplate('template')
      const template = parseJsonPath(argument)
      return { print: (value) => `${printIndentedJson(findValues(template, value))}\n` }
    }
    case 'go-template':
    case 'template':
      needsTemplate('template')
      return { print: (value) => printGoTemplate(argument, value) }
    case 'custom-columns': {
      if (!argument) throw new KubectlError('custom-columns format specified but no custom columns given')
      return printCustomColumns(argument, !flagIsSet(flags, 'no-headers'))
    }
    case 'custom-columns-file':
    case 'go-template-file':
    case 'jsonpath-file':
    case 'kyaml':
    case 'templatefile':
      throw new KubectlError(`the output format ${format} is not available here`)
    default:
      throw new KubectlError(
        `unable to match a printer suitable for the output format "${format}", allowed formats are: ${(tables
          ? [...FORMATS, 'wide']
          : FORMATS.filter((name) => !name.startsWith('custom'))
        )
          .toSorted()
          .join(',')}`,
      )
  }
}

const flagIsSet = (flags: FlagValues, name: string): boolean => flags.has(name) && flags.bool(name)

function printNames(value: unknown, kind: Kind | undefined): string {
  const items = isMap(value) && Array.isArray(value.items) ? value.items : [value]
  return (items as KubeObject[])
    .map((object) => `${kind && kind.kind === object.kind ? shownName(kind, object.metadata.name) : nameOf(object)}\n`)
    .join('')
}

const nameOf = (object: KubeObject): string => {
  const slash = object.apiVersion.indexOf('/')
  const group = slash < 0 ? '' : `.${object.apiVersion.slice(0, slash)}`
  return `${object.kind.toLowerCase()}${group}/${object.metadata.name}`
}

/** The object without managedFields, which kubectl hides unless asked. */
function withoutManagedFields(value: unknown): unknown {
  if (!isMap(value)) return value
  if (Array.isArray(value.items)) return { ...value, items: value.items.map(withoutManagedFields) }
  if (!isMap(value.metadata) || !('managedFields' in value.metadata)) return value
  const { managedFields: _, ...metadata } = value.metadata
  return { ...value, metadata }
}

/** The `v1 List` that several objects are printed in. */
export const listOf = (items: readonly unknown[]): JsonMap => ({
  apiVersion: 'v1',
  items,
  kind: 'List',
  metadata: { resourceVersion: '' },
})
