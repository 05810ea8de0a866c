/** Where the next page of a list begins, as clients carry it. Source: k8s.io/apiserver/pkg/storage/continue.go */
import { decodeBase64Text, encodeBase64Text, padBase64 } from '../api/meta/base64.ts'
import { isRecord } from '../api/meta/json.ts'
import { badRequest } from '../api/meta/status-error.ts'

/**
 * @param revision -1 for the newest there is when the page is asked for
 * @param after the last key that was given, under the prefix
 */
export const writeContinue = (revision: number, after: string, prefix: string): string =>
  encodeBase64Text(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after.slice(prefix.length)}\0` }))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** @throws StatusError 400 for a token that the server did not write */
export function readContinue(token: string, prefix: string): { revision: number | undefined; after: string } {
  const { v, rv, start } = continueFields(token)
  if (v !== 'meta.k8s.io/v1')
    throw badRequest(`continue key is not valid: server does not recognize this encoded version ${String(v ?? '')}`)
  if (typeof rv !== 'number' || !Number.isInteger(rv) || rv === 0)
    throw badRequest('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof start !== 'string' || start === '')
    throw badRequest('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)')
  return { revision: rv < 0 ? undefined : rv, after: prefix + start.replace(/\0$/, '') }
}

function continueFields(token: string): Record<string, unknown> {
  try {
    const text = decodeBase64Text(padBase64(token.replaceAll('-', '+').replaceAll('_', '/')))
    const fields: unknown = JSON.parse(text ?? '')
    if (isRecord(fields)) return fields
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw badRequest('continue key is not valid')
}
