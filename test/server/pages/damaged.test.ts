// A damaged document closes what needs it, and nothing else; and it is never overwritten.
import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import supertest from 'supertest'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'
import { createTestApp, visitor } from '../support.ts'

const passphrase = 'acorn river maple stone olive'
const pages = [
  ...['/', '/lessons', '/lessons/pod/life', '/questions', '/questions/pod/always', '/challenges'],
  ...['/challenges/three-pods', '/study', '/study/exams', '/progress', '/account', '/sandboxes', '/help'],
]

let home = ''
let whole = ''
let cookie = ''

/** The folder of somebody who has some of everything. */
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'podium-damaged-'))
  whole = join(home, 'whole')
  const storage = createStorage(await createLowdbStore({ folder: whole }))
  const { app } = await createTestApp({ storage })
  const guest = await visitor(app)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  await guest.post('/study/bookmarks', { item: 'lesson:pod/life', on: 'yes' }).expect(303)
  await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)
  const exam = { pool: 'all', size: 'own', count: '5', minutes: '20', mode: 'training', seed: 'one' }
  await guest.post('/study/exams', exam).expect(303)
  await guest.post('/settings/keys').expect(303)
  const made = await guest
    .post('/account', { name: 'maple', which: 'own', own: passphrase, again: passphrase })
    .expect(303)
  cookie = (made.headers['set-cookie'] as unknown as string[]).map((one) => one.split(';')[0]).join('; ')
  await storage.close()
})
after(() => rm(home, { recursive: true }))

/** What is damaged, the pages that close, and what the others say that they lack. */
const kinds: { kind: string; closed: string[]; name: RegExp; isNamedOn: string[] }[] = [
  { kind: 'learners', closed: [], name: /Your settings/, isNamedOn: pages },
  { kind: 'participants', closed: [], name: /Nothing that is named/, isNamedOn: [] },
  { kind: 'sittings', closed: [], name: /Nothing that is named/, isNamedOn: [] },
  { kind: 'content-versions', closed: [], name: /Nothing that is named/, isNamedOn: [] },
  {
    kind: 'journals',
    closed: [],
    name: /Something that you did here/,
    isNamedOn: [
      ...[
        '/',
        '/lessons',
        '/lessons/pod/life',
        '/questions',
        '/challenges',
        '/challenges/three-pods',
        '/study',
        '/study/exams',
        '/progress',
      ],
    ],
  },
  { kind: 'accounts', closed: ['/account'], name: /Your account/, isNamedOn: [] },
  {
    kind: 'sign-ins',
    closed: ['/study', '/study/exams', '/progress', '/account', '/sandboxes'],
    name: /The list of browsers/,
    isNamedOn: pages,
  },
]

for (const { kind, closed, name, isNamedOn } of kinds)
  test(`damaged ${kind} close ${closed.join(', ') || 'nothing'}`, async () => {
    const folder = join(home, kind)
    await cp(whole, folder, { recursive: true })
    const files = (await readdir(join(folder, kind), { recursive: true })).filter((path) => path.endsWith('.json'))
    assert.ok(files.length > 0, `nothing is stored under ${kind}`)
    for (const file of files) await writeFile(join(folder, kind, file), '{"cut')
    const storage = createStorage(await createLowdbStore({ folder }))
    try {
      const { app } = await createTestApp({ storage })
      for (const path of pages) {
        const page = await supertest(app).get(path).set('Cookie', cookie)
        assert.equal(page.status, closed.includes(path) ? 500 : 200, path)
        const isNamed = isNamedOn.includes(path) || closed.includes(path)
        assert.equal(name.test(page.text), isNamed, `${path} names what is damaged: ${isNamed}`)
        if (isNamed) assert.match(page.text, /Nothing has been overwritten, and it is kept for repair/, path)
        assert.doesNotMatch(String(page.headers['set-cookie'] ?? ''), /podium=/, `${path} keeps the cookie`)
      }
      // Whatever is sent now, what was there waits for repair as it was.
      const token = /name="_csrf" value="([^"]+)"/.exec(
        (await supertest(app).get('/help').set('Cookie', cookie)).text,
      )![1]!
      const sent: [string, Record<string, string>][] = [
        ['/settings/keys', { keys: 'on' }],
        ['/questions/pod/always/answer', { v: '2', answer: 'a' }],
        ['/study/bookmarks', { item: 'lesson:pod/life', on: 'yes' }],
        ['/challenges/three-pods', { do: 'grade' }],
        [
          '/account/passphrase',
          { which: 'own', own: `${passphrase} x`, again: `${passphrase} x`, current: passphrase },
        ],
        ['/account/sign-in', { name: 'maple', passphrase }],
      ]
      for (const [path, fields] of sent) {
        const answer = await supertest(app)
          .post(path)
          .set('Cookie', cookie)
          .type('form')
          .send({ _csrf: token, ...fields })
        if (answer.status >= 500) assert.match(answer.text, /Nothing has been overwritten/, path)
      }
    } finally {
      await storage.close()
    }
    for (const file of files) {
      const kept = await readFile(join(folder, kind, `${file}.corrupt-1`), 'utf8').catch(() =>
        readFile(join(folder, kind, file), 'utf8'),
      )
      assert.equal(kept, '{"cut', file)
    }
  })

test('a repaired list of sign-ins lets the same browser in again', async () => {
  const folder = join(home, 'repaired')
  await cp(whole, folder, { recursive: true })
  const [file] = await readdir(join(folder, 'sign-ins'))
  const path = join(folder, 'sign-ins', file!)
  const text = await readFile(path, 'utf8')
  await writeFile(path, '')
  const storage = createStorage(await createLowdbStore({ folder }))
  try {
    const { app } = await createTestApp({ storage })
    assert.doesNotMatch((await supertest(app).get('/lessons').set('Cookie', cookie)).text, /was signed out/)
    await rm(`${path}.corrupt-1`)
    await writeFile(path, text)
    assert.match((await supertest(app).get('/account').set('Cookie', cookie)).text, /signed in as <strong>maple/)
  } finally {
    await storage.close()
  }
})
