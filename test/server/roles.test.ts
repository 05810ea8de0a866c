/** Every route against every role, and how roles are given and taken. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { createAccounts } from '../../server/accounts/accounts.ts'
import { createHashing } from '../../server/accounts/passphrase.ts'
import type { AppDeps } from '../../server/pages/deps.ts'
import { siteMap } from '../../server/routes.ts'
import { actions, type GivenRole, givenRoles, may, mayEver, roles } from '../../server/sittings/roles.ts'
import { createStorage } from '../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../server/storage/lowdb.ts'
import { program } from '../support/programs.ts'
import { createTestApp, visitor } from './support.ts'

const passphrase = 'acorn river maple stone olive'

type Site = Awaited<ReturnType<typeof createTestApp>>

/** Somebody who is signed in, with these roles. */
async function member({ app, deps }: Site, name: string, ...given: GivenRole[]) {
  const guest = await visitor(app)
  await guest.post('/account', { name, which: 'own', own: passphrase, again: passphrase }).expect(303)
  const account = (await deps.accounts.find(name))!
  for (const role of given) await deps.staff.grant(account, role, null)
  const token = /name="_csrf" value="([^"]+)"/.exec((await guest.get('/help')).text)![1]!
  return {
    ...guest,
    post: (path: string, fields: Record<string, string> = {}) =>
      guest.agent
        .post(path)
        .type('form')
        .send(new URLSearchParams({ _csrf: token, ...fields }).toString()),
  }
}

/** An address of that form: nothing is there, which is told behind the door. */
const addressOf = (path: string): string => path.replaceAll(/:\w+/g, 'none')

for (const role of ['anonymous', 'learner', ...givenRoles] as const)
  test(`every route is open to ${role} exactly when the table says so`, async () => {
    const site = await createTestApp()
    const given = givenRoles.filter((one) => one === role)
    const guest = role === 'anonymous' ? await visitor(site.app) : await member(site, 'maple', ...given)
    const own = ['learner' as const, ...given]
    let tried = 0
    for (const { path, action, get, post } of siteMap(site.deps)) {
      assert.ok(actions.includes(action), `${path} names ${action}`)
      const isOpen = own.some((one) => mayEver(one, action))
      for (const method of [...(get ? ['get' as const] : []), ...(post ? ['post' as const] : [])]) {
        // These end what the others need: the session, or all there is.
        if (method === 'post' && /^\/account\/(sign-out|delete)|^\/progress\/delete/.test(path)) continue
        const { status, text } = await guest[method](addressOf(path))
        assert.equal(status === 403, !isOpen, `${method} ${path} as ${role}: ${status} ${text.slice(0, 200)}`)
        tried++
      }
    }
    assert.ok(tried > 70, String(tried))
  })

test('what no role may is in no table, and every page that only some may is closed to a learner', async () => {
  const { deps } = await createTestApp()
  for (const action of actions)
    assert.ok(
      roles.some((role) =>
        may(role, action, 'open', ['own', 'self', 'consent', 'due', 'submitted', 'scored', 'all-scored', 'on-record']),
      ),
    )
  const closed = siteMap(deps).filter(({ action }) => !mayEver('learner', action))
  assert.deepEqual(
    closed.map(({ path }) => path),
    [
      ...[
        '/qti',
        '/qti/package',
        '/admin/audit',
        '/admin/webhooks',
        '/admin/webhooks/:id',
        '/admin/roles',
        '/workshops/new',
        '/workshops/plans/:plan',
        '/workshops/:id/guide',
      ],
      ...[
        '/workshops/:id/self-paced',
        '/workshops/:id/remove',
        '/workshops/:id/retention',
        '/workshops/:id/rehearsal',
        '/workshops/:id',
      ],
      ...['/workshops/:id/act', '/w/:id/wall', '/w/:id/wall/live', '/w/:id/seats/:seat', '/w/:id/seats/:seat/screen'],
      ...['/w/:id/seats/:seat/fork', '/w/:id/seats/:seat/live'],
      ...[
        '/w/:id/seats/:seat/replay/:step',
        '/w/:id/seats/:seat/replay/:step/what-if',
        '/w/:id/seats/:seat/replay/:step/fork',
      ],
      ...['/w/:id/compare', '/w/:id/compare/show', '/w/:id/compare/live'],
      ...['/w/:id/chaos', '/w/:id/chaos', '/w/:id/seats/:seat/typing', '/w/:id/seats/:seat/desk/:step'],
      ...['/w/:id/seats/:seat/desk/:step/draft', '/w/:id/rewind', '/w/:id/chaos/live', '/w/:id/hints'],
      ...['/w/:id/polls/:step/lead', '/w/:id/polls/:step/live', '/w/:id/hands'],
      ...['/w/:id/leaders', '/w/:id/log', '/w/:id/report', '/w/:id/report/:format'],
      ...[
        '/hiring/jobs',
        '/hiring/jobs/new',
        '/hiring/jobs/:id',
        '/hiring/jobs/:id/reviewers',
        '/hiring/jobs/:id/exercises',
      ],
      ...[
        '',
        '/live',
        '/edit',
        '/act',
        '/remove',
        '/rehearsal',
        '/invite',
        '/regrade',
        '/candidates/:n/report',
        '/candidates/:n/replay/:challenge',
        '/candidates/:n/replay/:challenge/what-if',
        '/candidates/:n/replay/:challenge/fork',
        '/candidates/:n/score',
        '/candidates/:n/receipt',
        '/file',
        '/candidates/:n/time',
        '/calibrate',
        '/fairness',
        '/similarity',
        '/similarity/:challenge/:one/:other',
        '/candidates/:n/erase',
        '/candidates/:n/invitation',
      ].map((page) => `/hiring/jobs/:id/exercises/:sitting${page}`),
    ],
  )
})

test('who may not is told why, with and without an account', async () => {
  const site = await createTestApp()
  assert.match(
    (await (await visitor(site.app)).get('/admin/roles').expect(403)).text,
    /Sign in with an account that has it/,
  )
  const guest = await member(site, 'maple')
  assert.match((await guest.get('/admin/roles').expect(403)).text, /The account maple does not have the role/)
  assert.doesNotMatch((await guest.get('/account')).text, /\/admin\/roles/)
})

test('an admin gives roles and takes them back; the last admin stays one', async () => {
  const site = await createTestApp()
  const admin = await member(site, 'admin-of-all', 'admin')
  await member(site, 'maple')
  assert.match((await admin.get('/account')).text, /href="\/admin\/roles"/)
  const give = (fields: Record<string, string>) => admin.post('/admin/roles', { do: 'give', ...fields })
  await give({ name: ' Maple ', role: 'instructor' }).expect(303)
  await give({ name: 'maple', role: 'instructor' }).expect(303)
  const rolesOf = async (name: string) => [...(await site.deps.staff.rolesOf((await site.deps.accounts.find(name))!))]
  assert.deepEqual(await rolesOf('maple'), ['instructor'])
  const { text } = await admin.get('/admin/roles?done=granted').expect(200)
  assert.match(text, /Role granted\./)
  assert.match(text, /maple[\s\S]*Instructor[\s\S]*by admin-of-all/)
  assert.match((await give({ name: 'nobody-here', role: 'author' }).expect(422)).text, /no account named “nobody-here”/)
  assert.match((await give({ name: 'maple', role: 'emperor' }).expect(422)).text, /Choose one of the roles/)
  for (const pressed of ['', 'revoke', 'add', '__proto__'])
    await admin.post('/admin/roles', { do: pressed, name: 'maple', role: 'admin' }).expect(400)
  assert.deepEqual(await rolesOf('maple'), ['instructor'])
  const take = (fields: Record<string, string>) => admin.post('/admin/roles', { do: 'take', ...fields })
  assert.match((await take({ name: 'admin-of-all', role: 'admin' }).expect(422)).text, /is the only admin/)
  await take({ name: 'maple', role: 'instructor' }).expect(303)
  assert.deepEqual(await rolesOf('maple'), [])
  const remove = () => admin.post('/account/delete', { confirm: 'yes', current: passphrase })
  assert.match((await remove().expect(422)).text, /You are the only admin of this site/)
  await give({ name: 'maple', role: 'admin' }).expect(303)
  await take({ name: 'admin-of-all', role: 'admin' }).expect(303).expect('location', '/account')
  await admin.get('/admin/roles').expect(403)
  await remove().expect(303)
})

test('two admins who take each other’s role at once leave one', async () => {
  const { deps, ...site } = await createTestApp()
  await member({ deps, ...site } as Site, 'one-admin', 'admin')
  await member({ deps, ...site } as Site, 'two-admin', 'admin')
  const taken = await Promise.all(['one-admin', 'two-admin'].map((name) => deps.staff.revoke(name, 'admin')))
  assert.deepEqual(taken, [true, false])
})

test('a name that was given up and is taken by somebody else has no role', async () => {
  const site = await createTestApp()
  await member(site, 'admin-of-all', 'admin')
  const first = await member(site, 'maple', 'admin')
  await first.post('/account/delete', { confirm: 'yes', current: passphrase }).expect(303)
  const second = await member(site, 'maple')
  await second.get('/admin/roles').expect(403)
  // Also where its list was left behind by a breakdown.
  await site.deps.storage.staff.update('maple', () => ({
    account: 'maple',
    learnerId: 'gone',
    roles: [{ role: 'admin', by: null, atMs: 1 }],
  }))
  await second.get('/admin/roles').expect(403)
})

test('the first admin is made by a command', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-grant-'))
  const open = async <T>(act: (deps: Pick<AppDeps, 'storage' | 'accounts'>) => Promise<T>): Promise<T> => {
    const store = await createLowdbStore({ folder, onProblem: () => undefined })
    const storage = createStorage(store)
    try {
      const hashing = createHashing({ logN: 4, r: 8, p: 1 })
      return await act({ storage, accounts: createAccounts({ storage, now: Date.now, hashing }) })
    } finally {
      await storage.close()
    }
  }
  const grant = (...args: string[]) =>
    promisify(execFile)(process.execPath, [...program('server/grant.ts'), ...args], {
      env: { PATH: process.env.PATH, DATA_DIR: folder },
    }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error: { code: number; stderr: string }) => ({ code: error.code, text: error.stderr }),
    )
  try {
    const caller = { address: '127.0.0.1', browserFor: () => undefined }
    await open(({ accounts }) => accounts.create('ann', { name: 'maple', passphrase }, caller))
    assert.deepEqual(await grant('maple'), { code: 0, text: 'maple has the role admin.\n' })
    const [member] = await open(({ storage }) => storage.staff.list())
    assert.deepEqual([member!.account, member!.roles.map(({ role, by }) => [role, by])], ['maple', [['admin', null]]])
    assert.match((await grant('birch')).text, /There is no account "birch"/)
    assert.deepEqual([(await grant()).code, (await grant('maple', 'emperor')).code], [2, 2])
    const whileOpen = await open(() => grant('maple', 'author'))
    assert.equal(whileOpen.code, 1)
    assert.match(whileOpen.text, /is in use by process \d+ since .*\. Stop it/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('what answers beside the site map is open to everybody and holds nothing of anybody', async () => {
  const { app, deps } = await createTestApp()
  const known = new Set([...siteMap(deps), ...deps.renderer.assets].map(({ path }) => path))
  const found: string[] = []
  const walk = (stack: Layer[]): void => {
    for (const { route, handle } of stack) {
      if (route) found.push(...Object.keys(route.methods).map((method) => `${method} ${route.path}`))
      else if (handle?.stack) walk(handle.stack)
    }
  }
  walk((app as unknown as { router: { stack: Layer[] } }).router.stack)
  const beside = found.filter((one) => !known.has(one.split(' ')[1]!) && !one.startsWith('get /vendor/fonts/'))
  assert.ok(found.length - beside.length > 70, String(found.length))
  assert.deepEqual(beside, ['get /healthz', 'get /readyz'])
})

interface Layer {
  route?: { path: string; methods: Record<string, boolean> }
  handle?: { stack?: Layer[] }
}
