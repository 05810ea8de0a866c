/** A line or a path that was typed is run where the question has a place for it: what it does decides, however it is spelled. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeTyped } from '../../../../server/labs/tasks/work.ts'
import { simulatedVariant } from '../../../../server/practice/simulated-variant.ts'
import { runnable, type ShortQuestion, short } from '../../../../server/questions/short.ts'

const question: ShortQuestion = {
  accept: ['kubectl label node node-1 place={{place}}', 'kubectl label'],
  caseSensitive: false,
  mistakes: [{ given: ['kubectl annotate node node-1 place=here'], why: 'Another list.' }],
  run: {
    begins: 'kubectl',
    worlds: [{ wanted: 'here' }, { wanted: 'here too' }],
    scenario: { nodes: 2, duration: 3, steps: [{ at: 1, run: '{{given}}' }] } as never,
    holds: "nodes.exists(n, n.metadata.name == 'node-1' && 'place' in n.metadata.labels)",
  },
}

test('what is no form that is known is run, when it begins as what can be run does', async () => {
  const held = (typed: string) => judgeTyped({ run: question.run!, seed: 's', typed }).held
  assert.deepEqual(held('kubectl label no/node-1 place=there'), [true])
  assert.deepEqual(held('kubectl label no/node-2 place=there'), [false])
  for (const typed of [
    'kubectl',
    'kubectl label node "',
    'kubectl exec -it web -- sh',
    'kubectl logs -f nothing',
    '{{given}}',
  ])
    assert.deepEqual(held(typed), [false], typed)
  assert.equal(runnable(question, ' `kubectl label  no/node-1 place=there` '), 'kubectl label no/node-1 place=there')
  assert.equal(runnable(question, 'kubectl label'), undefined)
  assert.equal(runnable(question, 'KUBECTL ANNOTATE node node-1 place=here'), undefined)
  assert.equal(runnable(question, 'label node-1'), undefined)
  assert.equal(runnable(question, `kubectl label node node-1 place=${'x'.repeat(300)}`), undefined)
})

test('the verdict goes by what came of it, and a mistake that is known stays one', async () => {
  const asked: string[] = []
  const labs = {
    judgeTyped: async (_who: string, request: Parameters<typeof judgeTyped>[0]) => {
      asked.push(request.typed)
      return judgeTyped(request)
    },
  }
  const verdictOf = async (given: string): Promise<string> => {
    const about = { id: 'a/b', type: 'short', data: question } as never
    const { variant } = await simulatedVariant({ labs: labs as never }, 'ann', about, 's', [given])
    return short.grade(question, variant, [given], {} as never).verdict
  }
  assert.equal(await verdictOf('kubectl label no/node-1 place=there'), 'right')
  assert.equal(await verdictOf('kubectl label no/node-2 place=there'), 'wrong')
  assert.equal(await verdictOf('kubectl annotate node node-1 place=here'), 'wrong')
  assert.equal(await verdictOf('kubectl label'), 'right')
  assert.deepEqual(asked, ['kubectl label no/node-1 place=there', 'kubectl label no/node-2 place=there'])
})
