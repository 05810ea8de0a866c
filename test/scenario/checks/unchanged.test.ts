/** Objects that have to stay as they were handed over. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { compileStateAssertion } from '../../../sim/scenario/checks/assertion.ts'
import { snapshotNow } from '../../../sim/scenario/checks/history.ts'
import type { UnchangedObject } from '../../../sim/scenario/types.ts'

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
