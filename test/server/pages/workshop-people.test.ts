/** Who comes into a workshop, who is taken out of it, and what is left of who goes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visitor } from '../support.ts'
import { instructor, planned } from './workshop-site.ts'

const minuteMs = 60_000

async function going() {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const site = await planned({ now: () => nowMs })
  await site.act('open').expect(303)
  const people = () => site.deps.storage.participants.listOf(site.id)
  const wall = async () => (await site.ines.get(`/w/${site.id}/wall`).expect(200)).text
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { ...site, people, wall, pass }
}

test('of three who come in at once under one name one has it, and the others are told', async () => {
  const { app, code, people } = await going()
  const guests = await Promise.all([visitor(app), visitor(app), visitor(app)])
  const answers = await Promise.all(
    guests.map((guest, n) => guest.post(`/j/${code}`, { nickname: ['Ann', 'ann', 'A-n-n'][n]!, do: 'join' })),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422, 422])
  assert.equal((await people()).length, 1)
  // The same form sent twice at once is one seat.
  const bo = await visitor(app)
  const twice = await Promise.all([1, 2].map(() => bo.post(`/j/${code}`, { nickname: 'Bo', do: 'join' })))
  assert.deepEqual(twice.map(({ status }) => status).sort(), [200, 303])
  assert.equal((await people()).length, 2)
})

test('who was broken off on the way in comes in by the same form', async () => {
  const { app, code, deps, id, people } = await going()
  const { participants } = deps.storage
  const { save } = participants
  participants.save = () => Promise.reject(new Error('the disk is full'))
  const ann = await visitor(app)
  await ann.post(`/j/${code}`, { nickname: 'Ann', do: 'join' }).expect(500)
  participants.save = save
  await ann.post(`/j/${code}`, { nickname: 'Ann', do: 'join' }).expect(200)
  const [seat] = await people()
  assert.deepEqual([seat!.nickname, [...(await deps.rooms.room(id)).members.keys()]], ['Ann', [seat!.id]])
})

test('joining can be stopped and goes on again; who is in comes back all the same, and right words cost no tries', async () => {
  const { app, code, act, wall, joins, ines, id } = await going()
  const ann = await joins('Ann')
  await act('stop-joining').expect(303)
  assert.match(await wall(), /joining is stopped/)
  const guest = await visitor(app)
  const refused = await guest.post(`/j/${code}`, { nickname: 'Ben', do: 'join' }).expect(409)
  assert.match(refused.text, /Joining is stopped/)
  for (let n = 0; n < 62; n++) {
    const device = await visitor(app)
    await device.post(`/j/${code}`, { words: ann.words, do: 'back' }).expect(303)
  }
  for (let n = 0; n < 60; n++) await guest.post(`/j/${code}`, { words: 'no such 12', do: 'back' }).expect(422)
  const asked = await guest.post(`/j/${code}`, { words: 'no such 12', do: 'back' }).expect(429)
  assert.match(asked.text, /Give your name in this workshop as well/)
  // Somebody else’s wrong words at this address do not keep anybody out who says who they are.
  const device = await visitor(app)
  await device.post(`/j/${code}`, { words: ann.words, do: 'back' }).expect(429)
  await device.post(`/j/${code}`, { words: ann.words, do: 'back', name: 'Bob' }).expect(422)
  await device.post(`/j/${code}`, { words: ann.words, do: 'back', name: ' ann ' }).expect(303)
  for (let n = 0; n < 10; n++)
    await guest.post(`/j/${code}`, { words: 'no such 12', do: 'back', name: 'Zoe' }).expect(422)
  await guest.post(`/j/${code}`, { words: 'no such 12', do: 'back', name: 'zoe' }).expect(429)
  await device.post(`/j/${code}`, { words: ann.words, do: 'back', name: 'Ann' }).expect(303)
  // Taken back from the list of what was done.
  const { text } = await ines.get(`/w/${id}/log`).expect(200)
  await ines.post(`/w/${id}/log`, { act: /name="act" value="([^"]+)"/.exec(text)![1]! }).expect(303)
  await guest.post(`/j/${code}`, { nickname: 'Ben', do: 'join' }).expect(200)
})

test('who came in under many names is taken out at once, and who has done something stays', async () => {
  const { app, id, code, act, joins, wall } = await going()
  const ann = await joins('Ann')
  await ann.post(`/w/${id}/questions/pod/always/answer`, { v: '1', answer: 'a' })
  for (let n = 0; n < 10; n++)
    await (await visitor(app)).post(`/j/${code}`, { nickname: `Bot ${n}`, do: 'join' }).expect(200)
  assert.match(await wall(), /Remove everybody who has done nothing yet/)
  await act('remove-idle').expect(303)
  const after = await wall()
  assert.match(after, /Ann/)
  assert.equal([...after.matchAll(/Let Bot \d back in/g)].length, 10)
  assert.doesNotMatch(after, /Remove everybody/)
  await (await visitor(app)).post(`/w/${id}/../../workshops/${id}/act`, { do: 'remove-idle' }).expect(404)
})

test('nobody joins a workshop that has ended', async () => {
  const { app, code, act, people } = await going()
  await act('close').expect(303)
  const { text } = await (await visitor(app)).post(`/j/${code}`, { nickname: 'Late', do: 'join' }).expect(409)
  assert.match(text, /This workshop is over/)
  assert.deepEqual(await people(), [])
})

test('who is taken out reaches nothing there, is on no wall, and finds their work when they are let back in', async () => {
  const site = await going()
  const { act, id, deps, wall, joins, people, ines, code } = site
  const [ann, ben] = [await joins('Ann'), await joins('Ben')]
  const step = (await site.steps())[2]!.id
  await act(`open-step:${step}`).expect(303)
  const desk = `/w/${id}/challenges/three-pods`
  await ann.post(desk, { do: 'run10' }).expect(303)
  await ann.post(`/w/${id}`, { do: 'hand', says: 'Help' }).expect(303)
  const seat = (await people()).find(({ nickname }) => nickname === 'Ann')!
  await act(`remove:${seat.id}`).expect(303)

  for (const path of [`/w/${id}`, desk]) assert.match((await ann.get(path).expect(403)).text, /You were removed/)
  await ann.post(desk, { do: 'run10' }).expect(403)
  await ann.post(`/w/${id}`, { do: 'hand' }).expect(403)
  await ann.post(`/j/${code}`, { nickname: 'Anna', do: 'join' }).expect(303)
  assert.equal((await people()).length, 2)
  const without = await wall()
  assert.doesNotMatch(without, /class="wall-name"[^>]*>Ann</)
  assert.doesNotMatch(without, /Help/)
  assert.match(without, /Let Ann back in/)
  // A terminal that is still open writes nothing, either.
  const own = { sittingId: id, participantId: seat.id }
  const [attempt] = (await deps.journals.work(own)).attempts
  await assert.rejects(
    deps.journals.write(
      own,
      () =>
        [
          { act: 'edited', item: 'challenge:three-pods', data: { attempt: attempt!.id, file: 'a.yaml', text: 'a: 1' } },
        ] as never,
    ),
    { name: 'ActRefused' },
  )
  assert.match((await ines.get(`/w/${id}/seats/${seat.id}`).expect(200)).text, /Removed: Ann can see/)
  await ben.get(desk).expect(200)

  await act(`readmit:${seat.id}`).expect(303)
  assert.match((await ann.get(desk).expect(200)).text, /0:10/)
  assert.match(await wall(), /class="wall-name"[^>]*>Ann</)
  // Only who leads it takes somebody out.
  const other = await instructor(site, 'otto')
  await other.post(`/workshops/${id}/act`, { do: `remove:${seat.id}` }).expect(404)
})

test('who deletes their data leaves neither their name nor their words in the room, and nobody waits for them', async () => {
  const { id, deps, joins, ines, wall } = await going()
  const ann = await joins('Annabel')
  await joins('Ben')
  await ann.post(`/w/${id}`, { do: 'hand', says: 'My Pod is Pending' }).expect(303)
  assert.match(await wall(), /My Pod is Pending/)
  await ann.post('/progress/delete', { confirm: 'yes' }).expect(303)
  const acts = await deps.rooms.acts(id)
  assert.doesNotMatch(JSON.stringify(acts), /Annabel|Pending/)
  assert.equal(acts.at(-1)!.act, 'left')
  const text = await wall()
  assert.doesNotMatch(text, /Annabel|Pending/)
  assert.match(text, /1 person/)
  for (const path of ['log', 'report', 'report/jsonl'])
    assert.doesNotMatch((await ines.get(`/w/${id}/${path}`).expect(200)).text, /Annabel|Pending/)
  await joins('Annabel')
})

test('a break makes nobody idle or stuck', async () => {
  const { act, wall, joins, pass } = await going()
  await joins('Ann')
  await act('pause').expect(303)
  pass(40 * minuteMs)
  await act('resume').expect(303)
  pass(minuteMs)
  assert.doesNotMatch(await wall(), /idle for/)
  pass(5 * minuteMs)
  assert.match(await wall(), /idle for 6 minutes/)
})

test('who listened for long is not idle at once when the next step opens', async () => {
  const { act, wall, joins, pass, steps } = await going()
  await joins('Ann')
  pass(40 * minuteMs)
  assert.match(await wall(), /idle for 40 minutes/)
  await act(`open-step:${(await steps())[1]!.id}`).expect(303)
  assert.doesNotMatch(await wall(), /idle for/)
  pass(6 * minuteMs)
  assert.match(await wall(), /idle for 6 minutes/)
})

test('a step that takes the others no time makes nobody stuck at once', async () => {
  const { act, id, wall, joins, pass, steps } = await going()
  const step = (await steps())[1]!
  assert.match(step.item!, /^question:pod\/always$/)
  await act(`open-step:${step.id}`).expect(303)
  const path = `/w/${id}/questions/pod/always/answer`
  for (const name of ['Ann', 'Ben', 'Cleo'])
    await (await joins(name)).post(path, { answer: 'a', v: '1', shown: '0' }).expect(303)
  const dan = await joins('Dan')
  await dan.post(path, { answer: 'b', v: '1', shown: '0' }).expect(303)
  pass(2 * minuteMs)
  assert.doesNotMatch(await wall(), /stuck/)
  pass(2 * minuteMs)
  assert.match(await wall(), /stuck for 4 min, others took 0/)
})

test('an admin leads the workshop that they made, and nobody else’s', async () => {
  const { app, deps, id } = await going()
  const anton = await instructor({ app, deps } as Parameters<typeof instructor>[0], 'anton')
  await deps.staff.revoke('anton', 'instructor')
  await deps.staff.grant((await deps.accounts.find('anton'))!, 'admin', null)
  const { location } = (await anton.post('/workshops/new').expect(303)).headers
  await anton.get(`/w/${location!.split('/').at(-1)}/wall`).expect(200)
  assert.ok((await anton.get(`/w/${id}/wall`)).status >= 403)
})

test('with a workshop go the rehearsals of all who led it', async () => {
  const site = await going()
  const { ines, id, act, deps } = site
  const { text } = await ines.post(`/w/${id}/leaders`, { do: 'invite' }).expect(200)
  const cora = await instructor(site, 'cora')
  await cora.post(/\/lead\/[a-f0-9]+/.exec(text)![0], { name: 'Cora' }).expect(303)
  const { location } = (await cora.post(`/workshops/${id}/rehearsal`, { do: 'go' })).headers
  const rehearsal = location!.split('/').at(-1)!
  assert.equal((await deps.rooms.find(rehearsal))?.room.rehearsalOf, id)
  await act('close').expect(303)
  await ines.post(`/workshops/${id}/remove`).expect(303)
  assert.equal(await deps.rooms.find(rehearsal), undefined)
})
