import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Accounts, type Caller, createAccounts, isRefusal } from '../../../server/accounts/accounts.ts'
import { createHashing } from '../../../server/accounts/passphrase.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import type { Account } from '../../../server/storage/types.ts'

const passphrase = 'acorn river maple stone olive'
const minuteMs = 60_000

/** Somebody at an address, in a browser that the account knows if one is named. */
const at = (address: string, browser?: string): Caller => ({ address, browserFor: () => browser })

/** The link that somebody asks for, or why not. */
async function linkOf(accounts: Accounts, who: string, address = 'here', browser?: string) {
  const asked = accounts.linkFor(who, at(address, browser))
  return isRefusal(asked) ? asked : asked.link
}

async function start() {
  let nowMs = 0
  const storage = createStorage(createMemoryStore())
  const accounts = createAccounts({ storage, now: () => nowMs, hashing: createHashing({ logN: 4, r: 8, p: 1 }) })
  const made = (await accounts.create('ann', { name: ' Maple ', passphrase }, at('here'))) as Account
  return { storage, accounts, made, pass: (ms: number) => (nowMs += ms) }
}

const refusalOf = (value: object | undefined) => (isRefusal(value) ? value.refused : undefined)

test('an account is made under its name in lower case, and its passphrase is not kept', async () => {
  const { storage, made } = await start()
  assert.deepEqual([made.name, made.learnerId, made.mail], ['maple', 'ann', null])
  assert.ok(!JSON.stringify(await storage.accounts.find('maple')).includes('acorn'))
})

const refused = [
  { name: 'm', passphrase, want: 'name-form' },
  { name: '../maple', passphrase, want: 'name-form' },
  { name: 'map--le', passphrase, want: 'name-form' },
  { name: 'otter', passphrase: 'short', want: 'passphrase' },
  { name: 'MAPLE', passphrase, want: 'name-taken' },
]
for (const { name, passphrase: phrase, want } of refused)
  test(`an account "${name}" with "${phrase}" is refused: ${want}`, async () => {
    const { accounts } = await start()
    assert.equal(refusalOf(await accounts.create('bob', { name, passphrase: phrase }, at('here'))), want)
  })

test('a wrong passphrase and an account that nobody has are answered alike', async () => {
  const { accounts } = await start()
  assert.deepEqual(await accounts.check('maple', 'wrong', at('here')), { refused: 'wrong' })
  assert.deepEqual(await accounts.check('nobody', passphrase, at('here')), { refused: 'wrong' })
  assert.deepEqual(await accounts.check('../../etc', passphrase, at('here')), { refused: 'wrong' })
  assert.equal(((await accounts.check('Maple ', passphrase, at('here'))) as Account).name, 'maple')
})

for (const name of ['maple', 'nobody'])
  test(`after ten wrong passphrases, ${name} waits for a quarter of an hour, whoever asks and whatever they say`, async () => {
    const { accounts, pass } = await start()
    const tries = Array.from({ length: 12 }, (_, n) => accounts.check(name, 'wrong', at(`address ${n}`)))
    assert.deepEqual((await Promise.all(tries)).map(refusalOf), [...Array(10).fill('wrong'), 'wait', 'wait'])
    assert.equal(refusalOf(await accounts.check(name, passphrase, at('elsewhere'))), 'wait')
    pass(15 * minuteMs)
    assert.equal(
      refusalOf(await accounts.check(name, passphrase, at('elsewhere'))),
      name === 'maple' ? undefined : 'wrong',
    )
  })

test('an address that tries many names waits, and one that is right does not count', async () => {
  const { accounts } = await start()
  for (let n = 0; n < 100; n++) await accounts.check('maple', passphrase, at('class'))
  for (let n = 0; n < 60; n++) assert.equal(refusalOf(await accounts.check(`name-${n}`, 'wrong', at('class'))), 'wrong')
  assert.equal(refusalOf(await accounts.check('maple', passphrase, at('class'))), 'wait')
  assert.equal(refusalOf(await accounts.check('maple', passphrase, at('home'))), undefined)
})

test('a link signs in once, within a quarter of an hour, and only its hash is kept', async () => {
  const { storage, accounts, pass } = await start()
  const link = await linkOf(accounts, 'maple')
  assert.ok(link && !isRefusal(link))
  const known = await accounts.readLink(link.token)
  assert.equal(known?.account, 'maple')
  assert.ok(!JSON.stringify(await storage.signInLinks.find(known!.sha256)).includes(link.token))
  const used = await Promise.all([1, 2, 3].map(() => accounts.useLink(link.token)))
  assert.deepEqual(used.map(refusalOf).toSorted(), ['link', 'link', undefined])
  assert.equal(await accounts.readLink(link.token), undefined)
  const late = await linkOf(accounts, 'maple')
  pass(15 * minuteMs)
  assert.ok(late && !isRefusal(late))
  assert.equal(await accounts.readLink(late.token), undefined)
  assert.equal(refusalOf(await accounts.useLink(late.token)), 'link')
  assert.equal(refusalOf(await accounts.useLink('made up')), 'link')
})

test('strangers use up none of the tries of a browser that the account knows, and it has a count of its own', async () => {
  const { accounts, pass } = await start()
  for (let n = 0; n < 30; n++) await accounts.check('maple', 'wrong', at(`address ${n}`))
  for (let n = 0; n < 60; n++) await accounts.check(`name-${n}`, 'wrong', at('class'))
  assert.equal(refusalOf(await accounts.check('maple', passphrase, at('elsewhere'))), 'wait')
  // Whatever is done from its address, and however often it is right.
  for (let n = 0; n < 12; n++)
    assert.equal(refusalOf(await accounts.check('maple', passphrase, at('class', 'own'))), undefined)
  assert.equal(refusalOf(await accounts.check('maple', passphrase, at('elsewhere'))), 'wait')
  const tries = await Promise.all(
    Array.from({ length: 12 }, () => accounts.check('maple', 'wrong', at('class', 'own'))),
  )
  assert.deepEqual(tries.map(refusalOf), [...Array(10).fill('wrong'), 'wait', 'wait'])
  assert.equal(refusalOf(await accounts.check('maple', passphrase, at('class', 'other'))), undefined)
  pass(15 * minuteMs)
  assert.equal(refusalOf(await accounts.check('maple', passphrase, at('class', 'own'))), undefined)
  assert.equal(refusalOf(await accounts.check('maple', passphrase, at('elsewhere'))), undefined)
})

test('an address that may not try any more locks no further names', async () => {
  const { accounts } = await start()
  for (let n = 0; n < 100; n++) await accounts.check(`name-${n}`, 'wrong', at('one'))
  for (let n = 0; n < 20; n++) assert.equal(refusalOf(await accounts.check('maple', 'wrong', at('one'))), 'wait')
  assert.equal(refusalOf(await accounts.check('maple', passphrase, at('two'))), undefined)
})

test('tries that could not be worked out are not counted, and known browsers do not stand behind strangers', async () => {
  const storage = createStorage(createMemoryStore())
  const hashing = createHashing({ logN: 4, r: 8, p: 1 }, { together: 1, waiting: 1 })
  const accounts = createAccounts({ storage, now: () => 0, hashing })
  await accounts.create('ann', { name: 'maple', passphrase }, at('here'))
  const order: string[] = []
  const check = async (who: string, browser?: string) => {
    const answer = await accounts.check('maple', passphrase, at(who, browser))
    order.push(`${who} ${refusalOf(answer) ?? 'in'}`)
  }
  await Promise.all([check('one'), check('two'), check('three'), check('own', 'known')])
  assert.deepEqual(order.slice(1), ['one in', 'own in', 'two in'])
  assert.equal(order[0], 'three busy')
  for (let n = 0; n < 30; n++) await Promise.all([check('one'), check('two'), check('three'), check('four')])
  assert.equal(refusalOf(await accounts.check('maple', passphrase, at('one'))), undefined)
})

test('asking for names that are taken has a limit for an address, and so has making accounts', async () => {
  const { accounts, pass } = await start()
  const make = async (name: string, address: string) =>
    refusalOf(await accounts.create('bob', { name, passphrase }, at(address)))
  for (let n = 0; n < 20; n++) assert.equal(await make('maple', 'prober'), 'name-taken')
  assert.equal(await make('maple', 'prober'), 'names')
  assert.equal(await make('never-heard-of', 'prober'), 'names')
  assert.equal(await make('never-heard-of', 'class'), undefined)
  for (let n = 0; n < 119; n++) assert.equal(await make(`pupil-${n}`, 'class'), undefined)
  assert.equal(await make('late', 'class'), 'made')
  pass(60 * minuteMs)
  assert.equal(await make('late', 'class'), undefined)
  assert.equal(await make('maple', 'prober'), 'name-taken')
})

test('strangers keep nobody from a link: a known browser asks for itself, and others have the latest', async () => {
  const { accounts, pass } = await start()
  const ask = async (address: string, browser?: string) => refusalOf(await linkOf(accounts, 'maple', address, browser))
  const asked = []
  for (let n = 0; n < 4; n++) asked.push(await ask('one'))
  assert.deepEqual(asked, [undefined, undefined, undefined, 'links'])
  // One address does not use up what others have.
  assert.equal(await ask('home'), undefined)
  for (let n = 0; n < 10; n++) await ask(`address ${n}`)
  assert.equal(await ask('far'), 'links')
  const own = []
  for (let n = 0; n < 4; n++) own.push(await ask('far', 'own'))
  assert.deepEqual(own, [undefined, undefined, undefined, 'links'])
  const refused = accounts.linkFor('maple', at('far'))
  assert.ok(isRefusal(refused) && refused.refused === 'links' && refused.waitMs <= 15 * minuteMs)
  pass(15 * minuteMs)
  assert.equal(await ask('far'), undefined)
})

test('what is asked of an account by strangers does not keep its owner from confirming an address', async () => {
  const { accounts } = await start()
  for (let n = 0; n < 40; n++) await linkOf(accounts, 'ann@example.org', 'here')
  for (let n = 0; n < 3; n++)
    assert.equal(refusalOf(await accounts.linkToConfirm('maple', 'ann@example.org', at('here'))), undefined)
  assert.equal(refusalOf(await accounts.linkToConfirm('maple', 'ann@example.org', at('here'))), 'wait')
})

test('nobody has links for an account that is not there, and they are limited alike', async () => {
  const { accounts } = await start()
  for (const name of ['nobody', 'maple']) {
    const asked = []
    for (let n = 0; n < 4; n++) asked.push(await linkOf(accounts, name))
    assert.deepEqual(
      asked.map((link) => refusalOf(link)),
      [undefined, undefined, undefined, 'links'],
    )
    assert.equal(asked[0] === undefined, name === 'nobody')
  }
})

test('an address counts when its link was used, belongs to one account, and leads to it', async () => {
  const { accounts, pass } = await start()
  await accounts.create('bob', { name: 'otter', passphrase }, at('here'))
  const confirm = async (name: string, mail: string) => {
    pass(15 * minuteMs)
    const link = await accounts.linkToConfirm(name, mail, at('here'))
    if (isRefusal(link)) return link.refused
    assert.equal(await linkOf(accounts, mail, 'elsewhere'), undefined)
    return refusalOf(await accounts.useLink(link.token)) ?? 'done'
  }
  assert.equal(await confirm('maple', 'no address'), 'mail-form')
  assert.equal(await confirm('maple', ' Ann@Example.org'), 'done')
  pass(15 * minuteMs)
  const link = await linkOf(accounts, 'ann@example.ORG')
  assert.ok(link && !isRefusal(link) && link.account.name === 'maple')
  const other = await accounts.linkToConfirm('otter', 'ann@example.org', at('here'))
  assert.ok(!isRefusal(other))
  assert.equal(refusalOf(await accounts.useLink(other.token)), 'mail-taken')
  assert.equal(await confirm('maple', 'new@example.org'), 'done')
  assert.equal(await confirm('otter', 'ann@example.org'), 'done')
  await accounts.removeMail('maple')
  assert.equal(await linkOf(accounts, 'new@example.org', 'there'), undefined)
})

test('a new passphrase takes the place of the old one, and links of before are void', async () => {
  const { accounts } = await start()
  const link = await linkOf(accounts, 'maple')
  assert.equal(refusalOf(await accounts.changePassphrase('maple', 'too short')), 'passphrase')
  await accounts.changePassphrase('maple', 'another one of enough words')
  assert.equal(refusalOf(await accounts.check('maple', passphrase, at('here'))), 'wrong')
  assert.equal(refusalOf(await accounts.check('maple', 'another one of enough words', at('here'))), undefined)
  assert.ok(link && !isRefusal(link))
  assert.equal(refusalOf(await accounts.useLink(link.token)), 'link')
})

test('an account that is removed leaves nothing, and its name is free', async () => {
  const { accounts } = await start()
  const link = await linkOf(accounts, 'maple')
  await accounts.remove('maple')
  assert.equal(await accounts.find('maple'), undefined)
  assert.ok(link && !isRefusal(link))
  assert.equal(refusalOf(await accounts.useLink(link.token)), 'link')
  assert.equal(((await accounts.create('bob', { name: 'maple', passphrase }, at('here'))) as Account).learnerId, 'bob')
})
