/**
 * Objects as the server holds them: structs without names for JSON, so that messages that print them show Go's names of all fields, and null for
 * what is not set. Source: field.Error and util/diff, which marshal those structs
 */
import { charge } from '../../engine/work.ts'
import { givenKeys, isMap, type JsonMap, printIndentedJson, sorted } from '../meta/go-json.ts'
import { unifiedDiff } from '../meta/unified-diff.ts'
import table from './internal-structs.ts'

interface Field {
  name: string
  /** In manifests, in lower case: names differ in nothing else. */
  key: string
  kind: '' | '#' | '!' | '%' | '?' | ':' | '...'
  struct: string
}

const structs = new Map<string, readonly Field[]>(
  table
    .replaceAll('\n  ', ' ')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name, ...fields] = line.split(' ')
      return [name, fields.map(parseField)]
    }),
)

function parseField(text: string): Field {
  if (text.startsWith('...')) return { name: '', key: '', kind: '...', struct: text.slice(3) }
  const [, name, renamed, kind = '', struct = ''] = /^(\w+)(?:=(\w+))?(?:([#!%?:])(\w*))?$/.exec(text)!
  return { name, key: (renamed ?? name).toLowerCase(), kind: kind as Field['kind'], struct }
}

const zero = { '': '', '#': 0, '!': false, '%': '0', '?': null } as const

/** What a manifest says, as such a struct. */
export function internalForm(struct: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => internalForm(struct, item))
  if (struct === 'LabelSelector') return selectorForm(value)
  const given = prepare(struct, isMap(value) ? value : {})
  const byKey = new Map(Object.entries(given).map(([key, member]) => [key.toLowerCase(), member]))
  const form: JsonMap = {}
  const fields = structs.get(struct) ?? []
  charge(3 * fields.length)
  for (const field of fields) {
    if (field.kind === '...') {
      Object.assign(form, field.struct === 'ObjectMeta' ? metaForm(given.metadata) : internalForm(field.struct, given))
      continue
    }
    const member = byKey.get(field.key)
    const isSet = member !== undefined && member !== null
    if (field.kind === ':') form[field.name] = internalForm(field.struct, member)
    else if (!isSet) form[field.name] = zero[field.kind]
    else form[field.name] = field.struct ? internalForm(field.struct, member) : plain(member)
  }
  return form
}

/** What is different between two forms, as the server appends it to a refusal. */
export const formDiff = (before: unknown, after: unknown): string =>
  unifiedDiff(printIndentedJson(before, givenKeys, '', ' '), printIndentedJson(after, givenKeys, '', ' '))

/** What stands elsewhere in a manifest: the server has the namespaces that a Pod shares in its security context. */
function prepare(struct: string, value: JsonMap): JsonMap {
  if (struct !== 'PodSpec') return value
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers, securityContext } = value
  const shared = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers }
  return { ...value, securityContext: { ...(isMap(securityContext) ? securityContext : {}), ...shared } }
}

/** This and LabelSelector are the same in all versions, and keep the names of manifests. */
function metaForm(metadata: unknown): JsonMap {
  const { name, generateName, labels, annotations } = isMap(metadata) ? metadata : {}
  return given({ name, generateName, labels: plain(labels), annotations: plain(annotations) })
}

function selectorForm(selector: unknown): JsonMap {
  const { matchLabels, matchExpressions } = isMap(selector) ? selector : {}
  return given({
    matchLabels: plain(matchLabels),
    matchExpressions: Array.isArray(matchExpressions)
      ? matchExpressions.map(({ key = '', operator = '', values }) => given({ key, operator, values }))
      : undefined,
  })
}

const given = (map: JsonMap): JsonMap =>
  Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined))

const plain = (value: unknown): unknown => (isMap(value) ? sorted(value) : value)
