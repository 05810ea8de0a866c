/**
 * Writes sim/api/schema/definitions.generated.js: the OpenAPI-like table of every Kubernetes definition, read from the type
 * declarations of the package kubernetes-models. Formats (int32, int64…) are not in the declarations: each number field is
 * probed with the package's own validators. A step of scripts/build.mjs, which `npm ci` runs.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const target = join(root, 'sim', 'api', 'schema', 'definitions.generated.js')

/** Folders of the package whose definitions have another prefix than `io.k8s.api.<first part of the group>`. */
const PREFIXES = {
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
}

/** Definitions that the declarations reduce to a plain type. */
const SCALARS = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    // The declarations say nothing of it.
    description:
      'A number with an optional suffix: of a thousand (m, k, M, G, T, P, E), of 1024 (Ki, Mi, Gi, Ti, Pi, Ei), or a decimal exponent.',
    type: 'string',
    format: 'quantity',
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'string', format: 'int-or-string' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': { type: 'string', format: 'date-time' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': { type: 'string', format: 'date-time' },
}

const sources = [
  { folder: join(modules, 'kubernetes-models'), nameOf: modelName },
  {
    folder: join(modules, '@kubernetes-models', 'apimachinery'),
    nameOf: (parts) => `io.k8s.apimachinery.pkg.${parts.join('.')}`,
  },
]

const definitions = {}
const aliases = new Map()

export async function build() {
  for (const { folder } of sources)
    if (!existsSync(folder))
      throw new Error(`extract-schema: ${relative(root, folder)} is missing; install the dependencies first (npm ci)`)
  const version = JSON.parse(readFileSync(join(modules, 'kubernetes-models', 'package.json'), 'utf8')).version
  const files = []
  for (const { folder, nameOf } of sources)
    for (const path of declarationsIn(folder)) {
      const parts = relative(folder, path)
        .replace(/\.d\.ts$/, '')
        .split(sep)
      const text = readFileSync(path, 'utf8')
      const exported = /export type \{ .*? as I(IoK8s\w+)/.exec(text)
      if (!exported) continue
      const name = nameOf(parts)
      aliases.set(`I${exported[1]}`, name)
      files.push({ name, text, validator: join(folder, '_schemas', `${exported[1]}.js`) })
    }

  for (const file of files) {
    const definition = parseDeclaration(file)
    definitions[file.name] = SCALARS[file.name] ? { ...definition, ...SCALARS[file.name] } : definition
  }
  await Promise.all(files.map(addFormats))

  const sorted = Object.fromEntries(
    Object.keys(definitions)
      .sort()
      .map((name) => [name, definitions[name]]),
  )
  mkdirSync(dirname(target), { recursive: true })
  const output = `// From kubernetes-models ${version}, by scripts/extract-schema.mjs.\nexport default JSON.parse(${JSON.stringify(JSON.stringify(sorted))})\n`
  if (!existsSync(target) || readFileSync(target, 'utf8') !== output) writeFileSync(target, output)
  return `${Object.keys(sorted).length} definitions`
}

function declarationsIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !['_schemas', 'node_modules'].includes(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return declarationsIn(path)
      return entry.name.endsWith('.d.ts') && entry.name !== 'index.d.ts' ? [path] : []
    })
    .sort()
}

function modelName(parts) {
  if (parts.length === 2) return `io.k8s.api.core.${parts.join('.')}`
  const [group, ...rest] = parts
  return `${PREFIXES[group] ?? `io.k8s.api.${group.split('.')[0]}`}.${rest.join('.')}`
}

/** The definition that a file declares: its comment, and its fields with comment, type and whether they are required. */
function parseDeclaration({ name, text }) {
  const start =
    /((?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?)export (interface|type) \w+(?: extends TypeMeta)?(?: = (.*);| \{\n)/.exec(
      text,
    )
  if (!start) throw new Error(`extract-schema: no declaration of ${name}`)
  const description = comment(start[1])
  if (start[2] === 'type' && start[3] !== undefined)
    return { ...(description ? { description } : {}), ...parseType(start[3], name) }
  const properties = {}
  const required = []
  const lines = text.slice(start.index + start[0].length).split('\n')
  let fieldComment = ''
  for (let i = 0; i < lines.length && lines[i] !== '}'; i++) {
    if (lines[i].trimStart().startsWith('/**')) {
      const from = i
      while (!lines[i].includes('*/')) i++
      fieldComment = comment(lines.slice(from, i + 1).join('\n'))
      continue
    }
    const field = /^ {4}"([^"]+)"(\??): (.*)$/.exec(lines[i])
    if (!field) continue
    let type = field[3]
    while (braces(type) > 0) type += lines[++i].trim()
    properties[field[1]] = {
      ...(fieldComment ? { description: fieldComment } : {}),
      ...parseType(type.replace(/;$/, ''), name),
    }
    // A kind's own type is a constant, which manifests need and the API's table does not ask for.
    const isConstant = ['apiVersion', 'kind'].includes(field[1]) && properties[field[1]].enum
    if (!field[2] && !isConstant) required.push(field[1])
    fieldComment = ''
  }
  return {
    ...(description ? { description } : {}),
    type: 'object',
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  }
}

function braces(text) {
  return (text.match(/\{/g) ?? []).length - (text.match(/\}/g) ?? []).length
}

function comment(block) {
  return block
    .replace(/^\s*\/\*\*\n?/, '')
    .replace(/\s*\*\/\s*$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .replace(/\\([*_])/g, '$1')
    .trim()
}

function parseType(text, name) {
  const type = text.trim()
  if (type === 'string' || type === 'boolean') return { type }
  if (type === 'number') return { type: 'integer' }
  if (type === 'any' || type === 'unknown') return {}
  const array = /^(?:Readonly)?Array<(.*)>$/.exec(type)
  if (array) return { type: 'array', items: parseType(array[1], name) }
  const map = /^\{\s*\[key: string\]: (.*?);?\s*\}$/.exec(type)
  if (map) return { type: 'object', additionalProperties: parseType(map[1], name) }
  if (/^"[^"]*"( \| "[^"]*")*$/.test(type))
    return { type: 'string', enum: [...type.matchAll(/"([^"]*)"/g)].map((m) => m[1]) }
  if (aliases.has(type)) return { $ref: aliases.get(type) }
  // A whole object that is written out in place, as claims in a StatefulSet are: it is the kind that has this spec.
  const kind = aliases.get(/^\{.*"spec"\??: (\w+);/.exec(type)?.[1])?.replace(/Spec$/, '')
  if ([...aliases.values()].includes(kind)) return { $ref: kind }
  // A definition that refers to itself or a neighbour by its short name.
  const neighbour = name.replace(/[^.]+$/, type.replace(/^I/, ''))
  if ([...aliases.values()].includes(neighbour)) return { $ref: neighbour }
  return { type: 'object' }
}

/** Asks the validator of the definition which format each number and string field has. */
async function addFormats({ name, validator }) {
  const properties = definitions[name]?.properties
  if (!properties || !existsSync(validator)) return
  const probes = Object.entries(properties).flatMap(([field, schema]) => {
    const leaf = schema.items ?? schema.additionalProperties ?? schema
    const wrap = schema.items
      ? (value) => [value]
      : schema.additionalProperties
        ? (value) => ({ x: value })
        : (value) => value
    return leaf.type === 'integer' || (leaf.type === 'string' && !leaf.enum) ? [{ field, leaf, wrap }] : []
  })
  if (probes.length === 0) return
  const { validate } = await import(pathToFileURL(validator).href)
  const errorsOf = (field, value) => {
    validate({ [field]: value })
    return (validate.errors ?? []).filter((error) => error.instancePath.startsWith(`/${field}`))
  }
  for (const { field, leaf, wrap } of probes) {
    if (leaf.type === 'string') {
      const format = errorsOf(field, wrap('\u0000')).find((error) => error.keyword === 'format')?.params.format
      if (format) leaf.format = format
      continue
    }
    if (!errorsOf(field, wrap(1.5)).some((error) => error.keyword === 'type')) {
      leaf.type = 'number'
      leaf.format = 'double'
    } else leaf.format = errorsOf(field, wrap(2 ** 31)).some((error) => error.keyword === 'format') ? 'int32' : 'int64'
  }
}
