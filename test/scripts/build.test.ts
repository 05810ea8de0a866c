import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'

const stampsFile = new URL('../../scripts/build/stamps.mjs', import.meta.url).href
const { fingerprint, Stamps } = await import(stampsFile)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podium-build-'))
  await mkdir(join(folder, 'in/deep'), { recursive: true })
  await writeFile(join(folder, 'in/deep/a'), 'one')
})
afterEach(() => rm(folder, { recursive: true }))

test('a fingerprint changes with the contents, the names and the number of files, and with nothing else', async () => {
  const of = () => fingerprint([join(folder, 'in'), join(folder, 'missing')])
  const first = of()
  await writeFile(join(folder, 'in/deep/a'), 'one')
  assert.equal(of(), first)
  await writeFile(join(folder, 'in/deep/a'), 'two')
  const second = of()
  assert.notEqual(second, first)
  await writeFile(join(folder, 'in/b'), '')
  const third = of()
  assert.ok(![first, second].includes(third))
  await writeFile(join(folder, 'missing'), '')
  assert.ok(![first, second, third].includes(of()))
})

test('a step is done again when its inputs changed, its output is gone, or its stamps cannot be read', async () => {
  const file = join(folder, 'dist/stamps.json')
  const step = { name: 'server', outputs: [join(folder, 'in/deep/a')] }
  assert.equal(new Stamps(file).isCurrent(step, 'x'), false)
  new Stamps(file).set({ name: 'other' }, 'z')
  new Stamps(file).set(step, 'x')
  assert.equal(new Stamps(file).isCurrent(step, 'x'), true)
  assert.equal(new Stamps(file).isCurrent(step, 'y'), false)
  assert.equal(new Stamps(file).isCurrent({ ...step, outputs: [join(folder, 'gone')] }, 'x'), false)
  await writeFile(file, '{')
  assert.equal(new Stamps(file).isCurrent(step, 'x'), false)
})

test('a step that there is not is refused, with those that there are', () => {
  const script = new URL('../../scripts/build.mjs', import.meta.url).pathname
  const { status, stderr } = spawnSync(process.execPath, [script, 'sever'], { encoding: 'utf8' })
  assert.equal(status, 2)
  assert.match(stderr, /there is no step sever; there are schema, editor, server, assets, catalog, bench/)
})
