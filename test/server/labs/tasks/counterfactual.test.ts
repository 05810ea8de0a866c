import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences, printSteps, smallestChange } from '../../../../server/labs/tasks/counterfactual.ts'
import { solutionsOf } from '../../../../server/labs/tasks/solutions.ts'
import { grade, outcome } from '../../../../server/labs/tasks/work.ts'
import type { Labs } from '../../../../server/labs/types.ts'
import type { KubeObject } from '../../../../sim/index.ts'
import { projectCatalog } from '../../../support/content.ts'

const anObject = (over: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', uid: 'x', resourceVersion: '5', creationTimestamp: '' },
  ...over,
})
const told = (from: KubeObject[], to: KubeObject[]) =>
  differences(from, to).map(({ name, steps, direction }) => `${name} ${printSteps(steps)} ${direction}`)

test('the moment of a restart is no difference, and other annotations of a template are', () => {
  const web = (annotations: Record<string, string>) =>
    ({
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { template: { metadata: { labels: { app: 'web' }, annotations } } },
    }) as never
  const restarted = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:01:08Z' }
  assert.deepEqual(differences([web({ team: 'a' })], [web({ ...restarted, team: 'a' })]).length, 0)
  assert.deepEqual(differences([web({ ...restarted, team: 'a' })], [web({ team: 'b' })]).length, 1)
})

test('differences are of what people write, field by field, items of lists by their names', () => {
  const ports = (port: number, extra: object[] = []) => ({ spec: { ports: [{ name: 'http', port }, ...extra] } })
  assert.deepEqual(told([anObject(ports(80))], [anObject(ports(8080))]), ['web spec.ports[http].port raise'])
  assert.deepEqual(told([anObject(ports(80))], [anObject(ports(80, [{ name: 'b', port: 1 }]))]), [
    'web spec.ports[b] add',
  ])
  assert.deepEqual(
    told([anObject({ spec: { clusterIP: '10.96.0.1' } })], [anObject({ spec: { clusterIP: '10.96.0.2' } })]),
    [],
  )
  assert.deepEqual(told([anObject({ status: { a: 1 } })], [anObject({ status: { a: 2 } })]), [])
  assert.deepEqual(told([], [anObject({})]), ['web  create'])
  assert.deepEqual(told([anObject({})], []), ['web  delete'])
  const labelled = (key: string) =>
    anObject({ metadata: { name: 'web', namespace: 'default', labels: { [key]: 'x' } } })
  assert.deepEqual(told([labelled('a.b/c')], [labelled('d')]), [
    'web metadata.labels.a.b/c remove',
    'web metadata.labels.d add',
  ])
})

const labs = {
  grade: async (_who: string, request: Parameters<typeof grade>[0]) => grade(request),
  outcome: async (_who: string, request: Parameters<typeof outcome>[0]) => outcome(request),
} as unknown as Labs

const content = new URL('../../../../content', import.meta.url).pathname
const cases = [
  { challenge: 'one-port-for-two', check: 'inside', says: ['Service '] },
  { challenge: 'crash-loop', check: 'stays-up', says: ['ConfigMap data.BACKEND_URL'] },
]
for (const { challenge: id, check, says } of cases)
  test(`of ${id} the smallest change is found, turns the check green, and nothing of it can be left away`, async () => {
    const { challenges } = await projectCatalog()
    const { spec, hash: contentHash } = challenges.get(id)!
    const solutions = (await solutionsOf({ content: [content], spec, seed: 's' })).map(({ log }) => log)
    const request = { spec, contentHash, seed: 's', log: [], check, solutions }
    const found = await smallestChange(labs, 'ann', request)
    assert.deepEqual(
      found?.map(({ kind, steps }) => `${kind} ${printSteps(steps)}`),
      says,
    )
    // The same run gives the same answer.
    assert.deepEqual(await smallestChange(labs, 'ann', request), found)
  })

test('a run that differs everywhere, or needs something that a change at its end cannot give, has none', async () => {
  const { challenges } = await projectCatalog()
  const { spec, hash: contentHash } = challenges.get('crash-loop')!
  const request = { spec, contentHash, seed: 's', log: [], check: 'answers', solutions: [] }
  assert.equal(await smallestChange(labs, 'ann', request), undefined)
})
