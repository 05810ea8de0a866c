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

test('no two scripts of the pages have a name in common: they share one scope, and the one that comes last would take it', () => {
  const folder = new URL('../../../static/js/', import.meta.url)
  const places = new Map<string, string[]>()
  for (const file of readdirSync(folder))
    for (const [, name] of readFileSync(new URL(file, folder), 'utf8').matchAll(
      /^(?:const|let|class|(?:async )?function\*?) (\w+)/gm,
    ))
      places.set(name!, [...(places.get(name!) ?? []), file])
  assert.ok(places.size > 50)
  assert.deepEqual(
    [...places].filter(([, files]) => files.length > 1),
    [],
  )
})
