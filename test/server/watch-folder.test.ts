import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { watchFolder } from '../../server/watch-folder.ts'

test('every save is told: in place, by a new file in its place, again and again, and in folders that came later', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-watch-'))
  await mkdir(join(folder, 'lessons/pod'), { recursive: true })
  const file = join(folder, 'lessons/pod/a.md')
  await writeFile(file, '0')
  let told = () => {}
  const watcher = watchFolder(folder, () => told())
  /** Waits until the change is told, and then for what else the same change tells. */
  const isTold = async (change: () => Promise<void>): Promise<void> => {
    const first = new Promise<void>((done) => {
      told = done
    })
    await change()
    await first
    await new Promise((done) => setTimeout(done, 30))
  }
  const replaced = async (path: string, text: string): Promise<void> => {
    await writeFile(join(tmpdir(), `${text}.podium-watch`), text)
    await rename(join(tmpdir(), `${text}.podium-watch`), path)
  }
  await isTold(() => writeFile(file, '1'))
  await isTold(() => replaced(file, '2'))
  await isTold(() => replaced(file, '3'))
  await isTold(() => writeFile(file, '4'))
  await isTold(async () => void (await mkdir(join(folder, 'lessons/node/deep'), { recursive: true })))
  await isTold(() => writeFile(join(folder, 'lessons/node/deep/b.md'), '5'))
  await isTold(() => replaced(join(folder, 'lessons/node/deep/b.md'), '6'))
  await isTold(() => rm(join(folder, 'lessons/node'), { recursive: true }))
  await isTold(() => writeFile(file, '7'))
  watcher.close()
  told = () => assert.fail('told after it was closed')
  await writeFile(file, '8')
  await new Promise((done) => setTimeout(done, 50))
  await rm(folder, { recursive: true })
})
