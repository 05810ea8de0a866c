// What a sitting or a timed exam has is not practised on meanwhile.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { practiceSeat } from '../../../server/seat.ts'
import { exported } from '../exported.ts'
import { createTestApp, visitor } from '../support.ts'

async function start() {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const { app, deps } = await createTestApp({ now: () => nowMs })
  const guest = await visitor(app)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'b' }).expect(303)
  await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)
  const data = async () => exported((await guest.get('/progress/export').expect(200)).text)
  const { learner, answers, attempts } = await data()
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { app, deps, guest, data, learner, answer: answers[0], attempt: attempts[0], pass, nowMs: () => nowMs }
}

const participant = (sittingId: string, learnerId: string) => ({
  ...{ id: 'p1', sittingId, learnerId, nickname: '', joinedAtMs: 1, startedAtMs: null, finishedAtMs: null },
  ...{ seed: 's', timeMultiplier: 1, consent: null },
})

for (const scope of ['participants', 'everybody'] as const)
  test(`items of an open sitting are refused in practice, for ${scope}`, async () => {
    const { app, deps, guest, learner, answer, attempt, pass, nowMs } = await start()
    await deps.storage.participants.save(participant('class', learner.id))
    await deps.storage.itemLocks.save({
      ...{ sittingId: 'class', items: ['question:pod/always', 'challenge:three-pods'], scope },
      untilMs: nowMs() + 1000,
    })
    const result = `/challenges/three-pods/results/${attempt.id}/1`
    const pages = [
      '/questions/pod/always',
      `/questions/pod/always?answer=${answer.id}`,
      '/challenges/three-pods',
      result,
    ]
    for (const path of pages)
      assert.match((await guest.get(path).expect(423)).text, /part of a workshop or an exercise that is open now/)
    await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(423)
    await guest.post('/challenges/three-pods', { do: 'grade' }).expect(423)
    await guest.post('/challenges/three-pods/draft', { file: 'web.yaml', content: 'a: 1' }).expect(423)
    await guest.get('/questions/pod/count').expect(200)
    assert.doesNotMatch((await guest.get('/search?q=always')).text, /href="\/questions\/pod\/always"/)
    for (const way of ['/study/review/next', '/study/mistakes/next'])
      assert.doesNotMatch((await guest.get(way).expect(303)).headers.location!, /pod\/always/)
    const exam = { pool: 'all', size: 'own', count: '60', minutes: '20', mode: 'training', seed: 'one' }
    const drawn = await guest.post('/study/exams', exam).expect(303)
    const drawnId = drawn.headers.location!.split('/').at(-1)!
    const mock = (await deps.journals.work(practiceSeat(learner.id))).mocks.find((one) => one.id === drawnId)
    assert.ok(mock!.items.length > 0)
    assert.ok(mock!.items.every(({ questionId }) => questionId !== 'pod/always'))

    const other = await visitor(app)
    await other.get('/questions/pod/always').expect(scope === 'everybody' ? 423 : 200)
    pass(1000)
    for (const path of pages) await guest.get(path).expect(200)
    await deps.storage.itemLocks.save({
      ...{ sittingId: 'class', items: ['question:pod/always'], scope },
      untilMs: null,
    })
    await guest.get('/questions/pod/always').expect(423)
    await deps.storage.itemLocks.remove('class')
    await guest.get('/questions/pod/always').expect(200)
  })

test('what one’s own timed exam asks is told nowhere else until it is over, and not named in the export', async () => {
  const { app, deps, guest, data, learner, answer, pass } = await start()
  const all = { pool: 'all', size: 'own', count: '60', minutes: '20', seed: 'one' }
  const training = (await guest.post('/study/exams', { ...all, mode: 'training' }).expect(303)).headers.location!
  const sent = await guest.post('/study/exams', { ...all, mode: 'timed' }).expect(303)
  const exam = sent.headers.location!
  const id = exam.split('/').at(-1)!
  const { mocks } = await deps.journals.work(practiceSeat(learner.id))
  const asked = mocks.find((one) => one.id === id)!.items.map(({ questionId }) => questionId)
  assert.ok(asked.includes('pod/always'))
  await guest.get(`${exam}/questions/1`).expect(200)
  for (const path of ['/questions/pod/always', `/questions/pod/always?answer=${answer.id}`, `${training}/questions/1`])
    assert.match((await guest.get(path).expect(423)).text, /part of the timed exam that you have begun/)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(423)
  assert.deepEqual(
    (await data()).mocks.map((mock: { id: string }) => mock.id),
    [training.split('/').at(-1)],
  )
  await (await visitor(app)).get('/questions/pod/always').expect(200)
  pass(20 * 60_000)
  await guest.get('/questions/pod/always').expect(200)
  await guest.get(`${training}/questions/1`).expect(200)
  assert.equal((await data()).mocks.length, 2)
})
