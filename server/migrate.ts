/** Brings the database to the form of this version and ends: for a Job that runs before the servers of a new version do. */
import { ConfigError, parseConfig } from './config.ts'
import { isStorageProblem, openBackend } from './storage/backend.ts'

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  if (config.storage !== 'postgres') {
    console.log(`STORAGE=${config.storage} has nothing to migrate ahead of the server.`)
    return
  }
  const { store, where } = await openBackend(config, (message) => console.error(message))
  await store.close()
  console.log(`${where} is in the form of this version.`)
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError || isStorageProblem(error) ? error.message : error)
  process.exitCode = 1
})
