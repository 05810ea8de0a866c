import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { loadCatalog, loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { printProblem } from '../../../server/catalog/source.ts'
import { fixtureFolder } from '../support.ts'

/** The problems of the fixture after a change of one file. */
async function problemsAfter(path: string, change: (text: string) => string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-content-'))
  try {
    await cp(fixtureFolder, folder, { recursive: true })
    const file = join(folder, path)
    await writeFile(file, change(await readFile(file, 'utf8')))
    return (await loadCatalog(folder)).problems.map(printProblem)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('the catalog holds what the folder holds, and no solution', async () => {
  const catalog = await loadCatalogOrThrow(fixtureFolder)
  assert.deepEqual([...catalog.lessons.keys()], ['pod/life', 'pod/restarts'])
  assert.deepEqual(
    [...catalog.questions.keys()],
    [
      ...[
        'always',
        'choose',
        'claim',
        'count',
        'flow',
        'half-a-cpu',
        'mend',
        'name-it',
        'pair-up',
        'tell-me',
        'which-line',
      ],
    ].map((slug) => `pod/${slug}`),
  )
  const challenge = catalog.challenges.get('three-pods')!
  assert.deepEqual(Object.keys(challenge.spec.workspace.files), ['service.yaml', 'web.yaml'])
  assert.ok(!JSON.stringify(challenge).includes('KEYSOLUTION'))
})

test('a demo knows the line on which its block starts', async () => {
  const catalog = await loadCatalogOrThrow(fixtureFolder)
  const demo = catalog.lessons.get('pod/restarts')!.parts.find((part) => 'demo' in part)!
  const lines = (await readFile(join(fixtureFolder, 'lessons/pod/restarts.md'), 'utf8')).split('\n')
  assert.equal('demo' in demo && lines[demo.demo.line - 1], 'id: crash')
})

test('a fold with a heading in it is told with its line', async () => {
  const [problem, ...others] = await problemsAfter(
    'lessons/pod/restarts.md',
    (text) => `${text.trimEnd()}\n\n:::fold More\n### Even more\n:::\n`,
  )
  assert.match(problem!, /lessons\/pod\/restarts\.md:\d+: a fold holds no heading: move "Even more" before it/)
  assert.deepEqual(others, [])
})

test('a mark is a line of the manifest that may be changed, or a problem', async () => {
  const path = 'lessons/pod/restarts.md'
  const marked = (mark: string) => problemsAfter(path, (text) => text.replace('edit: 0\n', `edit: 0\nmark: ${mark}\n`))
  assert.deepEqual(await marked("['kind: Pod', 'metadata: {name: web-1}']"), [])
  assert.deepEqual(await marked("'kind: Pod'"), [])
  const [problem, ...others] = await marked("['kind: Pod', 'kind: Job']")
  assert.match(problem!, /restarts\.md:\d+: mark: "kind: Job" is not a line of the manifest that may be changed/)
  assert.deepEqual(others, [])
  const [lost] = await problemsAfter(path, (text) => text.replace('edit: 0\n', "mark: 'kind: Pod'\n"))
  assert.match(lost!, /mark: "kind: Pod" is not a line of the manifest/)
})

test('a problem of a question is told once', async () => {
  const problems = await problemsAfter(
    'questions/pod/always.md',
    (text) => `${text}\n| Pod | |\n|---|---|\n| one | ready |\n`,
  )
  assert.equal(problems.length, 1, problems.join('\n'))
})

test('a file that nothing reads is told, so that no lesson is missed for its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-content-'))
  await cp(fixtureFolder, folder, { recursive: true })
  const lost = [
    'lessons/pod/more/deep.md',
    'lessons/first.md',
    'questions/pod/what.yaml',
    'topics.zh.yml',
    'track/one.md',
  ]
  for (const path of lost) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), '---\ntitle: Lost\n---\n')
  }
  const { problems } = await loadCatalog(folder)
  await rm(folder, { recursive: true })
  const told = problems.filter(({ message }) => /nothing reads a file of this name/.test(message))
  assert.deepEqual(
    told.map(({ file }) => file),
    lost.map((path) => `content/${path}`).sort(),
  )
})

test('a topic that is named twice is told', async () => {
  const problems = await problemsAfter('topics.yaml', (text) => `${text}- {id: probes, section: pod, title: Again}\n`)
  assert.equal(problems.length, 1)
  assert.match(problems[0]!, /^content\/topics\.yaml:\d+: id: "probes" is used twice/)
})

test('the hash of an item changes with its text and with nothing else', async () => {
  const before = await loadCatalogOrThrow(fixtureFolder)
  const folder = await mkdtemp(join(tmpdir(), 'podium-content-'))
  await cp(fixtureFolder, folder, { recursive: true })
  await writeFile(join(folder, 'challenges/three-pods/solutions/scale/web.yaml'), 'another: solution\n')
  await writeFile(join(folder, 'challenges/three-pods/start/web.yaml'), 'another: start\n')
  const after = await loadCatalogOrThrow(folder)
  await rm(folder, { recursive: true })
  assert.notEqual(after.challenges.get('three-pods')!.hash, before.challenges.get('three-pods')!.hash)
  assert.equal(after.challenges.get('three-pods')!.files['solutions/scale/web.yaml'], undefined)
})

const cases: { name: string; path: string; change: (text: string) => string; says: RegExp }[] = [
  {
    name: 'an unknown field',
    path: 'questions/pod/always.md',
    change: (text) => text.replace('difficulty: 1', 'difficulty: 1\ncolour: red'),
    says: /^content\/questions\/pod\/always\.md:\d+: .*colour/,
  },
  {
    name: 'a table with a column without heading',
    path: 'questions/pod/always.md',
    change: (text) => `${text}\n| Pod | |\n|---|---|\n| one | ready |\n`,
    says: /^content\/questions\/pod\/always\.md:\d+: each column of a table needs a heading/,
  },
  {
    name: 'a value out of range',
    path: 'questions/pod/always.md',
    change: (text) => text.replace('difficulty: 1', 'difficulty: 9'),
    says: /^content\/questions\/pod\/always\.md:4: difficulty: /,
  },
  {
    name: 'two right options of a single choice',
    path: 'questions/pod/always.md',
    change: (text) => text.replace('correct: false', 'correct: true'),
    says: /always\.md:8: options: a single choice has exactly one correct option/,
  },
  {
    name: 'a missing explanation',
    path: 'questions/pod/flow.md',
    change: (text) => text.replace('## Explanation', '## Reasons'),
    says: /flow\.md:12: a line "## Explanation" must follow/,
  },
  ...[
    {
      block: 'id: d\ntitle: D\nnodes: [{ id: a, label: A }]\nedges: [{ from: a, to: b }]',
      says: 'there is no node "b"',
    },
    { block: 'id: d\ntitle: D\nnodes: [{ id: a, label: A, in: g }]', says: 'there is no group "g"' },
    { block: 'id: d\ntitle: D\nnodes: [{ id: a, label: A }, { id: a, label: B }]', says: 'ids must differ' },
    {
      block:
        'id: d\ntitle: D\nnodes: [{ id: a, label: A }]\ngroups: [{ id: g, label: G, in: h }, { id: h, label: H, in: g }]',
      says: '"g" is within itself',
    },
    { block: 'id: d\ntitle: D\nnodes: [{ id: a, label: A, shape: round }]', says: 'Unrecognized key' },
  ].map(({ block, says }) => ({
    name: `a diagram where ${says}`,
    path: 'lessons/pod/restarts.md',
    change: (text: string) => `${text}\n\`\`\`diagram\n${block}\n\`\`\`\n`,
    says: new RegExp(`restarts\\.md:\\d+: .*${says}`),
  })),
  {
    name: 'a topic that does not exist',
    path: 'lessons/pod/restarts.md',
    change: (text) => text.replace('[restart-policy]', '[restart-policies]'),
    says: /restarts\.md:7: topics: "restart-policies" is not in content\/topics\.yaml/,
  },
  {
    name: 'a lesson that does not exist',
    path: 'questions/pod/choose.md',
    change: (text) => text.replace('lesson: pod/restarts', 'lesson: pod/nothing'),
    says: /choose\.md:6: lesson: "pod\/nothing" does not exist/,
  },
  {
    name: 'a heading that does not exist',
    path: 'questions/pod/always.md',
    change: (text) => text.replace('#the-policy', '#the-law'),
    says: /has no heading "the-law"; it has the-policy, after-that/,
  },
  {
    name: 'a mistake inside a demo',
    path: 'lessons/pod/restarts.md',
    change: (text) => text.replace('duration: 20', 'duration: long'),
    says: /restarts\.md:28: duration: /,
  },
  {
    name: 'a demo whose editable step applies nothing',
    path: 'lessons/pod/restarts.md',
    change: (text) => text.replace('edit: 0', 'edit: 1'),
    says: /restarts\.md:38: edit: step 1 applies no manifest/,
  },
  {
    name: 'an explorer that does not exist',
    path: 'lessons/pod/life.md',
    change: (text) => text.replace('id: pod-life', 'id: pod-death'),
    says: /life\.md:14: id: /,
  },
  {
    name: 'a preset with a value out of range',
    path: 'lessons/pod/life.md',
    change: (text) => text.replace('exit: 1', 'exit: 256'),
    says: /life\.md:17: presets: "Loop & crash": exit: must be a whole number from 0 to 255/,
  },
  {
    name: 'a preset with a control that does not exist',
    path: 'lessons/pod/life.md',
    change: (text) => text.replace('exit: 1', 'exist: 1'),
    says: /life\.md:17: presets: "Loop & crash": exist: is not one of the controls run, exit,/,
  },
  {
    name: 'a second explorer in a lesson',
    path: 'lessons/pod/life.md',
    change: (text) => `${text}\n${text.slice(text.indexOf('```explorer'))}`,
    says: /life\.md:23: a lesson holds one explorer at most/,
  },
  {
    name: 'a question with neither lesson nor sources',
    path: 'questions/pod/choose.md',
    change: (text) => text.replace('lesson: pod/restarts\n', ''),
    says: /choose\.md:1: a question names a lesson or sources/,
  },
  {
    name: 'an expression that nobody has put into words',
    path: 'challenges/three-pods/challenge.yaml',
    change: (text) => text.replace(', message: three Pods must be ready', ''),
    says: /challenge\.yaml:15: checks\.0\.assert: a CEL expression needs a message that says in words what is expected/,
  },
  {
    name: 'points that do not add up',
    path: 'challenges/three-pods/challenge.yaml',
    change: (text) => text.replace('points: 100', 'points: 90'),
    says: /challenge\.yaml:\d+: checks: points add up to 90 instead of 100/,
  },
  {
    name: 'an answer that nobody could write',
    path: 'challenges/three-pods/challenge.yaml',
    change: (text) => text.replace(/assert: .*/, 'assert: {answer: {file: pods.txt, keys: [{text: a}]}}'),
    says: /challenge\.yaml:\d+: checks\.0: the answer is read from pods\.txt, and there is no start\/pods\.txt to write it into/,
  },
  {
    name: 'an answer that is a part of a check',
    path: 'challenges/three-pods/challenge.yaml',
    change: (text) =>
      text.replace(
        /assert: .*/,
        'criteria: [{id: a, title: a, points: 100, assert: {answer: {file: web.yaml, keys: [{text: a}]}}}]',
      ),
    says: /challenge\.yaml:\d+: checks\.0\.criteria: an answer is a check of its own, not a part of one/,
  },
  {
    name: 'an expression that nobody can take in',
    path: 'challenges/three-pods/challenge.yaml',
    change: (text) => text.replace('KEYCHECK.size() == 3', 'KEYCHECK.size() == 3 && true'.padEnd(601, ' && true')),
    says: /challenge\.yaml:15: checks\.0\.assert: a CEL expression of 601 characters, and at most 600 can be read: give its parts names under let/,
  },
  {
    name: 'an expression of many names that nobody can take in',
    path: 'challenges/three-pods/challenge.yaml',
    change: (text) => {
      const names = ['a', 'b', 'c', 'd']
      const lets = names.map(
        (name, n) => `${name}: "${'true'.padEnd(500, ' && true').slice(0, 500)} && ${names[n - 1] ?? 'true'}"`,
      )
      return `${text.replace('KEYCHECK.size() == 3', 'KEYCHECK.size() == 3 && d')}\nlet: { ${lets.join(', ')} }\n`
    },
    says: /challenge\.yaml:15: checks\.0\.assert: a CEL expression of \d+ characters with the names that it uses, and at most 1200 can be read: make two checks of it/,
  },
  {
    name: 'a named expression that looks ahead',
    path: 'challenges/three-pods/challenge.yaml',
    change: (text) =>
      `${text.replace('KEYCHECK.size() == 3', 'KEYCHECK.size() == 3 && ours && theirs')}\nlet: { ours: 'theirs', theirs: 'true' }\n`,
    says: /challenge\.yaml:\d+: let\.ours: uses theirs, which is named after it/,
  },
  {
    name: 'a named expression that no check uses',
    path: 'challenges/three-pods/challenge.yaml',
    change: (text) => `${text}\nlet: { ours: 'pods', theirs: 'ours.size()' }\n`,
    says: /challenge\.yaml:\d+: let\.theirs: is used by no check/,
  },
  {
    name: 'broken YAML',
    path: 'challenges/three-pods/challenge.yaml',
    change: (text) => text.replace('minutes: 5', 'minutes: [5'),
    says: /challenge\.yaml:\d+: YAML: /,
  },
  {
    name: 'an alias without its anchor',
    path: 'challenges/three-pods/challenge.yaml',
    change: (text) => text.replace('minutes: 5', 'minutes: *none'),
    says: /challenge\.yaml:1: YAML: Unresolved alias/,
  },
  {
    name: 'a track step that leads nowhere',
    path: 'tracks/first.md',
    change: (text) => text.replace('challenge:three-pods', 'challenge:none'),
    says: /tracks\/first\.md:5: steps: challenge "none" does not exist/,
  },
  {
    name: 'a workshop step that leads nowhere',
    path: 'workshops/first-day.md',
    change: (text) => text.replace('challenge:three-pods', 'challenge:none'),
    says: /workshops\/first-day\.md:8: steps: challenge "none" does not exist/,
  },
  {
    name: 'a poll of a question that nobody can vote on',
    path: 'workshops/first-day.md',
    change: (text) => text.replace('question:pod/always', 'question:pod/mend'),
    says: /workshops\/first-day\.md:7: steps: a room cannot vote on question:pod\/mend/,
  },
  {
    name: 'an option of which nothing is seen',
    path: 'questions/pod/choose.md',
    change: (text) => text.replace('text: Always', "text: '<none>'"),
    says: /questions\/pod\/choose\.md:\d+: options\.0\.text: nothing of it is seen/,
  },
  {
    name: 'a reason of which a part is not seen',
    path: 'questions/pod/choose.md',
    change: (text) => text.replace(/why: [^,}]*/, "why: 'It shows <pending>, not `<none>`, and <kbd>q</kbd> ends it.'"),
    says: /questions\/pod\/choose\.md:\d+: options\.0\.why: <pending> is not shown: write it as code$/,
  },
  {
    name: 'a reason that is empty in one variant',
    path: 'questions/pod/count.md',
    change: (text) =>
      text
        .replace('{int: {min: 2, max: 9}}', "{ oneOf: [2, ''] }")
        .replace('unit: Pods}', "unit: Pods}\ndistractors:\n- value: '1'\n  why: '**{{replicas}}**'"),
    says: /questions\/pod\/count\.md:\d+: distractors\.0\.why: nothing of it is seen where replicas is empty/,
  },
  {
    name: 'a choice that is empty in one variant',
    path: 'questions/pod/count.md',
    change: (text) =>
      text
        .replace('{int: {min: 2, max: 9}}', "{ oneOf: [2, ' '] }")
        .replace('unit: Pods}', "unit: Pods, choices: ['1', '{{replicas}}']}"),
    says: /questions\/pod\/count\.md:\d+: ask\.choices\.1: nothing of it is seen where replicas is empty/,
  },
  {
    name: 'a choice of a prediction without its reason',
    path: 'questions/pod/count.md',
    change: (text) =>
      text.replace(
        'unit: Pods}',
        "unit: Pods, choices: [1, '{{replicas}}', 2]}\ndistractors:\n- {value: '1', why: w}\n- {value: '{{replicas}}', why: w}",
      ),
    says: /questions\/pod\/count\.md:\d+: ask: the choice “2” has no why among the distractors/,
  },
  {
    name: 'an answer of which nothing is seen',
    path: 'questions/pod/name-it.md',
    change: (text) => text.replace(/accept: \[/, "accept: [' ', "),
    says: /questions\/pod\/name-it\.md:\d+: accept\.0: nothing of it is seen/,
  },
  {
    name: 'HTML in an explanation that is not shown',
    path: 'questions/pod/count.md',
    change: (text) => `${text}\nIt shows <none>.\n`,
    says: /questions\/pod\/count\.md:\d+: <none> is not shown: write it as code/,
  },
  {
    name: 'missing front matter',
    path: 'tracks/first.md',
    change: () => 'text\n',
    says: /tracks\/first\.md:1: the file must start with front matter/,
  },
]
for (const { name, path, change, says } of cases)
  test(`${name} is told with file and line`, async () => {
    const problems = await problemsAfter(path, change)
    assert.ok(
      problems.some((problem) => says.test(problem)),
      problems.join('\n'),
    )
  })

test('all problems are told at once', async () => {
  const problems = await problemsAfter('questions/pod/choose.md', (text) =>
    text.replace('difficulty: 2', 'difficulty: 0').replace('title: Which are policies?', 'title: ""'),
  )
  assert.equal(problems.length, 2)
})

test('several folders make one catalog: they add to each other, and an id in two of them is told with both files', async () => {
  const more = await mkdtemp(join(tmpdir(), 'podium-more-'))
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(more, path)), { recursive: true })
    await writeFile(join(more, path), text)
  }
  const question = await readFile(join(fixtureFolder, 'questions/pod/always.md'), 'utf8')
  await put('questions/pod/private.md', question)
  await put('topics.yaml', '- { id: private-topic, section: pod, title: Private }\n')
  const both = await loadCatalog([fixtureFolder, more])
  assert.deepEqual(both.problems.map(printProblem), [])
  assert.ok(both.catalog.questions.has('pod/private') && both.catalog.questions.has('pod/always'))
  assert.ok(both.catalog.topics.has('private-topic'))

  await put('questions/pod/always.md', question.replace(/^title: .*$/m, 'title: Another'))
  await put('questions/pod/private.md', question.replace(/^topics: .*$/m, 'topics: [nothing]'))
  await put('challenges/three-pods/challenge.yaml', 'version: 1\n')
  const { problems, catalog } = await loadCatalog([fixtureFolder, more])
  assert.notEqual(catalog.questions.get('pod/always')?.title, 'Another')
  const told = problems.map(printProblem).join('\n')
  for (const path of ['questions/pod/always.md', 'challenges/three-pods/challenge.yaml'])
    assert.ok(told.includes(`${join(more, path)}:1: is in ${join(fixtureFolder, path)} as well`), told)
  assert.match(told, new RegExp(`${join(more, 'questions/pod/private.md')}:\\d+: topics: "nothing"`))
  await rm(more, { recursive: true })
})

test('a folder that there is not is told with the variable that names it, and the others are read', async () => {
  for (const folder of [join(tmpdir(), 'podium-nowhere'), join(fixtureFolder, 'topics.yaml')]) {
    const { problems, catalog } = await loadCatalog([fixtureFolder, folder])
    assert.deepEqual(problems.map(printProblem), [
      `${folder}:1: is not a folder: correct CONTENT_DIR, which names it, or create the folder`,
    ])
    assert.ok(catalog.questions.has('pod/always'))
  }
})
