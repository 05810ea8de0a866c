/**
 * Signing in by a provider of OpenID Connect: the code flow with PKCE. What the answer is checked against (state, nonce, verifier) is drawn from a
 * mark in the browser's cookie by the server's secret: an answer that another browser was to have is none, and nothing is stored meanwhile.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import * as client from 'openid-client'
import type { OidcConfig } from '../config.ts'
import type { GivenRole } from '../sittings/roles.ts'
import type { UsedMarks } from '../storage/used-marks.ts'

/** Whom the provider says that somebody is. */
export interface OutsidePerson {
  /** Of issuer and subject: nobody else has it. */
  key: string
  /** What they call themselves there, as a suggestion; may be empty. */
  name: string
  /** An address that the provider has confirmed. */
  mail: string | null
  /** Of those that the provider decides; undefined where it decides none. */
  roles: readonly GivenRole[] | undefined
}

/** Why nobody was signed in. */
export type OidcRefusal =
  /** It was begun in another browser, too long ago, or is over already. */
  | { refused: 'flow' }
  /** Somebody did not go on there. */
  | { refused: 'denied' }
  /** What was answered is not to be believed, by its code. */
  | { refused: 'answer'; code: string }
  | { refused: 'unreachable'; code: string }

export interface Oidc {
  /** As people know the provider. */
  name: string
  /** Where browsers go: nowhere else are they sent. */
  origins(): Promise<readonly string[]>
  /** @returns where the browser is to go, and the mark for its cookie */
  begin(): Promise<{ url: string; mark: string } | OidcRefusal>
  /** @param query of the address that the browser came back to */
  finish(query: string, mark: string): Promise<OutsidePerson | OidcRefusal>
  /** Where somebody signs out at the provider; undefined where it has no such page. */
  signOutUrl(): Promise<string | undefined>
}

export const flowMinutes = 10

/** @param options.publicUrl where browsers reach this site */
export function createOidc(
  options: OidcConfig & {
    publicUrl: string
    secret: string
    usedMarks: UsedMarks
    now(): number
    patienceSeconds?: number
  },
): Oidc {
  const { issuer, clientId, clientSecret, scopes, roleClaim, roleNames, secret, publicUrl, usedMarks, now } = options
  const redirectUri = `${publicUrl}/account/oidc/return`
  let known: Promise<client.Configuration> | undefined
  const provider = (): Promise<client.Configuration> => {
    known ??= client
      .discovery(
        new URL(issuer),
        clientId,
        // The signature of what it says is checked, too, not only where it comes from.
        { id_token_signed_response_alg: options.algorithm },
        clientSecret === undefined ? client.None() : byWhatIsSupported(clientSecret),
        {
          timeout: options.patienceSeconds ?? 10,
          execute: [
            client.enableNonRepudiationChecks,
            // Configuration lets plain http be for this machine only.
            ...(issuer.startsWith('http:') ? [client.allowInsecureRequests] : []),
          ],
        },
      )
      .catch((error: unknown) => {
        known = undefined
        throw error
      })
    return known
  }
  const drawn = (what: string, mark: string): string =>
    createHmac('sha256', secret).update(`oidc ${what} ${mark}`).digest('base64url')

  const explain = (error: unknown): OidcRefusal => {
    if (error instanceof client.AuthorizationResponseError)
      return error.error === 'access_denied' ? { refused: 'denied' } : { refused: 'answer', code: error.error }
    const code = String((error as { code?: unknown }).code ?? (error as Error).name)
    // What is in the error besides may be somebody's.
    return error instanceof TypeError ||
      code === 'ClientError' ||
      code === 'OAUTH_TIMEOUT' ||
      code === 'OAUTH_RESPONSE_IS_NOT_CONFORM'
      ? { refused: 'unreachable', code }
      : { refused: 'answer', code }
  }

  return {
    name: options.name,
    origins: async () => {
      const { authorization_endpoint, end_session_endpoint } = (await provider()).serverMetadata()
      return [authorization_endpoint, end_session_endpoint].flatMap((url) => (url ? [new URL(url).origin] : []))
    },
    async begin() {
      try {
        const mark = `${randomBytes(18).toString('base64url')}.${now().toString(36)}`
        const challenge = await client.calculatePKCECodeChallenge(drawn('verifier', mark))
        const url = client.buildAuthorizationUrl(await provider(), {
          ...{ redirect_uri: redirectUri, scope: scopes, state: drawn('state', mark), nonce: drawn('nonce', mark) },
          ...{ code_challenge: challenge, code_challenge_method: 'S256' },
        })
        return { url: url.href, mark }
      } catch (error) {
        return explain(error)
      }
    },
    async finish(query, mark) {
      const begunMs = Number.parseInt(/^[\w-]{24}\.([a-z0-9]{1,12})$/.exec(mark)?.[1] ?? '', 36)
      const isCurrent = begunMs <= now() && begunMs > now() - flowMinutes * 60_000
      const state = new URLSearchParams(query).get('state')
      if (!isCurrent || state !== drawn('state', mark)) return { refused: 'flow' }
      if (!(await usedMarks.use(`oidc ${mark}`, begunMs + flowMinutes * 60_000, now()))) return { refused: 'flow' }
      try {
        const tokens = await client.authorizationCodeGrant(await provider(), new URL(`${redirectUri}${query}`), {
          ...{ expectedState: drawn('state', mark), expectedNonce: drawn('nonce', mark) },
          ...{ pkceCodeVerifier: drawn('verifier', mark), idTokenExpected: true },
        })
        const claims = tokens.claims()!
        const said = roleClaim === undefined ? undefined : claims[roleClaim]
        const groups = (Array.isArray(said) ? said : [said]).map(String)
        return {
          key: createHash('sha256').update(`${claims.iss}\n${claims.sub}`).digest('hex'),
          name: String(claims.preferred_username ?? claims.name ?? ''),
          mail: claims.email_verified === true && typeof claims.email === 'string' ? claims.email : null,
          roles:
            roleClaim === undefined
              ? undefined
              : Object.entries(roleNames).flatMap(([role, name]) => (groups.includes(name) ? [role as GivenRole] : [])),
        }
      } catch (error) {
        return explain(error)
      }
    },
    async signOutUrl() {
      try {
        const config = await provider()
        if (!config.serverMetadata().end_session_endpoint) return undefined
        return client.buildEndSessionUrl(config, { post_logout_redirect_uri: `${publicUrl}/account` }).href
      } catch {
        return undefined
      }
    },
  }
}

/** In the request's head, or in its body where the provider takes it there only. */
const byWhatIsSupported =
  (secret: string): client.ClientAuth =>
  (server, ...rest) => {
    const known = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const auth = known.includes('client_secret_basic') ? client.ClientSecretBasic : client.ClientSecretPost
    return auth(secret)(server, ...rest)
  }
