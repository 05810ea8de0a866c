/** What the proof of a challenge does besides its solutions, and how it spells them. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import type { Challenge } from '../../../../server/catalog/types.ts'
import { type ProofOptions, proveChallenge } from '../../../../server/labs/proofs/challenge-proofs.ts'

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: 'nginx:1.27', resources: { limits: { memory: 64Mi } } }] }
`
const role = `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader }
rules: [{ apiGroups: [''], resources: [pods], verbs: [get] }]
`

const folder = mkdtempSync(join(tmpdir(), 'challenge-proofs-'))
after(() => rmSync(folder, { recursive: true }))
for (const [path, text] of Object.entries({
  'solutions/one/web.yaml': deployment,
  'solutions/two/web.yaml': deployment + role,
  'wrong/none/run.yaml': 'steps: []\n',
  'wrong/none/expect.yaml': 'loses: [memory]\n',
})) {
  const file = join(folder, 'challenges/limit', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** The problems of a challenge whose only check is that expression, but for those of the fixture itself. */
async function problemsOf(cel: string, options: Partial<ProofOptions>): Promise<string[]> {
  const check = {
    id: 'memory',
    title: 'x',
    points: 100,
    when: { mode: 'settled' },
    assert: { cel, message: 'x' },
    why: 'x',
  }
  const spec = {
    style: 'build',
    params: {},
    world: { shape: { nodes: [{ name: 'node-1' }] }, setup: [], settleSeconds: 0 },
    workspace: { allowKubectl: true, maxApplies: 40, maxVirtualSeconds: 600 },
    checks: [check],
    hints: [],
    observeSeconds: 30,
  }
  const challenge = {
    id: 'limit',
    hash: 'x',
    spec,
    statement: '',
    debrief: '',
    texts: { mistakes: [] },
  } as unknown as Challenge
  const all = { seeds: 1, mutants: 0, overMutants: 0, spellings: 0, ...options }
  const { problems } = await proveChallenge(folder, challenge, all)
  return problems.filter((problem) => !/at least 3 wrong answers/.test(problem))
}

const isThere = `deployments.exists(d, d.metadata.name == 'web')`
const inMi = `deployments.exists(d, d.spec.template.spec.containers[0].resources.limits.memory == '64Mi')`

test('a check that judges the spelling is told with the solution and the kind of spelling', async () => {
  const [problem, ...others] = await problemsOf(inMi, { spellings: 1 })
  assert.match(
    problem ?? '',
    /^content\/challenges\/limit\/solutions\/one: spelled otherwise \(quantities\) it scores 0 of 100: memory: /,
  )
  assert.deepEqual(others, [])
  assert.deepEqual(await problemsOf(isThere, { spellings: 1 }), [])
})

test('each solution has its over-mutants in a wide proof, what both left the same once; else the first', async () => {
  const told = async (isWide: boolean) =>
    (await problemsOf(isThere, { overMutants: 1000, isWide })).map((problem) =>
      problem.replace(/^\S+ (.*) leaves .*solutions\/(\w+), .*$/, '$2: $1'),
    )
  const first = await told(false)
  assert.ok(first.includes('one: no-limits of Deployment/web'), first.join('\n'))
  assert.deepEqual(
    first.filter((one) => one.includes('Role/')),
    [],
  )
  const wide = await told(true)
  assert.deepEqual(
    wide.filter((one) => one.includes('no-limits')),
    ['one: no-limits of Deployment/web'],
  )
  assert.ok(wide.includes('two: more-verbs of Role/reader'), wide.join('\n'))
})
