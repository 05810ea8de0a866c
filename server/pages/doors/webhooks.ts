/** Webhooks, for admins: the list, a new one, and the page of one with what was sent last. */
import type { Request, RequestHandler, Response } from 'express'
import { addTest, sendAgain } from '../../doors/deliveries.ts'
import { type EventType, eventTypes, isEventType } from '../../doors/events.ts'
import { secretsAt } from '../../doors/signature.ts'
import {
  changeWebhook,
  exchangeHours,
  exchangeSecret,
  makeWebhook,
  mostWebhooks,
  pauseWebhook,
  removeWebhook,
  resumeWebhook,
  type WebhookForm,
} from '../../doors/webhooks.ts'
import { msg, t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import type { Delivery, Webhook } from '../../storage/webhooks.ts'
import type { AppDeps } from '../deps.ts'
import { field, fields, query } from '../form.ts'
import { printDay } from '../time.ts'

type Page = 'index' | 'make' | 'show' | 'act'

/** What was done, after a redirect. */
const doneWords: Readonly<Record<string, string>> = {
  saved: msg('Saved.'),
  paused: msg('Paused. New events wait until you resume.'),
  resumed: msg('Resumed. The waiting events are being sent.'),
  removed: msg('The webhook is removed, and with it the events that still waited.'),
  taken: msg('The test was accepted.'),
  failed: msg('The test was not accepted: the first line below says why.'),
  again: msg('It was sent again, with the same id, and accepted.'),
  'not-again': msg('It was sent again, and not accepted: the first line below says why. It is tried again later.'),
}

export function webhookPages(deps: AppDeps): Record<Page, RequestHandler> {
  const webhookDeps = { ...deps, outside: { allowsLoopback: deps.config.webhookLoopback } }
  const enter = (res: Response, act: string, hook: string): Promise<void> =>
    deps.audit.enter(contextOf(res).learnerId, act, { webhook: hook })

  const sendIndex = async (req: Request, res: Response, form?: WebhookForm, problem = ''): Promise<void> => {
    const owed = await deps.storage.webhooksOwed.list()
    const hooks = await deps.storage.webhooks.list()
    deps.renderer.send(req, res, {
      template: 'doors/webhooks',
      title: t('Webhooks'),
      section: 'account',
      status: problem ? 422 : 200,
      model: {
        done: t(doneWords[query(req, 'done')] ?? ''),
        problem,
        form: viewForm(form ?? { url: '', events: Object.keys(eventTypes) as EventType[], withScores: false }),
        isFull: hooks.length >= mostWebhooks,
        hooks: hooks.map((hook) => ({
          ...{ href: hrefOf(hook), url: hook.url, isPaused: hook.paused !== null },
          waiting: owed.filter(({ payload }) => payload.hook === hook.id).length,
          last: hook.deliveries[0] && viewDelivery(hook.deliveries[0]),
        })),
      },
    })
  }

  const sendOne = async (
    req: Request,
    res: Response,
    hook: Webhook,
    over: { form?: WebhookForm; problem?: string; secret?: string } = {},
  ): Promise<void> => {
    const owed = (await deps.storage.webhooksOwed.list()).filter(({ payload }) => payload.hook === hook.id)
    const nextMs = owed.length === 0 ? undefined : Math.min(...owed.map(({ runAtMs }) => runAtMs))
    const { problem = '', secret } = over
    const former = secretsAt(hook, deps.now()).find(({ untilMs }) => untilMs !== null)
    deps.renderer.send(req, res, {
      template: 'doors/webhook',
      title: t('Webhook'),
      section: 'account',
      status: problem ? 422 : 200,
      isSecret: secret !== undefined,
      model: {
        ...{ href: hrefOf(hook), url: hook.url, problem, secret },
        done: secret === undefined ? t(doneWords[query(req, 'done')] ?? '') : '',
        hours: exchangeHours,
        formerUntil: former ? printDay(former.untilMs!) : undefined,
        paused: hook.paused && { why: t(hook.paused.text, hook.paused.values), at: printDay(hook.paused.atMs) },
        waiting: owed.length,
        next: nextMs !== undefined && nextMs > deps.now() ? printDay(nextMs) : undefined,
        form: viewForm(over.form ?? formOf(hook)),
        deliveries: hook.deliveries.map(viewDelivery),
      },
    })
  }

  return {
    index: (req, res) => sendIndex(req, res),

    make: async (req, res) => {
      const form = readForm(req)
      if (form.events.length === 0) return sendIndex(req, res, form, t('Choose at least one event.'))
      const made = await makeWebhook(webhookDeps, form)
      if ('refused' in made)
        return sendIndex(
          req,
          res,
          form,
          made.refused === 'many'
            ? t('There are {n} webhooks, and no more can be made. Remove one first.', { n: mostWebhooks })
            : t(made.refused.text, made.refused.values),
        )
      await enter(res, 'webhook-made', made.hook.id)
      await sendOne(req, res, made.hook, { secret: made.secret })
    },

    show: async (req, res) => sendOne(req, res, await hookOf(deps, req)),

    act: async (req, res) => {
      const hook = await hookOf(deps, req)
      const back = (done: string) => redirectTo(req, res, `${hrefOf(hook)}?done=${done}`)
      switch (field(req, 'do')) {
        case 'test': {
          const id = await addTest(deps, hook)
          return back((await deps.deliveries.sendNow(hook.id, id)) ? 'taken' : 'failed')
        }
        case 'again':
          if (!(await sendAgain(deps, hook, field(req, 'id'))))
            return sendOne(req, res, hook, { problem: t('This delivery is no longer in the list.') })
          return back((await deps.deliveries.sendNow(hook.id, field(req, 'id'))) ? 'again' : 'not-again')
        case 'rotate': {
          const secret = await exchangeSecret(webhookDeps, hook.id)
          await enter(res, 'webhook-secret-rotated', hook.id)
          return sendOne(req, res, await hookOf(deps, req), { secret })
        }
        case 'pause':
          await pauseWebhook(deps, hook.id, { text: byAdmin, values: {} })
          await enter(res, 'webhook-paused', hook.id)
          return back('paused')
        case 'resume':
          await resumeWebhook(webhookDeps, hook.id)
          await enter(res, 'webhook-resumed', hook.id)
          return back('resumed')
        case 'remove':
          if (field(req, 'sure') !== 'yes')
            return sendOne(req, res, hook, { problem: t('Tick the box first. Nothing was removed.') })
          await removeWebhook(deps, hook.id)
          await enter(res, 'webhook-removed', hook.id)
          return redirectTo(req, res, '/admin/webhooks?done=removed')
        default: {
          const form = readForm(req)
          if (form.events.length === 0)
            return sendOne(req, res, hook, { form, problem: t('Choose at least one event.') })
          const problem = await changeWebhook(webhookDeps, hook.id, form)
          if (problem) return sendOne(req, res, hook, { form, problem: t(problem.text, problem.values) })
          await enter(res, 'webhook-changed', hook.id)
          return back('saved')
        }
      }
    },
  }
}

const byAdmin = msg('An admin has paused it.')

async function hookOf({ storage }: Pick<AppDeps, 'storage'>, req: Request): Promise<Webhook> {
  const hook = await storage.webhooks.find(String(req.params.id).replace(/[^a-f0-9]/g, '') || 'x')
  if (!hook) throw notFound(t('This webhook'))
  return hook
}

const hrefOf = ({ id }: Webhook): string => `/admin/webhooks/${id}`

const formOf = ({ url, events, withScores }: Webhook): WebhookForm => ({
  ...{ url, withScores },
  events: events.map(({ type }) => type).filter(isEventType),
})

const readForm = (req: Request): WebhookForm => ({
  url: field(req, 'url').trim().slice(0, 4000),
  events: [...new Set(fields(req, 'events'))].filter(isEventType),
  withScores: field(req, 'scores') === 'yes',
})

const viewForm = ({ url, events, withScores }: WebhookForm) => ({
  ...{ url, withScores },
  events: Object.entries(eventTypes).map(([type, about]) => ({
    ...{ type, about: t(about), isChosen: events.includes(type as EventType) },
  })),
})

const viewDelivery = ({ notice, tries, triedAtMs, status, problem }: Delivery) => ({
  ...{ id: notice.id, type: notice.type, tries, status, isTest: notice.sittingId === null, isTaken: problem === null },
  at: printDay(triedAtMs),
  problem: problem ? t(problem.text, problem.values) : '',
})
