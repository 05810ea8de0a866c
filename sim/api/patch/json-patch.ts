/**
 * JSON Patch as the library of the API server and of kubectl carries it out. It is more lenient than RFC 6902: in a map, what is not there
 * is replaced and copied as if it were null, an index may count from the end, and what stands before the first slash is not looked at.
 * Source: gopkg.in/evanphx/json-patch.v4, patch.go; k8s.io/apiserver/pkg/endpoints/handlers/patch.go
 */

import { charge, chargeText } from '../../engine/work.ts'
import { cannotUnmarshal, jsonKind } from '../../text/go-json-errors.ts'
import { cloneJson, equalJson, isRecord } from '../meta/json.ts'
import { badRequest, StatusError } from '../meta/status-error.ts'

/** How many operations one patch may hold. */
const maxOperations = 10_000

/** In bytes of JSON, all copies of a patch together. Source: JSONPatchMaxCopyBytes of k8s.io/apiserver/pkg/server/config.go */
const maxCopiedBytes = 3 * 1024 * 1024

/** Of computing, for sixteen characters of what is copied. */
const stepsOfCopied = 16
const stepsOfOperation = 30
/** How many items of a list move over at the cost of a step, when one is put in or taken out. */
const itemsPerStep = 8

/** An operation that cannot be carried out. The message says which and why, in the library's words. */
export class JsonPatchError extends Error {}

/** An operation `test` found another value. */
export class TestFailed extends JsonPatchError {}

/**
 * A patch as the API server takes it: the document stays as it is, and which operation was wrong is not told.
 * @throws StatusError 400 for a patch that is none, 413 for one too long, 422 for one that can't be carried out
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  const operations = decoded(patch)
  if (operations.length > maxOperations) {
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`,
    )
  }
  try {
    return applyOperations(target, operations)
  } catch (error) {
    // Source: NewGenericServerResponse of k8s.io/apimachinery/pkg/api/errors
    if (error instanceof JsonPatchError)
      throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request')
    throw error
  }
}

/**
 * The operations of a patch; a null one has none.
 * @throws StatusError 400 with what Go's decoder says of another type
 */
function decoded(patch: unknown): readonly unknown[] {
  const unreadable = (value: unknown, into: string) =>
    badRequest(`error decoding patch: json: cannot unmarshal ${jsonKind(value)} into Go ${into}`)
  if (patch === null || patch === undefined) return []
  if (!Array.isArray(patch)) throw unreadable(patch, 'value of type []handlers.jsonPatchOp')
  for (const operation of patch) {
    if (operation === null) continue
    if (!isRecord(operation)) throw unreadable(operation, 'value of type handlers.jsonPatchOp')
    for (const name of ['op', 'path', 'from']) {
      const value = operation[name] ?? ''
      if (typeof value !== 'string') throw unreadable(value, `struct field jsonPatchOp.${name} of type string`)
    }
  }
  return patch
}

/**
 * The document with the operations carried out in their order; the one given stays as it is.
 * @throws JsonPatchError at the first that cannot be carried out: TestFailed, if that is a test of a value
 */
export function applyOperations(target: unknown, operations: readonly unknown[]): unknown {
  const patching: Patching = { root: cloneJson(target), copiedBytes: 0 }
  for (const operation of operations) {
    charge(stepsOfOperation)
    const given = isRecord(operation) ? operation : {}
    const op = typeof given.op === 'string' ? given.op : 'unknown'
    if (!Object.hasOwn(carryOut, op)) throw new JsonPatchError(`Unexpected kind: ${op}`)
    carryOut[op as keyof typeof carryOut](patching, given)
  }
  return patching.root
}

type Operation = { path?: unknown; from?: unknown; value?: unknown }
type Patching = { root: unknown; copiedBytes: number }
type Container = Record<string, unknown> | unknown[]
type Place = { container: Container; key: string }

const MISSING = 'missing value'

const carryOut = {
  add(patching: Patching, operation: Operation): void {
    const path = pointerOf(operation.path, () => `add operation failed to decode path: ${MISSING}`)
    const place = find(patching.root, path, () => `add operation does not apply: doc is missing path: "${path}"`)
    attempt(`error in add for path: '${path}'`, () => add(place, givenValue(operation)))
  },

  remove(patching: Patching, operation: Operation): void {
    const path = pointerOf(operation.path, () => `remove operation failed to decode path: ${MISSING}`)
    const place = find(patching.root, path, () => `remove operation does not apply: doc is missing path: "${path}"`)
    attempt(`error in remove for path: '${path}'`, () => remove(place))
  },

  replace(patching: Patching, operation: Operation): void {
    const path = pointerOf(operation.path, (why) => `replace operation failed to decode path: ${why}`)
    if (path === '') {
      const value = givenValue(operation)
      if (typeof value !== 'object' || value === null)
        throw new JsonPatchError('replace operation value must be object or array: %!w(<nil>)')
      patching.root = value
      return
    }
    const place = find(patching.root, path, () => `replace operation does not apply: doc is missing path: ${path}`)
    try {
      get(place)
    } catch {
      throw new JsonPatchError(`replace operation does not apply: doc is missing key: ${path}: ${MISSING}`)
    }
    const { container, key } = place
    if (Array.isArray(container)) container[indexIn(container, key)] = givenValue(operation)
    else container[key] = givenValue(operation)
  },

  move(patching: Patching, operation: Operation): void {
    const from = pointerOf(
      operation.from,
      (why) => `move operation failed to decode from: ${why}`,
      'operation, missing from field',
    )
    const source = find(patching.root, from, () => `move operation does not apply: doc is missing from path: ${from}`)
    const value = attempt(`error in move for path: '${source.key}'`, () => {
      const found = get(source)
      remove(source)
      return found
    })
    const path = pointerOf(operation.path, (why) => `move operation failed to decode path: ${why}`)
    const missing = () => `move operation does not apply: doc is missing destination path: ${path}`
    const place = find(patching.root, path, missing)
    attempt(`error in move for path: '${path}'`, () => add(place, value))
  },

  copy(patching: Patching, operation: Operation): void {
    const from = pointerOf(
      operation.from,
      (why) => `copy operation failed to decode from: ${why}`,
      'operation, missing from field',
    )
    const source = find(patching.root, from, () => `copy operation does not apply: doc is missing from path: ${from}`)
    const value = attempt(`error in copy for from: '${from}'`, () => get(source))
    const path = pointerOf(operation.path, () => `copy operation failed to decode path: ${MISSING}`)
    const missing = () => `copy operation does not apply: doc is missing destination path: ${path}`
    const place = find(patching.root, path, missing)
    if (value !== null) {
      const bytes = JSON.stringify(value).length
      chargeText(stepsOfCopied * bytes)
      patching.copiedBytes += bytes
    }
    if (patching.copiedBytes > maxCopiedBytes)
      throw new JsonPatchError(
        `Unable to complete the copy, the accumulated size increase of copy is ${patching.copiedBytes}, exceeding the limit ${maxCopiedBytes}`,
      )
    attempt('error while adding value during copy', () => add(place, cloneJson(value)))
  },

  test(patching: Patching, operation: Operation): void {
    const path = pointerOf(operation.path, (why) => `test operation failed to decode path: ${why}`)
    const expected = operation.value ?? null
    let found = patching.root
    if (path !== '') {
      const place = find(patching.root, path, () => `test operation does not apply: is missing path: ${path}`)
      found = attempt(`error in test for path: '${path}'`, () => get(place))
    }
    if (!equalJson(found, expected)) throw new TestFailed(`testing value ${path} failed: test failed`)
  },
}

/** What an operation gives: null where it says nothing. A copy, since what is put into the document may be changed there. */
const givenValue = ({ value = null }: Operation): unknown => cloneJson(value)

/** @param refused the message, of why it is no pointer */
function pointerOf(
  pointer: unknown,
  refused: (why: string) => string,
  missing = 'operation missing path field',
): string {
  if (typeof pointer === 'string') return pointer
  const isMissing = pointer === undefined || pointer === null
  throw new JsonPatchError(refused(isMissing ? `${missing}: ${MISSING}` : cannotUnmarshal(pointer, 'string')))
}

/** Where a pointer's last part lies. What has the name of a prototype is nowhere. */
function find(root: unknown, pointer: string, refused: () => string): Place {
  const parts = pointer.split('/').slice(1)
  let container = root
  for (const [n, part] of parts.entries()) {
    if (typeof container !== 'object' || container === null) break
    const place = { container: container as Container, key: part.replaceAll('~1', '/').replaceAll('~0', '~') }
    if (place.key === '__proto__') break
    if (n === parts.length - 1) return place
    try {
      container = get(place)
    } catch {
      break
    }
  }
  throw new JsonPatchError(`${refused()}: ${MISSING}`)
}

/** @throws JsonPatchError for an index of nothing */
function get({ container, key }: Place): unknown {
  if (Array.isArray(container)) return container[indexIn(container, key)]
  return Object.hasOwn(container, key) ? (container[key] ?? null) : null
}

function add({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) {
    container[key] = value
    return
  }
  charge(Math.ceil(container.length / itemsPerStep))
  if (key === '-') container.push(value)
  else container.splice(indexIn(container, key, 1), 0, value)
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) {
    charge(Math.ceil(container.length / itemsPerStep))
    container.splice(indexIn(container, key), 1)
  } else if (!Object.hasOwn(container, key) || container[key] === undefined) {
    throw new JsonPatchError(`Unable to remove nonexistent key: ${key}: ${MISSING}`)
  } else {
    delete container[key]
  }
}

/**
 * The index that a key says, a negative one from the end.
 * @param more how many places beyond the items count: 1 where something is put in
 */
function indexIn(list: readonly unknown[], key: string, more = 0): number {
  if (!/^[+-]?\d+$/.test(key)) {
    const why = `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`
    throw new JsonPatchError(more > 0 ? `value was not a proper array index: '${key}': ${why}` : why)
  }
  const given = Number(key)
  const index = given < 0 ? given + list.length + more : given
  if (index < 0 || index >= list.length + more)
    throw new JsonPatchError(`Unable to access invalid index: ${given}: invalid index referenced`)
  return index
}

/** @throws JsonPatchError with what was attempted, and why it failed */
function attempt<T>(what: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof JsonPatchError) throw new JsonPatchError(`${what}: ${error.message}`)
    throw error
  }
}
