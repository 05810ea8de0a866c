/** An exercise as one file, whole receipts, and the table of candidates that follows what they do. */
import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { readReceipt } from '../../../server/hiring/receipts.ts'
import { until } from '../../support/until.ts'
import { aGrade } from '../fake-labs.ts'
import { manager, member } from './hiring-site.ts'
import { reviewing } from './review-site.ts'

const rubric = ['diagnosis', 'safety', 'style', 'proof']
const levels = Object.fromEntries(
  rubric.flatMap((id) => [
    [`level-${id}`, '4'],
    [`says-${id}`, 'calm <b>'],
  ]),
)

test('one file holds the exercise: names and scores only of those whose scores are in, and it is on record', async () => {
  const site = await reviewing()
  const kim = await site.sits('Kimberley Quist')
  await site.sits('Lee Okonkwo')
  await site.sits('Max Muster', { isIn: false })
  const [rita, rob] = [await site.reviewer('rita'), await site.reviewer('rob')]
  const file = async () => JSON.parse((await site.mara.post(`${site.exercise}/file`).expect(200)).text)
  await rita.post(`${kim.href}/score`, { ...levels, do: 'send' }).expect(303)
  const before = await site.mara.post(`${site.exercise}/file`).expect(200)
  assert.match(before.headers['content-disposition']!, /^attachment; filename=podium-exercise-[a-f0-9]{8}\.json$/)
  assert.doesNotMatch(before.text, /Quist|Okonkwo|Muster|calm/, 'one of two has scored')
  assert.equal(JSON.parse(before.text).candidates.length, 3)
  await rob.post(`${kim.href}/score`, { ...levels, do: 'send' }).expect(303)
  const { exercise, candidates, audit } = await file()
  assert.deepEqual([exercise.title, exercise.passBar, exercise.rubric.length], ['First round', 60, 4])
  const own = candidates.find(({ code }: { code: string }) => code === kim.seat.candidate!.blindName)
  assert.deepEqual(
    [own.name, own.state, own.scores.length, own.scores[0].marks.safety.level],
    ['Kimberley Quist', 'handed-in', 2, 4],
  )
  assert.deepEqual(
    own.items.map(({ item, state }: { item: string; state: string }) => [item, state]),
    [
      ['question:pod/always', 'answered'],
      ['challenge:three-pods', 'graded'],
    ],
  )
  assert.match(own.notes, /Asked a model about <probes>/)
  const read = readReceipt(JSON.stringify(own.receipt))
  assert.equal('receipt' in read || !('problem' in read), true)
  assert.equal(candidates.filter(({ name }: { name?: string }) => name !== undefined).length, 1)
  const working = candidates.find(({ state }: { state: string }) => state === 'started')
  assert.deepEqual(Object.keys(working).sort(), ['code', 'record', 'state'], 'nothing of who is at work')
  // Learner ids of candidates, seats and links stand nowhere.
  const { text } = await site.mara.post(`${site.exercise}/file`).expect(200)
  for (const secret of [kim.seat.id, kim.link.slice(3), kim.seat.candidate!.tokenSha256])
    assert.equal(text.includes(secret), false)
  assert.equal(
    audit.some(({ act }: { act: string }) => act === 'exercise-exported'),
    true,
  )
  assert.equal((await site.deps.audit.entries()).filter(({ act }) => act === 'exercise-exported').length, 3)
  // Nobody else's.
  const otto = await manager(site, 'otto')
  await otto.post(`${site.exercise}/file`).expect(404)
  await rita.post(`${site.exercise}/file`).expect(403)
  await site.mara.get(`${site.exercise}/file`).expect(405)
})

test('a whole receipt is for reviewers who have sent their scores, and for the manager when all have', async () => {
  const site = await reviewing()
  site.labs.next.grade = aGrade({ contentHash: site.catalog.challenges.get('three-pods')!.hash })
  const kim = await site.sits('Kim')
  const rita = await site.reviewer('rita')
  await rita.get(`${kim.href}/receipt`).expect(409)
  await site.mara.get(`${kim.href}/receipt`).expect(409)
  await rita.post(`${kim.href}/score`, { ...levels, do: 'send' }).expect(303)
  assert.match((await rita.get(`${kim.href}/score`)).text, /Download the whole receipt/)
  const { text, headers } = await rita.get(`${kim.href}/receipt`).expect(200)
  assert.match(headers['content-disposition']!, new RegExp(`podium-receipt-${kim.n}\\.json`))
  assert.match(text, /KEYCHECK/, 'the checks stand in it')
  assert.match(text, /"points"/)
  await site.mara.get(`${kim.href}/receipt`).expect(200)
  await kim.guest.get(`${kim.href}/receipt`).expect(403)
})

test('the table follows what candidates do, cell by cell, and shows who was invited meanwhile; a stranger’s stream is none', async () => {
  const site = await reviewing()
  const kim = await site.sits('Kim', { isIn: false })
  const page = (await site.mara.get(site.exercise).expect(200)).text
  const [, address] = /hx-sse:connect="([^"]+)"/.exec(page)!
  assert.equal(address, `${site.exercise}/live?rows=${kim.n}`)
  const server = http.createServer(site.app).listen(0, '127.0.0.1')
  await new Promise<void>((done) => server.once('listening', () => done()))
  let told = ''
  const cookie = (site.mara.agent as unknown as { jar: { getCookies(access: unknown): { toValueString(): string } } })
    .jar
  const request = http.get({
    ...{ host: '127.0.0.1', port: (server.address() as AddressInfo).port, path: address },
    headers: { cookie: cookieOf(cookie) },
  })
  request.on('response', (res) => {
    assert.equal(res.statusCode, 200)
    res.setEncoding('utf8').on('data', (text: string) => {
      told += text
    })
  })
  request.on('error', () => undefined)
  try {
    await until(() => told.includes(`hx-target="#state-${kim.n}"`), 'the first drawing')
    const names = (await site.deps.audit.entries()).filter(({ act }) => act === 'names-read').length
    assert.match(told, /at work/)
    told = ''
    await kim.guest.post(`${kim.link}/hand-in`).expect(303)
    await until(() => told.includes('handed in'), 'the handing in')
    assert.match(told, new RegExp(`hx-target="#do-${kim.n}"`))
    assert.doesNotMatch(told, /hx-target="#hiring-table"|Kim/)
    assert.equal((await site.deps.audit.entries()).filter(({ act }) => act === 'names-read').length, names)
    told = ''
    await site.invites('Nia New')
    await until(() => told.includes('hx-target="#hiring-table"'), 'the new row')
    assert.match(told, /Nia New/)
  } finally {
    request.destroy()
    server.closeAllConnections()
    server.close()
  }
  const otto = await manager(site, 'otto')
  await otto.get(address!).expect(404)
  const nobody = await member(site, 'nobody')
  await nobody.get(address!).expect(403)
})

const cookieOf = (jar: { getCookies(access: unknown): { toValueString(): string } }): string =>
  jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).toValueString()
