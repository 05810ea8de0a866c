/** Where the next page of a list begins, as clients carry it. Source: k8s.io/apiserver/pkg/storage/continue.go */

import { decodeBase64, encodeBase64Text, padBase64, utf8TextLossy } from '../api/meta/base64.ts'
import { isRecord } from '../api/meta/json.ts'
import { badRequest, type StatusError } from '../api/meta/status-error.ts'
import { cannotUnmarshal, jsonFault, jsonKind } from '../text/go-json-errors.ts'

/**
 * @param revision -1 for the newest there is when the page is asked for
 * @param after the last key that was given, under the prefix
 */
export const writeContinue = (revision: number, after: string, prefix: string): string =>
  encodeBase64Text(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after.slice(prefix.length)}\0` }))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** @throws StatusError 400 for a token that the server did not write. Source of the first words: k8s.io/apiserver/pkg/storage/etcd3/store.go */
export function readContinue(token: string, prefix: string): { revision: number | undefined; after: string } {
  const { v = '', rv = 0, start = '' } = continueFields(token)
  if (v !== 'meta.k8s.io/v1') throw refused(`: server does not recognize this encoded version ${String(v)}`)
  if (rv === 0) throw refused(': incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (start === '') throw refused(': encoded start key empty (version meta.k8s.io/v1)')
  const key = start.startsWith('/') ? start : `/${start}`
  // What path.Clean would change may lead out of the place that is listed.
  if (/\/\/|\/\.{1,2}(?:\/|$)|.\/$/s.test(key)) throw refused(`: ${start}`)
  return { revision: rv < 0 ? undefined : rv, after: prefix + key.slice(1).replace(/\0$/, '') }
}

const refused = (why: string): StatusError => badRequest(`invalid continue token: continue key is not valid${why}`)

function continueFields(token: string): { v?: string; rv?: number; start?: string } {
  const decoded = decodeBase64(padBase64(token.replaceAll('-', '+').replaceAll('_', '/')))
  if (!('bytes' in decoded)) throw refused(`: illegal base64 data at input byte ${decoded.badOffset}`)
  const text = utf8TextLossy(decoded.bytes)
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw refused(`: ${jsonFault(text)}`)
  }
  if (fields === null) return {}
  if (!isRecord(fields)) throw refused(`: ${cannotUnmarshal(fields, 'storage.continueToken')}`)
  for (const [name, type] of [
    ['v', 'string'],
    ['rv', 'int64'],
    ['start', 'string'],
  ] as const) {
    const value = fields[name]
    const isRight = type === 'string' ? typeof value === 'string' : Number.isSafeInteger(value)
    if (value !== undefined && value !== null && !isRight)
      throw refused(
        `: json: cannot unmarshal ${typeof value === 'number' && type === 'int64' ? `number ${value}` : jsonKind(value)} into Go struct field continueToken.${name} of type ${type}`,
      )
  }
  const { v, rv, start } = fields as { v?: string | null; rv?: number | null; start?: string | null }
  return { v: v ?? undefined, rv: rv ?? undefined, start: start ?? undefined }
}
