/** An object as it comes out of Go's type of it. */
import type { KubeObject } from '../../api/meta/object.ts'
import { decodeProtobuf } from './decode.ts'
import { encodeProtobuf } from './encode.ts'

/** The object with its fields in the order of JSON, and with those that are never left out; undefined for an unknown kind. */
export function throughProtobuf(object: KubeObject): KubeObject | undefined {
  const { apiVersion, kind } = object
  const bytes = encodeProtobuf(object as unknown as Record<string, unknown>)
  return bytes && (decodeProtobuf(bytes, { apiVersion, kind }) as unknown as KubeObject)
}
