import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHashing, HashingBusy, passphraseProblem } from '../../../server/accounts/passphrase.ts'
import { drawAccountName, drawPassphrase, words } from '../../../server/accounts/words.ts'

const cheap = { logN: 10, r: 8, p: 1 }

const cases = [
  { phrase: '   ', want: 'empty' },
  { phrase: 'fourteen chars', want: 'short' },
  { phrase: 'fifteen chars !', want: undefined },
  { phrase: 'x'.repeat(15), want: 'plain' },
  { phrase: 'maple-otter-4821 !', want: 'name' },
  { phrase: `${'ab cd ef '.repeat(22)}xyz`, want: 'long' },
  { phrase: '山川湖海日月星辰风雨雷电春夏秋', want: undefined },
]
for (const { phrase, want } of cases)
  test(`a passphrase such as "${phrase.slice(0, 20)}" is ${want ? `refused as ${want}` : 'taken'}`, () => {
    assert.equal(passphraseProblem(phrase, 'maple-otter-4821'), want)
  })

test('what is kept fits its passphrase alone, however its spaces and letters were typed', async () => {
  const hashing = createHashing(cheap)
  const kept = await hashing.hash('café  olive river stone', 'stranger')
  assert.equal(await hashing.isSame(' cafe\u0301 olive river\tstone ', kept, 'stranger'), true)
  assert.equal(await hashing.isSame('café olive river ston', kept, 'stranger'), false)
  assert.notEqual((await hashing.hash('café olive river stone', 'stranger')).hash, kept.hash)
  assert.ok(!JSON.stringify(kept).includes('olive'))
})

test('nothing fits an account that is not there', async () => {
  assert.equal(await createHashing(cheap).isSame('anything at all', undefined, 'stranger'), false)
})

test('what was kept at another cost is still compared at its own', async () => {
  const kept = await createHashing({ ...cheap, logN: 9 }).hash('olive river stone', 'stranger')
  assert.equal(await createHashing(cheap).isSame('olive river stone', kept, 'stranger'), true)
})

test('passphrases are worked out a few at a time, in order, and too many are refused', async () => {
  const hashing = createHashing(cheap, { together: 1, waiting: 2 })
  const done: number[] = []
  const all = [0, 1, 2, 3].map((n) => hashing.hash('olive river stone', 'stranger').then(() => done.push(n)))
  const results = await Promise.allSettled(all)
  assert.deepEqual(done, [0, 1, 2])
  assert.ok(results[3]!.status === 'rejected' && results[3].reason instanceof HashingBusy)
  await hashing.hash('olive river stone', 'stranger')
})

test('a drawn passphrase has over 68 bits, and is one', () => {
  assert.equal(new Set(words).size, words.length)
  assert.ok(words.every((word) => /^[a-z]{3,9}$/.test(word)))
  const phrase = drawPassphrase()
  const drawn = phrase.split(' ')
  assert.ok(Math.log2(words.length) * drawn.length > 68)
  assert.ok(drawn.every((word) => words.includes(word)))
  assert.equal(passphraseProblem(phrase, drawAccountName()), undefined)
  assert.notEqual(drawPassphrase(), phrase)
  assert.equal(
    drawPassphrase(() => 0),
    Array(7).fill(words[0]).join(' '),
  )
  assert.equal(
    drawAccountName(() => 0),
    `${words[0]}-${words[0]}-1000`,
  )
})
