import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Catalog, Challenge } from '../../../server/catalog/types.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { challengeTerminals, isChallengeTerminal, taskTerminalKey } from '../../../server/pages/desk/terminal.ts'
import { practiceSeat } from '../../../server/seat.ts'
import type { Mock } from '../../../server/storage/types.ts'
import { exported } from '../exported.ts'
import { aFailedGrade, aGrade } from '../fake-labs.ts'
import { createTestApp, visitor } from '../support.ts'

const minuteMs = 60_000

type Fields = Record<string, string>

/** The challenge of the fixture under another name. */
function addCopy(catalog: Catalog, id: string, change: (challenge: Challenge) => Partial<Challenge> = () => ({})) {
  const challenge = catalog.challenges.get('three-pods')!
  catalog.challenges.set(id, { ...challenge, id, title: `Title of ${id}`, ...change(challenge) })
}

/** The third task asks for an answer in a file. */
function addAnswered(catalog: Catalog) {
  addCopy(catalog, 'third', ({ spec }) => ({
    spec: {
      ...spec,
      workspace: { ...spec.workspace, files: { 'answer.txt': '' } },
      checks: [
        { ...spec.checks[0]!, assert: { answer: { file: 'answer.txt', is: { from: 'kubectl get pods' } } } } as never,
      ],
    },
  }))
}

/** A learner with a clock that the test sets forward, and an exam of three tasks in two domains. */
async function begin(fields: Fields = {}, change?: (catalog: Catalog) => void) {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const made = await createTestApp({ now: () => nowMs })
  const { catalog, app, deps } = made
  addCopy(catalog, 'second')
  addCopy(catalog, 'third', ({ spec }) => ({ spec: { ...spec, topics: ['nobody-wrote-of-it', 'restart-policy'] } }))
  catalog.handsOn = { cka: { storage: ['three-pods', 'second'], troubleshooting: ['third'] } }
  change?.(catalog)
  const guest = await visitor(app)
  const setup = { pool: 'cka', size: 'short', mode: 'timed', seed: 'one', ...fields }
  const started = await guest.post('/study/hands-on', setup).expect(303)
  const url = started.headers.location!.replace(/\/tasks\/1$/, '')
  const learnerId = /podium=([0-9a-f]+)/.exec(guest.cookie)![1]!
  const work = () => deps.journals.work(practiceSeat(learnerId))
  const mock = async (): Promise<Mock> => (await work()).mocks[0]!
  const ids = (await mock()).tasks!.map(({ challengeId }) => challengeId)
  return {
    ...made,
    ...{ guest, url, ids, mock, work },
    pageOf: (id: string) => `${url}/tasks/${ids.indexOf(id) + 1}`,
    pass: (ms: number) => {
      nowMs += ms
    },
    data: async () => exported((await guest.get('/progress/export').expect(200)).text),
    handIn: () => guest.post(`${url}/finish`).expect(303).expect('Location', `${url}/results`),
    /** Has everything graded, and reads the result. */
    results: async () => {
      for (let n = 0; n < 5; n++) {
        const { headers, status } = await guest.post(`${url}/judge`)
        if (status === 303 && headers.location === `${url}/results`) break
      }
      return (await guest.get(`${url}/results`).expect(200)).text
    },
  }
}

const textOf = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

test('tasks are drawn by the weights, and the seed draws the same ones with the same variants again', async () => {
  const [first, second] = [await begin(), await begin()]
  assert.deepEqual(first.ids.toSorted(), ['second', 'third', 'three-pods'])
  assert.deepEqual((await second.mock()).tasks, (await first.mock()).tasks)
  const { kind, items, endsAtMs, startedAtMs, mode } = await first.mock()
  assert.deepEqual([kind, items, mode, endsAtMs! - startedAtMs], ['hands-on', [], 'timed', 45 * minuteMs])
  assert.equal((await (await begin({ mode: 'training' })).mock()).endsAtMs, null)
})

const refusedSetups: [string, Fields, RegExp][] = [
  ['no exam', { pool: '' }, /Choose the exam/],
  ['an exam by an inherited name', { pool: 'constructor' }, /Choose the exam/],
  ['an exam without tasks', { pool: 'ckad' }, /There are no tasks to draw from here/],
  ['no length', { size: 'toString' }, /Choose how long it is/],
  ['a mode of the other exams', { mode: 'exam' }, /Choose how you sit it/],
  ['a seed with markup', { seed: '<script>' }, /A seed is up to 40/],
]
for (const [name, fields, sentence] of refusedSetups)
  test(`${name} is refused with a sentence, and nothing begins`, async () => {
    const { app } = await createTestApp()
    const guest = await visitor(app)
    const setup = { pool: 'cka', size: 'short', mode: 'timed', seed: '', ...fields }
    const { text } = await guest.post('/study/hands-on', setup).expect(422)
    assert.match(text, sentence)
    assert.match(text, /None yet/)
  })

test('a form that is sent twice begins one exam', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const once = /name="once" value="([^"]+)"/.exec((await guest.get('/study/hands-on')).text)![1]!
  const setup = { pool: 'cka', size: 'short', mode: 'timed', seed: '', once }
  const places = [await guest.post('/study/hands-on', setup), await guest.post('/study/hands-on', setup)]
  assert.equal(new Set(places.map(({ headers }) => headers.location)).size, 1)
})

test('a task is worked on as a challenge is, but nothing is told of its checks, and nothing helps', async () => {
  const { guest, pageOf } = await begin()
  const url = pageOf('three-pods')
  const { text } = await guest.get(url).expect(200)
  assert.match(text, /Scale the Deployment <code>web<\/code>/)
  assert.match(text, new RegExp(`action="${url}"`))
  assert.match(text, /task \d of 3/)
  assert.match(textOf(text), /45 min left/)
  for (const told of ['Three Pods are ready', 'not yet', 'value="grade"', 'HINTTEXT', 'Open hint', 'New variant'])
    assert.ok(!text.includes(told), told)
  const { text: applied } = await guest.htmx(url, { do: 'apply', file: 'web.yaml', content: 'kind: X' }).expect(200)
  assert.match(applied, /did \{/)
  assert.ok(!applied.includes('Three Pods are ready'))
  const { text: played } = await guest.htmx(url, { do: 'play' }).expect(200)
  assert.ok(!played.includes('Three Pods are ready'))
  for (const act of ['grade', 'hint:h1', 'variant']) await guest.post(url, { do: act }).expect(400)
})

test('each task has a cluster of its own, and practice has another: it is locked until the exam is over', async () => {
  const { guest, pageOf, work, handIn } = await begin()
  await guest.post(pageOf('second'), { do: 'apply', file: 'web.yaml', content: 'kind: Second' }).expect(303)
  const { text } = await guest.get(pageOf('third')).expect(200)
  assert.ok(!text.includes('kind: Second'))
  const { attempts, mocks } = await work()
  assert.deepEqual(
    attempts.map(({ challengeId, mock, seed }) => [challengeId, mock, seed]),
    [['second', mocks[0]!.id, 'one/second/1']],
  )
  await guest.get('/challenges/second').expect(423)
  await guest.post('/challenges/second', { do: 'apply', file: 'web.yaml', content: 'x' }).expect(423)
  await handIn()
  const after = await guest.get('/challenges/second').expect(200)
  assert.ok(!after.text.includes('kind: Second'))
})

test('a cluster can be begun anew, with the variant that was drawn', async () => {
  const { guest, pageOf, work } = await begin()
  const url = pageOf('third')
  await guest.post(url, { do: 'apply', file: 'web.yaml', content: 'kind: X' }).expect(303)
  await guest.post(url, { do: 'again' }).expect(303)
  const { attempts } = await work()
  assert.deepEqual(
    attempts.map(({ state, seed, log }) => [state, seed, log.length]),
    [
      ['closed', 'one/third/1', 1],
      ['open', 'one/third/1', 0],
    ],
  )
})

test('what was left is graded after the end, with points for parts, by domain', async () => {
  const { guest, pageOf, handIn, results, labs, work } = await begin()
  await guest.post(pageOf('second'), { do: 'kubectl', line: 'get pods' }).expect(303)
  await guest.post(pageOf('third'), { do: 'kubectl', line: 'get nodes' }).expect(303)
  assert.match(
    textOf((await guest.get(`${pageOf('third').replace(/\/tasks.*/, '')}/finish`)).text),
    /1 of 3 tasks is not begun/,
  )
  await handIn()
  labs.next.grade = aGrade({ score: 40, passed: false })
  const text = textOf(await results())
  assert.match(text, /CKA hands-on: 26 %/)
  assert.match(text, /Partly solved 40 %/)
  // Of what is not solved, where one reads about it; of the others no lesson tells.
  assert.deepEqual(text.match(/Read in “[^”]+”/g), ['Read in “A life”'])
  assert.match(text, /Not begun/)
  assert.match(text, /Storage 10 % 0 of 2 20 %/)
  assert.match(text, /Troubleshooting 30 % 0 of 1 40 %/)
  assert.equal(labs.calls.filter(({ method }) => method === 'grade').length, 2)
  const { attempts, mocks } = await work()
  assert.deepEqual(
    attempts.map(({ gradings }) => gradings.length),
    [1, 1],
  )
  assert.ok(mocks[0]!.tasks!.every(({ result }) => result !== null))
  // Looking again grades nothing again.
  await results()
  assert.equal(labs.calls.filter(({ method }) => method === 'grade').length, 2)
})

test('the result of a task tells all that there is to tell, and leads back to the exam', async () => {
  const { guest, pageOf, handIn, results, labs, url } = await begin()
  await guest.post(pageOf('third'), { do: 'kubectl', line: 'get nodes' }).expect(303)
  await handIn()
  labs.next.grade = aFailedGrade()
  labs.next.solutions = [{ name: 'a way', about: 'ABOUTAWAY', files: {}, steps: [], log: [] }]
  const href = /href="(\/challenges\/third\/results\/[^"]+)"/.exec(await results())![1]!
  const { text } = await guest.get(href).expect(200)
  assert.match(text, /ABOUTAWAY/)
  assert.match(text, new RegExp(`href="${url}">The result of the exam`))
  assert.match(text, /href="\/challenges\/third">Practise it/)
  assert.ok(!text.includes('Give up'))
})

test('when its time is over nothing is taken any more, and what was saved before counts', async () => {
  const { guest, pageOf, pass, results, url, work } = await begin()
  const page = pageOf('second')
  await guest.post(page, { do: 'kubectl', line: 'get pods' }).expect(303)
  pass(45 * minuteMs)
  for (const path of [page, url, `${url}/finish`])
    await guest.get(path).expect(303).expect('Location', `${url}/results`)
  const late = await guest.htmx(page, { do: 'kubectl', line: 'delete pod web' }).expect(200)
  assert.equal(late.headers['hx-redirect'], `${url}/results`)
  await guest.post(`${page}/draft`, { file: 'web.yaml', content: 'late' }).expect(410)
  const { attempts } = await work()
  assert.deepEqual([attempts[0]!.log.length, attempts[0]!.drafts], [1, {}])
  assert.match(textOf(await results()), /Solved 1 of 3 Begun 1 Time 45 min, all of it/)
})

test('an answer that was written in time is handed in with the exam', async () => {
  const { guest, pageOf, pass, results, work } = await begin({}, addAnswered)
  const page = pageOf('third')
  await guest.post(`${page}/draft`, { file: 'answer.txt', content: 'web-1' }).expect(204)
  pass(45 * minuteMs)
  assert.match(textOf(await results()), /Solved 1 of 3/)
  const { attempts } = await work()
  assert.deepEqual(
    attempts[0]!.log.map(({ command }) => command),
    [{ op: 'answer', file: 'answer.txt', text: 'web-1' }],
  )
})

test('what was typed and never applied earns nothing, and is not graded', async () => {
  const { guest, pageOf, handIn, results, labs } = await begin()
  await guest.post(`${pageOf('second')}/draft`, { file: 'web.yaml', content: 'kind: X' }).expect(204)
  await handIn()
  assert.match(textOf(await results()), /Solved 0 of 3/)
  assert.ok(!labs.calls.some(({ method }) => method === 'grade'))
})

for (const of of ['work', 'server'] as const)
  test(`what cannot be graded because of the ${of} ${of === 'work' ? 'earns nothing, and counts' : 'does not count'}`, async () => {
    const { guest, pageOf, handIn, results, deps } = await begin()
    await guest.post(pageOf('second'), { do: 'kubectl', line: 'get pods' }).expect(303)
    await handIn()
    deps.gradings.handIn = async () => ({ is: 'refused', of, text: 'It took too long.', values: {} })
    const text = textOf(await results())
    assert.match(text, of === 'work' ? /Could not be graded as it was left/ : /Not counted/)
    assert.match(text, /It took too long\./)
    assert.match(text, of === 'work' ? /Solved 0 of 3/ : /Solved 0 of 2/)
  })

test('a cluster that the grader gives up on earns nothing, and counts', async () => {
  const { guest, pageOf, handIn, results, labs } = await begin()
  await guest.post(pageOf('second'), { do: 'kubectl', line: 'get pods' }).expect(303)
  await handIn()
  labs.next.grade = aGrade({ gradable: false, score: 0, passed: false, problem: 'more than 2500 objects' })
  assert.match(
    textOf(await results()),
    /Could not be graded as it was left [\s\S]*Solved 0 of 3|Solved 0 of 3[\s\S]*Could not be graded as it was left/,
  )
})

test('a full queue of one’s own, a busy server and another tab put grading off, and lose nothing', async () => {
  const { guest, pageOf, handIn, results, labs, url, mock, deps } = await begin({}, addAnswered)
  await guest.post(`${pageOf('third')}/draft`, { file: 'answer.txt', content: 'web-1' }).expect(204)
  await handIn()
  const { work } = labs
  for (const status of [429, 503] as const) {
    labs.work = async (who, request) => {
      if (request.action.do === 'command') throw new LabRefusal(status, 'busy')
      return work(who, request)
    }
    await guest.post(`${url}/judge`).expect(200)
    assert.equal((await mock()).tasks!.find(({ challengeId }) => challengeId === 'third')!.result, null)
  }
  labs.work = work
  const { handIn: grade } = deps.gradings
  deps.gradings.handIn = async () => ({ is: 'refused', of: 'queue', text: 'five wait', values: {} })
  await guest.post(`${url}/judge`).expect(200)
  deps.gradings.handIn = grade
  // Two tabs at once.
  const both = await Promise.all([guest.post(`${url}/judge`), guest.post(`${url}/judge`)])
  for (const { status } of both) assert.ok(status === 200 || status === 303, String(status))
  assert.match(textOf(await results()), /Solved 1 of 3/)
})

test('the id of an exam that was removed, or is worked on, begins another one', async () => {
  const { guest, pageOf, url, mock } = await begin()
  await guest.post(pageOf('second'), { do: 'kubectl', line: 'get pods' }).expect(303)
  const { id } = await mock()
  const form = { pool: 'cka', size: 'short', mode: 'timed', seed: 'one', once: id }
  const again = async () => (await guest.post('/study/hands-on', form).expect(303)).headers.location!
  assert.ok(!(await again()).startsWith(url))
  await guest.post(`${url}/remove`).expect(303)
  const made = await again()
  assert.ok(!made.startsWith(url))
  assert.ok(!(await guest.get(made).expect(200)).text.includes('is-begun'))
})

test('while an exam is open its twin tells nothing: it is not graded, and its terminal is closed', async () => {
  const { guest, handIn, url, deps, mock, pageOf } = await begin()
  await guest.post(pageOf('third'), { do: 'kubectl', line: 'get pods' }).expect(303)
  const { participantId, id } = await mock()
  const twin = { pool: 'cka', size: 'short', mode: 'timed', seed: 'one' }
  const other = (await guest.post('/study/hands-on', twin).expect(303)).headers.location!.replace(/\/tasks\/1$/, '')
  await handIn()
  await guest.post(`${url}/judge`).expect(423)
  const key = taskTerminalKey(practiceSeat(participantId), {
    challenge: { id: 'third' } as Challenge,
    exam: { id, seed: '' },
  })
  await assert.rejects(challengeTerminals(deps).find(key), { status: 423 })
  await guest.post(`${other}/finish`).expect(303)
  const { status } = await guest.post(`${url}/judge`)
  assert.ok(status === 200 || status === 303)
})

test('a grading that waits is told, and goes on when it comes', async () => {
  const { guest, pageOf, handIn, results, url, deps } = await begin()
  await guest.post(pageOf('second'), { do: 'kubectl', line: 'get pods' }).expect(303)
  await handIn()
  const { handIn: grade } = deps.gradings
  deps.gradings.handIn = async () => ({ is: 'waiting', tries: 1 })
  const { text } = await guest.post(`${url}/judge`).expect(200)
  assert.match(text, /hx-trigger="load/)
  assert.match((await guest.get(`${url}/results`).expect(200)).text, /Grading your tasks/)
  deps.gradings.handIn = grade
  assert.match(textOf(await results()), /Solved 1 of 3/)
})

test('training shows checks, gives hints and grades, and its hints are not those of practice', async () => {
  const { guest, pageOf, handIn, results, labs, url } = await begin({ mode: 'training' })
  const page = pageOf('third')
  const { text } = await guest.get(page).expect(200)
  for (const told of ['Three Pods are ready', 'value="grade"', 'Open hint']) assert.ok(text.includes(told), told)
  assert.ok(!text.includes('New variant'))
  await guest.post(page, { do: 'hint:h1' }).expect(303)
  await guest.post(page, { do: 'kubectl', line: 'get pods' }).expect(303)
  const graded = await guest.post(page, { do: 'grade' }).expect(303)
  const result = await guest.get(graded.headers.location!).expect(200)
  assert.match(result.text, new RegExp(`href="${url}">Back to the exam`))
  assert.ok(!(await guest.get('/challenges/third').expect(200)).text.includes('HINTTEXT'))
  await handIn()
  assert.match(textOf(await results()), /Partly solved 90 %/)
  // As it was left it was graded already.
  assert.equal(labs.calls.filter(({ method }) => method === 'grade').length, 1)
})

test('a task is flagged and unflagged, and the page before handing in leads to it', async () => {
  const { guest, pageOf, url, mock } = await begin()
  const page = pageOf('second')
  const { text } = await guest.htmx(`${page}/flag`, { flag: 'on' }).expect(200)
  assert.match(text.trim(), /^<nav class="exam-strip"/)
  assert.match(text, /aria-pressed="true"/)
  assert.equal((await mock()).tasks!.filter(({ isFlagged }) => isFlagged).length, 1)
  assert.match((await guest.get(`${url}/finish`).expect(200)).text, /not begun, ⚑ flagged/)
  await guest.post(`${page}/flag`, { flag: 'off' }).expect(303)
  assert.equal((await mock()).tasks!.filter(({ isFlagged }) => isFlagged).length, 0)
})

test('an exam is nobody else’s, and there are no other places in it', async () => {
  const { app, guest, url } = await begin()
  const other = await visitor(app)
  for (const path of [url, `${url}/tasks/1`, `${url}/results`, `${url}/finish`]) await other.get(path).expect(404)
  for (const path of ['/tasks/1', '/tasks/1/draft', '/tasks/1/flag', '/finish', '/judge', '/remove'])
    await other.post(`${url}${path}`, { do: 'apply', file: 'web.yaml', content: 'x' }).expect(404)
  for (const n of ['0', '4', 'x', '1e1']) await guest.get(`${url}/tasks/${n}`).expect(404)
  await guest.get(url.replace('hands-on', 'exams')).expect(404)
})

test('it stands in the lists: open with its time, then with its result; and it can be removed', async () => {
  const { guest, url, pageOf, handIn, results, pass } = await begin()
  await guest.post(pageOf('second'), { do: 'kubectl', line: 'get pods' }).expect(303)
  pass(5 * minuteMs)
  const { text } = await guest.get('/study/hands-on').expect(200)
  assert.match(textOf(text), /1 of 3 worked on, 40 min left/)
  assert.match((await guest.get('/study').expect(200)).text, new RegExp(`href="${url}">Go on with your exam`))
  assert.match((await guest.get('/').expect(200)).text, new RegExp(`href="${url}"`))
  await guest.get(url).expect(303).expect('Location', pageOf('second'))
  await handIn()
  assert.match((await guest.get('/study').expect(200)).text, /Grade my tasks/)
  await results()
  assert.match(textOf((await guest.get('/study/hands-on')).text), /CKA hands-on, 3 tasks ✕ 33 %/)
  await guest.post(`${url}/remove`).expect(303)
  await guest.get(url).expect(404)
  assert.match((await guest.get('/study/hands-on')).text, /None yet/)
})

test('a challenge that is changed meanwhile stays what it was for whoever has begun', async () => {
  const { guest, pageOf, catalog } = await begin()
  const challenge = catalog.challenges.get('three-pods')!
  catalog.challenges.set('three-pods', { ...challenge, statement: 'ANOTHERTASK', hash: 'ffffffffffffffff' })
  const { text } = await guest.get(pageOf('three-pods')).expect(200)
  assert.ok(!text.includes('ANOTHERTASK'))
  assert.match(text, /Scale the Deployment/)
  // One that is gone says so.
  catalog.challenges.delete('second')
  assert.match((await guest.get(pageOf('second')).expect(404)).text, /no longer part of the content/)
})

test('an exam whose task is gone counts the others', async () => {
  const { guest, pageOf, catalog, handIn, results } = await begin()
  for (const id of ['second', 'third']) await guest.post(pageOf(id), { do: 'kubectl', line: 'get pods' }).expect(303)
  catalog.challenges.delete('second')
  await handIn()
  const text = textOf(await results())
  assert.match(text, /Not counted/)
  assert.match(text, /Solved 1 of 2/)
})

test('what is exported after the end is the same exam elsewhere, said to be not from here', async () => {
  const { guest, pageOf, handIn, results, app } = await begin()
  await guest.post(pageOf('third'), { do: 'kubectl', line: 'get pods' }).expect(303)
  const open = (await guest.get('/progress/export').expect(200)).text
  assert.ok(!open.includes('mock-began'), 'an open exam is in no export')
  await handIn()
  await results()
  const { text } = await guest.get('/progress/export').expect(200)
  assert.match(text, /task-graded/)
  const other = await visitor(app)
  await other.agent
    .post('/progress/import')
    .field('_csrf', other.token)
    .attach('file', Buffer.from(text), 'podium-data.json')
    .expect(303)
  const preview = (await other.get('/progress/import').expect(200)).text
  const file = /name="file" value="([^"]+)"/.exec(preview)![1]!
  await other.post('/progress/import/confirm', { file, do: 'add' }).expect(303)
  const listed = textOf((await other.get('/study/hands-on').expect(200)).text)
  assert.match(listed, /CKA hands-on, 3 tasks/)
  assert.match(listed, /taken elsewhere/)
})

test('a busy grader keeps everything, and says nothing wrong', async () => {
  const { guest, pageOf, handIn, results, labs } = await begin()
  await guest.post(pageOf('second'), { do: 'kubectl', line: 'get pods' }).expect(303)
  await handIn()
  const grade = labs.grade
  let calls = 0
  labs.grade = async (...args) => {
    if (calls++ === 0) throw new LabRefusal(503, 'busy')
    return grade(...args)
  }
  const text = await results()
  assert.ok(/Grading your tasks|Solved/.test(text))
  assert.ok(!text.includes('Not counted'))
})

test('a line for the keyboard is not left waiting for keys that nobody can press, and only such a line is told so', async () => {
  const { deps, mock, labs } = await begin()
  const { participantId, id } = await mock()
  const key = taskTerminalKey(practiceSeat(participantId), {
    challenge: { id: 'second' } as Challenge,
    exam: { id, seed: '' },
  })
  const keyboard = { columns: 80, rows: 24 }
  const { work } = labs
  let ends: object = { stdout: '' }
  labs.work = async (...args) => {
    const worked = await work(...args)
    return { ...worked, output: worked.output && { ...worked.output, ...ends } }
  }
  const run = async (command: object) => {
    let said = ''
    await new Promise<void>((done) => {
      const sink = {
        output: (_: string, text: string) => (said += text),
        done: () => done(),
        announce: () => undefined,
      }
      void challengeTerminals(deps).begin(key, command as never, sink as never)
    })
    const { action } = labs.calls.at(-1)!.request as { action: { command: { line: string } } }
    return { said, line: action.command.line }
  }
  const kubectl = (line: string) => run({ op: 'kubectl', line, keyboard })
  for (const [typed, ran] of [
    [
      'kubectl debug greeter -it --image=alpine:3.20 -c box --target=server -- sh',
      '--target=server --attach=false -- sh',
    ],
    ['kubectl -n shop run tmp -it --image=busybox:1.36', '--image=busybox:1.36 --attach=false'],
    ['kubectl run tmp -it --rm --image=busybox:1.36 -- sh', '--image=busybox:1.36 -- sh'],
    ['kubectl debug web -it --attach=false --image=busybox:1.36 -- sh', '--image=busybox:1.36 -- sh'],
    ['kubectl exec -it web -- sh', 'web -- sh'],
  ] as const) {
    const { said, line } = await kubectl(typed)
    assert.ok(line.endsWith(ran), line)
    assert.equal(line.includes('--attach=false'), `${typed}${ran}`.includes('--attach=false'))
    assert.match(said, /nothing can be typed into a program/, typed)
  }
  ends = { atMs: 80, doneMs: 10_080, exit: 130 }
  assert.match((await kubectl('kubectl get pods -w')).said, /stopped after 10 s of the cluster's time/)
  // A program's own exit code says nothing of a watch.
  assert.doesNotMatch((await kubectl("kubectl exec web -- sh -c 'exit 130'")).said, /stopped after/)
  ends = { stdout: '' }
  const onNode = (line: string) => run({ op: 'node', node: 'node-1', line, session: 's', keyboard })
  for (const line of ['systemctl restart kubelet', 'true', 'sleep 1', 'sh fix.sh', 'crictl stop abc'])
    assert.equal((await onNode(line)).said, '', line)
  for (const line of ['bash', 'sudo sh', 'crictl exec -it abc sh'])
    assert.match((await onNode(line)).said, /nothing can be typed/, line)
})

test('the terminal of a task acts on its cluster while the exam is open, and says afterwards that it is over', async () => {
  const { deps, mock, work, pass, ids, labs } = await begin()
  const { participantId, id } = await mock()
  const key = taskTerminalKey(practiceSeat(participantId), {
    challenge: { id: 'second' } as Challenge,
    exam: { id, seed: '' },
  })
  const terminals = challengeTerminals(deps)
  const run = async (line: string) => {
    let said = ''
    await new Promise<void>((done) => {
      const output = (_: string, text: string): void => {
        said += text
      }
      const sink = { output, done: () => done(), announce: () => undefined }
      void terminals.begin(key, { op: 'kubectl', line }, sink as never)
    })
    return said
  }
  assert.ok(isChallengeTerminal(key) && ids.includes('second'))
  assert.match(await run('kubectl get pods'), /did \{/)
  // What was drawn for the variant stays: files before and behind a line ask for no cluster.
  await terminals.find(key)
  const asked = labs.calls.length
  await terminals.latestFiles(key)
  await run('kubectl get nodes')
  await terminals.save(key, { files: (await terminals.find(key))!.files, history: ['kubectl get nodes'] })
  assert.equal(labs.calls.length, asked + 1)
  assert.deepEqual(Object.keys((await terminals.find(key))!.files), [
    '/home/learner/service.yaml',
    '/home/learner/web.yaml',
  ])
  const save = (text: string) => terminals.save(key, { files: { '/home/learner/web.yaml': text }, history: [] })
  assert.equal(await save('kind: Pod\n'), undefined)
  assert.match((await save('#'.repeat(300_000))) ?? '', /256 KB/)
  // Own files and lines outlive the shell, and the task's are those of the attempt.
  const own = { '/home/learner/notes.txt': 'ports: 80', '/home/learner/web.yaml': 'kind: Pod\n' }
  assert.equal(await terminals.save(key, { files: own, history: ['cat notes.txt'] }), undefined)
  const after = (await terminals.find(key))!
  assert.equal(after.files['/home/learner/notes.txt'], 'ports: 80')
  assert.equal(after.files['/home/learner/web.yaml'], 'kind: Pod\n')
  assert.deepEqual(after.history, ['cat notes.txt'])
  const large = { ...own, '/home/learner/notes.txt': '#'.repeat(600_000) }
  assert.match((await terminals.save(key, { files: large, history: [] })) ?? '', /512 KB/)
  assert.equal((await terminals.find(key))!.files['/home/learner/notes.txt'], 'ports: 80')
  pass(45 * minuteMs)
  assert.match((await save('kind: Service\n')) ?? '', /^This exam is over/)
  assert.equal((await work()).attempts[0]!.drafts['web.yaml'], 'kind: Pod\n')
  assert.match(await run('kubectl delete pod web-1'), /^podium: This exam is over/)
  assert.equal((await work()).attempts[0]!.log.length, 2)
})
