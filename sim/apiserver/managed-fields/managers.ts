/**
 * metadata.managedFields of a version. Nothing is reckoned when an object is written: the store keeps each version's write and
 * the version before, and the field sets are worked out from that chain when somebody asks (server-side apply,
 * --show-managed-fields).
 */
import { equalJson, isRecord } from '../../api/meta/json.ts'
import { definitionOf, type Kind } from '../../api/meta/kind.ts'
import type { ManagedFieldsEntry } from '../../api/meta/object.ts'
import { compareFields, difference, type FieldSet, fieldsOf, inOrder, union } from '../../api/schema/field-set.ts'
import type { Version, Write } from '../../etcd/etcd.ts'

/** One manager's fields, by operation and subresource. */
export interface Manager {
  manager: string
  operation: 'Apply' | 'Update'
  subresource?: string
  /** Where an object has several versions: the one in which it was written last. */
  apiVersion?: string
  /** 0 for no time. */
  atEpochMs: number
  fields: FieldSet
}

const lastApplied: FieldSet = {
  'f:metadata': { 'f:annotations': { 'f:kubectl.kubernetes.io/last-applied-configuration': {} } },
}

const known = new WeakMap<Version, readonly Manager[]>()

/** Who owns what of that version; nobody anything of an object that is no version of the store. */
export function managersOf(kind: Pick<Kind, 'schema' | 'custom'>, version: Version | undefined): readonly Manager[] {
  if (!version) return []
  // The chain may be long: the versions are taken up oldest first rather than by recursion.
  const chain: Version[] = []
  for (let at: Version | undefined = version; at && !known.has(at); at = at.before) chain.push(at)
  for (const at of chain.reverse())
    known.set(at, at.value && at.write ? afterWrite(definitionOf(kind), at, at.write.sent ?? at.value, at.write) : [])
  return known.get(version) ?? []
}

function afterWrite(schema: string | object, { before }: Version, after: unknown, write: Write): Manager[] {
  const managers = write.managedFields?.map(managerOf) ?? (before ? trackedOf(schema, before, write) : [])
  // Who changes an object of which nobody is known to own anything makes nobody known: only an apply does.
  if (before && managers.length === 0 && write.operation === 'Update') return []
  const compared = compareFields(schema, before?.value, after)
  const { removed } = compared
  // What the server keeps up to date beside an apply changes hands no more than it was applied.
  const changed = write.operation === 'Apply' ? (difference(compared.changed, lastApplied) ?? {}) : compared.changed
  const isSame = (manager: Manager): boolean =>
    manager.manager === write.manager &&
    manager.operation === write.operation &&
    manager.subresource === write.subresource &&
    (write.operation === 'Apply' || manager.apiVersion === write.apiVersion)
  const own = managers.find(isSame)
  const lost = write.operation === 'Update' ? union(changed, removed) : changed
  const appliedFields = write.applied ? fieldsOf(schema, write.applied) : undefined
  const result: Manager[] = []
  for (const manager of managers) {
    if (isSame(manager)) continue
    const fields = difference(manager.fields, lost)
    if (fields) result.push({ ...manager, fields })
  }
  const kept = own ? difference(own.fields, removed) : undefined
  const fields = appliedFields ?? (kept ? union(kept, changed) : changed)
  if (Object.keys(fields).length > 0) {
    // Who only takes fields away is not noted again.
    const isSeen = write.operation === 'Apply' || !own || Object.keys(changed).length > 0
    // Source: ToParent of k8s.io/apimachinery/pkg/util/managedfields/scalehandler.go, where a new entry has no time.
    const seenMs = write.subresource === 'scale' ? (own?.atEpochMs ?? 0) : write.atEpochMs
    const atEpochMs = isSeen ? seenMs : own.atEpochMs
    result.push({
      manager: write.manager,
      operation: write.operation,
      subresource: write.subresource,
      ...(write.apiVersion ? { apiVersion: write.apiVersion } : {}),
      atEpochMs,
      fields,
    })
  }
  return result.sort(byOperationThenTime)
}

/**
 * The managers that an operation goes by: with an apply, all that nobody is known to own has an owner with a name of its own.
 * Source: k8s.io/apimachinery/pkg/util/managedfields/internal/skipnonapplied.go
 */
function trackedOf(schema: string | object, version: Version, { operation, atEpochMs }: Write): readonly Manager[] {
  const managers = known.get(version) ?? []
  return operation === 'Apply' && managers.length === 0 ? beforeFirstApply(schema, version.value, atEpochMs) : managers
}

/** @param object that nobody is known to own */
export function beforeFirstApply(schema: string | object, object: unknown, atEpochMs: number): Manager[] {
  const { changed: fields } = compareFields(schema, undefined, object)
  if (Object.keys(fields).length === 0) return []
  return [{ manager: 'before-first-apply', operation: 'Update', atEpochMs, fields }]
}

/** Applies first, then by time. Source: fieldmanager sortEncodedManagedFields */
function byOperationThenTime(a: Manager, b: Manager): number {
  if (a.operation !== b.operation) return a.operation === 'Apply' ? -1 : 1
  const seconds = Math.floor(a.atEpochMs / 1000) - Math.floor(b.atEpochMs / 1000)
  if (seconds !== 0) return seconds
  const [first, second] = [a, b].map(({ manager, subresource = '' }) => `${manager}\n${subresource}`)
  return first < second ? -1 : first > second ? 1 : 0
}

/** As `--show-managed-fields` shows them. */
export function managedFieldsOf(
  kind: Pick<Kind, 'schema' | 'custom' | 'apiVersion'>,
  version: Version | undefined,
): ManagedFieldsEntry[] {
  return managersOf(kind, version).map((manager) => ({
    apiVersion: manager.apiVersion ?? kind.apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: inOrder(manager.fields),
    manager: manager.manager,
    operation: manager.operation,
    ...(manager.subresource ? { subresource: manager.subresource } : {}),
    ...(manager.atEpochMs ? { time: `${new Date(manager.atEpochMs).toISOString().slice(0, 19)}Z` } : {}),
  }))
}

const managerOf = ({ manager, operation, subresource, time, fieldsV1 }: ManagedFieldsEntry): Manager => ({
  manager,
  operation,
  ...(subresource ? { subresource } : {}),
  atEpochMs: time ? Date.parse(time) : 0,
  fields: fieldsV1 as FieldSet,
})

/**
 * What a client writes into metadata.managedFields, when that is another thing than what stands there: an empty list, or one of an
 * empty entry, takes all ownership away; what cannot be read counts for nothing. Source: decodeLiveOrNew of
 * k8s.io/apimachinery/pkg/util/managedfields/internal/fieldmanager.go
 */
export function writtenManagedFields(
  written: readonly unknown[] | null | undefined,
  live: () => readonly ManagedFieldsEntry[],
): readonly ManagedFieldsEntry[] | undefined {
  if (!written) return undefined
  const isReset = written.length === 0 || (written.length === 1 && equalJson(written[0], {}))
  if (!isReset && !written.every(isEntry)) return undefined
  const before = live()
  const entries = isReset ? [] : (written as readonly ManagedFieldsEntry[])
  return equalJson(entries, before) ? undefined : entries
}

const isEntry = (entry: unknown): boolean =>
  isRecord(entry) &&
  typeof entry.manager === 'string' &&
  (entry.operation === 'Apply' || entry.operation === 'Update') &&
  isRecord(entry.fieldsV1) &&
  (entry.time === undefined || !Number.isNaN(Date.parse(String(entry.time))))

/** Whether applying that configuration would change who owns what, though no value changes. */
export function changesOwnership(
  kind: Pick<Kind, 'schema' | 'custom'>,
  live: Version | undefined,
  applied: unknown,
  manager: string,
): boolean {
  const own = managersOf(kind, live).find((other) => other.manager === manager && other.operation === 'Apply')
  return !own || JSON.stringify(own.fields) !== JSON.stringify(fieldsOf(definitionOf(kind), applied))
}

/** Whether what was sent takes fields over, though nothing of it came to be stored. */
export function takesOver(
  kind: Pick<Kind, 'schema' | 'custom'>,
  live: Version | undefined,
  sent: unknown,
  { manager, subresource }: Pick<Write, 'manager' | 'subresource'>,
): boolean {
  const own = managersOf(kind, live).find(
    (other) => other.manager === manager && other.operation === 'Update' && other.subresource === subresource,
  )
  const { changed } = compareFields(definitionOf(kind), live?.value, sent)
  return difference(changed, own?.fields ?? {}) !== undefined
}
