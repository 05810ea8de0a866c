/** Reviewers of a job: how they come and go, what they have to score, and who may look at a candidate at all. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptReview, jobOfInvite } from '../../../server/hiring/reviewers.ts'
import { visitor } from '../support.ts'
import { member } from './hiring-site.ts'
import { reviewing } from './review-site.ts'

test('a link makes one signed-in person a reviewer, once; the manager sees and removes them', async () => {
  const site = await reviewing()
  const { mara, job, app, invitesReviewer, deps } = site
  assert.match((await mara.get(`${job}/reviewers`).expect(200)).text, /This job has no reviewer yet/)
  const link = await invitesReviewer()
  assert.equal(
    JSON.stringify(await deps.storage.hiringJobs.find(job.split('/').at(-1)!)).includes(link.slice(8)),
    false,
  )
  assert.match(
    (await (await visitor(app)).get(link).expect(200)).text,
    /Sign in or make one, then open this link again/,
  )
  await (await visitor(app)).post(link, { name: 'Rita' }).expect(403)
  assert.match((await mara.get(link).expect(200)).text, /You manage this job/)
  await mara.post(link, { name: 'Mara' }).expect(200)
  const rita = await member(site, 'rita')
  assert.match((await rita.get('/hiring/reviews').expect(200)).text, /You do not review for any job yet/)
  assert.match((await rita.get(link).expect(200)).text, /value="rita"/)
  assert.match((await rita.post(link, { name: ' ' }).expect(422)).text, /1 to 30 characters/)
  await rita.post(link, { name: '<i>Rita</i>' }).expect(303)
  await rita.get(link).expect(404)
  const otto = await member(site, 'otto')
  assert.match((await otto.get(link).expect(404)).text, /was used or has expired/)
  const other = await invitesReviewer()
  assert.match((await otto.post(other, { name: '<i>Rita</i>' }).expect(422)).text, /Somebody here has this name/)
  const { text } = await mara.get(`${job}/reviewers`).expect(200)
  assert.match(text, /&lt;i&gt;Rita&lt;\/i&gt;[\s\S]*Take 1 unused link back/)
  assert.match((await rita.get('/hiring/reviews').expect(200)).text, /Nobody has handed in yet/)
  await rita.get(job).expect(403)
  await mara.post(`${job}/reviewers`, { do: 'remove:<i>Rita</i>' }).expect(303)
  await mara.post(`${job}/reviewers`, { do: 'remove:<i>Rita</i>' }).expect(409)
  await otto.get(other).expect(404)
  assert.match((await rita.get('/hiring/reviews').expect(200)).text, /You do not review for any job yet/)
  assert.deepEqual(
    (await deps.audit.entries()).map(({ act }) => act),
    ['reviewer-invited', 'reviewer-joined', 'reviewer-invited', 'reviewer-removed'],
  )
})

test('a link is too old after a week, and two who open it at once are one reviewer', async () => {
  const site = await reviewing()
  const { invitesReviewer, time, deps, job } = site
  const old = await invitesReviewer()
  const rita = await member(site, 'rita')
  time.pass(7 * 24 * 60 + 1)
  await rita.get(old).expect(404)
  const token = (await invitesReviewer()).slice('/review/'.length)
  const one = (await jobOfInvite(deps.storage, token, time.now()))!
  const accepted = await Promise.all(
    ['a', 'b'].map((name) => acceptReview(deps.storage, one, token, { learnerId: name, name }, time.now())),
  )
  assert.deepEqual(accepted.sort(), [false, true])
  assert.equal((await deps.storage.hiringJobs.find(job.split('/').at(-1)!))!.reviewers.length, 1)
  await rita.get('/review/none').expect(404)
  await rita.get(`/review/${'0'.repeat(54)}`).expect(404)
})

test('a candidate with an account cannot review for the job', async () => {
  const site = await reviewing()
  const link = await site.invites('Kim')
  const kim = await member(site, 'kim')
  await kim.post(link, { do: 'consent', grading: 'yes' }).expect(200)
  const invitation = await site.invitesReviewer()
  assert.match((await kim.get(invitation).expect(200)).text, /so you cannot score for it/)
  await kim.post(invitation, { name: 'Kim' }).expect(200)
  assert.match((await kim.get('/hiring/reviews')).text, /You do not review for any job yet/)
})

test('a reviewer’s list has who has handed in, the overdue first, in whole days', async () => {
  const { sits, reviewer, time } = await reviewing()
  const first = await sits('Kim')
  time.pass(6 * 24 * 60)
  const second = await sits('Lee')
  await sits('Still At It', { isIn: false })
  const rita = await reviewer('rita')
  const { text } = await rita.get('/hiring/reviews').expect(200)
  const rows = text
    .split('<tr>')
    .slice(2)
    .map((row) =>
      row
        .replace(/<[^>]+>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    )
  assert.equal(rows.length, 2)
  assert.match(rows[0]!, new RegExp(`${first.seat.candidate!.blindName} First round .* 6 days ago overdue not begun`))
  assert.match(rows[1]!, new RegExp(`${second.seat.candidate!.blindName} .* less than a day ago not begun`))
  assert.doesNotMatch(text, /Kim|Lee|Still/)
})
