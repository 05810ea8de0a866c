/** Replays on pages: of one's own work, and of a seat by those who lead its workshop; who may look, and what else could have been. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LabRefusal } from '../../../server/labs/types.ts'
import { aFailedGrade, aGrade } from '../fake-labs.ts'
import { createTestApp, visitor } from '../support.ts'
import { planned } from './workshop-site.ts'

const desk = '/challenges/three-pods'

/** Somebody has worked at a challenge, and had it graded. */
async function graded() {
  const { app, labs, deps } = await createTestApp()
  const guest = await visitor(app)
  await guest.post(desk, { file: 'web.yaml', 'text-web.yaml': 'kind: Deployment', do: 'save' })
  await guest.post(desk, { do: 'kubectl', line: 'describe pod web-1' }).expect(303)
  await guest.post(desk, { do: 'kubectl', line: 'scale deployment web --replicas=3' }).expect(303)
  await guest.post(desk, { do: 'run60' }).expect(303)
  await guest.post(desk, { do: 'kubectl', line: 'delete pod web-1' }).expect(303)
  await guest.post(desk, { do: 'undo' }).expect(303)
  const { location } = (await guest.post(desk, { do: 'grade' }).expect(303)).headers
  const attempt = /results\/([^/]+)\//.exec(location!)![1]!
  return { app, labs, deps, guest, attempt, result: location!, replay: `${desk}/replay/${attempt}` }
}

const hrefOf = (text: string, of: RegExp): string => {
  const row = text
    .split('<li class="is-')
    .slice(1)
    .find((one) => of.test(one))!
  return /href="([^"]+)"/.exec(row)![1]!
}

test('a result leads to the replay: what was done in order, with what turned, and the places to go to first', async () => {
  const { guest, labs, result, replay } = await graded()
  assert.ok((await guest.get(result).expect(200)).text.includes(`href="${replay}"`))
  labs.standings = async (_who, { points }) =>
    points.map(({ clockMs }) => [
      {
        id: 'ready',
        title: 'Three Pods',
        points: 1,
        gate: false,
        state: clockMs > 0 ? 'holds' : 'not yet',
        message: '',
      },
    ])
  const { text } = await guest.get(replay).expect(200)
  const list = text
    .slice(text.indexOf('replay-list'), text.indexOf('replay-then'))
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
  assert.match(
    list,
    /Began .* describe pod web-1 .* scale deployment web --replicas=3 .* Three Pods : holds by kubectl scale .* delete pod web-1 .* Took back .* Graded/,
  )
  assert.match(text, /First diagnosis · 0:0\d/)
  assert.match(text, /First change that helped · 0:0\d/)
  assert.match(text, /<span[^>]*id="replay-jump-2"[^>]*aria-disabled="true"/)
  // Any moment of it, with what the line said.
  const then = (await guest.get(hrefOf(text, /describe pod/)).expect(200)).text
  assert.match(then, /\$ kubectl describe pod web-1[\s\S]*did \{/)
  assert.doesNotMatch(then.slice(then.indexOf('replay-terminal'), then.indexOf('id="what-if"')), /scale deployment/)
  assert.match(then, /aria-current="true"/)
  // An htmx request gets the part alone.
  const part = await guest.agent.get(replay).set('HX-Request', 'true').expect(200)
  assert.match(part.text.trim(), /^<section class="replay-part" id="replay">/)
})

test('what else could have been is the same run without a command or with another one, graded', async () => {
  const { guest, labs, replay } = await graded()
  const { text } = await guest.get(replay).expect(200)
  const at = new URL(hrefOf(text, /scale deployment/), 'http://x').searchParams.get('at')!
  const ask = (fields: Record<string, string>) => guest.post(`${replay}/what-if`, { at, ...fields })
  labs.calls.length = 0
  const grades = [aGrade(), aFailedGrade()]
  labs.grade = async (_who, request) => {
    labs.calls.push({ method: 'grade', request })
    return grades.shift() ?? aGrade()
  }
  const dropped = (await ask({ do: 'drop' }).expect(200)).text
  assert.match(dropped, /Without it[\s\S]*would change[\s\S]*passed[\s\S]*failed/)
  const lines = () =>
    labs.calls
      .filter(({ method }) => method === 'grade')
      .map(({ request }) =>
        (request as { log: { command: { line: string } }[] }).log.map(({ command }) => command.line),
      )
  const [describe, scale] = ['kubectl describe pod web-1', 'kubectl scale deployment web --replicas=3']
  assert.deepEqual(lines(), [[describe, scale], [describe]])
  // Sums would tell of checks that are hidden.
  assert.doesNotMatch(dropped, /HIDDEN CHECK|>Points</)
  labs.calls.length = 0
  const changed = (await ask({ do: 'change', text: 'scale deployment web --replicas=2' }).expect(200)).text
  assert.match(changed, /With this instead/)
  assert.deepEqual(lines()[1], [describe, 'kubectl scale deployment web --replicas=2'])
  assert.match((await ask({ do: 'change', text: '  ' }).expect(422)).text, /Type what should have been done instead/)
  labs.grade = async () => {
    throw new LabRefusal(503, 'Many simulations are waiting. Try again in a few seconds.')
  }
  assert.match((await ask({ do: 'drop' }).expect(422)).text, /Many simulations are waiting/)
  // What was taken back is in no run, and neither is a look at the clock.
  const taken = new URL(hrefOf(text, /delete pod/), 'http://x').searchParams.get('at')!
  await ask({ at: taken, do: 'drop' }).expect(409)
  assert.doesNotMatch((await guest.get(`${replay}?at=${taken}`)).text, /Run without it/)
})

test('a copy goes on from any moment, and is a sandbox of who looks', async () => {
  const { app, guest, replay } = await graded()
  const { text } = await guest.get(replay).expect(200)
  const at = new URL(hrefOf(text, /describe pod/), 'http://x').searchParams.get('at')!
  const { location } = (await guest.post(`${replay}/fork`, { at }).expect(303)).headers
  assert.match(location!, /^\/sandboxes\//)
  await guest.get(location!).expect(200)
  await (await visitor(app)).get(location!).expect(404)
})

test('a run that today’s simulator makes otherwise is said so', async () => {
  const { guest, labs, replay } = await graded()
  labs.next.moment = { isGradedRun: false }
  assert.match((await guest.get(replay).expect(200)).text, /not the run that was graded/)
})

test('where nothing can be computed the rest is shown, and it is said', async () => {
  const { guest, labs, replay } = await graded()
  const refuse = async () => {
    throw new LabRefusal(503, 'Many simulations are waiting. Try again in a few seconds.')
  }
  labs.standings = refuse
  labs.work = refuse
  const { text } = await guest.get(replay).expect(200)
  assert.match(text, /The state of the checks cannot be computed now/)
  assert.match(text, /Many simulations are waiting/)
  assert.match(text, /scale deployment web --replicas=3/)
})

test('nobody replays what is not graded, what is somebody else’s, and what does not exist', async () => {
  const { app, guest, replay, attempt } = await graded()
  const other = await visitor(app)
  await other.get(replay).expect(404)
  await other.post(`${replay}/what-if`, { do: 'drop' }).expect(404)
  await other.post(`${replay}/fork`).expect(404)
  await guest.get(`/challenges/no-such/replay/${attempt}`).expect(404)
  await guest.get(`${desk}/replay/000000000000000000`).expect(404)
  await other.post(desk, { do: 'kubectl', line: 'get pods' }).expect(303)
  for (const at of ['x', '-1', '9999999999999', '1e3'])
    await guest.get(`${replay}?at=${at}&file=../../etc/passwd`).expect(200)
})

test('who leads a workshop replays a seat, hidden checks included, and its owner is told; nobody else does', async () => {
  const site = await planned()
  const { id, act, steps, deps, ines, labs } = site
  await act('open').expect(303)
  const step = (await steps())[2]!.id
  await act(`open-step:${step}`).expect(303)
  const [ann, ben] = [await site.joins('Ann'), await site.joins('Ben')]
  const seat = (await deps.storage.participants.listOf(id)).find(({ nickname }) => nickname === 'Ann')!.id
  const replay = `/w/${id}/seats/${seat}/replay/${step}`
  await ines.get(replay).expect(409)
  await ann.post(`/w/${id}/challenges/three-pods`, { do: 'kubectl', line: 'get nodes' }).expect(303)
  assert.match((await ines.get(`/w/${id}/seats/${seat}`)).text, /Replay how it was done/)
  const { text } = await ines.get(replay).expect(200)
  assert.match(text, /Replay: Ann[\s\S]*get nodes/)
  const asked = labs.calls.findLast(({ method }) => method === 'standings')!.request as { withHidden: boolean }
  assert.equal(asked.withHidden, true)
  assert.match((await ann.get(`/w/${id}`)).text, /is looking/)
  for (const guest of [ann, ben]) await guest.get(replay).expect(403)
  await ines.get(`/w/${id}/seats/${seat}/replay/nostep`).expect(404)
})
