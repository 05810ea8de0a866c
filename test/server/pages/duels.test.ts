import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveAll, removeAll } from '../../../server/belongings/keep.ts'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { calibrationOf, readName } from '../../../server/practice/duels.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { createTestApp, fixtureFolder, visitor } from '../support.ts'

type Guest = Awaited<ReturnType<typeof visitor>>
const learnerOf = (guest: Guest) => /podium=([0-9a-f]+)/.exec(guest.cookie)![1]!
const dayMs = 24 * 3_600_000

/** A site with seven predictions, whose key is 3, and a clock that can be set. */
async function site() {
  const catalog = await loadCatalogOrThrow(fixtureFolder)
  const question = catalog.questions.get('pod/count')!
  for (let n = 0; n < 6; n++) {
    const id = `pod/count-${n}`
    catalog.questions.set(id, { ...question, id, title: `Count ${n}` })
  }
  const clock = { nowMs: Date.UTC(2026, 2, 2, 9) }
  const made = await createTestApp({ catalog: () => catalog, now: () => clock.nowMs })
  return { ...made, clock, guest: await visitor(made.app) }
}

async function begin(guest: Guest, name = 'Ann'): Promise<string> {
  return (await guest.post('/duels', { name }).expect(303)).headers.location!
}

const answer = (guest: Guest, duel: string, n: number, given: string, confidence = 'sure') =>
  guest.post(`${duel}/questions/${n}`, { answer: given, confidence })

async function playAll(guest: Guest, duel: string, given: readonly string[], confidence = 'sure') {
  for (const [n, one] of given.entries()) await answer(guest, duel, n + 1, one, confidence).expect(303)
}

test('five predictions are drawn, answered in turn, and nothing tells what is right before the last one', async () => {
  const { guest } = await site()
  assert.match((await guest.get('/duels').expect(200)).text, /Begin a duel/)
  const duel = await begin(guest)
  assert.match((await guest.get(duel).expect(200)).text, /Your turn/)
  assert.ok(!(await guest.get(duel)).text.includes('type="url"'), 'the link comes when one has played')
  const titles = new Set<string>()
  for (let n = 1; n <= 5; n++) {
    const { text } = await guest.get(`${duel}/questions/${n}`).expect(200)
    titles.add(/<h1[^>]*>([^<]*)</.exec(text)![1]!)
    assert.doesNotMatch(text, /KEYEXPLANATION|KEYCEL|This is what the simulated cluster did\.</)
    const sent = await answer(guest, duel, n, n % 2 ? '3' : '4').expect(303)
    assert.equal(sent.headers.location, n < 5 ? `${duel}/questions/${n + 1}` : duel)
    if (n < 5) assert.doesNotMatch((await guest.get(duel)).text, /most right|Calibration|✕/)
  }
  assert.equal(titles.size, 5)
  const { text } = await guest.get(duel).expect(200)
  assert.match(text, /3 of 5/)
  assert.match(text, /value="http:\/\/[^/]+\/duels\/[0-9a-f]{18}"/)
  await guest.get(`${duel}/questions/6`).expect(404)
})

test('who has the link plays the same five in the same variants, and sees the others’ answers after their own alone', async () => {
  const { app, guest } = await site()
  const duel = await begin(guest, 'Ann <b>')
  await playAll(guest, duel, ['3', '3', '3', '8041', '8042'])
  const rival = await visitor(app)
  const invitation = (await rival.get(duel).expect(200)).text
  assert.match(invitation, /Ann &#60;b&#62; challenges you|Ann &lt;b&gt; challenges you/)
  await rival.get(`${duel}/questions/1`).expect(404)
  await rival.post(duel, { name: 'Bob' }).expect(303)
  for (let n = 1; n <= 5; n++) {
    const [own, theirs] = await Promise.all([rival, rival].map((one) => one.get(`${duel}/questions/${n}`)))
    assert.equal(own!.status, 200)
    assert.ok(theirs!.text.length > 0)
    assert.doesNotMatch((await rival.get(duel)).text, /<code>804|most right/)
    await answer(rival, duel, n, '3', n < 5 ? 'sure' : 'guess').expect(303)
  }
  for (const one of [guest, rival]) {
    const { text } = await one.get(duel).expect(200)
    assert.match(text, /<code>8041<\/code>/)
    assert.match(text, /Bob[\s\S]*5 of 5[\s\S]*most right[\s\S]*best calibrated/)
  }
  // The variants are the same: the seeds of both are.
  const { text } = await guest.get('/duels')
  assert.match(text, /you, Bob/)
})

test('the variant of a question is the same for both', async () => {
  const { app, guest, deps } = await site()
  const duel = await begin(guest)
  await playAll(guest, duel, ['3', '3', '3', '3', '3'])
  const rival = await visitor(app)
  await rival.post(duel).expect(303)
  await playAll(rival, duel, ['3', '3', '3', '3', '3'])
  const seedsOf = async (one: Guest) =>
    (await deps.journals.work(practiceSeat(learnerOf(one)))).answers.map(({ questionId, seed }) => [questionId, seed])
  assert.deepEqual(await seedsOf(guest), await seedsOf(rival))
})

test('an answer is said once: sent again, from a second tab or with another text, the first stays', async () => {
  const { guest, deps } = await site()
  const duel = await begin(guest)
  await Promise.all(['3', '4', '5'].map((given) => answer(guest, duel, 1, given).expect(303)))
  await answer(guest, duel, 1, '9').expect(303).expect('Location', duel)
  await guest.get(`${duel}/questions/1`).expect(303)
  assert.equal((await deps.journals.work(practiceSeat(learnerOf(guest)))).answers.length, 1)
})

test('what cannot be judged, and what is not said how surely, is asked again and uses nothing up', async () => {
  const { guest, labs } = await site()
  const duel = await begin(guest)
  assert.match((await answer(guest, duel, 1, '').expect(422)).text, /role="alert"/)
  assert.match((await answer(guest, duel, 1, 'many').expect(422)).text, /role="alert"/)
  const unsure = await answer(guest, duel, 1, '7', 'perhaps').expect(422)
  assert.match(unsure.text, /Say how sure you are/)
  assert.match(unsure.text, /value="7"/)
  labs.next.refusal = new LabRefusal(503, 'Too busy.')
  assert.match((await answer(guest, duel, 1, '7').expect(503)).text, /Not graded, no try used\. Too busy\./)
  delete labs.next.refusal
  await answer(guest, duel, 1, '7').expect(303)
})

test('eight play one duel, also when they all come at once; the ninth is told', async () => {
  const { app, guest, deps } = await site()
  const duel = await begin(guest)
  const others = await Promise.all(Array.from({ length: 10 }, () => visitor(app)))
  const sent = await Promise.all(others.map((one) => one.post(duel, { name: 'x'.repeat(500) })))
  assert.equal(sent.filter(({ status }) => status === 303).length, 7)
  assert.match(sent.find(({ status }) => status === 422)!.text, /all it has room for/)
  const { players } = (await deps.storage.duels.find(duel.split('/').at(-1)!))!
  assert.equal(players.length, 8)
  assert.ok(players.every(({ name }) => name.length <= 30))
  const late = others[sent.findIndex(({ status }) => status === 422)]!
  assert.match((await late.get(duel).expect(200)).text, /all it has room for/)
  // Who plays already is in, however often they accept.
  await guest.post(duel, { name: 'Other' }).expect(303)
})

test('a duel ends after 30 days, and is not kept', async () => {
  const { app, guest, clock, deps } = await site()
  const duel = await begin(guest)
  clock.nowMs += 30 * dayMs - 1
  await guest.get(duel).expect(200)
  clock.nowMs += 1
  await guest.get(duel).expect(410)
  await (await visitor(app)).post(duel).expect(404)
  assert.equal(await deps.storage.duels.find(duel.split('/').at(-1)!), undefined)
})

test('bent addresses lead nowhere, and one learner has a bounded number of duels', async () => {
  const { guest } = await site()
  const duel = await begin(guest)
  for (const bent of ['/duels/x', '/duels/__proto__', `${duel}0`, `${duel}/questions/0`, `${duel}/questions/x`])
    await guest.get(bent).expect(404)
  for (let n = 1; n < 40; n++) await begin(guest)
  assert.match((await guest.post('/duels', { name: '' }).expect(422)).text, /40 duels/)
})

test('a deleted learner leaves no name and no answers; of two that become one the place stays', async () => {
  const { app, guest, deps } = await site()
  const duel = await begin(guest)
  await playAll(guest, duel, ['3', '3', '3', '3', '3'])
  const [bob, eve] = [await visitor(app), await visitor(app)]
  await bob.post(duel, { name: 'Bob' }).expect(303)
  await playAll(bob, duel, ['7', '7', '7', '7', '7'])
  await moveAll(deps, practiceSeat(learnerOf(bob)), practiceSeat(learnerOf(eve)))
  assert.match((await eve.get(duel).expect(200)).text, /Bob <span class="quiet">\(you\)[\s\S]*<code>7<\/code>/)
  assert.match((await bob.get(duel).expect(200)).text, /Ann challenges you/)
  assert.match((await eve.get('/progress/export').expect(200)).text, /"name":"Bob"/)
  await removeAll(deps, practiceSeat(learnerOf(eve)))
  const { text } = await guest.get(duel).expect(200)
  assert.doesNotMatch(text, /Bob|<code>7</)
  await removeAll(deps, practiceSeat(learnerOf(guest)))
  assert.equal(await deps.storage.duels.find(duel.split('/').at(-1)!), undefined)
})

test('what somebody says surely and rightly is calibrated best, what they say surely and wrongly worst', () => {
  const of = (verdict: 'right' | 'wrong', confidence: 'sure' | 'fairly' | 'guess') =>
    calibrationOf([{ verdict, confidence }])!
  const order = [
    of('right', 'sure'),
    of('right', 'fairly'),
    of('wrong', 'guess'),
    of('wrong', 'fairly'),
    of('wrong', 'sure'),
  ]
  assert.deepEqual(
    order,
    [...order].sort((a, b) => b - a),
  )
  assert.deepEqual([order[0], order.at(-1)], [100, 10])
  assert.equal(calibrationOf([]), undefined)
})

test('a name is one line of what can be seen', () => {
  assert.equal(readName('  Ann\n\u202eBob\u0000  '), 'Ann Bob')
  assert.equal(readName('\u200b'), '')
})
