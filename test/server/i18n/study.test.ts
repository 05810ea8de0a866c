import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LabRefusal } from '../../../server/labs/types.ts'
import { createTestApp, visitor } from '../support.ts'
import { englishIn } from './english-in.ts'
import { walkStudy } from './study-walk.ts'

/** What the walk searches for, and what the content says in labels that hold nothing else to be marked. */
const given = [
  ...['always', 'qqqqqq'],
  ...['The kubelet starts it', 'The API server stores the Pod', 'The scheduler binds it'],
  // A title has no language of its own.
  ...['First steps · Podium', 'What does Always do? · Podium'],
  ...['spec:', 'restartPolicy: Sometimes', 'containers: []'],
]

const chinese = await walkStudy('zh-CN,zh;q=0.9,en;q=0.8')

for (const { name, html } of chinese)
  test(`in Chinese: ${name}`, () => {
    if (html.startsWith('<!doctype')) assert.match(html, /<html lang="zh-Hans">/)
    assert.deepEqual(englishIn(html, given), [])
  })

test('why an answer could not be judged is told in the language of the page, whatever it was judged in', async () => {
  const { app, labs, catalog } = await createTestApp()
  for (const { id, type } of [...catalog.questions.values()]) if (type !== 'predict') catalog.questions.delete(id)
  const guest = await visitor(app)
  const setup = { pool: 'all', size: 'own', count: '1', minutes: '20', mode: 'timed', seed: 'one' }
  const url = (await guest.post('/study/exams', setup)).headers.location!
  await guest.post(`${url}/finish`)
  labs.next.refusal = new LabRefusal(422, 'The run was stopped: it needed more than {mb} MB of memory.', { mb: 64 })
  await guest.post(`${url}/judge`).expect(303)
  const results = async (language: string) => (await guest.get(`${url}/results`).set('Accept-Language', language)).text
  assert.match(await results('en'), /The simulator could not judge it\. The run was stopped: it needed more than 64 MB/)
  assert.match(await results('zh'), /模拟器无法判定这道题。运行被停止：[^<]*64 MB/)
})
