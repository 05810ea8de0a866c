/** Similar runs: shown once both are scored, without names, beside what is usual, and in no report. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { behaviourOf } from '../../../server/labs/tasks/behaviour.ts'
import { until } from '../../support/until.ts'
import { gradedCandidate, hiring, member } from './hiring-site.ts'

/** Twenty who work much alike, and two who take the same detour. */
async function room() {
  const site = await hiring()
  await site.act('open')
  const usual = ['get pods', 'create deployment web --image=nginx:1.27 --replicas=3', 'get deployments']
  const detour = ['get nodes', 'get events', 'describe nodes', 'get services']
  for (let n = 0; n < 20; n++) await gradedCandidate(site, `c${n}`, { lines: usual, seed: 'shared' })
  for (const name of ['da', 'db']) await gradedCandidate(site, name, { lines: [...usual, ...detour], seed: 'shared' })
  const rita = await member(site, 'rita')
  const made = await site.mara.post(`${site.job}/reviewers`, { do: 'invite' }).expect(200)
  const link = /\/review\/[a-f0-9]{54}/.exec(made.text)![0]
  await rita.post(link, { name: 'Rita' }).expect(303)
  const rubric = ['diagnosis', 'safety', 'style', 'proof']
  const score = async (n: string) => {
    const levels = Object.fromEntries(
      rubric.flatMap((id) => [
        [`level-${id}`, '3'],
        [`says-${id}`, ''],
      ]),
    )
    await rita.post(`${site.exercise}/candidates/${n}/score`, { ...levels, do: 'send' }).expect(303)
  }
  /** The page once all runs are replayed. */
  const shown = async (who: typeof rita) => {
    let text = ''
    await until(async () => {
      ;({ text } = await who.get(`${site.exercise}/similarity`).expect(200))
      return !text.includes('being replayed')
    }, 'all runs are replayed')
    return text
  }
  return { ...site, rita, score, shown }
}

test('a reviewer sees a pair once they have scored both; it stands beside all pairs, and names nobody', async () => {
  const { rita, score, shown, exercise, mara, deps } = await room()
  let replayed = 0
  deps.labs.behaviour = async (_who, request) => {
    replayed++
    return behaviourOf(request, {})
  }
  assert.match((await rita.get(`${exercise}/similarity`).expect(200)).text, /Send your scores first/)
  await score('da')
  assert.match((await rita.get(`${exercise}/similarity`)).text, /Send your scores first/)
  await rita.get(`${exercise}/similarity/three-pods/da/db`).expect(404)
  assert.match((await mara.get(`${exercise}/similarity`)).text, /once all reviewers have scored both/)
  assert.equal(replayed, 0, 'nothing is replayed for nobody')
  await score('db')
  const text = await shown(rita)
  // The same commands on the same variant are replayed once.
  assert.equal(replayed, 2)
  assert.match(text, /22 runs make 231 pairs/)
  assert.match(text, /never a reason to reject/)
  assert.match(text, /Candidate DA · Candidate DB/)
  assert.match(text, /100 %<\/td>\s*<td class="num">191 of 231 pairs/)
  assert.match(text, /1 of 231 pairs/)
  assert.doesNotMatch(text, /Candidate C\d/, 'whom she has not scored')
  assert.doesNotMatch(text, /example\.org|learner/)
  const side = (await rita.get(`${exercise}/similarity/three-pods/da/db`).expect(200)).text
  assert.match(side, /look get Node/)
  assert.match(side, new RegExp(`href="${exercise}/candidates/da/replay/three-pods"`))
  assert.match(side, new RegExp(`href="${exercise}/candidates/db/replay/three-pods"`))
  await rita.get(`${exercise}/similarity/three-pods/da/c1`).expect(404)
  await rita.get(`${exercise}/similarity/three-pods/da/da`).expect(404)
  assert.match(await shown(mara), /Candidate DA · Candidate DB/)
  // In no report.
  assert.doesNotMatch((await rita.get(`${exercise}/candidates/da/report`).expect(200)).text, /imilar/)
})

test('of few candidates no pair is told, and who has no part in the job is let in nowhere', async () => {
  const site = await hiring()
  await site.act('open')
  for (const name of ['c1', 'c2', 'c3']) await gradedCandidate(site, name, { seed: 'shared' })
  let text = ''
  await until(async () => {
    ;({ text } = await site.mara.get(`${site.exercise}/similarity`).expect(200))
    return !text.includes('being replayed')
  }, 'all runs are replayed')
  assert.match(text, /Too few to say: 3 runs/)
  assert.doesNotMatch(text, /Candidate C/)
  const otto = await member(site, 'otto')
  assert.equal((await otto.get(`${site.exercise}/similarity`)).status, 403)
})
