import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Catalog } from '../../../server/catalog/types.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import type { AppDeps } from '../../../server/pages/deps.ts'
import { renderInline } from '../../../server/render/markdown.ts'
import { practiceSeat } from '../../../server/seat.ts'
import type { Answer, Mock } from '../../../server/storage/types.ts'
import { projectCatalog } from '../../support/content.ts'
import { exported } from '../exported.ts'
import { createTestApp, exchangeMock, visitor } from '../support.ts'

const minuteMs = 60_000
/** What no page may hold before it is due. */
const keyMarkers = /KEY(WHY|EXPLANATION|MODEL|SOLUTION|CEL)/

type Fields = Record<string, string | string[]>

/** What earns full marks, by question. */
const right: Record<string, string[]> = {
  'pod/always': ['a'],
  'pod/choose': ['a', 'b'],
  'pod/count': ['3'],
  'pod/claim': ['false'],
  'pod/name-it': ['OnFailure'],
  'pod/half-a-cpu': ['500m'],
  'pod/which-line': ['2'],
  'pod/mend': ['kind: Pod'],
}
const wrong: Record<string, string[]> = {
  ...right,
  'pod/always': ['b'],
  'pod/choose': ['a', 'c'],
  'pod/count': ['4'],
  'pod/claim': ['true'],
}

/** An exam of a program that kept no questions: it has those of today. */
const keptNone = ({ deps }: { deps: AppDeps }) => {
  deps.storage.contentVersions.find = async () => undefined
}

/** A learner with a clock that the test sets forward, and an exam that has begun. */
async function begin(fields: Fields = {}, over: Partial<AppDeps> = {}, change?: (catalog: Catalog) => void) {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const made = await createTestApp({ now: () => nowMs, ...over })
  change?.(made.catalog)
  const guest = await visitor(made.app)
  const setup = { pool: 'all', size: 'own', count: '10', minutes: '20', mode: 'timed', seed: 'one', ...fields }
  const started = await guest.post('/study/exams', setup).expect(303)
  const url = started.headers.location!
  const data = async () => exported((await guest.get('/progress/export').expect(200)).text)
  // An open exam with a clock is in no export.
  const mocks = async (): Promise<Mock[]> => [
    ...(await made.deps.journals.work(practiceSeat((await data()).learner.id))).mocks,
  ]
  const mock = async (): Promise<Mock> => (await mocks())[0]!
  const ids = (await mock()).items.map(({ questionId }) => questionId)
  const pageOf = (id: string) => `${url}/questions/${ids.indexOf(`pod/${id}`) + 1}`
  return {
    ...made,
    guest,
    url,
    ids,
    mock,
    mocks,
    pageOf,
    answers: async (): Promise<Answer[]> => (await data()).answers,
    pass: (ms: number) => (nowMs += ms),
    say: (id: string, answer: string[], more: Fields = {}) =>
      guest.post(pageOf(id), { answer, do: 'save', shown: String(nowMs), before: '0', ...more }),
    /** Hands in, and has everything judged. */
    end: async () => {
      await guest.post(`${url}/finish`).expect(303).expect('Location', `${url}/results`)
      await guest.post(`${url}/judge`).expect(303)
      return (await guest.get(`${url}/results`).expect(200)).text
    },
  }
}

test('the part that brings the next question brings its name: the window and a screen reader say where one is', async () => {
  const { guest, url } = await begin()
  const { text } = await guest.get(`${url}/questions/2`).set('HX-Request', 'true').expect(200)
  assert.match(text, /^<title>Question 2 of 10 · Podium<\/title>\s*<div class="exam"/)
  assert.match((await guest.get(`${url}/questions/3`).expect(200)).text, /<title>Question 3 of 10 · Podium<\/title>/)
})

test('an exam is set up, with presets and with numbers of one’s own, and the seed makes the same one again', async () => {
  const first = await begin()
  const second = await begin()
  const other = await begin({ seed: 'two' })
  assert.deepEqual(second.ids, first.ids)
  assert.notDeepEqual(other.ids, first.ids)
  assert.equal(new Set(first.ids).size, 10)
  assert.ok(!first.ids.includes('pod/tell-me'), 'interview questions are not asked')
  const prompts = async ({ guest, pageOf }: typeof first) => (await guest.get(pageOf('count')).expect(200)).text
  const wants = (text: string) => /wants (\d) Pods/.exec(text)![1]
  assert.equal(wants(await prompts(first)), wants(await prompts(second)), 'variants are from the seed as well')
  assert.match(await prompts(first), /seed <code>one<\/code>/)
  const short = await begin({ size: 'short', count: 'x', minutes: 'x', pool: 'ckad', mode: 'exam', seed: '' })
  const made = await short.mock()
  assert.deepEqual([made.items.length, made.endsAtMs! - made.startedAtMs], [1, 20 * minuteMs])
  assert.match(made.seed, /^[0-9a-f]{8}$/)
})

const refusedSetups: [string, Fields, RegExp][] = [
  ['no pool', { pool: '' }, /Choose what the questions are drawn from/],
  ['a pool by an inherited name', { pool: 'constructor' }, /Choose what the questions are drawn from/],
  ['a pool without questions', { pool: 'cka' }, /There are no questions to draw from here/],
  ['no mode', { mode: '__proto__' }, /Choose how you sit it/],
  ['no size', { size: 'toString' }, /Choose how long it is/],
  ['no number', { count: '0' }, /from 1 to 60/],
  ['a number in words', { count: 'ten' }, /from 1 to 60/],
  ['too many', { count: '61' }, /from 1 to 60/],
  ['no time', { minutes: '-5' }, /from 1 to 240/],
  ['too much time', { minutes: '9999' }, /from 1 to 240/],
  ['a seed with a path in it', { seed: '../x' }, /A seed is up to 40/],
  ['a seed with markup', { seed: '<script>' }, /A seed is up to 40/],
  ['a long seed', { seed: 'x'.repeat(41) }, /A seed is up to 40/],
]
for (const [name, fields, sentence] of refusedSetups)
  test(`${name} is refused with a sentence, and what was typed stays`, async () => {
    const { app } = await createTestApp()
    const guest = await visitor(app)
    const setup = { pool: 'all', size: 'own', count: '7', minutes: '20', mode: 'timed', seed: '', ...fields }
    const { text } = await guest.post('/study/exams', setup).expect(422)
    assert.match(text, sentence)
    assert.match(text, /The exam was not started/)
    if (!fields.count) assert.match(text, /name="count" value="7"/)
    assert.ok(!text.includes('<script>x'))
    assert.deepEqual(exported((await guest.get('/progress/export')).text).mocks, [])
  })

const once = 'abcdef0123456789ab'
const sentOnce = { pool: 'all', size: 'own', count: '10', minutes: '20', mode: 'timed', seed: '', once }

test('the setup that is sent twice makes one exam, also when its seed is drawn', async () => {
  const { guest, mock, mocks } = await begin({ seed: '', once })
  const { seed } = await mock()
  await guest.post('/study/exams', sentOnce).expect(303).expect('Location', `/study/exams/${once}`)
  assert.equal((await mocks()).length, 1)
  assert.equal((await mock()).seed, seed)
})

for (const [name, fields] of [
  ['another length', { count: '5' }],
  ['another time', { minutes: '30' }],
  ['another mode', { mode: 'exam' }],
  ['another seed', { seed: 'zwei' }],
] as const)
  test(`the form that somebody went back to, with ${name}, makes another exam`, async () => {
    const { guest, url, mocks } = await begin({ seed: '', once })
    const again = await guest.post('/study/exams', { ...sentOnce, ...fields }).expect(303)
    assert.notEqual(again.headers.location, url)
    assert.equal((await mocks()).length, 2)
  })

test('the form that somebody went back to makes another exam once the first has been worked on, or removed', async () => {
  const { guest, url, say, end, answers } = await begin({ seed: '', once })
  await say('always', ['a']).expect(303)
  const second = (await guest.post('/study/exams', sentOnce).expect(303)).headers.location!
  assert.notEqual(second, url)
  // Results are told when no other exam asks the same.
  await guest.post(`${second}/finish`).expect(303)
  await end()
  await guest.post(`${url}/remove`).expect(303)
  const third = (await guest.post('/study/exams', sentOnce).expect(303)).headers.location!
  assert.notEqual(third, url, 'what is answered in it would be taken for the answers of the one that was removed')
  assert.equal((await answers()).length, 1)
})

for (const mode of ['timed', 'exam'])
  test(`nothing of a key is on any page of a ${mode} exam before it is handed in, whatever was answered`, async () => {
    const { guest, url, ids, mock, answers, labs } = await begin({ mode })
    for (const [n, id] of ids.entries()) {
      const page = `${url}/questions/${n + 1}`
      assert.doesNotMatch((await guest.get(page).expect(200)).text, keyMarkers, id)
      if (right[id]) await guest.post(page, { answer: right[id]!, do: 'save' }).expect(303)
      assert.doesNotMatch((await guest.get(page).expect(200)).text, keyMarkers, id)
      const { text } = await guest.htmx(page, { answer: right[id] ?? [], do: 'flag' }).expect(200)
      assert.doesNotMatch(text, keyMarkers, id)
    }
    for (const path of [`${url}/finish`, '/study/exams', '/progress/export'])
      assert.doesNotMatch((await guest.get(path).expect(200)).text, keyMarkers, path)
    await guest.get(`${url}/results`).expect(303)
    await guest.post(`${url}/judge`).expect(303).expect('Location', url)
    assert.ok((await mock()).items.every(({ result }) => result === null))
    assert.deepEqual([await answers(), labs.calls], [[], []], 'nothing was judged')
  })

test('no page of an exam over the real content holds a reason or an explanation before it is handed in', async () => {
  const real = await projectCatalog()
  const { guest, url, mock } = await begin({ count: '60', mode: 'exam' }, { catalog: () => real })
  const plain = (html: string) =>
    html
      .replace(/<[^>]+>/g, '')
      .replace(/&#?\w+;/g, '')
      .replace(/\s+/g, ' ')
  const { items } = await mock()
  assert.equal(items.length, 60)
  for (const [n, { questionId }] of items.entries()) {
    const question = real.questions.get(questionId)!
    const {
      options = [],
      items: steps = [],
      pairs = [],
      distractors = [],
    } = question.data as Record<string, { why?: string }[]>
    const whys = [...options, ...steps, ...pairs, ...distractors].map(({ why }) => why ?? '')
    const text = plain((await guest.get(`${url}/questions/${n + 1}`).expect(200)).text)
    for (const secret of [...whys, question.explanation.split('\n\n')[0]!]) {
      const part = plain(renderInline(secret)).slice(0, 60)
      if (part.length > 12) assert.ok(!text.includes(part), `${questionId} holds: ${part}`)
    }
  }
})

test('an exam over the real content is drawn by the weights of its domains', async () => {
  const real = await projectCatalog()
  const { mock, guest, url } = await begin({ pool: 'cka', size: 'full' }, { catalog: () => real })
  const { items } = await mock()
  const count = (domain: string) => items.filter(({ group }) => group === domain).length
  assert.deepEqual(
    ['cluster-architecture', 'workloads-scheduling', 'services-networking', 'storage', 'troubleshooting'].map(count),
    [10, 6, 8, 4, 12],
  )
  assert.match(
    (await guest.get(`${url}/questions/1`).expect(200)).text,
    /Troubleshooting<\/th><td class="num">30 %<\/td><td class="num">0\/12/,
  )
})

test('answers can be changed until the end, and come back after a reload and in another tab', async () => {
  const { guest, say, pageOf, url, mock } = await begin()
  await say('always', ['b'], { confidence: 'guess' }).expect(303)
  await say('always', ['a'], { confidence: 'sure' }).expect(303)
  const { text } = await guest.get(pageOf('always')).expect(200)
  assert.match(text, /value="a" data-key="\w" checked/)
  assert.match(text, /value="sure" checked/)
  assert.match(text, /1 of 10 answered/)
  await guest
    .get(url)
    .expect(303)
    .expect('Location', `${url}/questions/${(await mock()).current + 1}`)
  await say('always', [], { do: 'clear' }).expect(303)
  assert.match((await guest.get(pageOf('always'))).text, /0 of 10 answered/)
})

test('going on, going back, jumping and flagging save what was chosen', async () => {
  const { guest, url, mock, ids } = await begin()
  const moves: [string, number, string][] = [
    ['next', 1, `${url}/questions/2`],
    ['prev', 2, `${url}/questions/1`],
    ['prev', 1, `${url}/questions/1`],
    ['go:7', 1, `${url}/questions/7`],
    ['go:999', 1, `${url}/questions/10`],
    ['next', 10, `${url}/finish`],
    ['finish', 3, `${url}/finish`],
    ['nonsense', 3, `${url}/questions/3`],
  ]
  for (const [act, from, to] of moves)
    await guest.post(`${url}/questions/${from}`, { do: act }).expect(303).expect('Location', to)
  const place = ids.indexOf('pod/always')
  for (const act of ['next', 'flag', 'keep']) {
    await guest.post(`${url}/questions/${place + 1}`, { do: 'clear' }).expect(303)
    await guest.post(`${url}/questions/${place + 1}`, { do: act, answer: 'a' }).expect(act === 'keep' ? 200 : 303)
    assert.deepEqual((await mock()).items[place]!.given, ['a'], act)
  }
  assert.equal((await mock()).items[place]!.isFlagged, true)
  assert.match((await guest.get(`${url}/finish`)).text, new RegExp(`Question ${place + 1}</a> .*flagged`))
})

test('an order or a manifest as it was handed out is no answer, however it is sent', async () => {
  const { guest, pageOf, mock, ids } = await begin()
  for (const id of ['flow', 'mend']) {
    const page = (await guest.get(pageOf(id)).expect(200)).text
    const start = id === 'flow' ? [...page.matchAll(/name="answer" value="([^"]*)"/g)].map(([, value]) => value!) : []
    const manifest = (await createTestApp()).catalog.questions.get('pod/mend')!.data as {
      scenario: { steps: { apply: string }[] }
    }
    const given = id === 'flow' ? start : [manifest.scenario.steps[0]!.apply.replaceAll('\n', '\r\n')]
    const stored = async () => (await mock()).items[ids.indexOf(`pod/${id}`)]!.given
    await guest.post(pageOf(id), { do: 'next', answer: given }).expect(303)
    assert.deepEqual(await stored(), [], id)
    const refused = await guest.post(pageOf(id), { do: 'save', answer: given }).expect(422)
    assert.match(refused.text, /Not saved\. This is the (order|manifest)/)
    assert.deepEqual(await stored(), [], id)
    const other = id === 'flow' ? [given[1]!, given[0]!, ...given.slice(2)] : [`${given[0]}\n# mine`]
    await guest.post(pageOf(id), { do: 'save', answer: other }).expect(303)
    assert.deepEqual(await stored(), other, id)
  }
})

test('steps are moved by buttons and stay where they were put', async () => {
  const { guest, pageOf } = await begin()
  const idsOn = (text: string) => [...text.matchAll(/name="answer" value="([^"]*)"/g)].map(([, value]) => value!)
  const before = idsOn((await guest.get(pageOf('flow'))).text)
  await guest.post(pageOf('flow'), { answer: before, do: `down:${before[0]}` }).expect(303)
  assert.deepEqual(idsOn((await guest.get(pageOf('flow'))).text), [before[1], before[0], before[2]])
})

const blanks: [string, string[], string][] = [
  ['always', [], 'save'],
  ['always', ['zzz'], 'save'],
  ['always', ['zzz'], 'next'],
  ['choose', ['a', 'a'], 'save'],
  ['count', ['three'], 'next'],
  ['count', ['1'.repeat(1000)], 'go:1'],
  ['flow', ['s1', 's1', 's2'], 'finish'],
  ['pair-up', ['one=x', '', ''], 'next'],
  ['which-line', ['99'], 'flag'],
  ['mend', ['x'.repeat(20_001)], 'save'],
]
for (const [id, given, act] of blanks)
  test(`${JSON.stringify(given).slice(0, 60)} to ${id} is not saved by ${act}, and what was saved before stays`, async () => {
    const { guest, pageOf, say, mock, ids } = await begin()
    if (right[`pod/${id}`]) await say(id, right[`pod/${id}`]!).expect(303)
    const { text } = await guest.post(pageOf(id), { answer: given, do: act }).expect(422)
    assert.match(text, /Not saved\. /)
    assert.doesNotMatch(text, keyMarkers)
    const item = (await mock()).items[ids.indexOf(`pod/${id}`)]!
    assert.deepEqual(item.given, right[`pod/${id}`] ?? [])
    assert.equal(item.isFlagged, act === 'flag', 'what is not finished can be flagged')
    if (act === 'next') assert.match(text, /Go on without it/)
  })

test('what comes after the end is refused with a sentence, and the exam is closed', async () => {
  const { guest, say, pass, pageOf, url, mock, ids } = await begin()
  await say('always', ['a']).expect(303)
  pass(20 * minuteMs - 1)
  await say('claim', ['false']).expect(303)
  pass(1)
  const late = await say('claim', ['true']).expect(422)
  assert.match(late.text, /The time was over at 09:20:00 UTC\. What you sent came after it and does not count/)
  assert.match(
    (await guest.htmx(pageOf('claim'), { answer: 'true', do: 'save' }).expect(422)).text,
    /^<title>[^<]+<\/title>\s*<div[^>]*id="exam"/,
  )
  await guest.post(pageOf('claim'), { answer: 'true', do: 'keep' }).expect(410)
  for (const path of [pageOf('always'), `${url}/finish`, url])
    await guest.get(path).expect(303).expect('Location', `${url}/results`)
  assert.deepEqual((await mock()).items[ids.indexOf('pod/claim')]!.given, ['false'])
  assert.match((await guest.get(`${url}/results`).expect(200)).text, /Judging your answers/)
  await guest.post(`${url}/judge`).expect(303)
  const { text } = await guest.get(`${url}/results`).expect(200)
  assert.match(text, /20 min, all of it/)
  assert.match(text, /2 of 10/)
})

test('an exam that was over stays so when the server’s clock is set back', async () => {
  const { guest, say, pass, url, mock, ids } = await begin()
  pass(120 * minuteMs)
  await guest.get('/study').expect(200)
  pass(-120 * minuteMs)
  await say('always', ['a']).expect(422)
  await guest.get(url).expect(303).expect('Location', `${url}/results`)
  assert.deepEqual((await mock()).items[ids.indexOf('pod/always')]!.given, [])
})

test('what comes after it was handed in is refused as well', async () => {
  const { guest, url, say } = await begin()
  await guest.post(`${url}/finish`).expect(303)
  assert.match((await say('always', ['a']).expect(422)).text, /This exam was handed in at 09:00:00 UTC/)
})

test('it says how many are unanswered before it is handed in', async () => {
  const { guest, url, say } = await begin()
  await say('always', ['a']).expect(303)
  assert.match((await guest.get(`${url}/finish`).expect(200)).text, /9 of 10 questions are not answered/)
})

test('the result stands by section with every verdict, and the answers are entered once', async () => {
  const made = await begin()
  const { guest, url, say, pass, answers, labs } = made
  for (const [id, answer] of Object.entries(right)) {
    pass(30_000)
    await say(id.slice(4), answer, { shown: String(Date.UTC(2026, 2, 2, 9)) }).expect(303)
  }
  assert.deepEqual(labs.calls, [], 'nothing is simulated before the end')
  const text = await made.end()
  assert.match(text, /80 %<\/span><\/h1>/)
  assert.match(text, /Pass mark reached/)
  assert.match(text, /KEYEXPLANATION single/)
  assert.match(text, /KEYEXPLANATION: 3 of \d/)
  assert.match(text, /href="\/questions\?section=pod"/)
  assert.match(text, /Not answered/)
  assert.equal(text.match(/You did not answer it/g)?.length, 2)
  const entered = await answers()
  assert.equal(entered.length, 8)
  assert.ok(entered.every(({ verdict }) => verdict === 'right'))
  assert.ok(entered.every(({ tookMs }) => tookMs !== null && tookMs >= 30_000))
  for (let n = 0; n < 3; n++) {
    await guest.post(`${url}/judge`).expect(303)
    await guest.post(`${url}/finish`).expect(303)
    await guest.get(`${url}/results`).expect(200)
  }
  assert.equal((await answers()).length, 8)
  assert.equal(labs.calls.length, 2)
  await guest.get(`/questions/pod/always?answer=${entered.find((a) => a.questionId === 'pod/always')!.id}`).expect(200)
  assert.match((await guest.get('/study/exams').expect(200)).text, /✓ 80 %/)
  assert.match((await guest.get('/progress').expect(200)).text, /8 of 8 first answers were right/)
})

test('in an exam a wrong pick cancels a right one, as is printed; in a timed one each option counts by itself', async () => {
  for (const [mode, rule, word] of [
    ['exam', /cancels a right one/, /✕<\/span> Not right/],
    ['timed', /counts by itself/, /◐<\/span> Partly right 50 %/],
  ] as const) {
    const made = await begin({ mode }, {}, ({ questions }) => {
      for (const id of [...questions.keys()]) if (id !== 'pod/choose') questions.delete(id)
    })
    assert.match((await made.guest.get(made.pageOf('choose')).expect(200)).text, rule)
    await made.say('choose', ['a', 'c']).expect(303)
    assert.match(await made.end(), word)
    assert.equal((await made.answers())[0]!.score, 0.5, 'among the answers it is scored as in practice')
  }
})

test('how much of an answer was right is the same number beside its verdict and in the result', async () => {
  const { guest, url, pageOf } = await begin({ mode: 'training' })
  const page = (await guest.get(pageOf('pair-up')).expect(200)).text
  const codeOf = (row: string, text: string) =>
    new RegExp(`<option value="(${row}=\\w+)">${text}</option>`).exec(page)![1]!
  const answer = [codeOf('one', 'Always'), codeOf('two', 'Sometimes'), codeOf('three', 'Always')]
  const beside = (await guest.htmx(pageOf('pair-up'), { answer, do: 'answer' }).expect(200)).text
  const [, share] = /Partly right <span class="quiet">(\d+) %/.exec(beside)!
  await guest.post(`${url}/finish`).expect(303)
  await guest.post(`${url}/judge`).expect(303)
  assert.match((await guest.get(`${url}/results`).expect(200)).text, new RegExp(`Partly right ${share} %`))
})

test('training tells the verdict at once, has no clock, and an answer stays as it was', async () => {
  const { guest, url, say, pageOf, answers, mock, pass, labs } = await begin({ mode: 'training', minutes: '' })
  assert.equal((await mock()).endsAtMs, null)
  pass(500 * minuteMs)
  assert.doesNotMatch((await guest.get(pageOf('always')).expect(200)).text, keyMarkers)
  const { text } = await guest.htmx(pageOf('always'), { answer: 'b', do: 'answer' }).expect(200)
  assert.match(text, /<\/span> Not right/)
  assert.match(text, /KEYWHY-b/)
  assert.match(text, /KEYEXPLANATION single/)
  await say('always', ['a'], { do: 'answer' }).expect(303)
  await say('count', ['3'], { do: 'answer' }).expect(303)
  await say('count', ['3'], { do: 'answer' }).expect(303)
  assert.equal(labs.calls.length, 1)
  assert.match((await guest.get(pageOf('count'))).text, /<\/span> Right/)
  assert.deepEqual(
    (await answers()).map(({ questionId, verdict }) => [questionId, verdict]),
    [
      ['pod/always', 'wrong'],
      ['pod/count', 'right'],
    ],
  )
  await guest.post(`${url}/finish`).expect(303)
  await guest.post(`${url}/judge`).expect(303)
  assert.match((await guest.get(`${url}/results`).expect(200)).text, /1 of 10/)
  assert.equal((await answers()).length, 2)
})

test('with script the judging is told of as it goes; a busy simulator loses nothing', async () => {
  const { guest, url, say, labs, answers } = await begin()
  for (const id of ['count', 'mend', 'always']) await say(id, right[`pod/${id}`]!).expect(303)
  await guest.post(`${url}/finish`).expect(303)
  labs.next.refusal = new LabRefusal(503, 'Many simulations are waiting.')
  const busy = await guest.htmx(`${url}/judge`).expect(503)
  assert.match(busy.text, /Many simulations are waiting\. Nothing of yours is lost/)
  assert.doesNotMatch(busy.text, /hx-trigger="load/)
  labs.next.refusal = undefined
  await guest.htmx(`${url}/judge`).expect(200).expect('HX-Redirect', `${url}/results`)
  assert.equal((await answers()).length, 3)
})

test('many simulations are judged a few at a time', async () => {
  const { guest, url } = await begin({}, {}, ({ questions }) => {
    const count = questions.get('pod/count')!
    for (let n = 0; n < 9; n++) questions.set(`pod/count-${n}`, { ...count, id: `pod/count-${n}` })
    for (const [id, { type }] of [...questions]) if (type !== 'predict') questions.delete(id)
  })
  await guest.post(`${url}/finish`).expect(303)
  const told: string[] = []
  for (let n = 0; n < 9; n++) {
    const { text, headers } = await guest.htmx(`${url}/judge`).expect(200)
    if (headers['hx-redirect']) break
    told.push(/(\d+) of 10 judged/.exec(text)![1]!)
    assert.match(text, /hx-trigger="load/)
  }
  assert.deepEqual(told, ['4', '8'])
})

test('what the simulator could not judge, or the content does not have any more, does not count', async () => {
  const made = await begin()
  await made.say('always', ['a']).expect(303)
  await made.say('count', ['4']).expect(303)
  await made.say('claim', ['true']).expect(303)
  made.labs.next.refusal = new LabRefusal(422, 'It took too long.')
  keptNone(made)
  made.catalog.questions.delete('pod/claim')
  assert.match((await made.guest.get(made.pageOf('claim')).expect(200)).text, /A question that is gone/)
  await made.guest.post(made.pageOf('claim'), { do: 'next' }).expect(303)
  const text = await made.end()
  assert.match(text, /The simulator could not judge it\. It took too long/)
  assert.match(text, /no longer part of the content/)
  assert.match(text, /1 of 8/)
  assert.deepEqual(
    (await made.answers()).map(({ questionId }) => questionId),
    ['pod/always'],
  )
})

test('every kind of question shows its key when it was not answered, and when it was answered wrong', async () => {
  const blank = await (await begin()).end()
  for (const marker of ['KEYSOLUTION', 'KEYWHY-a', 'KEYEXPLANATION']) assert.match(blank, new RegExp(marker))
  assert.doesNotMatch(blank, /undefined|Your manifest/)
  const made = await begin()
  for (const [id, answer] of Object.entries(wrong)) await made.say(id.slice(4), answer).expect(303)
  assert.doesNotMatch(await made.end(), /undefined/)
})

test('an exam of somebody else, or none, is not there', async () => {
  const { app, url } = await begin()
  const stranger = await visitor(app)
  for (const base of [url, '/study/exams/constructor', '/study/exams/..%2f..%2fx', `/study/exams/${'0'.repeat(18)}`]) {
    for (const path of ['', '/questions/1', '/finish', '/results']) await stranger.get(base + path).expect(404)
    for (const path of ['/questions/1', '/finish', '/judge', '/remove'])
      await stranger.post(base + path, { answer: 'a' }).expect(404)
  }
})

for (const n of ['0', '11', '-1', '1e1', '999999', 'x', '%00'])
  test(`question ${n} of ten is not there`, async () => {
    const { guest, url } = await begin()
    await guest.get(`${url}/questions/${n}`).expect(404)
    await guest.post(`${url}/questions/${n}`, { do: 'save', answer: 'a' }).expect(404)
  })

test('Study leads back to the exam that is open or to be judged, and to a new one when none is', async () => {
  const { guest, url, pass } = await begin()
  assert.match((await guest.get('/study').expect(200)).text, new RegExp(`href="${url}">Go on with your exam`))
  assert.match((await guest.get('/study/exams').expect(200)).text, /is open, 20 min left/)
  pass(20 * minuteMs)
  const { text } = await guest.get('/study').expect(200)
  assert.match(text, new RegExp(`href="${url}">Judge my answers<`), 'its time ran out while nobody looked')
  await guest.post(`${url}/judge`).expect(303)
  assert.match((await guest.get('/study').expect(200)).text, />Take an exam</)
})

test('a result leads to the form as it was filled in, with the seed or without', async () => {
  const made = await begin({ mode: 'exam', minutes: '33' })
  const text = await made.end()
  const [, again] = /href="([^"]+)">The same again/.exec(text)!
  const form = (await made.guest.get(again!.replaceAll('&amp;', '&')).expect(200)).text
  for (const filled of [
    /name="pool" value="all" checked/,
    /name="mode" value="exam" checked/,
    /name="size" value="own"[^>]* checked/,
    /name="count" value="10"/,
    /name="minutes" value="33"/,
    /name="seed" value="one"/,
  ])
    assert.match(form, filled)
  const hostile = await made.guest
    .get('/study/exams?pool=constructor&mode=__proto__&count=%22%3E&seed=%3Cb%3E')
    .expect(200)
  assert.match(hostile.text, /name="pool" value="cka" checked/)
  assert.doesNotMatch(hostile.text, /<b>/)
})

test('an exam can be removed, and one’s answers stay', async () => {
  const made = await begin()
  await made.say('always', ['a']).expect(303)
  await made.end()
  await made.guest.post(`${made.url}/remove`).expect(303).expect('Location', '/study/exams')
  await made.guest.get(`${made.url}/results`).expect(404)
  assert.equal((await made.answers()).length, 1)
})

test('deleting one’s data deletes the exams', async () => {
  const { guest, deps, mock } = await begin()
  const { participantId } = await mock()
  await guest.post('/progress/delete', { confirm: 'yes' }).expect(303)
  assert.deepEqual((await deps.journals.work(practiceSeat(participantId))).mocks, [])
})

for (const [shown, before] of [
  ['', ''],
  ['-1', '-1'],
  ['9e99', '9e99'],
  ['0', '999999999999'],
  ['99999999999999999999', '__proto__'],
])
  test(`nobody spends more time than has passed, shown ${shown} and before ${before}`, async () => {
    const { say, mock, ids, pass } = await begin()
    pass(5000)
    await say('always', ['a'], { shown: shown!, before: before! }).expect(303)
    const { spentMs } = (await mock()).items[ids.indexOf('pod/always')]!
    assert.ok(spentMs >= 0 && spentMs <= 5000, String(spentMs))
  })

/** The form of a page as a browser sends it. */
const formOf = (text: string) => ({
  saved: /name="saved" value="([^"]*)"/.exec(text)![1]!,
  answer: [...text.matchAll(/name="answer" value="([^"]*)"[^>]*checked/g)].map(([, value]) => value!),
  confidence: /name="confidence" value="(\w+)" checked/.exec(text)?.[1] ?? '',
})

test('a page of another tab that is left as it was takes nothing back of what was saved since', async () => {
  for (const id of ['always', 'choose', 'count', 'flow', 'mend', 'pair-up']) {
    const { guest, pageOf, mock, ids, catalog } = await begin()
    const page = (await guest.get(pageOf(id)).expect(200)).text
    const item = async () => (await mock()).items[ids.indexOf(`pod/${id}`)]!
    const shown =
      {
        flow: [...page.matchAll(/name="answer" value="([^"]*)"/g)].map(([, value]) => value!),
        mend: [
          (catalog.questions.get('pod/mend')!.data as { scenario: { steps: { apply: string }[] } }).scenario.steps[0]!
            .apply,
        ],
        count: [''],
        'pair-up': ['', '', ''],
      }[id] ?? []
    const rights = [...page.matchAll(/<option value="([^"=]+=[^"]+)"/g)].map(([, value]) => value!)
    const rows = [...new Set(rights.map((value) => value.split('=')[0]!))]
    const given =
      right[`pod/${id}`] ??
      (id === 'flow' ? shown.toReversed() : rows.map((row) => rights.find((value) => value.startsWith(`${row}=`))!))
    await guest.post(pageOf(id), { answer: given, do: 'save', confidence: 'sure' }).expect(303)
    assert.deepEqual((await item()).given, given, id)
    for (const act of ['next', 'go:1', 'flag', 'keep'])
      await guest.post(pageOf(id), { ...formOf(page), answer: shown, do: act }).expect(act === 'keep' ? 200 : 303)
    assert.deepEqual([(await item()).given, (await item()).confidence], [given, 'sure'], id)
  }
})

test('what is changed in either tab is saved, and an answer that is taken back is gone', async () => {
  const { guest, pageOf, mock, ids } = await begin()
  const stored = async () => (await mock()).items[ids.indexOf('pod/choose')]!
  const page = (await guest.get(pageOf('choose'))).text
  const first = formOf(page)
  // A browser sends them in the order in which they stand on the page.
  const both = [...page.matchAll(/value="([ab])" data-key/g)].map(([, value]) => value!)
  await guest.post(pageOf('choose'), { ...first, answer: both, do: 'next' }).expect(303)
  const second = formOf((await guest.get(pageOf('choose'))).text)
  assert.deepEqual(second.answer, both)
  await guest.post(pageOf('choose'), { ...first, answer: ['c'], do: 'next' }).expect(303)
  assert.deepEqual((await stored()).given, ['c'])
  await guest.post(pageOf('choose'), { ...second, do: 'next', confidence: 'guess' }).expect(303)
  assert.deepEqual([(await stored()).given, (await stored()).confidence], [['c'], 'guess'])
  const third = formOf((await guest.get(pageOf('choose'))).text)
  const kept = await guest.post(pageOf('choose'), { ...third, answer: ['a'], do: 'keep' }).expect(200)
  await guest.post(pageOf('choose'), { ...third, saved: kept.text, answer: [], do: 'keep' }).expect(200)
  assert.deepEqual((await stored()).given, [], 'the page was told what is saved, so that it can take it back')
})

test('an answer is judged as it was sent, whatever another tab saves while the simulator runs', async () => {
  const { say, mock, ids, labs, answers } = await begin({ mode: 'training' })
  const { predict } = labs
  labs.predict = async (...given) => {
    await say('count', ['3'], { do: 'keep' }).expect(200)
    return predict(...given)
  }
  await say('count', ['4'], { do: 'answer' }).expect(303)
  const item = (await mock()).items[ids.indexOf('pod/count')]!
  assert.deepEqual([item.given, item.result?.verdict], [['4'], 'wrong'])
  assert.deepEqual(
    (await answers()).map(({ given, verdict }) => [given, verdict]),
    [[['4'], 'wrong']],
  )
})

test('a manifest that is too much for the simulator earns nothing, when the question itself is not', async () => {
  const made = await begin()
  const { judgeFix } = made.labs
  made.labs.judgeFix = async (who, request) => {
    if (request.manifest.includes('replicas: 99999')) throw new LabRefusal(422, 'It passed its budget.')
    return judgeFix(who, request)
  }
  await made.say('always', ['a']).expect(303)
  await made.say('mend', ['kind: Deployment\nreplicas: 99999']).expect(303)
  const text = await made.end()
  assert.match(text, /1 of 10/)
  assert.match(text, /It passed its budget/)
  const { result } = (await made.mock()).items[made.ids.indexOf('pod/mend')]!
  assert.deepEqual([result?.verdict, result && 'score' in result && result.score], ['wrong', 0])
})

test('results are shown also when questions have become others since they were judged', async () => {
  const made = await begin()
  for (const id of ['always', 'claim', 'choose', 'mend']) await made.say(id, right[`pod/${id}`]!).expect(303)
  await made.end()
  keptNone(made)
  const { questions } = made.catalog
  const becomes = (id: string, as: string) =>
    questions.set(`pod/${id}`, { ...questions.get(`pod/${as}`)!, id: `pod/${id}`, hash: 'another' })
  const before = new Map(questions)
  for (const as of ['count', 'mend', 'flow', 'pair-up', 'tell-me', 'half-a-cpu'])
    for (const id of ['always', 'claim', 'choose', 'name-it']) {
      becomes(id, as)
      const { text } = await made.guest.get(`${made.url}/results`).expect(200)
      // What fits any words is shown with them.
      if (id === 'always' && as !== 'tell-me') assert.match(text, /This question has changed since you answered/, as)
      questions.set(`pod/${id}`, before.get(`pod/${id}`)!)
    }
  const mend = questions.get('pod/mend')!
  const data = mend.data as { checks: object[] }
  questions.set('pod/mend', { ...mend, hash: 'another', data: { ...data, checks: [...data.checks, ...data.checks] } })
  assert.match((await made.guest.get(`${made.url}/results`).expect(200)).text, /has changed since you answered/)
})

test('an exam that is begun stays as it was drawn, whatever becomes of its questions and in whichever language', async () => {
  const made = await begin()
  const { questions } = made.catalog
  for (const id of made.ids) {
    const other = id === 'pod/claim' ? 'pod/always' : 'pod/claim'
    questions.set(id, { ...questions.get(other)!, id, hash: `changed-${id}`, title: 'ANOTHER' })
  }
  questions.delete('pod/name-it')
  for (const id of Object.keys(right)) {
    const page = await made.guest.get(made.pageOf(id.replace('pod/', ''))).expect(200)
    assert.doesNotMatch(page.text, /ANOTHER|question that is gone/, id)
    await made.say(id.replace('pod/', ''), right[id]!).expect(303)
  }
  const text = await made.end()
  assert.match(text, /8 of 10/)
  assert.match(text, /This question has changed since\. You see it as you were asked\./)
  assert.doesNotMatch(text, /ANOTHER|href="\/questions\/pod\/name-it/)
  const { items } = await made.mock()
  const answers = await made.answers()
  assert.equal(answers.length, 8)
  for (const { questionId, contentHash, verdict } of answers) {
    assert.equal(contentHash, items.find((item) => item.questionId === questionId)!.contentHash)
    assert.equal(verdict, 'right', questionId)
  }
})

test('a result stays as it was judged; what the question of today would make of the answer stands beside it', async () => {
  const made = await begin()
  const { questions } = made.catalog
  await made.say('always', right['pod/always']!).expect(303)
  await made.say('count', right['pod/count']!).expect(303)
  assert.doesNotMatch(await made.end(), /Your verdict stands/)
  // Another option is the right one by now.
  const always = questions.get('pod/always')!
  const data = always.data as { options: { id: string; correct?: boolean }[] }
  const options = data.options.map((one) => ({ ...one, correct: !right['pod/always']!.includes(one.id) }))
  questions.set('pod/always', { ...always, hash: 'another', data: { ...data, options } })
  // What a cluster decides is not run again for a list.
  questions.set('pod/count', { ...questions.get('pod/count')!, hash: 'another' })
  const { text } = await made.guest.get(`${made.url}/results`).expect(200)
  assert.equal(text.match(/Your verdict stands/g)?.length, 1)
  assert.match(
    text,
    /This question has changed since\. You see it as you were asked\. Your verdict stands: Right\. Today it would be: Not right\./,
  )
})

test('a question that was judged in training and has become another since is told as such', async () => {
  const made = await begin({ mode: 'training' })
  keptNone(made)
  await made.say('always', ['a'], { do: 'answer' }).expect(303)
  const { questions } = made.catalog
  questions.set('pod/always', { ...questions.get('pod/count')!, id: 'pod/always', hash: 'another' })
  const { text } = await made.guest.get(made.pageOf('always')).expect(200)
  assert.match(text, /This question has changed since you answered/)
  assert.doesNotMatch(text, /value="answer"/)
  await made.say('claim', ['false'], { do: 'answer' }).expect(303)
})

test('answers that could not be entered when they were judged are entered with the result', async () => {
  const made = await begin()
  await made.say('always', ['a']).expect(303)
  await made.say('claim', ['false']).expect(303)
  await made.guest.post(`${made.url}/finish`).expect(303)
  const { write } = made.deps.journals
  made.deps.journals.write = (seat, decide) =>
    write(seat, (work) => {
      const acts = decide(work)
      if (acts.some(({ act }) => act === 'answered')) throw new Error('the disk is full')
      return acts
    })
  await made.guest.post(`${made.url}/judge`).expect(500)
  made.deps.journals.write = write
  const { text } = await made.guest.get(`${made.url}/results`).expect(200)
  assert.equal((await made.answers()).length, 2)
  for (const [, href] of text.matchAll(/href="([^"]+)">Open your answer/g)) await made.guest.get(href!).expect(200)
})

test('what was judged late stands where it was answered: an answer right since then is not a mistake', async () => {
  const made = await begin()
  await made.say('always', ['b']).expect(303)
  await made.guest.post(`${made.url}/finish`).expect(303)
  made.pass(60 * minuteMs)
  await made.guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  await made.guest.post(`${made.url}/judge`).expect(303)
  assert.deepEqual(
    (await made.answers()).map(({ verdict }) => verdict),
    ['wrong', 'right'],
  )
  assert.match((await made.guest.get('/study/notebook').expect(200)).text, /No open mistakes/)
})

for (const name of ['constructor', '__proto__'])
  test(`an exam out of a file whose pool and group are called ${name} is listed and shown`, async () => {
    const { guest, deps, mock, url } = await begin()
    const { participantId, id } = await mock()
    await exchangeMock(deps, participantId, id, (m) => ({
      ...m,
      pool: name,
      items: m.items.map((item) => ({ ...item, group: name })),
    }))
    await guest.get('/study/exams').expect(200)
    await guest.get(`${url}/questions/1`).expect(200)
  })

test('two answers sent at once are both kept', async () => {
  const { say, mock } = await begin()
  await Promise.all([
    say('always', ['a']).expect(303),
    say('claim', ['true']).expect(303),
    say('count', ['3']).expect(303),
  ])
  assert.equal((await mock()).items.filter(({ given }) => given.length > 0).length, 3)
})
