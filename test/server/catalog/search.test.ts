import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { searchCatalog, tokenize } from '../../../server/catalog/search.ts'
import type { Catalog } from '../../../server/catalog/types.ts'
import { projectCatalog } from '../../support/content.ts'
import { fixtureFolder } from '../support.ts'

/** The fixture, and the same with a lesson and a question in Chinese. */
async function catalogs(): Promise<{ english: Catalog; chinese: Catalog }> {
  const english = await loadCatalogOrThrow(fixtureFolder)
  const chinese = english.translations!.get('zh')!
  const lesson = chinese.lessons.get('pod/restarts')!
  chinese.lessons.set('pod/restarts', {
    ...lesson,
    locale: 'zh',
    title: '重启容器',
    summary: '容器退出之后会发生什么。',
    parts: [{ html: '<p>kubelet按照<code>restartPolicy</code>重新启动容器，每次等待更久。</p>' }],
  })
  const question = chinese.questions.get('pod/always')!
  chinese.questions.set('pod/always', {
    ...question,
    locale: 'zh',
    title: 'Always是什么意思？',
    prompt: '题'.repeat(200),
  })
  return { english, chinese }
}

const hrefs = (found: { href: string }[]) => found.map(({ href }) => href)

const found: [words: string, href: string | undefined][] = [
  ['重启', '/lessons/pod/restarts'],
  ['重启容器', '/lessons/pod/restarts'],
  ['启动', '/lessons/pod/restarts'],
  ['重', '/lessons/pod/restarts'],
  ['器', '/lessons/pod/restarts'],
  ['容器 kubelet', '/lessons/pod/restarts'],
  ['kubelet按照', '/lessons/pod/restarts'],
  ['ALWAYS', '/questions/pod/always'],
  ['always是什么', '/questions/pod/always'],
  // What the two characters do not stand next to each other in is something else.
  ['器重', undefined],
  ['调度', undefined],
  // The words of the originals find their translations, and what has none is found as it is.
  ['CrashLoopBackOff', '/lessons/pod/restarts'],
  ['Restarts', '/lessons/pod/restarts'],
  ['half', '/questions/pod/half-a-cpu'],
  ['three pods', '/challenges/three-pods'],
]
for (const [words, href] of found)
  test(`on a Chinese page, ${words} finds ${href ?? 'nothing'}`, async () => {
    const { english, chinese } = await catalogs()
    const all = hrefs(await searchCatalog(chinese, words, english))
    if (href === undefined) assert.deepEqual(all, [])
    else assert.ok(all.includes(href), all.join(' '))
  })

test('what is found says what it is written in, and is shown as the page shows it', async () => {
  const { english, chinese } = await catalogs()
  const [lesson] = await searchCatalog(chinese, 'CrashLoopBackOff', english)
  assert.deepEqual([lesson!.locale, lesson!.title], ['zh', '重启容器'])
  const [question] = await searchCatalog(chinese, 'half', english)
  assert.equal(question!.locale, 'en')
})

test('a Chinese text is cut to the width of an English one', async () => {
  const { english, chinese } = await catalogs()
  const [question] = await searchCatalog(chinese, '题题', english)
  assert.equal(question!.about, `${'题'.repeat(80)} …`)
})

test('in English, words, their beginnings and words with a letter amiss are found, in English alone', async () => {
  const { english } = await catalogs()
  for (const words of ['always', 'alw', 'alwaxs'])
    assert.ok(hrefs(await searchCatalog(english, words)).includes('/questions/pod/always'))
  assert.deepEqual(await searchCatalog(english, '重启'), [])
})

test('of a run of Chinese characters each two neighbours are a term, with the single ones in what is searched', () => {
  assert.deepEqual(tokenize('滚动更新', false), ['滚动', '动更', '更新'])
  assert.deepEqual(tokenize('卷', false), ['卷'])
  assert.deepEqual(tokenize('Pod的IP，kube-proxy', true), ['Pod', '的', 'IP', 'kube', 'proxy'])
  assert.deepEqual(tokenize('重启', true), ['重', '启', '重启'])
  assert.deepEqual(tokenize(' …— ', false), [])
})

test('while the first search of all content waits for its index, others are answered', async () => {
  const catalog = await projectCatalog()
  let isFound = false
  const searching = searchCatalog(catalog, 'pod').finally(() => {
    isFound = true
  })
  let turns = 0
  for (; !isFound; turns++) await new Promise((done) => setImmediate(done))
  assert.ok(turns > 5, `${turns} turns`)
  assert.deepEqual(await searchCatalog(catalog, 'pod'), await searching)
})
