import assert from 'node:assert/strict'
import { test } from 'node:test'
import { englishIn } from './english-in.ts'

const cases: [html: string, english: string[]][] = [
  ['<p>下一题</p>', []],
  ['<p>Next question</p>', ['Next question: Next question']],
  ['<p>这个 Pod 在 Kubernetes v1.36 里，kube-proxy 也在</p>', []],
  ['<p>CKA，15 questions</p>', ['questions: CKA，15 questions']],
  ['<p lang="en">Next</p><p>and</p>', ['and: and']],
  ['<div lang="en"><p>Next <b lang="zh-Hans">and 下一题</b></p></div>', ['and: and 下一题']],
  ['<p><code>kubectl get pods</code> <kbd>n</kbd></p><pre>all of it</pre>', []],
  ['<script>const next = 1</script><style>p { color: red }</style>', []],
  ['<input placeholder="Search"><br>搜索', ['Search: Search']],
  ['<textarea aria-label="Your note">my words</textarea>', ['Your note: Your note']],
  ['<meta name="description" content="Learn it">', ['Learn it: Learn it']],
  ['<svg viewBox="0 0 1 1"><rect width="1"/><title>Next</title></svg>', ['Next: Next']],
  ['<a href="/next" class="button is-next">下一题</a><!-- the end -->', []],
  ['<p title="a > b">大于</p>', []],
  ['<p>don&#39;t</p>', ["don't: don't"]],
  ['<p>kubernetes.io/zh-cn、web-7d4b9、10.0.0.1 和 nginx:1.27</p>', []],
]
for (const [html, english] of cases)
  test(`the English of ${html}`, () => {
    assert.deepEqual(englishIn(html), english)
  })
