/** What commands share when they write: the output line of an object, the wording of failures, the options of a request. */

import { givenKeys, type KeyOrder } from '../api/meta/go-json.ts'
import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import type { WriteOptions } from '../client/client.ts'
import type { Invocation } from './command.ts'
import { ActionError, KubectlError } from './errors.ts'
import { objectPrinter } from './printers/objects.ts'
import { shownName } from './resources.ts'

/**
 * Prints `deployment.apps/web created`, or the object itself when -o asks for it.
 * @param keysOf the order of the object's fields in JSON
 */
export function showResult(
  invocation: Invocation,
  kind: Kind,
  object: KubeObject,
  operation: string,
  keysOf?: KeyOrder,
): void {
  const printer = objectPrinter(invocation, { keysOf })
  // What is not kept is answered by a Status, which has no name.
  const isStatus = object.kind === 'Status'
  const name = isStatus ? 'status/<unknown>' : shownName(kind, object.metadata.name)
  if (printer) invocation.out(isStatus ? printer.print(object, undefined) : printer.print(withType(kind, object), kind))
  else invocation.out(`${name} ${operation}${invocation.dryRunSuffix}\n`)
}

/** As showResult, of an object that kubectl has read into a type of Go's: its fields stand in the order of that. */
export function showTyped(invocation: Invocation, kind: Kind, object: KubeObject, operation: string): void {
  const { flags, context } = invocation
  const ordered = flags.string('output') === '' ? undefined : context.inGoOrder?.(withType(kind, object))
  if (ordered) showResult(invocation, kind, ordered, operation, givenKeys)
  else showResult(invocation, kind, object, operation)
}

/** The object with its apiVersion and kind in front, which drafts may lack. */
export const withType = (kind: Kind, object: KubeObject): KubeObject => ({
  ...object,
  kind: kind.kind,
  apiVersion: kind.apiVersion,
})

export function warnIfDeleting(invocation: Invocation, { metadata }: KubeObject): void {
  if (metadata.deletionTimestamp)
    invocation.err(`Warning: Detected changes to resource ${metadata.name} which is currently being deleted.\n`)
}

/** Runs a request; a refusal is told with what kubectl was doing: `error when creating "STDIN": …`. */
export function withAction<T>(verb: string, source: string, request: () => T): T {
  try {
    return request()
  } catch (error) {
    if (error instanceof StatusError) throw new ActionError(`error when ${verb} "${source}": `, error)
    throw error
  }
}

/** @throws KubectlError for a value that --validate does not have */
export function validation(invocation: Invocation): Pick<WriteOptions, 'fieldValidation'> {
  const text = invocation.flags.string('validate')
  switch (text) {
    case 'strict':
    case 'true':
      return { fieldValidation: 'Strict' }
    case 'warn':
      return { fieldValidation: 'Warn' }
    case 'ignore':
    case 'false':
      return { fieldValidation: 'Ignore' }
    default:
      throw new KubectlError(
        `invalid - validate option ${JSON.stringify(text)}; must be one of: strict (or true), warn, ignore (or false)`,
      )
  }
}
