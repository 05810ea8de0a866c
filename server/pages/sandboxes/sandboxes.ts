/** Sandboxes: the list, the workspace of one with its cluster, objects, causes and history, and what a shared link shows of it. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import { KeptLately } from '../../kept-lately.ts'
import { kubeconfig } from '../../kubernetes-api/kubeconfig.ts'
import { ownHosts } from '../../kubernetes-api/own-hosts.ts'
import { membersOf } from '../../labs/sandboxes/shape.ts'
import { LabRefusal } from '../../labs/types.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { drawBirth } from '../birth.ts'
import type { AppDeps } from '../deps.ts'
import { field, query } from '../form.ts'
import { deskScript, deskSizesScript, terminalScripts, timeScripts } from '../scripts.ts'
import { siteOrigin } from '../site-origin.ts'
import { perform } from './actions.ts'
import { createFromForm, demosOf, formOf } from './create.ts'
import { machinesOf } from './join-form.ts'
import { liveFeed } from './live.ts'
import { findResource, resourceGroups } from './resources.ts'
import {
  addressUrl,
  fileNameOf,
  hrefOf,
  type Seen,
  type Tab,
  type Told,
  type Tool,
  tabsOf,
  viewAddress,
  viewCauses,
  viewFaults,
  viewHistory,
  viewList,
  viewObject,
  viewRows,
  viewSettings,
  viewWorkspace,
  type Wanted,
  type WorkspaceModel,
} from './view.ts'

type OwnHandlers = 'index' | 'create' | 'show' | 'act' | 'live' | 'birth' | 'kubeconfig' | 'export'
type SharedHandlers = 'showShared' | 'liveShared' | 'birthShared'

/** Of what was said last of a sandbox, which is kept for the page that a plain form is sent on to. */
const roomForTold = { values: 1000, characters: 8 << 20 }

export function sandboxPages(deps: AppDeps): Record<OwnHandlers | SharedHandlers, RequestHandler> {
  const { sandboxes } = deps
  const keptTold = new KeptLately<Told>(roomForTold)
  const keep = (id: string, told: Told): void => keptTold.keep(id, told)
  const takeTold = (id: string): Told => keptTold.take(id) ?? {}

  const own = async (req: Request, res: Response): Promise<Seen> => {
    const id = String(req.params.id)
    const summary = await sandboxes.find(contextOf(res).learnerId, id)
    if (!summary) throw notFound(t('This sandbox'))
    return { summary, isOwner: true, href: `/sandboxes/${summary.id}` }
  }
  const shared = async (req: Request): Promise<Seen> => {
    const token = String(req.params.token)
    const summary = await sandboxes.findShared(token)
    if (!summary) throw notFound(t('This shared sandbox'))
    return { summary, isOwner: false, href: `/shared/${token}` }
  }

  const modelOf = async (req: Request, seen: Seen, wanted: Wanted, told: Told): Promise<WorkspaceModel> => {
    const { id } = seen.summary
    const look = await sandboxes.look(id, wanted.atMs)
    const isPast = wanted.atMs !== undefined && wanted.atMs < look.nowMs
    const at: Wanted = { ...wanted, atMs: isPast ? wanted.atMs : undefined }
    const tool = await toolOf(deps, req, seen, at, look)
    return viewWorkspace(seen, look, at, tool, told, deps.now())
  }

  const send = async (req: Request, res: Response, seen: Seen, wanted: Wanted, told: Told, status = 200) => {
    deps.renderer.send(req, res, {
      template: 'sandboxes/page',
      partial: 'sandboxes/parts',
      title: seen.summary.name,
      section: 'sandboxes',
      status,
      wide: true,
      earlyScript: deskSizesScript,
      scripts: [...(seen.isOwner ? terminalScripts : []), ...timeScripts, deskScript, 'js/sandbox.js'],
      model: { box: await modelOf(req, seen, wanted, told) },
    })
  }

  const sendIndex = async (
    req: Request,
    res: Response,
    made: Partial<ReturnType<typeof formOf>> = {},
    status = 200,
  ) => {
    const rows = viewRows(await sandboxes.list(contextOf(res).learnerId), deps.now())
    deps.renderer.send(req, res, {
      template: 'sandboxes/index',
      title: t('Sandbox'),
      section: 'sandboxes',
      status,
      scripts: ['js/sandbox.js'],
      model: { rows, demos: demosOf(deps.catalog()), ...formOf(req), ...made },
    })
  }

  /** A page to print: how a Pod of this cluster came to be. */
  const sendBirth = async (req: Request, res: Response, { summary, href }: Seen) => {
    const [namespace, name] = [query(req, 'namespace').slice(0, 63) || 'default', query(req, 'name').slice(0, 253)]
    const { rows, isCut } = await sandboxes.birth(summary.id, { namespace, name })
    if (rows.length === 0) throw new HttpProblem(404, t('Nobody saw this Pod being made.'))
    deps.renderer.send(req, res, {
      template: 'poster/page',
      title: t('How {name} came to life', { name }),
      section: 'sandboxes',
      model: { drawn: drawBirth(name, rows, isCut), cluster: { name: summary.name, href } },
    })
  }

  const feed = liveFeed(deps, (req, seen) =>
    modelOf(
      req,
      seen,
      wantedOf((name) => query(req, name), seen),
      {},
    ),
  )

  return {
    index: (req, res) => sendIndex(req, res),

    create: async (req, res) => {
      const made = await createFromForm(deps, req, contextOf(res).learnerId)
      if ('sandbox' in made) {
        if (made.told) keep(made.sandbox.id, made.told)
        redirectTo(req, res, `/sandboxes/${made.sandbox.id}`)
        return
      }
      await sendIndex(req, res, made.form, made.status)
    },

    show: async (req, res) => {
      const seen = await own(req, res)
      const told = isHtmx(req) ? {} : takeTold(seen.summary.id)
      await send(
        req,
        res,
        seen,
        wantedOf((name) => query(req, name), seen),
        told,
      )
    },

    act: async (req, res) => {
      const seen = await own(req, res)
      const wanted = wantedOf(placeOf(req), seen)
      const outcome = await perform(deps, req, seen.summary).catch((error: unknown) => {
        // The sandbox itself refused: the page stays, with what was typed.
        if (!(error instanceof LabRefusal) || error.status === 404) throw error
        const typed = { line: field(req, 'line'), manifest: field(req, 'manifest') }
        return { told: { problem: error.message, ...typed }, status: error.status }
      })
      if ('go' in outcome) {
        if (outcome.told) keep(outcome.keptFor ?? seen.summary.id, outcome.told)
        redirectTo(req, res, outcome.go)
        return
      }
      const { told, status = 200 } = outcome
      if (isHtmx(req) || status !== 200) {
        // Names and links may have changed.
        await send(req, res, await own(req, res), wanted, told, status)
        return
      }
      keep(seen.summary.id, told)
      res.redirect(303, hrefOf(seen.href, wanted))
    },

    live: async (req, res) => feed(req, res, () => own(req, res)),

    birth: async (req, res) => sendBirth(req, res, await own(req, res)),

    kubeconfig: async (req, res) => {
      const { summary } = await own(req, res)
      if (!summary.hasAddress)
        throw new HttpProblem(404, t('This sandbox has no address for your own kubectl. Make one on its page first.'))
      const address = await sandboxes.address(summary.id)
      res
        .attachment(`podium-${fileNameOf(summary)}.yaml`)
        .type('application/yaml')
        .setHeader('Cache-Control', 'no-store')
      res.send(kubeconfig(addressUrl(siteOrigin(req, deps.config), address)))
    },

    export: async (req, res) => {
      const { summary } = await own(req, res)
      const [{ shape, seed, startEpochMs }, log, { nowMs }] = await Promise.all([
        sandboxes.options(summary.id),
        sandboxes.log(summary.id),
        sandboxes.look(summary.id),
      ])
      const text = await deps.labs.writeScenario(summary.owner, {
        name: summary.name,
        seed,
        ...(startEpochMs === undefined ? {} : { start: new Date(startEpochMs).toISOString() }),
        shape,
        log,
        durationMs: nowMs,
      })
      res
        .attachment(`${fileNameOf(summary)}.yaml`)
        .type('application/yaml')
        .send(text)
    },

    showShared: async (req, res) => {
      const seen = await shared(req)
      await send(
        req,
        res,
        seen,
        wantedOf((name) => query(req, name), seen),
        {},
      )
    },

    liveShared: async (req, res) => feed(req, res, () => shared(req)),

    birthShared: async (req, res) => sendBirth(req, res, await shared(req)),
  }
}

/** What the page shows that the form stands on: by script the address says it, since parts of the page may be older than others. */
function placeOf(req: Request): (name: string) => string {
  const current = isHtmx(req) ? req.get('HX-Current-URL') : undefined
  const search = current && URL.canParse(current) ? new URL(current).searchParams : undefined
  return (name) => (search ? (search.get(name) ?? '') : field(req, name))
}

/** The name by which the browser has found the site, if the API would not answer to it. */
function unknownHost(req: Request, config: AppDeps['config']): string | undefined {
  const host = req.get('host')
  return config.publicUrl !== undefined || ownHosts(config).isOwn(host) ? undefined : host
}

/** What of an address or a form is understood; the rest falls back to the first state. */
function wantedOf(get: (name: string) => string, seen: Seen): Wanted {
  const number = (name: string) => (/^\d{1,12}$/.test(get(name)) ? Number(get(name)) : undefined)
  const tabs = tabsOf(seen)
  const tab = tabs.find((one) => one === get('show')) ?? tabs[0]!
  const resource = findResource(get('resource')) ?? resourceGroups[0]!.resources[0]!
  // Where one field names the object, it holds the namespace as well.
  const [before, after] = get('name').split('/', 2)
  const name = (after ?? before ?? '').slice(0, 253)
  const namespace = after === undefined ? get('namespace').slice(0, 63) : before!.slice(0, 63)
  return {
    tab,
    atMs: number('at'),
    resource,
    namespace: resource.isNamespaced ? namespace || (name ? 'default' : '') : '',
    name,
    revision: number('revision'),
    against: number('against'),
    node: get('node').slice(0, 253),
    isNamed: tab === get('show'),
  }
}

async function toolOf(
  deps: AppDeps,
  req: Request,
  seen: Seen,
  wanted: Wanted,
  look: Awaited<ReturnType<AppDeps['sandboxes']['look']>>,
): Promise<Tool> {
  const { sandboxes } = deps
  const { summary, href } = seen
  const { id } = summary
  const { atMs, namespace, name } = wanted
  const resource = wanted.resource.id
  const makers: Record<Tab, () => Promise<Tool>> = {
    terminal: async () => ({ tab: 'terminal' }),
    events: async () => ({ tab: 'events' }),
    objects: async () =>
      name
        ? {
            tab: 'objects',
            ...viewObject(href, wanted, await sandboxes.objects(id, { resource, namespace, name, atMs })),
          }
        : {
            tab: 'objects',
            ...viewList(
              href,
              wanted,
              await sandboxes.objects(id, { resource, ...(namespace ? { namespace } : {}), atMs }),
            ),
          },
    causes: async () => ({
      tab: 'causes',
      ...viewCauses(
        href,
        wanted,
        await sandboxes.objects(id, { resource, atMs }),
        name ? await sandboxes.causes(id, { resource, namespace, name }) : undefined,
      ),
    }),
    faults: async () => {
      const [{ shape }, log] = await Promise.all([sandboxes.options(id), sandboxes.log(id)])
      return viewFaults(
        look.view,
        wanted.node,
        {
          machines: machinesOf(shape.nodes, log),
          members: membersOf(shape),
          staticPods: shape.controlPlane?.staticPods ?? false,
        },
        atMs !== undefined,
      )
    },
    history: async () => viewHistory(href, wanted, look.marks),
    kubectl: async () =>
      viewAddress(
        summary.hasAddress ? await sandboxes.address(id) : undefined,
        { origin: siteOrigin(req, deps.config), unknownHost: unknownHost(req, deps.config) },
        deps.now(),
        summary,
      ),
    settings: async () => viewSettings(summary, siteOrigin(req, deps.config), deps.now()),
  }
  return makers[wanted.tab]()
}
