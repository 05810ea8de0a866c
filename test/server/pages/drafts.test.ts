// Two tabs on one file: nothing that was written gives way without a word, and nothing is lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exported } from '../exported.ts'
import { createTestApp, visitor } from '../support.ts'

const url = '/challenges/three-pods'
const file = 'web.yaml'

async function opened() {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  /** What the page carries, as a tab that was opened then. */
  const tab = async () => /name="seen" value="([^"]+)"/.exec((await guest.get(`${url}?file=${file}`)).text)![1]!
  const attempt = async () => exported((await guest.get('/progress/export')).text).attempts.at(-1)
  return { guest, tab, attempt }
}

/** Both tabs were opened on the file as it was at the start, and one of them has saved. */
async function twoTabs() {
  const { guest, tab, attempt } = await opened()
  const [one, two] = [await tab(), await tab()]
  await guest.post(`${url}/draft`, { file, seen: one, content: 'one: 1' }).expect(204)
  return { guest, tab, attempt, one, two }
}

test('a save on an older version is told with both texts, and neither is lost', async () => {
  const { guest, attempt, two } = await twoTabs()
  const { text } = await guest.post(url, { do: 'save', file, seen: two, content: 'two: 2' }).expect(409)
  for (const part of ['was saved in another tab meanwhile', 'two: 2', 'one: 1', 'Take mine', 'Take the saved one'])
    assert.ok(text.includes(part), part)
  const { drafts, earlierDrafts } = await attempt()
  assert.equal(drafts[file], 'one: 1')
  assert.deepEqual(
    earlierDrafts.map((draft: { text: string }) => draft.text),
    ['two: 2'],
  )
})

for (const [act, saved, other] of [
  ['take:mine', 'two: 2', 'one: 1'],
  ['take:theirs', 'one: 1', 'two: 2'],
] as const)
  test(`${act}: the text that gives way can be had back`, async () => {
    const { guest, attempt, two } = await twoTabs()
    const page = (await guest.post(url, { do: 'save', file, seen: two, content: 'two: 2' }).expect(409)).text
    const theirs = /name="theirs" value="([^"]+)"/.exec(page)![1]!
    const seen = /name="seen" value="([^"]+)"/.exec(page)![1]!
    // As the form has them: the saved text is in the editor.
    const form = { file, seen, theirs, content: 'one: 1', mine: 'two: 2' }
    await guest.post(url, { ...form, do: act }).expect(303)
    assert.equal((await attempt()).drafts[file], saved)
    const shown = (await guest.get(`${url}?file=${file}`)).text
    assert.match(shown, /Earlier texts of web\.yaml/)
    const ids = [...shown.matchAll(/value="(restore:[0-9a-f]+)"/g)].map(([, id]) => id!)
    const texts = (await attempt()).earlierDrafts.map((draft: { text: string }) => draft.text)
    assert.ok(texts.includes(other))
    const id = ids[texts.toReversed().indexOf(other)]!
    const now = /name="seen" value="([^"]+)"/.exec(shown)![1]!
    await guest.post(url, { do: id, file, seen: now, content: saved }).expect(303)
    const after = await attempt()
    assert.equal(after.drafts[file], other)
    assert.ok(after.earlierDrafts.some((draft: { text: string }) => draft.text === saved))
    await guest.post(url, { do: 'restore:0000000000000000', file }).expect(404)
  })

test('an autosave on an older version is answered with the choice, by script, and saves nothing', async () => {
  const { guest, attempt, two } = await twoTabs()
  const { text } = await guest.htmx(`${url}/draft`, { file, seen: two, content: 'two: 2' }).expect(409)
  assert.match(text.trim(), /^<section class="notice is-problem draft-conflict"/)
  assert.match(text, /Yours is in the editor/)
  assert.doesNotMatch(text, /name="mine"/)
  const theirs = /name="theirs" value="([^"]+)"/.exec(text)![1]!
  // By then more was typed.
  await guest.htmx(url, { do: 'take:mine', file, seen: two, theirs, content: 'two: 22' }).expect(200)
  assert.equal((await attempt()).drafts[file], 'two: 22')
})

test('a choice that is older than a third save is asked again', async () => {
  const { guest, tab, attempt, two } = await twoTabs()
  const page = (await guest.post(url, { do: 'save', file, seen: two, content: 'two: 2' }).expect(409)).text
  const theirs = /name="theirs" value="([^"]+)"/.exec(page)![1]!
  await guest.post(`${url}/draft`, { file, seen: await tab(), content: 'three: 3' }).expect(204)
  await guest.post(url, { do: 'take:mine', file, theirs, content: 'one: 1', mine: 'two: 2' }).expect(409)
  assert.equal((await attempt()).drafts[file], 'three: 3')
})

test('a tab goes on from what it saved itself, and one in which nothing was typed takes nothing back', async () => {
  const { guest, attempt, one, two } = await twoTabs()
  const sent = await guest.post(`${url}/draft`, { file, seen: one, content: 'one: 1' }).expect(204)
  const version = sent.headers['x-draft-version']!
  await guest.post(`${url}/draft`, { file, seen: `${version}.${version}`, content: 'one: 11' }).expect(204)
  const first = /<textarea id="editor"[^>]*data-original="([^"]*)"/.exec(
    (await guest.get(`${url}?file=${file}`)).text,
  )![1]!
  const original = first
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
  await guest.post(url, { do: 'grade', file, seen: two, content: original.replaceAll('\n', '\r\n') }).expect(303)
  assert.equal((await attempt()).drafts[file], 'one: 11')
})

test('what is to be applied is the text that one sees: another one is not applied in its place', async () => {
  const { guest, attempt, two } = await twoTabs()
  await guest.post(url, { do: 'apply', file, seen: two, content: 'two: 2' }).expect(409)
  assert.deepEqual((await attempt()).log, [])
})
