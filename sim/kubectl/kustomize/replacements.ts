/** Values copied from one resource's field to fields of others. Source: kustomize/api/filters/replacement */

import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import { KubectlError } from '../errors.ts'
import { parseManifest } from '../yaml.ts'
import type { Replacement, Selector } from './kustomization.ts'
import { selected } from './patches.ts'
import type { Place } from './place.ts'
import { type Resource, shownId, withObject } from './resource.ts'

export function replaceFields(resources: readonly Resource[], given: Replacement, place: Place): readonly Resource[] {
  return listOf(given, place).reduce(replaceOne, resources)
}

/** What stands in a file may be one or several. */
function listOf(given: Replacement, place: Place): Replacement[] {
  if (!given.path) return [given]
  const content = place.read(given.path)
  const value = typeof content === 'string' ? parseManifest(content, given.path)[0]?.value : undefined
  return (Array.isArray(value) ? value : [value]) as Replacement[]
}

function replaceOne(resources: readonly Resource[], { source, targets }: Replacement): readonly Resource[] {
  if (!source || !targets) throw new KubectlError('replacements must specify a source and at least one target')
  const found = [...selected(resources, source)]
  if (found.length !== 1) {
    const shown = shownSelector(source)
    throw new KubectlError(
      found.length === 0 ? `nothing selected by ${shown}` : `multiple matches for selector ${shown}`,
    )
  }
  const path = source.fieldPath || 'metadata.name'
  const raw = valueAt(found[0].object, stepsOf(path))
  if (raw === undefined)
    throw new KubectlError(`fieldPath \`${path}\` is missing for replacement source ${shownSelector(source)}`)
  const { delimiter, index = 0 } = source.options ?? {}
  const value = delimiter ? String(raw).split(delimiter)[index] : raw
  return targets.reduce<readonly Resource[]>((current, { select, reject = [], fieldPaths, options = {} }) => {
    if (!select) throw new KubectlError('target must specify resources to select')
    const meant = selected(current, select)
    for (const rejected of reject) for (const resource of selected(current, rejected)) meant.delete(resource)
    return current.map((resource) => {
      if (!meant.has(resource)) return resource
      const object = (fieldPaths ?? ['metadata.name']).reduce(
        (changed, target) =>
          setAt(changed, target, stepsOf(target), options.create ?? false, (old) =>
            options.delimiter && typeof old === 'string'
              ? joined(old, String(value), options.delimiter, options.index ?? 0)
              : value,
          ) as JsonMap,
        resource.object,
      )
      return withObject(resource, object)
    })
  }, resources)
}

const shownSelector = ({ group, version, kind, name, namespace }: Selector): string =>
  shownId({ group: group ?? '', version: version ?? '', kind: kind ?? '' }, name ?? '', namespace ?? '')

function joined(old: string, value: string, delimiter: string, index: number): string {
  const parts = old.split(delimiter)
  if (index < 0) return [value, ...parts].join(delimiter)
  if (index >= parts.length) return [...parts, value].join(delimiter)
  return parts.with(index, value).join(delimiter)
}

/** `spec.containers.[name=nginx].image`: points in brackets and behind a backslash belong to a step. */
const stepsOf = (path: string): string[] =>
  (path.match(/\[[^\]]*\]|(?:\\.|[^.[\\])+/g) ?? []).map((step) =>
    step.startsWith('[') && !step.includes('=') ? step.slice(1, -1) : step.replaceAll('\\.', '.'),
  )

const conditionOf = (step: string): [key: string, value: string] | undefined => {
  const [, key, value] = /^\[([^=]+)=(.*)\]$/.exec(step) ?? []
  return key === undefined ? undefined : [key, value]
}

function valueAt(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return value
  if (Array.isArray(value)) {
    const condition = conditionOf(step)
    const item = condition
      ? value.find((one) => isMap(one) && String(one[condition[0]]) === condition[1])
      : value[Number(step)]
    return valueAt(item, rest)
  }
  return isMap(value) ? valueAt(value[step], rest) : undefined
}

/** @param path the whole of it, for messages */
function setAt(
  value: unknown,
  path: string,
  [step, ...rest]: readonly string[],
  create: boolean,
  change: (old: unknown) => unknown,
): unknown {
  if (step === undefined) return change(value)
  const condition = conditionOf(step)
  if (Array.isArray(value)) {
    if (step === '*') return value.map((item) => setAt(item, path, rest, create, change))
    if (!condition)
      return value.map((item, at) => (String(at) === step ? setAt(item, path, rest, create, change) : item))
    const [key, wanted] = condition
    return value.map((item) =>
      isMap(item) && String(item[key]) === wanted ? setAt(item, path, rest, create, change) : item,
    )
  }
  if (!isMap(value))
    return create && value === undefined && !condition
      ? { [step]: setAt(undefined, path, rest, create, change) }
      : value
  if (value[step] === undefined && !create)
    throw new KubectlError(`unable to find field ${JSON.stringify(path)} in replacement target`)
  return { ...value, [step]: setAt(value[step], path, rest, create, change) }
}
