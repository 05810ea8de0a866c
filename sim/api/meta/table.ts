/** Cells that many kinds' tables share. Source: kubernetes/pkg/printers/internalversion/printers.go */
import { printHumanDuration } from './duration.ts'
import type { Column, PrintContext } from './kind.ts'
import type { KubeObject } from './object.ts'

export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  priority: 0,
  cell: (object) => object.metadata.name,
}

export const ageColumn: Column<KubeObject> = {
  name: 'Age',
  type: 'string',
  description: 'Time since the object was created, as the server knows it.',
  priority: 0,
  cell: (object, context) => printAge(object.metadata.creationTimestamp, context),
}

/** How long ago `timestamp` was: `5m3s`; `<unknown>` without one. */
export function printAge(timestamp: string | null | undefined, context: PrintContext): string {
  if (!timestamp) return '<unknown>'
  return printHumanDuration(context.nowEpochMs - Date.parse(timestamp))
}

/** A column shown always, or with `wide` only with -o wide. */
export function column<T>(
  name: string,
  type: Column<T>['type'],
  description: string,
  cell: (object: T, context: PrintContext) => string | number | boolean,
  width: 'wide' | 'narrow' = 'narrow',
): Column<T> {
  return { name, type, description, priority: width === 'wide' ? 1 : 0, cell }
}

/** The text, or `<none>` when there is none. */
export const orNone = (text: string | undefined): string => text || '<none>'

/** Longer lists are cut, with a count of the rest. */
const SHOWN = 3

/** The first three, and how many more there are. */
export function cutList(all: readonly string[], whenEmpty: string): string {
  if (all.length === 0) return whenEmpty
  const shown = all.slice(0, SHOWN).join(',')
  return all.length > SHOWN ? `${shown} + ${all.length - SHOWN} more...` : shown
}
