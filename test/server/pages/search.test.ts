import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp, visitor } from '../support.ts'

const find = async (words: string) => {
  const { app } = await createTestApp()
  return (await (await visitor(app)).get(`/search?q=${encodeURIComponent(words)}`).expect(200)).text
}

test('lessons, questions and challenges are found by their words, the beginning of one, and with a letter amiss', async () => {
  assert.match(await find('always'), /href="\/questions\/pod\/always"/)
  assert.match(await find('alw'), /href="\/questions\/pod\/always"/)
  assert.match(await find('restarst'), /href="\/lessons\/pod\/restarts"/)
})

test('what is told only after an answer is not found', async () => {
  for (const key of ['KEYEXPLANATION', 'KEYWHY', 'KEYFORM', 'KEYMODEL', 'RUBRIC', 'KEYSOLUTION'])
    assert.match(await find(key), /Nothing found/)
})

test('nothing searched, nothing found, and words that are no words are told so', async () => {
  assert.match(await find(''), /Over all lessons/)
  assert.match(await find('<script>alert(1)</script>'), /Nothing found for “&lt;script&gt;/)
  assert.match(await find('x'.repeat(5000)), /Nothing found/)
})

test('with htmx only the results come', async () => {
  const { app } = await createTestApp()
  const { text } = await (await visitor(app)).agent.get('/search?q=always').set('HX-Request', 'true').expect(200)
  assert.match(text, /^<div id="found">/)
})
