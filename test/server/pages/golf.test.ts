import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveAll, removeAll } from '../../../server/belongings/keep.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { scoreOf } from '../../../server/practice/golf.ts'
import { practiceSeat } from '../../../server/seat.ts'
import type { LoggedCommand } from '../../../sim/index.ts'
import { aFailedGrade } from '../fake-labs.ts'
import { createTestApp, exchangeAttempts, visitor } from '../support.ts'

type Guest = Awaited<ReturnType<typeof visitor>>
const url = '/challenges/three-pods'
const learnerOf = (guest: Guest) => /podium=([0-9a-f]+)/.exec(guest.cookie)![1]!
const kubectl = (line: string, stdin?: string): LoggedCommand => ({
  atMs: 0,
  command: { op: 'kubectl', line, ...(stdin === undefined ? {} : { stdin }) },
})
const apply = (manifest: string): LoggedCommand => ({ atMs: 0, command: { op: 'apply', manifest } })

async function site() {
  const clock = { nowMs: Date.UTC(2026, 2, 2, 9) }
  const made = await createTestApp({ now: () => clock.nowMs })
  made.labs.next.solutions = [
    { name: 'one', about: '', files: {}, steps: [], log: [kubectl('kubectl scale deployment web --replicas=3')] },
    { name: 'two', about: '', files: {}, steps: [], log: [kubectl('kubectl label a b'), kubectl('kubectl label c d')] },
  ]
  return { ...made, clock, guest: await visitor(made.app) }
}

/** Runs the lines in a new cluster, and gives the address of their grading. */
async function play(guest: Guest, ...lines: string[]): Promise<string> {
  await guest.post(url, { do: 'reset' }).expect(303)
  for (const line of lines) await guest.post(url, { do: 'kubectl', line }).expect(303)
  return (await guest.post(url, { do: 'grade' }).expect(303)).headers.location!
}

const rowOf = async (guest: Guest) =>
  /<tbody>([\s\S]*)<\/tbody>/
    .exec((await guest.get('/golf').expect(200)).text)![1]!
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

test('only what changes something is a stroke, and only lines that the task did not have are counted', () => {
  const first = ['a: 1\nb: 2\n']
  assert.deepEqual(scoreOf([], first), { strokes: 0, lines: 0 })
  assert.deepEqual(scoreOf([kubectl('kubectl get pods'), kubectl('kubectl logs x')], first), { strokes: 0, lines: 0 })
  assert.deepEqual(scoreOf([apply('a: 1\r\nb: 3\r\n\r\n')], first), { strokes: 1, lines: 1 })
  assert.deepEqual(scoreOf([kubectl('kubectl apply -f -', 'x: 1\ny: 2\n')], first), { strokes: 1, lines: 3 })
})

test('a challenge is a hole when it is passed, with par and one’s own strokes; fewer strokes take their place', async () => {
  const { guest, labs } = await site()
  assert.match((await guest.get('/golf').expect(200)).text, /Pass a challenge, and it is your first hole/)
  labs.next.grade = aFailedGrade()
  await play(guest, 'scale deployment web --replicas=2')
  assert.match((await guest.get('/golf')).text, /it is your first hole/)
  delete labs.next.grade
  const long = await play(guest, 'get pods', 'label x y', 'label z w', 'scale deployment web --replicas=3')
  assert.match(await rowOf(guest), /1 · 1 line 3 · 3 lines \+2 –$/)
  assert.ok((await guest.get('/golf')).text.includes(`href="${long}"`))
  const short = await play(guest, 'get pods', 'scale deployment web --replicas=4')
  assert.match(await rowOf(guest), /1 · 1 line 1 · 1 line par –$/)
  assert.ok((await guest.get('/golf')).text.includes(`href="${short}"`))
  // A worse one changes nothing.
  await play(guest, 'label x y', 'scale deployment web --replicas=3')
  assert.match(await rowOf(guest), /1 · 1 line 1 · 1 line par –$/)
})

test('typing the model solution after it was shown counts as seen; whoever finds it alone has found it', async () => {
  const { guest, clock, app } = await site()
  await play(guest, 'label x y', 'scale deployment web --replicas=3')
  assert.doesNotMatch(await rowOf(guest), /had seen/)
  clock.nowMs += 1000
  await play(guest, 'scale  deployment web --replicas=3', 'get pods')
  // One's own idea goes before what was copied.
  assert.match(await rowOf(guest), /2 · 2 lines \+1/)
  const other = await visitor(app)
  await play(other, 'scale deployment web --replicas=3')
  assert.match(await rowOf(other), /1 · 1 line par –$/)
})

test('who gave up has seen it, whatever they type then', async () => {
  const { guest, labs, clock } = await site()
  labs.next.grade = aFailedGrade()
  const failed = await play(guest, 'scale deployment web --replicas=2')
  await guest.post(`${failed}/give-up`).expect(303)
  delete labs.next.grade
  clock.nowMs += 1000
  await play(guest, 'scale deployment web --replicas=3')
  assert.match(await rowOf(guest), /1 · 1 line par same as the model solution, which you had seen –$/)
})

test('the best of those who listed a run is shown to all, nameless, until the sharing ends', async () => {
  const { app, guest } = await site()
  const rival = await visitor(app)
  await play(rival, 'label a b', 'label c d', 'scale deployment web --replicas=3')
  const run = await play(guest, 'label x y', 'scale deployment web --replicas=3')
  // A link alone lists nothing.
  await guest.post(`${run}/share`, { on: 'yes' }).expect(303)
  assert.match(await rowOf(rival), /–$/)
  await guest.post(`${run}/share`, { on: 'golf' }).expect(303)
  assert.match(await rowOf(rival), /2 · 2 lines$/)
  assert.match(await rowOf(guest), /2 · 2 lines yours$/)
  const { text } = await rival.get('/golf')
  assert.ok(!text.includes(learnerOf(guest)))
  const link = /href="(\/runs\/[\w-]+)"/.exec(text)![1]!
  await rival.get(link).expect(200)
  assert.match((await guest.get(run)).text, /It is listed in/)
  await guest.post(`${run}/share`, { on: 'no' }).expect(303)
  assert.match(await rowOf(rival), /–$/)
  await rival.get(link).expect(404)
  // By the tick of the form, too; what was not passed is never listed.
  await guest.post(`${run}/share`, { on: 'yes', golf: 'yes' }).expect(303)
  assert.match(await rowOf(rival), /2 · 2 lines$/)
})

test('a run that was not passed, and somebody else’s, cannot be listed', async () => {
  const { app, guest, labs, deps } = await site()
  labs.next.grade = aFailedGrade()
  const failed = await play(guest, 'scale deployment web --replicas=3')
  await guest.post(`${failed}/share`, { on: 'yes', golf: 'yes' }).expect(303)
  assert.deepEqual(await deps.storage.golf.cardsOf('three-pods'), [])
  await (await visitor(app)).post(`${failed}/share`, { on: 'golf' }).expect(404)
})

test('a card travels with its learner, goes with them, and does not outlive the run that it is of', async () => {
  const { app, guest, deps } = await site()
  const [rival, heir] = [await visitor(app), await visitor(app)]
  await play(rival, 'scale deployment web --replicas=5')
  const run = await play(guest, 'scale deployment web --replicas=3')
  await guest.post(`${run}/share`, { on: 'golf' }).expect(303)
  assert.match((await guest.get('/progress/export')).text, /"golf": \[\s*\{"attempt":/)
  await moveAll(deps, practiceSeat(learnerOf(guest)), practiceSeat(learnerOf(heir)))
  assert.equal((await deps.storage.golf.cardsOf('three-pods'))[0]!.learnerId, learnerOf(heir))
  assert.match(await rowOf(heir), /yours$/)
  await exchangeAttempts(deps, learnerOf(heir), () => undefined)
  assert.match(await rowOf(rival), /–$/)
  assert.deepEqual(await deps.storage.golf.cardsOf('three-pods'), [])
  const again = await play(heir, 'scale deployment web --replicas=3')
  await heir.post(`${again}/share`, { on: 'golf' }).expect(303)
  await removeAll(deps, practiceSeat(learnerOf(heir)))
  assert.deepEqual(await deps.storage.golf.cardsOf('three-pods'), [])
})

test('a simulator that is busy leaves par out', async () => {
  const { guest, labs } = await site()
  await play(guest, 'scale deployment web --replicas=3')
  labs.solutions = async () => {
    throw new LabRefusal(503, 'busy')
  }
  assert.match(await rowOf(guest), /– 1 · 1 line –$/)
})
