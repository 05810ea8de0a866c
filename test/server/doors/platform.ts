/**
 * A learning platform that speaks LTI 1.3 and checks what a real one would: what it is asked at its login, the tool's signatures by the tool's own keys,
 * that an assertion is used once, and the scope and form of grades.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import { z } from 'zod'

const spec = 'https://purl.imsglobal.org/spec'
export const claims = {
  version: `${spec}/lti/claim/version`,
  messageType: `${spec}/lti/claim/message_type`,
  deployment: `${spec}/lti/claim/deployment_id`,
  target: `${spec}/lti/claim/target_link_uri`,
  roles: `${spec}/lti/claim/roles`,
  grades: `${spec}/lti-ags/claim/endpoint`,
  roster: `${spec}/lti-nrps/claim/namesroleservice`,
  context: `${spec}/lti/claim/context`,
  linking: `${spec}/lti-dl/claim/deep_linking_settings`,
  items: `${spec}/lti-dl/claim/content_items`,
  linkingData: `${spec}/lti-dl/claim/data`,
}
const learner = 'http://purl.imsglobal.org/vocab/lis/v2/membership#Learner'
export const instructor = 'http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor'

const scoreForm = z.strictObject({
  userId: z.string(),
  scoreGiven: z.number().min(0),
  scoreMaximum: z.number().positive(),
  activityProgress: z.enum(['Initialized', 'Started', 'InProgress', 'Submitted', 'Completed']),
  gradingProgress: z.enum(['FullyGraded', 'Pending', 'PendingManual', 'Failed', 'NotReady']),
  timestamp: z.iso.datetime(),
})

export interface Told {
  over?: Record<string, unknown>
  alg?: 'none'
  isForged?: boolean
}

export async function platform(publicUrl: string) {
  const [{ privateKey, publicKey }, forged] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')])
  const clientId = 'podium-tool'
  const grades: (z.infer<typeof scoreForm> & { line: string })[] = []
  const assertions = new Set<string>()
  const problems: string[] = []
  /** Of its course, a list a page. */
  let memberPages: object[][] = []
  let nextAt = ''
  let [toolKeys, isDown, origin]: [JSONWebKeySet, boolean, string] = [{ keys: [] }, false, '']
  const token = randomBytes(12).toString('hex')
  const scopes = [`${spec}/lti-ags/scope/score`, `${spec}/lti-nrps/scope/contextmembership.readonly`]
  const tokenOf = (scope: string) => `${token}${scopes.indexOf(scope)}`
  const membersType = 'application/vnd.ims.lti-nrps.v2.membershipcontainer+json'

  const server = createServer(async (req, res) => {
    const json = (value: object, status = 200) =>
      res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    let text = ''
    for await (const piece of req) text += piece
    const { pathname, search } = new URL(req.url!, origin)
    if (pathname === '/keys')
      return json({ keys: [{ ...(await exportJWK(publicKey)), kid: 'p', alg: 'RS256', use: 'sig' }] })
    if (isDown) return json({}, 503)
    try {
      if (pathname === '/token') {
        const given = new URLSearchParams(text)
        const { payload } = await jwtVerify(given.get('client_assertion') ?? '', createLocalJWKSet(toolKeys), {
          ...{ issuer: clientId, subject: clientId, audience: `${origin}/token`, algorithms: ['RS256'] },
          requiredClaims: ['exp', 'iat', 'jti'],
        })
        if (assertions.has(payload.jti!)) throw new Error('an assertion was used twice')
        assertions.add(payload.jti!)
        if (given.get('grant_type') !== 'client_credentials') throw new Error('another grant')
        const scope = given.get('scope') ?? ''
        if (!scopes.includes(scope)) throw new Error('another scope')
        return json({ access_token: tokenOf(scope), token_type: 'Bearer', expires_in: 3600 })
      }
      if (pathname === '/members') {
        if (req.headers.authorization !== `Bearer ${tokenOf(scopes[1]!)}`) throw new Error('no token for members')
        if (req.method !== 'GET' || req.headers.accept !== membersType) throw new Error('another type of members')
        const n = Number(new URLSearchParams(search).get('page') ?? 0)
        if (n < memberPages.length - 1)
          res.setHeader(
            'Link',
            `<${origin}/members?page=0>; rel="first", <${nextAt || origin}/members?page=${n + 1}>; rel="next"`,
          )
        res.setHeader('Content-Type', membersType)
        return res.end(JSON.stringify({ id: 'c', context: { id: 'c' }, members: memberPages[n] }))
      }
      if (req.headers.authorization !== `Bearer ${tokenOf(scopes[0]!)}`) throw new Error('no token')
      if (req.headers['content-type'] !== 'application/vnd.ims.lis.v1.score+json') throw new Error('another type')
      if (!/^\/lines\/\d+\/scores$/.test(pathname)) throw new Error(`no line ${pathname}`)
      grades.push({ ...scoreForm.parse(JSON.parse(text)), line: `${pathname}${search}` })
      json({})
    } catch (error) {
      problems.push(String(error))
      json({}, 400)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    registration: {
      ...{ name: 'Campus <LMS>', issuer: origin, clientId, deployments: ['d1'], authorizationUrl: `${origin}/auth` },
      ...{ tokenUrl: `${origin}/token`, jwksUrl: `${origin}/keys` },
    },
    ...{ origin, grades, problems, spec },
    knows: (keys: JSONWebKeySet) => {
      toolKeys = keys
    },
    /** @param next where pages after the first are said to be */
    has: (pages: object[][], next = '') => {
      memberPages = pages
      nextAt = next
    },
    goesDown: (is: boolean) => {
      isDown = is
    },
    line: (n: number) => `${origin}/lines/${n}?type=grade`,
    /** What it answers to who came to its login. @returns the fields of the form that their browser posts */
    async answers(address: string, sub: string, { over = {}, alg, isForged }: Told = {}) {
      const { searchParams: asked, pathname, origin: to } = new URL(address)
      const isWhole =
        to === origin &&
        pathname === '/auth' &&
        asked.get('scope') === 'openid' &&
        asked.get('response_type') === 'id_token' &&
        asked.get('response_mode') === 'form_post' &&
        asked.get('prompt') === 'none' &&
        asked.get('client_id') === clientId &&
        asked.get('redirect_uri') === `${publicUrl}/lti/launch` &&
        asked.get('login_hint') === 'hint' &&
        asked.get('lti_message_hint') === 'm1'
      if (!isWhole) throw new Error(`a platform would not take ${address}`)
      const at = Math.floor(Date.now() / 1000)
      const said = {
        ...{ iss: origin, aud: clientId, sub, iat: at, exp: at + 300, nonce: asked.get('nonce') },
        [claims.version]: '1.3.0',
        [claims.messageType]: 'LtiResourceLinkRequest',
        [claims.deployment]: 'd1',
        [claims.roles]: [learner],
        [claims.target]: `${publicUrl}/challenges/three-pods`,
        ...over,
      }
      const signed = () =>
        new SignJWT(said).setProtectedHeader({ alg: 'RS256', kid: 'p' }).sign(isForged ? forged.privateKey : privateKey)
      const idToken = alg === 'none' ? new UnsecuredJWT(said).encode() : await signed()
      return { id_token: idToken, state: asked.get('state')! }
    },
    /** What an instructor’s browser brings from the tool. */
    async takes(jwt: string) {
      const { payload } = await jwtVerify(jwt, createLocalJWKSet(toolKeys), {
        ...{ issuer: clientId, audience: origin, algorithms: ['RS256'], requiredClaims: ['exp', 'iat', 'nonce'] },
      })
      return payload
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(done))
    },
  }
}
