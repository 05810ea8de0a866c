/** The parts of a site put together, for the process, for tests in a browser and for benchmarks. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { engineVersion } from '../sim/forms.ts'
import { createAccounts } from './accounts/accounts.ts'
import { createMail } from './accounts/mail.ts'
import { createSessions } from './accounts/sessions.ts'
import { createStaff } from './accounts/staff.ts'
import { createApp, createWorkerApp } from './app.ts'
import { type Config, ConfigError } from './config.ts'
import { mostConnections, mostOfOneAddress, shareConnections } from './connections.ts'
import { lookForNews } from './doors/applicant-system.ts'
import { createAshby } from './doors/ashby.ts'
import { createDeliveries } from './doors/deliveries.ts'
import { createGreenhouse } from './doors/greenhouse.ts'
import { createLti } from './doors/lti.ts'
import { createLtiGrades } from './doors/lti-grades.ts'
import { readLtiSetup } from './doors/lti-platforms.ts'
import { createOidc } from './doors/oidc.ts'
import { createGradings } from './grading/gradings.ts'
import { hashOf, pinItems } from './grading/pinned-items.ts'
import { createAudit } from './hiring/audit.ts'
import { eraseDue, replayErasures } from './hiring/erasure.ts'
import { createExercises, type Exercise } from './hiring/exercises.ts'
import { createHeartbeat, creditOutage } from './hiring/outages.ts'
import { createScoreSheets } from './hiring/score-sheets.ts'
import { createJournals, type Work } from './journal/journals.ts'
import { sandboxLimits, threadHosts } from './labs/sandboxes/limits.ts'
import { realWall } from './labs/sandboxes/live-sandbox.ts'
import { createSandboxes } from './labs/sandboxes/sandboxes.ts'
import { createWorkerLabs } from './labs/tasks/pool.ts'
import { endLive, surviveErrors } from './live-response.ts'
import type { Metrics } from './metrics/metrics.ts'
import { importPath } from './middleware/data-files.ts'
import type { AppDeps } from './pages/deps.ts'
import { createForwarding } from './peers/forwarding.ts'
import { joinPeers, otherEngines } from './peers/membership.ts'
import { turnsAmong } from './peers/turns.ts'
import { createClosings } from './practice/closing-exercise.ts'
import { resultsOf, sumOf } from './practice/exercise-results.ts'
import { createReadiness } from './readiness.ts'
import type { Reloads } from './reloads.ts'
import { createRenderer } from './render/page.ts'
import { createRouting } from './routing.ts'
import { ownMark } from './sittings/program.ts'
import { createStorage } from './storage/aggregates.ts'
import { alsoNoted } from './storage/noted-erasures.ts'
import { keepRetention, removeDue } from './storage/retention.ts'
import type { Store } from './storage/store.ts'
import { createUpgrades } from './upgrades.ts'
import { removeSitting } from './workshops/people.ts'
import { createRooms } from './workshops/rooms.ts'

export interface SiteOptions {
  config: Config
  /** Signs cookies and form tokens; 32 characters or more. */
  secret: string
  store: Store
  catalog: AppDeps['catalog']
  logger: Logger
  /** Gives names that nobody guesses and nothing else has; drawn unless told. */
  newId?: () => string
  /** While developing: templates and styles are read again for each page, and open pages are told of what is saved. */
  reloads?: Reloads
}

export interface Site {
  deps: AppDeps
  /** It does not listen yet. */
  server: Server
  /** Undefined when nobody reads them. */
  metrics: Metrics | undefined
  /** From now on it is not ready, and answers what still comes. */
  drain(): void
  /** Where the other processes of the site come in; undefined where there are none. It does not listen yet. */
  door: Server | undefined
  /** Ends what runs. Answers under way are finished; connections that nobody ends are ended after `graceMs`. */
  close(graceMs?: number): Promise<void>
}

const drawnId = () => randomBytes(9).toString('hex')

export async function createSite(options: SiteOptions): Promise<Site> {
  const { config, secret, store, catalog, logger, reloads, newId = drawnId } = options
  const stored = createStorage(store)
  const storage =
    config.erasuresFile === undefined
      ? stored
      : { ...stored, erasures: alsoNoted(stored.erasures, config.erasuresFile) }
  const metrics = config.metrics && (await import('./metrics/metrics.ts')).createMetrics()
  const workers = createWorkerLabs({
    processes: config.workers,
    memoryMb: config.workerMemoryMb,
    timeoutMs: config.simulationTimeoutMs,
    onError: (error) => logger.error({ err: error }, 'a worker process failed'),
  })
  const traces =
    config.traces &&
    (await import('./traces/traces.ts')).createTraces({
      ...config.traces,
      trustsProxy: config.trustProxy > 0,
      onProblem: (message) => logger.warn(message),
    })
  const counted = metrics?.counted(workers) ?? workers
  const labs = traces?.traced(counted) ?? counted
  const membership = await joinPeers({
    ...{ leases: storage.leases, bus: storage.bus, isAlone: config.storage !== 'postgres' },
    ...{ url: config.peerUrl, engine: ownMark },
    onProblem: (message) => logger.error(message),
  })
  const sandboxes = await createSandboxes({
    ...{ storage, membership },
    secret,
    ...threadHosts(config),
    limits: sandboxLimits(config),
    wall: realWall,
    newId,
    onProblem: (message) => logger.error(message),
  })
  const readiness = createReadiness({
    logger,
    checks: {
      content: async () => {
        const { lessons, questions, challenges } = catalog()
        if (lessons.size + questions.size + challenges.size === 0) throw new Error('there is no content')
      },
      storage: () => storage.healthy(),
      workers: () => labs.healthy(),
      sandboxes: () => sandboxes.healthy(),
      gradings: async () => gradings.healthy(),
    },
  })
  const now = () => Date.now()
  const rooms = createRooms({ storage, now, pin: (items) => pinItems({ storage, catalog, now }, items) })
  const exercises = createExercises({ storage, now })
  const journals = createJournals({
    ...{ storage, now, moved: () => catalog().moved, engineVersion, hashOf: (item) => hashOf(catalog(), item) },
    ...{ standingInRoom: rooms.standingOf, courseOfExercise: exercises.course },
    keptCharacters: config.cached.acts,
  })
  const gradings = createGradings({
    ...{ storage, journals, labs, catalog, secret, now, otherEngines: () => otherEngines(membership) },
    ...{ together: config.role === 'web' ? 0 : config.workers + 1 },
    onError: (error) => logger.error({ err: error }, 'a grading failed and is tried again'),
  })
  const mail = config.mail && createMail(config.mail)
  const audit = createAudit(storage.auditLog, now)
  const outside = { allowsLoopback: config.webhookLoopback }
  const percentOf = (exercise: Exercise, work: Work) => sumOf(resultsOf(exercise, work)).percent
  const ofApplicants = {
    ...{ storage, journals, exercises, audit, mail, now, outside, percentOf, publicUrl: config.publicUrl! },
    inTurn: turnsAmong(membership),
    onError: (error: unknown) => logger.warn({ err: error }, 'an applicant system could not be served and is later'),
  }
  const greenhouse =
    config.greenhouseKey === undefined ? undefined : createGreenhouse({ ...ofApplicants, key: config.greenhouseKey })
  const ashby = config.ashby && createAshby({ ...ofApplicants, apiKey: config.ashby.apiKey })
  const applicantNews = [greenhouse, ashby].flatMap((one) => (one ? [lookForNews(one, ofApplicants.onError)] : []))
  const deliveries = createDeliveries({
    ...{ storage, journals, exercises, secret, now, publicUrl: config.publicUrl },
    ...{ outside, percentOf },
    onError: (error) => logger.error({ err: error }, 'webhooks could not be looked after'),
  })
  const lti =
    config.lti &&
    createLti(await ltiSetupOf(config.lti), { publicUrl: config.publicUrl!, secret, usedMarks: storage.usedMarks, now })
  const ltiGrades =
    lti &&
    createLtiGrades({
      ...{ lti, storage, journals, now },
      onError: (error) => logger.warn({ err: error }, 'a grade could not be sent and is tried again'),
    })
  const deps: AppDeps = {
    config,
    secret,
    storage,
    journals,
    gradings,
    rooms,
    exercises,
    scoreSheets: createScoreSheets(storage.scores, now),
    audit,
    deliveries,
    greenhouse,
    ashby,
    accounts: createAccounts({ storage, now }),
    sessions: createSessions({ storage, secret, now }),
    staff: createStaff({ storage, now }),
    mail,
    lti,
    oidc:
      config.oidc &&
      createOidc({ ...config.oidc, publicUrl: config.publicUrl!, secret, usedMarks: storage.usedMarks, now }),
    labs,
    sandboxes,
    catalog,
    renderer: createRenderer({ reload: reloads !== undefined, isChecked: reloads !== undefined }),
    readiness,
    logger,
    now,
    newId,
    traces,
  }
  const outages = {
    ...{ storage, journals, exercises, now },
    onError: (error: unknown) =>
      logger.error({ err: error }, 'the heartbeat could not be kept, or time not be given back that an outage took'),
  }
  const credited = await creditOutage(outages)
  if (credited > 0) logger.info(`time was given back to ${credited} candidates: the server was away`)
  const heartbeat = createHeartbeat(outages)
  const closings = createClosings({
    ...{ ...deps, exercises, gradings },
    onError: (error) => logger.error({ err: error }, 'an exercise could not be looked after'),
  })
  metrics?.observe({ labs: workers, sandboxes, storage, readiness, now })
  const app = config.role === 'worker' ? createWorkerApp(deps) : createApp(deps)
  const answering = new Set<ServerResponse>()
  let isDraining = false
  const drain = (): void => {
    isDraining = true
    readiness.drain()
  }
  const serve = (req: IncomingMessage, res: ServerResponse): void => {
    // Each layer looks after its own part of an answer; that many are no leak.
    res.setMaxListeners(30)
    surviveErrors(res, (error) => logger.error({ err: error }, 'an answer could not be written'))
    metrics?.request(req, res)
    answering.add(res)
    res.once('close', () => answering.delete(res))
    if (!reloads?.handle(req, res)) app(req, res)
  }
  const upgrades = createUpgrades(deps)
  const upgrade: typeof upgrades.handle = (req, socket, head) => {
    metrics?.upgrade(req, socket)
    if (config.role === 'worker') socket.destroy()
    else upgrades.handle(req, socket, head)
  }
  const forwarding =
    config.peerUrl === undefined
      ? undefined
      : createForwarding({
          ...{ secret, membership, ...createRouting({ sandboxes, storage, membership }) },
          onProblem: (message) => logger.error(message),
        })
  const server = createServer({ connectionsCheckingInterval: 5000 }, (req, res) => {
    // Whoever comes again is to find a server that stays.
    if (isDraining) res.setHeader('Connection', 'close')
    if (forwarding) forwarding.request(req, res, () => serve(req, res))
    else serve(req, res)
  })
  shareConnections(server, {
    most: mostConnections(),
    mostOfOne: config.trustProxy > 0 ? Number.POSITIVE_INFINITY : mostOfOneAddress,
    headMs: 15_000,
    bodyMs: 30_000,
    // Files of one's data are looked after where they are read; clients of the Kubernetes API send as they like.
    mayTakeLonger: ({ url = '' }) => url.startsWith(importPath) || url.startsWith('/k8s/'),
  })
  const door = forwarding?.door({ request: serve, upgrade })
  const notRemoved = (error: unknown) =>
    logger.error({ err: error }, 'what is due to be deleted could not be, and is tried again')
  const stopRetention = keepRetention(
    [
      () => replayErasures(deps),
      () => eraseDue(deps, notRemoved),
      () =>
        removeDue({
          ...{ storage, now, onError: notRemoved },
          removers: { workshop: (id) => removeSitting(storage, journals, id) },
        }),
    ],
    notRemoved,
  )
  server.on('upgrade', (req, socket, head) => {
    if (forwarding) forwarding.upgrade(req, socket, head, () => upgrade(req, socket, head))
    else upgrade(req, socket, head)
  })
  return {
    deps,
    server,
    metrics,
    drain,
    door,
    async close(graceMs = 0) {
      drain()
      const areClosed = [server, ...(door ? [door] : [])].map(
        (one) =>
          new Promise<void>((done) => {
            one.close(() => done())
            one.closeIdleConnections()
          }),
      )
      // Nobody else would ever end what stays open: the rest of it ends with the sandboxes.
      for (const res of answering) endLive(res)
      upgrades.drain()
      await sandboxes.close()
      await membership.close()
      setTimeout(() => {
        upgrades.close()
        forwarding?.close()
        server.closeAllConnections()
        door?.closeAllConnections()
      }, graceMs).unref()
      await Promise.all(areClosed)
      await stopRetention()
      heartbeat.close()
      await closings.close()
      await deliveries.close()
      await ltiGrades?.close()
      for (const news of applicantNews) await news.close()
      const gradingsEnded = gradings.close()
      await labs.close()
      await gradingsEnded
      await traces?.close()
      await storage.close()
    },
  }
}

/** @throws ConfigError */
async function ltiSetupOf(paths: NonNullable<Config['lti']>) {
  try {
    const [platforms, key] = await Promise.all([readFile(paths.platforms, 'utf8'), readFile(paths.key, 'utf8')])
    return await readLtiSetup({ platforms, key })
  } catch (error) {
    throw new ConfigError(`The configuration cannot be used:\n  ${(error as Error).message}`)
  }
}
