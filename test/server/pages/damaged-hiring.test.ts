// Damaged documents of hiring close what cannot be known without them, in words, and nothing is written in their place.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eraseDue } from '../../../server/hiring/erasure.ts'
import { closeWhatIsDue } from '../../../server/practice/closing-exercise.ts'
import { visitor } from '../support.ts'
import { comesBack, onFolder } from './damaged-site.ts'
import { reviewing } from './review-site.ts'

const closed = /cannot be read\. Nothing has been overwritten, and it is kept for repair/

/** An exercise with somebody who has handed in and somebody who is at work, on a folder. */
async function site() {
  const place = await onFolder()
  const whole = await reviewing({ storage: place.storage })
  const kim = await whole.sits('Kim Example')
  const lee = await whole.sits('Lee Example', { isIn: false })
  const damaged = async (paths: readonly string[], text?: string) => {
    const again = await place.damaged(paths, { now: whole.time.now }, text)
    const back = (one: Parameters<typeof comesBack>[1]) => comesBack(again, one)
    return { ...again, back, mara: await back(whole.mara), kim: await back(kim.guest), lee: await back(lee.guest) }
  }
  return { ...whole, place, kim, lee, damaged }
}

test('a damaged journal of an exercise closes the exercise, for who manages it too, and nothing is written behind it', async () => {
  const { place, id, exercise, job, kim, lee, damaged } = await site()
  const again = await damaged([`journals/${id}/000000000.json`], '{')
  const before = await place.files(`journals/${id}`)
  for (const path of [exercise, `${exercise}/edit`, `${exercise}/invite`, `${kim.href}/report`])
    assert.match((await again.mara.get(path).expect(500)).text, closed, path)
  assert.match((await again.mara.post(`${exercise}/edit`, { title: 'Another' }).expect(500)).text, closed)
  assert.match((await again.mara.post(`${exercise}/act`, { do: 'open' }).expect(500)).text, closed)
  assert.match((await again.lee.get(`${lee.link}/work`).expect(500)).text, closed)
  assert.match((await again.lee.post(`${lee.link}/hand-in`).expect(500)).text, closed)
  assert.match((await again.kim.get(kim.link).expect(500)).text, closed)
  // The job is open, and says what it lacks.
  const shown = (await again.mara.get(job).expect(200)).text
  assert.match(shown, /What happened in a workshop or an exercise/)
  assert.match((await again.mara.get('/hiring').expect(200)).text, /What happened in a workshop or an exercise/)
  // What looks after all exercises goes on with the others.
  const told: unknown[] = []
  await closeWhatIsDue({ ...again.deps, onError: (error) => told.push(error) }, new Set())
  assert.deepEqual(
    told.map((error) => (error as Error).name),
    ['DocumentUnreadable'],
  )
  assert.equal(await eraseDue(again.deps, () => undefined), 0)
  await place.stop()
  const now = await place.files(`journals/${id}`)
  assert.deepEqual(
    [now[`journals/${id}/000000000.json.corrupt-1`], Object.keys(now).length],
    ['{', Object.keys(before).length],
  )
  await place.end()
})

test('a damaged journal of a candidate closes their pages, is told to who manages them, and gives nobody a new clock', async () => {
  const { place, id, exercise, job, kim, lee, damaged } = await site()
  const again = await damaged([`journals/${id}/${kim.seat.id}/000000000.json`])
  for (const path of ['', '/work', '/done', '/questions/pod/always', '/challenges/three-pods'])
    assert.match((await again.kim.get(`${kim.link}${path}`).expect(500)).text, closed, path)
  assert.match((await again.kim.post(kim.link, { do: 'consent', grading: 'yes' }).expect(500)).text, closed)
  assert.match((await again.kim.post(`${kim.link}/start`).expect(500)).text, closed)
  await assert.rejects(
    again.deps.journals.write(kim.seatId, () => [{ act: 'credited', data: { ms: 60_000, why: 'outage' } }]),
    { name: 'DocumentUnreadable' },
  )
  const table = (await again.mara.get(exercise).expect(200)).text
  assert.match(table, /is-unreadable">.*cannot be read: please tell whoever runs this server/)
  assert.match(table, /shown without: The work of a candidate\./)
  assert.match(table, /at work/)
  assert.match(
    (await again.mara.get(`${kim.href}/report`).expect(500)).text,
    /The work of a candidate: this cannot be read/,
  )
  for (const [path, fields] of [
    ['time', { do: 'credit', minutes: '10' }],
    ['invitation', { do: 'renew' }],
  ] as const)
    assert.match((await again.mara.post(`${kim.href}/${path}`, fields).expect(500)).text, closed, path)
  await again.mara.get(job).expect(200)
  await again.lee.get(`${lee.link}/work`).expect(200)
  // Closed meanwhile, it is not done before what they handed in is there again.
  await again.mara.post(`${exercise}/act`, { do: 'close' }).expect(303)
  const told: unknown[] = []
  const look = () => closeWhatIsDue({ ...again.deps, onError: (error) => told.push(error) }, new Set())
  await again.lee.get(`${lee.link}/done`).expect(200)
  await look()
  assert.equal((await again.deps.exercises.course(id)).life.state, 'closing')
  assert.ok(told.length > 0)
  const files = Object.keys(await place.files(`journals/${id}/${kim.seat.id}`))
  assert.deepEqual(files, [`journals/${id}/${kim.seat.id}/000000000.json.corrupt-1`])
  // Whoever manages them may erase them all the same.
  await again.mara.post(`${kim.href}/erase`).expect(303)
  assert.equal(await again.deps.storage.participants.find(id, kim.seat.id), undefined)
  assert.deepEqual(await again.deps.storage.journals.names(`${id}/${kim.seat.id}`), [])
  await place.end()
})

test('a damaged seat of a candidate is told in the list, and leaves the others as they are', async () => {
  const { place, id, exercise, job, kim, lee, damaged } = await site()
  const again = await damaged([`participants/${id}/${kim.seat.id}.json`])
  for (const path of [exercise, job, '/hiring', `${exercise}/calibrate`])
    assert.match(
      (await again.mara.get(path).expect(200)).text,
      /without: The seat of a participant or a candidate\./,
      path,
    )
  assert.match((await again.mara.get(`${kim.href}/report`).expect(500)).text, closed)
  await again.lee.post(`${lee.link}/hand-in`).expect(303)
  await closeWhatIsDue({ ...again.deps, onError: () => undefined }, new Set())
  await again.mara.get(`${lee.href}/report`).expect(200)
  await again.mara
    .post(`${exercise}/invite`, {
      from: '',
      until: '2026-03-20',
      factor: '1',
      language: 'en',
      do: 'one',
      name: 'Ann',
      mail: '',
    })
    .expect(200)
  assert.match(
    (await again.kim.get(kim.link).expect(404)).text,
    /seat behind it may be among those[^.]*cannot be read now \(1\)/,
  )
  await place.end()
})

test('a damaged score sheet closes the scores of that candidate, and nothing is sent again', async () => {
  const whole = await site()
  const { place, id, kim } = whole
  const sheets = `scores/${id}/${kim.seat.id}`
  const ravi = await whole.reviewer('ravi')
  const page = `${kim.href}/score`
  const { text: form } = await ravi.get(page).expect(200)
  const levels = Object.fromEntries(
    [...form.matchAll(/name="(level-[a-z0-9-]+)"/g)].flatMap(([, name]) => [
      [name!, '3'],
      [name!.replace('level', 'says'), 'Sound.'],
    ]),
  )
  await ravi.post(page, { do: 'send', ...levels }).expect(303)
  const again = await whole.damaged([`${sheets}/000000000.json`], '{')
  const back = await again.back(ravi)
  assert.match((await back.get(page).expect(500)).text, closed)
  assert.match((await back.post(page, { do: 'send', ...levels }).expect(500)).text, closed)
  assert.match((await again.mara.get(page).expect(500)).text, closed)
  await again.mara.get(`${kim.href}/report`).expect(200)
  assert.match((await back.get('/hiring/reviews').expect(200)).text, /The scores of a candidate/)
  await place.stop()
  assert.deepEqual(Object.keys(await place.files(sheets)), [`${sheets}/000000000.json.corrupt-1`])
  await place.end()
})

test('a damaged lock of an exercise locks what that asks for its candidates, and nothing for anybody else', async () => {
  const { place, id, damaged } = await site()
  const again = await damaged([`item-locks/${id}.json`], '{')
  const guest = await visitor(again.app)
  for (const path of ['/challenges/three-pods', '/questions/pod/always', '/questions/pod/choose', '/study/exams']) {
    await guest.get(path).expect(200)
    const isAsked = path.endsWith('three-pods') || path.endsWith('always')
    assert.equal((await again.lee.get(path)).status, isAsked ? 423 : 200, path)
  }
  await place.end()
})

test('what cannot be known of a lock, since its exercise is damaged too, closes practice for the candidates alone', async () => {
  const { place, id, damaged } = await site()
  const again = await damaged([`item-locks/${id}.json`, `sittings/${id}.json`])
  await (await visitor(again.app)).get('/challenges/three-pods').expect(200)
  assert.match((await again.lee.get('/challenges/three-pods').expect(500)).text, closed)
  await place.end()
})

test('the lists say of a damaged job, exercise and name of a candidate that they are shown without', async () => {
  const { place, id, job, exercise, kim, reviewer, damaged } = await site()
  const ravi = await reviewer('ravi')
  const jobId = job.split('/').at(-1)!
  const again = await damaged([`hiring-jobs/${jobId}.json`, `sittings/${id}.json`, `candidates/${kim.seat.id}.json`])
  assert.match((await again.mara.get('/hiring').expect(200)).text, /A job whose owner is unknown/)
  assert.match((await (await again.back(ravi)).get('/hiring/reviews').expect(200)).text, /A job whose owner is unknown/)
  assert.match((await again.mara.get(job).expect(500)).text, /A job: this cannot be read/)
  await place.stop()
  await place.repair(`hiring-jobs/${jobId}.json`)
  const second = await damaged([])
  const { text } = await second.mara.get(job).expect(200)
  assert.match(text, /A workshop or an exercise whose owner is unknown/)
  assert.match((await second.mara.get(exercise).expect(500)).text, closed)
  await place.stop()
  await place.repair(`sittings/${id}.json`)
  const third = await damaged([])
  const page = (await third.mara.get(exercise).expect(200)).text
  assert.match(page, /shown without: The identity of a candidate\./)
  assert.match(page, /Lee Example/)
  assert.ok(page.includes(kim.seat.candidate!.blindName))
  await place.end()
})
