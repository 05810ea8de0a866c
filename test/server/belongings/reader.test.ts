import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { type FileHandle, open, writeFile as write } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nothing } from '../../../server/belongings/belongings.ts'
import { writeFile } from '../../../server/belongings/file.ts'
import { createReader, type OpenFile } from '../../../server/belongings/reader.ts'
import { runInLocale } from '../../../server/i18n/locale.ts'
import { practiceSeat } from '../../../server/seat.ts'

const owner = practiceSeat('ann')
const limits = { cpuMs: 30_000, wallMs: 120_000, memoryMb: 256, together: 2 }

/** On disk, as an upload is. */
async function fileOf(text: string): Promise<OpenFile> {
  const path = join(folder, String(written++))
  await write(path, text)
  const handle = await open(path)
  opened.push(handle)
  return { handle, length: Buffer.byteLength(text) }
}
let written = 0
const opened: FileHandle[] = []
const folder = mkdtempSync(join(tmpdir(), 'reader-'))
after(async () => {
  for (const handle of opened) await handle.close()
  rmSync(folder, { recursive: true })
})

const read = async (text: string, over: Partial<typeof limits> = {}) =>
  createReader('key', { ...limits, ...over }).read(await fileOf(text), owner, 1_700_000_000_000)!

test('a file is read in a process of its own, and its problems are told in the language of the page', async () => {
  assert.deepEqual(await read(writeFile(nothing, {})), { belongings: nothing, maker: null })
  const refused = await runInLocale('zh', () => read('{"attempts": []}'))
  assert.ok('problems' in refused)
  assert.deepEqual(refused.problems, [{ at: 'answers', what: '缺失' }])
})

test('while hostile files are read the server goes on, and each is given up in time, however short of memory its process is', async () => {
  const answers = await fileOf(`{"answers":[${'{},'.repeat(20_000_000)}{}]}`)
  let turns = 0
  const turning = setInterval(() => turns++, 5)
  for (const memoryMb of [512, 2048]) {
    const reader = createReader('key', { ...limits, cpuMs: 2500, memoryMb })
    const refused = await reader.read(answers, owner, 1)!
    assert.match('problems' in refused ? refused.problems[0]!.what : 'read', /more time or memory/)
  }
  clearInterval(turning)
  assert.equal(turns > 40, true, `${turns} turns`)
})

test('a file that takes more memory than there is for one is given up, and the next one is read', async () => {
  const log = Array.from({ length: 90_000 }, () => '{"atMs":0,"command":{"op":"none"}}').join()
  const reader = createReader('key', { ...limits, memoryMb: 48 })
  const refused = await reader.read(await fileOf(`{"answers":[],"attempts":[{"log":[${log}]}]}`), owner, 1)
  assert.ok(refused && 'problems' in refused && /more time or memory/.test(refused.problems[0]!.what))
  assert.deepEqual(await reader.read(await fileOf(writeFile(nothing, {})), owner, 1), {
    belongings: nothing,
    maker: null,
  })
})

test('no more files are read at a time than there are processes for', async () => {
  const reader = createReader('key', { ...limits, together: 1 })
  const text = await fileOf(writeFile(nothing, {}))
  const first = reader.read(text, owner, 1)
  assert.equal(reader.read(text, owner, 1), undefined)
  await first
  assert.ok(await reader.read(text, owner, 1))
})
