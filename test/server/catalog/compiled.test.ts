import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { compiledCatalog } from '../../../server/catalog/compiled.ts'
import { liveCatalog } from '../../../server/catalog/live.ts'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { fixtureFolder } from '../support.ts'

let folder: string
let content: string
let cacheFolder: string
let notes: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podium-compiled-'))
  content = join(folder, 'content')
  cacheFolder = join(folder, 'cache')
  notes = []
  await cp(fixtureFolder, content, { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

/** The catalog as a start gets it, and what that start told. */
async function open(options: { of?: string; build?: string } = {}) {
  notes = []
  return compiledCatalog([options.of ?? content], {
    cacheFolder,
    build: options.build ?? 'one',
    onNote: (message) => notes.push(message),
  })
}

async function kept(): Promise<string> {
  const [name, ...others] = await readdir(cacheFolder)
  assert.deepEqual(others, [])
  return join(cacheFolder, name!)
}

test('of the whole content, what was compiled equals what is read', async () => {
  const whole = new URL('../../../content', import.meta.url).pathname
  const fresh = await loadCatalogOrThrow(whole)
  assert.deepStrictEqual(await open({ of: whole }), fresh)
  assert.match(notes.join(), /^The content was read in \d+ ms: there is no .* yet\.$/)
  const compiled = await open({ of: whole })
  assert.deepEqual(notes, [])
  assert.deepStrictEqual(compiled, fresh)
  // What a translation takes from the original is the same object, not a copy of it.
  const [id, original] = [...compiled.challenges][0]!
  assert.equal(compiled.translations!.get('zh')!.challenges.get(id)!.spec, original.spec)
})

test('a changed, added or removed file is seen, once', async () => {
  await open()
  const file = join(content, 'topics.yaml')
  const topics = await readFile(file, 'utf8')
  await writeFile(file, topics.replace(/title: /, 'title: Other '))
  assert.match([...(await open()).topics.values()].map(({ title }) => title).join(), /Other /)
  assert.match(notes.join(), /read in .*: it is not what .* was made of\.$/)
  await open()
  assert.deepEqual(notes, [])
  await mkdir(join(content, 'tracks'), { recursive: true })
  await writeFile(
    join(content, 'tracks/more.md'),
    '---\ntitle: More\norder: 99\nsummary: More.\nsteps: []\n---\n\nAbout.\n',
  )
  assert.ok((await open()).tracks.has('more'))
  await rm(join(content, 'tracks/more.md'))
  assert.ok(!(await open()).tracks.has('more'))
  assert.equal(notes.length, 1)
})

test('another build of the server reads the content itself', async () => {
  await open()
  await open({ build: 'two' })
  assert.match(notes.join(), /it is not what .* was made of/)
})

for (const [how, damage] of Object.entries<(bytes: Buffer) => Buffer>({
  'a flipped bit': (bytes) => {
    bytes[bytes.length >> 1]! ^= 1
    return bytes
  },
  'a missing end': (bytes) => bytes.subarray(0, bytes.length - 100),
  'an empty file': () => Buffer.alloc(0),
  'something else': () => Buffer.from('{"key":1}\nnot what it was'),
}))
  test(`a compiled catalog with ${how} is told of, not used, and replaced`, async () => {
    const fresh = await open()
    const file = await kept()
    await writeFile(file, damage(await readFile(file)))
    assert.deepStrictEqual(await open(), fresh)
    assert.equal(notes.length, 1)
    assert.ok(notes[0]!.endsWith(`${file} is damaged.`), notes[0])
    await open()
    assert.deepEqual(notes, [])
  })

test('where nothing can be written, each start reads the content and says why', async () => {
  await writeFile(cacheFolder, 'a file in its place')
  for (let start = 0; start < 2; start++) {
    assert.ok((await open()).lessons.size > 0)
    assert.match(notes.at(-1)!, /^The compiled content is not kept, so that each start reads it: (ENOTDIR|EEXIST)/)
  }
})

test('content with problems is not compiled, and all of them are told', async () => {
  await writeFile(join(content, 'topics.yaml'), '- {id: X, section: pod, title: ""}\n')
  await assert.rejects(open(), { name: 'ContentError', message: /content\/topics\.yaml:1: 0\.id/ })
  await assert.rejects(kept(), { code: 'ENOENT' })
})

test('while content is watched, what was compiled is not looked at', async () => {
  await open()
  const file = await kept()
  await writeFile(file, 'damaged')
  notes = []
  const live = await liveCatalog([content], {
    watch: true,
    compiled: { cacheFolder, build: 'one', onNote: (message) => notes.push(message) },
    onProblem: (message) => notes.push(message),
  })
  live.close()
  assert.deepEqual(notes, [])
  assert.ok(live.current().lessons.size > 0)
})
