/** Polls of a workshop: asked, voted on, closed, asked again, revealed; and what nobody may see or do meanwhile. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Catalog } from '../../../server/catalog/types.ts'
import { pollQuestionOf } from '../../../server/pages/workshops/poll-question.ts'
import type { Step } from '../../../server/workshops/room-acts.ts'
import { visitor } from '../support.ts'
import { planned } from './workshop-site.ts'

type Planned = Awaited<ReturnType<typeof planned>>

/** A workshop that is open, with a poll of a question of the content; `ask` presses a button of who leads it. */
async function polled(item = 'question:pod/always', anonymous = false) {
  const site = await planned()
  const { id, ines, steps, act } = site
  if (!(await steps()).some((one) => one.item === item))
    await ines.post(`/workshops/${id}`, { do: 'add', item }).expect(303)
  const rows = await steps()
  const step = rows.find((one) => one.item === item)!.id
  assert.equal((await ticked(site, step, anonymous)).status, 303)
  await act('open').expect(303)
  return { ...site, step, address: `/w/${id}/polls/${step}`, ask: asks(site, step) }
}

const ticked = async ({ ines, id, steps }: Planned, step: string, anonymous: boolean) => {
  const rows = (await steps()).map((one) => one.id)
  const asked = { 'as-poll': step, ...(anonymous ? { anonymous: step } : {}) }
  return ines.post(`/workshops/${id}`, { do: 'save', step: rows, ...asked })
}

const asks =
  ({ ines, id }: Planned, step: string) =>
  (pressed: string) =>
    ines.post(`/w/${id}/polls/${step}/lead`, { do: pressed })

const own = { 'poll-text': 'How many Pods run?', do: 'poll' }

test('a question of the content is ticked as a poll, one that nobody can vote on is not', async () => {
  const site = await planned()
  const { ines, id, steps } = site
  await ines.post(`/workshops/${id}`, { do: 'add', item: 'question:pod/mend' }).expect(303)
  const mend = (await steps()).find(({ item }) => item === 'question:pod/mend')!.id
  assert.equal((await ticked(site, mend, false)).status, 303)
  assert.equal((await steps()).find((one) => one.id === mend)?.poll, undefined)
  const page = (await ines.get(`/workshops/${id}`).expect(200)).text
  assert.match(page, /A room cannot vote on these types: Match, Fix the manifest, Interview question/)
})

test('a poll of the own needs a question and two options that differ, and nothing typed is lost', async () => {
  const { ines, id, steps } = await planned()
  const before = (await steps()).length
  const one = await ines.post(`/workshops/${id}`, { ...own, 'poll-option': 'One' }).expect(422)
  assert.match(one.text, /at least two options/)
  assert.match(one.text, /value="How many Pods run\?"/)
  assert.match(one.text, /value="One"/)
  const add = (options: string[], right: string[] = []) =>
    ines.post(`/workshops/${id}`, { ...own, 'poll-option': options, 'poll-right': right })
  assert.match((await add(['One', 'one'])).text, /say the same/)
  assert.equal((await steps()).length, before)
  await add(['One', '', '<b>Two</b>'], ['2']).expect(303)
  const added = (await steps()).at(-1)!
  assert.deepEqual(added.poll?.own, {
    text: 'How many Pods run?',
    several: false,
    options: [
      { id: 'a', text: 'One', isRight: false },
      { id: 'b', text: '<b>Two</b>', isRight: true },
    ],
  })
})

test('a class votes, discusses and votes again: nothing is told before its time', async () => {
  const site = await polled()
  const { ines, id, joins, ask, address, deps } = site
  const [ann, bob, eve] = [await joins('Ann'), await joins('Bob'), await joins('Eve')]
  const { room } = (await deps.rooms.find(id))!
  const projector = async () => (await ann.get(`/p/${room.projectorToken}`).expect(200)).text
  await ann.get(address).expect(423)
  await ann.post(address, { answer: 'a', round: '1' }).expect(423)
  await ask('open').expect(303)
  assert.match((await ann.get(`/w/${id}`).expect(200)).text, /href="\/w\/[a-f0-9]+\/polls\/[a-z0-9]+"><span>Vote now:/)
  const votes = async (round: string, ...pairs: [typeof ann, string][]) => {
    for (const [who, answer] of pairs) await who.post(address, { answer, round }).expect(303)
  }
  assert.match((await ann.post(address, { round: '1' }).expect(422)).text, /Choose one option/)
  assert.match((await ann.post(address, { answer: 'nonsense', round: '1' }).expect(422)).text, /Choose one option/)
  await votes('1', [ann, 'b'], [bob, 'b'], [ann, 'b'], [eve, 'a'])
  const hidden = [
    (await ann.get(address)).text,
    (await ines.get(address)).text,
    await projector(),
    (await ann.get(`/w/${id}`)).text,
  ]
  for (const text of hidden) assert.doesNotMatch(text, /KEYWHY|KEYEXPLANATION|poll-result|poll-bar|class="is-right"/)
  assert.match(hidden[2]!, /<strong class="num">3<\/strong>\s+of 3 people have voted/)
  assert.match(hidden[0]!, /value="b" checked/)

  await ask('close').expect(303)
  const late = await ann.post(address, { answer: 'a', round: '1' }).expect(409)
  assert.match(late.text, /came too late and is not counted/)
  assert.match((await ines.get(address)).text, /For you: the right answer[\s\S]*1 of 3 voted right/)
  const closed = (await ann.get(address).expect(200)).text
  assert.match(closed, /poll-result/)
  assert.doesNotMatch(closed, /KEYWHY|KEYEXPLANATION|poll-right|poll-told|voted right/)
  assert.equal((await ann.get(`/w/${id}/questions/pod/always`).expect(303)).headers.location, address)

  await ask('open').expect(303)
  assert.doesNotMatch((await ann.get(address)).text, /poll-result| checked/)
  assert.match((await ann.post(address, { answer: 'a', round: '1' }).expect(409)).text, /form of an earlier vote/)
  await votes('2', [ann, 'a'], [bob, 'b'], [eve, 'a'])
  assert.match((await ask('reveal').expect(409)).text, /Close the vote first/)
  await ask('close').expect(303)
  await ask('reveal').expect(303)
  for (const text of [(await ann.get(address)).text, (await ines.get(address)).text, await projector()]) {
    assert.match(text, /Of 3 who voted both times, 1 changed to right and 0 away from it/)
    assert.match(text, /Vote 1: 1 of 3 voted right\.\s+Vote 2: 2 of 3 voted right/)
  }
  await ann.get(`/w/${id}/questions/pod/always`).expect(200)
  assert.match((await ask('open').expect(409)).text, /cannot be asked again/)
  const counted = (await deps.rooms.acts(id)).filter(({ act }) => act === 'voted')
  assert.equal(counted.length, 6, 'the same vote twice is one')
})

test('an anonymous poll keeps neither seat nor learner with a vote, and still takes one from each', async () => {
  const { id, joins, ask, address, deps } = await polled('question:pod/choose', true)
  const ann = await joins('Ann')
  await ask('open').expect(303)
  await ann.post(address, { answer: ['a', 'b'], round: '1' }).expect(303)
  await ann.post(address, { answer: ['a', 'c'], round: '1' }).expect(303)
  const [seat] = await deps.storage.participants.listOf(id)
  const votes = (await deps.rooms.acts(id)).filter(({ act }) => act === 'voted')
  assert.equal(votes.length, 2)
  for (const { data } of votes) {
    const text = JSON.stringify(data)
    assert.equal(data.by, '')
    assert.doesNotMatch(text, new RegExp(`${seat!.id}|${seat!.learnerId}`))
  }
  const poll = [...(await deps.rooms.room(id)).polls.values()][0]!
  assert.deepEqual([...poll.rounds[0]!.votes.values()], [['a', 'c']])
  assert.match((await ann.get(address).expect(200)).text, /kept without your name/)
})

test('a pause and the end take no vote and say so; who is not in the workshop has none', async () => {
  const { app, ask, address, joins, act, ines } = await polled()
  const ann = await joins('Ann')
  await ask('open').expect(303)
  await act('pause').expect(303)
  assert.match((await ann.post(address, { answer: 'a', round: '1' }).expect(409)).text, /The workshop is paused/)
  await act('resume').expect(303)
  await ann.post(address, { answer: 'a', round: '1' }).expect(303)
  const guest = await visitor(app)
  await guest.post(address, { answer: 'a', round: '1' }).expect(403)
  await guest.get(address).expect(303)
  await ann.post(`${address}/lead`, { do: 'reveal' }).expect(403)
  await ann.get(`${address}/live`).expect(403)
  await act('close').expect(303)
  assert.match((await ann.post(address, { answer: 'b', round: '1' }).expect(409)).text, /This workshop is over/)
  assert.match((await ines.get(address).expect(200)).text, /poll-result/)
})

test('what is typed in words is never shown to the room, and a number in one form', async () => {
  const words = await polled('question:pod/name-it')
  const [ann, bob] = [await words.joins('Ann'), await words.joins('Bob')]
  await words.ask('open').expect(303)
  await ann.post(words.address, { answer: '<script>Bob is dumb</script>', round: '1' }).expect(303)
  await bob.post(words.address, { answer: 'whatever', round: '1' }).expect(303)
  await words.ask('close').expect(303)
  for (const text of [(await bob.get(words.address)).text, (await words.ines.get(words.address)).text]) {
    assert.doesNotMatch(text, /dumb|whatever/)
    assert.match(text, /Something else[\s\S]*?<span class="num">2 /)
  }
  const numbers = await polled('question:pod/half-a-cpu')
  const [eve, joe] = [await numbers.joins('Eve'), await numbers.joins('Joe')]
  await numbers.ask('open').expect(303)
  await eve.post(numbers.address, { answer: '500m', round: '1' }).expect(303)
  await joe.post(numbers.address, { answer: '0.5', round: '1' }).expect(303)
  await numbers.ask('close').expect(303)
  await numbers.ask('reveal').expect(303)
  assert.match((await eve.get(numbers.address)).text, /2 of 2 voted right/)
})

test('an order is voted on by places, a prediction is told by what the cluster did', async () => {
  const orders = await polled('question:pod/flow')
  const ann = await orders.joins('Ann')
  await orders.ask('open').expect(303)
  const codes = [
    ...new Set(
      [...(await ann.get(orders.address)).text.matchAll(/<option value="(s[^"]+)"/g)].map(([, code]) => code!),
    ),
  ]
  assert.equal(codes.length, 3)
  assert.match(
    (await ann.post(orders.address, { answer: [codes[0]!, codes[0]!, codes[1]!], round: '1' }).expect(422)).text,
    /one place/,
  )
  await ann.post(orders.address, { answer: codes, round: '1' }).expect(303)
  await orders.ask('close').expect(303)
  assert.match((await ann.get(orders.address)).text, /A → B → C/)

  const predicted = await polled('question:pod/count')
  const bob = await predicted.joins('Bob')
  await predicted.ask('open').expect(303)
  await bob.post(predicted.address, { answer: '007', round: '1' }).expect(303)
  await predicted.ask('close').expect(303)
  await predicted.ask('reveal').expect(303)
  const revealed = (await predicted.deps.rooms.acts(predicted.id)).find(({ act }) => act === 'poll-revealed')!
  const { key } = await predicted.labs.predict('', {} as never)
  assert.deepEqual(revealed.data, { ...revealed.data, key })
})

test('a vote of the own is changed until somebody voted, and stays then as it is', async () => {
  const site = await planned()
  const { ines, id, steps, act, joins } = site
  await ines.post(`/workshops/${id}`, { ...own, 'poll-option': ['One', 'Two'] }).expect(303)
  const step = (await steps()).at(-1)!.id
  const save = async (text: string, options: string[]) => {
    const row = {
      step: (await steps()).map((one) => one.id),
      [`poll-text-${step}`]: text,
      [`poll-option-${step}`]: options,
    }
    await ines.post(`/workshops/${id}`, { do: 'save', ...row }).expect(303)
  }
  await save('How many now?', ['Two', 'Three'])
  assert.equal((await steps()).find((one) => one.id === step)!.title, 'How many now?')
  await act('open').expect(303)
  await asks(site, step)('open').expect(303)
  const ann = await joins('Ann')
  await ann.post(`/w/${id}/polls/${step}`, { answer: 'b', round: '1' }).expect(303)
  await save('Something else?', ['No', 'Yes'])
  assert.equal((await steps()).find((one) => one.id === step)!.poll!.own!.text, 'How many now?')
  await asks(site, step)('close').expect(303)
  const page = (await ines.get(`/w/${id}/polls/${step}`).expect(200)).text
  assert.doesNotMatch(page, /Reveal the answer/)
  assert.match(page, /Three/)
})

test('an answer of a cluster that looks like HTML is told to the room as it is', () => {
  const data = { params: {}, scenario: {}, ask: { cel: 'x', answer: 'text', choices: ['<none>', '<pending>'] } }
  const question = { id: 'pod/x', type: 'predict', data, title: 'X', prompt: 'x' }
  const catalog = { questions: new Map([['pod/x', question]]) } as unknown as Catalog
  const step = { id: 's', item: 'question:pod/x', poll: {} } as unknown as Step
  assert.equal(pollQuestionOf(catalog, 'w', step)?.answer('<pending>'), '&#60;pending&#62;')
})

test('a prediction is run on the projector once the vote is closed, and told on phones when it is revealed', async () => {
  const { ines, id, joins, ask, address, deps, labs } = await polled('question:pod/count')
  const { room } = (await deps.rooms.find(id))!
  const ann = await joins('Ann')
  const projector = async () => (await ann.get(`/p/${room.projectorToken}`).expect(200)).text
  let runs = 0
  const { predict } = labs
  labs.predict = (...args) => {
    runs++
    return predict(...args)
  }
  const { key } = await predict('', {} as never)
  await ask('open').expect(303)
  await ann.post(address, { answer: key, round: '1' }).expect(303)
  assert.match((await ask('run').expect(409)).text, /Close the vote first/)
  await ask('close').expect(303)
  await ask('run').expect(303)
  const shown = await projector()
  assert.match(shown, /data-run="[a-z0-9]+-1"[\s\S]*<h1>How many are ready\?/)
  assert.match(shown, /What happened[\s\S]*1 of 1 voted right/)
  assert.doesNotMatch(shown, /KEYEXPLANATION/)
  assert.doesNotMatch((await ann.get(address)).text, /1 of 1 voted right/)
  await ask('run').expect(303)
  assert.match(await projector(), /data-run="[a-z0-9]+-2"/)
  await ask('reveal').expect(303)
  assert.match((await ann.get(address)).text, /1 of 1 voted right/)
  assert.match(await projector(), /data-run="[a-z0-9]+-2"/, 'the run is not disturbed')
  assert.equal(runs, 1)
  await ines.post(`/workshops/${id}/act`, { do: 'announce', text: 'Look' }).expect(303)
  assert.match(await projector(), /data-run/)
})

test('the streams of those who vote tell how many rounds there are, and nothing of the votes before the end', async () => {
  const { app, id, joins, ask, address, step } = await polled()
  const [ann, bob] = [await joins('Ann'), await joins('Bob')]
  await ask('open').expect(303)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const read = (path: string) => {
    const heard = { text: '', end: () => asked.destroy() }
    const asked = request({ port, path, host: '127.0.0.1', headers: { cookie: ann.cookie } }, (answer) => {
      answer.setEncoding('utf8').on('data', (text: string) => {
        heard.text += text
      })
    })
    asked.on('error', () => undefined).end()
    return heard
  }
  const streams = [read(`/w/${id}/pace?at=${step}&shows=poll`), read(`/w/${id}/pace`)]
  const heardIn = async (stream: (typeof streams)[0], what: RegExp) => {
    for (let n = 0; n < 200 && !what.test(stream.text); n++) await new Promise((done) => setTimeout(done, 25))
    assert.match(stream.text, what)
  }
  await heardIn(streams[0]!, /poll-form/)
  await heardIn(streams[1]!, /Vote now/)
  const before = streams.map(({ text }) => text)
  await bob.post(address, { answer: 'b', round: '1' }).expect(303)
  await ann.post(address, { answer: 'b', round: '1' }).expect(303)
  await heardIn(streams[0]!, /Your vote is counted/)
  for (const { text } of streams) assert.doesNotMatch(text, /poll-result|poll-bar|KEYWHY|KEYEXPLANATION/)
  assert.equal(
    before.every((text) => text !== ''),
    true,
  )
  await ask('close').expect(303)
  await heardIn(streams[0]!, /poll-result/)
  for (const { text } of streams) assert.doesNotMatch(text, /poll-right|KEYWHY/)
  for (const { end } of streams) end()
  server.closeAllConnections()
  server.close()
})
