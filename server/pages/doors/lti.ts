/** Who came in from a learning platform has an account of their own here, and instructors pick what is put into their course. */
import { randomBytes } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import { isRefusal } from '../../accounts/accounts.ts'
import { drawAccountName } from '../../accounts/words.ts'
import type { Launch, Picked } from '../../doors/lti.ts'
import { hashOfLine } from '../../doors/lti-grades.ts'
import { originsOf } from '../../doors/lti-platforms.ts'
import { keyOfCourse } from '../../doors/lti-roster.ts'
import { cookieOf, unseal } from '../../doors/sealed-cookie.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import type { Account } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'
import { enterAccount } from '../enter-account.ts'
import { fields } from '../form.ts'
import { launchCookie, ltiCookies } from './lti-entry.ts'

type Page = 'enter' | 'pick' | 'answer'

const launchSchema = z.object({
  ...{ platform: z.string(), key: z.string(), subject: z.string(), deployment: z.string(), isInstructor: z.boolean() },
  ...{ target: z.string(), lineItem: z.string().optional() },
  course: z.object({ url: z.string(), title: z.string() }).optional(),
  picking: z.object({ returnUrl: z.string(), data: z.string().optional(), isMultiple: z.boolean() }).optional(),
})

export function ltiPages(deps: AppDeps): Record<Page, RequestHandler> {
  const lti = () => {
    if (!deps.lti) throw notFound(t('This page'))
    return deps.lti
  }
  /** @throws HttpProblem without one that is good */
  const launchOf = (req: Request): Launch => {
    lti()
    const kept = unseal(cookieOf(req.headers.cookie, launchCookie), launchCookie, deps.now(), deps.secret)
    const read = launchSchema.safeParse(kept)
    if (!read.success)
      throw new HttpProblem(422, t('Go back to your course and open it again, in a window of its own.'))
    return read.data as Launch
  }
  const pickingOf = (req: Request) => {
    const launch = launchOf(req)
    if (!launch.picking || !launch.isInstructor)
      throw new HttpProblem(403, t('Only a teacher of the course can choose what to add to it.'))
    return { launch, picking: launch.picking }
  }

  return {
    enter: async (req, res) => {
      const launch = launchOf(req)
      if (launch.picking) pickingOf(req)
      const account = await accountOf(deps, launch)
      await keepLine(deps, launch, account)
      await keepCourse(deps, launch, account)
      if (!launch.picking) res.clearCookie(launchCookie, ltiCookies)
      const to = launch.picking ? '/lti/pick' : launch.target
      const { account: signedInAs, learnerId } = contextOf(res)
      if (signedInAs === account.name && learnerId === account.learnerId) return res.redirect(303, to)
      await enterAccount(deps, req, res, account, 'provider', to)
    },

    pick: (req, res) => sendPicking(deps, req, res, pickingOf(req).picking),

    answer: async (req, res) => {
      const { launch, picking } = pickingOf(req)
      const platform = lti().platformOf(launch.platform)
      if (!platform) throw notFound(t('This page'))
      const chosen = new Set(fields(req, 'items'))
      const picked = choices(deps).flatMap(({ options }) => options.filter(({ item }) => chosen.has(item)))
      if (picked.length === 0 || (picked.length > 1 && !picking.isMultiple))
        return sendPicking(deps, req, res, picking, t('Choose what to add to the course.'))
      const jwt = await lti().answerPicking(
        launch,
        picked.map(
          ({ item, title, href }): Picked => ({
            ...{ title, url: `${deps.config.publicUrl}${href}` },
            ...(item.startsWith('challenge:') ? { resourceId: item } : {}),
          }),
        ),
      )
      res.clearCookie(launchCookie, ltiCookies)
      // The answer is a form that goes to the platform.
      const policy = String(res.getHeader('Content-Security-Policy'))
      const origins = originsOf(platform).join(' ')
      res.setHeader('Content-Security-Policy', policy.replace("form-action 'self'", `form-action 'self' ${origins}`))
      deps.renderer.send(req, res, {
        template: 'doors/lti-picked',
        title: t('Add to the course'),
        section: 'none',
        isSecret: true,
        model: { titles: picked.map(({ title }) => title), platform: platform.name, returnUrl: picking.returnUrl, jwt },
      })
    },
  }
}

function sendPicking(
  deps: AppDeps,
  req: Request,
  res: Response,
  { isMultiple }: NonNullable<Launch['picking']>,
  problem = '',
): void {
  deps.renderer.send(req, res, {
    template: 'doors/lti-pick',
    title: t('Add to the course'),
    section: 'none',
    status: problem ? 422 : 200,
    model: { kinds: choices(deps), isMultiple, problem },
  })
}

/** All that can be put into a course. */
const choices = ({ catalog }: AppDeps) => {
  const { tracks, challenges, lessons } = catalog()
  return [
    {
      title: t('Whole courses'),
      options: [...tracks.values()].map(({ id, title }) => ({ item: `track:${id}`, title, href: `/tracks/${id}` })),
    },
    {
      title: t('Challenges: their grades go back to the platform'),
      options: [...challenges.values()].map(({ id, title }) => ({
        ...{ item: `challenge:${id}`, title, href: `/challenges/${id}` },
      })),
    },
    {
      title: t('Lessons'),
      options: [...lessons.values()].map(({ id, title }) => ({ item: `lesson:${id}`, title, href: `/lessons/${id}` })),
    },
  ]
}

/** The account of the platform's person; made when they come for the first time. Whose address is whose does not matter. */
async function accountOf(deps: AppDeps, { key }: Launch): Promise<Account> {
  const { outsideIdentities } = deps.storage
  const known = await outsideIdentities.find(key)
  const account = known && (await deps.accounts.find(known.account))
  if (account && account.learnerId === known.learnerId) return account
  const learnerId = randomBytes(15).toString('hex')
  const passphrase = randomBytes(30).toString('base64url')
  // A class behind one address comes in at once: each is counted for itself.
  const caller = { address: `lti ${key}`, browserFor: () => undefined }
  for (let tries = 0; ; tries++) {
    const made = await deps.accounts.create(learnerId, { name: drawAccountName(), passphrase }, caller)
    if (isRefusal(made)) {
      if (made.refused === 'name-taken' && tries < 10) continue
      throw new HttpProblem(503, t('Too many people are coming in right now. Try again in a moment.'))
    }
    const identity = { key, account: made.name, learnerId, createdAtMs: deps.now() }
    const claimed = await outsideIdentities.claim(
      identity,
      (one) => one.account === known?.account && one.learnerId === known.learnerId,
    )
    if (claimed.account === made.name) return made
    // Another window of theirs was first.
    await deps.storage.accounts.remove(made.name)
    const first = await deps.accounts.find(claimed.account)
    if (first) return first
  }
}

/** Who teaches a course may see who of it has come in. */
async function keepCourse({ storage }: AppDeps, launch: Launch, { learnerId }: Account): Promise<void> {
  const { course, platform, isInstructor } = launch
  if (!course) return
  const key = keyOfCourse(platform, course.url)
  if (isInstructor) await storage.ltiCourses.enter({ key, platform, ...course }, learnerId)
  else await storage.ltiCourses.leave(key, learnerId)
}

async function keepLine(deps: AppDeps, launch: Launch, { name, learnerId }: Account): Promise<void> {
  const [, id] = /^\/challenges\/([\w-]+)(?:[?#]|$)/.exec(launch.target) ?? []
  if (launch.lineItem === undefined || id === undefined || launch.isInstructor) return
  if (!deps.catalog().challenges.has(id)) return
  await deps.storage.ltiLines.keep({
    key: hashOfLine(launch.lineItem, learnerId),
    ...{ account: name, learnerId, platform: launch.platform, subject: launch.subject },
    ...{ item: `challenge:${id}`, lineItem: launch.lineItem, createdAtMs: deps.now() },
    ...{ seenSeq: -1, sent: null, tries: 0, nextTryMs: 0 },
  })
}
