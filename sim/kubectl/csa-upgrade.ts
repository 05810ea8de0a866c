/**
 * What `kubectl apply --server-side` does with an object that was applied by the client before: its fields become those of the server-side
 * manager, so that what left the manifest is taken away. Source: ApplyOptions of k8s.io/kubectl/pkg/cmd/apply/apply.go
 * (saveLastApplyAnnotationIfNecessary, migrateToSSAIfNecessary), k8s.io/client-go/util/csaupgrade/upgrade.go
 */
import type { ManagedFieldsEntry } from '../api/meta/object.ts'
import { type FieldSet, union } from '../api/schema/field-set.ts'
import { lastAppliedAnnotation } from './last-applied.ts'

type Operation = ManagedFieldsEntry['operation']

/** Whether somebody with that operation owns the annotation that client-side apply keeps. */
export const ownsLastApplied = (entries: readonly ManagedFieldsEntry[], operation: Operation): boolean =>
  ownersOfLastApplied(entries, operation).length > 0

const ownersOfLastApplied = (
  entries: readonly ManagedFieldsEntry[],
  operation: Operation,
): readonly ManagedFieldsEntry[] =>
  entries.filter(
    (entry) =>
      entry.operation === operation &&
      `f:${lastAppliedAnnotation}` in (fieldsAt(fieldsAt(entry.fieldsV1, 'f:metadata'), 'f:annotations') ?? {}),
  )

const fieldsAt = (fields: unknown, name: string): Record<string, unknown> | undefined =>
  (fields as Record<string, Record<string, unknown>> | undefined)?.[name]

/**
 * The entries after those that wrote the annotation by an update have given their fields to the manager that applies.
 * @returns undefined where there is nothing to give
 */
export function upgradedManagedFields(
  entries: readonly ManagedFieldsEntry[],
  manager: string,
): readonly ManagedFieldsEntry[] | undefined {
  const names = new Set(ownersOfLastApplied(entries, 'Update').map((entry) => entry.manager))
  if (names.size === 0) return undefined
  const isClients = ({ operation, subresource, manager: own }: ManagedFieldsEntry): boolean =>
    operation === 'Update' && subresource === undefined && names.has(own)
  const isServers = ({ operation, subresource, manager: own }: ManagedFieldsEntry): boolean =>
    operation === 'Apply' && subresource === undefined && own === manager
  const target = entries.find(isServers) ?? entries.find(isClients)
  if (!target) return undefined
  const fieldsV1 = entries
    .filter((entry) => entry !== target && isClients(entry) && entry.apiVersion === target.apiVersion)
    .reduce((fields, entry) => union(fields, entry.fieldsV1 as FieldSet), target.fieldsV1 as FieldSet)
  return entries.flatMap((entry) =>
    entry === target
      ? [{ ...target, manager, operation: 'Apply' as const, fieldsV1 }]
      : isClients(entry)
        ? []
        : [entry],
  )
}
