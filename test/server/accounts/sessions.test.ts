import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSessions } from '../../../server/accounts/sessions.ts'
import { readTicket, type Ticket, writeTicket } from '../../../server/accounts/tickets.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'

const secret = 'a secret of at least thirty-two characters'
const ann = 'a'.repeat(30)
const bob = 'b'.repeat(30)
const dayMs = 24 * 3_600_000

function start() {
  let nowMs = 1_000_000_000_000
  const storage = createStorage(createMemoryStore())
  const sessions = createSessions({ storage, secret, now: () => nowMs })
  const cookie = (ticket: Ticket, name = 'podium') => `${name}=${writeTicket(ticket, secret)}`
  return {
    storage,
    sessions,
    cookie,
    pass: (ms: number) => (nowMs += ms),
    see: (cookies: string) => sessions.visitor(cookies),
  }
}

const anonymous = (learnerId: string): Ticket => ({ learnerId, token: undefined })

test('a cookie that was changed in any place is none', () => {
  const value = writeTicket({ learnerId: ann, token: 't'.repeat(32) }, secret)
  assert.deepEqual(readTicket(`x=1; podium=${value}; y=2`, 'podium', secret), { learnerId: ann, token: 't'.repeat(32) })
  for (let place = 0; place < value.length; place++) {
    const forged = value.slice(0, place) + (value[place] === 'b' ? 'c' : 'b') + value.slice(place + 1)
    assert.equal(readTicket(`podium=${forged}`, 'podium', secret), undefined, `place ${place}`)
  }
  assert.equal(readTicket(`podium=${value}`, 'podium-before', secret), undefined)
})

test('an anonymous cookie opens nothing any more once its learner has an account', async () => {
  const { sessions, cookie, see } = start()
  assert.equal((await see(cookie(anonymous(ann)))).learnerId, ann)
  const ticket = await sessions.open(ann, 'maple', 'passphrase')
  const stale = await see(cookie(anonymous(ann)))
  assert.ok(stale.learnerId !== ann && !stale.isKnown && !stale.wasSignedOut)
  const signedIn = await see(cookie(ticket))
  assert.deepEqual([signedIn.learnerId, signedIn.account, signedIn.isKnown], [ann, 'maple', true])
})

test('the stored list opens nothing: it holds hashes', async () => {
  const { storage, sessions, cookie, see } = start()
  const { token } = await sessions.open(ann, 'maple', 'passphrase')
  const [session] = (await storage.signIns.find(ann))!.sessions
  assert.ok(!JSON.stringify(session).includes(token!))
  assert.equal((await see(cookie({ learnerId: ann, token: session!.sha256.slice(0, 32) }))).account, null)
})

test('signing out ends that browser alone, signing out the others leaves it, and each is told', async () => {
  const { sessions, cookie, see } = start()
  const [one, two, three] = [
    await sessions.open(ann, 'maple', 'passphrase'),
    await sessions.open(ann, 'maple', 'link'),
    await sessions.open(ann, 'maple', 'link'),
  ]
  const told: string[] = []
  for (const [name, ticket] of Object.entries({ one, two, three })) sessions.whenClosed(ticket, () => told.push(name))
  await sessions.close(one)
  assert.deepEqual(told, ['one'])
  assert.deepEqual([(await see(cookie(one))).wasSignedOut, (await see(cookie(two))).account], [true, 'maple'])
  assert.equal((await sessions.find(two))?.others, 1)
  await sessions.closeOthers(two)
  assert.deepEqual(told, ['one', 'three'])
  await sessions.forget(ann)
  assert.deepEqual(told, ['one', 'three', 'two'])
  assert.equal((await see(cookie(two))).account, null)
})

test('what lay in the browser before is there again when the session ends', async () => {
  const { sessions, cookie, see } = start()
  const ticket = await sessions.open(ann, 'maple', 'passphrase')
  const both = `${cookie(ticket)}; ${cookie(anonymous(bob), 'podium-before')}`
  assert.deepEqual([(await see(both)).learnerId, (await see(both)).before], [ann, bob])
  await sessions.close(ticket)
  const after = await see(both)
  assert.deepEqual([after.learnerId, after.account, after.before], [bob, null, undefined])
  // Meanwhile that learner made an account as well: then only its own session opens it.
  await sessions.open(bob, 'otter', 'passphrase')
  assert.notEqual((await see(both)).learnerId, bob)
})

test('a browser that never comes is signed out after some 400 days, and one that comes stays', async () => {
  const { sessions, cookie, see, pass } = start()
  const [used, unused] = [await sessions.open(ann, 'maple', 'link'), await sessions.open(ann, 'maple', 'link')]
  for (let n = 0; n < 5; n++) {
    pass(100 * dayMs)
    assert.equal((await see(cookie(used))).account, 'maple')
  }
  assert.equal((await see(cookie(unused))).wasSignedOut, true)
})

test('of more browsers than an account may have, the one that was away for the longest goes', async () => {
  const { sessions, cookie, see, pass } = start()
  const first = await sessions.open(ann, 'maple', 'link')
  pass(1)
  const second = await sessions.open(ann, 'maple', 'link')
  for (let n = 0; n < 49; n++) {
    pass(1)
    await sessions.open(ann, 'maple', 'link')
  }
  assert.equal((await see(cookie(first))).account, null)
  assert.equal((await see(cookie(second))).account, 'maple')
})
