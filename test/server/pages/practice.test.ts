import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { answersIn, newRound, nextIn, readRound, roundLength } from '../../../server/practice/rounds.ts'
import type { Answer } from '../../../server/storage/types.ts'
import { projectCatalog } from '../../support/content.ts'
import { anAnswer } from '../storage/contract.ts'
import { createTestApp, visitor } from '../support.ts'

async function start() {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const made = await createTestApp({ now: () => nowMs })
  return { ...made, guest: await visitor(made.app), pass: (ms: number) => (nowMs += ms) }
}

type Guest = Awaited<ReturnType<typeof start>>['guest']

/** Where a chain of redirections ends. */
async function follow(guest: Guest, href: string): Promise<string> {
  for (let at = href, n = 0; ; n++) {
    assert.ok(n < 5, 'it leads around')
    const { status, headers } = await guest.get(at)
    if (status !== 303) return at
    at = headers.location!
  }
}

test('a right answer leads on at once and is told above the next question; a wrong one is explained first', async () => {
  const { guest, catalog } = await start()
  const seen = new Set<string>()
  let at = await follow(guest, '/study/practice/new?of=weak')
  for (let n = 0; n < 20 && at.startsWith('/questions/'); n++) {
    const [, id, v, round] = /^\/questions\/([\w/-]+)\?v=(\d+)&in=(practice-[\w-]+)/.exec(at)!
    assert.ok(!seen.has(id!), `${id} is asked once`)
    seen.add(id!)
    const { text } = await guest.get(at).expect(200)
    assert.match(text, new RegExp(`${n + 1} of ${roundLength} ·`))
    assert.doesNotMatch(text, /How sure are you/)
    assert.match(text, /data-quick/)
    const options = [...text.matchAll(/name="answer" value="([^"]+)"/g)].map(([, value]) => value!)
    const isFirst = n === 0
    const sent = await guest.post(`/questions/${id}/answer`, { v: v!, in: round!, answer: options[0]! }).expect(303)
    const to = sent.headers.location!
    if (to.startsWith('/study/practice/next')) at = await follow(guest, to)
    else {
      const verdict = await guest.get(to.split('#')[0]!).expect(200)
      assert.match(verdict.text, /data-leads/)
      const [, next] = /href="(\/study\/practice\/next\?round=[\w-]+)" data-next/.exec(verdict.text)!
      at = await follow(guest, next!)
    }
    if (isFirst) assert.ok(catalog.questions.has(id!))
  }
  assert.match(at, /^\/study\/practice\/rounds\/practice-/)
  const summary = await guest.get(at).expect(200)
  assert.match(summary.text, new RegExp(`\\d+ of ${seen.size} right`))
})

test('what names no round, and what there is nothing to ask of, is told', async () => {
  const { guest, catalog } = await start()
  for (const round of ['x', 'practice-1-nothing', 'practice--weak', 'practice-zzzzzzzzzzzzz-weak', '__proto__'])
    await guest.get(`/study/practice/rounds/${round}`).expect(404)
  await guest.get('/study/practice/next').expect(404)
  catalog.questions.clear()
  const at = await follow(guest, '/study/practice/new?of=pod')
  assert.match((await guest.get(at).expect(200)).text, /nothing to ask there right now/)
  assert.match((await guest.get('/study/practice').expect(200)).text, /10 questions, my weak spots/)
})

test('what an exam asks just now is not practised', async () => {
  const { guest } = await start()
  const setup = { pool: 'all', size: 'own', count: '60', minutes: '10', mode: 'timed' }
  await guest.post('/study/exams', setup).expect(303)
  assert.equal(await follow(guest, '/study/practice/new?of=weak'), '/study/practice?nothing=1')
})

const catalog = await projectCatalog()
const round = newRound('weak', 1_000_000)
const ids = [...catalog.questions.keys()]
const answer = (questionId: string, atMs: number, verdict: Answer['verdict']): Answer => ({
  ...anAnswer(`a${atMs}`),
  questionId,
  atMs,
  verdict,
})

test('mistakes come first, the oldest before the others, then what is new on the weakest topics, then what was right', () => {
  const single = [...catalog.questions.values()].filter(({ type }) => type === 'single')
  const [first, second, third] = single.map(({ id }) => id)
  const answers = [answer(second!, 5, 'wrong'), answer(first!, 7, 'partly'), answer(third!, 3, 'right')]
  const next = (more: Answer[], weakest: string[] = []) =>
    nextIn(round, catalog, [...answers, ...more], weakest, () => true)
  assert.equal(next([])?.id, second)
  assert.equal(next([answer(second!, 1_000_001, 'wrong')])?.id, first)
  const done = [answer(second!, 1_000_001, 'wrong'), answer(first!, 1_000_002, 'right')]
  const topic = single[40]!.topics[0]!
  assert.equal(next(done, [topic])?.topics[0], topic)
  const all = ids
    .map((id) => answer(id, 9, 'right'))
    .map((one) => (one.questionId === third ? { ...one, atMs: 1 } : one))
  assert.equal(nextIn(round, catalog, all, [], () => true)?.id, third)
})

test('a round ends after its questions, asks none twice and only those of its scope, whatever is answered', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('weak' as const, 'pod' as const, 'storage' as const),
      fc.array(fc.constantFrom('right' as const, 'partly' as const, 'wrong' as const), { maxLength: 14 }),
      (scope, verdicts) => {
        const one = newRound(scope, 1_000_000)
        assert.deepEqual(readRound(one.id), one)
        const answers: Answer[] = []
        for (const [n, verdict] of verdicts.entries()) {
          const question = nextIn(one, catalog, answers, [], () => true)
          assert.equal(question === undefined, n >= roundLength)
          if (!question) break
          assert.ok(scope === 'weak' || question.section === scope)
          assert.ok(!answers.some(({ questionId }) => questionId === question.id))
          answers.push(answer(question.id, 1_000_000 + n, verdict))
        }
        assert.equal(answersIn(one, answers, catalog).length, Math.min(roundLength, verdicts.length))
      },
    ),
    { numRuns: 20 },
  )
})
