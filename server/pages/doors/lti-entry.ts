/**
 * Where people come in from a learning platform. It stands before sessions and forms: what comes is sent by the platform's pages, in frames too, and
 * its cookies are of its own. Who came is handed on by a cookie to `lti.ts`, where the site's own session is there again.
 */
import express, { type CookieOptions, type Request, type RequestHandler, type Response, Router } from 'express'
import { type Launch, type LtiRefusal, launchMinutes } from '../../doors/lti.ts'
import { originsOf, type Platform } from '../../doors/lti-platforms.ts'
import { cookieOf, seal, unseal } from '../../doors/sealed-cookie.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf } from '../../render/page.ts'
import type { AppDeps } from '../deps.ts'

const markCookie = 'podium-lti'
export const launchCookie = 'podium-lti-launch'
const minuteMs = 60_000
/** What browsers keep in one cookie. */
const longestCookie = 3900

/** Platforms post to it from their own sites: only over https is such a cookie kept. */
export const ltiCookies: CookieOptions = { httpOnly: true, sameSite: 'none', secure: true, path: '/lti' }

export function ltiEntry(deps: AppDeps): Router {
  const router = Router({ caseSensitive: true })
  const { lti } = deps
  if (!lti) return router
  const refuse = (req: Request, res: Response, refusal: LtiRefusal): void => {
    if (refusal.code !== undefined) deps.logger.warn({ code: refusal.code }, `a launch was refused: ${refusal.refused}`)
    send(req, res, 'doors/lti-refused', t('You could not get in'), { problem: wordsOf(refusal) }, 422)
  }
  const send = (req: Request, res: Response, template: string, title: string, model: object, status = 200): void => {
    Object.assign(res.locals, { csrfToken: '', nowMs: deps.now(), account: null, roles: ['learner'], keysOff: true })
    deps.renderer.send(req, res, { template, title, section: 'none', isSecret: true, status, model })
  }

  const begin: RequestHandler = (req, res) => {
    const asked = { ...req.query, ...(req.body as Record<string, unknown> | undefined) }
    const begun = lti.begin(asked)
    if ('refused' in begun) return refuse(req, res, begun)
    if (req.get('Sec-Fetch-Dest') === 'iframe') {
      mayBeFramedBy(res, begun.platform)
      const again = new URLSearchParams(
        ['iss', 'login_hint', 'lti_message_hint', 'client_id', 'target_link_uri', 'lti_deployment_id'].flatMap(
          (name) => (typeof asked[name] === 'string' ? [[name, asked[name]]] : []),
        ),
      )
      // In a frame browsers keep no cookies of ours: in a window of its own they do.
      return send(req, res, 'doors/lti-window', 'Podium', { href: `/lti/login?${again}` })
    }
    const untilMs = deps.now() + launchMinutes * minuteMs
    res.cookie(markCookie, seal({ mark: begun.mark }, markCookie, untilMs, deps.secret), {
      ...{ ...ltiCookies, maxAge: launchMinutes * minuteMs },
    })
    contextOf(res).leaveTo(begun.url, originsOf(begun.platform))
  }

  router.get('/lti/keys', (_req, res) => void res.json(lti.jwks))
  router.use('/lti/:page', express.urlencoded({ extended: false, limit: '64kb', parameterLimit: 40 }))
  router.get('/lti/login', begin)
  router.post('/lti/login', begin)
  router.post('/lti/launch', async (req, res) => {
    const { id_token: token, state, error } = (req.body ?? {}) as Record<string, unknown>
    const kept = unseal(cookieOf(req.headers.cookie, markCookie), markCookie, deps.now(), deps.secret)
    res.clearCookie(markCookie, ltiCookies)
    const { mark = '' } = (kept ?? {}) as { mark?: string }
    if (typeof token !== 'string' || typeof state !== 'string')
      return refuse(req, res, { refused: 'message', code: typeof error === 'string' ? error.slice(0, 60) : 'no token' })
    const launch: Launch | LtiRefusal = await lti.finish({ token, state }, mark)
    if ('refused' in launch) return refuse(req, res, launch)
    const sealedOf = (one: Launch) => seal(one, launchCookie, deps.now() + launchMinutes * minuteMs, deps.secret)
    const whole = sealedOf(launch)
    const { course: _, ...withoutCourse } = launch
    const sealed = whole.length > longestCookie ? sealedOf(withoutCourse) : whole
    if (sealed.length > longestCookie) return refuse(req, res, { refused: 'message', code: 'too long' })
    res.cookie(launchCookie, sealed, { ...ltiCookies, maxAge: launchMinutes * minuteMs })
    res.redirect(303, '/lti/enter')
  })
  return router
}

/** For this answer: pages of a registered platform may hold it in a frame. */
function mayBeFramedBy(res: Response, platform: Platform): void {
  res.removeHeader('X-Frame-Options')
  const policy = String(res.getHeader('Content-Security-Policy'))
  res.setHeader(
    'Content-Security-Policy',
    policy.replace("frame-ancestors 'none'", `frame-ancestors ${originsOf(platform).join(' ')}`),
  )
}

function wordsOf({ refused }: LtiRefusal): string {
  switch (refused) {
    case 'platform':
      return t(
        'This site does not know the learning platform that sent you. The operator of this site can register it.',
      )
    case 'flow':
      return t(
        'The way here was begun in another browser, or too long ago. Go back to your course and open it again, in a window of its own.',
      )
    case 'deployment':
      return t('This course is not registered here. The operator of this site can add its deployment.')
    case 'unreachable':
      return t('The learning platform cannot be reached right now. Go back to your course and try again later.')
    case 'token':
    case 'message':
      return t(
        'The message from the learning platform could not be verified. Go back to your course and open it again; if this keeps happening, tell whoever runs this site.',
      )
  }
}
