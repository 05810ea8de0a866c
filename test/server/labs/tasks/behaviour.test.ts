/** What somebody did, without how they wrote it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { behaviourOf } from '../../../../server/labs/tasks/behaviour.ts'
import { challengeLimits } from '../../../../server/labs/tasks/work.ts'
import type { LoggedCommand } from '../../../../sim/index.ts'
import { aSpec } from '../a-spec.ts'

const line = (atSeconds: number, text: string): LoggedCommand => ({
  atMs: atSeconds * 1000,
  command: { op: 'kubectl', line: text },
})
const manifest = (name: string, image: string, replicas: number) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - {name: ${name}, image: '${image}'}
`
const apply = (atSeconds: number, text: string): LoggedCommand => ({
  atMs: atSeconds * 1000,
  command: { op: 'apply', manifest: text },
})
const of = (log: LoggedCommand[], seed = 'one') => behaviourOf({ spec: aSpec(), seed, log }, challengeLimits)

const typed = [
  line(1, 'kubectl create deployment web --image=nginx:nope --replicas=2'),
  line(60, 'kubectl get po -o wide'),
  line(61, 'kubectl describe pods'),
  line(70, 'kubectl set image deployment/web nginx=nginx:1.27'),
  line(90, 'kubectl scale deploy/web --replicas=3'),
]

test('what was looked at, changed, and found wrong is told in order, of any variant the same', () => {
  const steps = of(typed)
  assert.deepEqual(steps, [
    'create Deployment',
    'cause come image-not-found',
    'look get Pod',
    'look describe Pod',
    'change Deployment spec.template.spec.containers[].image text',
    'cause gone image-not-found',
    'change Deployment spec.replicas up',
  ])
  assert.deepEqual(of(typed, 'another seed'), steps)
})

test('other names, other words for the same and manifests instead of lines make no difference', () => {
  const written = [
    apply(1, manifest('front', 'nginx:missing', 2)),
    line(60, '  kubectl   get pods'),
    line(61, 'kubectl describe po front-x'),
    apply(70, manifest('front', 'nginx:1.26', 2)),
    apply(90, manifest('front', 'nginx:1.26', 5)),
  ]
  assert.deepEqual(of(written), of(typed))
})

test('labels, settings and what is written beside them are fields, and their names are not told', () => {
  const steps = of([
    line(1, 'kubectl create configmap settings --from-literal=secretname=1'),
    line(5, `kubectl patch configmap settings -p '{"data":{"othername":"2"}}'`),
    line(6, 'kubectl label configmap settings tier=candidate-7f'),
    line(9, 'kubectl delete configmap settings'),
  ])
  assert.deepEqual(steps, [
    'create ConfigMap',
    'change ConfigMap data add',
    'change ConfigMap metadata.labels add',
    'delete ConfigMap',
  ])
  assert.equal(/secretname|othername|candidate|settings/.test(steps.join()), false)
})

test('what was refused, and who did nothing, leaves nothing but looks', () => {
  assert.deepEqual(of([]), [])
  assert.deepEqual(of([line(1, 'kubectl scale deployment nothing --replicas=2'), line(2, 'kubectl logs nothing')]), [
    'look logs',
  ])
})
