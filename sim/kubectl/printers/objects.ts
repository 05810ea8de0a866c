/** Objects as -o asks for them. Tables are the business of `get`; everything that needs the whole object is here. */

import { isMap, type JsonMap, type KeyOrder, printIndentedJson, sortedKeys } from '../../api/meta/go-json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { Invocation } from '../command.ts'
import type { KubectlContext } from '../context.ts'
import { KubectlError } from '../errors.ts'
import { readText } from '../files.ts'
import { shownName } from '../resources.ts'
import { printCustomColumns } from './custom-columns.ts'
import { printGoTemplate } from './go-template.ts'
import { findValues, parseJsonPath, printJsonPath } from './jsonpath.ts'
import { printKyaml } from './kyaml.ts'
import { printYaml } from './yaml.ts'

/** Prints what a command shows of an object, or of a list of them. */
export interface ObjectPrinter {
  /** @param value an object, or a `List` of them */
  print(value: unknown, kind: Kind | undefined): string
}

const FORMATS = [
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
const TABLE_FORMATS = ['custom-columns', 'custom-columns-file', 'wide']

interface PrinterOptions {
  /** Whether the command knows tables: only then are `wide` and `custom-columns` among the formats. */
  tables?: boolean
  /** The order of fields in JSON and KYAML: sorted unless told. */
  keysOf?: KeyOrder
}

/**
 * The printer for -o, or undefined for a table ('' and 'wide').
 * @throws KubectlError `unable to match a printer suitable for the output format "x", allowed formats are: …`
 */
export function objectPrinter(
  { flags, context }: Pick<Invocation, 'flags' | 'context'>,
  { tables = false, keysOf = sortedKeys }: PrinterOptions = {},
): ObjectPrinter | undefined {
  const output = flags.string('output') || (flags.string('template') && 'go-template')
  if (output === '' || (tables && output === 'wide')) return undefined
  const showsManagedFields = flags.bool('show-managed-fields')
  const clean = (value: unknown): unknown => (showsManagedFields ? value : withoutManagedFields(value))
  const equals = output.indexOf('=')
  const format = equals < 0 ? output : output.slice(0, equals)
  const argument = equals < 0 ? flags.string('template') : output.slice(equals + 1)
  /** What the format is to be filled with: given, or in the file that is given. */
  const templateText = (): string => {
    if (!argument) throw new KubectlError('template format specified but no template given')
    return format.endsWith('file') ? readTemplate(context, argument) : argument
  }
  switch (TEXT_FORMATS.has(output.toLowerCase()) ? output.toLowerCase() : format) {
    case 'yaml': {
      let count = 0
      return { print: (value) => `${count++ > 0 ? '---\n' : ''}${printYaml(clean(value))}` }
    }
    case 'json':
      return { print: (value) => `${printIndentedJson(clean(value), keysOf)}\n` }
    case 'kyaml':
      return { print: (value) => printKyaml(clean(value), keysOf) }
    case 'name':
      return { print: printNames }
    case 'jsonpath':
    case 'jsonpath-file': {
      const template = parseJsonPath(templateText())
      const allowsMissing = flags.bool('allow-missing-template-keys')
      return { print: (value) => printJsonPath(template, value, allowsMissing) }
    }
    case 'jsonpath-as-json': {
      const template = parseJsonPath(templateText())
      return { print: (value) => `${printIndentedJson(findValues(template, value))}\n` }
    }
    case 'go-template':
    case 'go-template-file':
    case 'template':
    case 'templatefile': {
      const template = templateText()
      return { print: (value) => printGoTemplate(template, value) }
    }
  }
  if (tables && (format === 'custom-columns' || format === 'custom-columns-file')) {
    if (!argument) throw new KubectlError(`${format} format specified but no custom columns given`)
    const isHeaderless = flags.has('no-headers') && flags.bool('no-headers')
    return format === 'custom-columns'
      ? printCustomColumns(argument, !isHeaderless)
      : printCustomColumns(columnsOf(readTemplate(context, argument, 'template')), !isHeaderless)
  }
  const allowed = tables ? [...FORMATS, ...TABLE_FORMATS].sort() : FORMATS
  throw new KubectlError(
    `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: ${allowed.join(',')}`,
  )
}

/** Those that may be written in any case. */
const TEXT_FORMATS = new Set(['json', 'kyaml', 'name', 'yaml'])

function readTemplate(context: KubectlContext, path: string, what = '--template'): string {
  const text = readText(context, path)
  if (text === undefined)
    throw new KubectlError(`error reading ${what} ${path}, open ${path}: no such file or directory`)
  return text
}

/** A file of custom columns: headers in its first line, paths in its second. */
function columnsOf(text: string): string {
  const [headers = [], paths = []] = text.split('\n').map((line) => line.trim().split(/\s+/))
  return headers.map((header, at) => `${header}:${paths[at]}`).join(',')
}

function printNames(value: unknown, kind: Kind | undefined): string {
  const items = isMap(value) && Array.isArray(value.items) ? value.items : [value]
  return (items as KubeObject[])
    .map(
      (object) =>
        `${kind && kind.kind === object.kind ? shownName(kind, object.metadata.name || '<unknown>') : nameOf(object)}\n`,
    )
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
