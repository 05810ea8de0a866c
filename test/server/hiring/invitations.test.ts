/** Invitations: whom a list names, and where a link leads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createExercises } from '../../../server/hiring/exercises.ts'
import { invite, readPeople, renew, seatOfToken } from '../../../server/hiring/invitations.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'

test('a list has headings or none, and any of three separators', () => {
  const named = (text: string) => readPeople(text)?.people.map(({ name, mail, line }) => `${line} ${name} ${mail}`)
  assert.deepEqual(named('\ufeffname;mail\nKim;kim@a.org'), ['2 Kim kim@a.org'])
  assert.deepEqual(named('Kim\tkim@a.org\n\nLee'), ['1 Kim kim@a.org', '3 Lee '])
  assert.deepEqual(named('"O\'Neil, Jo",jo@a.org'), ["1 O'Neil, Jo jo@a.org"])
  assert.equal(readPeople('"never closed'), undefined)
  assert.equal(readPeople(Array.from({ length: 201 }, (_, n) => `P${n},p${n}@a.org`).join('\n')), undefined)
  assert.equal(named(Array.from({ length: 200 }, (_, n) => `P${n},p${n}@a.org`).join('\n'))?.length, 200)
})

test('whatever is pasted, each line that is not taken is named, and no name or address holds what a letter’s head could be made of', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 12 }), (rows) => {
      const read = readPeople(rows.map((row) => row.join(',')).join('\n'))
      for (const { name, mail } of read?.people ?? []) {
        assert.doesNotMatch(name + mail, /[\r\n\0]/)
        assert.match(mail, /^$|^[^\s@<>]+@[^\s@<>]+$/)
        assert.notEqual(name, '')
      }
    }),
    { numRuns: 500 },
  )
})

test('a link leads to its seat until another one takes its place; nothing stored tells a token', async () => {
  const storage = createStorage(createMemoryStore())
  const now = () => 1000
  const exercises = createExercises({ storage, now })
  const deps = { storage, exercises, now }
  const exercise = await exercises.create('j1', 'ann', {
    ...{ title: 'First round', minutes: 60 },
    plan: { sections: [], aiPolicy: 'none', passBar: null, rubric: [], showsChecks: false },
  })
  const terms = { opensAtMs: null, untilMs: 9000, multiplier: 2, language: 'en' as const }
  const made = (await invite(deps, exercise, 'ann', { name: 'Kim', mail: '' }, terms))!
  assert.equal((await seatOfToken(deps, made.token))?.seat.id, made.seat.id)
  for (const token of [
    '',
    'x',
    made.token.slice(1),
    `${made.token}0`,
    made.token.toUpperCase(),
    made.seat.candidate.tokenSha256,
  ])
    assert.equal(await seatOfToken(deps, token), undefined, token)
  const other = await renew(deps, made.seat, 'ann', { opensAtMs: null, untilMs: 9999 })
  assert.equal(await seatOfToken(deps, made.token), undefined)
  assert.equal((await seatOfToken(deps, other))?.seat.candidate.untilMs, 9999)
  const names = new Set<string>()
  for (let n = 0; n < 150; n++)
    names.add((await invite(deps, exercise, 'ann', { name: `P${n}`, mail: '' }, terms))!.seat.candidate.blindName)
  assert.equal(names.size, 150)
  assert.equal(JSON.stringify(await storage.participants.listOf(exercise.id)).includes(other), false)
})
