/** A manifest to fix: what the cluster does with it decides, and what it changes besides is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeFix } from '../../../../server/labs/tasks/work.ts'
import { type FixQuestion, fix } from '../../../../server/questions/fix.ts'

const deployment = (surge: number, over = '') => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  strategy: { rollingUpdate: { maxSurge: ${surge} } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: 'nginx:1.27', resources: { requests: { cpu: ${over || '100m'} } } }] }
`
const question: FixQuestion = {
  scenario: { nodes: 1, duration: 20, steps: [{ at: 0, apply: deployment(1) }] } as never,
  edit: 0,
  checks: [
    { title: 'One more at most', cel: 'deployments[0].spec.strategy.rollingUpdate.maxSurge == 0', why: 'Because.' },
    { title: 'Both run', cel: "pods.filter(p, p.status.phase == 'Running').size() == 2", why: 'Because.' },
  ],
  work: ['Deployment/web spec.strategy', 'LimitRange/*'],
  solution: deployment(0),
  right: [],
  wrong: [],
  freedoms: [],
}
const judged = (manifest: string) => judgeFix({ question, seed: 's', manifest }).judged
const other = (kind: string) => `---\napiVersion: v1\nkind: ${kind}\nmetadata: { name: more }\n`

test('what is written otherwise and means the same is as right as the solution', () => {
  assert.deepEqual(judged(deployment(0)), { held: [true, true], refused: '', beside: '' })
  assert.equal(judged(deployment(0, "'0.1'")).beside, '')
  assert.equal(
    judged(deployment(0).replace('metadata: { name: web }', 'metadata: { name: web, namespace: default }')).beside,
    '',
  )
  // What may be changed may be more than the solution changes.
  assert.equal(judged(`${deployment(0)}${other('LimitRange')}spec: { limits: [] }\n`).beside, '')
})

test('what else is changed, added or left out is told, and the answer is not right', () => {
  const told: [string, string][] = [
    [deployment(0, '200m'), 'Deployment/web was changed: spec.template.spec.containers.0.resources.requests.cpu'],
    [`${deployment(0)}${other('ConfigMap')}`, 'ConfigMap/more was added'],
    [deployment(0).replace('replicas: 2', 'replicas: 3'), 'Deployment/web was changed: spec.replicas'],
    [
      `${deployment(0)}---\napiVersion: v1\nkind: Namespace\nmetadata: { name: default, labels: { a: b } }\n`,
      'Namespace/default was changed: metadata.labels.a',
    ],
  ]
  for (const [manifest, beside] of told) assert.equal(judged(manifest).beside, beside)
  assert.match(judged(deployment(0).replaceAll('web', 'other')).beside!, /Deployment\/other was added/)
  const verdict = (one: ReturnType<typeof judged>) => {
    const {
      verdict: name,
      score,
      feedback,
    } = fix.grade(question, { seed: 's', params: {}, judged: one }, [''], {} as never)
    return [name, Math.round(score * 100), feedback.length]
  }
  assert.deepEqual(verdict(judged(deployment(0))), ['right', 100, 2])
  assert.deepEqual(verdict(judged(deployment(0, '200m'))), ['partly', 67, 3])
})

test('of a manifest that is refused nothing else is told', () => {
  assert.equal(judged('kind: Pod').beside, '')
})
