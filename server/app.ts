/** Wires the application without listening: what index.ts serves and what tests ask. */
import type { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { basename, dirname } from 'node:path'
import compression from 'compression'
import express, { type Express, type RequestHandler } from 'express'
import { catalogIn } from './catalog/translations.ts'
import { currentLocale } from './i18n/locale.ts'
import { mountSandboxes } from './kubernetes-api/site-mount.ts'
import { bodyLengths, formBytes } from './middleware/body-lengths.ts'
import { csrf } from './middleware/csrf.ts'
import { dataFiles, importPath } from './middleware/data-files.ts'
import { errorPages, noSuchPage } from './middleware/errors.ts'
import { formFiles } from './middleware/form-files.ts'
import { keepContext, language } from './middleware/language.ts'
import { leaders } from './middleware/leaders.ts'
import { localRedirects } from './middleware/local-redirects.ts'
import { lockedItems } from './middleware/locked-items.ts'
import { movedContent } from './middleware/moved.ts'
import { ownTracks } from './middleware/own-tracks.ts'
import { requestIds } from './middleware/request-ids.ts'
import { requestLimits } from './middleware/request-limits.ts'
import { reviewers } from './middleware/reviewers.ts'
import { seats } from './middleware/seats.ts'
import { security } from './middleware/security.ts'
import { sessions } from './middleware/session.ts'
import type { AppDeps } from './pages/deps.ts'
import { ashbyEntry } from './pages/doors/ashby-entry.ts'
import { greenhouseEntry } from './pages/doors/greenhouse-entry.ts'
import { ltiEntry } from './pages/doors/lti-entry.ts'
import { readinessPage } from './readiness.ts'
import { fonts } from './render/fonts.ts'
import { resourceFolder } from './render/resource-folder.ts'
import { routes } from './routes.ts'
import { underPresentNames } from './storage/renamed.ts'

const yearMs = 365 * 24 * 3_600_000

export function createApp(given: AppDeps): Express {
  const nameOf = (item: string) => given.catalog().moved?.get(item) ?? item
  const deps: AppDeps = {
    ...given,
    storage: underPresentNames(given.storage, nameOf),
    catalog: () => catalogIn(given.catalog(), currentLocale()),
  }
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', deps.config.trustProxy)
  app.set('query parser', 'simple')
  app.use(requestIds(deps))
  app.use(oneHost)
  if (deps.traces) app.use(deps.traces.request)
  app.use(kubernetesApi(deps))
  app.use(...security())
  app.use(compression())
  app.use(localRedirects)
  app.use(language(deps))
  app.use(bodyLengths(deps))
  app.use(healthPages(deps))
  app.use('/static', staticFiles(deps))
  // What says nothing of it is one person's own.
  app.use((_req, res, next) => {
    res.setHeader('Cache-Control', 'private, no-store')
    res.vary('Cookie')
    next()
  })
  app.use(...requestLimits(deps))
  app.use(greenhouseEntry(deps))
  app.use(ashbyEntry(deps))
  app.use(ltiEntry(deps))
  app.use(sessions(deps))
  app.use(leaders(deps))
  app.use(reviewers(deps))
  app.use(seats(deps))
  app.post(importPath, ...dataFiles(deps))
  app.use(express.urlencoded({ extended: false, limit: formBytes, parameterLimit: 200 }))
  app.use(formFiles(formBytes))
  app.use(keepContext)
  app.use(csrf)
  app.use(movedContent(deps))
  app.use(lockedItems(deps))
  app.use(ownTracks(deps))
  app.use(routes(deps))
  app.use(noSuchPage)
  app.use(errorPages(deps))
  return app
}

function healthPages({ readiness }: Pick<AppDeps, 'readiness'>) {
  const router = express.Router()
  router.get('/healthz', (_req, res) => void res.json({ status: 'ok' }))
  router.get('/readyz', readinessPage(readiness))
  return router
}

/** Of a process that grades and has no pages. */
export function createWorkerApp(deps: Pick<AppDeps, 'readiness'>): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(healthPages(deps))
  app.use((_req, res) => {
    res.status(404).type('text').send('This is a worker (ROLE=worker): it has no pages.\n')
  })
  return app
}

/** First of all: its clients have no session, send no form, and read streams that nothing may hold back. */
function kubernetesApi(deps: AppDeps): RequestHandler {
  const mount = mountSandboxes({
    sandboxes: deps.sandboxes,
    config: deps.config,
    perMinute: deps.config.sandboxRateLimitPerMinute,
    onError: (error) => deps.logger.error({ err: error }, 'a request of the Kubernetes API failed'),
  })
  return (req, res, next) => {
    if (!mount.request(req, res)) next()
  }
}

/** Who names two hosts may mean one of them for a proxy before this server, and the other for this. Source: RFC 9112, section 3.2 */
const oneHost: RequestHandler = (req, res, next) => {
  let hosts = 0
  for (let i = 0; i < req.rawHeaders.length; i += 2) if (/^host$/i.test(req.rawHeaders[i]!)) hosts++
  if (hosts > 1) res.status(400).type('text').send('A request has one Host header.')
  else next()
}

function staticFiles(deps: AppDeps) {
  const router = express.Router()
  // While servers of two builds answer, one is asked for files by pages of the other: what it gives is not to be kept under that name.
  const cacheControl = (address = ''): string => {
    const version = new URL(address, 'http://here').searchParams.get('v') ?? ''
    const isOfOtherBuild = /^[0-9a-f]{12}$/.test(version) && version !== deps.renderer.assetVersion
    return isOfOtherBuild ? 'no-cache' : `public, max-age=${yearMs / 1000}, immutable`
  }
  const setHeaders = (res: ServerResponse) => void res.setHeader('Cache-Control', cacheControl(res.req.url))
  const options = { index: false, redirect: false, cacheControl: false, setHeaders }
  for (const asset of deps.renderer.assets)
    router.get(asset.path, (req, res) => {
      setHeaders(res)
      res.type(asset.type).vary('Accept-Encoding')
      const { brotli } = asset
      // Browsers name gzip first, and take this as well.
      if (brotli === undefined || !req.acceptsEncodings('br')) return void res.send(asset.text)
      res.set('Content-Encoding', 'br').send(brotli)
    })
  // From its own folder: a folder above it may be a hidden one.
  for (const font of fonts)
    router.get(font.path.slice('/static'.length), (_req, res) => {
      const file = createRequire(import.meta.url).resolve(font.file)
      setHeaders(res)
      res.sendFile(basename(file), { cacheControl: false, root: dirname(file) })
    })
  router.use(express.static(resourceFolder('static'), options))
  router.use((_req, res) => void res.status(404).type('text').send('Not found'))
  return router
}
