// What old notes say: read with their items, translated entry by entry.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { readOldNotes, translateOldNotes, versionOfNote } from '../../../server/catalog/old-notes.ts'
import type { Problem } from '../../../server/catalog/source.ts'
import type { Catalog } from '../../../server/catalog/types.ts'
import { fixtureFolder } from '../support.ts'

const catalog: Catalog = await loadCatalogOrThrow(fixtureFolder)

const entry = (over = '') =>
  `- { id: a, section: pod, says: "Use \`x\`.", today: "Use \`y\`.", items: [lesson:pod/restarts] ${over} }\n`

function read(files: Record<string, string>) {
  const problems: Problem[] = []
  const notes = readOldNotes(new Map(Object.entries(files)), catalog, problems)
  const told = { current: [] as string[], missing: [] as string[], outdated: [] as string[] }
  const translated = translateOldNotes(notes, new Map(Object.entries(files)), 'zh', told, problems)
  return { notes, translated, told, problems: problems.map(({ file, line, message }) => `${file}:${line}: ${message}`) }
}

test('an entry is shown in the other language while it translates the present words', () => {
  const { notes } = read({ 'old-notes.yaml': entry() })
  const zh = (of: string) => `- { id: a, of: '${of}', says: "用 \`x\`。", today: "用 \`y\`。" }\n`
  const present = read({ 'old-notes.yaml': entry(), 'old-notes.zh.yaml': zh(versionOfNote(notes[0]!)) })
  assert.deepEqual(present.problems, [])
  assert.equal(present.translated[0]!.today, '用 `y`。')
  assert.equal(present.translated[0]!.locale, 'zh')
  assert.deepEqual(present.translated[0]!.items, ['lesson:pod/restarts'])
  const outdated = read({ 'old-notes.yaml': entry(), 'old-notes.zh.yaml': zh('00000000') })
  assert.deepEqual(outdated.told.outdated, [`old-notes.yaml: a (of: '${versionOfNote(notes[0]!)}')`])
  assert.equal(outdated.translated[0]!.today, 'Use `y`.')
  assert.deepEqual(read({ 'old-notes.yaml': entry() }).told.missing, ['old-notes.yaml: a'])
})

test('what is wrong with an entry is told with its line', () => {
  assert.deepEqual(read({ 'old-notes.yaml': entry() + entry() }).problems, [
    'content/old-notes.yaml:2: id: "a" is used twice',
  ])
  assert.deepEqual(read({ 'old-notes.yaml': entry().replace('pod/restarts', 'pod/nothing') }).problems, [
    'content/old-notes.yaml:1: items: there is no lesson:pod/nothing',
  ])
  const { notes } = read({ 'old-notes.yaml': entry() })
  const of = versionOfNote(notes[0]!)
  assert.deepEqual(
    read({
      'old-notes.yaml': entry(),
      'old-notes.zh.yaml': `- { id: a, of: '${of}', says: 用, today: "用 \`y\`。" }\n- { id: b, of: x, says: 用, today: 用 }\n`,
    }).problems,
    [
      'content/old-notes.zh.yaml:2: b: there is no such entry',
      'content/old-notes.zh.yaml:1: a: says lacks the code x of the original',
    ],
  )
})
