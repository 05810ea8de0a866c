/** kubectl wait. Source: k8s.io/kubectl/pkg/cmd/wait */

import { resourceName } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus, notFound } from '../../api/meta/status-error.ts'
import {
  allFlag,
  allNamespacesFlag,
  type Command,
  fieldSelectorFlag,
  fileFlags,
  type Invocation,
  outputFlags,
  selectorFlag,
} from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { readManifests } from '../manifests.ts'
import { isMap } from '../printers/json.ts'
import { findValues, parseRelaxedPath } from '../printers/jsonpath.ts'
import { fetchSelection, selectResources, type Target } from '../resources.ts'
import { showResult } from '../results.ts'
import { eachState } from '../waits.ts'

type Condition = { type: 'delete' } | { type: 'create' } | { type: 'check'; isMet(object: KubeObject): boolean }

const WEEK_MS = 168 * 3_600_000

export const wait: Command = {
  name: 'wait',
  short: 'Experimental: Wait for a specific condition on one or many resources',
  usage:
    "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]] [options]",
  flags: [
    ...fileFlags,
    ...outputFlags,
    selectorFlag,
    fieldSelectorFlag,
    allFlag,
    allNamespacesFlag,
    { name: 'for', type: 'string', help: 'The condition to wait on.' },
    { name: 'timeout', type: 'duration', default: 30_000, help: 'The length of time to wait before giving up.' },
    { name: 'dry-run', type: 'string', default: 'none', help: 'Ignored.' },
  ],
  *run(invocation) {
    const { context, flags } = invocation
    const condition = parseCondition(flags.string('for'))
    const timeoutMs = flags.number('timeout') < 0 ? WEEK_MS : flags.number('timeout')
    const untilMs = context.nowEpochMs() + timeoutMs
    const errors: unknown[] = []
    const targets = findTargets(invocation, condition, errors)
    throwAll(errors)
    if (targets.length === 0 && condition.type !== 'delete') throw new KubectlError('no matching resources found')
    for (const { target, object } of targets) {
      const { kind, namespace, name } = target
      const shown = `${kind.plural}/${name}`
      let last = object
      const isMet = (state: KubeObject | undefined): boolean => {
        last = state ?? last
        if (condition.type === 'delete')
          return state === undefined || (object !== undefined && state.metadata.uid !== object.metadata.uid)
        if (condition.type === 'create') return state !== undefined
        if (!state) throw notFound(resourceName(kind), name)
        return condition.isMet(state)
      }
      if (timeoutMs === 0) {
        if (!isMet(invocation.client.find(kind, { namespace, name })))
          throw new KubectlError(`condition not met for ${shown}`)
      } else {
        const outcome = yield* eachState(context, invocation.client, kind, { namespace, name }, isMet, untilMs)
        if (outcome === 'timeout') throw new KubectlError(`timed out waiting for the condition on ${shown}`)
      }
      const subject = last ?? ({ metadata: { name } } as KubeObject)
      showResult(invocation, kind, subject, 'condition met')
    }
    return 0
  },
}

function parseCondition(text: string): Condition {
  if (text.toLowerCase() === 'delete') return { type: 'delete' }
  if (text.toLowerCase() === 'create') return { type: 'create' }
  if (text.startsWith('condition=')) {
    const [type, value = 'true'] = text.slice('condition='.length).split(/=(.*)/s)
    return { type: 'check', isMet: (object) => hasCondition(object, type, value) }
  }
  if (text.startsWith('jsonpath=')) {
    const match = /^(.*?[^=])(?:=([^=].*))?$/s.exec(text.slice('jsonpath='.length))
    if (!match) throw new KubectlError('jsonpath expression cannot be empty')
    const path = match[1].replace(/^(['"])(.*)\1$/s, '$2')
    const wanted = match[2]?.replace(/^['"]|['"]$/g, '')
    const template = parseRelaxedPath(path)
    return {
      type: 'check',
      isMet(object) {
        const values = findValues(template, object)
        if (wanted === undefined) return values.length > 0
        if (values.length > 1) throw new KubectlError(`given jsonpath expression matches more than one value`)
        if (isMap(values[0]) || Array.isArray(values[0]))
          throw new KubectlError('jsonpath leads to a nested object or list which is not supported')
        return values.length === 1 && String(values[0]) === wanted
      },
    }
  }
  throw new KubectlError(`unrecognized condition: ${JSON.stringify(text)}`)
}

function hasCondition(object: KubeObject, type: string, value: string): boolean {
  const status = (object as { status?: unknown }).status
  if (!isMap(status) || !Array.isArray(status.conditions)) return false
  const condition = status.conditions.find((one) => isMap(one) && String(one.type).toLowerCase() === type.toLowerCase())
  if (!isMap(condition)) return false
  const observed = condition.observedGeneration ?? status.observedGeneration
  if (typeof observed === 'number' && observed < (object.metadata.generation ?? 0)) return false
  return String(condition.status).toLowerCase() === value.toLowerCase()
}

function findTargets(
  invocation: Invocation,
  condition: Condition,
  errors: unknown[],
): { target: Target; object: KubeObject | undefined }[] {
  const isFromFile = invocation.flags.list('filename').length > 0
  const targets = isFromFile ? readManifests(invocation, (error) => errors.push(error)) : undefined
  const selection = targets
    ? { kinds: [...new Set(targets.map(({ kind }) => kind))], targets, isSingle: false, isMixed: false }
    : selectResources(invocation, invocation.args, { needsNames: !invocation.flags.string('field-selector') })
  if (condition.type === 'create' && selection.targets.length > 0) {
    return selection.targets.map((target) => ({ target, object: undefined }))
  }
  const found = fetchSelection(invocation, selection, (error) => {
    if (!(condition.type === 'delete' && isStatus(error, 'NotFound'))) errors.push(error)
  })
  return found.map(({ kind, object }) => ({
    target: { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name },
    object,
  }))
}
