/**
 * LTI 1.3: people come in from a learning platform, instructors pick what is worked on, and grades go back. What an answer is checked against is drawn
 * from a mark in the browser's cookie, as with OpenID Connect (`oidc.ts`).
 * https://www.imsglobal.org/spec/lti/v1p3, https://www.imsglobal.org/spec/security/v1p0
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { UsedMarks } from '../storage/used-marks.ts'
import { type LtiSetup, originsOf, type Platform } from './lti-platforms.ts'

const claim = (name: string) => `https://purl.imsglobal.org/spec/lti/claim/${name}`
const gradesClaim = 'https://purl.imsglobal.org/spec/lti-ags/claim/endpoint'
const linkingClaim = (name: string) => `https://purl.imsglobal.org/spec/lti-dl/claim/${name}`
const rosterClaim = 'https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice'
export const scoreScope = 'https://purl.imsglobal.org/spec/lti-ags/scope/score'

/** What a platform says when somebody comes. */
export interface Launch {
  /** Of issuer and client id. */
  platform: string
  /** Of issuer and subject: nobody else has it. */
  key: string
  /** The person's id there. */
  subject: string
  deployment: string
  /** Somebody who teaches or builds the course. */
  isInstructor: boolean
  /** The address on this site that they are to see. */
  target: string
  /** Where the grade of what they see goes; undefined where none is wanted. */
  lineItem?: string
  /** The course that they came from, where the platform tells who is in it. */
  course?: { url: string; title: string }
  /** They are to pick what is put into the course. */
  picking?: { returnUrl: string; data?: string; isMultiple: boolean }
}

/** The code stands in the log. */
export interface LtiRefusal {
  refused: 'platform' | 'flow' | 'token' | 'deployment' | 'message' | 'unreachable'
  code?: string
}

export interface Picked {
  title: string
  /** The whole address. */
  url: string
  /** Of what is graded. */
  resourceId?: string
}

export interface Lti {
  platforms: readonly Platform[]
  jwks: { keys: readonly object[] }
  platformOf(id: string): Platform | undefined
  /** Somebody comes from a platform. @returns where the browser goes there, and the mark for its cookie */
  begin(asked: Record<string, unknown>): { url: string; mark: string; platform: Platform } | LtiRefusal
  finish(answer: { token: string; state: string }, mark: string): Promise<Launch | LtiRefusal>
  /** What an instructor has picked, signed for the platform. */
  answerPicking(launch: Launch, picked: readonly Picked[]): Promise<string>
  /** A token for services of the platform. @throws Error when it gives none */
  accessToken(platform: Platform, scope: string): Promise<string>
}

export const launchMinutes = 10
const patienceMs = 10_000

export const platformId = ({ issuer, clientId }: Pick<Platform, 'issuer' | 'clientId'>): string =>
  createHash('sha256').update(`${issuer}\n${clientId}`).digest('hex').slice(0, 24)

/** Nobody else has it. */
export const keyOfPerson = ({ issuer }: Pick<Platform, 'issuer'>, subject: string): string =>
  createHash('sha256').update(`${issuer}\n${subject}`).digest('hex')

/** Roles that are of the course or the whole platform, in their long and short forms. */
export const teaches =
  /[#/](?:Instructor|Administrator|ContentDeveloper)$|^(?:Instructor|Administrator|ContentDeveloper)$/

const said = z.object({
  sub: z.string().min(1).max(255),
  nonce: z.string(),
  azp: z.string().optional(),
  [claim('version')]: z.literal('1.3.0'),
  [claim('message_type')]: z.enum(['LtiResourceLinkRequest', 'LtiDeepLinkingRequest']),
  [claim('deployment_id')]: z.string(),
  [claim('target_link_uri')]: z.string().max(2000).optional(),
  [claim('roles')]: z.array(z.string()).default([]),
  [gradesClaim]: z.object({ scope: z.array(z.string()), lineitem: z.url().max(1000).optional() }).optional(),
  // What of these cannot be read is as if it were not there: people come in all the same.
  [rosterClaim]: z
    .object({ context_memberships_url: z.url().max(600) })
    .optional()
    .catch(undefined),
  [claim('context')]: z
    .object({ title: z.string().optional(), label: z.string().optional() })
    .optional()
    .catch(undefined),
  [linkingClaim('deep_linking_settings')]: z
    .object({
      deep_link_return_url: z.url().max(1000),
      accept_types: z.array(z.string()),
      accept_multiple: z.boolean().default(true),
      data: z.string().max(1000).optional(),
    })
    .optional(),
})

export function createLti(
  setup: LtiSetup,
  options: { publicUrl: string; secret: string; usedMarks: UsedMarks; now(): number },
): Lti {
  const { platforms, key, publicJwk } = setup
  const { publicUrl, secret, usedMarks, now } = options
  const keys = new Map(
    platforms.map((one) => [
      platformId(one),
      createRemoteJWKSet(new URL(one.jwksUrl), { timeoutDuration: patienceMs, cooldownDuration: 5000 }),
    ]),
  )
  const tokens = new Map<string, { token: string; untilMs: number }>()
  const drawn = (what: string, mark: string): string =>
    createHmac('sha256', secret).update(`lti ${what} ${mark}`).digest('base64url')
  const sign = (claims: JWTPayload, minutes: number): Promise<string> => {
    const atSeconds = Math.floor(now() / 1000)
    return new SignJWT({ ...claims, iat: atSeconds, exp: atSeconds + minutes * 60 })
      .setProtectedHeader({ alg: 'RS256', kid: publicJwk.kid, typ: 'JWT' })
      .sign(key)
  }

  const read = async (platform: Platform, token: string, mark: string): Promise<Launch | LtiRefusal> => {
    const { payload } = await jwtVerify(token, keys.get(platformId(platform))!, {
      ...{ issuer: platform.issuer, audience: platform.clientId, algorithms: ['RS256'] },
      ...{ currentDate: new Date(now()), clockTolerance: 30, maxTokenAge: '1h', requiredClaims: ['exp', 'iat'] },
    })
    const { success, data, error } = said.safeParse(payload)
    if (!success) return { refused: 'message', code: error.issues[0]!.path.join('.') }
    if (data.nonce !== drawn('nonce', mark)) return { refused: 'token', code: 'nonce' }
    const isForUs = Array.isArray(payload.aud) && payload.aud.length > 1 ? data.azp === platform.clientId : true
    if (!isForUs || (data.azp !== undefined && data.azp !== platform.clientId)) return { refused: 'token', code: 'azp' }
    const deployment = data[claim('deployment_id')] as string
    if (!platform.deployments.includes(deployment)) return { refused: 'deployment' }
    const settings = data[linkingClaim('deep_linking_settings')] as
      | { deep_link_return_url: string; accept_types: string[]; accept_multiple: boolean; data?: string }
      | undefined
    const isPicking = data[claim('message_type')] === 'LtiDeepLinkingRequest'
    const isOfPlatform = (url: string) => originsOf(platform).includes(new URL(url).origin)
    if (
      isPicking &&
      !(settings?.accept_types.includes('ltiResourceLink') && isOfPlatform(settings.deep_link_return_url))
    )
      return { refused: 'message', code: 'deep_linking_settings' }
    const grades = data[gradesClaim] as { scope: string[]; lineitem?: string } | undefined
    const roster = data[rosterClaim] as { context_memberships_url: string } | undefined
    const context = data[claim('context')] as { title?: string; label?: string } | undefined
    const target = (data[claim('target_link_uri')] as string | undefined) ?? publicUrl
    return {
      ...{ platform: platformId(platform), deployment, subject: payload.sub ?? '' },
      key: keyOfPerson(platform, payload.sub ?? ''),
      isInstructor: (data[claim('roles')] as string[]).some((role) => teaches.test(role)),
      // What leads off the site leads to its first page.
      target: target.startsWith(`${publicUrl}/`) ? target.slice(publicUrl.length) : '/',
      ...(grades?.lineitem && grades.scope.includes(scoreScope) && isOfPlatform(grades.lineitem)
        ? { lineItem: grades.lineitem }
        : {}),
      ...(roster && isOfPlatform(roster.context_memberships_url)
        ? {
            course: {
              url: roster.context_memberships_url,
              title: (context?.title || context?.label || '').slice(0, 120),
            },
          }
        : {}),
      ...(isPicking && settings
        ? {
            picking: {
              ...{ returnUrl: settings.deep_link_return_url, isMultiple: settings.accept_multiple },
              ...(settings.data === undefined ? {} : { data: settings.data }),
            },
          }
        : {}),
    }
  }

  return {
    platforms,
    jwks: { keys: [publicJwk] },
    platformOf: (id) => platforms.find((one) => platformId(one) === id),
    begin(asked) {
      const text = (name: string): string | undefined => (typeof asked[name] === 'string' ? asked[name] : undefined)
      const wanted = text('client_id')
      const found = platforms.filter(
        (one) => one.issuer === text('iss') && (wanted === undefined || one.clientId === wanted),
      )
      const [platform] = found
      const hint = text('login_hint')
      if (!platform || found.length > 1 || hint === undefined) return { refused: 'platform' }
      const mark = `${randomBytes(18).toString('base64url')}.${now().toString(36)}.${platformId(platform)}`
      const url = new URL(platform.authorizationUrl)
      for (const [name, value] of Object.entries({
        ...{ scope: 'openid', response_type: 'id_token', response_mode: 'form_post', prompt: 'none' },
        ...{ client_id: platform.clientId, redirect_uri: `${publicUrl}/lti/launch`, login_hint: hint },
        ...{ state: drawn('state', mark), nonce: drawn('nonce', mark), lti_message_hint: text('lti_message_hint') },
      }))
        if (value !== undefined) url.searchParams.set(name, value)
      return { url: url.href, mark, platform }
    },
    async finish({ token, state }, mark) {
      const [, at = '', id = ''] = /^[\w-]{24}\.([a-z0-9]{1,12})\.([a-f0-9]{24})$/.exec(mark) ?? []
      const begunMs = Number.parseInt(at, 36)
      const isCurrent = begunMs <= now() && begunMs > now() - launchMinutes * 60_000
      const platform = platforms.find((one) => platformId(one) === id)
      if (!platform || !isCurrent || state !== drawn('state', mark)) return { refused: 'flow' }
      if (!(await usedMarks.use(`lti ${mark}`, begunMs + launchMinutes * 60_000, now()))) return { refused: 'flow' }
      try {
        return await read(platform, token, mark)
      } catch (error) {
        // What is in the error besides may be somebody's.
        if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout))
          return { refused: 'token', code: error.code }
        return { refused: 'unreachable', code: (error as Error).name }
      }
    },
    async answerPicking({ platform: id, deployment, picking }, picked) {
      const platform = platforms.find((one) => platformId(one) === id)!
      return sign(
        {
          ...{ iss: platform.clientId, aud: platform.issuer, nonce: randomBytes(18).toString('base64url') },
          [claim('deployment_id')]: deployment,
          [claim('message_type')]: 'LtiDeepLinkingResponse',
          [claim('version')]: '1.3.0',
          ...(picking?.data === undefined ? {} : { [linkingClaim('data')]: picking.data }),
          [linkingClaim('content_items')]: picked.map(({ title, url, resourceId }) => ({
            ...{ type: 'ltiResourceLink', title, url },
            ...(resourceId ? { lineItem: { scoreMaximum: 100, label: title, resourceId } } : {}),
          })),
        },
        5,
      )
    },
    async accessToken(platform, scope) {
      const name = `${platformId(platform)} ${scope}`
      const known = tokens.get(name)
      if (known && known.untilMs > now()) return known.token
      const { clientId, tokenUrl } = platform
      const assertion = await sign(
        { iss: clientId, sub: clientId, aud: tokenUrl, jti: randomBytes(18).toString('base64url') },
        5,
      )
      const answer = await fetch(tokenUrl, {
        ...{ method: 'POST', redirect: 'error', signal: AbortSignal.timeout(patienceMs) },
        body: new URLSearchParams({
          ...{ grant_type: 'client_credentials', scope, client_assertion: assertion },
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        }),
      })
      if (!answer.ok) throw new Error(`the platform gave no token: ${answer.status}`)
      const given = z
        .object({ access_token: z.string(), expires_in: z.number().default(60) })
        .parse(await answer.json())
      tokens.set(name, { token: given.access_token, untilMs: now() + (given.expires_in - 30) * 1000 })
      return given.access_token
    },
  }
}
