/** The secret that signs cookies: made once, and never made anew over one that is damaged. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../../server/config.ts'
import { isStorageProblem, openBackend, SecretDamaged } from '../../../server/storage/backend.ts'

async function inFolder(act: (path: string, secret: (given?: string) => Promise<string>) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'podium-secret-'))
  const backend = await openBackend({ ...parseConfig({}), dataDir: folder }, assert.fail)
  try {
    await act(join(folder, 'session-secret'), backend.secret)
  } finally {
    await backend.store.close()
    await rm(folder, { recursive: true })
  }
}

const made = 'd41d8cd98f00b204'.repeat(4)

test('a secret is made where there is none, and is the same after that', () =>
  inFolder(async (path, secret) => {
    const first = await secret()
    assert.match(first, /^[0-9a-f]{64}$/)
    assert.equal(await readFile(path, 'utf8'), `${first}\n`)
    assert.deepEqual([await secret(), await secret('another one that is long enough to be taken')], [first, first])
  }))

for (const [name, text] of Object.entries({
  'as a start made it': `${made}\n`,
  'without its end of line': made,
  'of an operator’s own': 'a secret of at least thirty-two characters',
  'of 32 digits, on a line': `${made.slice(32)}\r\n`,
}))
  test(`a secret is taken ${name}`, () =>
    inFolder(async (path, secret) => {
      await writeFile(path, text)
      assert.equal(await secret(), text.trim())
      assert.equal(await readFile(path, 'utf8'), text)
    }))

for (const [name, text] of Object.entries({
  empty: '',
  'a blank line': '\n',
  'another text': 'abc\n',
  'half of what it was': made.slice(32),
  'without its last digit': made.slice(0, -1),
  'zeros of a disk': `${made.slice(0, 40)}${'\0'.repeat(24)}\n`,
  'no text': Buffer.from([...Buffer.from(made), 0xff, 0xfe]),
}))
  test(`a secret that is ${name} stops the start, says what to do, and stays as it is`, () =>
    inFolder(async (path, secret) => {
      await writeFile(path, text)
      for (const given of [undefined, 'another one that is long enough to be taken'])
        await assert.rejects(secret(given), (error: Error) => {
          assert.ok(error instanceof SecretDamaged && isStorageProblem(error))
          assert.ok(error.message.includes(`${path} is damaged. Nothing has been overwritten.`))
          assert.match(error.message, /from a backup, or give what was in it as SESSION_SECRET\..*move it away/)
          return true
        })
      assert.deepEqual(await readFile(path), Buffer.from(text))
      assert.deepEqual(
        (await readdir(join(path, '..'))).filter((one) => one.startsWith('session-secret')),
        ['session-secret'],
      )
    }))
