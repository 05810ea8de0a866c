import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sections } from '../../../server/catalog/schemas.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { hues } from '../../../server/pages/lessons/draw-cover.ts'
import { aGrade } from '../fake-labs.ts'
import { createTestApp, visitor } from '../support.ts'

test('the list of lessons names each with its section and its minutes', async () => {
  const { app } = await createTestApp()
  const page = await (await visitor(app)).get('/lessons').expect(200)
  assert.match(
    page.text,
    /<h2 id="pod"><span class="domain" data-domain="pod">Pods<\/span><\/h2>[\s\S]*href="\/lessons\/pod\/restarts"[\s\S]*5 min/,
  )
})

test('each lesson has a cover, drawn once from a run of its demo', async () => {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  const { text } = await guest.get('/lessons').expect(200)
  const [, address = ''] =
    /<img class="cover-picture" src="([^"]+\/pod\/restarts\/cover\.svg\?v=[^"]+)" alt=""/.exec(text) ?? []
  const cover = await guest
    .get(address)
    .expect(200)
    .expect('Content-Type', /^image\/svg\+xml/)
  const picture = cover.body.toString() as string
  assert.match(picture, /^<svg [\s\S]*<rect class="on"[\s\S]*<\/svg>$/)
  assert.equal(cover.headers['cache-control'], 'public, max-age=31536000, immutable')
  const again = await (await visitor(app)).get('/lessons/pod/restarts/cover.svg').expect(200)
  assert.equal(again.body.toString(), picture)
  assert.equal(again.headers['cache-control'], 'no-cache')
  assert.equal(labs.calls.length, 1)
  await guest.get('/lessons/pod/nothing/cover.svg').expect(404)
})

test('a cover that was not drawn in time is drawn when it is asked for again', async () => {
  const { app, labs } = await createTestApp()
  const { runDemo } = labs
  labs.runDemo = async () => {
    throw new LabRefusal(503, 'busy')
  }
  const guest = await visitor(app)
  await guest.get('/lessons/pod/restarts/cover.svg').expect(503)
  labs.runDemo = runDemo
  await guest.get('/lessons/pod/restarts/cover.svg').expect(200)
})

test('the list leads to each track', async () => {
  const { app } = await createTestApp()
  const { text } = await (await visitor(app)).get('/lessons').expect(200)
  assert.match(text, /href="\/tracks\/first"[^>]*>First steps<\/a>/)
})

test('questions and challenges on a lesson go from easy to hard, and say what was right and passed', async () => {
  const { app, catalog, labs } = await createTestApp()
  const threePods = catalog.challenges.get('three-pods')!
  for (const [id, difficulty, minutes] of [
    ['a-hard-one', 4, 5],
    ['a-longer-one', 1, 60],
  ] as const)
    catalog.challenges.set(id, {
      ...threePods,
      ...{ id, title: id, spec: { ...threePods.spec, difficulty, minutes, topics: ['restart-policy'] } },
    })
  catalog.challenges.set('three-pods', {
    ...threePods,
    spec: { ...threePods.spec, difficulty: 1, topics: ['restart-policy'] },
  })
  catalog.questions.set('pod/always', { ...catalog.questions.get('pod/always')!, difficulty: 5 })
  labs.next.grade = aGrade({ contentHash: threePods.hash })
  const guest = await visitor(app)
  await guest.post('/challenges/three-pods', { do: 'kubectl', line: 'get pods' })
  await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)
  await guest.post('/questions/pod/choose/answer', { answer: 'b' }).expect(303)
  const { text } = await guest.get('/lessons/pod/restarts').expect(200)
  const linked = [...text.matchAll(/class="listing-title" href="([^"]+)"/g)].map(([, href]) => href!)
  const challenges = linked.filter((href) => href.startsWith('/challenges/'))
  assert.deepEqual(challenges, ['/challenges/three-pods', '/challenges/a-longer-one', '/challenges/a-hard-one'])
  assert.equal(linked.filter((href) => href.startsWith('/questions/')).at(-1), '/questions/pod/always')
  const rowOf = (href: string): string => new RegExp(`listing-title" href="${href}"[\\s\\S]*?</li>`).exec(text)![0]
  assert.match(rowOf('/challenges/three-pods'), /level 1 · \d+ min[\s\S]*is-right"[^>]*>[\s\S]*Passed/)
  assert.doesNotMatch(rowOf('/challenges/a-hard-one'), /Passed/)
  assert.match(rowOf('/questions/pod/choose'), /verdict-tag is-(right|partly|wrong)/)
  assert.doesNotMatch(rowOf('/questions/pod/always'), /verdict-tag/)
})

test('a lesson shows its text, its callouts and its demo, and no script of its author', async () => {
  const { app } = await createTestApp()
  const { text } = await (await visitor(app)).get('/lessons/pod/restarts').expect(200)
  assert.match(text, /<strong>started again<\/strong>/)
  assert.match(text, /callout-trap[\s\S]*Common trap: It is not a phase/)
  assert.match(text, /id="the-policy"/)
  assert.match(text, /<textarea[^>]*name="manifest"[\s\S]*kind: Pod/)
  assert.ok(!text.includes('alert(1)'))
})

test('the line that a lesson speaks of is named above its manifest, and again after a run that keeps it', async () => {
  const { app, catalog } = await createTestApp()
  const lesson = catalog.lessons.get('pod/restarts')!
  const parts = lesson.parts.map((part) => ('demo' in part ? { demo: { ...part.demo, mark: ['kind: Pod'] } } : part))
  catalog.lessons.set(lesson.id, { ...lesson, parts })
  const guest = await visitor(app)
  const { text } = await guest.get('/lessons/pod/restarts').expect(200)
  assert.match(text, /id="demo-crash-marks">[\s\S]*line 2 <code[^>]*>kind: Pod<\/code>/)
  assert.match(text, /<textarea[^>]*aria-describedby="demo-crash-marks" data-marks="2"/)
  assert.match(text, /js\/marks\.js/)
  const run = (manifest: string) => guest.htmx('/lessons/pod/restarts/demos/crash', { manifest }).expect(200)
  assert.match((await run('a: b\n\n  kind: Pod')).text, /data-marks="3"/)
  assert.doesNotMatch((await run('kind: Job')).text, /data-marks|demo-marks/)
})

test('what is to be predicted stands above Run', async () => {
  const { app, catalog } = await createTestApp()
  const lesson = catalog.lessons.get('pod/restarts')!
  const predict = 'How many `restarts` <script>x</script>?'
  const parts = lesson.parts.map((part) => ('demo' in part ? { demo: { ...part.demo, predict } } : part))
  catalog.lessons.set(lesson.id, { ...lesson, parts })
  const { text } = await (await visitor(app)).get('/lessons/pod/restarts').expect(200)
  assert.match(text, /Predict, then run:<\/b> <span>How many <code>restarts<\/code> \?<\/span>[\s\S]*data-run/)
})

test('Run stands before the manifest', async () => {
  const { app } = await createTestApp()
  const { text } = await (await visitor(app)).get('/lessons/pod/restarts').expect(200)
  assert.match(text, /<h3 id="demo-crash-title"[\s\S]*data-run[\s\S]*<textarea/)
  assert.doesNotMatch(text, /js\/marks\.js/)
})

test('a demo that is run as a plain form is sent on to the lesson, which then shows the run', async () => {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  const sent = await guest
    .post('/lessons/pod/restarts/demos/crash', { manifest: 'kind: Pod\r\nchanged: yes' })
    .expect(303)
  assert.match(sent.headers.location!, /^\/lessons\/pod\/restarts\?run=crash-[0-9a-f]+#demo-crash-result$/)
  const { text } = await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
  assert.match(text, /ran: kind: Pod\nchanged: yes/)
  assert.match(text, /Run again/)
  assert.deepEqual(
    labs.calls.map(({ method }) => method),
    ['runDemo'],
  )
})

test('a run shows the message sequence as a labelled picture and as a table', async () => {
  const { app } = await createTestApp()
  const { text } = await (await visitor(app)).htmx('/lessons/pod/restarts/demos/crash', { manifest: 'x' }).expect(200)
  assert.match(text, /<svg[^>]*role="img"[^>]*aria-label="Sequence of 2 messages/)
  assert.match(text, /<td>kube-scheduler<\/td><td>kube-apiserver<\/td><td>bind Pod web-1 to node-1<\/td>/)
})

test('an htmx run answers with the demo alone', async () => {
  const { app } = await createTestApp()
  const { text } = await (await visitor(app)).htmx('/lessons/pod/restarts/demos/crash', { manifest: 'x' }).expect(200)
  assert.match(text.trim(), /^<section class="demo"/)
  assert.ok(!text.includes('<html'))
})

for (const [name, send] of [
  ['htmx', 'htmx'],
  ['a plain form', 'post'],
] as const)
  test(`a run that the simulator refuses comes back to ${name} with the reason and the learner's text`, async () => {
    const { app, labs } = await createTestApp()
    labs.next.refusal = new LabRefusal(422, 'The run was stopped: too many events.')
    const guest = await visitor(app)
    const { text } = await guest[send]('/lessons/pod/restarts/demos/crash', { manifest: '<b>mine</b>' }).expect(422)
    assert.match(text, /The run was stopped: too many events\./)
    assert.match(text, /&lt;b&gt;mine&lt;\/b&gt;/)
  })

test('one learner does not see the run of another by its address', async () => {
  const { app } = await createTestApp()
  const sent = await (await visitor(app)).post('/lessons/pod/restarts/demos/crash', { manifest: 'SECRET' })
  const { text } = await (await visitor(app)).get(sent.headers.location!.split('#')[0]!).expect(200)
  assert.ok(!text.includes('SECRET'))
})

test('a lesson or demo that does not exist is told as such', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  assert.match(
    (await guest.get('/lessons/pod/nothing').expect(404)).text,
    /The lesson &quot;pod\/nothing&quot; does not exist/,
  )
  assert.match((await guest.post('/lessons/pod/restarts/demos/nothing').expect(404)).text, /does not exist/)
})

test('the run of a demo is shown in that demo, not in one whose name it begins with', async () => {
  const { app, catalog } = await createTestApp()
  const lesson = catalog.lessons.get('pod/restarts')!
  const { demo } = lesson.parts.find((part) => 'demo' in part)! as { demo: { id: string } }
  lesson.parts.push({ demo: { ...demo, id: 'crash-again' } } as (typeof lesson.parts)[number])
  const guest = await visitor(app)
  const sent = await guest.post('/lessons/pod/restarts/demos/crash-again', { manifest: 'kind: Pod' }).expect(303)
  const { text } = await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
  assert.equal(text.match(/Run again/g)?.length, 1)
})

test('a section that a question is about ends with that question, and is answered in its place', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const { text } = await guest.get('/lessons/pod/restarts').expect(200)
  const asked = [...text.matchAll(/hx-get="(\/questions\/[^"]+)"/g)].map(([, href]) => href)
  // Those that name no section are in the list at the end alone.
  assert.deepEqual(asked, ['/questions/pod/always?in=lesson'])
  const [before, after] = text.split('class="beat"')
  assert.ok(before!.includes('id="the-policy"') && !before!.includes('id="after-that"'))
  assert.ok(after!.includes('id="after-that"'))

  const form = await guest.agent.get('/questions/pod/always?in=lesson').set('HX-Request', 'true').expect(200)
  assert.match(form.text.trim(), /^<div class="beat-question">/)
  assert.ok(!form.text.includes('data-key='), 'no key is of one question among several')
  const fields = { v: '1', answer: 'b', in: 'lesson' }
  const wrong = await guest.htmx('/questions/pod/always/answer', fields).expect(200)
  assert.match(wrong.text.trim(), /^<div class="beat-question">[\s\S]*Not right/)
  assert.equal(wrong.headers['hx-push-url'], undefined, 'the address stays that of the lesson')
  assert.match((await guest.get('/lessons/pod/restarts')).text, /hx-get="\/questions\/pod\/always/)
  const right = await guest.htmx('/questions/pod/always/answer', { ...fields, answer: 'a' }).expect(200)
  assert.match(right.text, /class="verdict is-right"/)
  const done = await guest.get('/lessons/pod/restarts').expect(200)
  assert.doesNotMatch(done.text, /hx-get="\/questions/)
  assert.match(done.text, /✓ <a href="\/questions\/pod\/always"/)
  const nothing = await guest.htmx('/questions/pod/always/answer', { v: '2', in: 'lesson' }).expect(422)
  assert.match(nothing.text, /Not graded, no try used/)
  assert.match((await guest.post('/questions/pod/always/answer', fields).expect(303)).headers.location!, /\?answer=/)
})

test('of several questions on a section the first is asked that was not answered right', async () => {
  const { app, catalog } = await createTestApp()
  const always = catalog.questions.get('pod/always')!
  catalog.questions.set('pod/count', { ...catalog.questions.get('pod/count')!, lesson: always.lesson! })
  // What takes longer is asked where there is nothing else, and what has a page of its own nowhere.
  catalog.questions.set('pod/flow', { ...catalog.questions.get('pod/flow')!, lesson: always.lesson! })
  catalog.questions.set('pod/tell-me', { ...catalog.questions.get('pod/tell-me')!, lesson: 'pod/restarts#after-that' })
  const guest = await visitor(app)
  const askedNow = async () =>
    [...(await guest.get('/lessons/pod/restarts')).text.matchAll(/hx-get="\/questions\/([^?]+)/g)].map(([, id]) => id)
  assert.deepEqual(await askedNow(), ['pod/always'])
  await guest.htmx('/questions/pod/always/answer', { v: '1', answer: 'a', in: 'lesson' }).expect(200)
  assert.deepEqual(await askedNow(), ['pod/count'])
})

test('steps are put into order in the lesson, beside other questions', async () => {
  const { app, catalog } = await createTestApp()
  catalog.questions.set('pod/flow', { ...catalog.questions.get('pod/flow')!, lesson: 'pod/restarts#after-that' })
  const guest = await visitor(app)
  const page = await guest.get('/lessons/pod/restarts').expect(200)
  assert.match(page.text, /hx-get="\/questions\/pod\/flow\?in=lesson"/)
  assert.match(page.text, /js\/order\.js/)
  const { text } = await guest.agent.get('/questions/pod/flow?in=lesson').set('HX-Request', 'true').expect(200)
  const steps = [...text.matchAll(/name="answer" value="(\w+)"/g)].map(([, id]) => id!)
  assert.match(text, new RegExp(`id="beat-pod-flow-up-${steps[0]}"`))
  const moved = await guest.htmx('/questions/pod/flow/answer', {
    v: '1',
    answer: steps,
    do: `down:${steps[0]}`,
    in: 'lesson',
  })
  assert.match(moved.text.trim(), /^<div class="beat-question">/)
  const now = [...moved.text.matchAll(/name="answer" value="(\w+)"/g)].map(([, id]) => id)
  assert.deepEqual(now, [steps[1], steps[0], steps[2]])
})

test('covers have the colours that pages give to the parts of the syllabus', () => {
  const css = readFileSync('static/css/domains.css', 'utf8')
  for (const section of sections) {
    const [, hue] = new RegExp(`\\[data-domain="${section}"\\] \\{\\s*--hue: (\\d+);`).exec(css) ?? []
    assert.equal(Number(hue), hues[section], section)
  }
})
