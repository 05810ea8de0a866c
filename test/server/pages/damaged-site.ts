/** A site on a data folder, of which files are damaged while it is stopped. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import supertest from 'supertest'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'
import type { Storage } from '../../../server/storage/types.ts'
import { createTestApp } from '../support.ts'

type Browser = { agent: ReturnType<typeof supertest.agent> }

/** A folder whose site is stopped, damaged and started again. `end` removes it. */
export async function onFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'podium-damaged-'))
  let storage: Storage = createStorage(await createLowdbStore({ folder }))
  /** As they were before they were damaged. */
  const whole = new Map<string, string>()
  return {
    storage,
    /**
     * The site as it is after it was stopped, those files were damaged, and it was started again.
     * @param text what is in each of the files then; half of what was there, unless it is given
     */
    async damaged(paths: readonly string[], over: Parameters<typeof createTestApp>[0] = {}, text?: string) {
      await storage.close()
      for (const path of paths) {
        const before = await readFile(join(folder, path), 'utf8')
        whole.set(path, before)
        await writeFile(join(folder, path), text ?? before.slice(0, before.length / 2))
      }
      storage = createStorage(await createLowdbStore({ folder }))
      return { ...(await createTestApp({ ...over, storage })), storage }
    },
    /** Puts a file back that was damaged, as an operator does. */
    async repair(path: string): Promise<void> {
      await rm(join(folder, `${path}.corrupt-1`))
      await writeFile(join(folder, path), whole.get(path)!)
    },
    /** What is in the files below a folder, by path. */
    async files(below: string): Promise<Record<string, string>> {
      const names = await readdir(join(folder, below), { recursive: true, withFileTypes: true })
      const paths = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
      return Object.fromEntries(
        await Promise.all(
          paths.sort().map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')]),
        ),
      )
    },
    async stop(): Promise<void> {
      await storage.close()
    },
    async end(): Promise<void> {
      await storage.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** The same browser with the same cookies, at that site. */
export async function comesBack(
  { app }: Pick<Awaited<ReturnType<typeof createTestApp>>, 'app'>,
  { agent: known }: Browser,
) {
  const agent = supertest.agent(app)
  agent.jar = known.jar
  const token = /name="_csrf" value="([^"]+)"/.exec((await agent.get('/help')).text)![1]!
  return {
    agent,
    get: (path: string) => agent.get(path),
    post: (path: string, fields: Record<string, string> = {}) =>
      agent
        .post(path)
        .type('form')
        .send({ _csrf: token, ...fields }),
  }
}
