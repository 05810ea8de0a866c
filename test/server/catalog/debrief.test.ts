/** What a debrief says of its blocks of code. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { debriefProblems, solutionBlocks } from '../../../server/catalog/debrief.ts'

const block = (info: string, code = 'kubectl get pods\n'): string => `\`\`\`${info}\n${code}\`\`\`\n`

test('the solution of a debrief is what its marked blocks hold, in their order', () => {
  const debrief = [
    'Look first:',
    block(''),
    block('sh solution', 'ssh node-1\nexit\n'),
    'Then:',
    block('yaml solution deployment/web -n shop', 'spec: {}\n'),
  ].join('\n')
  assert.deepEqual(
    solutionBlocks(debrief).map(({ language, object, code }) => [language, object, code]),
    [
      ['sh', '', 'ssh node-1\nexit\n'],
      ['yaml', 'deployment/web -n shop', 'spec: {}\n'],
    ],
  )
  assert.deepEqual(debriefProblems(debrief), [])
})

const cases = [
  { name: 'prose alone', debrief: 'Ask `kubectl`.', want: [] },
  { name: 'a part of a solution', debrief: block('yaml part'), want: [] },
  { name: 'code that nothing is said of', debrief: block('sh'), want: [/shows code: mark the blocks/] },
  { name: 'a mark that means nothing', debrief: block('sh solved'), want: [/“solved”, which is none/, /shows code/] },
  { name: 'a solution in another language', debrief: block('json solution'), want: [/in “json”/] },
  {
    name: 'a part beside a solution',
    debrief: block('sh solution') + block('yaml part'),
    want: [/unmark the part/],
  },
]
for (const { name, debrief, want } of cases)
  test(`of a debrief with ${name} ${want.length === 0 ? 'nothing is told' : 'it is told'}`, () => {
    const problems = debriefProblems(debrief)
    assert.equal(problems.length, want.length, problems.join('\n'))
    for (const [n, pattern] of want.entries()) assert.match(problems[n]!, pattern)
  })
