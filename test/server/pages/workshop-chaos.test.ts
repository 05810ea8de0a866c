/** Faults that an instructor orders for the clusters of a workshop. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Solution } from '../../../server/labs/types.ts'
import { seatIn } from '../../../server/pages/workshops/seat-in.ts'
import { givenFault } from '../../../server/storage/given-faults.ts'
import { planned } from './workshop-site.ts'

async function atWork(...names: string[]) {
  let nowMs = Date.UTC(2026, 2, 2, 9, 0, 0)
  const site = await planned({ now: () => nowMs })
  const { id, act, steps, deps, ines } = site
  await act('open').expect(303)
  const step = (await steps())[2]!.id
  await act(`open-step:${step}`).expect(303)
  const desk = `/w/${id}/challenges/three-pods`
  const guests: Awaited<ReturnType<typeof site.joins>>[] = []
  for (const name of names) guests.push(await site.joins(name))
  const people = await deps.storage.participants.listOf(id)
  const persons = names.map((name) => people.find(({ nickname }) => nickname === name)!)
  const attempts = async (n: number) => (await deps.journals.work(seatIn({ id }, persons[n]!))).attempts
  const dues = async (n: number) =>
    (await attempts(n)).at(-1)?.log.flatMap((entry) => givenFault(entry)?.dueMs ?? []) ?? []
  const form = { step, fault: 'node:down', node: 'node-1', when: 'now', to: 'all', says: 'what' }
  const order = (over: Record<string, string> = {}) => ines.post(`/w/${id}/chaos`, { do: 'order', ...form, ...over })
  const room = () => deps.rooms.room(id)
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { ...site, step, desk, guests, persons, attempts, dues, order, room, pass, form }
}

test('a fault at a second lies in every cluster that is not past it, and in those that are begun later', async () => {
  const { ines, id, deps, desk, guests, persons, attempts, dues, order, room } = await atWork('Ann', 'Ben', 'Cleo')
  const [ann, ben, cleo] = guests
  await ann!.post(desk, { do: 'run10' }).expect(303)
  await ben!.post(desk, { do: 'run60' }).expect(303)
  await ben!.post(desk, { do: 'run10' }).expect(303)
  await order({ when: 'at', seconds: '60' }).expect(303)
  assert.deepEqual([await dues(0), await dues(1)], [[60_000], []])
  const [made] = (await room()).orders
  assert.equal((await room()).missed.get(`${made!.id} ${persons[1]!.id}`), 'past')
  const { text } = await ines.get(`/w/${id}/chaos`).expect(200)
  assert.match(text, /refused: already past 1:00/)
  assert.match(text, /Cleo[\s\S]*not begun yet/)
  await cleo!.post(desk, { do: 'run60' }).expect(303)
  assert.deepEqual(await dues(2), [60_000])
  // Who starts over has it again, and nobody takes it back as their own.
  await ann!.post(desk, { do: 'reset' }).expect(303)
  await ann!.post(desk, { do: 'undo' }).expect(303)
  assert.deepEqual(await dues(0), [60_000])
  assert.equal((await attempts(0)).length, 2)
  const acts = (await deps.journals.acts(seatIn({ id }, persons[0]!))).filter(({ act }) => act === 'faulted')
  assert.deepEqual([...new Set(acts.map(({ by }) => by))], ['ines'])
})

test('what strikes at once is for those who were there, and not for who joins later', async () => {
  const { ines, id, deps, desk, guests, joins, dues, order, pass } = await atWork('Ann')
  await guests[0]!.post(desk, { do: 'run10' }).expect(303)
  await order().expect(303)
  assert.deepEqual(await dues(0), [10_000])
  pass(1000)
  const late = await joins('Late')
  await late.post(desk, { do: 'run10' }).expect(303)
  const { text } = await ines.get(`/w/${id}/chaos`).expect(200)
  await late.get(desk).expect(200)
  const seat = (await deps.storage.participants.listOf(id)).find(({ nickname }) => nickname === 'Late')!
  const { attempts } = await deps.journals.work(seatIn({ id }, seat))
  assert.deepEqual(
    attempts[0]!.log.flatMap((entry) => givenFault(entry)?.dueMs ?? []),
    [],
  )
  assert.doesNotMatch(text.slice(text.indexOf('id="orders"')), /Late/)
})

test('now is each cluster’s own time; it is told what happened, or only that something did', async () => {
  const { id, desk, guests, dues, order } = await atWork('Ann', 'Ben')
  const [ann, ben] = guests
  await ann!.post(desk, { do: 'run10' }).expect(303)
  await ben!.post(desk, { do: 'run60' }).expect(303)
  await order().expect(303)
  assert.deepEqual([await dues(0), await dues(1)], [[10_000], [60_000]])
  assert.match(
    (await ann!.get(desk)).text,
    /Your instructor let this happen in your cluster at 0:10\.0: node node-1 goes down/,
  )
  assert.match((await ben!.get(`/w/${id}`)).text, /at 1:00\.0: node node-1 goes down/)
  await order({ says: 'something', fault: 'disk:full', node: 'node-1' }).expect(303)
  const { text } = await ann!.get(desk)
  assert.match(text, /Something happened in your cluster at 0:10\.0/)
  assert.doesNotMatch(text, /disk of node/)
})

test('to one, or to those who have passed; the same form twice is one order, and what is missing is said', async () => {
  const { id, ines, desk, guests, persons, dues, order, room, form } = await atWork('Ann', 'Ben')
  const [ann, ben] = guests
  await ann!.post(desk, { do: 'run10' }).expect(303)
  await ben!.post(desk, { do: 'run10' }).expect(303)
  assert.match((await order({ to: 'passing' }).expect(422)).text, /That selects nobody/)
  await ben!.post(desk, { do: 'grade' }).expect(303)
  await order({ to: 'passing' }).expect(303)
  assert.deepEqual([await dues(0), await dues(1)], [[], [10_000]])
  const twice = { to: 'one', seat: persons[0]!.id, order: 'ab'.repeat(9) }
  await Promise.all([order(twice), order(twice)])
  assert.deepEqual(await dues(0), [10_000])
  assert.equal((await room()).orders.length, 2)
  assert.match((await order({ fault: 'pod:kill', selector: '' }).expect(422)).text, /Choose what breaks/)
  assert.match((await order({ fault: 'rm:all' }).expect(422)).text, /Choose what breaks/)
  assert.match((await order({ when: 'at', seconds: '600' }).expect(422)).text, /from 0 to 599/)
  await order({ fault: 'pod:kill', selector: 'app=web', when: 'at', seconds: '30' }).expect(303)
  assert.deepEqual((await room()).orders.at(-1)!.fault, { kind: 'pod', selector: 'app=web', act: 'kill' })
  await ann!.post(`/w/${id}/chaos`, { do: 'order', ...form }).expect(403)
  await ines.post(`/workshops/${id}/act`, { do: 'pause' }).expect(303)
  await order().expect(409)
})

test('taken back, it goes where nothing was done since, and stays where something was', async () => {
  const { ines, id, desk, guests, dues, order, room } = await atWork('Ann', 'Ben')
  const [ann, ben] = guests
  for (const guest of guests) await guest.post(desk, { do: 'run10' }).expect(303)
  await order().expect(303)
  await ann!.post(desk, { do: 'run10' }).expect(303)
  await ben!.post(desk, { do: 'kubectl', line: 'get nodes' }).expect(303)
  const [made] = (await room()).orders
  await ines.post(`/w/${id}/chaos`, { do: `undo:${made!.id}` }).expect(303)
  assert.deepEqual([await dues(0), await dues(1)], [[], [10_000]])
  const { text } = await ines.get(`/w/${id}/chaos`)
  assert.match(text, /Ben[\s\S]*worked on since: it stays/)
  assert.doesNotMatch((await ann!.get(desk)).text, /node-1 goes down/)
  await ben!.post(desk, { do: 'reset' }).expect(303)
  assert.deepEqual(await dues(1), [])
})

test('the table tells how long each took, by both clocks', async () => {
  const { ines, id, desk, guests, order, room, pass, labs } = await atWork('Ann')
  await guests[0]!.post(desk, { do: 'run10' }).expect(303)
  await order().expect(303)
  pass(90_000)
  await guests[0]!.post(desk, { do: 'run60' }).expect(303)
  const [made] = (await room()).orders
  labs.next.recoveries = [
    { id: made!.id, dueMs: 10_000, hurtMs: 12_000, backMs: 50_000, by: 'checks', broken: ['Three Pods are ready'] },
  ]
  const { text } = await ines.get(`/w/${id}/chaos`)
  assert.match(
    text,
    /well again<\/td>\s*<td class="num">0:02\.0<\/td><td class="num">0:40\.0<\/td><td class="num">1:30\.0/,
  )
})

test('it is tried on the model solution before, and told where there is none', async () => {
  const { ines, id, labs, form, room } = await atWork('Ann')
  const preview = () => ines.post(`/w/${id}/chaos`, { do: 'preview', ...form })
  assert.match((await preview().expect(200)).text, /has no model solution/)
  const solution: Solution = {
    ...{ name: 'scale up', about: '', files: {}, steps: [] },
    log: [{ atMs: 5000, command: { op: 'kubectl', line: 'kubectl scale deployment web --replicas=3' } }],
  }
  labs.next.solutions = [solution]
  labs.next.recoveries = [
    {
      id: 'preview',
      dueMs: 65_000,
      hurtMs: 106_000,
      backMs: undefined,
      by: 'checks',
      broken: ['Three Pods are ready'],
    },
  ]
  const { text } = await preview().expect(200)
  assert.match(
    text,
    /takes effect after 0:41\.0[\s\S]*breaks: Three Pods are ready[\s\S]*does not recover by itself within 10 minutes/,
  )
  const { request } = labs.calls.findLast(({ method }) => method === 'recoveries')! as { request: { log: unknown[] } }
  assert.deepEqual(request.log[0], {
    atMs: 0,
    command: {
      ...{ op: 'fault', fault: { kind: 'node', node: 'node-1', state: 'down' } },
      given: { id: 'preview', dueMs: 65_000 },
    },
  })
  assert.equal((await room()).orders.length, 0)
})

test('a command that is under way when a fault comes is done again in the cluster that has it', async () => {
  const { desk, guests, attempts, order, labs, deps } = await atWork('Ann')
  await guests[0]!.post(desk, { do: 'run10' }).expect(303)
  const { work } = labs
  let ordered: Promise<unknown> | undefined
  deps.labs.work = async (who, request) => {
    const result = await work(who, request)
    if (request.action.do === 'command' && !ordered) {
      ordered = order().then()
      await ordered
    }
    return result
  }
  await guests[0]!.post(desk, { do: 'kubectl', line: 'get pods' }).expect(303)
  assert.deepEqual(
    (await attempts(0))[0]!.log.map(({ command }) => command.op),
    ['fault', 'kubectl'],
  )
})

test('a class is put back to before a fault, keeps its files, and each can go back to where they were', async () => {
  const { ines, id, desk, guests, attempts, dues, order, room, step } = await atWork('Ann', 'Ben')
  const [ann, ben] = guests
  const at = async (n: number) => {
    const { log, clockMs, drafts } = (await attempts(n)).at(-1)!
    return { ops: log.map(({ command }) => command.op), clockMs, files: Object.values(drafts) }
  }
  for (const guest of guests) await guest.post(desk, { do: 'run10' }).expect(303)
  await order().expect(303)
  await ann!.post(desk, { do: 'save', file: 'web.yaml', content: 'kind: Pod' }).expect(303)
  await ann!.post(desk, { do: 'run60' }).expect(303)
  await ann!.post(desk, { do: 'kubectl', line: 'get nodes' }).expect(303)
  const before = await at(0)
  const [made] = (await room()).orders
  await ines.post(`/w/${id}/rewind`, { do: 'rewind', step, order: made!.id }).expect(303)
  assert.deepEqual([await at(0), await dues(1)], [{ ops: [], clockMs: 10_000, files: ['kind: Pod'] }, []])
  // Looked at again, it is not given the fault anew.
  const { text } = await ann!.get(desk).expect(200)
  assert.match(text, /ines put your cluster back to 0:10\.0\. Your files are as they were/)
  assert.deepEqual(await dues(0), [])
  const [, attempt] = /value="return:([a-f0-9]+)"/.exec(text)!
  await ben!.post(`/w/${id}/cluster`, { do: `return:${attempt}` }).expect(303)
  assert.equal((await at(0)).clockMs, 10_000)
  await ann!.post(`/w/${id}/cluster`, { do: `return:${attempt}` }).expect(303)
  assert.deepEqual(await at(0), before)
  await ann!.post(`/w/${id}/cluster`, { do: `return:${attempt}` }).expect(303)
  assert.equal((await at(0)).clockMs, 10_000)
  assert.match((await ines.get(`/w/${id}/chaos`)).text, /2 clusters are back to before “node node-1 goes down”/)
})

test('to the start of a step, once for those who did something, and taken back where nothing was done since', async () => {
  const { ines, id, desk, guests, attempts, room, step } = await atWork('Ann', 'Ben', 'Cleo')
  const [ann, ben] = guests
  const clock = async (n: number) => (await attempts(n)).at(-1)?.clockMs
  for (const guest of guests.slice(0, 2)) await guest.post(desk, { do: 'run60' }).expect(303)
  const rewind = (over: Record<string, string>) => ines.post(`/w/${id}/rewind`, { do: 'rewind', step, ...over })
  await Promise.all([rewind({}), rewind({})])
  assert.deepEqual([await clock(0), await clock(1), await clock(2)], [0, 0, undefined])
  const { rewinds } = await room()
  assert.deepEqual(rewinds.map(({ clusters }) => clusters).sort(), [0, 2])
  await ben!.post(desk, { do: 'run10' }).expect(303)
  const { id: of } = rewinds.find(({ clusters }) => clusters === 2)!
  await ines.post(`/w/${id}/rewind`, { do: `undo:${of}` }).expect(303)
  assert.deepEqual([await clock(0), await clock(1)], [60_000, 10_000])
  await ines.post(`/w/${id}/rewind`, { do: `undo:${of}` }).expect(404)
  await rewind({ step: 'nothing' }).expect(404)
  await rewind({ order: 'other' }).expect(404)
  await ann!.post(`/w/${id}/rewind`, { do: 'rewind', step }).expect(403)
  await ines.post(`/workshops/${id}/act`, { do: 'close' }).expect(303)
  await rewind({}).expect(409)
})
