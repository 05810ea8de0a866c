import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  findBadFolds,
  findHeadings,
  renderInline,
  renderMarkdown,
  renderSegments,
} from '../../../server/render/markdown.ts'
import { layOutSequence } from '../../../server/render/sequence.ts'

const hostile = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[x](javascript:alert(1))',
  '<a href="javascript:alert(1)">x</a>',
  '<p style="color:red">x</p>',
  '<iframe src="https://example.org"></iframe>',
  '<svg onload=alert(1)>',
  '```yaml\n<script>alert(1)</script>\n```',
  ':::note <script>alert(1)</script>\ntext\n:::',
]
for (const text of hostile)
  test(`nothing that runs comes out of ${JSON.stringify(text)}`, () => {
    for (const html of [renderMarkdown(text), renderInline(text)])
      assert.doesNotMatch(html, /<script|onerror|onload|href="javascript|style=|<iframe|<svg|<img/)
  })

test('YAML is highlighted with classes alone', () => {
  const html = renderMarkdown('```yaml\nreplicas: 3\n```')
  assert.match(html, /<span class="hljs-attr">replicas:<\/span> <span class="hljs-number">3<\/span>/)
})

test('what scrolls sideways can be reached by keyboard', () => {
  assert.match(renderMarkdown('```\nx\n```'), /<pre tabindex="0">/)
  assert.match(renderMarkdown('| a |\n|---|\n| b |'), /<div class="table-scroll" tabindex="0"><table>/)
})

test('headings of the same words get different ids', () => {
  const headings = findHeadings(renderSegments('## The `x`\n\n## The x\n', 'scenario'))
  assert.deepEqual(
    headings.map(({ id }) => id),
    ['the-x', 'the-x-2'],
  )
})

test('fenced blocks of the wanted language are cut out with their line, others stay', () => {
  const segments = renderSegments('one\n\n```yaml\na: 1\n```\n\n```scenario\nid: x\n```\n\ntwo\n', 'scenario', 10)
  assert.equal(segments.length, 3)
  assert.deepEqual(segments[1], { fence: 'scenario', body: 'id: x', line: 17 })
})

test('a table of prose can be stacked and says of each cell what its column is; one of short values stays a table', () => {
  const prose = renderMarkdown(
    '| what | `<when>` "so" | why |\n|---|---|---|\n| `a` | once | since it is asked for "so" by the kubelet |',
  )
  assert.match(
    prose,
    /<table class="stacks" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader">/,
  )
  assert.match(
    prose,
    /<td role="cell"><code>a<\/code><\/td><td role="cell" data-label="&lt;when&gt; &quot;so&quot;">once<\/td>/,
  )
  const short = renderMarkdown('| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |')
  const two = renderMarkdown('| a | b |\n|---|---|\n| 1 | a long text that is wrapped in its own column |')
  for (const html of [short, two]) assert.doesNotMatch(html, /stacks|role=|data-label/)
})

test('a sequence has a lifeline for each party in the order of their first word, and every label inside the picture', () => {
  const diagram = layOutSequence([
    {
      atSeconds: 0,
      from: 'you',
      to: 'kubectl',
      label: 'a long command that has to be wrapped over several lines to fit',
    },
    { atSeconds: 1, from: 'kubectl', to: 'kube-apiserver', label: 'create' },
    { atSeconds: 1, from: 'kube-apiserver', to: 'kube-apiserver', label: 'admit' },
  ])!
  assert.deepEqual(
    diagram.lifelines.map(({ name }) => name),
    ['you', 'kubectl', 'kube-apiserver'],
  )
  for (const { labelX, label, y } of diagram.arrows) {
    const half = Math.max(...label.map((line) => line.length)) * 3
    assert.ok(labelX - half >= -8 && labelX + half <= diagram.width + 8, label.join('|'))
    assert.ok(y < diagram.height)
  }
  assert.equal(layOutSequence([]), undefined)
})

test('on a sheet every label of the birth of a Pod stands between the lifelines of its arrow, and one to itself above its arrow', () => {
  const rows = [
    { from: 'kubectl', to: 'kube-apiserver', label: 'create Pod hello' },
    { from: 'kube-apiserver', to: 'etcd', label: 'put Pod hello at revision 216' },
    { from: 'kubelet', to: 'containerd', label: 'CreateContainer web' },
    { from: 'kubelet', to: 'kube-apiserver', label: 'update status Pod hello' },
    { from: 'containerd', to: 'containerd', label: 'unpack' },
  ].map((row) => ({ ...row, atSeconds: 0 }))
  const [sheet, column] = [layOutSequence(rows, 'sheet')!, layOutSequence(rows)!]
  for (const { label, x1, x2, isSelf } of sheet.arrows)
    assert.ok(isSelf || Math.max(...label.map((line) => line.length)) * 5.9 <= Math.abs(x2 - x1), label.join('|'))
  assert.ok(sheet.width > column.width)
  const [last, before] = [sheet.arrows.at(-1)!, sheet.arrows.at(-2)!]
  assert.ok(last.y - before.y >= 18 + 14 + 10)
})

test('the title of a callout may hold code', () => {
  const html = renderMarkdown(':::trap A list of `containers`\ntext\n:::')
  assert.match(html, /<p class="callout-title">Common trap: A list of <code>containers<\/code><\/p>/)
})

test('a fold is closed, and named by its summary', () => {
  const html = renderMarkdown(
    'Before.\n\n:::fold The `fields` and <b>more</b>\n- one\n\n| a | b |\n|---|---|\n| 1 | 2 |\n:::\n\nAfter.',
  )
  assert.match(
    html,
    /<p>Before.<\/p>\s*<details class="folded"><summary>The <code>fields<\/code> and <b>more<\/b><\/summary>/,
  )
  assert.match(html, /<div class="folded-body"><ul>[\s\S]*<table>[\s\S]*<\/table><\/div><\/div><\/details>\s*<p>After/)
})

const badFolds = [
  { text: 'a\n\n:::fold\ntext\n:::', says: ['3: a fold says what it holds: ":::fold The fields and their defaults"'] },
  { text: ':::fold It\n### More\n:::', says: ['1: a fold holds no heading: move "More" before it'] },
  {
    text: ':::fold It\n- a\n\n```scenario\nid: x\n```\n:::',
    says: ['1: a fold holds no block "scenario": move it out'],
  },
  { text: 'a\n\n:::tipp It\nb\n:::', says: ['3: ":::" begins a callout or a fold, and a line ":::" ends it'] },
  { text: ':::fold It\ntext\n:::\n\n:::tip It\ntext\n:::', says: [] },
]
for (const { text, says } of badFolds)
  test(`of ${JSON.stringify(text)} it is told what is wrong with its folds`, () => {
    const found = findBadFolds(text, ['scenario'])
    assert.deepEqual(
      found.map(({ line, message }) => `${line}: ${message}`),
      says,
    )
  })

const filled = [
  { text: 'It shows **{{answer}}**.', html: 'It shows <strong>&#60;pending&#62;</strong>.' },
  { text: 'Code: `{{ answer }}`', html: 'Code: <code>&#60;pending&#62;</code>' },
  { text: '显示**{{answer}}**', html: '显示<strong>&#60;pending&#62;</strong>' },
  { text: '{{rule}} and {{other}}', html: '30 2 * * * and {{other}}' },
  { text: '{{constructor}}', html: '{{constructor}}' },
  {
    text: '[docs](https://example.com/{{rule}}/{{name}})',
    html: '<a href="https://example.com/30%202%20*%20*%20*/web_1_a">docs</a>',
  },
  { text: '[docs]({{scheme}})', html: '<a>docs</a>' },
  { text: '[docs](https://example.com/{{name}})', html: '<a href="https://example.com/web_1_a">docs</a>' },
  { text: '{{script}}', html: '&#60;img src=x onerror=&#34;alert(1)&#34;&#62;' },
  { text: '<kbd title="{{script}}">x</kbd>', html: '<kbd>x</kbd>' },
  { text: '[x](# "{{script}}")', html: '<a href="#" title="&#60;img src=x onerror=&#34;alert(1)&#34;&#62;">x</a>' },
]
const values = {
  answer: '<pending>',
  rule: '30 2 * * *',
  name: 'web_1_a',
  scheme: 'javascript:alert(1)',
  script: '<img src=x onerror="alert(1)">',
}
for (const { text, html } of filled)
  test(`a value that is filled into ${text} is text, whatever it holds`, () => {
    assert.equal(renderInline(text, values), html)
  })

test('a value within a block of code is shown once escaped, and coloured like what stands there', () => {
  assert.match(
    renderMarkdown('```\nshows {{answer}}\n```', values),
    /<code class="hljs">shows &lt;pending&gt;|shows &#60;pending&#62;/,
  )
  assert.doesNotMatch(renderMarkdown('```sh\nshows {{answer}}\n```', values), /&amp;/)
  assert.match(renderMarkdown('```yaml\nreplicas: {{n}}\n```', { n: 3 }), /<span class="hljs-number">3<\/span>/)
})

test('a value keeps the ids of headings, and cannot end what it stands in', () => {
  assert.equal(renderMarkdown('## Of {{n}} Pods', { n: 3 }), '<h2 id="of-3-pods">Of 3 Pods</h2>')
  assert.equal(renderMarkdown('| a |\n|---|\n| {{n}} |', { n: '1 | 2' }).includes('<td>1 | 2</td>'), true)
})
