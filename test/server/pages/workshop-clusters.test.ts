/** Clusters of a workshop's people on the projector, copied, and side by side. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planned } from './workshop-site.ts'

/** A workshop whose challenge is open, with people who have begun it. */
async function atWork(...names: string[]) {
  const site = await planned()
  const { id, act, steps, deps } = site
  await act('open').expect(303)
  const challenge = (await steps())[2]!
  await act(`open-step:${challenge.id}`).expect(303)
  const guests: Awaited<ReturnType<typeof site.joins>>[] = []
  for (const name of names) {
    const guest = await site.joins(name)
    await guest
      .post(`/w/${id}/challenges/three-pods`, { do: 'kubectl', line: `create deployment ${name.toLowerCase()}-web` })
      .expect(303)
    guests.push(guest)
  }
  const people = await deps.storage.participants.listOf(id)
  const seats = names.map((name) => people.find(({ nickname }) => nickname === name)!.id)
  const workshop = (await deps.rooms.find(id))!
  const projector = async () => (await guests[0]!.get(`/p/${workshop.room.projectorToken}`).expect(200)).text
  const room = () => deps.rooms.room(id)
  return { ...site, step: challenge.id, guests, seats, projector, room }
}

test('a cluster is on the projector without its owner’s name, until its owner takes it off', async () => {
  const { ines, id, step, guests, seats, projector, room } = await atWork('Marabel')
  const [marabel] = guests
  const screen = `/w/${id}/seats/${seats[0]}/screen`
  assert.match((await ines.get(`/w/${id}/seats/${seats[0]}`).expect(200)).text, /Show on the projector/)
  await ines.post(screen, { step, do: 'show', lines: 'yes' }).expect(303)
  const text = await projector()
  assert.match(text, /create deployment •••-web/)
  assert.doesNotMatch(text, /marabel/i)
  assert.match((await marabel!.get(`/w/${id}`)).text, /Your cluster is on the projector, without your name/)
  assert.match((await marabel!.get(`/w/${id}/challenges/three-pods`)).text, /Take it off/)
  await marabel!.post(`/w/${id}/cluster`, { do: 'off-screen' }).expect(303)
  assert.equal((await room()).screen.what, 'step')
  assert.doesNotMatch(await projector(), /•••-web/)
  assert.match((await ines.post(screen, { step, do: 'show' }).expect(409)).text, /off the projector/)
  await marabel!.post(`/w/${id}/cluster`, { do: 'on-screen' }).expect(303)
  await ines.post(screen, { step, do: 'show' }).expect(303)
  assert.deepEqual((await room()).screen, { what: 'cluster', step, seat: seats[0], lines: false })
  await ines.post(screen, { step, do: 'off' }).expect(303)
  assert.equal((await room()).screen.what, 'step')
})

test('a moment on the projector stays what it was, whatever its owner takes back', async () => {
  const { ines, id, step, guests, seats, projector, labs } = await atWork('Ann')
  const address = `/w/${id}/challenges/three-pods`
  await guests[0]!.post(address, { do: 'run60' }).expect(303)
  await guests[0]!.post(address, { do: 'kubectl', line: 'delete deployment ann-web' }).expect(303)
  await ines.post(`/w/${id}/seats/${seats[0]}/screen`, { step, at: '30000', do: 'show', lines: 'yes' }).expect(303)
  const before = await projector()
  assert.match(before, /at this moment/)
  assert.match(before, /create deployment/)
  assert.doesNotMatch(before, /delete deployment/)
  await guests[0]!.post(address, { do: 'undo' }).expect(303)
  await guests[0]!.post(address, { do: 'reset' }).expect(303)
  const part = (text: string) => text.slice(text.indexOf('id="projector"'), text.indexOf('projector-join'))
  assert.equal(part(await projector()), part(before))
  assert.equal(
    labs.calls.some(({ method }) => method === 'grade'),
    false,
  )
})

test('a copy is a sandbox of whoever leads, and the learner’s cluster stays as it is', async () => {
  const { ines, id, step, seats, deps } = await atWork('Ann')
  const work = async () =>
    JSON.stringify((await deps.journals.work({ sittingId: id, participantId: seats[0]! })).attempts)
  const before = await work()
  const { location } = (await ines.post(`/w/${id}/seats/${seats[0]}/fork`, { step }).expect(303)).headers
  assert.match(location!, /^\/sandboxes\/\w+$/)
  const made = await deps.sandboxes.copy(location!.split('/').at(-1)!)
  assert.deepEqual(
    made.log.map(({ command }) => command),
    [{ op: 'kubectl', line: 'kubectl create deployment ann-web' }],
  )
  assert.doesNotMatch(made.name, /Ann/)
  assert.equal(await work(), before)
})

test('clusters stand side by side with the command at which they part, and nameless on the projector', async () => {
  const { ines, id, step, seats, guests, projector, labs, room } = await atWork('Anna', 'Bertram')
  labs.next.compared = {
    ...{ untilMs: 60_000, atMs: 0 },
    parted: [
      { type: 'MODIFIED', object: 'Deployment/web', fields: [{ field: 'spec.replicas', from: '2', to: '5' }] },
      undefined,
    ],
  }
  const form = (await ines.get(`/w/${id}/compare`).expect(200)).text
  assert.match(form, /Anna[\s\S]*Bertram/)
  const { text } = await ines.get(`/w/${id}/compare?step=${step}&seats=${seats.join(',')}`).expect(200)
  assert.match(text, /part at <?[^<]*0:00\.0/)
  assert.match(text, /A: kubectl create deployment •••-web changes Deployment\/web \(spec\.replicas: 2 → 5\)/)
  assert.match(text, /B: nothing happens then/)
  const { request } = labs.calls.find(({ method }) => method === 'divergence')! as { request: { runs: unknown[] } }
  assert.equal(request.runs.length, 2)
  await ines.post(`/w/${id}/compare/show`, { step, seats: seats[0]! }).expect(422)
  await ines.post(`/w/${id}/compare/show`, { step, seats: seats.join(',') }).expect(303)
  assert.deepEqual((await room()).screen, { what: 'compare', step, seats })
  const shown = await projector()
  assert.match(shown, /B: nothing happens then/)
  assert.doesNotMatch(shown, /Anna|Bertram|anna-web|bertram-web/)
  await guests[1]!.post(`/w/${id}/cluster`, { do: 'off-screen' }).expect(303)
  assert.equal((await room()).screen.what, 'step')
  await ines.get(`/w/${id}/compare?step=${step}&seats=a,b,c,d,e`).expect(422)
})

test('all seats of a workshop have the same variants', async () => {
  const { deps, id } = await atWork('Ann', 'Ben')
  const seeds = (await deps.storage.participants.listOf(id)).map(({ seed }) => seed)
  assert.equal(new Set(seeds).size, 1)
  assert.match(seeds[0]!, /^[a-f0-9]{12}$/)
})
