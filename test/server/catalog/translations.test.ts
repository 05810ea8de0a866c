// Translations: texts laid over their originals, shown while they are up to date.
import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { beginTranslation } from '../../../scripts/new/translation.ts'
import { loadCatalog } from '../../../server/catalog/load.ts'
import { printProblem } from '../../../server/catalog/source.ts'
import { catalogIn } from '../../../server/catalog/translations.ts'
import { inTextsOf, languageOf } from '../../../server/practice/texts-of-result.ts'
import { chanceOf } from '../../../server/questions/chance.ts'
import { questionType } from '../../../server/questions/registry.ts'
import { variantOf } from '../../../server/questions/variant.ts'
import { aGrade } from '../fake-labs.ts'
import { fixtureFolder } from '../support.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podium-translations-'))
  await cp(fixtureFolder, folder, { recursive: true })
})
after(() => rm(folder, { recursive: true }))

const paths = ({
  lessons,
  questions,
  challenges,
  tracks,
  workshops,
}: Awaited<ReturnType<typeof loadCatalog>>['catalog']) => [
  ...[...lessons.keys()].map((id) => `lessons/${id}.md`),
  ...[...questions.keys()].map((id) => `questions/${id}.md`),
  ...[...challenges.keys()].map((id) => `challenges/${id}/challenge.md`),
  ...[...tracks.keys()].map((id) => `tracks/${id}.md`),
  ...[...workshops.keys()].map((id) => `workshops/${id}.md`),
]

/** A translation of everything, in which each text is the English one. */
async function translateAll(): Promise<string[]> {
  const { catalog } = await loadCatalog(folder)
  const all = paths(catalog)
  for (const path of all) {
    const begun = beginTranslation(catalog, path, await readFile(join(folder, path), 'utf8'))
    assert.ok(begun, path)
    await writeFile(join(folder, path.replace('.md', '.zh.md')), begun)
  }
  return all
}

const change = async (path: string, how: (text: string) => string) => {
  const file = join(folder, path)
  const text = await readFile(file, 'utf8')
  assert.notEqual(how(text), text, `${path} is not changed`)
  await writeFile(file, how(text))
}

test('what is begun of every kind and question type is a translation of it', async () => {
  const all = await translateAll()
  const { catalog, problems, translations } = await loadCatalog(folder)
  assert.deepEqual(problems.map(printProblem), [])
  assert.deepEqual(
    translations[0]!.current.filter((path) => path.endsWith('.md')),
    all,
  )
  const chinese = catalogIn(catalog, 'zh')
  for (const [id, question] of catalog.questions) {
    const own = chinese.questions.get(id)!
    assert.deepEqual({ ...own, locale: 'en', data: undefined }, { ...question, data: undefined })
    assert.equal(own.locale, 'zh')
  }
})

test('the texts are those of the translation, and scenarios, keys and ids those of the original', async () => {
  await change('lessons/pod/restarts.zh.md', (text) =>
    text.replace(/^title: .*$/m, 'title: 重启策略').replace(/^## .*$/m, '## 它有什么用'),
  )
  const { catalog, problems } = await loadCatalog(folder)
  assert.deepEqual(problems.map(printProblem), [])
  const [english, chinese] = [catalog, catalogIn(catalog, 'zh')].map(({ lessons }) => lessons.get('pod/restarts')!)
  assert.equal(chinese!.title, '重启策略')
  assert.notEqual(english!.title, '重启策略')
  assert.equal(chinese!.headings[0]?.text, '它有什么用')
  assert.deepEqual(
    chinese!.headings.map(({ id }) => id),
    english!.headings.map(({ id }) => id),
  )
  const demoOf = (lesson: typeof chinese) => lesson!.parts.find((part) => 'demo' in part)
  assert.deepEqual(demoOf(chinese), demoOf(english))
})

test('an answer to a match question means the same in both languages', async () => {
  await change('questions/pod/pair-up.zh.md', (text) => text.replaceAll(/right: (.*)$/gm, 'right: 译文 $1'))
  const { catalog, problems } = await loadCatalog(folder)
  assert.deepEqual(problems.map(printProblem), [])
  const type = questionType('match')
  const [english, chinese] = [catalog, catalogIn(catalog, 'zh')].map(({ questions }) => questions.get('pod/pair-up')!)
  const variant = variantOf(english!, 'a seed')
  const codes = ({ data }: typeof chinese & object) => {
    const view = type.view(data, variant, chanceOf('a seed'))
    return view.control === 'match' ? view.choices.map(({ id }) => id) : []
  }
  assert.ok(codes(english!).length >= 3)
  assert.deepEqual(codes(chinese!), codes(english!))
})

test('of a challenge the page, the words of checks and the hints are translated, and what is graded is not', async () => {
  const path = 'challenges/three-pods/challenge.zh.md'
  await change(path, (text) =>
    text
      .replace('Scale the Deployment', '扩容 Deployment')
      .replace('title: Three Pods are ready', 'title: 三个 Pod 就绪')
      .replace('three Pods must be ready', '必须有三个 Pod 就绪')
      .replace('HINTTEXT look at replicas', '看一看 replicas'),
  )
  const { catalog, problems } = await loadCatalog(folder)
  assert.deepEqual(problems.map(printProblem), [])
  const english = catalog.challenges.get('three-pods')!
  const chinese = catalogIn(catalog, 'zh').challenges.get('three-pods')!
  assert.equal(chinese.statement, '扩容 Deployment `web` to **three**.')
  assert.equal(chinese.texts.checks[0]!.title, '三个 Pod 就绪')
  assert.equal(chinese.texts.hints[0]!.text, '看一看 replicas')
  assert.equal(chinese.spec, english.spec)
  assert.equal(chinese.hash, english.hash)
  const result = aGrade({
    tests: [
      {
        ...{ id: 'ready', title: 'Three Pods are ready', status: 'fail', points: 0, maxPoints: 100, message: 'no Pod' },
        ...{ actual: 'no Pod', expected: 'three Pods must be ready', cause: [], causes: [], criteria: [] },
      },
    ],
  })
  const [told] = inTextsOf(chinese, result).tests
  assert.equal(told!.title, '三个 Pod 就绪')
  assert.equal(told!.expected, '必须有三个 Pod 就绪')
  assert.equal(told!.actual, 'no Pod')
  assert.equal(languageOf(chinese, result, 'ready', told!.expected), 'zh')
  assert.equal(languageOf(chinese, result, 'ready', 'no Pod'), undefined)
  assert.equal(inTextsOf(english, result), result)
})

test('a challenge whose world changes keeps its translation; one whose words change does not', async () => {
  const current = async () =>
    (await loadCatalog(folder)).translations[0]!.current.includes('challenges/three-pods/challenge.md')
  const yaml = 'challenges/three-pods/challenge.yaml'
  await change(yaml, (text) => text.replace('settleSeconds: 10', 'settleSeconds: 11'))
  assert.equal(await current(), true)
  await change(yaml, (text) => text.replace('look at replicas', 'look at the replicas'))
  assert.equal(await current(), false)
  await change(yaml, (text) => text.replace('look at the replicas', 'look at replicas'))
  assert.equal(await current(), true)
})

test('a translation that is older than its original is told and not shown', async () => {
  await change('lessons/pod/life.md', (text) => `${text}\nOne more sentence.\n`)
  const { catalog, problems, translations } = await loadCatalog(folder)
  assert.deepEqual(problems.map(printProblem), [])
  assert.deepEqual(translations[0]!.outdated, ['lessons/pod/life.md'])
  assert.equal(catalogIn(catalog, 'zh').lessons.get('pod/life')!.locale, 'en')
})

test('every text of the project is in Chinese, as it is now in English', async () => {
  const { translations } = await loadCatalog('content')
  for (const { locale, missing, outdated } of translations)
    assert.deepEqual({ locale, missing, outdated }, { locale: 'zh', missing: [], outdated: [] })
  assert.ok(translations[0]!.current.length > 600)
})

test('what does not fit its original is told with its line', async () => {
  const problemOf = async (path: string, how: (text: string) => string) => {
    const kept = await readFile(join(folder, path), 'utf8')
    await change(path, how)
    const { problems } = await loadCatalog(folder)
    await writeFile(join(folder, path), kept)
    return problems.map(printProblem)
  }
  const choose = 'questions/pod/choose.zh.md'
  assert.match(
    (await problemOf(choose, (text) => text.replace(/^ {4}why: .*\n/m, '')))[0]!,
    /choose\.zh\.md:\d+: options\.0\.why: is not translated/,
  )
  assert.match(
    (await problemOf(choose, (text) => text.replace(/^title: /m, 'difficulty: 3\ntitle: ')))[0]!,
    /:3: difficulty: is not a text of the original/,
  )
  assert.match(
    (await problemOf(choose, (text) => text.replace(/ id: \w+/, ' id: other')))[0]!,
    /options\.0\.id: must be "/,
  )
  assert.match(
    (await problemOf(choose, (text) => text.replace(/^of: .*\n/m, '')))[0]!,
    /of: must be the version of the original/,
  )
  assert.match(
    (await problemOf(choose, (text) => text.replace('## Explanation', '## 解释')))[0]!,
    /a line "## Explanation" must follow/,
  )
  const lesson = 'lessons/pod/restarts.zh.md'
  assert.match(
    (await problemOf(lesson, (text) => text.replace(/^## .*$/m, 'no heading')))[0]!,
    /has headings of levels/,
  )
  assert.match(
    (await problemOf(lesson, (text) => text.replace(/^:::trap/m, ':::fold')))[0]!,
    /has the callouts and folds fold, where the original has trap/,
  )
  const challenge = 'challenges/three-pods/challenge.zh.md'
  assert.match(
    (await problemOf(challenge, (text) => text.replace(' {ready}', '')))[0]!,
    /the statement does not ask for what the check ready holds/,
  )
  assert.match(
    (await problemOf(challenge, (text) => text.replace('id: h1', 'id: h3')))[0]!,
    /hints\.0\.id: must be "h1"/,
  )
  assert.match((await problemOf(lesson, (text) => text.replace('id: crash', 'id: other')))[0]!, /id: must be "crash"/)
})

test('a file of no language, and one without its original, are told', async () => {
  await writeFile(join(folder, 'lessons/pod/life.fr.md'), '---\nof: x\n---\n')
  await writeFile(join(folder, 'lessons/pod/nothing.zh.md'), '---\nof: x\n---\n')
  const { problems } = await loadCatalog(folder)
  assert.deepEqual(problems.map(printProblem), [
    'content/lessons/pod/life.fr.md:1: "fr" is none of the languages of translations: zh',
    'content/lessons/pod/nothing.zh.md:1: there is no original beside it',
  ])
})
