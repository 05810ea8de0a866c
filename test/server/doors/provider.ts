/**
 * A provider of OpenID Connect that checks what a real one would: the client's secret, the address to come back to, PKCE, and that a code is used once.
 * What it says of somebody is signed by a key of its own, unless a test makes it lie.
 */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'

export interface Lie {
  /** Other claims than those that are true. */
  claims?: Record<string, unknown>
  alg?: 'none' | 'HS256'
  /** Signed by a key that nobody knows. */
  isForged?: boolean
}

export const client = { id: 'podium', secret: 'a-client-secret-of-tests' }

export async function provider(redirectUri: string, now: () => number = Date.now) {
  const [{ privateKey, publicKey }, forged] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')])
  const codes = new Map<string, { challenge: string; nonce: string; person: Record<string, unknown> }>()
  const refused: string[] = []
  let [person, lie]: [Record<string, unknown>, Lie] = [{ sub: 'kim-1' }, {}]
  let issuer = ''

  const idToken = async (nonce: string, of: Record<string, unknown>): Promise<string> => {
    const at = Math.floor(now() / 1000)
    const claims = { iss: issuer, aud: client.id, iat: at, exp: at + 300, nonce, ...of, ...lie.claims }
    if (lie.alg === 'none') return new UnsecuredJWT(claims).encode()
    if (lie.alg === 'HS256')
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(client.secret.padEnd(32)))
    const key = lie.isForged ? forged.privateKey : privateKey
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key)
  }

  const server = createServer(async (req, res) => {
    const url = new URL(req.url!, issuer)
    const json = (value: object, status = 200) =>
      res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    if (url.pathname === '/.well-known/openid-configuration')
      return json({
        ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
        ...{ jwks_uri: `${issuer}/keys`, end_session_endpoint: `${issuer}/out`, response_types_supported: ['code'] },
        ...{ subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'] },
      })
    if (url.pathname === '/keys')
      return json({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] })
    if (url.pathname !== '/token') return json({}, 404)
    let text = ''
    for await (const piece of req) text += piece
    const given = new URLSearchParams(text)
    // Both are form-encoded in it (RFC 6749, 2.3.1).
    const login = Buffer.from((req.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
    const code = codes.get(given.get('code') ?? '')
    codes.delete(given.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(given.get('code_verifier') ?? '')
      .digest('base64url')
    const why =
      login.split(':').map(decodeURIComponent).join(':') !== `${client.id}:${client.secret}`
        ? 'invalid_client'
        : !code || challenge !== code.challenge || given.get('redirect_uri') !== redirectUri
          ? 'invalid_grant'
          : undefined
    if (why) {
      refused.push(why)
      return json({ error: why }, why === 'invalid_client' ? 401 : 400)
    }
    json({ access_token: 'at', token_type: 'Bearer', id_token: await idToken(code!.nonce, code!.person) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    /** Codes and secrets that were not taken. */
    refused,
    /** Who signs in there next. */
    is(claims: Record<string, unknown>, as: Lie = {}) {
      ;[person, lie] = [claims, as]
    },
    /** Somebody agrees on its page. @returns where their browser goes */
    agree(address: string): string {
      const { searchParams: asked, origin, pathname } = new URL(address)
      const isWhole =
        origin === issuer &&
        pathname === '/authorize' &&
        asked.get('client_id') === client.id &&
        asked.get('response_type') === 'code' &&
        asked.get('redirect_uri') === redirectUri &&
        asked.get('code_challenge_method') === 'S256' &&
        asked.get('scope')!.split(' ').includes('openid')
      if (!isWhole) throw new Error(`a provider would not take ${address}`)
      const code = randomBytes(12).toString('hex')
      codes.set(code, { challenge: asked.get('code_challenge')!, nonce: asked.get('nonce')!, person })
      return `${new URL(redirectUri).pathname}?${new URLSearchParams({ code, state: asked.get('state')! })}`
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(done))
    },
  }
}
