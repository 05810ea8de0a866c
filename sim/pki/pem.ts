/** PEM, as keys and certificates are kept in files. Source: RFC 7468 */
import { decodeBase64, encodeBase64 } from '../api/meta/base64.ts'

export interface PemBlock {
  /** `CERTIFICATE`, `RSA PRIVATE KEY` */
  type: string
  bytes: Uint8Array
}

/** The block as text, with a line break at its end. */
export function writePem(type: string, bytes: ArrayLike<number>): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`, ''].join('\n')
}

/** The blocks of a text, in its order. One that holds no base64 is none, as for Go's pem.Decode. */
export function readPem(text: string): PemBlock[] {
  return [...text.matchAll(/-----BEGIN ([^-\n]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g)].flatMap(
    ([, type, body]) => {
      const decoded = decodeBase64(body.replaceAll(/\s/g, ''))
      return 'bytes' in decoded ? [{ type, bytes: Uint8Array.from(decoded.bytes) }] : []
    },
  )
}
