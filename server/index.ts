/** The process: configuration, storage, content, listen, and a clean end. */
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { pino } from 'pino'
import { builtCatalogs } from './catalog/built.ts'
import { liveCatalog } from './catalog/live.ts'
import { ContentError } from './catalog/source.ts'
import { type Config, ConfigError, parseConfig } from './config.ts'
import { hideAddresses } from './hidden-addresses.ts'
import { createReloads } from './reloads.ts'
import { resourceFolder } from './render/page.ts'
import { createSite } from './site.ts'
import { readTextIfAny, writeDurably } from './storage/durable-file.ts'
import { DataFolderLocked } from './storage/lock.ts'
import { createLowdbStore } from './storage/lowdb.ts'
import { createMemoryStore } from './storage/memory.ts'
import { watchFolder } from './watch-folder.ts'

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  const logger = pino({ level: config.logLevel, hooks: { streamWrite: hideAddresses } })
  const reloads = process.env.NODE_ENV === 'development' ? createReloads() : undefined
  const catalog = await liveCatalog(resolve(config.contentDir), {
    watch: reloads !== undefined,
    compiled: builtCatalogs((message) => logger.info(message)),
    onProblem: (message) => logger.error(message),
    onReload: reloads?.tell,
  })
  const watched = reloads
    ? (['views', 'static'] as const).map((name) => watchFolder(resourceFolder(name), reloads.tell))
    : []
  const store =
    config.storage === 'memory'
      ? createMemoryStore()
      : await createLowdbStore({ folder: resolve(config.dataDir), onSetAside: (message) => logger.error(message) })
  const secret = config.sessionSecret ?? (await keptSecret(config))
  const site = await createSite({ config, secret, store, catalog: catalog.current, logger, reloads })
  const { server } = site
  server.listen(config.port, config.host)
  server.once('listening', () => {
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : config.port
    const { user, system } = process.cpuUsage()
    const cpuMs = Math.round((user + system) / 1000)
    logger.info({ port, dataDir: config.dataDir, cpuMs }, `Podium is at http://localhost:${port}`)
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
    setTimeout(() => process.exit(code || 1), 10_000).unref()
    reloads?.close()
    for (const watcher of watched) watcher.close()
    await site.close(2000)
    catalog.close()
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
