import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { DataFolderUnusable, usingFolder } from '../../../server/storage/folder-problem.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'

const failing = (code: string, path?: string) =>
  usingFolder('/srv/podium', () => Promise.reject(Object.assign(new Error(`${code}: raw`), { code, path }))).then(
    () => assert.fail('it failed'),
    (error: Error) => error,
  )

const cases: { code: string; path?: string; want: RegExp }[] = [
  { code: 'EROFS', path: '/srv/podium/lock.7.tmp', want: /^The data folder \/srv\/podium cannot be used: .*read-only/ },
  { code: 'EACCES', path: '/srv/podium', want: /the user \S+ may not write \/srv\/podium\. Make that user its owner/ },
  { code: 'EACCES', path: '/srv', want: /may not write \/srv\./ },
  { code: 'EPERM', path: '/srv/podium', want: /may not write/ },
  { code: 'ENOSPC', want: /no space is left on the disk of \/srv\/podium\. Make room there, or choose another/ },
  { code: 'EDQUOT', want: /quota/ },
]
for (const { code, path, want } of cases)
  test(`${code} of ${path ?? 'an open file'} is told in words, with the way out`, async () => {
    const error = await failing(code, path)
    assert.ok(error instanceof DataFolderUnusable)
    assert.match(error.message, want)
    assert.match(error.message, /or choose another folder with DATA_DIR\.$/)
  })

test('what nobody can change there stays what it is', async () => {
  assert.equal((await failing('EIO', '/srv/podium')).message, 'EIO: raw')
  assert.equal((await failing('EACCES', '/etc/other')).message, 'EACCES: raw')
})

test('a file in the place of the folder is named', async () => {
  const home = await mkdtemp(join(tmpdir(), 'podium-folder-'))
  const file = join(home, 'data')
  await writeFile(file, '')
  try {
    for (const folder of [file, join(file, 'below')])
      await assert.rejects(
        usingFolder(folder, () => createLowdbStore({ folder })),
        { name: 'DataFolderUnusable', message: /a file/ },
      )
  } finally {
    await rm(home, { recursive: true })
  }
})
