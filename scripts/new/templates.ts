/** The first texts of items of content: they load, and say TODO where something is to be written. */
import type { QuestionTypeName } from '../../server/questions/registry.ts'

export const kinds = ['lesson', 'question', 'challenge', 'workshop'] as const

/** @param name `section/slug`, of a challenge or a workshop its slug. @returns texts by their paths under content/ */
export function begin(kind: (typeof kinds)[number], name: string, type: QuestionTypeName): Record<string, string> {
  const title = titleOf(name)
  if (kind === 'lesson') return { [`lessons/${name}.md`]: lesson(title, name.split('/')[0]!) }
  if (kind === 'question') return { [`questions/${name}.md`]: question(title, type) }
  if (kind === 'workshop') return { [`workshops/${name}.md`]: workshop(title) }
  return Object.fromEntries(
    Object.entries(challenge(title)).map(([path, text]) => [`challenges/${name}/${path}`, text]),
  )
}

function titleOf(name: string): string {
  const words = name.split('/').at(-1)!.replaceAll('-', ' ')
  return words[0]!.toUpperCase() + words.slice(1)
}

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: nginx:1.27`

const indented = (text: string, spaces: number) => text.replaceAll('\n', `\n${' '.repeat(spaces)}`)

const lesson = (title: string, section: string) => `---
title: ${title}
section: ${section}
order: 99
minutes: 15
summary: TODO in one sentence, what somebody knows afterwards.
topics: [TODO]
sources:
  - { title: TODO, url: 'https://kubernetes.io/docs/' }
---

## What it is for

TODO which problem it solves, and for whom.

## The mechanism

TODO

## Live: TODO

\`\`\`scenario
id: first
title: TODO what to look at
nodes: 1
duration: 20
steps:
  - at: 0
    apply: |
      ${indented(pod, 6)}
  - { at: 15, run: kubectl get pods }
edit: 0
expect:
  - { stdout: 1, includes: Running }
\`\`\`

## The trap

:::trap "TODO what people say"
TODO what is so instead.
:::

## Say it in an interview

> TODO in two minutes.

## What to practise

- TODO
`

const fields: Record<QuestionTypeName, string> = {
  single: `options:
  - { id: a, text: TODO, correct: true, why: TODO }
  - { id: b, text: TODO, correct: false, why: TODO }
  - { id: c, text: TODO, correct: false, why: TODO }`,
  multiple: `options:
  - { id: a, text: TODO, correct: true, why: TODO }
  - { id: b, text: TODO, correct: true, why: TODO }
  - { id: c, text: TODO, correct: false, why: TODO }`,
  'true-false': `answer: true
why: { 'true': TODO, 'false': TODO }`,
  short: `accept: [TODO]
mistakes:
  - { given: [TODO wrong], why: TODO }`,
  numeric: `answer: 1
kind: number
mistakes:
  - { given: [2], why: TODO }`,
  order: `items:
  - { id: one, text: TODO first }
  - { id: two, text: TODO second }
  - { id: three, text: TODO third }`,
  match: `pairs:
  - { id: one, left: TODO, right: TODO one, why: TODO }
  - { id: two, left: TODO, right: TODO two, why: TODO }
  - { id: three, left: TODO, right: TODO three, why: TODO }`,
  spot: `code: |
  ${indented(pod, 2)}
bug: { lines: [8], why: TODO }
others: { '2': TODO }`,
  fix: `edit: 0
scenario:
  nodes: 1
  duration: 20
  steps:
    - at: 0
      apply: |
        ${indented(pod.replace('1.27', '1.TODO'), 8)}
checks:
  - { title: TODO, cel: "pods.exists(p, p.status.phase == 'Running')", why: TODO }
# What of it may be others than in the solution.
work: ['Pod/web spec.containers']
solution: |
  ${indented(pod, 2)}`,
  predict: `params:
  replicas: { int: { min: 2, max: 6 } }
scenario:
  nodes: 1
  duration: 20
  steps:
    - { at: 0, run: 'kubectl create deployment web --image=nginx:1.27 --replicas={{replicas}}' }
ask: { cel: pods.size(), answer: number, unit: Pods }
distractors:
  - { value: '1', why: TODO }`,
  open: `rubric:
  - { id: one, text: TODO }
  - { id: two, text: TODO }
  - { id: three, text: TODO }
model: |
  TODO
follow:
  - ask: TODO
    model: TODO`,
}

const question = (title: string, type: QuestionTypeName) => `---
title: ${title}
type: ${type}
difficulty: 2
topics: [TODO]
sources:
  - { title: TODO, url: 'https://kubernetes.io/docs/' }
${fields[type]}
---

TODO the prompt.

## Explanation

TODO what is so, and why.
`

const challenge = (title: string): Record<string, string> => ({
  'challenge.md': `---
title: ${title}
summary: TODO in one sentence, what is to be done.
---

TODO what is, what is wanted, and what must not change. {runs}

## Debrief

TODO what it was about, the ways to do it, and how to find it in a real cluster.
`,
  'challenge.yaml': `version: 1
style: fix
difficulty: 2
minutes: 15
topics: [TODO]
params:
  app: { oneOf: [shop, blog, wiki] }
world:
  shape: { nodes: [{ name: node-1, cpu: '2', memory: 4Gi }] }
  settleSeconds: 20
workspace: { maxApplies: 50, maxVirtualSeconds: 3600 }
checks:
  - id: runs
    title: TODO
    points: 100
    when: { mode: settled }
    assert: { object: { kind: Pod, metadata: { name: '{{app}}' }, status: { phase: Running } } }
    why: TODO
hints:
  - { id: first, text: TODO, cost: 10 }
observeSeconds: 30
`,
  'start/pod.yaml': `${pod.replace('name: web\nspec', "name: '{{app}}'\nspec").replace('1.27', '1.TODO')}\n`,
  'solutions/first/pod.yaml': `${pod.replace('name: web\nspec', "name: '{{app}}'\nspec")}\n`,
  'solutions/by-line/run.yaml': `about: TODO\nsteps:\n  - { at: 0, run: 'kubectl run {{app}} --image=nginx:1.27' }\n`,
  'wrong/other-name/pod.yaml': `${pod}\n`,
  'wrong/other-name/expect.yaml': `loses: [runs]\nabout: TODO\n`,
})

const workshop = (title: string) => `---
title: ${title}
order: 99
summary: TODO how long it is, for whom, and what they can do afterwards.
steps:
  - { id: welcome, talk: TODO what is done together, minutes: 10 }
  # An item of the content, and a question of it that the room votes on:
  # - { id: lesson, item: lesson:architecture/first-words, minutes: 20 }
  # - { id: vote, poll: question:pod/crash-loop-back-off-is, minutes: 10, opens: after }
  - id: opinion
    ask: TODO a question of your own
    options:
      - { id: a, text: TODO one }
      - { id: b, text: TODO two }
    minutes: 5
---

TODO for whom it is, what they know before, and what you prepare.

## welcome

TODO what to say.

## opinion

TODO what you do with the answers.
`
