// What the simulator says of a run is said in the reader's language: every sentence that it marks has its translation.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseSync, Visitor } from 'oxc-parser'
import { type Locale, locales, original, runInLocale } from '../../../server/i18n/locale.ts'
import { isToldInEnglish, saidFileOf, toldHere, toldIn } from '../../../server/i18n/said.ts'
import { said } from '../../../sim/engine/said.ts'

/** The sentences marked in the simulator, `{1}`, `{2}`… in the places of values, each with where it is. */
function sentencesOfSimulator(): Map<string, string> {
  const found = new Map<string, string>()
  for (const path of readdirSync('sim', { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue
    const code = readFileSync(`sim/${path}`, 'utf8')
    if (!code.includes('said`')) continue
    new Visitor({
      TaggedTemplateExpression: ({ tag, quasi }) => {
        if (tag.type !== 'Identifier' || tag.name !== 'said') return
        const text = quasi.quasis.map(({ value }, n) => `${n === 0 ? '' : `{${n}}`}${value.cooked}`).join('')
        found.set(text, `sim/${path}`)
      },
    }).visit(parseSync(path, code).program)
  }
  return found
}

const sentences = sentencesOfSimulator()
const others = locales.filter((each): each is Locale => each !== original)

for (const locale of others) {
  test(`${locale}: every sentence of the simulator is translated, and no other`, () => {
    assert.ok(sentences.size > 100, `only ${sentences.size} sentences were found`)
    const known = Object.keys(saidFileOf(locale))
    assert.deepEqual(
      [...sentences].filter(([text]) => !known.includes(text)).map(([text, path]) => `${path}: ${text}`),
      [],
    )
    assert.deepEqual(
      known.filter((text) => !sentences.has(text)),
      [],
    )
  })

  test(`${locale}: each sentence is told by its own translation, with its values`, () => {
    for (const [text, translation] of Object.entries(saidFileOf(locale))) {
      const filled = (form: string) => form.replace(/\{(\d)(?: told| text)?\}/g, (_, number) => `web-${number}`)
      assert.equal(toldIn(locale, filled(text)), filled(translation), text)
      assert.deepEqual(valuesIn(translation), valuesIn(text), text)
    }
  })
}

const valuesIn = (text: string): string[] => [...text.matchAll(/\{(\d)/g)].map(([, number]) => number!).sort()

test('the mark of a sentence leaves it as it is', () => {
  assert.equal(said`Service ${'web'} has ${0} endpoints.`, 'Service web has 0 endpoints.')
  assert.equal(said`as handed over`, 'as handed over')
})

test('several sentences in one text are told each; what has another form stays', () => {
  assert.equal(
    toldIn('zh', 'Pod/web was deleted; ConfigMap/a was changed: data.x'),
    'Pod/web 被删除；ConfigMap/a 被修改：data.x',
  )
  const log = 'panic; it ended'
  assert.equal(toldIn('zh', log), log)
  // One of them has no form: the text is no list of sentences.
  const half = 'Pod/web was deleted; and the rest burns'
  assert.match(toldIn('zh', half), /and the rest burns/)
  assert.equal(toldIn('zh', ''), '')
})

test('full stops stay, between sentences and at their end', () => {
  assert.equal(
    toldIn('zh', 'Service web has no endpoints. Its selector app=web matches no Pod.'),
    'Service web 没有端点。它的选择算符 app=web 没有匹配任何 Pod。',
  )
})

test('several rights in one sentence are its values', () => {
  assert.equal(toldIn('zh', 'ana may not get pods; list secrets'), 'ana 不能 get pods; list secrets')
  assert.equal(
    toldIn('zh', 'ana may do more than it should: get pods; list secrets; may not watch pods; delete pods'),
    'ana 的权限过多：get pods; list secrets；又不能 watch pods; delete pods',
  )
  assert.equal(toldIn('zh', 'everybody in the group dev may get pods'), '组 dev 中的每个人都可以 get pods')
})

test('what an author wrote is no sentence of the simulator, though some words of it are', () => {
  for (const text of [
    ...['no node may stay cordoned', 'no Pod was ended', 'the old Pod was deleted'],
    ...['every Pod of the team may reach the database', 'the Pods of web to be ready'],
  ])
    assert.equal(toldIn('zh', text), text)
})

test('values stay as the cluster said them, and words of the simulator in them are translated', () => {
  assert.equal(
    toldIn('zh', 'The kubelet says: Readiness probe failed: HTTP probe failed with statuscode: 503'),
    'kubelet 的消息：Readiness probe failed: HTTP probe failed with statuscode: 503',
  )
  assert.equal(toldIn('zh', 'Deployment/web: spec.replicas is not set'), 'Deployment/web：spec.replicas 是 未设置')
  assert.equal(
    toldIn('zh', 'http://web must give status 200, answers of at least 2 Pods'),
    'http://web 必须给出：状态码 200，至少由 2 个 Pod 应答',
  )
})

test('answers to probes are told each, with how often they came', () => {
  assert.equal(
    toldIn('zh', 'asking http://web from new-pod: 3 × connection refused, 2 × status 200 of somebody else'),
    '从 new-pod 访问 http://web：3 × 连接被拒绝，2 × 状态码 200，但来自别的 Pod',
  )
})

test('in the language of the request: English pages say what is stored', () => {
  const text = 'Service web has no endpoints.'
  assert.equal(
    runInLocale('en', () => toldHere(text)),
    text,
  )
  assert.equal(
    runInLocale('en', () => isToldInEnglish(text)),
    false,
  )
  assert.equal(
    runInLocale('zh', () => toldHere(text)),
    'Service web 没有端点。',
  )
  assert.equal(
    runInLocale('zh', () => isToldInEnglish(text)),
    false,
  )
  assert.equal(
    runInLocale('zh', () => isToldInEnglish('pods: web (Running)')),
    true,
  )
})
