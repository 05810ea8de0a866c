/**
 * Gives an account a role from the command line: `npm run grant -- NAME [ROLE]`. So the first admin comes to be; whom an admin makes one needs no
 * command. A data folder is one process's, so the server that uses it has to be stopped meanwhile.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { accountNameOf } from './accounts/accounts.ts'
import { createStaff } from './accounts/staff.ts'
import { ConfigError, parseConfig } from './config.ts'
import { givenRoles } from './sittings/roles.ts'
import { createStorage } from './storage/aggregates.ts'
import { isStorageProblem, openBackend } from './storage/backend.ts'

const usage = `usage: npm run grant -- NAME [ROLE]
  NAME  of an account, as its owner signs in
  ROLE  ${givenRoles.join(', ')}; admin unless told`

async function main([typed, wanted = 'admin', ...more]: string[]): Promise<number> {
  const role = givenRoles.find((one) => one === wanted)
  if (typed === undefined || typed.startsWith('-') || more.length > 0 || !role) {
    console.error(usage)
    return 2
  }
  const config = parseConfig(process.env)
  if (config.storage === 'memory') {
    console.error('STORAGE=memory keeps nothing: there is no account to give a role to.')
    return 2
  }
  const folder = resolve(config.dataDir)
  if (config.storage === 'lowdb' && !existsSync(folder)) {
    console.error(`There is no folder ${folder}: set DATA_DIR as for the server.`)
    return 1
  }
  const { store, where } = await openBackend(config, (message) => console.error(message))
  const storage = createStorage(store)
  try {
    const name = accountNameOf(typed)
    const account = await storage.accounts.find(name)
    if (!account) {
      console.error(`There is no account "${name}" in ${where}. Make it on the site first: /account`)
      return 1
    }
    await createStaff({ storage, now: Date.now }).grant(account, role, null)
    console.log(`${name} has the role ${role}.`)
    return 0
  } finally {
    await storage.close()
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof ConfigError || isStorageProblem(error) ? error.message : error)
    process.exitCode = 1
  },
)
