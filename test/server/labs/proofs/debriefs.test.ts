/** Debriefs that are done as they stand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logOfDebrief } from '../../../../server/labs/proofs/debriefs.ts'
import { type ChallengeSpec, gradeChallenge } from '../../../../sim/index.ts'
import { aSpec } from '../a-spec.ts'

const block = (info: string, code: string): string => `\`\`\`${info}\n${code}\n\`\`\`\n`
const web = (replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: 'nginx:1.27' }] }`

async function scoreOf(debrief: string, spec: ChallengeSpec = aSpec()): Promise<number> {
  const log = await logOfDebrief({ spec, debrief }, 'debrief')
  return gradeChallenge(spec, { log }, 'debrief', 'hash').score
}

const withFile: ChallengeSpec = aSpec()
withFile.workspace = { ...withFile.workspace, files: { 'web.yaml': web(1) } }

const whole = [
  {
    name: 'lines of a shell',
    debrief: block('sh solution', 'kubectl create deployment web --image=nginx:1.27 --replicas=3'),
  },
  {
    name: 'a here-document, and what stands behind it',
    debrief: block(
      'sh solution',
      `cat > a.yaml <<END\n${web(2)}\nEND\nkubectl apply -f a.yaml\nkubectl scale deployment web \\\n  --replicas=3`,
    ),
  },
  { name: 'a manifest', debrief: block('yaml solution', web(3)) },
  {
    name: 'a part of an object',
    debrief: block('yaml solution', web(1)) + block('yaml solution deployment/web', 'spec:\n  replicas: 3'),
  },
  { name: 'a part of a file', debrief: block('yaml solution web.yaml', 'spec: { replicas: 3 }'), spec: withFile },
]
for (const { name, debrief, spec } of whole)
  test(`a debrief's solution may be ${name}`, async () => assert.equal(await scoreOf(debrief, spec), 100))

test('what is not marked is not done', async () => {
  assert.equal(await scoreOf(block('sh', 'kubectl create deployment web --image=nginx:1.27 --replicas=3')), 0)
})

test('a shell on a node goes on in a later block, and time passes for who waits', async () => {
  const debrief = ['ssh node-1', 'hostname', 'exit\nsleep 30\nkubectl get nodes'].map((code) =>
    block('sh solution', code),
  )
  const log = await logOfDebrief({ spec: aSpec(), debrief: debrief.join('\n') }, 'debrief')
  assert.deepEqual(
    log.map(({ command }) => ('line' in command ? command.line : command.op)),
    ['true', 'hostname', 'sleep 30', 'kubectl get nodes'],
  )
  assert.ok(log[3]!.atMs - log[2]!.atMs >= 30_000)
})

test('a file that a check reads is handed in as it was written', async () => {
  const spec = aSpec()
  spec.workspace = { ...spec.workspace, files: { 'node.txt': '' } }
  spec.checks = [
    {
      ...spec.checks[0]!,
      assert: { answer: { file: 'node.txt', keys: [{ text: 'node-1' }] } },
    },
  ]
  assert.equal(
    await scoreOf(block('sh solution', 'kubectl get nodes -o name | head -1 | cut -d / -f 2 > node.txt'), spec),
    100,
  )
  assert.equal(await scoreOf(block('sh solution', 'echo node-2 > node.txt'), spec), 0)
})
