/** Grading again on a fixed check: a table without names, two people who approve it, and nothing written before. Beside it the audit log. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApp } from '../../../server/app.ts'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { until } from '../../support/until.ts'
import { aFailedGrade, aGrade } from '../fake-labs.ts'
import { fixtureFolder } from '../support.ts'
import { manager } from './hiring-site.ts'
import { reviewing } from './review-site.ts'

const textOf = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
const graded = (points: number) => {
  const [check] = aGrade().tests
  const passed = points === 100
  return aGrade({
    ...{ score: points, passed },
    tests: [{ ...check!, points, maxPoints: 100, status: passed ? 'pass' : 'fail' }],
  })
}

/** One with 40 points and one with 100, in an exercise that is closed; the check is changed since. */
async function changed() {
  let catalog = await loadCatalogOrThrow(fixtureFolder)
  const site = await reviewing({ catalog: () => catalog })
  site.labs.next.grade = graded(40)
  const low = await site.sits('Low Canary')
  site.labs.next.grade = graded(100)
  const high = await site.sits('High Canary')
  const close = async () => {
    await site.act('close')
    site.time.pass(5)
    await site.look()
  }
  const mend = () => {
    const challenge = catalog.challenges.get('three-pods')!
    const mended = { ...challenge, hash: 'ffff0000ffff0000', files: { ...challenge.files } }
    catalog = { ...catalog, challenges: new Map(catalog.challenges).set('three-pods', mended) }
  }
  const page = `${site.exercise}/regrade`
  const table = async (who = site.mara) => {
    for (let n = 0; n < 50; n++) {
      const { text } = await who.get(`${page}?item=challenge:three-pods`).expect(200)
      if (!/being graded again/.test(text)) return text
      await new Promise((done) => setTimeout(done, 10))
    }
    throw new Error('the table was never made')
  }
  const pointsOf = async ({ seatId }: typeof low) =>
    (await site.deps.journals.work(seatId)).attempts.flatMap(({ gradings }) =>
      gradings.map(({ result }) => result.score),
    )
  const proposed = async () => [...(await site.deps.exercises.course(site.id)).regradings.values()]
  return { ...site, low, high, close, mend, page, table, pointsOf, proposed }
}

const item = 'challenge:three-pods'
const hashIn = (text: string): string => /value="propose ([0-9a-f]{64})"/.exec(text)![1]!

test('a task that is the same has nothing to be graded again, and one that is open is not', async () => {
  const { mara, page, close, mend, exercise } = await changed()
  assert.match(
    textOf((await mara.get(page).expect(200)).text),
    /Close the exercise first.* the same as when the exercise was opened/,
  )
  mend()
  assert.match((await mara.get(page)).text, /changed since the exercise was opened/)
  await mara.post(page, { do: `propose ${'0'.repeat(64)}`, item }).expect(409)
  await close()
  assert.match((await mara.get(exercise)).text, /href="[^"]*\/regrade"/)
  assert.match((await mara.get(page)).text, /Compute the changes/)
})

test('a table without names is approved by two people, and then entered once; who falls without a reason keeps theirs', async () => {
  const site = await changed()
  const { mara, page, close, mend, table, low, high, pointsOf, proposed, labs, deps } = site
  await close()
  mend()
  labs.next.grade = { ...graded(70), contentHash: 'ffff0000ffff0000' }
  const text = await table()
  const told = textOf(text)
  assert.match(told, new RegExp(`${high.seat.candidate!.blindName} ↓ down no longer passes 100 / 100 70 / 100`))
  assert.match(told, new RegExp(`${low.seat.candidate!.blindName} ↑ up 40 / 100 70 / 100`))
  assert.match(told, /1 person goes lower\. Without a reason they keep what they have/)
  assert.doesNotMatch(text, /Canary/)
  const hash = hashIn(text)
  // Nobody else sees anything before there is something to approve.
  const otto = await manager(site, 'otto')
  await otto.get(page).expect(404)
  await mara.post(page, { do: `propose ${'0'.repeat(64)}`, item }).expect(409)
  await mara.post(page, { do: `propose ${hash}`, item: 'challenge:other' }).expect(409)
  await mara.post(page, { do: `propose ${hash}`, item }).expect(303)
  assert.match((await mara.post(page, { do: `propose ${hash}`, item }).expect(409)).text, /already waits for approval/)
  const [one] = await proposed()
  assert.equal(one!.approvedBy.length, 1)
  const approve = `approve ${one!.id} ${one!.table}`
  assert.match((await mara.post(page, { do: approve }).expect(409)).text, /Somebody else has to approve it as well/)
  assert.deepEqual(await pointsOf(low), [40], 'nothing is written')
  // Reviewers have no part in it.
  const rita = await site.reviewer('rita')
  await rita.get(page).expect(403)
  await rita.post(page, { do: approve }).expect(403)
  assert.match(
    (await otto.post(page, { do: `approve ${one!.id} ${'0'.repeat(64)}` }).expect(409)).text,
    /changed since you looked/,
  )
  assert.match(await table(otto), new RegExp(`value="${approve}"`))
  await otto.post(page, { do: approve }).expect(303)
  assert.deepEqual([await pointsOf(low), await pointsOf(high)], [[40, 70], [100]])
  assert.equal((await proposed())[0]!.state, 'applied')
  await mara.post(page, { do: `enter ${one!.id}` }).expect(303)
  assert.deepEqual(await pointsOf(low), [40, 70])
  await mara.post(page, { do: `withdraw ${one!.id}` }).expect(409)
  // The report has what counts now.
  const report = textOf((await mara.get(`${low.href}/report`).expect(200)).text)
  assert.match(report, /Build 1 70 %/)
  assert.deepEqual(
    (await deps.audit.entries()).map(({ act }) => act).filter((act) => act.startsWith('regrade')),
    ['regrade-proposed', 'regrade-approved', 'regrade-entered', 'regrade-entered'],
  )
})

test('a table that has to be computed again does not keep whoever approves waiting: the page tells how it goes', async () => {
  const site = await changed()
  const { mara, page, close, mend, table, low, pointsOf, proposed, labs, deps } = site
  await close()
  mend()
  labs.next.grade = { ...graded(100), contentHash: 'ffff0000ffff0000' }
  await mara.post(page, { do: `propose ${hashIn(await table())}`, item, reason: '' }).expect(303)
  const [one] = await proposed()
  // Another process, which has no table.
  const otto = await manager({ ...site, app: createApp(deps) }, 'otto')
  const { grade } = labs
  let release = (): void => undefined
  const held = new Promise<void>((done) => {
    release = done
  })
  labs.grade = async (...args) => {
    await held
    return grade(...args)
  }
  await otto.post(page, { do: `approve ${one!.id} ${one!.table}` }).expect(303)
  assert.equal((await proposed())[0]!.state, 'proposed')
  assert.match((await otto.get(page).expect(200)).text, /The grades are being entered/)
  // Pressed again it is not begun again.
  await otto.post(page, { do: `enter ${one!.id}` }).expect(303)
  release()
  await until(async () => (await proposed())[0]!.state === 'applied', 'the grades are entered')
  await until(async () => !/being entered/.test((await otto.get(page)).text), 'the page says so')
  assert.deepEqual(await pointsOf(low), [40, 100])
  assert.equal((await deps.audit.entries()).filter(({ act }) => act === 'regrade-entered').length, 1)
})

test('with a reason who falls is lowered; a proposal can be withdrawn, and two who approve at once enter it once', async () => {
  const site = await changed()
  const { mara, page, close, mend, table, low, high, pointsOf, proposed, labs } = site
  await close()
  mend()
  labs.next.grade = { ...graded(70), contentHash: 'ffff0000ffff0000' }
  const hash = hashIn(await table())
  await mara.post(page, { do: `propose ${hash}`, item, reason: 'first try' }).expect(303)
  await mara.post(page, { do: `withdraw ${(await proposed())[0]!.id}` }).expect(303)
  await mara.post(page, { do: `propose ${hash}`, item, reason: 'The check took a <broken> one for right.' }).expect(303)
  const one = (await proposed()).at(-1)!
  assert.match((await mara.get(page)).text, /took a &lt;broken&gt; one/)
  const others = [await manager(site, 'otto'), await manager(site, 'ada', 'admin')]
  const answers = await Promise.all(others.map((who) => who.post(page, { do: `approve ${one.id} ${one.table}` })))
  assert.ok(answers.some(({ status }) => status === 303))
  assert.deepEqual(
    [await pointsOf(low), await pointsOf(high)],
    [
      [40, 70],
      [100, 70],
    ],
  )
})

test('a server that is busy says so, and is asked again', async () => {
  const { mara, page, close, mend, labs, table } = await changed()
  await close()
  mend()
  const { grade } = labs
  labs.grade = async () => Promise.reject(new Error('broken'))
  assert.match(await table(), /could not be computed now/)
  labs.grade = grade
  labs.next.grade = { ...aFailedGrade(), contentHash: 'ffff0000ffff0000' }
  assert.match(await table(), /Changes: /)
  await mara.post(page, { do: 'other' }).expect(400)
})

test('the audit log is an admin’s: entries, whether the chain is whole, and an anchor that was kept', async () => {
  const site = await reviewing()
  const { deps, mara, exercise } = site
  const ada = await manager(site, 'ada', 'admin')
  await mara.get('/admin/audit').expect(403)
  assert.match((await ada.get('/admin/audit').expect(200)).text, /Nothing is entered yet/)
  await site.sits('Kim Canary')
  await mara.get(exercise).expect(200)
  const before = (await ada.get('/admin/audit').expect(200)).text
  assert.match(textOf(before), /The log is whole\. 1 entry\. .* 1 2026-03-02 09:06 mara names-read exercise/)
  assert.doesNotMatch(before, /Kim|Canary/)
  const anchor = /\d+:[0-9a-f]{64}/.exec(before)![0]
  await site.reviewer('rita')
  assert.match((await ada.get(`/admin/audit?anchor=${anchor}`)).text, /the anchor is in it/)
  assert.match((await ada.get('/admin/audit?anchor=x').expect(422)).text, /An anchor is written as/)
  const other = anchor.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  assert.match(
    textOf((await ada.get(`/admin/audit?anchor=${other}`)).text),
    /has been altered\. Entry 1 is not the entry/,
  )
  for (let n = 0; n < 120; n++) await deps.audit.enter('system', 'tried', { n })
  const first = (await ada.get('/admin/audit')).text
  const older = /href="(\/admin\/audit\?before=\d+)"/.exec(first)![1]!
  assert.match(textOf((await ada.get(older)).text), /names-read/)
})
