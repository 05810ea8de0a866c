/** The learning platforms that may launch this site, and the key that this site signs with: a file each, read at the start. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'
import { z } from 'zod'

const address = z.url({ protocol: /^https?$/, error: 'must be an address such as https://lms.example.org/…' }).refine(
  (text) => {
    const { protocol, hostname } = new URL(text)
    return protocol === 'https:' || /^(?:localhost|127\.\d+\.\d+\.\d+)$/.test(hostname)
  },
  { error: 'must begin with https:// off this machine' },
)

const platformSchema = z.strictObject({
  /** As people know it. */
  name: z.string().min(1).max(60),
  issuer: z.string().min(1),
  clientId: z.string().min(1),
  /** Ids of the places on the platform where this site was added. */
  deployments: z.array(z.string().min(1)).min(1),
  authorizationUrl: address,
  tokenUrl: address,
  jwksUrl: address,
})
export type Platform = z.infer<typeof platformSchema>

export interface LtiSetup {
  platforms: readonly Platform[]
  key: KeyObject
  /** The public half, as it is told under `/lti/keys`. */
  publicJwk: JWK & { kid: string }
}

/** @param texts of the two files @throws Error that says what is wrong with them, without repeating the key */
export async function readLtiSetup(texts: { platforms: string; key: string }): Promise<LtiSetup> {
  let given: unknown
  try {
    given = JSON.parse(texts.platforms)
  } catch {
    throw new Error('LTI_PLATFORMS_FILE: it is not JSON')
  }
  const read = z.array(platformSchema).min(1).safeParse(given)
  if (!read.success) throw new Error(`LTI_PLATFORMS_FILE: ${z.prettifyError(read.error)}`)
  const names = read.data.map(({ issuer, clientId }) => `${issuer} ${clientId}`)
  if (new Set(names).size < names.length)
    throw new Error('LTI_PLATFORMS_FILE: an issuer and client id stand in it twice')
  let key: KeyObject
  try {
    key = createPrivateKey(texts.key)
  } catch {
    throw new Error('LTI_KEY_FILE: it is not a private key in PEM')
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
    throw new Error('LTI_KEY_FILE: it has to be an RSA key of 2048 bits or more')
  const jwk = await exportJWK(createPublicKey(key))
  const publicJwk = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' }
  return { platforms: read.data, key, publicJwk }
}

/** Where a platform's pages and services are: what it tells of itself in a launch leads nowhere else. */
export const originsOf = ({ issuer, authorizationUrl, tokenUrl, jwksUrl }: Platform): readonly string[] => [
  ...new Set(
    [issuer, authorizationUrl, tokenUrl, jwksUrl].flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : [])),
  ),
]
