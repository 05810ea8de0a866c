/** Reading what a client sent: the kind's own names, known fields, the right types. */
import type { Kind } from '../api/meta/kind.ts'
import { isRecord } from '../api/meta/json.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { badRequest } from '../api/meta/status-error.ts'
import { checkFields } from './field-check.ts'
import type { WriteOptions } from '../client/client.ts'
import type { Caller } from './api-server.ts'

/**
 * The object as the kind's type, from a copy of its own.
 * @throws StatusError 400 for the wrong kind, a wrong type, or (Strict) a field that does not exist
 */
export function decode<T extends KubeObject>(
  kind: Kind<T>,
  object: unknown,
  caller: Pick<Caller, 'isTrusted' | 'warn'>,
  fieldValidation: WriteOptions['fieldValidation'],
): T {
  if (!isRecord(object)) throw badRequest(`the object is not a ${kind.kind}: it is no mapping`)
  const { apiVersion, kind: kindName } = object
  if ((apiVersion !== undefined && apiVersion !== kind.apiVersion) || (kindName !== undefined && kindName !== kind.kind)) {
    throw badRequest(
      `${kindName ?? kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: no kind "${kindName}" is registered for version "${apiVersion}"`,
    )
  }
  object.apiVersion = kind.apiVersion
  object.kind = kind.kind
  if (!isRecord(object.metadata)) object.metadata = {}
  if (!caller.isTrusted) {
    const { typeError, unknownFields } = checkFields(kind as unknown as Kind, object)
    if (typeError) throw badRequest(typeError)
    if (unknownFields.length > 0 && fieldValidation === 'Strict') {
      throw badRequest(`strict decoding error: ${unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`).join(', ')}`)
    }
    if (fieldValidation !== 'Ignore') for (const field of unknownFields) caller.warn(`unknown field ${JSON.stringify(field)}`)
  }
  return object as unknown as T
}
