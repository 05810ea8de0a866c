import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

/** What is read side by side, in a review for example, still fits. */
const mostCharacters = 160

const templates = readdirSync('views', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.eta'))
  .map((path) => `views/${path}`)
  .sort()

test(`no line of a template is longer than ${mostCharacters} characters`, () => {
  assert.ok(templates.length > 100, `only ${templates.length} templates were found`)
  const tooLong = templates.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .map((line, at) => ({ place: `${path}:${at + 1}`, characters: [...line].length }))
      .filter(({ characters }) => characters > mostCharacters)
      .map(({ place, characters }) => `${place}: ${characters} characters`),
  )
  assert.deepEqual(tooLong, [])
})
