import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import supertest from 'supertest'
import { createAccounts } from '../../../server/accounts/accounts.ts'
import type { Letter } from '../../../server/accounts/mail.ts'
import { createHashing } from '../../../server/accounts/passphrase.ts'
import { createSessions } from '../../../server/accounts/sessions.ts'
import { writeTicket } from '../../../server/accounts/tickets.ts'
import { mostOf } from '../../../server/belongings/limits.ts'
import { parseConfig } from '../../../server/config.ts'
import { actOfAnswer } from '../../../server/journal/folds/answers.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import type { AppDeps } from '../../../server/pages/deps.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'
import { until } from '../../support/until.ts'
import { exported } from '../exported.ts'
import { anAnswer } from '../storage/contract.ts'
import { createTestApp, visitor } from '../support.ts'

const passphrase = 'acorn river maple stone olive'
const minuteMs = 60_000

type Guest = Awaited<ReturnType<typeof visitor>>

/** A site with a clock that the test sets forward, and what it wrote into its log. */
async function start(over: Partial<AppDeps> = {}) {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const made = await createTestApp({ now: () => nowMs, logger, ...over })
  return {
    ...made,
    lines,
    pass: (ms: number) => (nowMs += ms),
    guest: () => visitor(made.app),
    /** The same browser with the form token that it has now. */
    again: async (guest: Guest): Promise<Guest> => {
      const token = /name="_csrf" value="([^"]+)"/.exec((await guest.get('/help')).text)![1]!
      const body = (fields: Record<string, string | string[]>) =>
        new URLSearchParams(
          Object.entries({ _csrf: token, ...fields }).flatMap(([name, value]) => [value].flat().map((v) => [name, v])),
        ).toString()
      const post: Guest['post'] = (path, fields = {}) => guest.agent.post(path).type('form').send(body(fields))
      return { ...guest, token, post }
    },
  }
}

type Place = Awaited<ReturnType<typeof start>>

/** A learner who has answered a question and then made an account. */
async function member(place: Place, name = 'maple') {
  const guest = await place.guest()
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  const fields = { name, which: 'own', own: passphrase, again: passphrase }
  await guest.post('/account', fields).expect(303).expect('Location', '/account?done=made')
  return place.again(guest)
}

const signIn = (guest: Guest, name = 'maple', phrase = passphrase) =>
  guest.post('/account/sign-in', { name, passphrase: phrase })

const dataOf = async (guest: Guest) => exported((await guest.get('/progress/export').expect(200)).text)

/** Asks for a link and takes its token out of the log, where it comes after the answer. */
async function askLink(place: Place, guest: Guest): Promise<string> {
  const before = place.lines.length
  await guest.post('/account/links', { who: 'maple' }).expect(303).expect('Location', '/account/sign-in?link=sent')
  await until(() => place.lines.length > before, 'a link is in the log')
  return /account\/link\?token=([\w-]+)/.exec(place.lines.at(-1)!)![1]!
}

test('an account is made with the words and the name that the page proposes, and nothing shows them again', async () => {
  const place = await start()
  const guest = await place.guest()
  const page = await guest.get('/account').expect(200).expect('Cache-Control', 'no-store')
  const words = /id="passphrase-words"[^>]*>([^<]+)</.exec(page.text)![1]!
  const name = /id="name"[^>]* value="([^"]+)"/.exec(page.text)![1]!
  assert.equal(words.split(' ').length, 7)
  assert.match(name, /^[a-z]+-[a-z]+-\d{4}$/)
  const unkept = await guest.post('/account', { name, which: 'made', made: words }).expect(422)
  assert.match(unkept.text, /tick the box: it is not shown again/)
  assert.ok(unkept.text.includes(words), 'the same words are shown after a refusal')
  await guest.post('/account', { name, which: 'made', made: words, saved: 'yes' }).expect(303)
  const own = await guest.get('/account?done=made').expect(200)
  assert.ok(own.text.includes(name) && !own.text.includes(words))
  const other = await place.guest()
  await signIn(other, name, words).expect(303).expect('Location', '/account?done=signed-in')
})

const unmade: { name: string; fields: Record<string, string>; want: RegExp }[] = [
  { name: 'a short passphrase', fields: { own: 'too short', again: 'too short' }, want: /needs 15 characters or more/ },
  { name: 'two that differ', fields: { again: `${passphrase}s` }, want: /passphrases differ/ },
  { name: 'a name with a slash', fields: { name: '../x' }, want: /3 to 40 letters/ },
  {
    name: 'words that were not drawn',
    fields: { which: 'made', made: 'aaa bbb', saved: 'yes' },
    want: /changed in transit/,
  },
]
for (const { name, fields, want } of unmade)
  test(`no account is made with ${name}`, async () => {
    const place = await start()
    const guest = await place.guest()
    const given = { name: 'maple', which: 'own', own: passphrase, again: passphrase, ...fields }
    const page = await guest.post('/account', given).expect(422)
    assert.match(page.text, want)
    assert.match(page.text, /aria-invalid="true"/)
    assert.ok(!page.text.includes(passphrase), 'what was typed as a secret is not sent back')
    assert.equal(await place.deps.accounts.find('maple'), undefined)
  })

test('a name that is taken is told, whoever asks', async () => {
  const place = await start()
  await member(place)
  const guest = await place.guest()
  const fields = { name: 'Maple', which: 'own', own: passphrase, again: passphrase }
  assert.match((await guest.post('/account', fields).expect(422)).text, /This name is taken/)
})

test('who signs in elsewhere has the same work, and the cookie of before the account opens nothing', async () => {
  const place = await start()
  const guest = await place.guest()
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' })
  const stale = guest.cookie
  await guest.post('/account', { name: 'maple', which: 'own', own: passphrase, again: passphrase }).expect(303)
  const other = await place.guest()
  await signIn(other).expect(303)
  assert.equal((await dataOf(other)).answers.length, 1)
  const thief = await supertest(place.app).get('/progress/export').set('Cookie', stale)
  assert.equal(exported(thief.text).answers.length, 0)
})

test('a sign-in makes a session of its own, and the form token changes with it', async () => {
  const place = await start()
  await member(place)
  const other = await place.guest()
  const response = await signIn(other)
  assert.notEqual(String(response.headers['set-cookie']).split(';')[0], other.cookie)
  await other.post('/account/sign-out').expect(403)
  await (await place.again(other)).post('/account/sign-out').expect(303)
})

test('a wrong passphrase and an account that nobody has look the same', async () => {
  const place = await start()
  await member(place)
  const guest = await place.guest()
  const plain = (text: string) => text.replace(/nonce="[^"]*"|value="[^"]*"/g, '')
  const wrong = await signIn(guest, 'maple', 'wrong').expect(422)
  const nobody = await signIn(guest, 'nobody', passphrase).expect(422)
  assert.equal(plain(wrong.text), plain(nobody.text))
  assert.match(wrong.text, /The name or the passphrase is wrong/)
  assert.ok(!wrong.text.includes('value="wrong"'))
})

test('who guesses waits, and so does the right passphrase until then', async () => {
  const place = await start()
  await member(place)
  const guest = await place.guest()
  for (let n = 0; n < 10; n++) await signIn(guest, 'maple', 'wrong').expect(422)
  assert.match((await signIn(guest).expect(429)).text, /Wait 15 minutes/)
  place.pass(15 * minuteMs)
  await signIn(guest).expect(303)
})

/** Somebody elsewhere, at an address of their own. */
const stranger = async (place: Place, n: number): Promise<Guest> => {
  const guest = await place.guest()
  const post: Guest['post'] = (path, fields) => guest.post(path, fields).set('X-Forwarded-For', `10.0.0.${n}`)
  return { ...guest, post }
}

test('whatever strangers try, the owner signs in where they have signed in before', async () => {
  const place = await start({ config: parseConfig({ RATE_LIMIT: '100000', TRUST_PROXY: '1' }) })
  const own = await member(place)
  await own.post('/account/sign-out').expect(303)
  const elsewhere = await stranger(place, 250)
  for (let n = 0; n < 20; n++) await signIn(await stranger(place, n), 'maple', 'wrong')
  const locked = await signIn(elsewhere).expect(429)
  assert.match(locked.text, /Wait 15 minutes[\s\S]*do not block a browser in which you have signed in before/)
  assert.match(locked.text, /<details[^>]*id="by-link" open/)
  await signIn(await place.again(own)).expect(303)
  // In another browser it is let in by a link, and is known from then on.
  await elsewhere.post('/account/link', { token: await askLink(place, elsewhere) }).expect(303)
  const inside = await place.again(elsewhere)
  await inside.post('/account/sign-out').expect(303)
  await signIn(await place.again(inside)).expect(303)
  await signIn(await stranger(place, 251)).expect(429)
})

test('whatever strangers ask for, the owner asks for a link where they have signed in before', async () => {
  const place = await start({ config: parseConfig({ RATE_LIMIT: '100000', TRUST_PROXY: '1' }) })
  const own = await member(place)
  await own.post('/account/sign-out').expect(303)
  for (let n = 0; n < 10; n++) await (await stranger(place, n)).post('/account/links', { who: 'maple' })
  const refused = await (await stranger(place, 250)).post('/account/links', { who: 'maple' }).expect(429)
  assert.match(refused.text, /The latest one still works unless it was used/)
  const back = await place.again(own)
  await back.post('/account/link', { token: await askLink(place, back) }).expect(303)
})

test('a known browser stays known after the passphrase was changed elsewhere, and its own tries run out', async () => {
  const place = await start({ config: parseConfig({ RATE_LIMIT: '100000', TRUST_PROXY: '1' }) })
  const own = await member(place)
  const other = await place.guest()
  await signIn(other).expect(303)
  const next = 'another one of enough words'
  await own.post('/account/passphrase', { which: 'own', own: next, again: next, current: passphrase }).expect(303)
  for (let n = 0; n < 20; n++) await signIn(await stranger(place, n), 'maple', 'wrong')
  const out = await place.again(other)
  for (let n = 0; n < 9; n++) await signIn(out, 'maple', 'wrong').expect(422)
  await signIn(out, 'maple', next).expect(303)
  const inside = await place.again(out)
  for (let n = 0; n < 10; n++) await inside.post('/account/delete', { confirm: 'yes', current: 'wrong' }).expect(422)
  await inside.post('/account/delete', { confirm: 'yes', current: next }).expect(429)
  await own.post('/account/delete', { confirm: 'yes', current: next }).expect(303)
})

test('what tells a known browser is out of reach for scripts and other sites, and names nobody', async () => {
  const place = await start()
  const guest = await place.guest()
  const own = { name: 'maple', which: 'own', own: passphrase, again: passphrase }
  const cookies = (await guest.post('/account', own).expect(303)).headers['set-cookie'] as unknown as string[]
  const cookie = cookies.find((one) => one.startsWith('podium-known='))!
  assert.match(cookie, /^podium-known=[\w-]{22}\.[\w-]{43}; Max-Age=31536000; Path=\/; .*HttpOnly; SameSite=Lax/)
  await supertest(place.app).get('/account/delete').set('Cookie', cookie.split(';')[0]!).expect(303)
})

test('no cookie of the site is one that scripts read or other sites have sent, given or taken away', async () => {
  const place = await start({ config: parseConfig({ RATE_LIMIT: '100000', SECURE_COOKIES: 'true' }) })
  const seen = new Set<string>()
  const check = (response: { headers: Record<string, unknown> }) => {
    for (const cookie of [response.headers['set-cookie'] ?? []].flat() as string[]) {
      seen.add(cookie.split('=')[0]!)
      assert.match(cookie, /; HttpOnly/, cookie)
      assert.match(cookie, /; SameSite=Lax/, cookie)
      assert.match(cookie, /Path=\//, cookie)
    }
    return response
  }
  const { app } = place
  const first = check(await supertest(app).get('/help')) as unknown as {
    headers: Record<string, string[]>
    text: string
  }
  const cookie = first.headers['set-cookie']![0]!.split(';')[0]!
  const _csrf = /name="_csrf" value="([^"]+)"/.exec(first.text)![1]!
  check(await supertest(app).get('/help?lang=zh'))
  const own = { name: 'maple', which: 'own', own: passphrase, again: passphrase }
  check(
    await supertest(app)
      .post('/account')
      .set('Cookie', cookie)
      .type('form')
      .send({ _csrf, ...own }),
  )
  const before = await supertest(app).get('/help')
  const other = String(before.headers['set-cookie']).split(';')[0]!
  const token = /name="_csrf" value="([^"]+)"/.exec(before.text)![1]!
  const send = (path: string, fields: object) =>
    supertest(app)
      .post(path)
      .set('Cookie', other)
      .type('form')
      .send({ _csrf: token, ...fields })
  await send('/study/bookmarks', { item: 'lesson:pod/life', on: 'yes' })
  check(await send('/account/sign-in', { name: 'maple', passphrase }))
  check(await send('/progress/delete', { confirm: 'yes', current: passphrase }))
  assert.deepEqual([...seen].sort(), ['podium', 'podium-before', 'podium-known', 'podium-lang'])
})

test('a browser that was signed in before browsers were remembered is remembered when it comes back', async () => {
  const place = await start()
  const own = await member(place)
  const account = (await place.deps.accounts.find('maple'))!
  const ticket = await place.deps.sessions.open(account.learnerId, 'maple', 'passphrase')
  const cookie = `podium=${writeTicket(ticket, place.deps.secret)}`
  const page = await supertest(place.app).get('/account').set('Cookie', cookie).expect(200)
  assert.match(String(page.headers['set-cookie']), /podium-known=/)
  assert.doesNotMatch(String((await own.get('/account')).headers['set-cookie']), /podium-known=/)
})

test('a link is written to the log when there is no mail, signs in once, and not after a quarter of an hour', async () => {
  const place = await start()
  await member(place)
  const guest = await place.guest()
  const token = await askLink(place, guest)
  assert.match(place.lines.at(-1)!, /account \\"maple\\".*http:\/\/localhost:\d+\/account\/link\?token=/)
  // Looking at it uses nothing up: mail servers and messengers look as well.
  for (const times of [1, 2])
    assert.match((await guest.get(`/account/link?token=${token}`).expect(200)).text, /Sign in as maple/, String(times))
  await guest.post('/account/link', { token }).expect(303).expect('Location', '/account?done=signed-in')
  const late = await place.guest()
  assert.match((await late.post('/account/link', { token }).expect(410)).text, /already been used/)
  await late.get(`/account/link?token=${token}`).expect(410)
  const second = await askLink(place, late)
  assert.notEqual(second, token)
  place.pass(15 * minuteMs)
  await late.get(`/account/link?token=${second}`).expect(410)
  await late.post('/account/link', { token: second }).expect(410)
  await late.post('/account/link', { token: '' }).expect(410)
})

test('a link that is made after the browser has gone leads to the port of the site', async () => {
  const { accounts } = (await createTestApp()).deps
  const late: AppDeps['accounts'] = {
    ...accounts,
    linkFor: (who, by) => {
      const asked = accounts.linkFor(who, by)
      return 'link' in asked ? { link: asked.link.then((link) => delay(200, link)) } : asked
    },
  }
  const place = await start({ accounts: late })
  await member(place)
  await askLink(place, await place.guest())
  // One that the system chose for the test, and not the one of the configuration.
  assert.match(place.lines.at(-1)!, /http:\/\/localhost:\d{5}\/account\/link/)
})

test('asking for a link tells nothing of which accounts there are, and has a limit', async () => {
  const place = await start()
  await member(place)
  const guest = await place.guest()
  const before = place.lines.length
  for (let n = 0; n < 3; n++)
    await guest.post('/account/links', { who: 'nobody' }).expect(303).expect('Location', '/account/sign-in?link=sent')
  assert.equal(place.lines.length, before)
  await guest.post('/account/links', { who: 'nobody' }).expect(429)
  for (let n = 0; n < 3; n++) await guest.post('/account/links', { who: 'maple' }).expect(303)
  await guest.post('/account/links', { who: 'maple' }).expect(429)
  assert.match(
    (await guest.post('/account/links', { who: ' ' }).expect(422)).text,
    /Type the name of the account first/,
  )
})

test('a link begins with the address that the operator gives, never with the one that a request says', async () => {
  const place = await start({ config: parseConfig({ RATE_LIMIT: '100000', PUBLIC_URL: 'https://podium.example.org' }) })
  await member(place)
  const guest = await place.guest()
  await guest
    .post('/account/links', { who: 'maple' })
    .set('Host', 'evil.example')
    .set('X-Forwarded-Host', 'evil.example')
  await until(() => place.lines.length > 0, 'a link is in the log')
  assert.match(place.lines.at(-1)!, /https:\/\/podium\.example\.org\/account\/link\?token=/)
  assert.ok(!place.lines.join('').includes('evil.example'))
})

test('no link is offered where the log is off, for nobody could get it', async () => {
  const place = await start({ logger: pino({ level: 'silent' }) })
  await member(place)
  const guest = await place.guest()
  assert.doesNotMatch((await guest.get('/account/sign-in')).text, /account\/links/)
  await guest.post('/account/links', { who: 'maple' }).expect(422)
})

test('with a mail server links go to the confirmed address, and a letter that is refused is told', async () => {
  const letters: Letter[] = []
  let takes = true
  const mail = {
    send: async (letter: Letter) => {
      if (!takes) throw new Error('no')
      letters.push(letter)
    },
  }
  const place = await start({ mail })
  const own = await member(place)
  assert.match((await own.get('/account')).text, /Email address/)
  assert.match(
    (await own.post('/account/mail', { mail: 'nonsense', current: passphrase }).expect(422)).text,
    /not an email address/,
  )
  assert.match(
    (await own.post('/account/mail', { mail: 'ann@example.org', current: 'wrong' }).expect(422)).text,
    /not your current passphrase/,
  )
  takes = false
  assert.match(
    (await own.post('/account/mail', { mail: 'ann@example.org', current: passphrase }).expect(503)).text,
    /did not accept the email/,
  )
  takes = true
  place.pass(15 * minuteMs)
  await own.post('/account/mail', { mail: 'ann@example.org', current: passphrase }).expect(303)
  const confirm = /token=([\w-]+)/.exec(letters[0]!.text)![1]!
  const stranger = await place.guest()
  assert.match(
    (await stranger.get(`/account/link?token=${confirm}`)).text,
    /First sign in, in this browser, to the account that this address is for/,
  )
  await stranger.post('/account/link', { token: confirm }).expect(410)
  await own.post('/account/link', { token: confirm }).expect(303).expect('Location', '/account?done=mail')
  place.pass(15 * minuteMs)
  await stranger.post('/account/links', { who: 'Ann@example.org' }).expect(303)
  await until(() => letters.length > 1, 'a letter was sent')
  assert.equal(letters[1]?.to, 'ann@example.org')
  assert.match(letters[1]!.text, /sign in as maple[\s\S]*token=/)
  assert.equal((await dataOf(own)).account.mail, 'ann@example.org')
  const kept = await own.post('/account/mail', { do: 'remove', current: 'wrong' }).expect(422)
  assert.match(kept.text, /id="mail-current-problem">This is not your current passphrase/)
  assert.match((await own.post('/account/mail', { do: 'remove' }).expect(422)).text, /not your current passphrase/)
  assert.equal((await dataOf(own)).account.mail, 'ann@example.org')
  await own.post('/account/mail', { do: 'remove', current: passphrase }).expect(303)
  assert.equal((await dataOf(own)).account.mail, null)
  assert.ok(!place.lines.join('').includes('ann@example.org'), 'no address is in the log')
})

test('who came by a link sets a new passphrase without the old one, for a quarter of an hour', async () => {
  const place = await start()
  await member(place)
  const guest = await place.guest()
  await guest.post('/account/link', { token: await askLink(place, guest) })
  const inside = await place.again(guest)
  const next = { which: 'own', own: 'another one of enough words', again: 'another one of enough words' }
  await inside.post('/account/passphrase', next).expect(303).expect('Location', '/account?done=passphrase')
  place.pass(15 * minuteMs)
  assert.match((await inside.post('/account/passphrase', next).expect(422)).text, /not your current passphrase/)
  await inside.post('/account/passphrase', { ...next, current: 'another one of enough words' }).expect(303)
})

test('a new passphrase needs the old one, and signs out every other browser', async () => {
  const place = await start()
  const own = await member(place)
  const other = await place.guest()
  await signIn(other)
  const next = { which: 'own', own: 'another one of enough words', again: 'another one of enough words' }
  assert.match(
    (await own.post('/account/passphrase', { ...next, current: 'wrong' }).expect(422)).text,
    /not your current passphrase/,
  )
  await own.post('/account/passphrase', { ...next, current: passphrase }).expect(303)
  assert.match((await other.get('/account')).text, /was signed out of its account/)
  assert.match((await own.get('/account')).text, /signed in as <strong>maple/)
  await signIn(await place.guest()).expect(422)
})

test('all other browsers can be signed out, and a browser that was is told', async () => {
  const place = await start()
  const own = await member(place)
  const others = [await place.guest(), await place.guest()]
  for (const other of others) await signIn(other).expect(303)
  assert.match((await own.get('/account')).text, /Sign out 2 other browsers/)
  await own.post('/account/sign-out', { which: 'others' }).expect(303)
  for (const other of others) {
    assert.match((await other.get('/lessons')).text, /was signed out of its account/)
    assert.equal((await dataOf(other)).answers.length, 0)
  }
  assert.match((await own.get('/account')).text, /No other browser is signed in/)
  assert.equal((await dataOf(own)).answers.length, 1)
})

test('who signs out leaves the work in the account and a browser that nobody has worked in', async () => {
  const place = await start()
  const own = await member(place)
  await own.post('/account/sign-out').expect(303)
  assert.equal((await dataOf(own)).answers.length, 0)
  const back = await place.again(own)
  await signIn(back).expect(303).expect('Location', '/account?done=signed-in')
  assert.equal((await dataOf(back)).answers.length, 1)
})

/** A browser with an answer of its own that has just signed in. */
async function withBefore(place: Place) {
  const guest = await place.guest()
  await guest.post('/questions/pod/count/answer', { v: '1', answer: '3' }).expect(303)
  await guest.post('/study/bookmarks', { item: 'lesson:pod/life', on: 'yes' })
  await signIn(guest).expect(303).expect('Location', '/account/before')
  return place.again(guest)
}

test('what a browser holds when somebody signs in is shown and asked about, and merged', async () => {
  const place = await start()
  await member(place)
  const guest = await withBefore(place)
  const page = await guest.get('/account/before').expect(200)
  assert.match(page.text, /1 answer to a question[\s\S]*1 bookmark[\s\S]*In the account[\s\S]*1 answer to a question/)
  assert.match((await guest.get('/progress')).text, /holds work from before you signed in/)
  await guest.post('/account/before').expect(303).expect('Location', '/account/before?choose=yes')
  assert.equal((await dataOf(guest)).answers.length, 1)
  await guest.post('/account/before', { do: 'merge' }).expect(303).expect('Location', '/account?done=merged')
  const { answers, studyBook } = await dataOf(guest)
  assert.deepEqual([answers.length, studyBook.bookmarks.length], [2, 1])
  assert.doesNotMatch((await guest.get('/progress')).text, /holds work from before/)
  await guest.get('/account/before').expect(303).expect('Location', '/account')
  await guest.post('/account/before', { do: 'merge' }).expect(303).expect('Location', '/account')
})

test('what is left behind is there again after signing out, and can still be brought in', async () => {
  const place = await start()
  await member(place)
  const guest = await withBefore(place)
  await guest.post('/account/before', { do: 'leave' }).expect(303)
  assert.match(
    (await guest.get('/account')).text,
    /This browser holds it, apart from your account: 1 answer to a question, 1 bookmark/,
  )
  await guest.post('/account/sign-out').expect(303)
  const left = await dataOf(guest)
  assert.deepEqual([left.answers.length, left.answers[0].questionId], [1, 'pod/count'])
  const back = await place.again(guest)
  await signIn(back).expect('Location', '/account/before')
  await (await place.again(back)).post('/account/before', { do: 'merge' })
  assert.equal((await dataOf(back)).answers.length, 2)
})

test('a browser that is signed out from elsewhere has its own work again', async () => {
  const place = await start()
  const own = await member(place)
  const guest = await withBefore(place)
  await own.post('/account/sign-out', { which: 'others' })
  const left = await dataOf(guest)
  assert.deepEqual(
    left.answers.map(({ questionId }: { questionId: string }) => questionId),
    ['pod/count'],
  )
})

test('nobody merges what is not theirs: a forged or a foreign cookie of before is none', async () => {
  const place = await start()
  const victim = await place.guest()
  await victim.post('/questions/pod/count/answer', { v: '1', answer: '3' })
  await member(place)
  const cookie = String((await signIn(await place.guest())).headers['set-cookie']).split(';')[0]!
  const forged = victim.cookie.replace('podium=', 'podium-before=').replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'))
  await supertest(place.app).get('/account/before').set('Cookie', `${cookie}; ${forged}`).expect(303)
})

test('the account is deleted apart from the work, which stays in this browser alone', async () => {
  const place = await start()
  const own = await member(place)
  const other = await place.guest()
  await signIn(other)
  assert.match((await own.get('/account/delete').expect(200)).text, /1 answer to a question/)
  assert.match((await own.post('/account/delete').expect(422)).text, /Tick the box first/)
  for (const current of ['', 'wrong']) {
    const page = await own.post('/account/delete', { confirm: 'yes', current }).expect(422)
    assert.match(page.text, /id="current-problem">This is not your current passphrase/)
    assert.match(page.text, /name="confirm" value="yes" checked/)
  }
  assert.ok(await place.deps.accounts.find('maple'))
  await own
    .post('/account/delete', { confirm: 'yes', current: passphrase })
    .expect(303)
    .expect('Location', '/account?done=removed')
  assert.equal((await dataOf(own)).answers.length, 1)
  assert.equal((await dataOf(own)).account, undefined)
  assert.equal((await dataOf(other)).answers.length, 0)
  await signIn(await place.guest()).expect(422)
  const back = await place.again(own)
  await back.post('/account', { name: 'maple', which: 'own', own: passphrase, again: passphrase }).expect(303)
  assert.equal((await dataOf(back)).answers.length, 1)
})

test('an account is deleted together with work of before in the browser, and neither is lost', async () => {
  const place = await start()
  await member(place)
  const guest = await withBefore(place)
  assert.match((await guest.get('/account/delete')).text, /merged with the work in this browser/)
  await guest.post('/account/delete', { confirm: 'yes', current: passphrase }).expect(303)
  assert.equal((await dataOf(guest)).answers.length, 2)
})

test('who has just come by a link deletes the account without the passphrase, and nobody does later', async () => {
  const place = await start()
  await member(place)
  const guest = await place.guest()
  await guest.post('/account/link', { token: await askLink(place, guest) }).expect(303)
  const inside = await place.again(guest)
  assert.doesNotMatch((await inside.get('/account/delete')).text, /name="current"/)
  place.pass(15 * minuteMs)
  assert.match((await inside.get('/account/delete')).text, /name="current"[\s\S]*/)
  await inside.post('/account/delete', { confirm: 'yes' }).expect(422)
  await inside.post('/account/sign-out')
  const out = await place.again(inside)
  await out.post('/account/link', { token: await askLink(place, out) }).expect(303)
  await (await place.again(out)).post('/account/delete', { confirm: 'yes' }).expect(303)
  assert.equal(await place.deps.accounts.find('maple'), undefined)
})

test('deleting the data leaves the account, or takes it along, as was ticked', async () => {
  const place = await start()
  const own = await member(place)
  const untold = await own.post('/progress/delete', { confirm: 'yes' }).expect(422)
  assert.match(untold.text, /This is not your current passphrase/)
  await own.post('/progress/delete', { confirm: 'yes', current: passphrase }).expect(303)
  assert.deepEqual([(await dataOf(own)).answers.length, (await dataOf(own)).account.name], [0, 'maple'])
  await own.post('/study/bookmarks', { item: 'lesson:pod/life', on: 'yes' }).expect(303)
  const refused = await own.post('/progress/delete', { confirm: 'yes', account: 'yes' }).expect(422)
  assert.match(refused.text, /name="account" value="yes" checked[\s\S]*This is not your current passphrase/)
  assert.equal((await dataOf(own)).studyBook.bookmarks.length, 1, 'nothing is deleted before')
  await own.post('/progress/delete', { confirm: 'yes', account: 'yes', current: passphrase }).expect(303)
  assert.equal(await place.deps.accounts.find('maple'), undefined)
  assert.doesNotMatch((await own.get('/account')).text, /signed in as/)
})

test('pages for who is signed in lead others to the account, and the other way round', async () => {
  const place = await start()
  const guest = await place.guest()
  await guest.get('/account/before').expect(303).expect('Location', '/account')
  await guest.get('/account/delete').expect(303).expect('Location', '/account')
  for (const path of [
    '/account/sign-out',
    '/account/passphrase',
    '/account/mail',
    '/account/delete',
    '/account/before',
  ])
    await guest.post(path, { confirm: 'yes', do: 'merge' }).expect(303).expect('Location', '/account')
  const own = await member(place)
  await own.get('/account/sign-in').expect(303).expect('Location', '/account')
  await signIn(own, 'nobody').expect(303).expect('Location', '/account')
  await own.post('/account', { name: 'other', which: 'own', own: passphrase, again: passphrase }).expect(303)
  assert.equal(await place.deps.accounts.find('other'), undefined)
})

test('no passphrase, token, address of a caller or answer stands in the log', async () => {
  const place = await start()
  const own = await member(place)
  await signIn(await place.guest(), 'maple', 'a wrong passphrase')
  await own.post('/account/passphrase', {
    which: 'own',
    own: 'yet another of enough',
    again: 'yet another of enough',
    current: passphrase,
  })
  assert.deepEqual(place.lines, [])
})

test('work of a browser that would be too much in the account stays in the browser, and the page says so', async () => {
  const place = await start()
  const own = await member(place)
  const { learner } = await dataOf(own)
  const many = (count: number, from: string) =>
    Array.from({ length: count }, (_, n) => anAnswer(`${from}${n}`, { questionId: 'pod/always' }))
  await place.deps.journals.add(
    practiceSeat(learner.id),
    many(mostOf.answers - 1, 'a').map((one) => actOfAnswer(one)),
  )
  const other = await place.guest()
  await other.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  await signIn(other).expect(303).expect('Location', '/account/before')
  const inside = await place.again(other)
  const page = await inside.post('/account/before', { do: 'merge' }).expect(422)
  assert.match(page.text, /more than one learner may have: 20000 answers to questions\. Nothing was changed/)
  assert.equal((await place.deps.journals.work(practiceSeat(learner.id))).answers.length, mostOf.answers)
  assert.match((await inside.get('/account/before').expect(200)).text, /1 answer to a question/)
})

for (const name of ['', ' ', '\u3000'])
  test(`the name ${JSON.stringify(name)} is refused in words, and another one is proposed`, async () => {
    const place = await start()
    const guest = await place.guest()
    const fields = { name, which: 'own', own: passphrase, again: passphrase }
    const { text } = await guest.post('/account', fields).expect(422)
    assert.match(text, /id="name"[^>]* value="[a-z]+-[a-z]+-\d{4}"[^>]*aria-invalid="true"/)
    assert.match(text, /id="name-problem">[A-Z]/)
    assert.match((await guest.get('/account')).text, /id="passphrase-words"/)
  })

test('an account may be called constructor: it is one like any other', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-account-'))
  const store = await createLowdbStore({ folder })
  t.after(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })
  const storage = createStorage(store)
  const now = () => Date.UTC(2026, 2, 2, 9)
  const accounts = createAccounts({ storage, now, hashing: createHashing({ logN: 4, r: 8, p: 1 }) })
  const secret = 'a secret of at least thirty-two characters'
  const place = await start({ storage, accounts, sessions: createSessions({ storage, secret, now }) })
  const name = 'constructor'
  // Nobody has it before somebody makes it.
  await signIn(await place.guest(), name).expect(422)
  assert.equal(await accounts.find(name), undefined)
  const own = await member(place, name)
  const other = await place.guest()
  assert.match(
    (await other.post('/account', { name, which: 'own', own: passphrase, again: passphrase }).expect(422)).text,
    /This name is taken/,
  )
  await signIn(other, name, 'wrong').expect(422)
  await signIn(other, name).expect(303).expect('Location', '/account?done=signed-in')
  const inside = await place.again(other)
  assert.equal((await dataOf(inside)).answers.length, 1)
  assert.equal((await dataOf(inside)).account.name, name)
  await own.post('/account/sign-out', { which: 'others' }).expect(303)
  await own.post('/account/delete', { confirm: 'yes', current: passphrase }).expect(303)
  assert.equal(await accounts.find(name), undefined)
  await signIn(await place.guest(), name).expect(422)
})

test('work that is being graded is not moved meanwhile', async () => {
  const place = await start({ now: () => Date.now() })
  const guest = await place.guest()
  place.labs.next.refusal = new LabRefusal(503, 'Busy.')
  await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)
  const made = { name: 'maple', which: 'own', own: passphrase, again: passphrase }
  await guest.post('/account', made).expect(303)
  const signedIn = await place.again(guest)
  const { text } = await signedIn.post('/account/delete', { confirm: 'yes', current: passphrase }).expect(409)
  assert.match(text, /is being graded right now/)
  place.labs.next.refusal = undefined
  await until(async () => (await place.deps.storage.gradingsOwed.list()).length === 0, 'graded')
  await signedIn.post('/account/delete', { confirm: 'yes', current: passphrase }).expect(303)
})
