import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { findGaps } from '../../../server/catalog/coverage.ts'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { projectCatalog } from '../../support/content.ts'
import { fixtureFolder } from '../support.ts'

test('the line of a gap is that on which the topic is named, comments or not', async () => {
  const folder = new URL('../../../content/', import.meta.url)
  const catalog = await loadCatalogOrThrow(folder.pathname)
  catalog.questions.clear()
  const lines = (await readFile(new URL('topics.yaml', folder), 'utf8')).split('\n')
  const gaps = findGaps(catalog)
  assert.ok(gaps.length >= catalog.topics.size)
  for (const { line, message } of gaps)
    assert.match(lines[line - 1]!, new RegExp(`id: ${/"(.+?)"/.exec(message)![1]},`))
})

test('what a topic lacks is told at its line, and nothing of one that has all', async () => {
  const catalog = await loadCatalogOrThrow(fixtureFolder)
  const gaps = findGaps(catalog).map(({ line, message }) => `${line}: ${message}`)
  const topics = [...catalog.topics.keys()]
  for (const [n, topic] of topics.entries()) {
    const questions = [...catalog.questions.values()].filter((question) => question.topics.includes(topic))
    const lacks = gaps.some((gap) => gap.startsWith(`${n + 1}: topic "${topic}"`) && gap.includes('two questions'))
    assert.equal(lacks, new Set(questions.map(({ type }) => type)).size < 2, topic)
  }
  for (const question of catalog.questions.values()) question.trap = true
  const left = findGaps(catalog).filter(({ message }) => message.includes('trap'))
  assert.ok(
    left.every(
      ({ message }) => ![...catalog.questions.values()].some(({ topics: of }) => message.includes(`"${of[0]}"`)),
    ),
  )
})

test('a simulated topic needs work that is graded by running it, whatever else is run', async () => {
  const catalog = await loadCatalogOrThrow(fixtureFolder)
  catalog.challenges.clear()
  for (const [id, question] of catalog.questions) if (question.type === 'fix') catalog.questions.delete(id)
  const undone = () => findGaps(catalog).filter(({ message }) => message.includes('has no work')).length
  assert.equal(undone(), catalog.topics.size)
  for (const topic of catalog.topics.values()) topic.simulated = false
  assert.equal(undone(), 0)
})

test('the content lacks nothing of its syllabus', async () => {
  const catalog = await projectCatalog()
  assert.deepEqual(findGaps(catalog), [])
})
