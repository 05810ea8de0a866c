/** A candidate's way: the rules, consent, practice, the start, work by the server's clock, handing in, and what is graded then. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { computeAgain, readContent } from '../../../scripts/verify/compute-again.ts'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { eraseDue } from '../../../server/hiring/erasure.ts'
import { compareGrades, type Receipt, type ReceiptChallenge, readReceipt } from '../../../server/hiring/receipts.ts'
import { grade } from '../../../server/labs/tasks/work.ts'
import { closeWhatIsDue } from '../../../server/practice/closing-exercise.ts'
import { until } from '../../support/until.ts'
import { fixtureFolder, visitor } from '../support.ts'
import { clock, hiring } from './hiring-site.ts'

/** An exercise that is open, and somebody who has its link. */
async function invited(over: Record<string, string> = {}) {
  const time = clock()
  const site = await hiring({ now: time.now })
  await site.act('open')
  const link = await site.invites('Kim Example', { mail: 'kim@example.org', ...over })
  const kim = await visitor(site.app)
  const [seat] = await site.seats()
  const seatId = { sittingId: site.id, participantId: seat!.id }
  const n = seat!.candidate!.blindName.split(' ')[1]!.toLowerCase()
  const look = () => closeWhatIsDue({ ...site.deps, onError: (error) => assert.fail(String(error)) }, new Set())
  const agree = async () => {
    const { text } = await kim.post(link, { do: 'consent', grading: 'yes', statistics: 'yes' }).expect(200)
    return /class="join-words" lang="en">([^<]+)</.exec(text)![1]!
  }
  const start = async () => {
    await agree()
    return kim.post(`${link}/start`).expect(303)
  }
  return { ...site, time, link, kim, seat: seat!, seatId, n, look, agree, start }
}

test('a link tells the rules before anything else, and nothing of the tasks', async () => {
  const { kim, link, job } = await invited()
  const { text } = await kim.get(link).expect(200)
  for (const says of [
    /Platform engineer/,
    /30 minutes/,
    /Recorded: your commands/,
    /Not recorded: camera/,
    /Kept for 90 days/,
    /Questions before or after: Mara/,
    /You may use AI tools\. Say in the notepad/,
    /Required/,
    /Voluntary/,
  ])
    assert.match(text, says)
  assert.doesNotMatch(text, /Three Pods|three-pods|What does Always/)
  assert.ok(!text.includes(job))
  for (const path of ['/work', '/practice', '/challenges/three-pods', '/questions/pod/always', '/hand-in', '/done'])
    assert.match((await kim.get(`${link}${path}`)).headers.location ?? '', new RegExp(`^${link}$`), path)
  await kim.get('/c/0123456789abcdef0123456789abcdef').expect(404)
  await kim.get('/c/nothing').expect(404)
})

test('who declines leaves nothing but that, and may change their mind', async () => {
  const { kim, link, seatId, deps, mara, exercise } = await invited()
  await kim.post(link, { do: 'decline' }).expect(303)
  await kim.post(link, { do: 'decline' }).expect(303)
  assert.deepEqual(
    (await deps.journals.acts(seatId)).map(({ act, data }) => [act, data]),
    [['declined', {}]],
  )
  assert.equal((await deps.storage.participants.find(seatId.sittingId, seatId.participantId))!.learnerId, null)
  assert.match((await kim.get(link).expect(200)).text, /You have declined\. Nothing else is kept/)
  assert.match((await mara.get(exercise)).text, /declined/)
  assert.match((await kim.post(link, { do: 'consent' }).expect(422)).text, /Without your consent to grading/)
  await kim.post(link, { do: 'consent', grading: 'yes' }).expect(200)
  const { candidacy } = await deps.journals.work(seatId)
  assert.deepEqual([candidacy?.consent?.purposes, candidacy?.declinedAtMs], [['grading'], undefined])
})

test('the first browser that agrees has the seat; another one comes by the words, of which only a hash is stored', async () => {
  const { app, agree, link, deps, seatId, start } = await invited()
  const words = await agree()
  const other = await visitor(app)
  assert.match((await other.get(link).expect(200)).text, /in use in another browser/)
  await other.post(`${link}/start`).expect(303).expect('location', link)
  assert.match(
    (await other.post(link, { do: 'back', words: 'maple otter 11' }).expect(422)).text,
    /not the words of this link/,
  )
  const stored = JSON.stringify(await deps.storage.participants.find(seatId.sittingId, seatId.participantId))
  assert.ok(!stored.includes(words))
  await other.post(link, { do: 'back', words: ` ${words.toUpperCase()} ` }).expect(303)
  assert.match((await other.get(link).expect(200)).text, /Ready when you are/)
  for (let n = 0; n < 25; n++) await (await visitor(app)).post(link, { do: 'back', words: `a b ${n}` })
  await (await visitor(app)).post(link, { do: 'back', words }).expect(429)
  assert.ok(start)
})

test('two browsers that agree at once: one has the seat', async () => {
  const { app, link, deps, seatId } = await invited()
  const [a, b] = [await visitor(app), await visitor(app)]
  const answers = await Promise.all([a, b].map((one) => one.post(link, { do: 'consent', grading: 'yes' })))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 303])
  assert.equal((await deps.journals.acts(seatId)).filter(({ act }) => act === 'consented').length, 1)
})

test('what is closed says so: taken back, run out, not open yet', async () => {
  const site = await invited()
  const { mara, exercise, n, kim, link, time } = site
  time.pass(60 * 24 * 30)
  assert.match((await kim.get(link).expect(410)).text, /has expired/)
  await kim.post(link, { do: 'consent', grading: 'yes' }).expect(410)
  const { text } = await mara.post(`${exercise}/candidates/${n}/invitation`, { do: 'renew' }).expect(200)
  const fresh = /\/c\/[a-f0-9]{32}/.exec(text)![0]
  await kim.get(link).expect(404)
  await kim.get(fresh).expect(200)
  await mara.post(`${exercise}/candidates/${n}/invitation`, { do: 'revoke' }).expect(303)
  assert.match((await kim.get(fresh).expect(410)).text, /was taken back/)
  const draft = await hiring()
  const early = await draft.invites('Lee')
  assert.match((await (await visitor(draft.app)).get(early).expect(409)).text, /not open yet/)
})

test('a request is sent to the manager, time is given, and the clock has it', async () => {
  const { kim, link, mara, exercise, n, start, time, deps, seatId } = await invited({ factor: '1.5' })
  await kim.post(link, { do: 'ask', says: 'I read <slowly>' }).expect(303)
  assert.match((await mara.get(exercise)).text, /I read &lt;slowly&gt;/)
  assert.match((await kim.get(link)).text, /45 minutes/)
  await start()
  time.pass(44)
  await kim.get(`${link}/challenges/three-pods`).expect(200)
  await mara.post(`${exercise}/candidates/${n}/time`, { do: 'credit', minutes: '10' }).expect(303)
  time.pass(10)
  await kim.get(`${link}/challenges/three-pods`).expect(200)
  time.pass(1)
  await kim.get(`${link}/challenges/three-pods`).expect(303).expect('location', `${link}/done`)
  await mara.post(`${exercise}/candidates/${n}/time`, { do: 'multiply', factor: '2' }).expect(303)
  await kim.get(`${link}/challenges/three-pods`).expect(200)
  assert.match(
    (await mara.post(`${exercise}/candidates/${n}/time`, { do: 'multiply', factor: '9' }).expect(422)).text,
    /from 1 to 3/,
  )
  const { candidacy } = await deps.journals.work(seatId)
  assert.deepEqual(
    candidacy?.credits.map(({ ms, by }) => [ms, by]),
    [[600_000, 'mara']],
  )
})

test('tasks and questions are worked on under the link, without a verdict; breaks and flags are kept', async () => {
  const { kim, link, start, deps, seatId, time } = await invited()
  assert.equal((await start()).headers.location, `${link}/questions/pod/always`)
  const question = (await kim.get(`${link}/questions/pod/always`).expect(200)).text
  assert.match(question, new RegExp(`action="${link}/questions/pod/always/answer"`))
  assert.match(question, /Save the answer/)
  await kim
    .post(`${link}/questions/pod/always/answer`, { answer: 'b', v: '3' })
    .expect(303)
    .expect('location', `${link}/questions/pod/always#question`)
  const after = (await kim.get(`${link}/questions/pod/always?answer=1`).expect(200)).text
  assert.match(after, /Saved at 09:00:00 UTC/)
  assert.match(after, /value="b"[^>]* checked/)
  assert.doesNotMatch(after, /KEYWHY|KEYEXPLANATION|Not right/)
  await kim.post(`${link}/questions/pod/always/answer`, { answer: 'a' }).expect(303)
  const page = (await kim.get(`${link}/challenges/three-pods`).expect(200)).text
  assert.doesNotMatch(page, /KEYCHECK|HINTTEXT|value="grade"|value="variant"|What is checked/)
  assert.match(page, new RegExp(`data-autosave="${link}/challenges/three-pods/draft"`))
  await kim.post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'get pods' }).expect(303)
  for (const pressed of ['grade', 'hint:h1', 'variant'])
    await kim.post(`${link}/challenges/three-pods`, { do: pressed }).expect(400)
  for (const path of [
    '/challenges/three-pods/results/x/1',
    '/challenges/three-pods/grading/x',
    '/lessons/pod/life',
    '/questions',
  ])
    await kim.get(`${link}${path}`).expect(404)
  const work = await deps.journals.work(seatId)
  assert.deepEqual(
    work.answers.map(({ given, verdict }) => [given, verdict]),
    [
      [['b'], 'wrong'],
      [['a'], 'right'],
    ],
  )
  assert.equal(work.attempts.length, 1)
  await kim.post(`${link}/work`, { do: 'flag question:pod/always', back: `${link}/questions/pod/always` }).expect(303)
  await kim.post(`${link}/work`, { do: 'flag question:pod/none' }).expect(400)
  assert.match((await kim.get(`${link}/work`).expect(200)).text, /Flagged[\s\S]*Notepad/)
  await kim.post(`${link}/work`, { do: 'note', text: 'Saw <b>three</b> Pods' }).expect(303)
  assert.match((await kim.get(`${link}/work`)).text, /Saw &lt;b&gt;three&lt;\/b&gt; Pods/)
  await kim.post(`${link}/work`, { do: 'break' }).expect(303)
  time.pass(600)
  const away = (await kim.get(`${link}/work`).expect(200)).text
  assert.match(away, /You are on a break/)
  assert.doesNotMatch(away, /three-pods/)
  await kim.get(`${link}/challenges/three-pods`).expect(303).expect('location', `${link}/work`)
  await kim.post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'get pods' }).expect(303)
  assert.equal((await deps.journals.work(seatId)).attempts[0]!.log.length, 1)
  await kim.post(`${link}/work`, { do: 'back' }).expect(303)
  await kim.get(`${link}/challenges/three-pods`).expect(200)
})

test('what an exercise asks is not practised on elsewhere meanwhile, and other tasks are', async () => {
  const { kim, start, link, act } = await invited()
  await kim.get('/challenges/three-pods').expect(200)
  await start()
  await kim.get('/challenges/three-pods').expect(423)
  await kim.get('/questions/pod/always').expect(423)
  await kim.get('/questions/pod/count').expect(200)
  await kim.get(`${link}/challenges/three-pods`).expect(200)
  await act('close')
  await kim.get('/challenges/three-pods').expect(200)
})

test('handing in asks back for what is empty, is for good, and has the last attempt graded once', async () => {
  const { kim, link, start, deps, seatId, look, mara, exercise, labs } = await invited()
  await start()
  await kim
    .post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'scale deployment web --replicas=3' })
    .expect(303)
  const form = (await kim.get(`${link}/hand-in`).expect(200)).text
  assert.match(form, /1 of 2 tasks is empty\. Hand in anyway\?[\s\S]*What does Always do/)
  await kim.post(`${link}/hand-in`).expect(303).expect('location', `${link}/done`)
  await kim.post(`${link}/hand-in`).expect(303).expect('location', `${link}/done`)
  await look()
  await look()
  const { attempts } = await deps.journals.work(seatId)
  assert.equal(attempts[0]!.gradings.length, 1)
  const done = (await kim.get(`${link}/done`).expect(200)).text
  assert.match(done, new RegExp(attempts[0]!.gradings[0]!.proof!.sha256))
  assert.match(done, /empty[\s\S]*90 days after the exercise is closed/)
  assert.doesNotMatch(done, /hx-trigger/)
  await kim.post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'delete pods --all' }).expect(303)
  assert.equal((await deps.journals.work(seatId)).attempts[0]!.log.length, 1)
  assert.match((await mara.get(exercise)).text, /handed in/)
  assert.ok(labs)
})

test('time over hands in by the server’s clock, whoever looks; a closed exercise is settled when nothing is owed', async () => {
  const { kim, link, start, deps, seatId, look, act, id, time } = await invited()
  await start()
  await kim
    .post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'scale deployment web --replicas=3' })
    .expect(303)
  time.pass(30)
  await look()
  assert.equal(
    (await deps.journals.work(seatId)).attempts[0]!.gradings.length,
    0,
    'what was typed in time may still come',
  )
  time.pass(1)
  await look()
  await until(async () => (await deps.journals.work(seatId)).attempts[0]!.gradings.length === 1, 'it is graded')
  assert.match((await kim.get(`${link}/done`).expect(200)).text, /Your time is over, and your work is handed in/)
  await act('close')
  assert.equal((await deps.exercises.course(id)).life.state, 'closing')
  await look()
  assert.equal((await deps.exercises.course(id)).life.state, 'closing', 'the last drafts have their time')
  time.pass(1)
  await look()
  assert.equal((await deps.exercises.course(id)).life.state, 'closed')
})

test('a pause stands all clocks, and closing hands in who is at work', async () => {
  const { kim, link, start, time, act, mara, exercise, look, deps, seatId } = await invited()
  await start()
  await kim.post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'get pods' }).expect(303)
  await act('pause')
  await kim.get(`${link}/challenges/three-pods`).expect(303).expect('location', `${link}/work`)
  assert.match((await kim.get(`${link}/work`).expect(200)).text, /paused for all/)
  time.pass(500)
  await act('resume')
  time.pass(29)
  await kim.get(`${link}/challenges/three-pods`).expect(200)
  await act('close')
  await kim.get(`${link}/challenges/three-pods`).expect(303).expect('location', `${link}/done`)
  time.pass(1)
  await look()
  await until(async () => (await deps.journals.work(seatId)).attempts[0]!.gradings.length === 1, 'it is graded')
  await look()
  assert.match((await mara.get(exercise)).text, /closed[\s\S]*handed in/)
})

test('somebody who tries the workspace out leaves nothing of it', async () => {
  const time = clock()
  const site = await hiring({ now: time.now })
  const { mara, exercise, deps, id } = site
  await mara
    .post(`${exercise}/edit`, {
      title: 'Questions',
      minutes: '10',
      section: 'read',
      'section-title': 'Read',
      'item-read': 'question:pod/always',
      do: 'save',
    })
    .expect(303)
  await site.act('open')
  const link = await site.invites('Kim')
  const kim = await visitor(site.app)
  await kim.post(link, { do: 'consent', grading: 'yes' }).expect(200)
  assert.match((await kim.get(`${link}/practice`).expect(200)).text, /no clock, nobody sees it/)
  const { location } = (await kim.post(`${link}/practice`, { do: 'begin' }).expect(303)).headers
  assert.equal(location, `${link}/practice/challenges/three-pods`)
  const page = (await kim.get(location!).expect(200)).text
  assert.match(page, /Trying the workspace/)
  await kim.post(location!, { do: 'kubectl', line: 'get pods' }).expect(303)
  time.pass(600)
  await kim.get(location!).expect(200)
  assert.equal((await deps.storage.participants.listOf(id)).length, 2)
  await kim.post(`${link}/start`).expect(303)
  assert.equal((await deps.storage.participants.listOf(id)).length, 1)
  assert.deepEqual(
    (await deps.storage.journals.names()).filter((name) => name.length > 37),
    [],
  )
  await kim.get(location!).expect(303)
  await kim.get(`${link}/practice/questions/pod/always`).expect(404)
})

test('a rehearsal is the candidate’s own way, and is in no count', async () => {
  const { mara, exercise, deps, job } = await hiring()
  const { location } = (await mara.post(`${exercise}/rehearsal`, {}).expect(303)).headers
  assert.match(location!, /^\/c\/[a-f0-9]{32}$/)
  assert.match((await mara.get(location!).expect(200)).text, /This is a rehearsal/)
  await mara.post(location!, { do: 'consent', grading: 'yes' }).expect(200)
  await mara.post(`${location}/start`, {}).expect(303)
  await mara.get(`${location}/challenges/three-pods`).expect(200)
  assert.deepEqual(await deps.storage.itemLocks.list(), [])
  assert.match((await mara.get(job)).text, /<dt>invited<\/dt><dd class="num">0</)
  const again = (await mara.post(`${exercise}/rehearsal`, {}).expect(303)).headers.location!
  await mara.get(location!).expect(404)
  await mara.get(again).expect(200)
})

test('what was typed before the end is taken for fifteen seconds more, and nothing that was typed later', async () => {
  const { kim, link, start, time, deps, seatId, look } = await invited()
  await start()
  const draft = (content: string, begunAtMs?: number) => {
    const asked = kim.agent.post(`${link}/challenges/three-pods/draft`).type('form')
    if (begunAtMs !== undefined) asked.set('X-Begun-At', String(begunAtMs))
    return asked.send(new URLSearchParams({ _csrf: kim.token, file: 'web.yaml', content }).toString())
  }
  await draft('first').expect(204)
  time.pass(30)
  const endMs = time.now()
  time.pass(0.2)
  assert.match((await draft('too late').expect(410)).text, /Your time is over/)
  await draft('too late', endMs).expect(410)
  await draft('in time', endMs - 1).expect(204)
  const drafts = async () => (await deps.journals.work(seatId)).attempts[0]!.drafts['web.yaml']
  assert.equal(await drafts(), 'in time')
  time.pass(0.06)
  await draft('after the grace', endMs - 1).expect(410)
  for (const nonsense of ['1', 'x', '-5', '99999999999999999999']) {
    const asked = kim.agent.post(`${link}/challenges/three-pods/draft`).type('form').set('X-Begun-At', nonsense)
    await asked.send(new URLSearchParams({ _csrf: kim.token, file: 'web.yaml', content: 'x' }).toString()).expect(410)
  }
  await look()
  assert.equal(await drafts(), 'in time')
})

test('answers and notes that a browser kept are taken as files are, once, and not over what was typed elsewhere since', async () => {
  const { kim, link, start, time, deps, seatId } = await invited()
  await start()
  const kept = (path: string, fields: Record<string, string>, begunAtMs: number) =>
    kim.agent
      .post(`${link}${path}`)
      .type('form')
      .set('X-Begun-At', String(begunAtMs))
      .set('HX-Request', 'true')
      .send(new URLSearchParams({ _csrf: kim.token, ...fields }).toString())
  const answer = (given: string, begunAtMs: number, form = 'a'.repeat(18)) =>
    kept('/questions/pod/always/answer', { answer: given, once: form }, begunAtMs)
  const note = (text: string, begunAtMs: number) => kept('/work', { do: 'note', text }, begunAtMs)
  const work = async () => {
    const { answers, studyBook } = await deps.journals.work(seatId)
    return [answers.map(({ given }) => given[0]), studyBook.notes[0]?.text]
  }
  const startMs = time.now()
  await answer('b', startMs + 1).expect(200)
  await answer('b', startMs + 1).expect(200)
  await note('first', startMs + 1).expect(204)
  assert.deepEqual(await work(), [['b'], 'first'])
  time.pass(10)
  await kim.post(`${link}/questions/pod/always/answer`, { answer: 'a' }).expect(303)
  await kim.post(`${link}/work`, { do: 'note', text: 'elsewhere' }).expect(303)
  time.pass(1)
  // Another browser comes back with what is older.
  await answer('b', startMs + 60_000, 'b'.repeat(18)).expect(200)
  await note('older', startMs + 60_000).expect(204)
  assert.deepEqual(await work(), [['b', 'a'], 'elsewhere'])
  time.pass(19)
  const endMs = time.now()
  time.pass(0.2)
  await note('too late', endMs).expect(410)
  await answer('b', endMs, 'c'.repeat(18)).expect(410)
  await note('in time', endMs - 1).expect(204)
  await answer('b', endMs - 1, 'c'.repeat(18)).expect(200)
  assert.deepEqual(await work(), [['b', 'a', 'b'], 'in time'])
  time.pass(0.06)
  await note('after the grace', endMs - 1).expect(410)
  await answer('a', endMs - 1, 'd'.repeat(18)).expect(410)
  assert.deepEqual(await work(), [['b', 'a', 'b'], 'in time'])
})

test('a question that is changed or taken away while the exercise is open stays as it was opened, and is judged so', async () => {
  let catalog = await loadCatalogOrThrow(fixtureFolder)
  const time = clock()
  const site = await hiring({ now: time.now, catalog: () => catalog })
  await site.act('open')
  const link = await site.invites('Kim')
  const kim = await visitor(site.app)
  await kim.post(link, { do: 'consent', grading: 'yes' }).expect(200)
  await kim.post(`${link}/start`).expect(303)
  const former = catalog.questions.get('pod/always')!
  // The key is another one now, and so is what is asked.
  const mended = structuredClone({ ...former, hash: 'ffff0000ffff0000', prompt: 'Something else is asked.' })
  for (const option of (mended.data as { options: { id: string; correct?: boolean }[] }).options)
    option.correct = option.id === 'b'
  catalog = { ...catalog, questions: new Map(catalog.questions).set('pod/always', mended) }
  const { text } = await kim.get(`${link}/questions/pod/always`).expect(200)
  assert.match(text, /exits with 0/)
  assert.doesNotMatch(text, /Something else is asked/)
  await kim.post(`${link}/questions/pod/always/answer`, { answer: 'a' }).expect(303)
  const questions = new Map(catalog.questions)
  questions.delete('pod/always')
  catalog = { ...catalog, questions }
  await kim.get(`${link}/questions/pod/always`).expect(200)
  const [seat] = await site.seats()
  const { answers } = await site.deps.journals.work({ sittingId: site.id, participantId: seat!.id })
  assert.deepEqual(
    answers.map(({ contentHash, verdict }) => [contentHash, verdict]),
    [[former.hash, 'right']],
  )
  catalog = { ...catalog, questions: new Map(catalog.questions).set('pod/always', mended) }
  await kim.post(`${link}/hand-in`).expect(303)
  const report = (
    await site.mara.get(`${site.exercise}/candidates/${seat!.candidate!.blindName.split(' ')[1]!.toLowerCase()}/report`)
  ).text
  assert.match(report, /Restarts after/)
  assert.doesNotMatch(report, /changed since/)
  // Practice has the present one.
  assert.match(
    (await (await visitor(site.app)).get('/questions/pod/always').expect(200)).text,
    /Something else is asked/,
  )
})

test('a task that was left for another is graded meanwhile, once a state of it, and nobody is shown it before the end', async () => {
  const { kim, link, start, time, deps, seatId, labs, id } = await invited()
  await start()
  const done = new Set<string>()
  const look = () => closeWhatIsDue({ ...deps, onError: (error) => assert.fail(String(error)) }, done)
  const gradings = async () => (await deps.journals.work(seatId)).attempts.flatMap((one) => one.gradings).length
  const graded = (count: number) => until(async () => (await gradings()) === count, `${count} gradings`)
  const calls = () => labs.calls.filter(({ method }) => method === 'grade').length
  const run = (line: string) => kim.post(`${link}/challenges/three-pods`, { do: 'kubectl', line }).expect(303)
  await run('get pods')
  time.pass(2)
  await look()
  assert.equal(calls(), 0, 'they are at it still')
  await kim.post(`${link}/questions/pod/always/answer`, { answer: 'a' }).expect(303)
  await look()
  await graded(1)
  const once = calls()
  await look()
  assert.equal(calls(), once)
  // Not even where the visible checks are shown: nothing of what the grading found.
  const sitting = (await deps.storage.sittings.find(id))!
  await deps.storage.sittings.save({ ...sitting, exercise: { ...sitting.exercise!, showsChecks: true } })
  const desk = (await kim.get(`${link}/challenges/three-pods`).expect(200)).text
  assert.match(desk, /<li class="is-not-yet" title="not yet"/)
  assert.doesNotMatch(desk, /is-graded|is-last|when it was graded|last grading/)
  for (const path of ['/challenges/three-pods', '/work', '/hand-in'])
    assert.doesNotMatch(
      (await kim.get(`${link}${path}`).expect(200)).text,
      /\/results\/|\/grading\/|class="verdict is-/,
      path,
    )
  await run('get deployments')
  await look()
  assert.equal(calls(), once)
  time.pass(2)
  await kim.post(`${link}/questions/pod/always/answer`, { answer: 'b' }).expect(303)
  await look()
  await graded(2)
  await kim.post(`${link}/hand-in`).expect(303)
  await look()
  assert.equal(calls(), 2 * once, 'what is graded is not graded again')
})

test('who has lost words and browser goes on by a new link, with all that is there; the old browser does not', async () => {
  const { app, kim, link, start, mara, exercise, n, deps, seatId, time } = await invited()
  await start()
  await kim.post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'get pods' }).expect(303)
  time.pass(10)
  await mara.post(`${exercise}/candidates/${n}/invitation`, { do: 'revoke' }).expect(409)
  const { text } = await mara.post(`${exercise}/candidates/${n}/invitation`, { do: 'renew' }).expect(200)
  const fresh = /\/c\/[a-f0-9]{32}/.exec(text)![0]
  const other = await visitor(app)
  await other.post(fresh, { do: 'consent', grading: 'yes' }).expect(200)
  await other.get(fresh).expect(303).expect('location', `${fresh}/work`)
  await other.get(`${fresh}/challenges/three-pods`).expect(200)
  await kim.get(`${link}/work`).expect(404)
  await kim.get(`${fresh}/work`).expect(303).expect('location', fresh)
  assert.equal((await deps.journals.acts(seatId)).filter(({ act }) => act === 'consented').length, 1)
})

test('consent can be given again with other purposes until the start', async () => {
  const { kim, link, mara, exercise, n, deps, seatId, app } = await invited()
  await kim.post(link, { do: 'consent', grading: 'yes', statistics: 'yes' }).expect(200)
  const { text } = await mara.post(`${exercise}/candidates/${n}/invitation`, { do: 'renew' }).expect(200)
  await (await visitor(app)).post(/\/c\/[a-f0-9]{32}/.exec(text)![0], { do: 'consent', grading: 'yes' }).expect(200)
  assert.deepEqual((await deps.journals.work(seatId)).candidacy?.consent?.purposes, ['grading'])
})

test('what is kept goes when the days of the job are over: no name, no work, counts alone', async () => {
  const { kim, link, start, act, look, time, deps, id, mara, exercise } = await invited()
  await start()
  await kim.post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'get pods' }).expect(303)
  await kim.post(`${link}/hand-in`).expect(303)
  await act('close')
  time.pass(1)
  await look()
  assert.match((await kim.get(`${link}/done`).expect(200)).text, /It is deleted on 2026-05-31/)
  time.pass(60 * 24 * 90 - 2)
  assert.equal(await eraseDue(deps, assert.ifError), 0)
  time.pass(2)
  assert.equal(await eraseDue(deps, assert.ifError), 1)
  assert.equal(await eraseDue(deps, assert.ifError), 0)
  assert.deepEqual(await deps.storage.participants.listOf(id), [])
  assert.deepEqual(await deps.storage.candidates.ofSitting(id), [])
  assert.deepEqual(
    (await deps.storage.journals.names()).filter((name) => name.startsWith(`${id}/`)),
    [],
  )
  await kim.get(`${link}/done`).expect(404)
  const { text } = await mara.get(exercise).expect(200)
  assert.match(text, /<dt>handed in<\/dt><dd class="num">1<[\s\S]*counts are all that is left/)
  assert.doesNotMatch(text, /Kim Example/)
})

test('a receipt of what was handed in is there when it is graded: from it anybody computes the same grade', async () => {
  const { app, kim, link, start, act, look, time, labs } = await invited()
  let goOn = (): void => undefined
  const isFree = new Promise<void>((done) => {
    goOn = done
  })
  labs.grade = async (_who, request) => {
    await isFree
    return grade(request)
  }
  await kim.get(`${link}/receipt`).expect(303).expect('location', link)
  await start()
  await kim
    .post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'scale deployment web --replicas=3' })
    .expect(303)
  await kim.get(`${link}/receipt`).expect(303)
  await kim.post(`${link}/hand-in`).expect(303)
  assert.match((await kim.get(`${link}/receipt`).expect(409)).text, /still being graded/)
  goOn()
  await act('close')
  time.pass(1)
  await look()
  await until(async () => !/being graded/.test((await kim.get(`${link}/done`)).text), 'all is graded')
  const page = (await kim.get(`${link}/done`).expect(200)).text
  const key = /verify -- podium-receipt\.json --key ([0-9a-f]{64})/.exec(page)![1]!
  const { text, headers } = await kim.get(`${link}/receipt`).expect(200)
  assert.match(headers['content-disposition']!, /podium-receipt\.json/)
  const read = readReceipt(text, key)
  assert.equal('receipt' in read, true)
  const { tasks, about } = (read as { receipt: Receipt }).receipt
  assert.deepEqual(
    [about.candidate?.startsWith('Candidate '), tasks.map(({ task }) => task)],
    [true, ['challenge:three-pods']],
  )
  const again = await computeAgain(tasks[0] as ReceiptChallenge, readContent(fixtureFolder))
  assert.equal('result' in again && compareGrades(tasks[0] as ReceiptChallenge, again.result).isSame, true)
  // The same bytes each time, without points, checks or a name, and for nobody else.
  assert.equal((await kim.get(`${link}/receipt`).expect(200)).text, text)
  assert.doesNotMatch(text, /Kim|example\.org|"score"|KEY/)
  await (await visitor(app)).get(`${link}/receipt`).expect(303).expect('location', link)
})
