import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCatalogOrThrow } from '../../../../server/catalog/load.ts'
import { proveLesson, proveQuestion } from '../../../../server/labs/proofs/lesson-proofs.ts'
import type { PredictQuestion } from '../../../../server/questions/predict.ts'
import { fixtureFolder } from '../../support.ts'

async function problemsOfLife(shows: string[]): Promise<string[]> {
  const lesson = (await loadCatalogOrThrow(fixtureFolder)).lessons.get('pod/life')!
  const parts = lesson.parts.map((part) =>
    'explorer' in part
      ? { explorer: { ...part.explorer, presets: part.explorer.presets.map((preset) => ({ ...preset, shows })) } }
      : part,
  )
  return proveLesson({ ...lesson, parts }).problems
}

test('an explorer whose presets show what they claim is proven', async () => {
  assert.deepEqual(await problemsOfLife(['Container main: waiting: CrashLoopBackOff', 'started']), [])
})

test('a preset that does not show what it claims is told with its line', async () => {
  const [problem, ...others] = await problemsOfLife(['Pod phase: Succeeded'])
  assert.match(
    problem!,
    /^content\/lessons\/pod\/life\.md:14: explorer pod-life: preset "Loop & crash" does not show “Pod phase: Succeeded”:/,
  )
  assert.deepEqual(others, [])
})

const ofReplicas = async (oneOf: number[]): Promise<{ problems: string[]; commonest?: number }> => {
  const question = (await loadCatalogOrThrow(fixtureFolder)).questions.get('pod/count')!
  const { ask, ...data } = question.data as PredictQuestion
  const counting = { ...data, params: { replicas: { oneOf } }, ask: { ...ask, cel: 'pods.size()' } }
  const { problems, predict } = proveQuestion({ ...question, data: counting }, { seeds: 1 })
  return { problems, ...(predict && { commonest: predict.commonest }) }
}

test('a question to predict whose commonest key is right in 40 % of the draws is proven', async () => {
  assert.deepEqual(await ofReplicas([2, 2, 3, 3, 4]), { problems: [], commonest: 0.4 })
})

test('one whose key is nothing that can be seen is told', async () => {
  const question = (await loadCatalogOrThrow(fixtureFolder)).questions.get('pod/count')!
  const { ask, ...data } = question.data as PredictQuestion
  const asking = { ...data, params: { replicas: { oneOf: [2] } }, ask: { ...ask, answer: 'text', cel: "' '" } }
  assert.match(
    proveQuestion({ ...question, data: asking }, { seeds: 1 }).problems.join('\n'),
    /count\.md: variant \{"replicas":2\}: the key is empty: nothing of it is seen/,
  )
})

test('one whose commonest key is right more often is told, with that key', async () => {
  assert.deepEqual(await ofReplicas([2, 2, 2, 3, 4]), {
    problems: [
      'content/questions/pod/count.md: the answer 2 is right in 60 % of the draws, 40 % is the most: add variants with another key, or draw them more often',
    ],
    commonest: 0.6,
  })
  const [problem, ...others] = (await ofReplicas([2, 2])).problems
  assert.match(problem!, /the answer 2 is right in 100 % of the draws/)
  assert.deepEqual(others, [])
})

const ofChoices = async (choices: number[], belief?: string): Promise<string[]> => {
  const question = (await loadCatalogOrThrow(fixtureFolder)).questions.get('pod/count')!
  const { ask, ...data } = question.data as PredictQuestion
  const choosing = {
    ...data,
    params: { replicas: { oneOf: [2, 3, 4] } },
    ask: { ...ask, cel: 'pods.size()', choices },
    distractors: choices.map((value) => ({ value, why: 'Count.', ...(value > 4 && belief ? { belief } : {}) })),
  }
  return proveQuestion({ ...question, data: choosing }, { seeds: 1 }).problems
}

test('a choice that is right in no variant is told, unless it stands for a belief', async () => {
  assert.deepEqual(await ofChoices([2, 3, 4]), [])
  assert.deepEqual(await ofChoices([2, 3, 4, 5]), [
    'content/questions/pod/count.md: the choice “5” is right in no variant: add one, or say in belief who would choose it',
  ])
  assert.deepEqual(await ofChoices([2, 3, 4, 5], 'The control plane counts as well.'), [])
})

test('a belief of what is right in some variant is told', async () => {
  const question = (await loadCatalogOrThrow(fixtureFolder)).questions.get('pod/count')!
  const { ask, ...data } = question.data as PredictQuestion
  const believed = {
    ...data,
    params: { replicas: { oneOf: [2, 3, 4] } },
    ask: { ...ask, cel: 'pods.size()' },
    distractors: [{ value: 2, why: 'Count.', belief: 'Two are always enough.' }],
  }
  assert.deepEqual(proveQuestion({ ...question, data: believed }, { seeds: 1 }).problems, [
    'content/questions/pod/count.md: distractors: “2” is right in some variant, and needs no belief',
  ])
})
