/** Groups of candidates: asked after handing in, kept apart, counted once, told of many alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eraseCandidate } from '../../../server/hiring/erasure.ts'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import { closeWhatIsDue } from '../../../server/practice/closing-exercise.ts'
import { visitor } from '../support.ts'
import { clock, gradedCandidate, hiring, manager } from './hiring-site.ts'

type Site = Awaited<ReturnType<typeof open>>

async function open() {
  const time = clock()
  const site = await hiring({ now: time.now })
  await site.act('open')
  const look = () => closeWhatIsDue({ ...site.deps, onError: (error) => assert.fail(String(error)) }, new Set())
  const close = async () => {
    await site.act('close')
    time.pass(1)
    await look()
    assert.equal((await site.deps.exercises.course(site.id)).life.state, 'closed')
  }
  return { ...site, time, look, close }
}

/** Somebody who has handed in nothing. */
async function handedIn({ app, invites }: Site, name = 'Kim Example') {
  const link = await invites(name)
  const kim = await visitor(app)
  await kim.post(link, { do: 'consent', grading: 'yes' }).expect(200)
  await kim.post(`${link}/start`).expect(303)
  return { kim, link, handIn: () => kim.post(`${link}/hand-in`).expect(303) }
}

/** Everything that is stored of answers, or of counts. */
const answersIn = async ({ deps, id }: Site, seat: string) => {
  const { groupAnswersOf } = await import('../../../server/hiring/group-answers.ts')
  return [...(await groupAnswersOf(deps, { sittingId: id, participantId: seat }))]
}

test('nothing is asked before handing in; then it is voluntary, and can be changed and taken back', async () => {
  const site = await open()
  const { kim, link, handIn } = await handedIn(site)
  const [seat] = await site.seats()
  for (const path of ['', '/work', '/hand-in']) assert.doesNotMatch((await kim.get(`${link}${path}`)).text, /gender/i)
  await kim.post(`${link}/groups`, { do: 'save', 'group-gender': 'woman' }).expect(303)
  assert.deepEqual(await answersIn(site, seat!.id), [])
  await handIn()
  const before = JSON.stringify(await site.deps.journals.acts({ sittingId: site.id, participantId: seat!.id }))
  const { text } = await kim.get(`${link}/done`).expect(200)
  for (const says of [/What is your gender/, /never touch your score/, /rather not say/, /counted, then deleted/])
    assert.match(text, says)
  assert.doesNotMatch(text, /ethnic minority|Take all of them back/, 'only what the exercise asks')
  await kim.post(`${link}/groups`, { do: 'save', 'group-gender': 'woman', 'group-age': 'under40' }).expect(303)
  assert.deepEqual(await answersIn(site, seat!.id), [
    ['gender', 'woman'],
    ['age', 'under40'],
  ])
  const again = (await kim.get(`${link}/done?said=yes`)).text
  assert.match(again, /Your answers are kept/)
  assert.match(again, /value="woman"[^>]* checked/)
  // What is no group, and what is not asked, is not kept.
  const odd = { do: 'save', 'group-gender': '<b>', 'group-age': 'over40', 'group-minority': 'minority' }
  await kim.post(`${link}/groups`, odd).expect(303)
  assert.deepEqual(await answersIn(site, seat!.id), [['age', 'over40']])
  await kim.post(`${link}/groups`, { do: 'take-back' }).expect(303)
  assert.deepEqual(await answersIn(site, seat!.id), [])
  assert.match((await kim.get(`${link}/done?said=yes`)).text, /No answer of yours is kept/)
  const after = JSON.stringify(await site.deps.journals.acts({ sittingId: site.id, participantId: seat!.id }))
  assert.equal(after, before, 'the journal does not say that somebody answered')
  // Nobody answers for somebody else.
  const other = await visitor(site.app)
  await other.post(`${link}/groups`, { do: 'save', 'group-gender': 'man' }).expect(303)
  assert.deepEqual(await answersIn(site, seat!.id), [])
})

test('an answer is stored without seat, name or time, goes with an erasure, and no page of the hiring side shows it', async () => {
  const site = await open()
  const { kim, link, handIn } = await handedIn(site)
  await handIn()
  const [seat] = await site.seats()
  const saved: string[] = []
  const { groups } = site.deps.storage
  const save = groups.saveAnswer
  groups.saveAnswer = async (answer) => {
    saved.push(JSON.stringify(answer))
    await save(answer)
  }
  await kim.post(`${link}/groups`, { do: 'save', 'group-gender': 'other' }).expect(303)
  assert.equal(saved.length, 1)
  assert.deepEqual(Object.keys(JSON.parse(saved[0]!)).sort(), ['group', 'key', 'question', 'sittingId'])
  assert.equal(saved[0]!.includes(seat!.id), false)
  const n = seat!.candidate!.blindName.split(' ')[1]!.toLowerCase()
  for (const path of ['', `/candidates/${n}/report`, `/candidates/${n}/score`, '/fairness', '/calibrate'])
    assert.doesNotMatch((await site.mara.get(`${site.exercise}${path}`).expect(200)).text, /Another gender/, path)
  assert.match((await site.mara.get(`${site.exercise}/fairness`)).text, /counted once, when the exercise is closed/)
  assert.equal(await eraseCandidate(site.deps, site.id, seat!.id, 'mara'), true)
  assert.equal(await groups.answer(JSON.parse(saved[0]!).key), undefined)
})

/** So many people of a group who answered the question of the exercise, right or wrong, and then said which group is theirs. */
async function people({ deps, id, time }: Site, group: string, count: number, right: number) {
  const { saveGroupAnswers } = await import('../../../server/hiring/group-answers.ts')
  for (let n = 0; n < count; n++) {
    const seat = { sittingId: id, participantId: `${group || 'silent'}-${n}` }
    await deps.storage.participants.save({
      ...{ id: seat.participantId, sittingId: id, learnerId: seat.participantId, nickname: '', joinedAtMs: time.now() },
      ...{ startedAtMs: null, finishedAtMs: null, seed: 's', timeMultiplier: 1, consent: null },
      candidate: {
        ...{ blindName: `Candidate ${group}${n}`, tokenSha256: seat.participantId, opensAtMs: null },
        ...{ untilMs: 9e15, language: 'en', revokedAtMs: null },
      },
    })
    const isRight = n < right
    const acts = [
      { act: 'consented', data: { purposes: ['grading'] } },
      { act: 'started', data: {} },
      ...['pod/always', 'pod/claim'].map((question) => ({
        ...{ act: 'answered', item: `question:${question}`, contentHash: 'h' },
        data: {
          ...{ answer: `${seat.participantId}/${question}`, seed: 's', given: ['a'], confidence: null, tookMs: 5 },
          ...{ score: isRight ? 1 : 0, verdict: isRight ? 'right' : 'wrong', topics: [] },
        },
      })),
      { act: 'handed-in', data: {} },
    ].map((one, at) => ({ ...one, id: `${seat.participantId}/${at}`, atMs: time.now() }) as unknown as KnownAct)
    await deps.journals.add(seat, acts)
    if (group !== '') await saveGroupAnswers(deps, seat, new Map([['gender', group]]))
  }
}

test('counts take the place of answers when all is over, and the page tells large groups in words', async () => {
  const time = clock()
  const made = await hiring({ now: time.now })
  // Questions alone, so that nothing has to be graded.
  await made.deps.exercises.update(made.id, (one) => ({
    ...one,
    exercise: {
      ...one.exercise,
      sections: [{ id: 'q', title: '', items: ['question:pod/always', 'question:pod/claim'] }],
    },
  }))
  await made.act('open')
  const look = () => closeWhatIsDue({ ...made.deps, onError: (error) => assert.fail(String(error)) }, new Set())
  const site: Site = { ...made, time, look, close: async () => undefined }
  await people(site, 'woman', 40, 14)
  await people(site, 'man', 60, 42)
  await people(site, 'other', 3, 1)
  await people(site, '', 12, 6)
  const { kim, link, handIn } = await handedIn(site, 'Kim Late')
  await handIn()
  const removed = site.deps.storage.groups.removeAnswers
  // The first look is broken off after the counts are stored.
  site.deps.storage.groups.removeAnswers = () => Promise.reject(new Error('killed'))
  await site.act('close')
  time.pass(1)
  await assert.rejects(look(), /killed/)
  site.deps.storage.groups.removeAnswers = removed
  await look()
  assert.equal((await site.deps.exercises.course(site.id)).life.state, 'closed')
  const counts = await site.deps.storage.groups.counts(site.id)
  assert.deepEqual(counts?.all, { people: 116, selected: 63 })
  assert.deepEqual(counts?.tables[0], {
    question: 'gender',
    groups: [
      { group: 'man', people: 60, selected: 42 },
      { group: 'woman', people: 40, selected: 14 },
    ],
  })
  assert.deepEqual(counts?.tables.slice(1), [
    { question: 'age', groups: [] },
    { question: 'language', groups: [] },
  ])
  for (const seat of ['woman-0', 'other-0']) assert.deepEqual(await answersIn(site, seat), [])
  await kim.post(`${link}/groups`, { do: 'save', 'group-gender': 'man' }).expect(409)
  assert.doesNotMatch((await kim.get(`${link}/done`).expect(200)).text, /What is your gender/)

  const { text } = await site.mara.get(`${site.exercise}/fairness`).expect(200)
  assert.match(text, /116 candidates handed in/)
  assert.match(text, /<td class="num">35 %<\/td><td class="num">0\.50<\/td>/)
  assert.match(text, /0\.32 to 0\.79/)
  assert.match(text, /less than 1 in 100/)
  assert.match(text, /chance alone hardly explains it/)
  assert.match(text, /Too few to say: two groups of at least 30/)
  assert.doesNotMatch(text, /Another gender|Candidate (?:wo)?man/)
  const otto = await manager(site, 'otto')
  await otto.get(`${site.exercise}/fairness`).expect(404)
})

test('without a pass bar nobody is asked, and the page says why there are no figures', async () => {
  const time = clock()
  const site = await hiring({ now: time.now })
  await site.deps.exercises.update(site.id, (one) => ({ ...one, exercise: { ...one.exercise, passBar: null } }))
  await site.act('open')
  const { kim, link, handIn } = await handedIn({ ...site, time, look: async () => {}, close: async () => {} })
  await handIn()
  assert.doesNotMatch((await kim.get(`${link}/done`).expect(200)).text, /What is your gender/)
  await kim.post(`${link}/groups`, { do: 'save', 'group-gender': 'man' }).expect(409)
  assert.match((await site.mara.get(`${site.exercise}/fairness`)).text, /has no pass bar/)
})

test('variants of a task are compared among equals, once there are enough who did it', async () => {
  const site = await open()
  for (let n = 0; n < 120; n++) {
    const isNarrow = n % 2 === 0
    const score = isNarrow ? 1 : n % 4 === 1 ? 4 : 3
    await gradedCandidate(site, `c${n}`, { score, params: { width: isNarrow ? 'narrow' : 'wide' } })
  }
  const { text } = await site.mara.get(`${site.exercise}/fairness`).expect(200)
  assert.match(text, /1 value differs by more than chance/)
  assert.match(text, /<code>width<\/code> <code>narrow<\/code>[\s\S]*60 against 60[\s\S]*Harder than the others/)
  assert.match(text, /What does Always[\s\S]*Nobody has done it yet/)
  assert.doesNotMatch(text, /Candidate C\d/)
})
