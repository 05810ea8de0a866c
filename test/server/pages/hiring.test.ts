/** Hiring as those see it who manage it: jobs, exercises from the pool, and invitations. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Letter } from '../../../server/accounts/mail.ts'
import { createTestApp, visitor } from '../support.ts'
import { clock, hiring, manager } from './hiring-site.ts'

test('who has no role is told how to get it, and a manager without a job what to do', async () => {
  const site = await createTestApp()
  const guest = await visitor(site.app)
  assert.match(
    (await guest.get('/hiring').expect(200)).text,
    /needs the role of a hiring manager[\s\S]*Make an account first/,
  )
  await guest.get('/hiring/jobs/new').expect(403)
  const mara = await manager(site)
  const { text } = await mara.get('/hiring').expect(200)
  assert.match(text, /You have no job yet[\s\S]*/)
  assert.match(text, /href="\/hiring\/jobs\/new"/)
  assert.match((await mara.get('/account').expect(200)).text, /href="\/hiring"/)
})

test('a job is made, changed and archived; what cannot be taken is told and nothing typed is lost', async () => {
  const { mara, job, act } = await hiring()
  const wrong = await mara.post('/hiring/jobs', { title: '<b>SRE</b>', contact: ' ', retention: '0' }).expect(422)
  assert.match(wrong.text, /value="&lt;b&gt;SRE&lt;\/b&gt;"[\s\S]*Say whom candidates can ask[\s\S]*from 1 to 3650/)
  await mara
    .post(job, { do: 'save', title: ' Platform \n engineer II ', contact: 'Mara M.', retention: '30' })
    .expect(303)
  assert.match((await mara.get(job).expect(200)).text, /<h1>Platform engineer II<\/h1>[\s\S]*kept for 30 days/)
  await act('open')
  assert.match((await mara.post(job, { do: 'archive' }).expect(409)).text, /is open\. Close it first/)
  await act('close')
  assert.match((await mara.get('/hiring').expect(200)).text, /Platform engineer II[\s\S]*1 exercise/)
})

test('jobs and exercises of somebody else are not there, and an exercise is found under its own job only', async () => {
  const site = await hiring()
  const { job, exercise, mara } = site
  const other = await manager(site, 'otto')
  for (const path of [job, exercise, `${exercise}/edit`, `${exercise}/invite`]) await other.get(path).expect(404)
  await other.post(`${exercise}/act`, { do: 'open' }).expect(404)
  await other.post(`${exercise}/invite`, { ...site.terms, name: 'Eve' }).expect(404)
  const { location } = (await mara.post('/hiring/jobs', { title: 'Other', contact: 'M', retention: '9' })).headers
  await mara.get(`${location}/exercises/${site.id}`).expect(404)
  assert.equal((await site.deps.exercises.course(site.id)).life.state, 'draft')
  const reviewer = await manager(site, 'rita', 'reviewer')
  await reviewer.get(job).expect(403)
})

test('an exercise begins from a ready-made one, and takes what the form says', async () => {
  const { mara, deps, exercise, id } = await hiring()
  const plan = async () => (await deps.exercises.find(id))!
  assert.deepEqual((await plan()).items, ['question:pod/always', 'challenge:three-pods'])
  const page = (await mara.get(`${exercise}/edit`).expect(200)).text
  assert.match(page, /about \d+ min together\. This is an estimate/)
  const typed = {
    title: 'First round',
    minutes: '45',
    section: ['read', 'build'],
    'section-title': ['Reading', 'Building'],
    'item-read': 'question:pod/always',
    'item-build': 'challenge:three-pods',
    ai: 'none',
    shows: 'yes',
    bar: '70',
    dimension: ['diagnosis'],
    'dimension-title': ['Diagnosis'],
    'anchor-diagnosis': ['a', 'b', 'c', 'd', 'e'],
  }
  const save = (over: Record<string, string | readonly string[]>) =>
    mara.post(`${exercise}/edit`, { ...typed, ...over })
  const found = await save({ do: 'find', q: 'cpu' }).expect(200)
  assert.match(found.text, /add question:pod\/half-a-cpu/)
  assert.doesNotMatch(found.text, /tell-me/, 'it marks itself')
  await save({ do: 'add question:pod/half-a-cpu', to: 'read' }).expect(303)
  await save({
    'item-read': ['question:pod/always', 'question:pod/half-a-cpu'],
    do: 'up read question:pod/half-a-cpu',
  }).expect(303)
  const { exercise: changed, clock: time, items } = await plan()
  assert.deepEqual(items, ['question:pod/half-a-cpu', 'question:pod/always', 'challenge:three-pods'])
  assert.deepEqual(
    [changed.aiPolicy, changed.showsChecks, changed.passBar, changed.rubric.length, time.durationMs],
    ['none', true, 70, 1, 45 * 60_000],
  )
  assert.match((await save({ do: 'add question:pod/tell-me' }).expect(422)).text, /not in the pool/)
  assert.match((await save({ do: 'add challenge:three-pods' }).expect(422)).text, /already asked/)
  assert.match((await save({ minutes: '4' }).expect(422)).text, /from 5 to 480/)
  assert.match((await save({ bar: '101' }).expect(422)).text, /from 1 to 100/)
  await save({ do: 'section-remove build' }).expect(303)
  assert.deepEqual((await plan()).items.at(-1), 'question:pod/always')
})

test('a plan that is saved while it is opened is opened as it was saved, or refused: what is asked is pinned', async () => {
  for (let n = 0; n < 6; n++) {
    const { mara, deps, exercise, id, act } = await hiring()
    const [saved] = await Promise.all([
      mara.post(`${exercise}/edit`, { do: 'remove read question:pod/always' }),
      act('open'),
    ])
    const { items, contentVersions } = (await deps.exercises.find(id))!
    assert.deepEqual(Object.keys(contentVersions).sort(), [...items].sort())
    assert.equal(saved.status === 409 ? items.length : 1, items.length)
    assert.equal((await deps.exercises.course(id)).life.state, 'open')
  }
  // Broken off between both, it stays as it was pinned, and is opened when that is pressed again.
  const { mara, deps, exercise, id, act } = await hiring()
  const { act: enter } = deps.exercises
  deps.exercises.act = () => Promise.reject(new Error('killed'))
  await mara.post(`${exercise}/act`, { do: 'open' }).expect(500)
  deps.exercises.act = enter
  await mara.post(`${exercise}/edit`, { do: 'remove read question:pod/always' }).expect(409)
  await act('open')
  assert.equal((await deps.exercises.course(id)).life.state, 'open')
})

test('an exercise without a title or items is not opened; an open one stays as it is, and keeps its content', async () => {
  const { mara, deps, job, exercise, id, act, catalog } = await hiring()
  const { location } = (await mara.post(`${job}/exercises`, { from: '' }).expect(303)).headers
  const blank = location!.replace(/\/edit$/, '')
  assert.match((await mara.post(`${blank}/act`, { do: 'open' }).expect(422)).text, /has no title yet/)
  await mara.post(`${blank}/rehearsal`, {}).expect(422)
  await mara.post(`${blank}/remove`, {}).expect(303)
  await mara.get(blank).expect(404)
  await act('open')
  await act('open')
  assert.equal((await deps.exercises.acts(id)).length, 1)
  const { contentVersions } = (await deps.exercises.find(id))!
  const { hash } = catalog.challenges.get('three-pods')!
  assert.equal(contentVersions['challenge:three-pods'], hash)
  assert.ok(await deps.storage.contentVersions.find(hash))
  assert.deepEqual(
    (await deps.storage.itemLocks.list()).map(({ sittingId }) => sittingId),
    [id],
  )
  await mara.post(`${exercise}/edit`, { title: 'Other', minutes: '9', do: 'save' }).expect(409)
  await mara.post(`${exercise}/remove`, {}).expect(409)
  const copied = (await mara.post(`${job}/exercises`, { copy: id }).expect(303)).headers.location!
  assert.match((await mara.get(copied).expect(200)).text, /First round \(copy\)/)
  await act('close')
  assert.deepEqual(await deps.storage.itemLocks.list(), [])
})

test('one person is invited by a link that is told once, of which only the hash is kept', async () => {
  const { mara, exercise, invites, seats, deps } = await hiring()
  const link = await invites('<i>Kim</i>', { mail: 'kim@example.org', factor: '1.5', language: 'zh' })
  const [seat] = await seats()
  assert.equal(seat!.timeMultiplier, 1.5)
  assert.match(seat!.candidate!.blindName, /^Candidate \d[A-Z]$/)
  assert.equal(JSON.stringify(seat).includes(link.slice(3)), false)
  assert.equal(JSON.stringify(seat).includes('Kim'), false)
  assert.equal((await deps.storage.candidates.find(seat!.id))?.name, '<i>Kim</i>')
  const { text } = await mara.get(exercise).expect(200)
  assert.match(text, /&lt;i&gt;Kim&lt;\/i&gt;/)
  assert.equal(text.includes(link), false)
  for (const [over, says] of [
    [{ name: ' ' }, /1 to 100 characters/],
    [{ name: 'Kim', mail: 'kim' }, /not written as name@example/],
    [{ name: 'Kim', until: '2026-03-01' }, /already over/],
    [{ name: 'Kim', until: 'soon' }, /written as 2026/],
    [{ name: 'Kim', from: '2026-04-01' }, /after the last one/],
    [{ name: 'Kim', factor: '4' }, /from 1 to 3/],
  ] as const) {
    const refused = await mara.post(`${exercise}/invite`, {
      until: '2026-03-20',
      factor: '1',
      from: '',
      mail: '',
      do: 'one',
      ...over,
    })
    assert.match(refused.text, says)
    assert.equal(refused.status, 422)
  }
  assert.equal((await seats()).length, 1)
})

test('a list invites its good lines and names the bad ones by their numbers', async () => {
  const letters: Letter[] = []
  const mail = {
    send: async (letter: Letter) => {
      if (letter.to.startsWith('down')) throw new Error('the server is away')
      letters.push(letter)
    },
  }
  const { mara, exercise, seats, terms } = await hiring({ mail })
  const list = [
    'Name,Mail',
    'Kim Example,kim@example.org',
    '"Lee, Jo";jo@example.org',
    'No Mail At All,not-an-address',
    '',
    ',nobody@example.org',
    'Kim Again,KIM@example.org',
    'Too,many@example.org,columns',
    'Down,down@example.org',
    'Only A Name',
  ].join('\r\n')
  const { text } = await mara.post(`${exercise}/invite`, { ...terms, list, do: 'several' }).expect(200)
  assert.match(text, /4 people are invited/)
  assert.deepEqual(
    [...text.matchAll(/Line (\d+): ([^<]+)/g)].map(([, line, why]) => `${line} ${why!.slice(0, 20)}`),
    ['4 The address is not w', '6 A name has 1 to 100 ', '7 This person is alrea', '8 A line has a name an'],
  )
  assert.deepEqual(
    letters.map(({ to }) => to),
    ['kim@example.org', 'jo@example.org'],
  )
  assert.match(letters[0]!.text, /Hello Kim Example,[\s\S]*\/c\/[a-f0-9]{32}[\s\S]*Questions: Mara/)
  assert.match(text, /hand the link over yourself/)
  assert.equal((await seats()).length, 4)
  assert.equal(new Set((await seats()).map(({ seed }) => seed)).size, 4)
  const nothing = await mara.post(`${exercise}/invite`, { ...terms, list: ',\n,', do: 'several' }).expect(422)
  assert.match(nothing.text, /Nobody was invited/)
})

test('an invitation is renewed and taken back: the link before leads nowhere any more', async () => {
  const time = clock()
  const { mara, exercise, invites, seats, deps } = await hiring({ now: time.now })
  const link = await invites('Kim')
  const [first] = await seats()
  const n = first!.candidate!.blindName.split(' ')[1]!.toLowerCase()
  const { text } = await mara.post(`${exercise}/candidates/${n}/invitation`, { do: 'renew' }).expect(200)
  const other = /\/c\/[a-f0-9]{32}/.exec(text)![0]
  assert.notEqual(other, link)
  await mara.post(`${exercise}/candidates/${n}/invitation`, { do: 'revoke' }).expect(303)
  assert.match((await mara.get(exercise)).text, /taken back/)
  await mara.post(`${exercise}/candidates/none/invitation`, { do: 'revoke' }).expect(404)
  assert.deepEqual(
    (await deps.exercises.acts(first!.sittingId)).map(({ act }) => act),
    ['invited', 'renewed', 'revoked'],
  )
  time.pass(60 * 24 * 40)
  await mara.post(`${exercise}/candidates/${n}/invitation`, { do: 'renew' }).expect(200)
  assert.match((await mara.get(exercise)).text, /<span aria-hidden="true">·<\/span> invited/)
})

test('a candidate is erased by who manages the exercise: their name is gone, they are counted, and it stands in the audit log', async () => {
  const { app, deps, mara, exercise, id, act, invites, seats, job } = await hiring()
  await act('open')
  const link = await invites('Kimberley Quist')
  await invites('Lee Okonkwo')
  const named = (await deps.storage.candidates.ofSitting(id)).find(({ name }) => name === 'Kimberley Quist')!
  const seat = (await seats()).find((one) => one.id === named.id)!
  const n = seat.candidate!.blindName.split(' ').at(-1)!.toLowerCase()
  const otto = await manager({ app, deps } as Parameters<typeof manager>[0], 'otto')
  await otto.post(`${exercise}/candidates/${n}/erase`).expect(404)
  await mara.post(`${exercise}/candidates/zz/erase`).expect(404)
  assert.match((await mara.get(exercise)).text, /Kimberley Quist[\s\S]*Erase for good/)
  await mara.post(`${exercise}/candidates/${n}/erase`).expect(303)
  const { text } = await mara.get(exercise).expect(200)
  assert.doesNotMatch(text, /Kimberley Quist/)
  assert.match(text, /Lee Okonkwo/)
  assert.match(text, /1 candidate was erased/)
  assert.match(text, /<dt>invited<\/dt><dd class="num">2</)
  assert.match((await mara.get(job)).text, /<dt>invited<\/dt><dd class="num">2</)
  assert.deepEqual(
    (await deps.audit.entries()).map(({ act: done }) => done).filter((done) => done.startsWith('candidate-')),
    ['candidate-erased'],
  )
  await (await visitor(app)).get(link).expect(404)
})
