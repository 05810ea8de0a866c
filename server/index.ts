/** The process: configuration, storage, content, listen, and a clean end. */
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { pino } from 'pino'
import { createApp } from './app.ts'
import { liveCatalog } from './catalog/live.ts'
import { ContentError } from './catalog/load.ts'
import { type Config, ConfigError, parseConfig } from './config.ts'
import { hideAddresses } from './hidden-addresses.ts'
import { createWorkerLabs } from './labs/pool.ts'
import { sandboxLimits, threadHosts } from './labs/sandboxes/limits.ts'
import { realWall } from './labs/sandboxes/live-sandbox.ts'
import { createSandboxes } from './labs/sandboxes/sandboxes.ts'
import type { AppDeps } from './pages/deps.ts'
import { createRenderer } from './render/page.ts'
import { createStorage } from './storage/aggregates.ts'
import { readTextIfAny, writeDurably } from './storage/durable-file.ts'
import { DataFolderLocked } from './storage/lock.ts'
import { createLowdbStore } from './storage/lowdb.ts'
import { createMemoryStore } from './storage/memory.ts'
import { createUpgrades } from './upgrades.ts'

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  const logger = pino({ level: config.logLevel, hooks: { streamWrite: hideAddresses } })
  const isDevelopment = process.env.NODE_ENV === 'development'
  const catalog = await liveCatalog(resolve(config.contentDir), {
    watch: isDevelopment,
    onProblem: (message) => logger.error(message),
  })
  const store =
    config.storage === 'memory'
      ? createMemoryStore()
      : await createLowdbStore({ folder: resolve(config.dataDir), onSetAside: (message) => logger.error(message) })
  const storage = createStorage(store)
  const secret = config.sessionSecret ?? (await keptSecret(config))
  const labs = createWorkerLabs({
    threads: config.workers,
    memoryMb: config.workerMemoryMb,
    timeoutMs: config.simulationTimeoutMs,
    onError: (error) => logger.error({ err: error }, 'a worker thread failed'),
  })
  const newId = () => randomBytes(9).toString('hex')
  const sandboxes = await createSandboxes({
    storage,
    secret,
    hosts: threadHosts(config),
    limits: sandboxLimits(config),
    wall: realWall,
    newId,
    onProblem: (message) => logger.error(message),
  })
  const deps: AppDeps = {
    config,
    secret,
    storage,
    labs,
    sandboxes,
    catalog: catalog.current,
    renderer: createRenderer({ reload: isDevelopment }),
    logger,
    now: () => Date.now(),
    newId,
  }
  const server = createApp(deps).listen(config.port, config.host)
  const upgrades = createUpgrades(deps)
  server.on('upgrade', upgrades.handle)
  server.once('listening', () => {
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : config.port
    logger.info({ port, dataDir: config.dataDir }, `Podium is at http://localhost:${port}`)
  })
  server.once('error', (error: NodeJS.ErrnoException) => {
    const hint = error.code === 'EADDRINUSE' ? `Port ${config.port} is taken. Choose another with PORT.` : error.message
    logger.fatal(hint)
    void stop(1)
  })

  let isStopping = false
  const stop = async (code: number) => {
    if (isStopping) return
    isStopping = true
    // Answers that are under way are finished; idle connections are not waited for.
    setTimeout(() => process.exit(code || 1), 10_000).unref()
    const isClosed = new Promise<void>((done) => {
      server.close(() => done())
      server.closeIdleConnections()
    })
    // With the sandboxes end the streams that nobody would ever end.
    await sandboxes.close()
    setTimeout(() => {
      upgrades.close()
      server.closeAllConnections()
    }, 2000).unref()
    await isClosed
    catalog.close()
    await labs.close()
    await storage.close()
    process.exit(code)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      logger.info(`${signal}: stopping`)
      void stop(0)
    })
}

/** The secret that an earlier start made, or a new one, so that cookies outlive a restart. */
async function keptSecret(config: Config): Promise<string> {
  if (config.storage === 'memory') return randomBytes(32).toString('hex')
  const path = join(resolve(config.dataDir), 'session-secret')
  const kept = (await readTextIfAny(path))?.trim()
  if (kept && kept.length >= 32) return kept
  const made = randomBytes(32).toString('hex')
  await writeDurably(path, `${made}\n`)
  return made
}

main().catch((error: unknown) => {
  // What the operator can mend is told without a stack.
  const isExpected = error instanceof ConfigError || error instanceof ContentError || error instanceof DataFolderLocked
  console.error(isExpected ? error.message : error)
  process.exit(1)
})
