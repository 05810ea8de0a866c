/** Workshops: planned, joined by a code, worked on in a seat of one's own, and seen on the wall. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveAll, removeAll } from '../../../server/belongings/keep.ts'
import { challengeTerminals, isChallengeTerminal, taskTerminalKey } from '../../../server/pages/desk/terminal.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { visitor } from '../support.ts'
import { instructor, planned } from './workshop-site.ts'

test('a plan takes a track, a talk and an order, and says what it cannot take', async () => {
  const { ines, id, steps } = await planned()
  const before = await steps()
  assert.deepEqual(
    before.map(({ item }) => item),
    ['lesson:pod/restarts', 'question:pod/always', 'challenge:three-pods'],
  )
  const rows = before.map((step) => ['step', step.id] as const)
  assert.equal(rows.length, 3)
  await ines.post(`/workshops/${id}`, { do: 'talk', talk: '  Lunch \n break ' }).expect(303)
  const [lesson, question, challenge, lunch] = await steps()
  assert.deepEqual([lunch!.title, lunch!.item], ['Lunch break', undefined])
  await ines.post(`/workshops/${id}`, { do: `up:${lunch!.id}` }).expect(303)
  assert.deepEqual(
    (await steps()).map((step) => step.id),
    [lesson!.id, question!.id, lunch!.id, challenge!.id],
  )
  await ines.post(`/workshops/${id}`, { do: `remove:${lunch!.id}` }).expect(303)
  assert.equal((await steps()).length, 3)
  const twice = await ines.post(`/workshops/${id}`, { do: 'add', item: 'challenge:three-pods' }).expect(422)
  assert.match(twice.text, /That is already a step/)
  const nothing = await ines.post(`/workshops/${id}`, { do: 'add', item: 'challenge:nothing' }).expect(422)
  assert.match(nothing.text, /Choose an item/)
  assert.match((await ines.get('/workshops').expect(200)).text, /Pods, by hand[\s\S]*3 steps/)
})

test('a plan that has no title yet keeps its steps', async () => {
  const { ines, deps } = await planned()
  const { location } = (await ines.post('/workshops/new').expect(303)).headers
  await ines.post(location!, { title: '', do: 'talk', talk: 'Welcome' }).expect(303)
  const { title, steps } = await deps.rooms.room(location!.split('/').at(-1)!)
  assert.deepEqual([title, steps.map((step) => step.title)], ['', ['Welcome']])
})

test('a workshop of somebody else is not there, and one without steps does not begin', async () => {
  const site = await planned()
  const other = await instructor(site, 'otto')
  for (const path of [`/workshops/${site.id}`, `/w/${site.id}/wall`, `/w/${site.id}/wall/live`])
    await other.get(path).expect(404)
  await other.post(`/workshops/${site.id}/act`, { do: 'open' }).expect(404)
  assert.equal((await site.deps.rooms.room(site.id)).life.state, 'draft')
  const { location } = (await other.post('/workshops/new').expect(303)).headers
  const refused = await other.post(`${location}/act`, { do: 'open' }).expect(422)
  assert.match(refused.text, /There is no step yet/)
})

test('people come in by the code, however it is typed, under names that differ, and come back by their words', async () => {
  const { app, id, code, joins, deps } = await planned()
  const guest = await visitor(app)
  const typed = `${code.slice(0, 3).toLowerCase()}-${code.slice(3)} `
  assert.equal((await guest.post('/j', { code: typed }).expect(303)).headers.location, `/j/${code}`)
  assert.match((await guest.post('/j', { code: 'ZZZZZZ' }).expect(404)).text, /no workshop with this code/)
  const ann = await joins('Ann')
  assert.match((await guest.post(`/j/${code}`, { nickname: ' ann! ', do: 'join' }).expect(422)).text, /Add a letter/)
  assert.match((await guest.post(`/j/${code}`, { nickname: '\u200b \u202e', do: 'join' }).expect(422)).text, /1 to 30/)
  assert.match((await guest.post(`/j/${code}`, { nickname: 'x'.repeat(31), do: 'join' }).expect(422)).text, /1 to 30/)
  assert.match(
    (await guest.post(`/j/${code}`, { words: 'maple otter 12', do: 'back' }).expect(422)).text,
    /Nobody here/,
  )
  const [seat] = await deps.storage.participants.listOf(id)
  const words = ann.words.toUpperCase().replaceAll(' ', '-')
  assert.equal((await guest.post(`/j/${code}`, { words, do: 'back' }).expect(303)).headers.location, `/w/${id}`)
  const [moved] = await deps.storage.participants.listOf(id)
  assert.equal(moved!.id, seat!.id)
  assert.match((await guest.get(`/w/${id}`).expect(200)).text, /Workshop · Ann/)
  assert.equal((await ann.get(`/w/${id}`).expect(303)).headers.location, '/j')
})

test('steps are open when their instructor opens them, and work there is the seat’s own', async () => {
  const { id, joins, act, steps, deps, app } = await planned()
  const ann = await joins('Ann')
  const [, question] = await steps()
  const address = `/w/${id}/questions/pod/always`
  await ann.get(address).expect(423)
  await act('open').expect(303)
  await ann.get(`/w/${id}/lessons/pod/restarts`).expect(200)
  await act(`open-step:${question!.id}`).expect(303)
  const { text } = await ann.get(address).expect(200)
  assert.match(text, new RegExp(`<form method="post" action="/w/${id}/questions/pod/always/answer"`))
  assert.match(text, /class="track-strip workshop-strip"[\s\S]*step 2 of 2/)
  const once = /name="once" value="([^"]+)"/.exec(text)![1]!
  const answered = await ann.post(`${address}/answer`, { answer: 'a', v: '1', once, shown: '0' }).expect(303)
  assert.ok(answered.headers.location!.startsWith(`${address}?answer=`), answered.headers.location)
  const [seat] = await deps.storage.participants.listOf(id)
  const there = await deps.journals.work({ sittingId: id, participantId: seat!.id })
  assert.equal(there.answers.length, 1)
  const learnerId = seat!.learnerId!
  const own = await deps.journals.work({ sittingId: `practice-${learnerId}`, participantId: learnerId })
  assert.equal(own.answers.length, 0)
  await (await visitor(app)).get(address).expect(404)
  assert.equal(
    (await ann.get(`/w/${id}/questions/pod/other-thing`).expect(303)).headers.location,
    '/questions/pod/other-thing',
  )
})

test('a challenge is worked on at the desk of the seat, and a pause keeps it and takes nothing', async () => {
  const { id, joins, act, steps, deps } = await planned()
  const ann = await joins('Ann')
  await act('open').expect(303)
  await act(`open-step:${(await steps())[2]!.id}`).expect(303)
  const address = `/w/${id}/challenges/three-pods`
  assert.match((await ann.get(address).expect(200)).text, new RegExp(`hx-post="${address}"`))
  await ann.post(address, { do: 'apply', file: 'web.yaml', content: 'kind: Pod' }).expect(303)
  const [seat] = await deps.storage.participants.listOf(id)
  const work = () => deps.journals.work({ sittingId: id, participantId: seat!.id })
  assert.equal((await work()).attempts[0]!.log.length, 1)
  await act('pause').expect(303)
  assert.match(
    (await ann.post(address, { do: 'apply', file: 'web.yaml', content: 'kind: Job' }).expect(409)).text,
    /not open/,
  )
  assert.equal((await work()).attempts[0]!.log.length, 1)
  await act('resume').expect(303)
  await ann.post(address, { do: 'apply', file: 'web.yaml', content: 'kind: Job' }).expect(303)
  assert.equal((await work()).attempts[0]!.log.length, 2)
  await act('close').expect(303)
  await ann.post(address, { do: 'apply', file: 'web.yaml', content: 'kind: Pod' }).expect(409)
  assert.equal((await work()).attempts[0]!.log.length, 2)
})

test('a result in a workshop is read there, with its card, and is not shown to the world', async () => {
  const { id, joins, act, steps, deps } = await planned()
  const ann = await joins('Ann')
  await act('open').expect(303)
  await act(`open-step:${(await steps())[2]!.id}`).expect(303)
  const graded = await ann.post(`/w/${id}/challenges/three-pods`, { do: 'grade' }).expect(303)
  const address = graded.headers.location!.split('#')[0]!
  assert.match(address, new RegExp(`^/w/${id}/challenges/three-pods/results/`))
  const { text } = await ann.get(address).expect(200)
  assert.ok(!text.includes('id="share"'))
  for (const [, src] of text.matchAll(/<img[^>]* src="(\/w\/[^"]+card\.svg[^"]*)"/g)) await ann.get(src!).expect(200)
  await ann.post(`${address}/share`, { on: 'yes' }).expect(404)
  const [seat] = await deps.storage.participants.listOf(id)
  const { shared } = await deps.journals.work({ sittingId: id, participantId: seat!.id })
  assert.deepEqual(shared ?? [], [])
})

test('the terminal of a challenge acts on the cluster of the seat, as long as its step is open', async () => {
  const { id, joins, act, steps, deps } = await planned()
  await joins('Ann')
  await act('open').expect(303)
  await act(`open-step:${(await steps())[2]!.id}`).expect(303)
  const [seat] = await deps.storage.participants.listOf(id)
  const key = taskTerminalKey(
    { sittingId: id, participantId: seat!.id },
    { challenge: deps.catalog().challenges.get('three-pods')! },
  )
  const terminals = challengeTerminals(deps)
  assert.ok(isChallengeTerminal(key))
  assert.deepEqual(Object.keys((await terminals.find(key))!.files), [
    '/home/learner/service.yaml',
    '/home/learner/web.yaml',
  ])
  const run = (line: string) =>
    new Promise<string>((done) => {
      let said = ''
      const output = (_: string, text: string): void => {
        said += text
      }
      void terminals.begin(key, { op: 'kubectl', line }, { output, done: () => done(said) } as never)
    })
  await run('kubectl get pods')
  const { attempts } = await deps.journals.work({ sittingId: id, participantId: seat!.id })
  assert.equal(attempts[0]!.log.length, 1)
  await act('close').expect(303)
  assert.match(await run('kubectl get pods'), /^podium: This is not open/)
})

test('the wall shows who needs help first: a hand, taken by one of two who see it', async () => {
  const { id, joins, act, steps, ines, deps } = await planned()
  const [ann, bob] = [await joins('Ann'), await joins('<b>Bob</b>')]
  await act('open').expect(303)
  await act(`open-step:${(await steps())[1]!.id}`).expect(303)
  await ann.post(`/w/${id}/questions/pod/always/answer`, { answer: 'a', v: '1', shown: '0' }).expect(303)
  await bob.post(`/w/${id}`, { do: 'hand', says: 'I <i>cannot</i>' }).expect(303)
  await bob.post(`/w/${id}`, { do: 'hand', says: 'again' }).expect(303)
  await bob.post(`/w/${id}`, { do: 'slower' }).expect(303)
  const { text } = await ines.get(`/w/${id}/wall`).expect(200)
  assert.ok(!text.includes('<b>Bob</b>') && !text.includes('<i>cannot</i>'))
  const names = [...text.matchAll(/<a class="wall-name"[^>]*>([^<]+)</g)].map(([, name]) => name)
  assert.deepEqual(names, ['&lt;b&gt;Bob&lt;/b&gt;', 'Ann'])
  assert.match(text, /1 want it slower/)
  assert.match(text, /1 of 2 done|0 of 2 done/)
  const people = await deps.storage.participants.listOf(id)
  const seat = people.find(({ nickname }) => nickname.includes('Bob'))!.id
  await ines.post(`/w/${id}/hands`, { do: `take:${seat}` }).expect(303)
  assert.match((await bob.get(`/w/${id}`).expect(200)).text, /ines comes to you/)
  await ines.post(`/w/${id}/hands`, { do: `done:${seat}` }).expect(303)
  assert.match((await ines.post(`/w/${id}/hands`, { do: `done:${seat}` }).expect(409)).text, /quicker/)
  await ann.get(`/w/${id}/wall`).expect(403)
  await ann.post(`/w/${id}/hands`, { do: `take:${seat}` }).expect(403)
})

test('two hundred come in from one address within a moment, each with a seat of their own', async () => {
  const { app, id, code, deps } = await planned()
  const guests = await Promise.all(Array.from({ length: 200 }, () => visitor(app)))
  const joined = await Promise.all(
    guests.map((guest, n) => guest.post(`/j/${code}`, { nickname: `Guest ${n}`, do: 'join' })),
  )
  assert.deepEqual([...new Set(joined.map(({ status }) => status))], [200])
  const people = await deps.storage.participants.listOf(id)
  assert.equal(new Set(people.map(({ learnerId }) => learnerId)).size, 200)
})

test('who leads looks at a seat’s work and cluster, and its owner is told', async () => {
  const { id, joins, act, steps, deps, ines } = await planned()
  const ann = await joins('Ann')
  await act('open').expect(303)
  await act(`open-step:${(await steps())[2]!.id}`).expect(303)
  const [seat] = await deps.storage.participants.listOf(id)
  const address = `/w/${id}/seats/${seat!.id}`
  assert.match((await ines.get(address).expect(200)).text, /No challenge was begun/)
  const content = 'kind: Pod # <script>alert(1)</script>'
  await ann.post(`/w/${id}/challenges/three-pods`, { do: 'apply', file: 'web.yaml', content }).expect(303)
  const { text } = await ines.get(address).expect(200)
  assert.match(text, /class="seat-lines"[\s\S]*kubectl apply/)
  assert.match(text, /kind: Pod # &lt;script&gt;/)
  assert.match((await ann.get(`/w/${id}`).expect(200)).text, /ines is looking/)
  const looks = (await deps.rooms.acts(id)).filter((one) => one.act === 'looked')
  assert.equal(looks.length, 1, 'told once, however often the page is loaded')
  await ann.get(address).expect(403)
  await ines.get(`/w/${id}/seats/nobody`).expect(404)
})

test('a hint goes to those whose last grading fails by that cause, and to nobody else', async () => {
  const { id, joins, act, steps, deps, ines, labs } = await planned()
  const [ann, bob] = [await joins('Ann'), await joins('Bob')]
  const step = (await steps())[2]!.id
  await act('open').expect(303)
  await act(`open-step:${step}`).expect(303)
  const { grade } = labs
  labs.grade = async (...args) => {
    const result = await grade(...args)
    return {
      ...result,
      passed: false,
      tests: result.tests.map((one) => ({ ...one, status: 'fail' as const, causes: ['container-crashes'] })),
    }
  }
  await ann.post(`/w/${id}/challenges/three-pods`, { do: 'grade' }).expect(303)
  const wall = (await ines.get(`/w/${id}/wall`).expect(200)).text
  const [, cause = ''] = /name="cause" value="([^"]+)"/.exec(wall) ?? []
  assert.equal(cause, 'container-crashes')
  assert.match(wall, /a container crashes/)
  const hint = (fields: Record<string, string>) => ines.post(`/w/${id}/hints`, { step, cause, ...fields })
  await hint({ text: ' ' }).expect(422)
  await hint({ text: 'Count the <replicas>', cause: 'something else' }).expect(409)
  await hint({ text: 'Count the <replicas>' }).expect(303)
  assert.match(
    (await ann.get(`/w/${id}/challenges/three-pods`).expect(200)).text,
    /For you: Count the &lt;replicas&gt;/,
  )
  assert.ok(!(await bob.get(`/w/${id}/challenges/three-pods`).expect(200)).text.includes('For you'))
  const [sent] = (await deps.rooms.acts(id)).filter((one) => one.act === 'hint-sent')
  assert.equal(sent!.act === 'hint-sent' && sent!.data.seats.length, 1)
  await ann.post(`/w/${id}/hints`, { step, cause, text: 'x' }).expect(403)
})

test('the projector shows the code and the step, names nobody, and is found by its token alone', async () => {
  const { app, id, code, joins, act, deps } = await planned()
  const ann = await joins('Ann')
  await act('open').expect(303)
  await act('announce', 'Coffee <now>').expect(303)
  const { projectorToken } = (await deps.rooms.find(id))!.room
  const stranger = await visitor(app)
  const { text } = await stranger.get(`/p/${projectorToken}`).expect(200)
  assert.ok(text.includes(`${code.slice(0, 3)} ${code.slice(3)}`) && text.includes('Coffee &lt;now&gt;'))
  assert.match(text, /<svg[\s\S]*1 person/)
  assert.ok(!text.includes('Ann'))
  assert.ok(!(await ann.get(`/w/${id}`)).text.includes(projectorToken))
  await stranger.get(`/p/${id}`).expect(404)
  await stranger.get('/p/x/live').expect(404)
})

test('seats and workshops go along with an account that takes over, and go when their owner deletes all', async () => {
  const { id, joins, act, deps, steps } = await planned()
  const ann = await joins('Ann')
  await act('open').expect(303)
  await ann.get(`/w/${id}/lessons/pod/restarts`).expect(200)
  const [seat] = await deps.storage.participants.listOf(id)
  const owner = (await deps.rooms.find(id))!.ownerLearnerId
  await moveAll(deps, practiceSeat(seat!.learnerId!), practiceSeat('abc123'))
  await moveAll(deps, practiceSeat(owner), practiceSeat('def456'))
  assert.equal((await deps.storage.participants.listOf(id))[0]!.learnerId, 'abc123')
  assert.deepEqual(
    (await deps.rooms.ofOwner('def456')).map((one) => one.id),
    [id],
  )
  assert.ok((await steps()).length > 0)
  await removeAll(deps, practiceSeat('def456'))
  assert.equal(await deps.rooms.find(id), undefined)
  assert.deepEqual(await deps.storage.participants.listOf(id), [])
  assert.deepEqual(await deps.storage.journals.names(id), [])
  assert.deepEqual(await steps(), [])
})
