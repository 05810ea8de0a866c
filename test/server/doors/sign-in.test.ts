/** Signing in by a provider: the whole way, what is refused, and that nobody comes into an account that is not theirs. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pino } from 'pino'
import { parseConfig } from '../../../server/config.ts'
import { createOidc } from '../../../server/doors/oidc.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { createUsedMarks } from '../../../server/storage/used-marks.ts'
import { manager } from '../pages/hiring-site.ts'
import { createTestApp, secretOfTests, visitor } from '../support.ts'
import { client, type Lie, provider } from './provider.ts'

const passphrase = 'acorn river maple stone olive'
const publicUrl = 'https://podium.example'

async function setUp(env: Record<string, string> = {}) {
  // The provider's tokens are good by the real clock.
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const there = await provider(`${publicUrl}/account/oidc/return`)
  let log = ''
  const config = parseConfig({
    ...{ RATE_LIMIT: '100000', LOG_LEVEL: 'silent', PUBLIC_URL: publicUrl, OIDC_ISSUER: there.issuer },
    ...{ OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret, OIDC_NAME: 'Acme <ID>', ...env },
  })
  const site = await createTestApp({
    ...{
      config,
      now,
      oidc: createOidc({
        ...config.oidc!,
        publicUrl,
        secret: secretOfTests,
        usedMarks: createUsedMarks(createMemoryStore()),
        now,
        patienceSeconds: 2,
      }),
    },
    logger: pino({ level: 'trace' }, { write: (line: string) => (log += line) }),
  })
  /** A browser, and what it does at the provider. */
  const browser = async () => {
    const guest = await visitor(site.app)
    const begin = async () => (await guest.get('/account/oidc').expect(303)).headers.location!
    const post = async (path: string, fields: Record<string, string>) => {
      const token = /name="_csrf" value="([^"]+)"/.exec((await guest.get('/help')).text)![1]!
      return guest.agent
        .post(path)
        .type('form')
        .send(new URLSearchParams({ _csrf: token, ...fields }).toString())
    }
    const comes = async () => guest.get(there.agree(await begin()))
    return { ...guest, begin, comes, post }
  }
  const accountOf = async (guest: { get: Awaited<ReturnType<typeof visitor>>['get'] }) =>
    /signed in as <strong>([^<]+)</.exec((await guest.get('/account')).text)?.[1]
  return { ...site, there, browser, accountOf, log: () => log, pass: (ms: number) => (aheadMs += ms) }
}

test('whoever comes for the first time makes an account of their browser’s work, and comes back to it from anywhere', async () => {
  const { there, browser, accountOf, deps } = await setUp()
  try {
    there.is({ sub: 'kim-1', preferred_username: 'Kim.Quist', email: 'Kim@Example.org', email_verified: true })
    const first = await browser()
    assert.match((await first.get('/account/sign-in')).text, /Sign in with Acme &lt;ID&gt;/)
    assert.equal((await first.comes()).headers.location, '/account/oidc/connect')
    const { text } = await first.get('/account/oidc/connect').expect(200)
    assert.match(text, /value="kim-quist"/)
    assert.equal((await first.post('/account/oidc/connect', { do: 'make', name: 'kim-quist' })).status, 303)
    assert.equal(await accountOf(first), 'kim-quist')
    assert.equal((await deps.accounts.find('kim-quist'))?.mail, 'kim@example.org')
    const second = await browser()
    assert.match((await second.comes()).headers.location!, /^\/account\?done=signed-in/)
    assert.equal(await accountOf(second), 'kim-quist')
    assert.match((await second.get('/account')).text, /You have just shown who you are/)
    // Another person of the same name is another person.
    there.is({ sub: 'kim-2', preferred_username: 'Kim.Quist' })
    const third = await browser()
    await third.comes()
    assert.match((await third.post('/account/oidc/connect', { do: 'make', name: 'kim-quist' })).text, /taken|already/i)
    assert.equal(await accountOf(third), undefined)
  } finally {
    await there.close()
  }
})

test('an account that is here is connected by its passphrase alone, whatever address the provider tells', async () => {
  const { there, browser, accountOf, deps } = await setUp()
  try {
    const owner = await browser()
    await owner.post('/account', { name: 'mara', which: 'own', own: passphrase, again: passphrase })
    assert.equal(await deps.accounts.claimMail('mara', 'mara@example.org'), true)
    there.is({ sub: 'evil', preferred_username: 'mara', email: 'mara@example.org', email_verified: true })
    const evil = await browser()
    await evil.comes()
    assert.equal(await accountOf(evil), undefined)
    const wrong = await evil.post('/account/oidc/connect', { do: 'connect', name: 'mara', passphrase: 'guess guess' })
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /aria-invalid/)
    assert.equal((await evil.post('/account/oidc/connect', { do: 'make', name: 'mara' })).status, 422)
    // Their own account has nothing of that address: it is another one's.
    assert.equal((await evil.post('/account/oidc/connect', { do: 'make', name: 'evil-mara' })).status, 303)
    assert.equal((await deps.accounts.find('evil-mara'))?.mail, null)

    there.is({ sub: 'mara-1' })
    const mara = await browser()
    await mara.comes()
    assert.equal((await mara.post('/account/oidc/connect', { do: 'connect', name: 'mara', passphrase })).status, 303)
    assert.equal(await accountOf(mara), 'mara')
    const again = await browser()
    await again.comes()
    assert.equal(await accountOf(again), 'mara')
    assert.deepEqual(
      (await deps.audit.entries()).map(({ act }) => act),
      ['account-connected', 'account-connected'],
    )
  } finally {
    await there.close()
  }
})

test('an address that the provider has not confirmed is none', async () => {
  const { there, browser, deps } = await setUp()
  try {
    for (const [sub, verified] of [
      ['a', undefined],
      ['b', false],
      ['c', 'true'],
    ] as const) {
      there.is({ sub, email: `${sub}@example.org`, email_verified: verified })
      const guest = await browser()
      await guest.comes()
      assert.equal((await guest.post('/account/oidc/connect', { do: 'make', name: `kim-${sub}` })).status, 303)
      assert.equal((await deps.accounts.find(`kim-${sub}`))?.mail, null)
    }
  } finally {
    await there.close()
  }
})

const past = Math.floor(Date.now() / 1000) - 3600
const lies: [string, Lie][] = [
  ['another nonce', { claims: { nonce: 'another' } }],
  ['no nonce', { claims: { nonce: undefined } }],
  ['another issuer', { claims: { iss: 'https://evil.example' } }],
  ['another audience', { claims: { aud: 'another-client' } }],
  ['several audiences and another authorized one', { claims: { aud: [client.id, 'other'], azp: 'other' } }],
  ['an hour past its end', { claims: { exp: past, iat: past - 300 } }],
  ['no end', { claims: { exp: undefined } }],
  ['no subject', { claims: { sub: undefined } }],
  ['no signature (alg: none)', { alg: 'none' }],
  ['a signature by the client’s secret', { alg: 'HS256' }],
  ['a signature by a key of somebody else', { isForged: true }],
]
for (const [name, lie] of lies)
  test(`a token with ${name} signs nobody in`, async () => {
    const { there, browser, accountOf, log } = await setUp()
    try {
      there.is({ sub: 'kim-1' })
      const known = await browser()
      await known.comes()
      await known.post('/account/oidc/connect', { do: 'make', name: 'kim-quist' })
      there.is({ sub: 'kim-1' }, lie)
      const guest = await browser()
      const answer = await guest.comes()
      assert.equal(answer.status, 422)
      assert.match(answer.text, /could not be verified, so you are not signed in/)
      assert.deepEqual(there.refused, [])
      assert.equal(await accountOf(guest), undefined)
      assert.match((await guest.get('/account/oidc/connect')).text, /begun in another browser, or too long ago/)
      assert.doesNotMatch(log(), /kim-1|eyJ/)
    } finally {
      await there.close()
    }
  })

test('an answer counts once, in the browser that asked, with its state, and for ten minutes', async () => {
  const { there, browser, accountOf, pass } = await setUp()
  try {
    there.is({ sub: 'kim-1' })
    const known = await browser()
    await known.comes()
    await known.post('/account/oidc/connect', { do: 'make', name: 'kim-quist' })

    const guest = await browser()
    const answer = there.agree(await guest.begin())
    // Somebody else is sent the answer, to be signed in as another one.
    const victim = await browser()
    assert.match((await victim.get(answer).expect(422)).text, /begun in another browser/)
    await victim.begin()
    assert.match((await victim.get(answer).expect(422)).text, /begun in another browser/)
    const other = await browser()
    const begun = there.agree(await other.begin())
    for (const changed of [begun.replace(/state=[^&]+/, 'state=x'), begun.replace(/&state=[^&]+/, '')]) {
      const again = await browser()
      await again.begin()
      assert.match((await again.get(changed).expect(422)).text, /begun in another browser/)
    }
    // With the cookies of before, as a thief of them would send it again.
    const mark = String((await guest.get('/account/oidc')).headers['set-cookie']).match(/podium-oidc=[^;]+/)![0]
    const fresh = there.agree((await guest.get('/account/oidc')).headers.location!)
    assert.equal((await guest.get(fresh)).headers.location, '/account?done=signed-in')
    assert.equal(await accountOf(guest), 'kim-quist')
    const thief = await browser()
    assert.match((await thief.agent.get(fresh).set('Cookie', mark).expect(422)).text, /begun in another browser/)
    assert.equal(await accountOf(thief), undefined)

    const slow = await browser()
    const late = there.agree(await slow.begin())
    pass(11 * 60_000)
    assert.match((await slow.get(late).expect(422)).text, /too long ago/)
  } finally {
    await there.close()
  }
})

test('a code that was used, or was given for another verifier, is refused by the provider and told in words', async () => {
  const { there, browser } = await setUp()
  try {
    const [one, other] = [await browser(), await browser()]
    const ofOne = there.agree(await one.begin())
    const ofOther = new URLSearchParams(there.agree(await other.begin()).split('?')[1])
    // The code of one with the state of the other: the verifier is not that of the code.
    const mixed = ofOne.replace(/state=[^&]+/, `state=${ofOther.get('state')}`)
    assert.match((await other.get(mixed).expect(422)).text, /could not be verified/)
    assert.deepEqual(there.refused, ['invalid_grant'])
    const denied = await browser()
    const state = new URL(await denied.begin()).searchParams.get('state')
    const { text } = await denied.get(`/account/oidc/return?error=access_denied&state=${state}`).expect(422)
    assert.match(text, /You did not go on at Acme &lt;ID&gt;/)
  } finally {
    await there.close()
  }
})

test('a provider that cannot be reached is told in words, and the local form works', async () => {
  const { there, browser, accountOf } = await setUp()
  await there.close()
  const guest = await browser()
  assert.match((await guest.get('/account/oidc').expect(503)).text, /cannot be reached right now/)
  await guest.post('/account', { name: 'mara', which: 'own', own: passphrase, again: passphrase })
  assert.equal(await accountOf(guest), 'mara')
})

test('roles follow the provider’s groups at each sign-in, those that it decides alone, and the last admin stays', async () => {
  const env = { OIDC_ROLE_CLAIM: 'groups', OIDC_ROLES: 'hiring-manager=recruiting, admin=ops' }
  const site = await setUp(env)
  const { there, browser, deps } = site
  try {
    const roles = async () =>
      (await deps.staff.list()).find(({ account }) => account === 'kim-quist')?.roles.map(({ role }) => role)
    const comesAs = async (groups: unknown) => {
      there.is({ sub: 'kim-1', groups })
      const guest = await browser()
      await guest.comes()
      await guest.post('/account/oidc/connect', { do: 'make', name: 'kim-quist' })
      return guest
    }
    const kim = await comesAs(['recruiting', 'others'])
    assert.deepEqual(await roles(), ['hiring-manager'])
    await kim.get('/hiring/jobs/new').expect(200)
    await deps.staff.grant((await deps.accounts.find('kim-quist'))!, 'instructor', 'mara')
    await comesAs('ops')
    assert.deepEqual((await roles())?.sort(), ['admin', 'instructor'])
    await comesAs([])
    assert.deepEqual((await roles())?.sort(), ['admin', 'instructor'])
    await manager(site, 'mara', 'admin')
    await comesAs(undefined)
    assert.deepEqual(await roles(), ['instructor'])
    assert.deepEqual(
      (await deps.audit.entries()).flatMap(({ act, what }) => (act.startsWith('role-') ? [`${act} ${what.role}`] : [])),
      ['role-granted hiring-manager', 'role-revoked hiring-manager', 'role-granted admin', 'role-revoked admin'],
    )
  } finally {
    await there.close()
  }
})

test('nobody has a role by the provider where none is configured, whatever it says', async () => {
  const { there, browser, deps } = await setUp()
  try {
    there.is({ sub: 'kim-1', groups: ['admin', 'ops'], roles: ['admin'] })
    const guest = await browser()
    await guest.comes()
    await guest.post('/account/oidc/connect', { do: 'make', name: 'kim-quist' })
    assert.deepEqual(await deps.staff.list(), [])
  } finally {
    await there.close()
  }
})

test('who signs out is asked about the provider, and an account that is deleted leaves nothing that leads to its name', async () => {
  const { there, browser, deps, accountOf } = await setUp()
  try {
    there.is({ sub: 'kim-1' })
    const guest = await browser()
    await guest.comes()
    await guest.post('/account/oidc/connect', { do: 'make', name: 'kim-quist' })
    const out = await guest.post('/account/sign-out', {})
    assert.equal(out.headers.location, '/account?done=signed-out&from=provider')
    assert.match((await guest.get(out.headers.location!)).text, /still signed in at Acme &lt;ID&gt;/)
    const { location } = (await guest.get('/account/oidc/out').expect(303)).headers
    assert.match(location!, new RegExp(`^${there.issuer}/out\\?.*client_id=podium`))
    await guest.comes()
    await guest.post('/account/delete', { confirm: 'yes' })
    assert.equal(await deps.accounts.find('kim-quist'), undefined)
    const other = await browser()
    await other.post('/account', { name: 'kim-quist', which: 'own', own: passphrase, again: passphrase })
    const back = await browser()
    assert.equal((await back.comes()).headers.location, '/account/oidc/connect')
    assert.equal(await accountOf(back), undefined)
  } finally {
    await there.close()
  }
})

test('without a provider its pages are not there, and a configuration that cannot be used is named without its secret', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  for (const path of ['', '/return?code=a&state=b', '/connect', '/out'])
    await guest.get(`/account/oidc${path}`).expect(404)
  assert.doesNotMatch((await guest.get('/account/sign-in')).text, /oidc/)
  const whole = {
    OIDC_ISSUER: 'https://id.example',
    OIDC_CLIENT_ID: 'a',
    OIDC_CLIENT_SECRET: 'hush-hush',
    PUBLIC_URL: publicUrl,
  }
  assert.equal(parseConfig(whole).oidc?.clientSecret, 'hush-hush')
  for (const [over, says] of [
    [{ PUBLIC_URL: '' }, /PUBLIC_URL=: is needed beside OIDC_ISSUER/],
    [{ OIDC_ISSUER: 'http://id.example' }, /https:/],
    [{ OIDC_SCOPES: 'profile' }, /must hold openid/],
    [{ OIDC_ROLES: 'king=castle', OIDC_ROLE_CLAIM: 'groups' }, /role=group pairs/],
    [{ OIDC_ROLES: 'admin=ops' }, /needed together/],
    [{ OIDC_CLIENT_SECRET_FILE: '/no/such/file' }, /cannot be read \(ENOENT\)/],
  ] as const)
    assert.throws(
      () => parseConfig({ ...whole, ...over }),
      (error: Error) => says.test(error.message) && !error.message.includes('hush-hush'),
    )
  const folder = await mkdtemp(join(tmpdir(), 'podium-secret-'))
  await writeFile(join(folder, 'secret'), 'from-a-file\n')
  assert.equal(
    parseConfig({ ...whole, OIDC_CLIENT_SECRET: '', OIDC_CLIENT_SECRET_FILE: join(folder, 'secret') }).oidc
      ?.clientSecret,
    'from-a-file',
  )
  await rm(folder, { recursive: true })
})
