/** The schema of a kind, asked until it is answered, and what a path of field names leads to in it. */

const outlines = new Map()
let kinds

/** Every kind as `{ apiVersion, kind }`; none when the server cannot be asked. */
export function knownKinds() {
  kinds ??= fetch('/editor/kinds')
    .then(readAnswer)
    .catch(() => {
      kinds = undefined
      return []
    })
  return kinds
}

/** Undefined when there is no such kind, or the server cannot be asked. */
export function outlineOf(apiVersion, kind) {
  if (!apiVersion || !kind) return Promise.resolve(undefined)
  const name = `${apiVersion}/${kind}`
  if (!outlines.has(name)) {
    const query = new URLSearchParams({ apiVersion, kind })
    const asked = fetch(`/editor/schema?${query}`)
      .then((response) => (response.status === 404 ? undefined : readAnswer(response)))
      .catch(() => {
        outlines.delete(name)
        return undefined
      })
    outlines.set(name, asked)
  }
  return outlines.get(name)
}

function readAnswer(response) {
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
  return response.json()
}

const resolve = (outline, schema) => (schema?.$ref ? outline.definitions[schema.$ref] : schema)

/** What holds the fields at the end of the path; lists and maps are passed through. */
export function holderAt(outline, path) {
  let schema = outline.definitions[outline.root]
  for (const name of path) {
    schema = resolve(
      outline,
      passLists(outline, schema)?.properties?.[name] ?? passLists(outline, schema)?.additionalProperties,
    )
    if (!schema) return undefined
  }
  return passLists(outline, schema)
}

function passLists(outline, schema) {
  let inner = resolve(outline, schema)
  while (inner?.items) inner = resolve(outline, inner.items)
  return inner
}

/** Of a field: its own words before those of its type. */
export function fieldOf(outline, holder, name) {
  const field = holder?.properties?.[name]
  if (!field) return undefined
  const type = resolve(outline, field)
  return {
    type: typeOf(outline, field),
    description: field.description ?? type?.description ?? '',
    values: field.enum ?? type?.enum ?? (type?.type === 'boolean' ? ['true', 'false'] : []),
    isRequired: holder.required?.includes(name) ?? false,
    isObject: type?.type === 'object' || type?.properties !== undefined,
    isList: type?.type === 'array',
  }
}

function typeOf(outline, schema) {
  const resolved = resolve(outline, schema)
  if (schema.items ?? resolved?.items) return `[]${typeOf(outline, schema.items ?? resolved.items)}`
  if (schema.$ref && resolved?.properties) return schema.$ref.split('.').at(-1)
  if (resolved?.format === 'quantity') return 'quantity'
  if (resolved?.format === 'int-or-string') return 'integer or string'
  if (resolved?.additionalProperties) return `map of ${typeOf(outline, resolved.additionalProperties)}`
  return resolved?.type ?? 'object'
}
