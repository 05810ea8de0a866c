import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { begin, kinds } from '../../scripts/new/templates.ts'
import { loadCatalog } from '../../server/catalog/load.ts'
import { questionTypeNames } from '../../server/questions/registry.ts'

const topics = '- { id: probes, section: pod, title: Probes }\n'

/** Problems of a catalog that holds the files alone. */
async function problemsOf(files: Record<string, string>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-new-'))
  for (const [path, text] of Object.entries({ 'topics.yaml': topics, ...files })) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const { problems } = await loadCatalog(folder)
  await rm(folder, { recursive: true })
  return problems.map(({ file, line, message }) => `${file}:${line}: ${message}`)
}

const begun = kinds.flatMap((kind) =>
  (kind === 'question' ? questionTypeNames : (['single'] as const)).map((type) => ({
    name: kind === 'question' ? `a question of type ${type}` : `a ${kind}`,
    files: begin(kind, kind === 'challenge' || kind === 'workshop' ? 'lost-node' : 'pod/what-now', type),
  })),
)
for (const { name, files } of begun) {
  test(`${name} is told to be written, by file and line`, async () => {
    const problems = await problemsOf(files)
    assert.ok(problems.some((problem) => /:\d+: to be written: /.test(problem)))
    const others = problems.filter((problem) => !/: to be written: |topics: "TODO"/.test(problem))
    assert.deepEqual(others, [])
  })

  test(`${name}, written, has no problem`, async () => {
    let count = 0
    const written = Object.entries(files).map(([path, text]) => [
      path,
      text.replace('[TODO]', '[probes]').replaceAll('TODO', () => `word${++count}`),
    ])
    assert.deepEqual(await problemsOf(Object.fromEntries(written)), [])
  })
}

const refused: [string[], RegExp][] = [
  [[], /Say what to begin/],
  [['poem', 'pod/x'], /"poem" is none of lesson, question, challenge/],
  [['lesson', 'pods/x'], /"pods\/x" is not a name for a lesson/],
  [['lesson', '../../etc/x'], /is not a name/],
  [['challenge', 'pod/x'], /is not a name for a challenge/],
  [['question', 'pod/x', '--type', 'rhyme'], /"rhyme" is not a type/],
  [['challenge', 'crash-loop'], /There is content\/challenges\/crash-loop\/.* already; nothing was written/],
]
for (const [words, says] of refused)
  test(`npm run new -- ${words.join(' ')} is refused, and writes nothing`, () => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/new.ts', ...words], {
      encoding: 'utf8',
    })
    assert.equal(status, 2)
    assert.match(stderr, says)
    assert.match(stderr, /usage: npm run new/)
    assert.ok(!existsSync('content/lessons/pods'))
  })
