/** Sends pages: a typed view model in, HTML out, whole or as the part that htmx asked for. */

import { createHash } from 'node:crypto'
import { Eta } from 'eta'
import type { Request, Response } from 'express'
import { escapeHtml } from '../escape-html.ts'
import {
  currentLocale,
  type Locale,
  languageNames,
  languageTags,
  locales,
  original,
  runInLocale,
} from '../i18n/locale.ts'
import { messageFilesOf } from '../i18n/messages.ts'
import { isToldInEnglish, toldHere } from '../i18n/said.ts'
import { t, th, tn } from '../i18n/translate.ts'
import type { Seat } from '../seat.ts'
import type { Action, Role } from '../sittings/roles.ts'
import { type Asset, readAssets } from './assets.ts'
import { fonts } from './fonts.ts'
import { glyph, levelGlyph } from './glyphs.ts'
import { localAddress, urlOfAddress } from './local-address.ts'
import { resourceFolder } from './resource-folder.ts'

/** What every page may need and the middleware provides, in `res.locals`. */
export interface PageContext {
  /** By which the log tells of the request. */
  requestId: string
  learnerId: string
  /** Who acts here. */
  seat: Seat
  /** Of the session; undefined for an anonymous learner. */
  token: string | undefined
  /** The name of the account that is signed in. */
  account: string | null
  /** What that account may do besides learning. */
  roles: readonly Role[]
  /** What the page's route is for, as the site map says. */
  action: Action
  /** Whose work lies in this browser beside the account. */
  before: string | undefined
  /** What is stored and cannot be read, in words: the page is shown without. */
  leftOut?: readonly string[]
  /** By its kind and key: what it is, in words. */
  unreadable?: ReadonlyMap<string, string>
  /** The browser's session was ended elsewhere. */
  wasSignedOut: boolean
  csrfToken: string
  nonce: string
  keysOff: boolean
  nowMs: number
  locale: Locale
  /** Of the page: path and query. */
  address: string
  /** Sends the browser off the site, to one of these origins. @throws Error for any other */
  leaveTo(address: string, origins: readonly string[]): void
  /** The workshop that the page stands in, for the strip above it. */
  workshop?: WorkshopStrip
  /** The exercise that the page is sat in: nothing is told there before its end. */
  exercise?: ExerciseStrip
  /** The track that somebody is on, for the strip above the page. */
  ownTrack?: TrackStrip
}

/** What stands above a page that is worked on in a workshop. */
export interface WorkshopStrip {
  href: string
  /** The stream that tells when it changes. */
  live: string
  title: string
  /** Of the steps that are open; the page is the n-th of them, from 1. */
  here: number | undefined
  count: number
  /** The step that everybody is asked to be at. */
  current: { href: string; title: string } | undefined
  next: { href: string; title: string } | undefined
  /** What the room votes on just now, when the page is another one. */
  poll: { href: string; title: string } | undefined
  banner: string
  isPaused: boolean
  isOver: boolean
  hand: { place: number; helper: string | undefined } | undefined
  /** What this seat was told at this step. */
  hint: string | undefined
  /** Who looks at this seat's work just now. */
  looks: string | undefined
  /** What others do with this seat's cluster. */
  cluster: ClusterNotices
}

/** What stands above a page that is worked on in a hiring exercise. */
export interface ExerciseStrip {
  href: string
  /** The stream that tells when it changes; empty while somebody only tries the workspace out. */
  live: string
  title: string
  isPractice: boolean
  /** Which of the visible checks hold is told. */
  showsChecks: boolean
  sections: readonly {
    title: string
    items: readonly {
      item: string
      href: string
      /** From 1, in the whole exercise. */
      n: number
      title: string
      locale: Locale | undefined
      kind: 'challenge' | 'question' | undefined
      minutes: number
      isBegun: boolean
      isFlagged: boolean
      isCurrent: boolean
    }[]
  }[]
  /** The item that the page is. */
  here: { n: number; item: string; isFlagged: boolean } | undefined
  count: number
  previous: string | undefined
  next: string | undefined
  clock: { leftMs: number; totalMs: number; isRunning: boolean } | undefined
  isPaused: boolean
}

/** What somebody is told of their own cluster, and may answer. */
export interface ClusterNotices {
  /** Where the answers go. */
  action: string
  /** It is on the projector: as it is now, or as it was at a moment. */
  screen: 'live' | 'then' | undefined
  /** They keep it off the projector. */
  isOffScreen: boolean
  /** Attempts that were put back, and can be gone back to: by whom, or nobody once they were. */
  rewinds: readonly { attempt: string; by: string; at: string; before: string }[]
  /** Who offers to type in it. */
  offer: string | undefined
  /** Who has taken their hand and may be allowed to type. */
  helper: string | undefined
  /** Who may type in it, and for how many minutes from now. */
  typing: { name: string; minutes: number } | undefined
  /** What others did there last, in words. */
  helped: readonly { by: string; words: string }[]
  /** How often others have done something there, and where the cluster is shown as it is since. */
  news: { count: number; href: string } | undefined
  /** Faults that it was given, in words. */
  faults: readonly string[]
}

/** What the strip above a page shows. */
export interface TrackStrip {
  track: { id: string; title: string; locale: Locale }
  done: number
  total: number
  minutesLeft: number
  /** The step that the page is, from 1. */
  here: number | undefined
  next: { href: string; title: string; locale: Locale } | undefined
}

export interface Page {
  /** Template under views/, without `.eta`. */
  template: string
  title: string
  /** Which entry of the navigation is the present one. */
  section:
    | 'home'
    | 'lessons'
    | 'questions'
    | 'challenges'
    | 'sandboxes'
    | 'search'
    | 'study'
    | 'account'
    | 'about'
    | 'none'
  model: object
  status?: number
  /** Part of the page that answers an htmx request instead of the whole. */
  partial?: string
  /** The part takes the place of what the page is about: the page's title goes with it. */
  namesPage?: true
  /** Kept by no cache, that of the browser included. */
  isSecret?: boolean
  /** The page uses the window's whole width. */
  wide?: boolean
  /** A script that has run before the page is drawn, under /static/: short. */
  earlyScript?: string
  /** Scripts that this page needs besides the site's, under /static/. */
  scripts?: readonly string[]
}

export interface Renderer {
  send(req: Request, res: Response, page: Page): void
  /** A piece of a page by itself. */
  part(res: Response, template: string, model: object): string
  /** Scripts and styles, and a name for caches, which changes with each of the site's own. */
  assets: readonly Asset[]
  assetVersion: string
}

/**
 * @param options.reload templates, scripts and styles are read anew for each page
 * @param options.isChecked a template that reads a field which it is not given fails, instead of showing nothing in its place
 */
export function createRenderer(options: { reload?: boolean; isChecked?: boolean } = {}): Renderer {
  const eta = new SiteEta({
    views: resourceFolder('views'),
    cache: !options.reload,
    useWith: false,
    functionHeader: 'const { t, tn, th, langOf, toldHere, langOfTold, glyph, levelGlyph } = this.words',
  })
  if (options.isChecked) eta.checkFields()
  const assets = readAssets({ isReadAnew: options.reload === true })
  const own = assets.filter(({ path }) => !path.startsWith('/vendor/'))
  const assetVersion = hashOf(own.map(({ text }) => text).join(''))
  return {
    assets,
    assetVersion,
    part: (res, template, model) =>
      runInLocale(localeOf(res), () => eta.render(template, { ...model, ctx: contextOf(res) })),
    send(req, res, page) {
      const context = contextOf(res)
      const isPart = page.partial !== undefined && isHtmx(req)
      const base = { ...page.model, ctx: context }
      res.status(page.status ?? 200).type('html')
      res.setHeader('Vary', 'HX-Request, Accept-Language')
      // A page holds its learner's form token: it is nobody else's.
      res.setHeader('Cache-Control', page.isSecret ? 'no-store' : 'private, no-cache')
      runInLocale(localeOf(res), () => {
        if (isPart) {
          const title = page.namesPage ? `<title>${escapeHtml(titleOf(page))}</title>` : ''
          res.send(title + eta.render(page.partial!, base))
          return
        }
        const body = eta.render(page.template, base)
        const languages = locales.map((locale) => ({
          tag: languageTags[locale],
          name: languageNames[locale],
          href: addressIn(context.address, locale),
          isCurrent: locale === localeOf(res),
        }))
        const frame = {
          languages,
          // Chinese is set in the reader's own faces.
          fonts: localeOf(res) === 'en' ? fonts : [],
          browserTexts: browserTexts(localeOf(res)),
          ctx: context,
          assetVersion: options.reload ? Date.now() : assetVersion,
          scripts: options.reload ? [...(page.scripts ?? []), 'js/reload.js'] : page.scripts,
        }
        res.send(eta.render('layout', { ...page, title: titleOf(page), ...frame, body }))
      })
    },
  }
}

/** As the browser shows it, called in the reader's language. */
const titleOf = ({ section, title }: Page): string =>
  section === 'home' ? t('Podium: learn Kubernetes in a running cluster') : `${title} · Podium`

/** What every template may call: the interface's texts, the `lang` of a content item where it is not the page's, and glyphs. */
class SiteEta extends Eta {
  readonly words = { t, tn, th, langOf, toldHere, langOfTold, glyph, levelGlyph }

  /** From here on a template, and each part that it includes, fails when it reads a field that it is not given and need not have. */
  checkFields(): void {
    const { render } = this
    const checked = createFieldCheck()
    const optional = new Map<string, Optional>()
    const optionalIn = (template: string): Optional => {
      const known = optional.get(template) ?? optionalFields(this.readFile!(this.resolvePath!(template)))
      // Templates that are read anew for each page may say otherwise by then.
      if (this.config.cache) optional.set(template, known)
      return known
    }
    this.render = (template, data, meta) =>
      render.call(this, template, checked(String(template), data, optionalIn(String(template))), meta)
  }
}

/** What a template need not be given: of `it` itself, and of what lies in it. */
interface Optional {
  own: ReadonlySet<string>
  inner: ReadonlySet<string>
}

/** Those that the comment at a template's head names with a question mark: `it: { view, browse?, box: Box with told { line? } }`. */
function optionalFields(template: string): Optional {
  const [head = ''] = /\/\*.*?\*\//s.exec(template) ?? []
  // `langOf` asks anything for its locale, and JSON for a form of its own.
  const [own, inner] = [new Set<string>(), new Set(['locale', 'toJSON'])]
  let depth = 0
  for (const [mark, name] of head.matchAll(/[{}]|(\w+)\?/g)) {
    if (name !== undefined) (depth > 1 ? inner : own).add(name)
    else depth += mark === '{' ? 1 : -1
  }
  return { own, inner }
}

/**
 * Makes the same of what a template is given, but that reading a field fails which is not there, at any depth: it has another name, or the page
 * forgot it. Only plain objects have fields that are known: maps, dates and what is frozen are left as they are.
 */
function createFieldCheck(): <T extends object>(template: string, data: T, optional: Optional) => T {
  /** What a template hands on to one that it includes is checked there by what that one says of it. */
  const uncheckedOf = new WeakMap<object, object>()
  return (template, data, optional) => {
    const known = new WeakMap<object, object>()
    const within = <T>(given: T, path: string): T => {
      const value = (isPlain(given) && uncheckedOf.get(given)) || given
      if (!isPlain(value)) return given
      const before = known.get(value)
      if (before) return before as T
      const proxy = new Proxy(value, {
        get(target, name) {
          const field: unknown = Reflect.get(target, name)
          if (typeof name === 'symbol') return field
          if (Array.isArray(target)) return within(field, `${path}[]`)
          if (!(name in target) && !(path === 'it' ? optional.own : optional.inner).has(name))
            throw new Error(`${template} reads \`${path}.${name}\`, which it is not given: ${Object.keys(target)}`)
          return within(field, `${path}.${name}`)
        },
      })
      known.set(value, proxy)
      uncheckedOf.set(proxy, value)
      return proxy as T
    }
    return within(data, 'it')
  }
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !Object.isFrozen(value) &&
  (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)

/** ` lang="en"` for what is shown in another language than the page. */
function langOf({ locale }: { locale?: Locale }): string {
  return locale === undefined || locale === currentLocale() ? '' : ` lang="${languageTags[locale]}"`
}

/** The same for what the simulator said, which is shown by `toldHere`. */
function langOfTold(text: string): string {
  return isToldInEnglish(text) ? langOf({ locale: original }) : ''
}

/** The texts that scripts show, as JSON that may stand in a page; empty in the original language. */
function browserTexts(locale: Locale): string {
  if (locale === original) return ''
  return JSON.stringify(messageFilesOf(locale)['browser.yaml'] ?? {}).replaceAll('<', '\\u003c')
}

function localeOf(res: Response): Locale {
  return contextOf(res).locale ?? original
}

/** The same page in that language. @param address path and query */
function addressIn(address: string, locale: Locale): string {
  const url = urlOfAddress(address)
  url.searchParams.set('lang', locale)
  return url.pathname + url.search
}

export function contextOf(res: Response): PageContext {
  return res.locals as PageContext
}

export function isHtmx(req: Request): boolean {
  return req.get('HX-Request') === 'true'
}

/** After a change: a plain form is sent on with 303, and htmx is told where to go. */
export function redirectTo(req: Request, res: Response, url: string): void {
  if (isHtmx(req)) res.status(200).setHeader('HX-Redirect', localAddress(url)).end()
  else res.redirect(303, url)
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
