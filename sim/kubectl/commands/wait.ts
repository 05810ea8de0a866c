/** kubectl wait. Source: k8s.io/kubectl/pkg/cmd/wait */

import { isMap } from '../../api/meta/go-json.ts'
import { resourceName } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus, notFound } from '../../api/meta/status-error.ts'
import type { Wait } from '../../runtime/process.ts'
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
import { isReportable, KubectlError, throwAll } from '../errors.ts'
import { readManifests } from '../manifests.ts'
import { findValues, parseRelaxedPath } from '../printers/jsonpath.ts'
import { objectPrinter } from '../printers/objects.ts'
import { type Found, fetchSelection, selectResources } from '../resources.ts'
import { showResult } from '../results.ts'
import { eachState } from '../waits.ts'

type StateCondition = { type: 'delete' } | { type: 'check'; isMet(object: KubeObject): boolean }
type Condition = StateCondition | { type: 'create' }

const WEEK_MS = 168 * 3_600_000
const POLL_MS = 500

export const wait: Command = {
  name: 'wait',
  short: 'Experimental: Wait for a specific condition on one or many resources',
  usage:
    "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]] [options]",
  flags: [
    ...fileFlags.filter(({ name }) => name === 'filename'),
    {
      name: 'recursive',
      short: 'R',
      type: 'bool',
      default: true,
      help: 'Process the directory used in -f recursively.',
    },
    ...outputFlags,
    selectorFlag,
    fieldSelectorFlag,
    allFlag,
    allNamespacesFlag,
    { name: 'for', type: 'array', help: 'The condition to wait on.' },
    { name: 'local', type: 'bool', help: 'If true, what the files say is not looked up before it is waited for.' },
    { name: 'timeout', type: 'duration', default: 30_000, help: 'The length of time to wait before giving up.' },
  ],
  *run(invocation) {
    const { context, flags } = invocation
    if (flags.list('for').length === 0) throw new KubectlError('unrecognized condition: []')
    const conditions = flags.list('for').map(parseCondition)
    objectPrinter(invocation)
    const timeoutMs = flags.number('timeout') < 0 ? WEEK_MS : flags.number('timeout')
    const untilMs = context.nowEpochMs() + timeoutMs
    const states = conditions.filter((condition) => condition.type !== 'create')
    if (states.length < conditions.length) yield* waitForCreation(invocation, untilMs)
    if (states.length > 0) yield* waitForAll(invocation, states, untilMs)
    return 0
  },
}

/** Asks again and again, as nothing can be watched that has no name yet. */
function* waitForCreation(invocation: Invocation, untilMs: number): Generator<Wait, void, unknown> {
  const { context } = invocation
  for (;;) {
    const errors: unknown[] = []
    const found = findObjects(invocation, errors)
    const isMissing = errors.length === 1 && isStatus(errors[0], 'NotFound')
    if (!isMissing) throwAll(errors)
    if (!isMissing && found.length > 0) {
      for (const { kind, object } of found) showResult(invocation, kind, object, 'condition met')
      return
    }
    yield context.sleep(Math.max(0, Math.min(POLL_MS, untilMs - context.nowEpochMs()))) as Wait
    if (context.nowEpochMs() >= untilMs) throw new KubectlError('timed out waiting for the condition')
  }
}

/** One object after the other; they share the time. Source: wait.go, RunWait */
function* waitForAll(
  invocation: Invocation,
  conditions: readonly StateCondition[],
  untilMs: number,
): Generator<Wait, void, unknown> {
  const isDelete = conditions.some(({ type }) => type === 'delete')
  const missing: unknown[] = []
  const errors: unknown[] = []
  const found = findObjects(invocation, missing)
  for (const one of found) {
    try {
      for (const condition of conditions) {
        const last = yield* waitForOne(invocation, one, condition, untilMs)
        showResult(invocation, one.kind, last, 'condition met')
      }
    } catch (error) {
      if (!isReportable(error)) throw error
      errors.push(error)
    }
  }
  errors.push(...missing.filter((error) => !(isDelete && isStatus(error, 'NotFound'))))
  throwAll(errors)
  if (found.length === 0 && !isDelete) throw new KubectlError('no matching resources found')
}

/** @returns the object as it was last seen */
function* waitForOne(
  invocation: Invocation,
  { kind, object }: Found,
  condition: StateCondition,
  untilMs: number,
): Generator<Wait, KubeObject, unknown> {
  const { context, client, flags } = invocation
  const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
  const shown = `${kind.plural}/${key.name}`
  let last = object
  const isMet = (state: KubeObject | undefined): boolean => {
    last = state ?? last
    if (condition.type === 'delete') return state === undefined || state.metadata.uid !== object.metadata.uid
    if (!state) throw notFound(resourceName(kind), key.name)
    return condition.isMet(state)
  }
  if (flags.number('timeout') === 0 || condition.type === 'delete') {
    if (isMet(client.find(kind, key))) return last
    if (flags.number('timeout') === 0) throw new KubectlError(`condition not met for ${shown}`)
  }
  const isLate = context.nowEpochMs() >= untilMs
  const outcome = isLate ? 'timeout' : yield* eachState(context, client, kind, key, isMet, untilMs)
  if (outcome === 'timeout') throw new KubectlError(`timed out waiting for the condition on ${shown}`)
  return last
}

function parseCondition(text: string): Condition {
  if (text.toLowerCase() === 'delete') return { type: 'delete' }
  if (text.toLowerCase() === 'create') return { type: 'create' }
  if (text.startsWith('condition=')) {
    const [type, value = 'true'] = text.slice('condition='.length).split(/=(.*)/s)
    return { type: 'check', isMet: (object) => hasCondition(object, type, value) }
  }
  if (text.startsWith('jsonpath=')) {
    const [path, given, ...more] = splitAtEquals(text.slice('jsonpath='.length))
    if (more.length > 0) {
      throw new KubectlError(
        "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
      )
    }
    if (path === '' && given === undefined) throw new KubectlError('jsonpath expression cannot be empty')
    const wanted = given?.replace(/^['"]+|['"]+$/g, '')
    const template = parseRelaxedPath(path)
    if (wanted === '') {
      throw new KubectlError(
        "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
      )
    }
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

/** At each single `=`; a double one belongs to the path. */
function splitAtEquals(text: string): string[] {
  const parts = ['']
  for (const piece of text.match(/==|=|[^=]+/g) ?? []) {
    if (piece === '=') parts.push('')
    else parts[parts.length - 1] += piece
  }
  return parts
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

/** The objects that the line or its files name; those that are not there are among the errors. */
function findObjects(invocation: Invocation, errors: unknown[]): Found[] {
  const { args, flags } = invocation
  const onError = (error: unknown): void => void errors.push(error)
  if (flags.list('filename').length === 0) {
    if (flags.bool('local')) {
      throw new KubectlError(
        "you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
      )
    }
    const selection = selectResources(invocation, args, { needsNames: !flags.string('field-selector') })
    return fetchSelection(invocation, selection, onError)
  }
  if (args.length > 0) throw new KubectlError('resource/name arguments cannot be provided when a path is specified')
  const targets = readManifests(invocation, onError)
  if (flags.bool('local')) return targets.map(({ kind, object }) => ({ kind, object: object as unknown as KubeObject }))
  const kinds = [...new Set(targets.map(({ kind }) => kind))]
  return fetchSelection(invocation, { kinds, targets, isSingle: false, isMixed: false }, onError)
}
