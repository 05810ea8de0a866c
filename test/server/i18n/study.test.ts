import assert from 'node:assert/strict'
import { test } from 'node:test'
import { englishIn } from './english-in.ts'
import { walkStudy } from './study-walk.ts'

/** What the walk searches for, and what the content says in labels that hold nothing else to be marked. */
const given = [
  ...['always', 'qqqqqq'],
  ...['The kubelet starts it', 'The API server stores the Pod', 'The scheduler binds it'],
  ...['spec:', 'restartPolicy: Sometimes', 'containers: []'],
]

const chinese = await walkStudy('zh-CN,zh;q=0.9,en;q=0.8')

for (const { name, html } of chinese)
  test(`in Chinese: ${name}`, () => {
    if (html.startsWith('<!doctype')) assert.match(html, /<html lang="zh-Hans">/)
    assert.deepEqual(englishIn(html, given), [])
  })
