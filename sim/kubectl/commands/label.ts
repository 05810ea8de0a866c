/** kubectl label and annotate. Source: k8s.io/kubectl/pkg/cmd/label, k8s.io/kubectl/pkg/cmd/annotate */

import { equalJson } from '../../api/meta/json.ts'
import { labelValueErrors } from '../../api/meta/names.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { allNamespacesFlag, type Command, fieldSelectorFlag, type Invocation } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { namesFiles } from '../manifests.ts'
import { type ObjectPrinter, objectPrinter } from '../printers/objects.ts'
import type { Found } from '../resources.ts'
import { showResult, withType } from '../results.ts'
import { changeFlags, findTargets, isLocal, splitPairs } from '../targets.ts'

interface Marks {
  field: 'labels' | 'annotations'
  /** `label` */
  noun: string
  /** `labeled` */
  done: string
  /** What an overwritten value is refused with. */
  conflict(clashes: readonly string[]): string
  /** What is told of a key that is both set and removed. */
  several(key: string): string
  /** Why a pair can't be set; undefined when it can. */
  problem?(key: string, value: string): string | undefined
}

const markCommand = (name: string, short: string, marks: Marks): Command => ({
  name,
  short,
  usage: `[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] [options]`,
  flags: [
    ...changeFlags(`kubectl-${name}`),
    allNamespacesFlag,
    fieldSelectorFlag,
    { name: 'list', type: 'bool', help: `If true, display the ${marks.field} for a given resource.` },
    { name: 'overwrite', type: 'bool', help: `If true, allow ${marks.field} to be overwritten.` },
    {
      name: 'resource-version',
      type: 'string',
      help: 'If non-empty, only succeed if this is the current resource-version.',
    },
  ],
  run(invocation) {
    const { resources, pairs } = splitPairs(invocation.args, undefined, marks.noun)
    const { flags } = invocation
    if (flags.bool('list') && flags.string('output') !== '')
      throw new KubectlError('--list and --output may not be specified together')
    if (resources.length === 0 && !isLocal(invocation) && !namesFiles(invocation)) {
      throw new KubectlError('one or more resources must be specified as <resource> <name> or <resource>/<name>')
    }
    if (pairs.length === 0 && !invocation.flags.bool('list')) {
      throw new KubectlError(`at least one ${marks.noun} update is required`)
    }
    const { set, removed } = parsePairs(pairs, marks)
    // Annotated objects are printed one after the other, each labeled one by itself.
    const printer = marks.field === 'annotations' ? objectPrinter(invocation) : undefined
    const errors: unknown[] = []
    const isMany = resources.length !== 2 && resources.filter((name) => name.includes('/')).length !== 1
    if (flags.string('resource-version') !== '' && isMany)
      throw new KubectlError('--resource-version may only be used with a single resource')
    for (const found of findTargets(invocation, resources, (error) => errors.push(error))) {
      try {
        if (flags.bool('list')) listMarks(invocation, found, marks, isMany, { set, removed })
        else markOne(invocation, found, marks, set, removed, printer)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
})

function parsePairs(pairs: readonly string[], marks: Marks): { set: Map<string, string>; removed: string[] } {
  const set = new Map<string, string>()
  const removed: string[] = []
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals > 0) {
      const [key, value] = [pair.slice(0, equals), pair.slice(equals + 1)]
      const problem = marks.problem?.(key, value)
      if (problem) throw new KubectlError(problem)
      set.set(key, value)
    } else removed.push(pair.slice(0, -1))
  }
  const both = removed.find((key) => set.has(key))
  if (both !== undefined) throw new KubectlError(`can not both modify and remove ${marks.several(both)}`)
  return { set, removed }
}

function markOne(
  invocation: Invocation,
  { kind, object }: Found,
  marks: Marks,
  set: Map<string, string>,
  removed: readonly string[],
  printer: ObjectPrinter | undefined,
): void {
  const own = object.metadata[marks.field] ?? {}
  const has = (key: string): boolean => Object.hasOwn(own, key)
  refuseClashes(invocation, own, set, marks)
  const changes: Record<string, string | null> = Object.fromEntries(set)
  for (const key of removed) {
    if (has(key)) changes[key] = null
    else if (marks.field === 'labels') invocation.out(`${marks.noun} "${key}" not found.\n`)
  }
  const version = invocation.flags.string('resource-version')
  const changed: KubeObject = { ...object, metadata: { ...object.metadata, [marks.field]: merged(own, changes) } }
  let result = changed
  // Labels that are there already are not sent; annotations are.
  const isNew = marks.field === 'annotations' ? Object.keys(changes).length > 0 : !equalJson(own, merged(own, changes))
  if (invocation.dryRun !== 'client' && !isLocal(invocation) && isNew) {
    const patch = { metadata: { [marks.field]: changes, ...(version ? { resourceVersion: version } : {}) } }
    const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
    const options = invocation.writeOptions(invocation.flags.string('field-manager'))
    result = invocation.client.patch(kind, key, 'merge', patch, options)
    invocation.showWarnings()
  }
  if (printer) invocation.out(printer.print(withType(kind, result), kind))
  else showResult(invocation, kind, result, operationOf(marks, own, changes))
}

function refuseClashes(
  invocation: Invocation,
  own: Readonly<Record<string, string>>,
  set: ReadonlyMap<string, string>,
  marks: Marks,
): void {
  if (invocation.flags.bool('overwrite')) return
  const clashes = [...set].filter(([key, value]) => Object.hasOwn(own, key) && own[key] !== value)
  if (clashes.length > 0)
    throw new KubectlError(marks.conflict(clashes.map(([key]) => `'${key}' already has a value (${own[key]})`)))
}

function merged(
  own: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const result = new Map(Object.entries(own))
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) result.delete(key)
    else result.set(key, value)
  }
  return Object.fromEntries(result)
}

/** `labeled`, `unlabeled`, `modified`: by what is added or overwritten, and what is removed. Source: updateDataChangeMsg */
function operationOf(
  marks: Marks,
  own: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): string {
  if (marks.field === 'annotations') return marks.done
  const isAdding = Object.entries(changes).some(([key, value]) => value !== null && own[key] !== value)
  const isRemoving = Object.values(changes).includes(null)
  if (isAdding && isRemoving) return 'modified'
  if (isAdding) return marks.done
  return isRemoving ? `un${marks.done}` : `not ${marks.done}`
}

/** What is listed is as if it were changed. */
function listMarks(
  invocation: Invocation,
  { kind, object }: Found,
  marks: Marks,
  isMany: boolean,
  changes: { set: Map<string, string>; removed: readonly string[] },
): void {
  const before = object.metadata[marks.field] ?? {}
  refuseClashes(invocation, before, changes.set, marks)
  const removals = changes.removed.map((key) => [key, null])
  const own = merged(before, { ...Object.fromEntries(changes.set), ...Object.fromEntries(removals) })
  if (isMany) invocation.out(`Listing ${marks.field} for ${kind.kind}.${kind.group}/${object.metadata.name}:\n`)
  const indent = isMany ? ' ' : ''
  for (const key of Object.keys(own).sort()) invocation.out(`${indent}${key}=${own[key]}\n`)
}

export const label = markCommand('label', 'Update the labels on a resource', {
  field: 'labels',
  noun: 'label',
  done: 'labeled',
  conflict: ([clash]) => `${clash}, and --overwrite is false`,
  several: () => 'a label in the same command',
  problem(key, value) {
    const wrongValue = labelValueErrors(value)
    return wrongValue.length > 0 ? `invalid label value: "${key}=${value}": ${wrongValue.join(';')}` : undefined
  },
})

export const annotate = markCommand('annotate', 'Update the annotations on a resource', {
  field: 'annotations',
  noun: 'annotation',
  done: 'annotated',
  conflict: (clashes) => `--overwrite is false but found the following declared annotation(s): ${clashes.join('; ')}`,
  several: (key) => `the following annotation(s) in the same command: ${key}`,
})
