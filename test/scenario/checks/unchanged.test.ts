/** Objects that have to stay as they were handed over. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { compileStateAssertion } from '../../../sim/scenario/checks/assertion.ts'
import { snapshotNow } from '../../../sim/scenario/checks/history.ts'
import { fieldsOf } from '../../../sim/scenario/checks/unchanged.ts'
import type { UnchangedObject } from '../../../sim/scenario/types.ts'
import { snapshotOf, type Written } from './snapshot.ts'

const manifest = `
apiVersion: v1
kind: Service
metadata: { name: web, labels: { team: shop } }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: 'nginx:1.27' }] }
`

/** What is said after the lines of what was handed over. */
function afterLines(lines: readonly string[], objects: UnchangedObject[], text = manifest) {
  const cluster = createCluster({ seed: 'same', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'apply', manifest: text })
  cluster.advance(10_000)
  const assertion = compileStateAssertion({ unchanged: objects })!
  const first = assertion.evaluate(snapshotNow(cluster))
  for (const line of lines) {
    const { exit, stderr } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
    assert.equal(exit, 0, stderr)
  }
  cluster.advance(10_000)
  return { first, last: assertion.evaluate(snapshotNow(cluster)) }
}

const both: UnchangedObject[] = [
  { kind: 'Service', name: 'web' },
  { kind: 'Deployment', name: 'web' },
]

test('what only its controllers touch stays as it was', () => {
  const { first, last } = afterLines(['delete pod -l app=web', 'annotate pod -l app=web note=1'], both)
  assert.deepEqual(first, {
    holds: true,
    actual: 'as handed over',
    expected: 'Service/web, Deployment/web as handed over',
  })
  assert.equal(last.holds, true)
})

test('a note of the reason of a change is none; another annotation is one', () => {
  const noted = [
    'annotate deployment web kubernetes.io/change-cause=rotation',
    'scale deployment web --replicas=1 --record',
  ]
  assert.equal(afterLines(noted, both).last.holds, true)
  assert.match(
    afterLines(['annotate deployment web note=1'], both).last.actual,
    /^Deployment\/web: metadata\.annotations\.note was not set/,
  )
})

test('an amount that is written otherwise is the same amount, in a list of amounts and nowhere else', () => {
  const limits = (memory: string, cpu: string) =>
    `patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"limits":{"memory":"${memory}","cpu":"${cpu}"}}}]}}}}'`
  const limited = manifest.replace("'nginx:1.27'", "'nginx:1.27', resources: { limits: { memory: 128Mi, cpu: 500m } }")
  assert.equal(afterLines([limits('134217728', '0.5')], both, limited).last.holds, true)
  assert.equal(
    afterLines([limits('134217729', '500m')], both, limited).last.actual,
    'Deployment/web: spec.template.spec.containers.0.resources.limits.memory was "128Mi" and is "134217729"',
  )
  const service = [{ kind: 'Service', name: 'web' }]
  const noted = afterLines(['label service web --overwrite team=134217728'], service, manifest.replace('shop', '128Mi'))
  assert.equal(noted.last.holds, false)
})

test('a label that is asked for by an expression with one value is asked for all the same; a node is chosen by expressions alone', () => {
  const spread = (selector: string) =>
    `patch deployment web --type=merge -p '{"spec":{"template":{"spec":{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"ScheduleAnyway","labelSelector":${selector}}]}}}}'`
  const constrained = `${manifest.trimEnd().slice(0, -1)}, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: { matchLabels: { app: web, tier: front } } }] }\n`
  const spelled = (...expressions: string[]) =>
    afterLines([spread(`{"matchLabels":{"tier":"front"},"matchExpressions":[${expressions}]}`)], both, constrained).last
  const app = '{"key":"app","operator":"In","values":["web"]}'
  assert.equal(spelled(app).holds, true)
  assert.equal(spelled(app, '{"key":"zone","operator":"Exists"}').holds, false)
  assert.equal(spelled(app.replace('In', 'NotIn')).holds, false)
  assert.equal(spelled(app.replace('["web"]', '["web","shop"]')).holds, false)
  assert.equal(spelled(app, '{"key":"tier","operator":"In","values":["front"]}').holds, true)
  assert.equal(spelled(app, '{"key":"tier","operator":"In","values":["back"]}').holds, false)
  assert.deepEqual(
    [...fieldsOf({ nodeSelectorTerms: [{ matchExpressions: [JSON.parse(app)] }] }, []).keys()].slice(-1),
    ['nodeSelectorTerms.0.matchExpressions.0.values.0'],
  )
})

const changes: [what: string, line: string, told: string][] = [
  [
    'a port',
    `patch service web -p '{"spec":{"ports":[{"port":80,"targetPort":9090}]}}'`,
    'Service/web: spec.ports.0.targetPort was 8080 and is 9090',
  ],
  ['a label more', 'label service web tier=front', 'Service/web: metadata.labels.tier was not set and is "front"'],
  ['a label less', 'label service web team-', 'Service/web: metadata.labels.team was "shop" and is not set'],
  ['the number of replicas', 'scale deployment web --replicas=2', 'Deployment/web: spec.replicas was 1 and is 2'],
  ['the end of it', 'delete service web', 'Service/web is not there any more'],
]
for (const [what, line, told] of changes)
  test(`a change is told: ${what}`, () => {
    const { last } = afterLines([line], both)
    assert.deepEqual([last.holds, last.actual], [false, told])
  })

test('fields that may change may, with all below them, and no others', () => {
  const image: UnchangedObject[] = [
    { kind: 'Deployment', name: 'web', except: ['spec.template.spec.containers.*.image', 'metadata.annotations'] },
  ]
  assert.equal(afterLines(['set image deployment/web main=nginx:1.28'], image).last.holds, true)
  assert.equal(afterLines(['set env deployment/web A=1'], image).last.holds, false)
  assert.equal(afterLines(['annotate deployment web a=1'], image).last.holds, true)
})

test('with its managers, who shares a field is told, and a field that may change may have others', () => {
  const other = '--server-side --field-manager=other -f -'
  const applied = (spec: string) => {
    const cluster = createCluster({ seed: 'managed', shape: { nodes: [{ name: 'node-1' }] } })
    const apply = (args: string, text: string) =>
      assert.equal(cluster.execute({ op: 'kubectl', line: `kubectl apply ${args}`, stdin: text }).exit, 0)
    apply('--server-side --field-manager=team -f -', manifest)
    cluster.advance(10_000)
    const told = (objects: UnchangedObject[]) => {
      const assertion = compileStateAssertion({ unchanged: objects })!
      return { assertion, first: assertion.evaluate(snapshotNow(cluster)) }
    }
    const [plain, managed] = [{}, { managers: true }].map((more) =>
      told([{ kind: 'Deployment', name: 'web', except: ['spec.replicas'], ...more }]),
    )
    assert.equal(managed!.first.holds, true)
    apply(other, `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: ${spec}`)
    cluster.advance(10_000)
    const now = snapshotNow(cluster)
    assert.equal(plain!.assertion.evaluate(now).holds, true)
    return managed!.assertion.evaluate(now)
  }
  assert.equal(applied('{ replicas: 1 }').holds, true)
  const image = `{ template: { spec: { containers: [{ name: main, image: 'nginx:1.27' }] } } }`
  assert.equal(
    applied(image).actual,
    'Deployment/web: spec.template.spec.containers.k:{"name":"main"}.image was managed by team (Apply), and is by other (Apply), team (Apply)',
  )
  assert.equal(
    applied('{ replicas: 1, revisionHistoryLimit: 10 }').actual,
    'Deployment/web: spec.revisionHistoryLimit was managed by nobody, and is by other (Apply)',
  )
})

test('made again as it was it is as it was, unless it is to be the very same', () => {
  const again = ['delete deployment web', 'create deployment web --image=nginx:1.27']
  const holds = (only: string[]) => afterLines(again, [{ kind: 'Deployment', name: 'web', only }]).last.holds
  assert.equal(holds(['spec.replicas']), true)
  assert.equal(holds(['spec.replicas', 'metadata.uid']), false)
  assert.equal(afterLines([], [{ kind: 'Deployment', name: 'web', only: ['metadata.uid'] }]).last.holds, true)
})

test('a part of the status may be asked for: that no container was started again', () => {
  const objects: UnchangedObject[] = [{ kind: 'Pod', name: 'alone', only: ['status.containerStatuses'] }]
  const text = `${manifest}\n---\napiVersion: v1\nkind: Pod\nmetadata: { name: alone }\nspec: { containers: [{ name: a, image: 'nginx:1.27' }] }\n`
  assert.equal(afterLines(['label pod alone a=b'], objects, text).last.holds, true)
  assert.equal(afterLines(['exec alone -- kill 1'], objects, text).last.holds, false)
})

test('only some fields may be held fast', () => {
  const program: UnchangedObject[] = [
    {
      kind: 'Deployment',
      name: 'web',
      only: ['spec.template.spec.containers.0.image', 'spec.template.spec.containers.0.command'],
    },
  ]
  assert.equal(
    afterLines(['set env deployment/web A=1', 'scale deployment web --replicas=2'], program).last.holds,
    true,
  )
  assert.equal(
    afterLines(['set image deployment/web main=nginx:1.28'], program).last.actual,
    'Deployment/web: spec.template.spec.containers.0.image was "nginx:1.27" and is "nginx:1.28"',
  )
  const patch = `patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","command":["sh"]}]}}}}'`
  assert.equal(
    afterLines([patch], program).last.actual,
    'Deployment/web: spec.template.spec.containers.0.command.0 was not set and is "sh"',
  )
})

test('what was deleted and made again as it was is as it was, and what was changed back, too', () => {
  const again = ['delete deployment web', 'create deployment web --image=nginx:1.27']
  const template = ['metadata.labels', 'spec.template.spec.containers.*.name']
  assert.equal(afterLines(again, [{ kind: 'Deployment', name: 'web', except: template }]).last.holds, true)
  const back = ['scale deployment web --replicas=3', 'scale deployment web --replicas=1']
  assert.equal(afterLines(back, both).last.holds, true)
})

test('what was never there is a mistake of the author that is told', () => {
  assert.equal(
    afterLines([], [{ kind: 'ConfigMap', name: 'none' }]).first.actual,
    'there was no ConfigMap/none at the hand-over',
  )
  assert.throws(() => compileStateAssertion({ unchanged: [{ kind: 'Nothing', name: 'x' }] }), /no kind Nothing/)
})

/** What is said of objects that became others. */
function afterwards(objects: UnchangedObject[], before: Written[], now: Written[]) {
  const assertion = compileStateAssertion({ unchanged: objects })!
  assertion.evaluate(snapshotOf(...before))
  const { holds, actual } = assertion.evaluate(snapshotOf(...now))
  assert.equal(holds, actual === 'as handed over')
  return actual
}
const map = (data: object, namespace = 'shop'): Written => ({
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace },
  data,
})
const settings: UnchangedObject = { kind: 'ConfigMap', name: 'a' }

test('an object of another namespace is that one, whatever the others of its name are', () => {
  const away = { ...settings, namespace: 'far' }
  const [own, far] = [map({ x: 1 }), map({ x: 2 }, 'far')]
  assert.equal(afterwards([away], [own, far], [map({ x: 9 }), far]), 'as handed over')
  assert.equal(afterwards([away], [own, far], [own, map({ x: 9 }, 'far')]), 'ConfigMap/a: data.x was 2 and is 9')
  assert.equal(afterwards([away], [own, far], [own]), 'ConfigMap/a is not there any more')
  assert.equal(afterwards([settings], [own, far], [own, map({ x: 9 }, 'far')]), 'as handed over')
})

test('an object may be named twice, each time with other fields that are held fast', () => {
  const twice = [
    { ...settings, only: ['data.x'] },
    { ...settings, except: ['data.x', 'data.y'] },
  ]
  const before = [map({ x: 1, y: 1, z: 1 })]
  assert.equal(afterwards(twice, before, [map({ x: 1, y: 2, z: 1 })]), 'as handed over')
  assert.equal(afterwards(twice, before, [map({ x: 1, y: 1, z: 2 })]), 'ConfigMap/a: data.z was 1 and is 2')
  assert.equal(afterwards(twice, before, [map({ x: 2, y: 1, z: 1 })]), 'ConfigMap/a: data.x was 1 and is 2')
})

test('what the server writes by itself is no change', () => {
  const pod = (n: number): Written => ({
    kind: 'Pod',
    metadata: {
      name: 'a',
      ...{ uid: `${n}`, resourceVersion: `${n}`, generation: n, creationTimestamp: `${n}`, managedFields: [n] },
      deletionGracePeriodSeconds: n,
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': `${n}`,
        'deployment.kubernetes.io/revision': `${n}`,
      },
    },
    status: { phase: n },
  })
  const [first, then] = [pod(1), pod(2)]
  assert.equal(afterwards([{ kind: 'Pod', name: 'a' }], [first], [then]), 'as handed over')
  const noted = {
    ...then,
    metadata: { ...then.metadata, annotations: { 'deployment.kubernetes.io/revisionist': '1' } },
  }
  assert.match(afterwards([{ kind: 'Pod', name: 'a' }], [first], [noted]), /annotations\.\S+ was not set and is "1"$/)
})

const written: [what: string, before: Written, now: Written, told: string][] = [
  [
    'an amount of a quota',
    { kind: 'ResourceQuota', metadata: { name: 'a' }, spec: { hard: { 'requests.cpu': '1' } } },
    { kind: 'ResourceQuota', metadata: { name: 'a' }, spec: { hard: { 'requests.cpu': '1000m' } } },
    'as handed over',
  ],
  [
    'an amount of a limit range',
    { kind: 'LimitRange', metadata: { name: 'a' }, spec: { limits: [{ max: { memory: '1Gi' } }] } },
    { kind: 'LimitRange', metadata: { name: 'a' }, spec: { limits: [{ max: { memory: '1024Mi' } }] } },
    'as handed over',
  ],
  [
    'a text that is none among amounts',
    { kind: 'ResourceQuota', metadata: { name: 'a' }, spec: { hard: { pods: 'x' } } },
    { kind: 'ResourceQuota', metadata: { name: 'a' }, spec: { hard: { pods: '1' } } },
    'ResourceQuota/a: spec.hard.pods was "x" and is "1"',
  ],
  [
    'a number in place of a text among amounts',
    { kind: 'ResourceQuota', metadata: { name: 'a' }, spec: { hard: { pods: '1' } } },
    { kind: 'ResourceQuota', metadata: { name: 'a' }, spec: { hard: { pods: 1 } } },
    'ResourceQuota/a: spec.hard.pods was "1" and is 1',
  ],
  [
    'a setting whose name has such a word in it',
    map({ 'heap.max.size': '1Gi' }),
    map({ 'heap.max.size': '1024Mi' }),
    'ConfigMap/a: data.heap.max.size was "1Gi" and is "1024Mi"',
  ],
]
for (const [what, before, now, told] of written)
  test(`an amount is one only where amounts are: ${what}`, () =>
    assert.equal(afterwards([{ kind: before.kind, name: 'a' }], [before], [now]), told))

const fields: [what: string, object: object, except: string[], only: string[] | undefined, paths: string[]][] = [
  ['each that holds no others', { a: { b: 1, c: [2, { d: null }] } }, [], undefined, ['a.b', 'a.c.0', 'a.c.1.d']],
  ['none of what is empty or not set', { a: {}, b: [], c: undefined, d: 0 }, [], undefined, ['d']],
  ['without what is left out, and all below', { a: { b: 1 }, ab: 1 }, ['a'], undefined, ['ab']],
  ['any name for a star', { a: { x: { b: 1, c: 1 }, y: { b: 1 } } }, ['a.*.b'], undefined, ['a.x.c']],
  ['a star is one name', { a: { x: { y: { b: 1 } } } }, ['a.*.b'], undefined, ['a.x.y.b']],
  ['a dot is a dot', { axb: 1, a: { b: 1 } }, ['a.b'], undefined, ['axb']],
  ['only what is wanted, and all below', { a: { b: 1 }, c: 1 }, [], ['a'], ['a.b']],
  ['wanted and left out', { a: { b: 1, c: 1 } }, ['a.b'], ['a'], ['a.c']],
  ['nothing where nothing is wanted', { a: 1 }, [], [], []],
]
for (const [what, object, except, only, paths] of fields)
  test(`fields: ${what}`, () => assert.deepEqual([...fieldsOf(object, except, only).keys()], paths))

test('of all that were there with such a name each stays, and who comes later does not count', () => {
  const sets: UnchangedObject[] = [
    { kind: 'ReplicaSet', name: 'web-*', only: ['metadata.uid', 'spec.template'] },
    { kind: 'Service', name: 'w*' },
  ]
  assert.equal(afterLines(['set env deployment/web A=1', 'scale deployment web --replicas=2'], sets).last.holds, true)
  const gone = afterLines(['delete replicaset -l app=web'], sets).last.actual
  assert.match(gone, /^ReplicaSet\/web-\S+ is not there any more$|^ReplicaSet\/web-\S+: metadata\.uid was/)
  assert.match(afterLines(['label service web tier=front'], sets).last.actual, /^Service\/web: metadata\.labels\.tier/)
  assert.equal(
    afterLines([], [{ kind: 'ReplicaSet', name: 'api-*' }]).last.actual,
    'there was no ReplicaSet/api-* at the hand-over',
  )
})
