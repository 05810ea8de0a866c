import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mostActs, readActs } from '../../../server/pages/raft/acts.ts'
import { experiments } from '../../../server/pages/raft/experiments.ts'
import { playStage, type StageScene } from '../../../sim/index.ts'
import { createTestApp, visitor } from '../support.ts'

const guestOf = async () => visitor((await createTestApp()).app)
const linkTo = (html: string, text: string): string | undefined =>
  new RegExp(`<a[^>]*href="([^"]*)"[^>]*>\\s*${text}\\s*</a>`).exec(html)?.[1]?.replaceAll('&amp;', '&')

test('every step is a link, until there is a leader and a write that it has committed', async () => {
  const guest = await guestOf()
  let { text } = await guest.get('/raft').expect(200)
  assert.match(text, /Nothing yet/)
  assert.equal(linkTo(text, 'Undo'), undefined)
  for (let n = 0; n < 8; n++) text = (await guest.get(linkTo(text, 'Next step')!).expect(200)).text
  assert.match(text, /Member 2 has a majority and leads in term 1\./)
  text = (await guest.get(linkTo(text, 'Deliver all')!).expect(200)).text
  const write = /href="([^"]*\.w2)"/.exec(text)![1]!.replaceAll('&amp;', '&')
  text = (await guest.get(write).expect(200)).text
  assert.match(text, /Member 2 writes entry 2 \(x=1\) to its log\./)
  assert.match(text, /After entry 1 comes: x=1/)
  text = (await guest.get(linkTo(text, 'Deliver all')!).expect(200)).text
  assert.match(text, /For member 3, entry 2 \(x=1\) is committed\./)
  const before = text
  text = (await guest.get(linkTo(text, 'Next step')!).expect(200)).text
  text = (await guest.get(linkTo(text, 'Undo')!).expect(200)).text
  assert.equal(text.slice(text.indexOf('raft-stage')), before.slice(before.indexOf('raft-stage')))
})

test('what is no act is told, and what stood before it was done', async () => {
  const guest = await guestOf()
  for (const [query, word] of [
    ['do=n.zz', 'zz'],
    ['do=n.w4', 'w4'],
    ['do=n.w0', 'w0'],
    ['do=n.d', 'd'],
    ['do=n.n1', 'n1'],
    ['do=n..n', ''],
    ['do=n.d999999', 'd999999'],
    ['do=n.constructor', 'constructor'],
    ['do=n.%3Cscript%3E', '&lt;script&gt;'],
  ] as const) {
    const { text } = await guest.get(`/raft?${query}`).expect(422)
    assert.ok(text.includes(`“${word}” is not a step that can be taken here`), query)
    assert.match(text, /step 1 of at most/)
  }
  await guest.get('/raft?members=5&do=w5').expect(200)
  await guest.get('/raft?members=7').expect(200)
  await guest.get('/raft?experiment=none&do[]=n').expect(200)
  // A message that is not on its way any more.
  assert.match((await guest.get('/raft?do=d77').expect(200)).text, /Nothing changes\./)
})

test('an address goes as far as it goes, and says so', async () => {
  const guest = await guestOf()
  const full = await guest.get(`/raft?do=${'s.'.repeat(mostActs - 1)}s`).expect(200)
  assert.match(full.text, /This is as far as one address goes/)
  assert.equal(linkTo(full.text, 'Next step'), undefined)
  assert.notEqual(linkTo(full.text, 'Undo'), undefined)
  await guest.get(`/raft?do=${'s.'.repeat(mostActs)}s`).expect(422)
})

test('a simulator that is busy is told in words', async () => {
  const { app, labs } = await createTestApp()
  const { LabRefusal } = await import('../../../server/labs/types.ts')
  labs.stage = async () => {
    throw new LabRefusal(503, 'Many wait.')
  }
  const guest = await visitor(app)
  assert.match((await guest.get('/raft?do=n').expect(503)).text, /Many wait\./)
})

// ---------- experiments ----------

const after = (id: string, more: string): StageScene => {
  const { acts, members } = experiments.find((one) => one.id === id)!
  const read = readActs([acts, more].filter(Boolean).join('.'), members)
  assert.equal(read.wrong, undefined)
  return playStage({ members, seed: 'raft' }, read.acts)
}
const leads = ({ members }: StageScene): number[] =>
  members.filter(({ isUp, role }) => isUp && role === 'leader').map(({ number }) => number)
const texts = ({ members }: StageScene): string[] =>
  members.map(({ log }) => log.map(({ text }) => text || '·').join(' '))
const values = ({ members }: StageScene): string[] => members.map(({ value }) => value)

const claims: Readonly<Record<string, () => void>> = {
  election() {
    assert.deepEqual(leads(after('election', '')), [])
    assert.deepEqual(leads(after('election', 's.s')), [2])
  },
  write() {
    const begun = after('write', '')
    assert.deepEqual([leads(begun), begun.messages.map(({ type }) => type)], [[2], ['append', 'append']])
    assert.deepEqual(values(after('write', 'n.n.n')), ['', 'x=1', ''])
    assert.deepEqual(values(after('write', 'q')), ['x=1', 'x=1', 'x=1'])
  },
  'lost-leader'() {
    assert.deepEqual(texts(after('lost-leader', '')), ['·', '· x=1', '·'])
    const [next] = leads(after('lost-leader', 's.s.s'))
    const end = after('lost-leader', `s.s.s.w${next}.q.b2.s`)
    assert.deepEqual([texts(end), values(end)], [Array(3).fill('· · x=2'), Array(3).fill('x=2')])
  },
  'majority-has-it'() {
    assert.deepEqual(texts(after('majority-has-it', '')), ['· x=1', '· x=1', '·'])
    const end = after('majority-has-it', 's.s.s')
    assert.deepEqual([leads(end), values(end)[0], values(end)[2]], [[1], 'x=1', 'x=1'])
  },
  partition() {
    const begun = after('partition', '')
    assert.deepEqual([leads(begun), values(begun)], [[2], ['', '', '', '', '']])
    const [next] = leads(after('partition', 's.s.s.s'))
    assert.ok(next !== undefined && next > 2)
    const end = after('partition', `s.s.s.s.w${next}.q.c1.c2.s.s`)
    assert.deepEqual(texts(end), Array(5).fill('· · x=2'))
  },
  'no-quorum'() {
    assert.deepEqual(leads(after('no-quorum', '')), [2])
    assert.deepEqual(leads(after('no-quorum', 's.s')), [])
    const end = after('no-quorum', 's.s.b1.s.s.s.s')
    assert.equal(leads(end).length, 1)
    assert.equal(values(end)[1], 'x=2')
  },
  'split-vote'() {
    const split = after('split-vote', 'q')
    assert.deepEqual(
      [leads(split), split.members.filter(({ role }) => role === 'candidate').map(({ number }) => number)],
      [[], [1, 3]],
    )
    assert.equal(leads(after('split-vote', 'q.s.s.s.s')).length, 1)
  },
  'hand-over'() {
    const begun = after('hand-over', '')
    assert.deepEqual([leads(begun), begun.messages.map(({ type }) => type)], [[2], ['timeout-now']])
    assert.deepEqual(leads(after('hand-over', 'q')), [1])
  },
}

for (const { id } of experiments)
  test(`the experiment ${id} is what it says`, async () => {
    claims[id]!()
    const guest = await guestOf()
    const { text } = await guest.get(`/raft?experiment=${id}`).expect(200)
    assert.match(text, /class="raft-task"/)
    assert.equal(linkTo(text, 'Undo'), undefined)
    assert.match(linkTo(text, 'Next step')!, new RegExp(`^/raft\\?experiment=${id}&do=`))
  })

test('in Chinese every sentence of the stage is Chinese', async () => {
  const guest = await guestOf()
  const { text } = await guest
    .get('/raft?experiment=partition&do=s.s.c1.c2.w2.q.s.s.s')
    .set('Accept-Language', 'zh-CN')
    .expect(200)
  assert.match(text, /刚刚发生了什么/)
  const stage = text.slice(text.indexOf('role="status"'), text.indexOf('<ol class="raft-members'))
  assert.doesNotMatch(stage.replace(/^[^>]*>|<[^>]*>|Msg\w+|x=\d|leader|follower|candidate|pre-/g, ' '), /[A-Za-z]{3}/)
})
