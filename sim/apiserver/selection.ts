/** Label and field selectors of a list or a watch, compiled to one test. */
import { fieldsMatch, parseFieldSelector, stepsOfFieldTerm } from '../api/meta/field-selector.ts'
import { valueAt } from '../api/meta/json.ts'
import type { Kind } from '../api/meta/kind.ts'
import { compileSelector } from '../api/meta/label-selector.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { badRequest } from '../api/meta/status-error.ts'
import type { ListOptions } from '../client/client.ts'
import { charge } from '../engine/work.ts'

export interface Selection {
  matches: (object: KubeObject) => boolean
  isSelective: boolean
  /** One field of which only one value is asked for: what a watch can be found by. */
  index?: { path: readonly string[]; value: string }
}

const everything: Selection = { matches: () => true, isSelective: false }

/** @throws StatusError 400 for a selector that can't be read, or a field that can't be selected by */
export function compileSelection(kind: Kind, options: ListOptions): Selection {
  const { labelSelector, fieldSelector } = options
  if (!labelSelector && !fieldSelector) return everything
  try {
    const labels = labelSelector ? compileSelector(labelSelector) : undefined
    const terms = parseFieldSelector(fieldSelector ?? '')
    // Tells of an unsupported field now rather than at the first object.
    fieldsMatch(terms, fieldsOf(kind, sample))
    const isDirect = terms.every((term) => directField.test(term.field))
    const tests = terms.map(({ field, isEqual, value }) => {
      const path = field.split('.')
      return (object: KubeObject) => (String(valueAt(object, path) ?? '') === value) === isEqual
    })
    const single = terms.find((term) => term.isEqual && directField.test(term.field))
    return {
      matches: (object) =>
        (!labels || labels.matches(object.metadata.labels)) &&
        (isDirect ? passes(tests, object) : fieldsMatch(terms, fieldsOf(kind, object))),
      isSelective: true,
      ...(single ? { index: { path: single.field.split('.'), value: single.value } } : {}),
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'Error') throw badRequest(error.message)
    throw error
  }
}

function passes(tests: readonly ((object: KubeObject) => boolean)[], object: KubeObject): boolean {
  charge(stepsOfFieldTerm * tests.length)
  return tests.every((test) => test(object))
}

/** Fields whose selectable value is the value at that path. */
const directField = /^(metadata\.(name|namespace)|spec\.nodeName)$/

const sample = {
  apiVersion: '',
  kind: '',
  metadata: { name: '', uid: '', resourceVersion: '', creationTimestamp: '' },
  spec: {},
  status: {},
  involvedObject: {},
  source: {},
} as KubeObject

function fieldsOf(kind: Kind, object: KubeObject): Record<string, string> {
  const { name, namespace } = object.metadata
  const own = kind.selectableFields?.(object) ?? {}
  return { 'metadata.name': name, ...(kind.isNamespaced ? { 'metadata.namespace': namespace ?? '' } : {}), ...own }
}
