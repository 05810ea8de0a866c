import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogIn } from '../../../server/catalog/translations.ts'
import { contentOfMock, keepQuestion, questionOf } from '../../../server/grading/question-in-force.ts'
import { currentLocale, runInLocale } from '../../../server/i18n/locale.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { projectCatalog } from '../../support/content.ts'

const id = 'pod/exit-zero-under-always'

test('a question is kept in each language, whoever was first, and read in the reader’s', async () => {
  const catalog = await projectCatalog()
  const present = catalog.questions.get(id)!
  const chinese = catalogIn(catalog, 'zh').questions.get(id)!
  assert.notEqual(chinese.title, present.title)
  const storage = createStorage(createMemoryStore())
  const deps = { storage, catalog: () => catalogIn(catalog, currentLocale()), now: () => 1 }
  await runInLocale('zh', () => keepQuestion(deps, id))
  const former = (locale: 'en' | 'zh') => runInLocale(locale, () => questionOf(deps, id, undefined, present.hash))
  assert.deepEqual(await former('en'), JSON.parse(JSON.stringify(present)))
  assert.equal((await former('zh'))?.title, chinese.title)
  assert.equal(await questionOf(deps, 'pod/other', undefined, present.hash), undefined)

  const changed = { ...present, hash: 'another', title: 'Another' }
  const today = { ...catalog, questions: new Map(catalog.questions).set(id, changed) }
  const items = [{ questionId: id, contentHash: present.hash }]
  const titleIn = async (content: typeof today) =>
    (await contentOfMock({ ...deps, catalog: () => content }, { items })).questions.get(id)?.title
  assert.equal(await titleIn(today), present.title)
  today.questions.delete(id)
  assert.equal(await titleIn(today), present.title)
  assert.equal(today.questions.has(id), false)
})
