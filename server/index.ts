/** The process: configuration, storage, content, listen, and a clean end. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { builtCatalogs } from './catalog/built.ts'
import { liveCatalog } from './catalog/live.ts'
import { ContentError } from './catalog/source.ts'
import { ConfigError, parseConfig } from './config.ts'
import { createLogger } from './log.ts'
import { metricsServer } from './metrics/endpoint.ts'
import { createReloads } from './reloads.ts'
import { resourceFolder } from './render/resource-folder.ts'
import { createSite } from './site.ts'
import { isStorageProblem, openBackend } from './storage/backend.ts'
import { watchFolder } from './watch-folder.ts'

/** What is under way when the process is told to stop may take so long to end by itself. */
const graceMs = 8000
/** Besides the time to drain. Then it ends, whatever is left: within 30 seconds, as Kubernetes lets it. */
const stopMs = 14_000

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  const logger = createLogger(config.logLevel)
  const reloads = process.env.NODE_ENV === 'development' ? createReloads() : undefined
  const catalog = await liveCatalog(
    config.contentDirs.map((folder) => resolve(folder)),
    {
      watch: reloads !== undefined,
      compiled: builtCatalogs((message) => logger.info(message)),
      onProblem: (message) => logger.error(message),
      onReload: reloads?.tell,
    },
  )
  const watched = reloads
    ? (['views', 'static'] as const).map((name) => watchFolder(resourceFolder(name), reloads.tell))
    : []
  const backend = await openBackend(config, (message) => logger.error(message))
  const { store } = backend
  const secret = config.sessionSecret ?? (await backend.secret())
  const site = await backend.beginning(() =>
    createSite({ config, secret, store, catalog: catalog.current, logger, reloads }),
  )
  const { server, door } = site
  const cannotListen = (port: number, variable: string) => (error: NodeJS.ErrnoException) => {
    logger.fatal(
      error.code === 'EADDRINUSE' ? `Port ${port} is taken. Choose another with ${variable}.` : error.message,
    )
    void stop(1)
  }
  if (door) await listenForPeers(door, config.peerUrl!)
  server.listen(config.port, config.host)
  server.once('listening', () => {
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : config.port
    const { user, system } = process.cpuUsage()
    const cpuMs = Math.round((user + system) / 1000)
    logger.info({ port, data: backend.where, cpuMs }, `Podium is at http://localhost:${port}`)
    process.send?.('listening')
  })
  server.once('error', cannotListen(config.port, 'PORT'))
  if (site.metrics && config.metrics) {
    const { port, host } = config.metrics
    const metrics = metricsServer(site.metrics, (error) => logger.error({ err: error }, 'metrics could not be told'))
    // It goes on to the end: who watches sees the process drain.
    metrics.listen(port, host).unref()
    metrics.once('listening', () => logger.info(`metrics are at ${addressOf(metrics)}/metrics`))
    metrics.once('error', cannotListen(port, 'METRICS_PORT'))
  }

  let isStopping = false
  const stop = async (code: number) => {
    if (isStopping) return
    isStopping = true
    // Load balancers still send requests until they have seen that it is not ready. After a mistake of ours nothing more is answered.
    const drainMs = code === 0 ? config.drainMs : 0
    setTimeout(() => process.exit(code || 1), drainMs + stopMs).unref()
    site.drain()
    await new Promise((done) => setTimeout(done, drainMs))
    reloads?.close()
    for (const watcher of watched) watcher.close()
    try {
      await site.close(graceMs)
      catalog.close()
      process.exit(code)
    } catch (error) {
      logger.fatal({ err: error }, 'the server could not be closed in order')
      process.exit(code || 1)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      logger.info(`${signal}: stopping`)
      void stop(0)
    })
  // Nobody knows what such an error has left half done: what was accepted is stored, so the process ends as if told to, and its
  // supervisor starts another one.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error }, `${event}: stopping`)
      void stop(1)
    })
  // Started by a supervisor that is gone: nobody would end this process, or start it again.
  process.once('disconnect', () => {
    logger.info('the supervisor has ended: stopping')
    void stop(0)
  })
}

const addressOf = (server: Server): string => {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

/** @throws ConfigError */
async function listenForPeers(door: Server, url: string): Promise<void> {
  const { hostname, port } = new URL(url)
  door.listen(Number(port), hostname.replace(/^\[(.*)\]$/, '$1'))
  await once(door, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(
      `The configuration cannot be used:\n  PEER_URL="${url}": cannot be listened at (${error.code})`,
    )
  })
}

main().catch((error: unknown) => {
  // What the operator can fix is told without a stack.
  const isExpected = error instanceof ConfigError || error instanceof ContentError || isStorageProblem(error)
  console.error(isExpected ? error.message : error)
  process.exit(1)
})
