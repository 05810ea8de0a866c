/** What a reviewer judges from: the report, replays, and the sheet that is kept as it is typed, sent and fixed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Candidate, recordOf } from '../../../server/hiring/candidates.ts'
import { eraseCandidate } from '../../../server/hiring/erasure.ts'
import { removeExercise } from '../../../server/hiring/jobs.ts'
import { aFailedGrade, aGrade } from '../fake-labs.ts'
import { manager, member } from './hiring-site.ts'
import { reviewing } from './review-site.ts'

const textOf = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
const dimensions = ['diagnosis', 'safety', 'style', 'proof']
/** Nothing of it holds. */
const failed = {
  ...aFailedGrade(),
  tests: aFailedGrade().tests.map((one) => ({ ...one, points: 0 })),
}
const allAt = (level: number) =>
  Object.fromEntries(
    dimensions.flatMap((id) => [
      [`level-${id}`, String(level)],
      [`says-${id}`, `saw ${id}`],
    ]),
  )

test('nobody but reviewers of the job and who leads it reaches a candidate, and nobody before the end', async () => {
  const site = await reviewing()
  const { sits, reviewer, mara, exercise, job } = site
  const rita = await reviewer('rita')
  const early = await sits('Kim', { isIn: false })
  const pages = ['report', 'score', 'replay/three-pods']
  for (const page of pages) {
    assert.match((await rita.get(`${early.href}/${page}`).expect(409)).text, /has not handed in yet/)
    await mara.get(`${early.href}/${page}`).expect(409)
  }
  await early.guest.post(`${early.link}/hand-in`).expect(303)
  await site.look()
  const foreign = await manager(site, 'fred')
  const globalReviewer = await manager(site, 'gail', 'reviewer')
  const learner = await member(site, 'lena')
  for (const page of pages) {
    await rita.get(`${early.href}/${page}`).expect(200)
    await mara.get(`${early.href}/${page}`).expect(200)
    await foreign.get(`${early.href}/${page}`).expect(404)
    await globalReviewer.get(`${early.href}/${page}`).expect(404)
    await learner.get(`${early.href}/${page}`).expect(403)
    await early.guest.get(`${early.href}/${page}`).expect(403)
    await rita.get(`${exercise}/candidates/none/${page}`).expect(404)
  }
  await globalReviewer.post(`${early.href}/score`, { do: 'send' }).expect(404)
  // What is the manager's stays the manager's.
  for (const path of [job, exercise, `${exercise}/edit`, `${exercise}/invite`]) await rita.get(path).expect(403)
  await rita.post(`${early.href}/time`, { do: 'credit', minutes: '9' }).expect(403)
  await mara.post(`${job}/reviewers`, { do: 'remove:rita' }).expect(303)
  for (const page of pages) await rita.get(`${early.href}/${page}`).expect(403)
})

test('an admin looks on record', async () => {
  const site = await reviewing()
  const kim = await site.sits('Kim')
  const ada = await manager(site, 'ada', 'admin')
  await ada.get(`${kim.href}/report`).expect(200)
  const [last] = (await site.deps.audit.entries()).slice(-1)
  assert.deepEqual(
    [last!.act, last!.what],
    ['seen-as-admin', { exercise: site.id, candidate: recordOf(kim.seat as Candidate) }],
  )
  // Nothing leads from the log to who is erased.
  assert.equal(await eraseCandidate(site.deps, site.id, kim.seat.id, 'mara'), true)
  assert.equal(JSON.stringify(await site.deps.audit.entries()).includes(kim.seat.id), false)
})

test('the report has figures by section and topic, the evidence of each task, and what was declared', async () => {
  const site = await reviewing()
  site.labs.next.grade = failed
  const { href } = await site.sits('Kim', { terms: { factor: '1.5' } })
  const rita = await site.reviewer('rita')
  const html = (await rita.get(`${href}/report`).expect(200)).text
  const text = textOf(html)
  assert.match(text, /Score 0 %/)
  assert.match(text, /Interval not known before 20 candidates have handed in; 1 have/)
  assert.match(text, /Checks passed 0 of 2/)
  assert.match(text, /Time used 6 min of 45 min/)
  assert.doesNotMatch(text, /multipl|1\.5|accommodat|extra time/i)
  assert.match(text, /Pass bar 60 % for information/)
  assert.match(text, /Section Items Score Checks Read 1 0 % – Build 1 0 % 0 of 2/)
  assert.match(text, /One Pod|1 ready Pod/)
  assert.match(text, /Expected: 3 ready Pods Traffic needs them the image does not exist the container cannot start/)
  assert.match(text, /HIDDEN CHECK .* not shown to candidates/)
  assert.match(text, /What they changed in web\.yaml/)
  assert.match(html, /\+ kind: Deployment # mended/)
  assert.match(text, /0 % · not right Answer/)
  assert.match(text, /2 commands · 0 hints Replay/)
  assert.ok(html.includes(`href="${href}/replay/three-pods"`))
  assert.match(
    text,
    /AI tools were allowed, and their use was to be noted\. The candidate wrote: Asked a model about &lt;probes&gt;/,
  )
})

test('what is not graded yet is said, and counts in no figure; what was left out earns nothing', async () => {
  const site = await reviewing()
  const { sits, reviewer } = site
  const rita = await reviewer('rita')
  const blank = await sits('Kim', { isWorked: false })
  const text = textOf((await rita.get(`${blank.href}/report`).expect(200)).text)
  assert.match(text, /Score 0 %/)
  assert.match(text, /nothing was handed in/)
  assert.match(text, /The candidate wrote nothing in the notepad/)
  await rita.get(`${blank.href}/replay/three-pods`).expect(409)
  await rita.get(`${blank.href}/replay/none`).expect(404)
  site.labs.grade = () => new Promise(() => {})
  const waiting = await sits('Lee', { isIn: false })
  await site.deps.journals.write(waiting.seatId, () => [{ act: 'handed-in', data: {} }])
  const other = textOf((await rita.get(`${waiting.href}/report`).expect(200)).text)
  assert.match(other, /1 task is not graded yet: the figures are not final/)
  assert.match(other, /Build 0 – –/)
})

test('with enough candidates the score has an interval', async () => {
  const site = await reviewing()
  const rita = await site.reviewer('rita')
  let last = ''
  for (let n = 0; n < 20; n++) {
    site.labs.next.grade = n % 2 ? failed : aGrade()
    last = (await site.sits(`Person ${n}`, { isWorked: n % 5 !== 0 })).href
  }
  const text = textOf((await rita.get(`${last}/report`).expect(200)).text)
  assert.match(text, /Interval \d+ to \d+ % of 20 candidates, rough/)
})

test('a sheet is kept as it is typed, takes moments of replays as evidence, and is sent once it is whole', async () => {
  const site = await reviewing()
  const { sits, reviewer, deps, id } = site
  const kim = await sits('Kim')
  const rita = await reviewer('rita')
  const score = `${kim.href}/score`
  const fresh = (await rita.get(score).expect(200)).text
  assert.match(fresh, /<strong class="num">5<\/strong> predicts/)
  const saved = await rita.agent
    .post(score)
    .set('HX-Request', 'true')
    .type('form')
    .send(
      new URLSearchParams({
        _csrf: rita.csrf,
        do: 'save',
        'level-safety': '4',
        'says-safety': 'Looks <first>',
      }).toString(),
    )
  assert.equal(saved.status, 204)
  await rita.post(score, { do: 'save', 'says-style': 'neat', 'level-style': '9' }).expect(303)
  const kept = (await rita.get(score)).text
  assert.match(kept, /name="level-safety" value="4" checked/)
  assert.match(kept, /Looks &lt;first&gt;/)
  assert.doesNotMatch(kept, /name="level-style"[^>]* checked/)
  // Evidence comes from the replay, at a moment of it.
  const replay = (await rita.get(`${kim.href}/replay/three-pods`).expect(200)).text
  assert.match(replay, /Replay: Candidate/)
  assert.match(replay, new RegExp(`class="replay-pin" method="post" action="${score}"`))
  const at = /name="at" value="(\d+)"/.exec(replay)![1]!
  const pin = {
    do: 'pin',
    item: 'challenge:three-pods',
    at,
    dimension: 'diagnosis',
    'pin-says': ' describes \n first ',
  }
  await rita.post(score, pin).expect(303).expect('location', `${score}#dimension-diagnosis`)
  await rita.post(score, { ...pin, item: 'challenge:other' }).expect(400)
  await rita.post(score, { ...pin, at: '-1' }).expect(400)
  assert.match((await rita.post(score, { ...pin, dimension: 'none' }).expect(422)).text, /no such dimension/)
  const withPin = (await rita.get(score)).text
  assert.match(
    withPin,
    new RegExp(`href="${kim.href}/replay/three-pods\\?at=${at}"[\\s\\S]*3:00[\\s\\S]*describes first`),
  )
  await rita.get(`${kim.href}/replay/three-pods?at=${at}`).expect(200)
  assert.match((await rita.post(score, { do: 'send' }).expect(422)).text, /Give a level to each dimension first/)
  await rita.post(score, { do: 'send', ...allAt(3) }).expect(303)
  assert.match((await rita.get(`${score}?sent=yes`)).text, /Your scores are sent/)
  assert.deepEqual(
    (await deps.exercises.acts(id)).filter(({ act }) => act === 'scored').map(({ data }) => data),
    [{ seat: kim.seat.id, by: rita.learnerId }],
  )
  // Fixed; a correction has a reason.
  await rita.post(score, { do: 'save', ...allAt(5) }).expect(409)
  await rita.post(score, { do: 'unpin diagnosis x' }).expect(422)
  await rita.post(score, { do: 'send' }).expect(303)
  assert.equal((await deps.exercises.acts(id)).filter(({ act }) => act === 'scored').length, 1)
  assert.match(
    (await rita.post(score, { do: 'correct safety', 'level-safety': '2', 'reason-safety': ' ' }).expect(422)).text,
    /a level and a reason/,
  )
  assert.match(
    (await rita.post(score, { do: 'correct safety', 'level-safety': '3', 'reason-safety': 'typed once' }).expect(422))
      .text,
    /value="typed once"/,
  )
  await rita.post(score, { do: 'correct safety', 'level-safety': '2', 'reason-safety': 'Misread <it>' }).expect(303)
  assert.match((await rita.get(score)).text, /Corrected from 3 to 2: Misread &lt;it&gt;/)
  assert.doesNotMatch((await rita.get(`${kim.href}/replay/three-pods`)).text, /replay-pin/)
  assert.match((await rita.get('/hiring/reviews')).text, /sent/)
})

test('others are hidden until the own sheet is sent; who leads sees all when all are in, and cannot score', async () => {
  const site = await reviewing()
  const { sits, reviewer, mara, exercise } = site
  const kim = await sits('Kim')
  const score = `${kim.href}/score`
  assert.match((await mara.get(score).expect(200)).text, /has no reviewer yet/)
  const [rita, otto] = [await reviewer('rita'), await reviewer('otto')]
  await mara.post(score, { do: 'send', ...allAt(5) }).expect(403)
  await rita.post(score, { do: 'send', ...allAt(5), 'says-safety': 'RITASAYS' }).expect(303)
  await otto.post(score, { do: 'save', ...allAt(2) }).expect(303)
  const hidden = (await otto.get(score)).text
  assert.doesNotMatch(hidden, /RITASAYS|rita/)
  const alone = textOf((await rita.get(score)).text)
  assert.match(alone, /Nobody else has sent theirs yet/)
  assert.doesNotMatch(alone, /otto/)
  const early = textOf((await mara.get(score)).text)
  assert.match(early, /1 of 2 reviewers have sent their scores/)
  assert.doesNotMatch(early, /RITASAYS|Worth a conversation/)
  await otto.post(score, { do: 'send' }).expect(303)
  assert.match(textOf((await otto.get(score)).text), /Worth a conversation .* Safety : rita 5 · you 2 .* RITASAYS/)
  const all = textOf((await mara.get(score)).text)
  assert.match(
    all,
    /2 of 2 reviewers .* Worth a conversation .* Diagnosis : rita 5 · otto 2 .* not shown yet: 4 pairs of levels/,
  )
  assert.match((await mara.get(exercise)).text, /<dt>scored<\/dt><dd class="num">1</)
})

test('two tabs that send at once send once', async () => {
  const site = await reviewing()
  const kim = await site.sits('Kim')
  const rita = await site.reviewer('rita')
  const answers = await Promise.all(
    [3, 4].map((level) => rita.post(`${kim.href}/score`, { do: 'send', ...allAt(level) })),
  )
  assert.ok(answers.some(({ status }) => status === 303))
  const sheet = (await site.deps.scoreSheets.scores(kim.seatId)).get(rita.learnerId)!
  assert.notEqual(sheet.sentAtMs, null)
  assert.equal((await site.deps.exercises.acts(site.id)).filter(({ act }) => act === 'scored').length, 1)
})

test('a copy of the cluster is nobody’s, and what goes with an exercise goes with its sheets', async () => {
  const site = await reviewing()
  const kim = await site.sits('Kim')
  const rita = await site.reviewer('rita')
  await rita.post(`${kim.href}/score`, { do: 'send', ...allAt(3) }).expect(303)
  await rita.post(`${kim.href}/replay/three-pods/what-if`, { at: '0', do: 'drop' }).expect(409)
  const copy = await rita.post(`${kim.href}/replay/three-pods/fork`, { at: '999999999' }).expect(303)
  assert.match((await rita.get(copy.headers.location!).expect(200)).text, /Copy: Three Pods/)
  // It ends with the candidate's data, and so does what was branched off it.
  const own = await rita.post('/sandboxes', { name: 'My own', shape: 'small' })
  const before = (await site.deps.sandboxes.list(rita.learnerId)).length
  const copyId = copy.headers.location!.split('/').at(-1)!
  await site.deps.sandboxes.branch(copyId, 0)
  assert.equal((await site.deps.sandboxes.list(rita.learnerId)).length, before + 1, String(own.status))
  assert.equal(await eraseCandidate(site.deps, site.id, kim.seat.id, 'mara'), true)
  assert.equal((await site.deps.sandboxes.list(rita.learnerId)).length, before - 1)
  assert.equal(await site.deps.sandboxes.find(rita.learnerId, copyId), undefined)
  await removeExercise(site.deps, site.id)
  assert.deepEqual(await site.deps.storage.scores.names(), [])
})
