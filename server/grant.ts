/**
 * Gives an account a role from the command line, while the server is stopped: `npm run grant -- NAME [ROLE]`. So the first admin comes to be;
 * whom an admin makes one needs no command.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { accountNameOf } from './accounts/accounts.ts'
import { createStaff } from './accounts/staff.ts'
import { ConfigError, parseConfig } from './config.ts'
import { givenRoles } from './sittings/roles.ts'
import { createStorage } from './storage/aggregates.ts'
import { DataFolderUnusable, usingFolder } from './storage/folder-problem.ts'
import { DataFolderLocked } from './storage/lock.ts'
import { createLowdbStore } from './storage/lowdb.ts'
import { LogTooNew } from './storage/replay.ts'

const usage = `usage: npm run grant -- NAME [ROLE]
  NAME  of an account, as its owner signs in
  ROLE  ${givenRoles.join(', ')}; admin unless told`

async function main([typed, wanted = 'admin', ...more]: string[]): Promise<number> {
  const role = givenRoles.find((one) => one === wanted)
  if (typed === undefined || typed.startsWith('-') || more.length > 0 || !role) {
    console.error(usage)
    return 2
  }
  const { dataDir, storage: backend } = parseConfig(process.env)
  if (backend === 'memory') {
    console.error('STORAGE=memory keeps nothing: there is no account to give a role to.')
    return 2
  }
  const folder = resolve(dataDir)
  if (!existsSync(folder)) {
    console.error(`There is no folder ${folder}: set DATA_DIR as for the server.`)
    return 1
  }
  const store = await usingFolder(folder, () =>
    createLowdbStore({ folder, onProblem: (message) => console.error(message) }),
  )
  const storage = createStorage(store)
  try {
    const name = accountNameOf(typed)
    const account = await storage.accounts.find(name)
    if (!account) {
      console.error(`There is no account "${name}" in ${folder}. Make it on the site first: /account`)
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
    const isExpected = [ConfigError, DataFolderLocked, DataFolderUnusable, LogTooNew].some(
      (kind) => error instanceof kind,
    )
    console.error(isExpected ? (error as Error).message : error)
    process.exitCode = 1
  },
)
