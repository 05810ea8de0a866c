// A data folder of a version before (20 November 2026, when each kind of work was a document of its own) opens with nothing lost.
import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import supertest from 'supertest'
import { createStorage } from '../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../server/storage/lowdb.ts'
import { exported } from './exported.ts'
import { someSandboxes } from './labs/sandboxes/support.ts'
import { createTestApp } from './support.ts'

const fixture = new URL('fixtures/data-before-journals', import.meta.url).pathname

test('a data folder from before journals opens with all that its learner made, twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-upgrade-'))
  try {
    await cp(join(fixture, 'folder'), folder, { recursive: true })
    const { cookie, exported: former } = JSON.parse(await readFile(join(fixture, 'export.json'), 'utf8'))
    for (const times of [1, 2]) {
      const storage = createStorage(await createLowdbStore({ folder }))
      const { sandboxes } = await someSandboxes({ storage })
      const now = () => former.answers.at(-1).atMs + 60_000
      const { app } = await createTestApp({ storage, sandboxes, now })
      const { text } = await supertest(app).get('/progress/export').set('Cookie', cookie).expect(200)
      const { signature: _, acts: _acts, version: _v, sandboxes: boxes, ...now_ } = exported(text)
      const { signature: __, version: __v, sandboxes: boxesBefore, ...before } = former
      assert.deepEqual(now_, before, `time ${times}`)
      const stable = (box: Record<string, unknown>) => ({ ...box, lastUsedAtMs: 0, virtualMs: 0 })
      assert.deepEqual(boxes.map(stable), boxesBefore.map(stable), `time ${times}`)
      for (const [path, says] of [
        ['/study/notebook', /Always means always/],
        ['/progress', /Your data/],
        ['/study/exams', /mock exam/i],
        ['/challenges/three-pods', /kind: Pod/],
        [`/questions/pod/always?answer=${before.answers[0].id}`, /What does Always do/],
      ] as const)
        assert.match((await supertest(app).get(path).set('Cookie', cookie).expect(200)).text, says, path)
      await storage.close()
    }
    assert.deepEqual((await readdir(join(folder, 'answers'))).concat(await readdir(join(folder, 'study-books'))), [])
  } finally {
    await rm(folder, { recursive: true })
  }
})
