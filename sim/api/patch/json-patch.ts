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
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonKind(patch)} into Go value of type []handlers.jsonPatchOp`,
    )
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
    const { op, path, from } = isRecord(operation) ? operation : {}
    charge(stepsOfOperation)
    if (op === 'copy') {
      const value = Pointer.fromJSON(String(rooted(from) ?? '')).get(copy)
      const bytes = value === undefined ? 0 : JSON.stringify(value).length
      chargeText(stepsOfCopied * bytes)
      copiedBytes += bytes
      if (copiedBytes > maxCopiedBytes) throw new StatusError(422, 'Invalid', CANNOT_APPLY)
    }
    if (!carriedOut(copy, op, rooted(path), rooted(from), isRecord(operation) ? operation.value : undefined))
      throw new StatusError(422, 'Invalid', CANNOT_APPLY)
  }
  return copy
}

const jsonKind = (value: unknown): string => (typeof value === 'object' ? 'object' : typeof value)

/** What stands before the first slash is not looked at. */
function rooted(pointer: unknown): string | undefined {
  if (typeof pointer !== 'string') return undefined
  return pointer === '' ? '' : pointer.slice(Math.max(0, pointer.indexOf('/'))).replace(/^(?!\/)/, '/')
}

/**
 * Whether one operation could be carried out on the document. The library of a real server is more lenient with maps than the RFC: what is
 * not there is replaced and copied as if it were, and what is not said is null. Source: github.com/evanphx/json-patch v4, patch.go
 */
function carriedOut(
  document: unknown,
  op: unknown,
  path: string | undefined,
  from: string | undefined,
  value: unknown = null,
): boolean {
  if (path === undefined || !hasPlace(document, path)) return false
  if (FROM_ELSEWHERE.has(String(op)) && !hasPlace(document, from)) return false
  const isMissing = (pointer: string) => {
    const { value: found, parent } = Pointer.fromJSON(pointer).evaluate(document)
    return found === undefined && isRecord(parent)
  }
  let operation = { op, path, from, value } as unknown as Operation
  if (op === 'replace' && isMissing(path)) operation = { op: 'add', path, value }
  else if (op === 'copy' && from !== undefined && isMissing(from)) operation = { op: 'add', path, value: null }
  return applyPatch(document, [operation])[0] === null
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
