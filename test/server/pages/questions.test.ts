import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mostOf } from '../../../server/belongings/limits.ts'
import { actOfAnswer } from '../../../server/journal/folds/answers.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { exported } from '../exported.ts'
import { createTestApp, visitor } from '../support.ts'

/** Values of the form's fields named `answer`, in their order on the page. */
const answersOn = (html: string) => [...html.matchAll(/name="answer" value="([^"]*)"/g)].map(([, value]) => value!)

test('the scoring rule of a multiple choice is printed under its prompt', async () => {
  const { app } = await createTestApp()
  const { text } = await (await visitor(app)).get('/questions/pod/choose').expect(200)
  assert.match(text, /Each of the 4 options counts by itself/)
})

test('the list follows the syllabus, whatever the folders are called', async () => {
  const { app, deps } = await createTestApp()
  const catalog = deps.catalog()
  const questions = new Map(catalog.questions)
  const one = questions.get('pod/always')!
  for (const section of ['networking', 'workloads'] as const)
    questions.set(`${section}/one`, { ...one, id: `${section}/one`, section })
  deps.catalog = () => ({ ...catalog, questions })
  const { text } = await (await visitor(app)).get('/questions').expect(200)
  assert.deepEqual(
    [...text.matchAll(/<h2[^>]*><span class="domain"[^>]*>([^<]+)<\/span><\/h2>/g)].map(([, title]) => title),
    ['Pods', 'Workloads', 'Networking'],
  )
})

const verdicts = [
  { name: 'the right option', path: 'always', given: ['a'], word: 'Right', score: 1 },
  { name: 'a wrong option', path: 'always', given: ['b'], word: 'Not right', score: 0 },
  { name: 'all right options', path: 'choose', given: ['a', 'b'], word: 'Right', score: 1 },
  { name: 'some right options', path: 'choose', given: ['a'], word: 'Partly right', score: 0.75 },
  { name: 'the computed number', path: 'count', given: [' 3 '], word: 'Right', score: 1 },
  { name: 'another number', path: 'count', given: ['4'], word: 'Not right', score: 0 },
  { name: 'false', path: 'claim', given: ['false'], word: 'Right', score: 1 },
  { name: 'true', path: 'claim', given: ['true'], word: 'Not right', score: 0 },
  { name: 'an accepted form', path: 'name-it', given: [' "onfailure" '], word: 'Right', score: 1 },
  { name: 'another word', path: 'name-it', given: ['never'], word: 'Not right', score: 0 },
  { name: 'an equal quantity', path: 'half-a-cpu', given: ['0.5 CPU'], word: 'Right', score: 1 },
  { name: 'another quantity', path: 'half-a-cpu', given: ['5'], word: 'Not right', score: 0 },
  { name: 'the line', path: 'which-line', given: ['2'], word: 'Right', score: 1 },
  { name: 'another line', path: 'which-line', given: ['3'], word: 'Not right', score: 0 },
  { name: 'a manifest that holds', path: 'mend', given: ['kind: Pod'], word: 'Right', score: 1 },
]
for (const { name, path, given, word, score } of verdicts)
  test(`${name} of ${path} is judged ${word} with its reasons, and stored`, async () => {
    const { app, deps } = await createTestApp()
    const guest = await visitor(app)
    const sent = await guest
      .post(`/questions/pod/${path}/answer`, { v: '1', answer: given, confidence: 'sure' })
      .expect(303)
    const { text } = await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
    assert.match(text, new RegExp(`</span> ${word}`))
    assert.match(text, /KEYEXPLANATION/)
    const { answers } = exported((await guest.get('/progress/export')).text)
    assert.deepEqual(
      answers.map((answer: { score: number; confidence: string }) => [answer.score, answer.confidence]),
      [[score, 'sure']],
    )
    assert.ok(deps)
  })

test('a question without a lesson links to the documentation after the answer, not before', async () => {
  const { app, catalog } = await createTestApp()
  const question = catalog.questions.get('pod/always')!
  question.lesson = undefined
  question.sources = [
    { title: 'Pod Lifecycle', url: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/' },
  ]
  const guest = await visitor(app)
  assert.ok(!(await guest.get('/questions/pod/always').expect(200)).text.includes('Pod Lifecycle'))
  const sent = await guest.post('/questions/pod/always/answer', { v: '1', answer: ['a'] }).expect(303)
  const { text } = await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
  assert.match(text, /<a href="https:\/\/kubernetes\.io\/[^"]*"[^>]*>Pod Lifecycle<\/a>/)
  assert.ok(!text.includes('Read in'))
})

test('steps are moved by buttons, without script, until they are in order', async () => {
  const { app, catalog } = await createTestApp()
  const guest = await visitor(app)
  const items = (catalog.questions.get('pod/flow')!.data as { items: { text: string }[] }).items
  let page = (await guest.get('/questions/pod/flow').expect(200)).text
  const place = (n: number) => page.indexOf(items[n]!.text)
  for (let round = 0; round < 6 && !(place(0) < place(1) && place(1) < place(2)); round++) {
    const ids = answersOn(page)
    const texts = [0, 1, 2].sort((a, b) => place(a) - place(b))
    const wrongAt = texts.findIndex((item, n) => n > 0 && item < texts[n - 1]!)
    const moved = await guest
      .post('/questions/pod/flow/answer', { v: '1', answer: ids, do: `up:${ids[wrongAt]}` })
      .expect(303)
    page = (await guest.get(moved.headers.location!.split('#')[0]!).expect(200)).text
  }
  const sent = await guest
    .post('/questions/pod/flow/answer', { v: '1', answer: answersOn(page), do: 'answer' })
    .expect(303)
  assert.match((await guest.get(sent.headers.location!.split('#')[0]!)).text, /<\/span> Right/)
})

test('steps in the order in which they were shown, and a manifest as it was handed out, are not graded', async () => {
  const { app, catalog } = await createTestApp()
  const guest = await visitor(app)
  const page = (await guest.get('/questions/pod/flow').expect(200)).text
  const flow = await guest
    .post('/questions/pod/flow/answer', { v: '1', answer: answersOn(page), do: 'answer' })
    .expect(422)
  assert.match(flow.text, /Not graded, no try used\. This is the order in which the steps were handed out/)
  const { scenario } = catalog.questions.get('pod/mend')!.data as { scenario: { steps: { apply: string }[] } }
  const manifest = scenario.steps[0]!.apply.replaceAll('\n', '\r\n')
  const mend = await guest.post('/questions/pod/mend/answer', { v: '1', answer: [manifest], do: 'answer' }).expect(422)
  assert.match(mend.text, /Not graded, no try used\. This is the manifest as it was handed out/)
  assert.deepEqual(exported((await guest.get('/progress/export')).text).answers ?? [], [])
})

const blanks: [string, string[]][] = [
  ['always', []],
  ['always', ['zzz']],
  ['choose', []],
  ['flow', ['s1', 's1', 's2']],
  ['count', ['']],
  ['count', ['three']],
  ['count', ['1'.repeat(1000)]],
  ['count', ['3', '4']],
  ['choose', ['a', 'a', 'a']],
  ['claim', ['maybe']],
  ['name-it', ['  ']],
  ['half-a-cpu', ['half']],
  ['half-a-cpu', ['5Qi']],
  ['pair-up', ['one=x', 'two=y', 'three=z']],
  ['pair-up', ['', '', '']],
  ['which-line', ['4']],
  ['which-line', ['0']],
  ['mend', [' \n']],
  ['mend', ['x'.repeat(20_001)]],
  ['tell-me', []],
]
for (const [path, given] of blanks)
  test(`${JSON.stringify(given)} as the answer of ${path} is not graded and uses no try`, async () => {
    const { app, labs } = await createTestApp()
    const guest = await visitor(app)
    const { text } = await guest.post(`/questions/pod/${path}/answer`, { v: '1', answer: given }).expect(422)
    assert.match(text, /Not graded, no try used/)
    assert.ok(!text.includes('KEYEXPLANATION'))
    assert.deepEqual(exported((await guest.get('/progress/export')).text).answers, [])
    assert.deepEqual(labs.calls, [])
  })

test('each line of a match counts by itself, and says what was chosen', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const page = (await guest.get('/questions/pod/pair-up').expect(200)).text
  const codeOf = (row: string, text: string) =>
    new RegExp(`<option value="(${row}=\\w+)">${text}</option>`).exec(page)![1]!
  const answer = [codeOf('one', 'Always'), codeOf('two', 'Sometimes'), codeOf('three', 'Always')]
  const sent = await guest.post('/questions/pod/pair-up/answer', { v: '1', answer }).expect(303)
  const { text } = await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
  assert.match(text, /<\/span> Partly right <span class="quiet">66 %/)
  assert.match(text, /Job → OnFailure or Never.*you chose “Sometimes”/)
})

test('a manifest to fix has a desk by itself, and the small form within a lesson or a round', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const alone = (await guest.get('/questions/pod/mend').expect(200)).text
  for (const part of ['class="desk is-question"', 'id="dock"', 'js/desk.js', 'id="panel-run"', 'class="task-foot"'])
    assert.ok(alone.includes(part), part)
  const inRound = (await guest.get('/questions/pod/mend?in=review').expect(200)).text
  const inLesson = (await guest.get('/questions/pod/mend?in=lesson').expect(200)).text
  for (const text of [inRound, inLesson]) assert.doesNotMatch(text, /is-question|js\/desk\.js/)
  const answer = { v: '1', answer: ['kind: Pod'], do: 'answer' }
  // By htmx: question and verdict in the place of the form, and what became of it in the dock.
  const { text } = await guest.htmx('/questions/pod/mend/answer', answer).expect(200)
  assert.match(text, /^\s*<div class="desk-form" id="question">/)
  assert.match(text, /hx-target="#desk-result"[\s\S]*data-shows="result"/)
  assert.match(text, /hx-target="#desk-run"[\s\S]*web-1/)
  assert.doesNotMatch(text, /<html/)
  const refused = await guest.htmx('/questions/pod/mend/answer', { ...answer, answer: [''] }).expect(422)
  assert.match(refused.text, /^\s*<form class="desk-form" id="question"[\s\S]*role="alert"/)
  assert.match(refused.text, /data-shows=""/, 'nothing was judged')
  // A plain form is led to the same page.
  const sent = await guest.post('/questions/pod/mend/answer', answer).expect(303)
  const page = await guest.get(sent.headers.location!.replace(/#.*/, '')).expect(200)
  assert.match(page.text, /class="desk is-question"[\s\S]*id="verdict-title"[\s\S]*A manifest that passes/)
})

test('a manifest to fix is judged by what the cluster did with it, check by check', async () => {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  assert.match((await guest.get('/questions/pod/mend').expect(200)).text, /nginx:1\.99/)
  labs.next.judged = { held: [true, false], refused: 'error: <mended>' }
  const sent = await guest.post('/questions/pod/mend/answer', { v: '1', answer: 'kind: Pod\r\n' }).expect(303)
  const { text } = await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
  assert.match(text, /Partly right <span class="quiet">50 %/)
  assert.match(text, /The Pod runs<\/span><span class="feedback-word">holds/)
  assert.match(text, /It is called p<\/span><span class="feedback-word">does not hold/)
  assert.match(text, /KEYWHY-name/)
  assert.match(text, /error: (error: &lt;mended&gt;lt;|&#60;)mended/)
  assert.match(text, /KEYSOLUTION/)
  assert.equal((labs.calls[0]!.request as { manifest: string }).manifest, 'kind: Pod\n')
})

test('an interview question shows its model answer and rubric after the own words, and is marked by oneself', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const answers = async () => exported((await guest.get('/progress/export')).text).answers
  const shown = await guest
    .post('/questions/pod/tell-me/answer', { v: '1', answer: 'My <own> words', do: 'show' })
    .expect(200)
  assert.match(shown.text, /KEYMODEL, in <em>words<\/em>/)
  assert.match(shown.text, /RUBRIC-second/)
  assert.match(shown.text, /My &lt;own&gt; words/)
  assert.deepEqual(await answers(), [])
  const sent = await guest
    .post('/questions/pod/tell-me/answer', { v: '1', answer: ['My <own> words', 'first'], do: 'mark' })
    .expect(303)
  const { text } = await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
  assert.match(text, /Partly covered <span class="quiet">50 %/)
  assert.match(text, /RUBRIC-first<\/span><span class="feedback-word">said/)
  assert.match(text, /RUBRIC-third<\/span><span class="feedback-word">left out/)
  assert.deepEqual((await answers())[0].given, ['My <own> words', 'first'])
})

test('an answer said aloud is marked as well', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const shown = await guest.post('/questions/pod/tell-me/answer', { v: '1', answer: '', do: 'show' }).expect(200)
  assert.match(shown.text, /Said aloud/)
  const all = ['', 'first', 'second', 'third']
  const sent = await guest.post('/questions/pod/tell-me/answer', { v: '1', answer: all, do: 'mark' }).expect(303)
  assert.match((await guest.get(sent.headers.location!.split('#')[0]!).expect(200)).text, /<\/span> Well covered/)
})

test('an answer whose form is sent twice is stored once', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  for (let n = 0; n < 2; n++)
    await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a', once: 'abcdef0123456789ab' }).expect(303)
  assert.equal(exported((await guest.get('/progress/export')).text).answers.length, 1)
})

test('the same variant is drawn for the same learner again, and another for another number', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const wanted = async (v: number) => /wants (\d) Pods/.exec((await guest.get(`/questions/pod/count?v=${v}`)).text)![1]
  assert.equal(await wanted(1), await wanted(1))
  const drawn = await Promise.all(Array.from({ length: 20 }, (_, n) => wanted(n + 1)))
  assert.ok(new Set(drawn).size > 3, `drawn: ${drawn}`)
})

test('a prediction is graded by a run with the parameters that the learner saw', async () => {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  const seen = Number(/wants (\d) Pods/.exec((await guest.get('/questions/pod/count?v=4')).text)![1])
  await guest.post('/questions/pod/count/answer', { v: '4', answer: '3' }).expect(303)
  assert.deepEqual((labs.calls[0]!.request as { params: object }).params, { replicas: seen })
})

test('what a prediction is of is shown, also where it looks like HTML: in choices, reasons and the explanation', async () => {
  const { app, deps, labs } = await createTestApp()
  const catalog = deps.catalog()
  const count = catalog.questions.get('pod/count')!
  const ask = { cel: 'x', answer: 'text', choices: ['203.0.113.7', '<pending>', '<none>'] }
  const data = { ...(count.data as object), ask, distractors: [{ value: '<none>', why: 'KEYWHY of `<none>`.' }] }
  const explanation = 'It shows **{{answer}}**.\n\n```\nIP {{answer}}\n```'
  const one = { ...count, data, explanation }
  deps.catalog = () => ({ ...catalog, questions: new Map([['pod/count', one]]) })
  labs.next.key = '<pending>'
  const guest = await visitor(app)
  const asked = (await guest.get('/questions/pod/count').expect(200)).text
  const optionsOn = [...asked.matchAll(/class="option-text"[^>]*>([^<]*)</g)].map(([, text]) => text)
  assert.deepEqual(optionsOn, ['203.0.113.7', '&#60;pending&#62;', '&#60;none&#62;'])
  const sent = await guest.post('/questions/pod/count/answer', { v: '1', answer: ['<none>'] }).expect(303)
  const { text } = await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
  assert.match(text, /It shows <strong>&#60;pending&#62;<\/strong>/)
  assert.match(text, /<code class="hljs">IP &lt;pending&gt;<\/code>/)
  assert.match(text, /KEYWHY of <code>&lt;none&gt;<\/code>/)
})

test('a prediction is simulated once a request, and the key that was seen stands in the journal', async () => {
  const { app, labs, deps } = await createTestApp()
  const guest = await visitor(app)
  await guest.htmx('/questions/pod/count/answer', { v: '4', answer: '3' }).expect(200)
  assert.equal(labs.calls.filter(({ method }) => method === 'predict').length, 1)
  const { learner } = exported((await guest.get('/progress/export')).text)
  const [act] = (await deps.journals.acts(practiceSeat(learner.id))).filter((one) => one.act === 'answered')
  assert.equal(typeof (act!.data as { key?: unknown }).key, 'string')
})

test('an answer is not stored when the run behind its key was refused', async () => {
  const { app, labs } = await createTestApp()
  labs.next.refusal = new LabRefusal(503, 'Many simulations are waiting.')
  const guest = await visitor(app)
  await guest.post('/questions/pod/count/answer', { v: '1', answer: '3' }).expect(503)
  assert.deepEqual(exported((await guest.get('/progress/export')).text).answers, [])
})

for (const send of ['post', 'htmx'] as const)
  test(`a manifest whose run was refused comes back to a form sent by ${send}, with the reason`, async () => {
    const { app, labs } = await createTestApp()
    labs.next.refusal = new LabRefusal(422, 'The run was stopped: too many events.')
    const guest = await visitor(app)
    const fields = { v: '2', answer: 'kind: <mine>', confidence: 'sure', in: 'review' }
    const { text, headers } = await guest[send]('/questions/pod/mend/answer', fields).expect(422)
    assert.equal(headers['hx-retarget'], undefined)
    assert.match(text, /Not graded, no try used\. The run was stopped: too many events\./)
    assert.match(text, /<textarea[^>]*name="answer"[^>]*>kind: &lt;mine&gt;<\/textarea>/)
    assert.match(text, /value="sure" checked/)
    assert.match(text, /name="in" value="review"/)
  })

test('an answer of somebody else is not shown', async () => {
  const { app } = await createTestApp()
  const sent = await (await visitor(app)).post('/questions/pod/always/answer', { v: '1', answer: 'a' })
  await (await visitor(app)).get(sent.headers.location!.split('#')[0]!).expect(404)
})

test('a question that does not exist is told as such', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  await guest.get('/questions/pod/nothing').expect(404)
  await guest.post('/questions/pod/nothing/answer', { answer: 'a' }).expect(404)
})

for (const v of ['0', '-1', '99999', '1e3', '__proto__'])
  test(`variant ${v} falls back to the first`, async () => {
    const { app } = await createTestApp()
    assert.match((await (await visitor(app)).get(`/questions/pod/count?v=${v}`).expect(200)).text, /variant 1/)
  })

test('a new variant asks something that the learner has not answered yet', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const asked: string[] = []
  let url = '/questions/pod/count?v=1'
  for (let n = 0; n < 8; n++) {
    asked.push(/wants (\d) Pods/.exec((await guest.get(url).expect(200)).text)![1]!)
    const v = /v=(\d+)/.exec(url)![1]!
    const sent = await guest.post('/questions/pod/count/answer', { v, answer: '1' }).expect(303)
    const { text } = await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
    url = /href="([^"]+)">New variant/.exec(text)![1]!
  }
  assert.deepEqual([...asked].sort(), ['2', '3', '4', '5', '6', '7', '8', '9'])
})

test('answering the same question again in another order of its options is no first answer', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'b', confidence: 'sure' }).expect(303)
  for (const v of ['2', '3', '4'])
    await guest.post('/questions/pod/always/answer', { v, answer: 'a', confidence: 'sure' }).expect(303)
  assert.match((await guest.get('/progress').expect(200)).text, /0 of 1 first answers were right/)
})

test('the reasons stand in the order in which the options stood, and tell what was left out', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  for (const v of ['1', '2', '3']) {
    const order = answersOn((await guest.get(`/questions/pod/choose?v=${v}`)).text)
    const sent = await guest.post('/questions/pod/choose/answer', { v, answer: 'b' }).expect(303)
    const { text } = await guest.get(sent.headers.location!.split('#')[0]!)
    assert.deepEqual(
      [...text.matchAll(/KEYWHY-(\w)/g)].map(([, id]) => id),
      order,
    )
    assert.equal(text.match(/right, but you left it out/g)?.length, 1)
  }
})

test('the list is narrowed by section, topic, type, level and one’s own state', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const listed = async (filter: string) =>
    [...(await guest.get(`/questions?${filter}`).expect(200)).text.matchAll(/href="\/questions\/pod\/([\w-]+)"/g)].map(
      ([, slug]) => slug,
    )
  assert.deepEqual(await listed('type=match'), ['pair-up'])
  assert.deepEqual(await listed('topic=probes'), ['count'])
  assert.deepEqual(await listed('type=match&topic=probes'), [])
  assert.ok((await listed('type=nonsense&topic=__proto__')).length > 5)
  assert.deepEqual(await listed('state=wrong'), [])
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'b' }).expect(303)
  assert.deepEqual(await listed('state=wrong'), ['always'])
  assert.ok(!(await listed('state=new')).includes('always'))
})

test('how long an answer took is noted, unless it cannot be known', async () => {
  const { app, deps } = await createTestApp()
  const guest = await visitor(app)
  const shown = [String(deps.now() - 12_000), '', 'x', '-5', String(deps.now() + 5), '1']
  for (const moment of shown)
    await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a', shown: moment }).expect(303)
  const { answers } = exported((await guest.get('/progress/export')).text)
  assert.deepEqual(
    answers.map(({ tookMs }: { tookMs: number | null }) => tookMs),
    [12_000, null, null, null, null, null],
  )
})

test('another answer by a form that somebody went back to is another try, and is the one that is shown', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const sent = { v: '1', once: 'abcdef0123456789ab' }
  await guest.post('/questions/pod/always/answer', { ...sent, answer: 'a' }).expect(303)
  const again = await guest.post('/questions/pod/always/answer', { ...sent, answer: 'b' }).expect(303)
  assert.match((await guest.get(again.headers.location!.split('#')[0]!).expect(200)).text, /<\/span> Not right/)
  await guest.htmx('/questions/pod/always/answer', { ...sent, answer: 'b' }).expect(200)
  const { answers } = exported((await guest.get('/progress/export')).text)
  assert.deepEqual(
    answers.map(({ given }: { given: string[] }) => given),
    [['a'], ['b'], ['b']],
  )
})

test('the marks below a verdict lead back to the verdict, also of one that was swapped in', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const fields = { v: '1', answer: 'a', in: 'review' }
  const { text, headers } = await guest.htmx('/questions/pod/always/answer', fields).expect(200)
  const back = /name="back" value="([^"]*)"/.exec(text)![1]!.replaceAll('&amp;', '&')
  assert.equal(back, headers['hx-push-url'])
  await guest.get(back).expect(200)
})

test('who has as many answers as there may be is told so, and what was typed stays', async () => {
  const { app, deps } = await createTestApp()
  const guest = await visitor(app)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  const { learner, answers } = exported((await guest.get('/progress/export')).text)
  await deps.journals.add(
    practiceSeat(learner.id),
    Array.from({ length: mostOf.answers - 1 }, (_, n) => actOfAnswer({ ...answers[0], id: String(n) })),
  )
  const page = await guest.post('/questions/pod/count/answer', { v: '1', answer: '42' }).expect(422)
  assert.match(page.text, /Not graded, no try used\. You have 20000 answers here, the most that one learner may have/)
  assert.match(page.text, /value="42"/)
  assert.equal((await deps.journals.work(practiceSeat(learner.id))).answers.length, mostOf.answers)
})

test('an answer keeps its verdict; where the simulator says otherwise today, the page says both', async () => {
  const { app, labs, catalog } = await createTestApp()
  const guest = await visitor(app)
  labs.next.key = '3'
  const sent = await guest.post('/questions/pod/count/answer', { v: '1', answer: '3' }).expect(303)
  const address = sent.headers.location!.split('#')[0]!
  assert.doesNotMatch((await guest.get(address).expect(200)).text, /Your verdict stands/)
  labs.next.key = '4'
  const { text } = await guest.get(address).expect(200)
  assert.match(text, /This is judged differently today\. Your verdict stands: Right\. Today it would be: Not right\./)
  assert.match(text, /class="verdict is-right"/)
  const question = catalog.questions.get('pod/count')!
  catalog.questions.set('pod/count', { ...question, prompt: 'How few?', hash: 'another' })
  const former = (await guest.get(address).expect(200)).text
  assert.match(
    former,
    /This question has changed since\. You see it as you were asked\. Your verdict stands: Right\. Today/,
  )
  assert.doesNotMatch(former, /How few\?/)
  const href = /<a href="([^"]+)">The question as it is today/.exec(former)![1]!
  assert.match((await guest.get(href).expect(200)).text, /How few\?/)
  labs.next.key = '3'
  const asBefore = (await guest.get(address).expect(200)).text
  assert.match(asBefore, /You see it as you were asked\. <a/)
  assert.doesNotMatch(asBefore, /Your verdict stands/)
  const [answer] = exported((await guest.get('/progress/export')).text).answers
  assert.equal(answer.verdict, 'right')
})

test("an answer to a question that nobody kept is shown with today's, and says so", async () => {
  const { app, deps } = await createTestApp()
  const guest = await visitor(app)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  const { learner, answers } = exported((await guest.get('/progress/export')).text)
  const former = { ...answers[0], id: 'b'.repeat(18), contentHash: 'of-an-older-program' }
  await deps.journals.add(practiceSeat(learner.id), [actOfAnswer(former)])
  const { text } = await guest.get(`/questions/pod/always?answer=${former.id}`).expect(200)
  assert.match(
    text,
    /This question has changed since you answered\. Your verdict stands; the reasons are those of today\./,
  )
})

test('a field that was left empty is marked as what is wrong, and led to the words', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const { text } = await guest.post('/questions/pod/half-a-cpu/answer', { answer: '' }).expect(422)
  assert.match(text, /id="problem"[^>]*>Not graded, no try used/)
  assert.match(text, /name="answer"[^>]*aria-describedby="rule problem" aria-invalid="true"/)
  const fresh = (await guest.get('/questions/pod/half-a-cpu')).text
  assert.doesNotMatch(fresh, /aria-invalid/)
})
