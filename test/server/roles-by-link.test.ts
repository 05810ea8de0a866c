/** Every route against those who have their role by a place: a seat in a workshop or an exercise, or a link to lead one or to review. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { siteMap } from '../../server/routes.ts'
import { newSitting } from '../../server/sittings/life.ts'
import { type Fact, may, mayEver, type Role } from '../../server/sittings/roles.ts'
import { reviewing } from './pages/review-site.ts'
import { instructor, planned } from './pages/workshop-site.ts'
import type { createTestApp } from './support.ts'

type Deps = Awaited<ReturnType<typeof createTestApp>>['deps']

/** A visitor of the tests, whichever way they came. */
interface Guest {
  get(path: string): PromiseLike<{ status: number; text: string }>
  post(path: string, fields?: Record<string, string>): PromiseLike<{ status: number; text: string }>
}

/** Ends what the others need: the place in the workshop, the session, or all there is. */
const ending = /^\/account\/(sign-out|delete)|^\/progress\/delete/

/** Goes on for ever: that it is closed is tried, not that it is open. */
const stream = /\/(live|pace)$/

/** What more is asked for there than a role: that the owner of the cluster agreed, or that one made the workshop. */
const askingMore = /^(get|post) \/w\/:id\/seats\/:seat\/desk\/|^post \/w\/:id\/leaders$/

/**
 * Walks the routes below a place, which is written into their addresses.
 * @returns what was answered with 403 though it is open to one of the roles, or otherwise though it is to none
 */
async function walk(deps: Deps, guest: Guest, own: readonly Role[], place: RegExp, instead: string) {
  const wrong: string[] = []
  let tried = 0
  for (const { path, action, get, post } of siteMap(deps)) {
    if (!place.test(path)) continue
    const address = path.replace(place, instead).replaceAll(/:\w+/g, 'none')
    const isOpen = own.some((role) => mayEver(role, action))
    for (const method of [...(get ? ['get' as const] : []), ...(post ? ['post' as const] : [])]) {
      if (ending.test(path) || (isOpen && stream.test(path))) continue
      const { status, text } = await guest[method](address)
      tried++
      if ((status === 403) === isOpen && !(isOpen && askingMore.test(`${method} ${path}`)))
        wrong.push(`${method} ${address}: ${status} ${text.slice(0, 300)}`)
    }
  }
  return { wrong, tried }
}

const ofWorkshop = /^\/(w|workshops)\/:id(?=\/|$)/
const ofJob = /^\/hiring\/jobs\/:id(\/exercises\/:sitting)?(?=\/|$)/
const ofItem = /^(?=\/(?:lessons|questions|challenges)\/:)/

test('whoever came by a link to lead a workshop has its pages, but for those that are its owner’s', async () => {
  const { ines, id, deps, joins, act } = await planned()
  await act('open').expect(303)
  const cora = await joins('Cora')
  const { text } = await ines.post(`/w/${id}/leaders`, { do: 'invite' }).expect(200)
  const [link] = /\/lead\/[a-f0-9]+/.exec(text)!
  await cora.post(link, { name: 'Cora', do: 'accept' }).expect(303)
  const { wrong, tried } = await walk(deps, cora, ['learner', 'co-instructor'], ofWorkshop, `/$1/${id}`)
  assert.deepEqual(wrong, [])
  assert.ok(tried > 30, String(tried))
})

/** All that can be so of whoever leads a workshop. */
const facts: readonly Fact[] = ['own', 'consent']

test('each route of a workshop asks for its own action: what may not be done after the end is refused there, to its owner as well', async () => {
  const { ines, id, deps, steps } = await planned()
  const [step] = await steps()
  const { room } = deps.rooms
  deps.rooms.room = async (of) => ({ ...(await room(of)), life: { ...newSitting, state: 'closed' } })
  const wrong: string[] = []
  let refused = 0
  for (const { path, action, get, post } of siteMap(deps)) {
    const isOpen = may('instructor', action, 'closed', facts)
    if (!ofWorkshop.test(path) || (isOpen && stream.test(path)) || path.endsWith('/remove')) continue
    const address = path.replace(ofWorkshop, `/$1/${id}`).replace(':step', step!.id).replaceAll(/:\w+/g, 'none')
    for (const method of [...(get ? ['get' as const] : []), ...(post ? ['post' as const] : [])]) {
      const { status, text } = await ines[method](address)
      const isRefused = status === 409 && /Not possible now: the workshop is over/.test(text)
      if (isRefused) refused++
      if (isRefused === isOpen) wrong.push(`${method} ${address}: ${status} ${text.slice(0, 300)}`)
    }
  }
  assert.deepEqual(wrong, [])
  assert.ok(refused > 8, String(refused))
})

test('whoever takes part in a workshop has none of the pages of those who lead it, and all of the items’', async () => {
  const { id, deps, joins, act } = await planned()
  await act('open').expect(303)
  const pia = await joins('Pia')
  const led = await walk(deps, pia, ['learner'], ofWorkshop, `/$1/${id}`)
  assert.deepEqual(led.wrong, [])
  assert.ok(led.tried > 40, String(led.tried))
  const items = await walk(deps, pia, ['participant'], ofItem, `/w/${id}`)
  assert.deepEqual(items.wrong, [])
  assert.ok(items.tried > 8, String(items.tried))
})

test('an instructor who takes part in somebody else’s workshop is a participant there', async () => {
  const { id, code, act, ...site } = await planned()
  await act('open').expect(303)
  const paul = await instructor(site, 'paul')
  await paul.post(`/j/${code}`, { nickname: 'Paul', do: 'join' }).expect(200)
  await paul.get(`/w/${id}`).expect(200)
  await paul.get(`/w/${id}/wall`).expect(404)
})

test('whoever came by a link to review has what a reviewer may of that job, and nothing of those who manage it', async () => {
  const { deps, job, exercise, reviewer, sits } = await reviewing()
  const kim = await sits('Kim')
  const rita = await reviewer('rita')
  const place = (text: string) => (text.includes('/exercises') ? exercise : job)
  const wrong: string[] = []
  let tried = 0
  for (const { path, action, get, post } of siteMap(deps)) {
    if (!ofJob.test(path)) continue
    const address = path.replace(ofJob, place).replace(':n', kim.n).replaceAll(/:\w+/g, 'none')
    const isOpen = mayEver('reviewer', action)
    for (const method of [...(get ? ['get' as const] : []), ...(post ? ['post' as const] : [])]) {
      const { status } = await rita[method](address)
      tried++
      if ((status === 403) === isOpen) wrong.push(`${method} ${address}: ${status}`)
    }
  }
  assert.deepEqual(wrong, [])
  assert.ok(tried > 25, String(tried))
})

test('a candidate has none of the pages of those who hire, and of the items only what a candidate may', async () => {
  const { deps, job, exercise, sits } = await reviewing()
  const kim = await sits('Kim', { isIn: false })
  for (const { path, get } of siteMap(deps)) {
    if (!get || !ofJob.test(path)) continue
    const address = path.replace(ofJob, (text) => (text.includes('/exercises') ? exercise : job))
    const { status } = await kim.guest.get(address.replace(':n', kim.n).replaceAll(/:\w+/g, 'none'))
    assert.equal(status, 403, path)
  }
  const items = await walk(deps, kim.guest, ['participant'], ofItem, kim.link)
  assert.deepEqual(items.wrong, [])
})
