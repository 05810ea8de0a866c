import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeOfFiles } from '../../../server/catalog/load.ts'
import { createJournals } from '../../../server/journal/journals.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import type { AppDeps } from '../../../server/pages/deps.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { hashLog } from '../../../server/storage/evidence.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { engineVersion, graderVersion } from '../../../sim/forms.ts'
import { until } from '../../support/until.ts'
import { exported } from '../exported.ts'
import { aFailedGrade, aGrade } from '../fake-labs.ts'
import { createTestApp, exchangeAttempts, visitor } from '../support.ts'

const url = '/challenges/three-pods'

async function opened(over: Partial<AppDeps> = {}) {
  const { app, labs, deps } = await createTestApp(over)
  const guest = await visitor(app)
  const data = async () => exported((await guest.get('/progress/export')).text)
  return { app, labs, deps, guest, attempts: async () => (await data()).attempts }
}

test('the workspace shows task, files, cluster and checks before anything is stored', async () => {
  const { guest, attempts } = await opened()
  const { text } = await guest.get(url).expect(200)
  assert.match(text, /Scale the Deployment <code>web<\/code> to <strong>three<\/strong>/)
  for (const part of ['service.yaml', 'web.yaml', 'Three Pods are ready', 'node-1', '10.96.0.10', 'not yet'])
    assert.ok(text.includes(part), part)
  assert.deepEqual(await attempts(), [])
})

test('the cluster view tells why the scheduler chose a node: verdicts of filters, scores, reasons', async () => {
  const { guest } = await opened()
  const { text } = await guest.get(url).expect(200)
  const shown = text.slice(text.indexOf('id="scheduling-workspace"'), text.indexOf('<h3>Services'))
  const words = shown.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
  for (const part of [
    'web-1 placed on node-1',
    'Attempt 1 by default-scheduler , at 0.2 s: 3 nodes looked at, 2 would do.',
    'node-3 refused by TaintToleration: node(s) had untolerated taint(s)',
    'TaintToleration ✓ passed ✓ passed ✕ refused',
    'TaintToleration 3 0 → then 100 → then 300 1 → then 0 → then 0',
    'Total 300 0',
    'nothing to say on this Pod: NodePorts.',
  ])
    assert.ok(words.includes(part), `${part}\n${words}`)
})

test('an apply saves the file, runs it, and goes into the log at its virtual time', async () => {
  const { guest, labs, attempts } = await opened()
  await guest.post(url, { do: 'run10', file: 'web.yaml' }).expect(303)
  await guest.post(url, { do: 'apply', file: 'web.yaml', content: 'kind: X\r\n' }).expect(303)
  const [attempt] = await attempts()
  assert.deepEqual(attempt.drafts, { 'web.yaml': 'kind: X\n' })
  assert.deepEqual(attempt.log, [{ atMs: 10_000, command: { op: 'apply', manifest: 'kind: X\n', file: 'web.yaml' } }])
  assert.equal(labs.calls.length, 2)
  // As it was applied, whichever file is looked at.
  assert.match(
    (await guest.get(`${url}?said=last&file=service.yaml`).expect(200)).text,
    /\$ kubectl apply -f web\.yaml/,
  )
  const graded = await guest.post(url, { do: 'grade' }).expect(303)
  assert.match((await guest.get(graded.headers.location!).expect(200)).text, /\$ kubectl apply -f web\.yaml/)
})

test('a line on a node is shown as it was typed, in the result as well', async () => {
  const { guest, deps } = await opened()
  await guest.post(url, { do: 'kubectl', line: 'get pods' }).expect(303)
  const learnerId = /podium=([0-9a-f]+)/.exec(guest.cookie)![1]!
  await exchangeAttempts(deps, learnerId, (attempt) => ({
    ...attempt,
    log: [{ atMs: 0, command: { op: 'node', node: 'node-1', line: 'crictl ps' } }],
  }))
  assert.match((await guest.get(`${url}?said=last`).expect(200)).text, /ssh node-1 crictl ps/)
  const graded = await guest.post(url, { do: 'grade' }).expect(303)
  const { text } = await guest.get(graded.headers.location!).expect(200)
  assert.match(text, /ssh node-1 crictl ps/)
  assert.doesNotMatch(text, /kubectl node -f/)
})

test('a kubectl line is run with or without the word kubectl, and its output is shown', async () => {
  const { guest, attempts } = await opened()
  await guest.post(url, { do: 'kubectl', line: 'get pods' }).expect(303)
  const { text } = await guest.htmx(url, { do: 'kubectl', line: 'kubectl get nodes' }).expect(200)
  assert.deepEqual(
    (await attempts())[0].log.map((entry: { command: { line: string } }) => entry.command.line),
    ['kubectl get pods', 'kubectl get nodes'],
  )
  assert.match(text, /\$ kubectl get nodes/)
  assert.match(text.trim(), /^<form class="desk-form"/)
})

test('a play goes on after what may have changed the cluster, once, and not after the end of the clock', async () => {
  const { guest, attempts } = await opened()
  const clock = async () => (await attempts())[0].clockMs
  await guest.htmx(url, { do: 'play' }).expect(204)
  await guest.htmx(url, { do: 'kubectl', line: 'get pods -o wide' }).expect(200)
  await guest.htmx(url, { do: 'play' }).expect(204)
  for (const line of ['rollout status deployment/web', 'kubectl logs web', '-n shop describe pods'])
    await guest.htmx(url, { do: 'kubectl', line }).expect(200)
  await guest.htmx(url, { do: 'play' }).expect(204)
  assert.equal(await clock(), 0)
  await guest.htmx(url, { do: 'kubectl', line: '-n shop scale deployment web --replicas=2' }).expect(200)
  const { text } = await guest.htmx(url, { do: 'play' }).expect(200)
  assert.match(text, /<template data-end>[\s\S]*id="challenge-cluster"[\s\S]*id="checks"/)
  assert.equal(await clock(), 10_000)
  await guest.htmx(url, { do: 'play' }).expect(204)
  assert.equal(await clock(), 10_000)
  // Without script it is no more than time that passes.
  await guest.post(url, { do: 'apply', file: 'web.yaml', content: 'a: 1' }).expect(303)
  await guest.post(url, { do: 'play' }).expect(303)
  assert.equal(await clock(), 20_000)
})

test('a moment that is over is looked at, with and without script, and the present is a link away', async () => {
  const { guest, labs } = await opened()
  await guest.post(url, { do: 'run60' }).expect(303)
  await guest.post(url, { do: 'kubectl', line: 'scale deployment web --replicas=3' }).expect(303)
  await guest.post(url, { do: 'run60' }).expect(303)
  const now = await guest.get(url).expect(200)
  assert.match(now.text, /<rect x="499"[^>]*><title>kubectl scale deployment web --replicas=3<\/title>/)
  assert.match(now.text, /id="moment"[^>]*max="120000"/)
  const calls = labs.calls.length
  const then = await guest.get(`${url}?at=30000`).expect(200)
  assert.match(then.text, /You are looking at the cluster as it was at 0:30\.0/)
  assert.match(then.text, /href="\/challenges\/three-pods\?at=now[^"]*"/)
  assert.doesNotMatch(then.text, /value="run10"/, 'nothing moves the past')
  assert.match(then.text, /value="grade"/)
  const part = (path: string) => guest.get(path).set('HX-Request', 'true').expect(200)
  const { text } = await part(`${url}?at=30000&file=web.yaml`)
  assert.match(text, /^\s*<section class="region cluster is-then" id="challenge-cluster"/)
  assert.match((await part(`${url}?at=now`)).text, /^\s*<section class="region cluster" [\s\S]*value="run10"/)
  // What is no moment of its past is the present.
  for (const at of ['120000', '999999999999', '-1', '1e3', 'now', '%00', '9'.repeat(40)])
    assert.match((await guest.get(`${url}?at=${at}`).expect(200)).text, /value="run10"/, at)
  assert.equal(labs.calls.length, calls, 'who looks does nothing')
})

test('a form that was sent on shows the output of the last command', async () => {
  const { guest } = await opened()
  const sent = await guest.post(url, { do: 'kubectl', line: 'get pods' }).expect(303)
  assert.match((await guest.get(sent.headers.location!.split('#')[0]!)).text, /\$ kubectl get pods[\s\S]*did \{/)
})

test('Enter in the form runs the line when there is one, and applies the file otherwise', async () => {
  const { guest, attempts } = await opened()
  await guest.post(url, { do: 'default', line: 'get pods', file: 'web.yaml', content: 'a: 1' }).expect(303)
  await guest.post(url, { do: 'default', line: '', file: 'web.yaml', content: 'a: 1' }).expect(303)
  assert.deepEqual(
    (await attempts())[0].log.map((entry: { command: { op: string } }) => entry.command.op),
    ['kubectl', 'apply'],
  )
})

const clocks = [
  { act: 'step', clockMs: 100 },
  { act: 'run10', clockMs: 10_000 },
  { act: 'run60', clockMs: 60_000 },
  { act: 'settle', clockMs: 7000 },
]
for (const { act, clockMs } of clocks)
  test(`${act} moves the virtual clock and leaves the log alone`, async () => {
    const { guest, attempts } = await opened()
    await guest.post(url, { do: act }).expect(303)
    const [attempt] = await attempts()
    assert.deepEqual([attempt.clockMs, attempt.log], [clockMs, []])
  })

test('a hair before the full minute, the clock shows the minute', async () => {
  const { guest, labs } = await opened()
  labs.next.commandMs = 59_999.97
  const { text } = await guest.htmx(url, { do: 'kubectl', line: 'get pods' })
  assert.match(text, /class="clock-face"[^>]*>1:00\.0</)
})

test('undo takes the last command away and goes back to its moment', async () => {
  const { guest, attempts } = await opened()
  for (const line of ['get pods', 'get nodes']) {
    await guest.post(url, { do: 'kubectl', line })
    await guest.post(url, { do: 'run10' })
  }
  await guest.post(url, { do: 'undo' }).expect(303)
  const [attempt] = await attempts()
  assert.deepEqual([attempt.log.length, attempt.clockMs], [1, 10_000])
})

test('a failed grading shows your cluster, expected, why, the moment and the cause; fixed, it passes', async () => {
  const { guest, labs } = await opened()
  labs.next.grade = aFailedGrade()
  const failed = await guest.post(url, { do: 'grade' }).expect(303)
  const { text } = await guest.get(failed.headers.location!).expect(200)
  for (const part of [
    'Not passed yet',
    '1 ready Pod',
    '3 ready Pods',
    'Traffic needs them',
    '0:12.3',
    'the image does not exist',
  ])
    assert.ok(text.includes(part), part)
  assert.ok(!text.includes('HIDDEN CHECK'))
  assert.ok(!text.includes('KEYDEBRIEF'))
  labs.next.grade = aGrade()
  const passed = await guest.post(url, { do: 'grade' }).expect(303)
  const after = (await guest.get(passed.headers.location!).expect(200)).text
  assert.match(after, /Passed/)
  assert.match(after, /KEYDEBRIEF/)
})

/** The marks and words of the rail, a line a check. */
const railOf = (text: string): string[] => {
  const rail = text.slice(text.indexOf('id="checks"'))
  return [...rail.slice(0, rail.indexOf('</ul>')).matchAll(/<li class="([^"]*)" title="([^"]*)"/g)].map(
    ([, is, words]) => `${is}: ${words}`,
  )
}

test('the rail says what the grading found, as long as nothing was done since; then what can be told live, and what was', async () => {
  const { guest, labs } = await opened()
  const onlyGraded = {
    id: 'late',
    title: 'Holds later',
    points: 10,
    gate: false,
    state: 'unknown' as const,
    message: '',
  }
  const aGate = { id: 'gate', title: 'Is kept', points: 5, gate: true, state: 'holds' as const, message: '' }
  const live = labs.work
  labs.work = async (who, request) => {
    const result = await live(who, request)
    return { ...result, checks: [...result.checks, onlyGraded, aGate] }
  }
  const rail = async () => railOf((await guest.get(url).expect(200)).text)
  await guest.post(url, { do: 'kubectl', line: 'get pods' })
  const kept = 'is-gate is-holds: kept'
  assert.deepEqual(await rail(), ['is-not-yet: not yet', 'is-unknown: known after grading', kept])
  const [test] = aGrade().tests
  const tests = [test!, { ...test!, id: 'late' }, { ...test!, id: 'secret', title: 'HIDDEN CHECK', hidden: true }]
  const gates = [{ ...test!, id: 'gate' }]
  labs.next.grade = aGrade({ tests, gates })
  await guest.post(url, { do: 'grade' }).expect(303)
  const passed = 'is-holds is-graded: passed when it was graded'
  const keptThen = 'is-gate is-holds is-graded: kept when it was graded'
  assert.deepEqual(await rail(), [passed, passed, keptThen])
  // A file that is not applied is no part of what is graded, nor is a hint.
  await guest.post(url, { do: 'save', file: 'web.yaml', content: 'kind: X' })
  await guest.post(url, { do: 'hint:h1' })
  assert.deepEqual(await rail(), [passed, passed, keptThen])
  await guest.post(url, { do: 'run10' })
  assert.deepEqual(await rail(), ['is-not-yet: not yet', 'is-holds is-last: passed at the last grading', kept])
  labs.next.grade = aGrade({ passed: false, tests: tests.map((one) => ({ ...one, status: 'fail' as const })), gates })
  await guest.post(url, { do: 'grade' }).expect(303)
  const failed = 'is-broken is-graded: not passed when it was graded'
  assert.deepEqual(await rail(), [failed, failed, keptThen])
  await guest.post(url, { do: 'kubectl', line: 'get nodes' })
  assert.deepEqual(await rail(), ['is-not-yet: not yet', 'is-broken is-last: not passed at the last grading', kept])
  // Undone, it is again what was graded.
  await guest.post(url, { do: 'undo' })
  assert.deepEqual(await rail(), [failed, failed, keptThen])
})

test('a grading that was not possible, or was made elsewhere, says nothing in the rail', async () => {
  const { guest, labs, deps } = await opened()
  await guest.post(url, { do: 'kubectl', line: 'get pods' })
  const rail = async () => railOf((await guest.get(url).expect(200)).text)
  labs.next.grade = aGrade({ gradable: false, passed: false, tests: [] })
  await guest.post(url, { do: 'grade' })
  assert.deepEqual(await rail(), ['is-not-yet: not yet'])
  labs.next.grade = aGrade()
  await guest.post(url, { do: 'grade' })
  assert.deepEqual(await rail(), ['is-holds is-graded: passed when it was graded'])
  const learnerId = /podium=([0-9a-f]+)/.exec(guest.cookie)![1]!
  await exchangeAttempts(deps, learnerId, (attempt) => ({
    ...attempt,
    gradings: attempt.gradings.map((one) => ({ ...one, origin: { from: 'elsewhere' as const, atMs: 1 } })),
  }))
  assert.deepEqual(await rail(), ['is-not-yet: not yet'])
})

test('a worse grading after a better one loses no points', async () => {
  const { guest, labs } = await opened()
  await guest.post(url, { do: 'grade' })
  labs.next.grade = aFailedGrade()
  await guest.post(url, { do: 'grade' })
  assert.match((await guest.get('/challenges')).text, /best 100/)
})

test('a result shows the commands that were graded, whatever the attempt did since', async () => {
  const { guest } = await opened()
  for (const line of ['get pods', 'get nodes']) await guest.post(url, { do: 'kubectl', line })
  const graded = (await guest.post(url, { do: 'grade' })).headers.location!
  await guest.post(url, { do: 'undo' })
  await guest.post(url, { do: 'kubectl', line: 'get events' })
  const { text } = await guest.get(graded).expect(200)
  assert.deepEqual(
    [...text.matchAll(/transcript-command">\$ ([^<]+)</g)].map(([, line]) => line),
    ['kubectl get pods', 'kubectl get nodes'],
  )
})

test('what comes while a grade is under way is no part of it: neither the line nor the hint', async () => {
  const { guest, labs, attempts } = await opened()
  await guest.post(url, { do: 'kubectl', line: 'get pods' })
  const { grade } = labs
  let begun = () => {}
  let open = () => {}
  const isUnderWay = new Promise<void>((done) => (begun = done))
  const isOpen = new Promise<void>((done) => (open = done))
  labs.grade = async (who, request) => {
    begun()
    await isOpen
    return grade(who, request)
  }
  const sent = guest.post(url, { do: 'grade' }).then((answer) => answer)
  await isUnderWay
  await guest.post(url, { do: 'kubectl', line: 'delete pod web' }).expect(303)
  await guest.post(url, { do: 'hint:h1' }).expect(303)
  open()
  const page = (await sent).headers.location!
  const [attempt] = await attempts()
  const [grading] = attempt.gradings
  assert.deepEqual([attempt.log.length, grading.commands, grading.hintsOpened], [2, 1, []])
  assert.equal(grading.proof.sha256, hashLog(attempt.log.slice(0, 1)))
  const { text } = await guest.get(page).expect(200)
  assert.match(text, /<strong>100<\/strong> of 100 points/)
  assert.doesNotMatch(text, /delete pod web/)
  assert.deepEqual(
    (labs.calls.findLast(({ method }) => method === 'moment')!.request as { log: unknown[] }).log,
    attempt.log.slice(0, 1),
  )
})

test('a line that was undone while it was graded stays with its grading', async () => {
  const { guest, labs, attempts } = await opened()
  for (const line of ['get pods', 'get nodes']) await guest.post(url, { do: 'kubectl', line })
  const { grade } = labs
  labs.grade = async (who, request) => {
    await guest.post(url, { do: 'undo' }).expect(303)
    return grade(who, request)
  }
  await guest.post(url, { do: 'grade' }).expect(303)
  const [{ log, gradings }] = await attempts()
  assert.deepEqual([log.length, gradings[0].commands, gradings[0].log.length], [1, 2, 2])
})

test('commands that are not those that were graded are told, and nothing is made of them', async () => {
  const { guest, labs, deps } = await opened()
  labs.next.grade = aFailedGrade()
  await guest.post(url, { do: 'kubectl', line: 'get pods' })
  const page = (await guest.post(url, { do: 'grade' }).expect(303)).headers.location!
  const { learner } = JSON.parse((await guest.get('/progress/export')).text)
  await exchangeAttempts(deps, learner.id, (a) => ({
    ...a,
    log: [{ atMs: 0, command: { op: 'kubectl', line: 'kubectl get secrets' } }],
  }))
  labs.calls.length = 0
  const { text } = await guest.get(page).expect(200)
  assert.match(text, /not the ones that were graded/)
  assert.doesNotMatch(text, /get secrets/)
  await guest.post(`${page}/change`, { check: 'ready', level: '1' }).expect(409)
  await guest.post(`${page}/give-up`).expect(303)
  await guest.get(page).expect(200)
  assert.deepEqual(
    labs.calls.map(({ method }) => method),
    ['solutions'],
  )
})

test('a grading of before proofs is shown as it was, and says that it has none', async () => {
  const { guest, deps } = await opened()
  await guest.post(url, { do: 'kubectl', line: 'get pods' })
  const page = (await guest.post(url, { do: 'grade' }).expect(303)).headers.location!
  const { learner } = JSON.parse((await guest.get('/progress/export')).text)
  await exchangeAttempts(deps, learner.id, (a) => ({
    ...a,
    gradings: a.gradings.map((grading) => ({ ...grading, proof: null })),
  }))
  const { text } = await guest.get(page).expect(200)
  assert.match(text, /kubectl get pods/)
  assert.match(text, /gradings of that time had no proof/)
})

test('a hint is shown when it is opened, and costs its points from then on', async () => {
  const { guest } = await opened()
  assert.ok(!(await guest.get(url)).text.includes('HINTTEXT'))
  await guest.post(url, { do: 'hint:h1' }).expect(303)
  assert.match((await guest.get(url)).text, /HINTTEXT/)
  const graded = await guest.post(url, { do: 'grade' })
  assert.match(
    (await guest.get(graded.headers.location!)).text,
    /<strong>90<\/strong> of 100 points, after 10 for hints/,
  )
})

test('a hint for a cause is offered once a grading has found that cause', async () => {
  const { guest, labs } = await opened()
  assert.ok(!(await guest.get(url)).text.includes('for 5 points'))
  labs.next.grade = aFailedGrade()
  await guest.post(url, { do: 'grade' })
  assert.match((await guest.get(url)).text, /for 5 points/)
})

test('trying again keeps the files, a reset does not, and opened hints stay paid for', async () => {
  const { guest, attempts } = await opened()
  await guest.post(url, { do: 'hint:h1' })
  await guest.post(url, { do: 'apply', file: 'web.yaml', content: 'mine: 1' })
  await guest.post(url, { do: 'again' }).expect(303)
  assert.match((await guest.get(`${url}?file=web.yaml`)).text, /mine: 1/)
  await guest.post(url, { do: 'reset' }).expect(303)
  assert.ok(!(await guest.get(`${url}?file=web.yaml`)).text.includes('mine: 1'))
  const all = await attempts()
  assert.deepEqual(
    all.map((attempt: { state: string }) => attempt.state),
    ['closed', 'closed', 'open'],
  )
  assert.deepEqual(all.at(-1).hintsOpened, ['h1'])
  assert.equal(new Set(all.map((attempt: { seed: string }) => attempt.seed)).size, 1)
})

test('requests that come at once share one attempt, and one new one after a reset', async () => {
  const { guest, attempts } = await opened()
  const lines = Array.from({ length: 20 }, (_, n) => n)
  await Promise.all(lines.map(() => guest.post(url, { do: 'save' }).expect(303)))
  assert.equal((await attempts()).length, 1)
  await Promise.all(lines.map((n) => guest.post(url, { do: n % 2 ? 'reset' : 'again' }).expect(303)))
  const states = (await attempts()).map(({ state }: { state: string }) => state)
  assert.equal(states.filter((state: string) => state === 'open').length, 1)
})

test('a hint that was opened stays open and paid for in a new variant, and after giving up', async () => {
  const { guest, labs, attempts } = await opened()
  assert.doesNotMatch((await guest.get(url)).text, /in a new variant they say the same/)
  await guest.post(url, { do: 'hint:h1' })
  assert.match((await guest.get(url)).text, /in a new variant they say the same/)
  await guest.post(url, { do: 'variant' }).expect(303)
  assert.match((await guest.get(url)).text, /HINTTEXT/)
  labs.next.grade = aFailedGrade()
  const page = (await guest.post(url, { do: 'grade' })).headers.location!
  await guest.post(`${page}/give-up`).expect(303)
  assert.deepEqual((await attempts()).at(-1).hintsOpened, ['h1'])
  labs.next.grade = aGrade()
  const sent = await guest.post(url, { do: 'grade' })
  assert.match((await guest.get(sent.headers.location!)).text, /<strong>90<\/strong> of 100 points, after 10 for hints/)
})

test('what was done in a cluster is kept with its moment, its content, its simulator and what was seen', async () => {
  const { guest, deps } = await opened()
  await guest.post(url, { do: 'kubectl', line: 'get pods' })
  const { learner } = exported((await guest.get('/progress/export')).text)
  const ran = (await deps.journals.acts(practiceSeat(learner.id))).find(({ act }) => act === 'ran')!
  const { hash } = deps.catalog().challenges.get('three-pods')!
  assert.deepEqual([ran.atMs, ran.contentHash, ran.engineVersion], [deps.now(), hash, '1'])
  const { exit, output } = ran.data as { exit: number; output: string }
  assert.equal(exit, 0)
  assert.match(output, /^[0-9a-f]+$/)
})

test('a sitting that asks for hidden seeds has a submission graded on each of them, and nobody is told of them', async () => {
  const { guest, labs, deps } = await opened()
  await guest.post(url, { do: 'kubectl', line: 'get pods' })
  const { sitting } = JSON.parse((await guest.get('/progress/export')).text)
  await deps.storage.sittings.save({ ...sitting, rules: { ...sitting.rules, hiddenSeeds: 2 } })
  labs.grade = async (_who, request) => {
    labs.calls.push({ method: 'grade', request })
    const isOwn = request.shown === undefined
    return isOwn
      ? aGrade({ params: { app: 'web' } })
      : { ...aFailedGrade(), seed: request.seed, params: { app: 'SECRET' } }
  }
  labs.calls.length = 0
  const page = (await guest.post(url, { do: 'grade' }).expect(303)).headers.location!
  const requests = labs.calls.map(({ request }) => request as { seed: string; log: object[]; shown?: object })
  assert.deepEqual(
    requests.map(({ log, shown }) => [log.length, shown]),
    [
      [1, undefined],
      [1, { app: 'web' }],
      [1, { app: 'web' }],
    ],
  )
  const { text } = await guest.get(page).expect(200)
  assert.match(text, /also checked on 2 other variants/)
  assert.match(text, /failed on another variant/)
  assert.match(text, /<strong>0<\/strong> of 100 points/)
  const told = text + (await guest.get('/progress/export')).text
  for (const secret of ['SECRET', requests[1]!.seed, requests[2]!.seed]) assert.ok(!told.includes(secret), secret)
})

test('a new variant has another seed', async () => {
  const { guest, attempts } = await opened()
  await guest.post(url, { do: 'save' })
  await guest.post(url, { do: 'variant' }).expect(303)
  assert.equal(new Set((await attempts()).map((attempt: { seed: string }) => attempt.seed)).size, 2)
})

test('a draft saves itself and is there after a reload', async () => {
  const { guest } = await opened()
  await guest.post(`${url}/draft`, { file: 'web.yaml', content: 'draft: 1' }).expect(204)
  assert.match((await guest.get(`${url}?file=web.yaml`)).text, /draft: 1/)
})

const refusals: { name: string; fields: Record<string, string>; says: RegExp }[] = [
  { name: 'an empty line', fields: { do: 'kubectl', line: ' ' }, says: /Type a kubectl line first/ },
  { name: 'an empty file', fields: { do: 'apply', file: 'web.yaml', content: ' ' }, says: /The file is empty/ },
]
for (const { name, fields, says } of refusals)
  test(`${name} is refused with what to do, and nothing is logged`, async () => {
    const { guest, attempts } = await opened()
    assert.match((await guest.post(url, fields).expect(422)).text, says)
    assert.deepEqual((await attempts())[0].log, [])
  })

test('more applies than the challenge allows are refused', async () => {
  const { guest } = await opened()
  for (let n = 0; n < 3; n++) await guest.post(url, { do: 'apply', file: 'web.yaml', content: `a: ${n}` }).expect(303)
  assert.match(
    (await guest.post(url, { do: 'apply', file: 'web.yaml', content: 'a: 4' }).expect(422)).text,
    /allows 3 applies/,
  )
})

test('the clock does not go past the end that the challenge sets', async () => {
  const { guest } = await opened()
  for (let n = 0; n < 10; n++) await guest.post(url, { do: 'run60' }).expect(303)
  assert.match((await guest.post(url, { do: 'run10' }).expect(422)).text, /ends at 600 s/)
})

test('a command that the simulator refuses is not kept, and the line stays in its field', async () => {
  const { guest, labs, attempts } = await opened()
  await guest.post(url, { do: 'save' })
  labs.next.refusal = new LabRefusal(422, 'The run was stopped: it took longer than 5 s.')
  const { text } = await guest.post(url, { do: 'kubectl', line: 'create deployment x' }).expect(422)
  assert.match(text, /took longer than 5 s/)
  assert.match(text, /name="line" form="workspace" value="create deployment x"/)
  labs.next.refusal = new LabRefusal(422, 'The run was stopped: it took longer than 5 s.')
  const part = await guest.htmx(url, { do: 'kubectl', line: 'create deployment x' }).expect(422)
  assert.match(part.text, /took longer than 5 s/)
  assert.doesNotMatch(part.text, /name="line"/, 'the field is not drawn anew')
  assert.deepEqual((await attempts())[0].log, [])
})

test('a cluster that takes too much to rebuild leaves a way back: undo it, or start over', async () => {
  const { guest, labs } = await opened()
  await guest.post(url, { do: 'kubectl', line: 'scale deployment web --replicas=100000' })
  labs.next.cannotRebuild = true
  const { text } = await guest.get(`${url}?said=last`).expect(200)
  assert.match(text, /could not be rebuilt[\s\S]*It took too long/)
  assert.match(text, /value="undo">Undo/)
  await guest.post(url, { do: 'undo' }).expect(303)
  assert.doesNotMatch((await guest.get(url).expect(200)).text, /could not be rebuilt/)
})

test('a grading that was not possible uses no try', async () => {
  const { guest, labs, attempts } = await opened()
  labs.next.refusal = new LabRefusal(422, 'The run passed {n} budgets.', { n: 2 })
  const { text } = await guest.post(url, { do: 'grade' }).expect(422)
  assert.match(text, /Not graded, no try used\. The run passed 2 budgets\./)
  const [attempt] = await attempts()
  assert.deepEqual(attempt.gradings, [])
  assert.match((await guest.get(`${url}/grading/${attempt.id}`).expect(200)).text, /The run passed 2 budgets/)
  labs.next.refusal = undefined
  await guest.post(url, { do: 'grade' }).expect(303)
  assert.equal((await attempts())[0].gradings.length, 1)
})

test('what cannot be graded since there is much to do waits on a page of its own, and is graded when there is time', async () => {
  const { app, guest, labs, attempts } = await opened({ now: () => Date.now() })
  labs.next.refusal = new LabRefusal(503, 'Many simulations are waiting.')
  const address = (await guest.post(url, { do: 'grade' }).expect(303)).headers.location!
  assert.match(address, /^\/challenges\/three-pods\/grading\/[0-9a-f]{18}$/)
  assert.match(
    (await guest.get(address).expect(200)).text,
    /Your work is handed in[\s\S]*hx-trigger|hx-trigger[\s\S]*Your work is handed in/,
  )
  assert.match((await guest.get(url).expect(200)).text, new RegExp(`being graded\\. <a href="${address}">`))
  await (await visitor(app)).get(address).expect(404)
  assert.equal((await guest.post(url, { do: 'grade' }).expect(303)).headers.location, address)
  labs.next.refusal = undefined
  // Whatever becomes of the attempt meanwhile, what was handed in is graded.
  await guest.post(url, { do: 'kubectl', line: 'get pods' }).expect(303)
  let result = ''
  await until(async () => {
    result = (await guest.get(address)).headers.location ?? ''
    return result !== ''
  }, 'a result')
  assert.match(result, /\/results\/[0-9a-f]{18}\/1$/)
  await guest.get(result).expect(200)
  const [attempt] = await attempts()
  assert.deepEqual([attempt.gradings.length, attempt.gradings[0].commands, attempt.log.length], [1, 0, 1])
  assert.doesNotMatch((await guest.get(url).expect(200)).text, /is being graded/)
})

test('what was graded on is kept, so that the grade can be computed again', async () => {
  const { guest, deps, attempts } = await opened()
  await guest.post(url, { do: 'grade' })
  const [attempt] = await attempts()
  const version = await deps.storage.contentVersions.find(attempt.contentHash)
  assert.equal(version?.item, 'challenge:three-pods')
  assert.deepEqual(Object.keys(version!.files).sort(), [
    'challenge.md',
    'challenge.yaml',
    'start/service.yaml',
    'start/web.yaml',
  ])
})

test('somebody else neither sees the result nor the attempt', async () => {
  const { app, guest } = await opened()
  const graded = await guest.post(url, { do: 'grade' })
  await (await visitor(app)).get(graded.headers.location!).expect(404)
})

test('an unknown button, hint, file or challenge is refused', async () => {
  const { guest } = await opened()
  await guest.post(url, { do: 'explode' }).expect(400)
  await guest.post(url, { do: 'hint:none' }).expect(404)
  await guest.get('/challenges/none').expect(404)
  await guest.post('/challenges/none', { do: 'grade' }).expect(404)
  await guest.post('/challenges/none/draft').expect(404)
  await guest.get(`${url}/results/none/1`).expect(404)
  const { text } = await guest.get(`${url}?file=../../challenge.yaml`).expect(200)
  assert.ok(!text.includes('KEYCHECK'))
})

test('a cluster that does not settle in the time it has is told, with and without script', async () => {
  const { guest, labs } = await opened()
  assert.doesNotMatch((await guest.htmx(url, { do: 'settle' }).expect(200)).text, /did not settle/)
  labs.next.isMoving = true
  assert.match((await guest.htmx(url, { do: 'settle' }).expect(200)).text, /did not settle/)
  const sent = await guest.post(url, { do: 'settle' }).expect(303)
  assert.match((await guest.get(sent.headers.location!.split('#')[0]!)).text, /did not settle/)
})

test('a kubectl line that nobody types is refused and not kept', async () => {
  const { guest, attempts } = await opened()
  const { text } = await guest.post(url, { do: 'kubectl', line: `get pods ${'a'.repeat(9000)}` }).expect(422)
  assert.match(text, /8000 characters at most/)
  assert.deepEqual((await attempts())[0].log, [])
})

test('a draft goes into the files of the challenge and nowhere else', async () => {
  const { guest, attempts } = await opened()
  for (const file of ['constructor', '__proto__', 'toString'])
    await guest.post(url, { do: 'save', file, content: 'mine' }).expect(303)
  assert.deepEqual((await attempts())[0].drafts, {})
})

test('what was left alone shows no points, and what was not shows what it cost', async () => {
  const { guest, labs } = await opened()
  const gate = { ...aFailedGrade().tests[0]!, maxPoints: 20 }
  labs.next.grade = aGrade({
    gates: [
      { ...gate, id: 'kept', title: 'Kept', status: 'pass', points: 20 },
      { ...gate, id: 'broken', title: 'Broken', status: 'fail', points: 0 },
    ],
  })
  const graded = await guest.post(url, { do: 'grade' }).expect(303)
  const { text } = await guest.get(graded.headers.location!).expect(200)
  assert.match(text, /−20/)
  assert.doesNotMatch(text, /20 \/ 20|0 \/ 20/)
})

test('a command that waits past the end of the clock is not kept, and says what to do instead', async () => {
  const { guest, labs, attempts } = await opened()
  labs.next.commandMs = 3_600_000
  const { text } = await guest.post(url, { do: 'kubectl', line: 'get pods -w' }).expect(422)
  assert.match(text, /waits past the end of this challenge/)
  assert.match(text, /name="line" form="workspace" value="get pods -w"/)
  const [attempt] = await attempts()
  assert.deepEqual([attempt.log, attempt.clockMs], [[], 0])
})

// ---------- after a grading ----------

const deployment = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', uid: 'x', resourceVersion: '1', creationTimestamp: '' },
  spec: { replicas },
})
const aSolution = {
  name: 'scale it',
  about: 'One line.',
  files: { 'web.yaml': 'KEYFILE: <3>' },
  steps: ['kubectl scale deployment web --replicas=3'],
  log: [],
}

/** A grading that failed, and what a solution has otherwise. */
async function failed() {
  const opening = await opened()
  const { guest, labs } = opening
  labs.next.grade = aFailedGrade()
  const sent = await guest.post(url, { do: 'grade' }).expect(303)
  labs.next.grade = aGrade({ tests: aFailedGrade().tests.map((test) => ({ ...test, status: 'pass' as const })) })
  labs.next.solutions = [aSolution]
  labs.next.outcomes = [[deployment(1)], [deployment(3)], [deployment(1)], [deployment(3)]]
  const check = aFailedGrade().tests.find(({ status }) => status === 'fail')!.id
  return { ...opening, address: sent.headers.location!.split('#')[0]!, check }
}

test('the smallest change is told step by step, each at its cost, and the next grading pays', async () => {
  const { guest, address, check, attempts, labs } = await failed()
  const step = (level: number) => guest.post(`${address}/change`, { check, level: String(level) })
  const told: string[] = []
  for (const level of [1, 2, 3, 4]) {
    await step(level).expect(303)
    const { text } = await guest.get(address).expect(200)
    told.push(/<li class="mono">([^<]+)<\/li>/.exec(text)![1]!)
  }
  assert.deepEqual(told, [
    'Deployment web',
    'Deployment web: spec.replicas',
    'Deployment web: spec.replicas has to be higher',
    'Deployment web: spec.replicas has to be 3',
  ])
  await step(5).expect(422)
  labs.next.grade = aGrade()
  const sent = await guest.post(url, { do: 'grade' }).expect(303)
  assert.match(
    (await guest.get(sent.headers.location!.split('#')[0]!)).text,
    /<strong>80<\/strong>[^<]*after 20 for hints/,
  )
  assert.equal((await attempts())[0].hintsOpened.length, 4)
})

test('with htmx only the check is drawn again', async () => {
  const { guest, address, check } = await failed()
  const { text } = await guest.htmx(`${address}/change`, { check, level: '1' }).expect(200)
  assert.match(text.trim(), /^<li class="test is-fail"/)
  assert.match(text, /<li class="mono">Deployment web<\/li>/)
})

test('where no small change helps, that is said and costs nothing', async () => {
  const { guest, address, check, labs, attempts } = await failed()
  labs.next.outcomes = []
  const sent = await guest.post(`${address}/change`, { check, level: '1' }).expect(303)
  assert.match((await guest.get(sent.headers.location!.split('#')[0]!)).text, /No points were taken off/)
  assert.deepEqual((await attempts())[0].hintsOpened, [])
})

test('a step out of turn, a check that is not there or did not fail, and somebody else’s result are refused', async () => {
  const { guest, address, check, app } = await failed()
  await guest.post(`${address}/change`, { check, level: '2' }).expect(422)
  await guest.post(`${address}/change`, { check, level: 'x' }).expect(422)
  await guest.post(`${address}/change`, { check: 'nothing', level: '1' }).expect(404)
  const other = await visitor(app)
  await other.post(`${address}/change`, { check, level: '1' }).expect(404)
  await other.post(`${address}/give-up`).expect(404)
})

test('solutions are shown after giving up and after a pass, with what the run would have to become, and not before', async () => {
  const { guest, address, labs } = await failed()
  const before = (await guest.get(address).expect(200)).text
  assert.ok(!before.includes('KEYFILE') && !before.includes('How others do it'))
  await guest.post(`${address}/give-up`).expect(303)
  const { text } = await guest.get(address).expect(200)
  assert.match(text, /How others do it/)
  assert.match(text, /KEYFILE: (&lt;|&#60;)3/)
  assert.match(text, /Deployment web: spec\.replicas has to be 3/)
  // The next attempt is another one, and keeps its secrets.
  labs.next.grade = aFailedGrade()
  const again = await guest.post(url, { do: 'grade' }).expect(303)
  assert.ok(!(await guest.get(again.headers.location!.split('#')[0]!)).text.includes('KEYFILE'))
  labs.next.grade = aGrade()
  const passed = await guest.post(url, { do: 'grade' }).expect(303)
  assert.match((await guest.get(passed.headers.location!.split('#')[0]!)).text, /KEYFILE/)
})

test('a new cluster does not give the solutions away', async () => {
  const { guest, address } = await failed()
  await guest.post(url, { do: 'reset' }).expect(303)
  assert.ok(!(await guest.get(address).expect(200)).text.includes('KEYFILE'))
})

test('the list is narrowed by style, section, level, length and one’s own state', async () => {
  const { guest, labs } = await opened()
  const listed = async (filter: string) =>
    (await guest.get(`/challenges?${filter}`).expect(200)).text.includes('href="/challenges/three-pods"')
  for (const fitting of [
    'style=fix',
    'level=2',
    'length=15',
    'exam=cka',
    'style=fix&level=2&state=new',
    'style=nonsense&level=9',
  ])
    assert.ok(await listed(fitting), fitting)
  for (const other of ['style=design', 'level=3', 'exam=ckad', 'style=fix&level=3'])
    assert.ok(!(await listed(other)), other)
  assert.equal(await listed('state=passed'), false)
  labs.next.grade = aGrade()
  await guest.post(url, { do: 'grade' }).expect(303)
  assert.ok(await listed('state=passed'))
  assert.equal(await listed('state=new'), false)
})

test('who has done as much as is kept for one learner is told so, and what was saved stays', async () => {
  const storage = createStorage(createMemoryStore())
  const journals = createJournals({ storage, now: () => 1, mostCharacters: 3000 })
  const { app } = await createTestApp({ storage, journals })
  const guest = await visitor(app)
  await guest.post(url, { do: 'save', file: 'service.yaml', content: 'kind: Pod\n' }).expect(303)
  const { text } = await guest.post(url, { do: 'save', file: 'service.yaml', content: 'x'.repeat(4000) }).expect(422)
  assert.match(text, /the limit of what is kept for one learner/)
  assert.match((await guest.get(url).expect(200)).text, /kind: Pod/)
})

/** The site with its challenge as an author changes it: another statement, and another number of Pods in the file to begin with. */
async function changedMeanwhile() {
  const place = await opened()
  const present = place.deps.catalog()
  const challenge = present.challenges.get('three-pods')!
  const files = {
    ...challenge.files,
    'challenge.md': challenge.files['challenge.md']!.replace('**three**', '**FIVE**'),
    'start/web.yaml': 'kind: NewStart\n',
  }
  const changed = challengeOfFiles('three-pods', files)!
  assert.notEqual(changed.hash, challenge.hash)
  return { ...place, challenge, changed, change: () => void present.challenges.set('three-pods', changed) }
}

test('an attempt goes on with the challenge as it was when it was begun, and is graded by that', async () => {
  const { app, guest, labs, attempts, challenge, change } = await changedMeanwhile()
  await guest.post(url, { do: 'kubectl', line: 'get pods' }).expect(303)
  change()
  const { text } = await guest.get(url).expect(200)
  assert.match(text, /This challenge was changed since you began\./)
  assert.match(text, /<strong>three<\/strong>/)
  assert.match(text, /get pods/)
  await guest.post(url, { do: 'apply', file: 'web.yaml', content: 'kind: Mine' }).expect(303)
  const graded = await guest.post(url, { do: 'grade' }).expect(303)
  const last = labs.calls.at(-1)!.request as { contentHash: string; spec: { workspace: { files: object } } }
  assert.deepEqual([last.contentHash, last.spec.workspace.files], [challenge.hash, challenge.spec.workspace.files])
  assert.match(
    (await guest.get(graded.headers.location!).expect(200)).text,
    /The challenge was changed since this was graded\./,
  )
  const [attempt, ...others] = await attempts()
  assert.deepEqual([attempt.contentHash, attempt.log.length, others.length], [challenge.hash, 2, 0])
  // Somebody who begins now has the new one.
  assert.match((await (await visitor(app)).get(url)).text, /<strong>FIVE<\/strong>/)
})

test('a result says by what it was graded, and on demand what it would be today; it stands all the same', async () => {
  const { app, guest, labs, deps, attempts, changed, change } = await changedMeanwhile()
  await guest.post(url, { do: 'kubectl', line: 'get pods' }).expect(303)
  const graded = await guest.post(url, { do: 'grade' }).expect(303)
  const page = graded.headers.location!
  assert.match(
    (await guest.get(page).expect(200)).text,
    /graded by simulator 1 with grader 1; today they are [\d.]+ and \d+/,
  )
  change()
  const before = (await guest.get(page).expect(200)).text
  assert.match(before, /The challenge was changed since this was graded\. .*The result stands\./)
  assert.match(before, /What would it be today\?/)

  labs.next.grade = aFailedGrade()
  const today = (await guest.post(`${page}/today`).expect(200)).text
  const { request } = labs.calls.findLast(({ method }) => method === 'grade')! as { request: { contentHash: string } }
  assert.equal(request.contentHash, changed.hash)
  assert.match(today, /Today the same commands earn 0 of 100, and do not pass\. Then they earned 100\./)
  assert.match(today, /<td class="num">\d+<\/td>\s*<td class="num">0<\/td>/)
  assert.doesNotMatch(today, /HIDDEN CHECK/)
  labs.next.grade = aGrade()
  assert.match((await guest.post(`${page}/today`).expect(200)).text, /earn the same: 100 of 100/)
  labs.next.grade = aGrade({ gradable: false, problem: 'It ran too long.' })
  assert.match((await guest.post(`${page}/today`).expect(200)).text, /cannot be graded: It ran too long\./)
  labs.next.refusal = new LabRefusal(503, 'Many simulations are waiting.')
  assert.match(
    (await guest.post(`${page}/today`).expect(422)).text,
    /could not be graded right now, and the result stands/,
  )
  labs.next.refusal = undefined

  const [attempt] = await attempts()
  assert.deepEqual([attempt.gradings.length, attempt.gradings[0].result.passed], [1, true])
  await (await visitor(app)).post(`${page}/today`).expect(404)
  // Of what is graded by the program and the content of today there is nothing to be said.
  const { hash } = deps.catalog().challenges.get('three-pods')!
  labs.next.grade = aGrade({ engineVersion, graderVersion, contentHash: hash })
  const again = await guest.post(url, { do: 'grade' }).expect(303)
  assert.doesNotMatch((await guest.get(again.headers.location!).expect(200)).text, /The result stands/)
  await guest.post(`${again.headers.location}/today`).expect(404)
})

for (const act of ['again', 'reset', 'variant'])
  test(`whoever starts over with "${act}" works on the challenge as it is now`, async () => {
    const { guest, attempts, changed, change } = await changedMeanwhile()
    await guest.post(url, { do: 'kubectl', line: 'get pods' }).expect(303)
    change()
    const { headers } = await guest.htmx(url, { do: act }).expect(200)
    assert.equal(headers['hx-redirect'], url)
    const { text } = await guest.get(`${url}?file=web.yaml`).expect(200)
    assert.doesNotMatch(text, /was changed since you began/)
    assert.match(text, /FIVE/)
    assert.match(text, /NewStart/)
    const states = (await attempts()).map(({ state, contentHash }: { state: string; contentHash: string }) => [
      state,
      contentHash === changed.hash,
    ])
    assert.deepEqual(states, [
      ['closed', false],
      ['open', true],
    ])
  })

test('an attempt whose content was not kept is looked back at, and a new one begins', async () => {
  const { guest, deps, attempts, changed, change } = await changedMeanwhile()
  await guest.post(url, { do: 'kubectl', line: 'get pods' }).expect(303)
  change()
  deps.storage.contentVersions.find = async () => undefined
  assert.match((await guest.get(url).expect(200)).text, /FIVE/)
  await guest.post(url, { do: 'run10' }).expect(303)
  assert.deepEqual(
    (await attempts()).map(({ contentHash }: { contentHash: string }) => contentHash === changed.hash),
    [false, true],
  )
})

test('the list says first what to do next: what was begun, else the easiest that is not done; a search says nothing of it', async () => {
  const site = await createTestApp()
  const guest = await visitor(site.app)
  const next = async (path = '/challenges') =>
    /class="next-up"[\s\S]*?href="\/challenges\/([a-z0-9-]+)"/.exec((await guest.get(path).expect(200)).text)?.[1]
  const specs = [...site.deps.catalog().challenges.values()].filter(({ spec }) => spec.style !== 'task')
  const easiest = Math.min(...specs.map(({ spec }) => spec.difficulty))
  const first = await next()
  assert.equal(site.deps.catalog().challenges.get(first!)!.spec.difficulty, easiest)
  assert.equal(await next('/challenges?level=3'), undefined)
  await guest.get(url)
  await guest.post(url, { do: 'kubectl', line: 'get pods' }).expect(303)
  assert.equal(await next(), 'three-pods')
  site.labs.next.grade = aGrade()
  await guest.post(url, { do: 'grade' }).expect(303)
  assert.notEqual(await next(), 'three-pods')
})

test('whoever goes on after the simulator was updated is told so, and whoever begins with it is not', async () => {
  const { guest, labs } = await opened()
  const told = /The simulator has been updated since you began/
  assert.doesNotMatch((await guest.get(url).expect(200)).text, told)
  await guest.post(url, { do: 'kubectl', line: 'get pods' }).expect(303)
  assert.doesNotMatch((await guest.get(url).expect(200)).text, told)
  const { work } = labs
  labs.work = async (...args) => ({ ...(await work(...args)), engineVersion: '2' })
  assert.match((await guest.get(url).expect(200)).text, told)
})
