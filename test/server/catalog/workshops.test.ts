/** Ready-made workshops: what their files say, and what is wrong with them, by file and line. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../../../server/catalog/source.ts'
import { readWorkshop } from '../../../server/catalog/workshops.ts'

const plan = (steps: string, body: string): string => `---
title: A day
order: 1
summary: A day for all.
steps:
${steps}
---

About it.

${body}`

const hello = '  - { id: hello, talk: Hello, minutes: 5 }'

function read(text: string) {
  const problems: Problem[] = []
  const workshop = readWorkshop('content/workshops/day.md', text, 'day', problems)
  return { workshop, problems: problems.map(({ file, line, message }) => `${file}:${line}: ${message}`) }
}

test('a plan has steps of each kind, and a section of the guide for each', () => {
  const steps = `${hello}
  - { id: vote, poll: question:pod/always, anonymous: true, minutes: 5, opens: after }
  - { id: own, ask: 'Which?', options: [{ id: a, text: One, right: true }, { id: b, text: Two }], minutes: 5, opens: { minute: 30 } }`
  const { workshop, problems } = read(plan(steps, '## hello\n\nSay **hello**.\n\n## vote\n\nVote.\n\n## own\n\nAsk.\n'))
  assert.deepEqual(problems, [])
  assert.match(workshop!.about, /<p>About it\.<\/p>/)
  assert.deepEqual(
    workshop!.steps.map(({ id, guide }) => [id, guide.trim()]),
    [
      ['hello', '<p>Say <strong>hello</strong>.</p>'],
      ['vote', '<p>Vote.</p>'],
      ['own', '<p>Ask.</p>'],
    ],
  )
})

const cases: { name: string; steps?: string; body?: string; says: RegExp }[] = [
  { name: 'a section is missing', body: '', says: /day\.md:8: a section "## hello" is missing/ },
  {
    name: 'a section belongs to no step',
    body: '## hello\n\nHi.\n\n## bye\n\nBye.\n',
    says: /day\.md:15: there is no step "bye"/,
  },
  { name: 'a section is empty', body: '## hello\n\n', says: /day\.md:11: nothing is said of step "hello"/ },
  {
    name: 'sections stand in another order',
    steps: `${hello}\n  - { id: bye, talk: Bye, minutes: 5 }`,
    body: '## bye\n\nBye.\n\n## hello\n\nHi.\n',
    says: /day\.md:12: section "bye" stands where that of step "hello" belongs/,
  },
  { name: 'an id is used twice', steps: `${hello}\n${hello}`, says: /day\.md:7: id: "hello" is used twice/ },
  {
    name: 'an id is no id',
    steps: '  - { id: to-do, talk: Hello, minutes: 5 }',
    says: /day\.md:6: steps\.0\.id: must be up to 24/,
  },
  { name: 'a step has no minutes', steps: '  - { id: hello, talk: Hello }', says: /day\.md:6: steps\.0\.minutes/ },
  {
    name: 'several are right, and one may be chosen',
    steps: `  - id: hello
    ask: Which?
    options: [{ id: a, text: One, right: true }, { id: b, text: Two, right: true }]
    minutes: 5`,
    says: /day\.md:8: options: several are right/,
  },
]
for (const { name, steps = hello, body = '## hello\n\nHi.\n', says } of cases)
  test(`it is told by file and line when ${name}`, () => {
    const { problems } = read(plan(steps, body))
    assert.match(problems.join('\n'), says)
  })
