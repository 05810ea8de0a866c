import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findWording } from '../../../server/catalog/wording.ts'
import { featureGates } from '../../../sim/index.ts'

const words = `# Comments are none.
- { word: 'mend(s|ed)?', say: fix }
- { word: 愿望, say: 期望状态, locale: zh }
`
const found = (files: Record<string, string>) =>
  findWording(new Map(Object.entries(files)), featureGates).map(
    ({ file, line, message }) => `${file}:${line}: ${message}`,
  )

test('a word of the list is found in texts of its language, whole, in any case, with its line', () => {
  assert.deepEqual(
    found({
      'words.yaml': words,
      'lessons/pod/a.md': 'Amended, menders and 愿望 stand.\n\nMends what was broken.',
      'lessons/pod/a.zh.md': 'mend 可以写。\n写的是愿望。',
      'moved.yaml': 'question:pod/mend-it: question:pod/fix-it',
    }),
    [
      'content/lessons/pod/a.md:3: "Mends" is not what we write: fix',
      'content/lessons/pod/a.zh.md:2: "愿望" is not what we write: 期望状态',
    ],
  )
  assert.deepEqual(found({ 'lessons/pod/a.md': 'Mends.' }), [])
})

test('a name of an item that holds the word is found where it is linked', () => {
  assert.deepEqual(found({ 'words.yaml': words, 'tracks/a.md': 'See mend-the-rollout.' }), [])
  assert.deepEqual(found({ 'words.yaml': words, 'tracks/a.md': 'See [it](/questions/pod/mend).' }).length, 1)
})

test('a list that cannot be read says where', () => {
  assert.deepEqual(found({ 'words.yaml': '- { word: a }\n' }), [
    'content/words.yaml:1: 0.say: Invalid input: expected string, received undefined',
  ])
  const [problem] = found({ 'words.yaml': "- { word: b, say: c }\n- { word: '(', say: c }\n" })
  assert.match(problem!, /^content\/words\.yaml:2: word: .*Unterminated group/)
})

for (const { text, told } of [
  { text: 'The gate `MaxUnavailableStatefulSet` is off by default.', told: [] },
  { text: '特性门控 `MaxUnavailableStatefulSet` 默认关闭。', told: [] },
  { text: 'The gate `SidecarContainers` is on by default.', told: [] },
  { text: 'A `MutatingAdmissionPolicy` is a kind as well.', told: [] },
  { text: 'In the text MaxUnavailableStatefulSet is no name of a gate.', told: [] },
  {
    text: 'Turn on the gate `MaxUnavailableStatefulSet`.',
    told: ['the feature gate MaxUnavailableStatefulSet is off by default in v1.36 (beta): say so where it is named'],
  },
  {
    text: 'The gate `ContainerStopSignals` is on by default.',
    told: ['the feature gate ContainerStopSignals is off by default in v1.36 (alpha): say so where it is named'],
  },
  { text: 'The feature gate `NoSuchGate` is off by default.', told: ['v1.36 has no feature gate NoSuchGate'] },
  { text: 'The `NoSuchGate` feature gate.', told: ['v1.36 has no feature gate NoSuchGate'] },
])
  test(`of gates: ${text}`, () =>
    assert.deepEqual(
      found({ 'lessons/pod/a.md': text }),
      told.map((message) => `content/lessons/pod/a.md:1: ${message}`),
    ))

test('gates of alpha are off and stable ones on', () => {
  const wrong = [...featureGates].filter(
    ([, { stage, isOn }]) => (stage === 'alpha' && isOn) || (stage === 'stable' && !isOn),
  )
  assert.deepEqual(wrong, [])
  assert.ok(featureGates.size > 200)
})
