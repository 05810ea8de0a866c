/** JSON Patch with the API server's errors. Source: RFC 6902; k8s.io/apiserver/pkg/endpoints/handlers/patch.go */
import { applyPatch, type Operation, Pointer } from 'rfc6902'
import { charge, chargeText } from '../../engine/work.ts'
import { cloneJson, isRecord } from '../meta/json.ts'
import { badRequest, StatusError } from '../meta/status-error.ts'

/** How many operations one patch may hold. */
const maxOperations = 10_000

/** In bytes of JSON, all copies of a patch together. Source: JSONPatchMaxCopyBytes of k8s.io/apiserver/pkg/server/config.go */
const maxCopiedBytes = 3 * 1024 * 1024

/** Of computing, for sixteen characters of what is copied. */
const stepsOfCopied = 16

/** Which operation it was is not told. Source: NewGenericServerResponse of k8s.io/apimachinery/pkg/api/errors */
const CANNOT_APPLY = 'the server rejected our request due to an error in our request'

/**
 * @throws StatusError 400 for a patch that is none, 413 for one too long, 422 for one that can't be carried out
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  if (patch.length > maxOperations) {
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`,
    )
  }
  const copy = cloneJson(target)
  let copiedBytes = 0
  for (const operation of patch) {
    if (!isRecord(operation) || typeof operation.op !== 'string' || typeof operation.path !== 'string') {
      throw badRequest('error decoding patch: an operation needs an "op" and a "path"')
    }
    const { op, path, from } = operation
    charge(stepsOfOperation)
    if (op === 'copy') {
      const value = Pointer.fromJSON(isPointer(from) ? String(from) : '').get(copy)
      const bytes = value === undefined ? 0 : JSON.stringify(value).length
      chargeText(stepsOfCopied * bytes)
      copiedBytes += bytes
      if (copiedBytes > maxCopiedBytes) throw new StatusError(422, 'Invalid', CANNOT_APPLY)
    }
    const isAddressed = hasPlace(copy, path) && (!FROM_ELSEWHERE.has(op) || hasPlace(copy, from))
    const [error] = isAddressed ? applyPatch(copy, [operation as unknown as Operation]) : ['it names no place']
    if (error) throw new StatusError(422, 'Invalid', CANNOT_APPLY)
  }
  return copy
}

/** An operation `test` found another value. */
export class TestFailed extends Error {}

/**
 * The operations of a policy, in the words of the library that a real server uses for them. Source: github.com/evanphx/json-patch
 * @param document is changed
 * @throws TestFailed, or Error with which operation it was and why
 */
export function applyOperations(document: unknown, operations: readonly unknown[]): unknown {
  for (const operation of operations) {
    const { op, path, from } = isRecord(operation) ? operation : {}
    charge(stepsOfOperation)
    if (!OPERATIONS.has(String(op))) throw new Error(`Unexpected kind: ${String(op)}`)
    for (const pointer of FROM_ELSEWHERE.has(String(op)) ? [from, path] : [path])
      if (!hasPlace(document, pointer))
        throw new Error(`${op} operation does not apply: doc is missing path: ${String(pointer)}: missing value`)
    const [error] = applyPatch(document, [operation as unknown as Operation])
    if (error?.name === 'TestError') throw new TestFailed()
    if (error)
      throw new Error(
        op === 'add'
          ? `${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`
          : `${op} operation does not apply: doc is missing key: ${String(path)}: missing value`,
      )
  }
  return document
}

const OPERATIONS = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test'])
const stepsOfOperation = 30

const FROM_ELSEWHERE = new Set(['copy', 'move'])

/** Whether what it names lies in something that is there. */
function hasPlace(document: unknown, pointer: unknown): boolean {
  if (!isPointer(pointer)) return false
  let parent = document
  for (const token of Pointer.fromJSON(String(pointer)).tokens.slice(1, -1)) {
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, token)) return false
    parent = (parent as Record<string, unknown>)[token]
  }
  return true
}

/** Source: RFC 6901 */
const isPointer = (text: unknown): boolean => typeof text === 'string' && (text === '' || text.startsWith('/'))
