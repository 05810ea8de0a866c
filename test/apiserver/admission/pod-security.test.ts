/** What the plugin does with what the standards find: it refuses, warns, or tells of Pods that are there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments } from '../../../sim/api/apps/deployment.ts'
import { cronJobs } from '../../../sim/api/batch/cron-job.ts'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { namespaces } from '../../../sim/api/core/namespace.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import { services } from '../../../sim/api/core/service.ts'
import { podSecurityAdmission } from '../../../sim/apiserver/admission/pod-security.ts'
import { type Asked, ask } from './plugin.ts'

const label = (mode: string) => `pod-security.kubernetes.io/${mode}`
const namespace = (labels: Record<string, string> = {}, name = 'ns') => ({
  metadata: { name, labels: Object.fromEntries(Object.entries(labels).map(([mode, value]) => [label(mode), value])) },
})
const spec = (part: object = {}) => ({ containers: [{ name: 'c', image: 'i' }], ...part })
const pod = (part: object = {}, name = 'p') => ({ metadata: { name, namespace: 'ns' }, spec: spec(part) })
const asked = (kind: unknown, labels: Record<string, string>, more: Asked) =>
  ask(podSecurityAdmission, kind as typeof pods, more, [[namespaces, [namespace(labels)]]])
const HOST = 'host namespaces (hostNetwork=true)'
const BAD = { hostNetwork: true }

test('a Pod below the level that its Namespace enforces is refused', () => {
  const { refusal, warnings } = asked(pods, { enforce: 'baseline', 'enforce-version': 'v1.30' }, { object: pod(BAD) })
  assert.deepEqual([refusal, warnings], [`pods "p" is forbidden: violates PodSecurity "baseline:v1.30": ${HOST}`, []])
  assert.equal(asked(pods, { enforce: 'baseline' }, { object: pod() }).refusal, undefined)
  assert.equal(asked(pods, {}, { object: pod(BAD) }).refusal, undefined)
  assert.equal(asked(pods, { enforce: 'baseline' }, { operation: 'DELETE', old: pod(BAD) }).refusal, undefined)
})

test('a Pod below the level of which its Namespace warns is let through with a warning', () => {
  const { refusal, warnings } = asked(pods, { warn: 'baseline' }, { object: pod(BAD) })
  assert.deepEqual([refusal, warnings], [undefined, [`would violate PodSecurity "baseline:latest": ${HOST}`]])
  assert.deepEqual(asked(pods, { warn: 'baseline' }, { object: pod() }).warnings, [])
})

test('a Namespace that is not there enforces nothing', () => {
  assert.equal(ask(podSecurityAdmission, pods, { object: pod(BAD) }).refusal, undefined)
  assert.equal(asked(pods, { enforce: 'baseline' }, { object: pod(BAD), namespace: '' }).refusal, undefined)
})

const image = (image: string) => ({ containers: [{ name: 'c', image }] })
const initial = (image: string) => ({ initContainers: [{ name: 'd', image }] })
const debugged = (...images: string[]) => ({
  ephemeralContainers: images.map((image, n) => ({ name: `e${n}`, image })),
})
for (const { name, now, before, isLookedAt } of [
  { name: 'the same images', now: {}, before: {}, isLookedAt: false },
  { name: 'another deadline', now: { activeDeadlineSeconds: 5 }, before: {}, isLookedAt: false },
  { name: 'another image', now: image('j'), before: image('i'), isLookedAt: true },
  { name: 'another image of an init container', now: initial('j'), before: initial('i'), isLookedAt: true },
  { name: 'a new ephemeral container', now: debugged('i', 'i'), before: debugged('i'), isLookedAt: true },
  { name: 'a first ephemeral container', now: debugged('i'), before: {}, isLookedAt: true },
  {
    name: 'another image of an ephemeral container',
    now: debugged('i', 'k'),
    before: debugged('i', 'j'),
    isLookedAt: true,
  },
  { name: 'the same ephemeral containers', now: debugged('i', 'j'), before: debugged('i', 'j'), isLookedAt: false },
])
  test(`a Pod with ${name} is ${isLookedAt ? '' : 'not '}looked at again`, () => {
    const update: Asked = { operation: 'UPDATE', object: pod({ ...BAD, ...now }), old: pod({ ...BAD, ...before }) }
    assert.equal(asked(pods, { enforce: 'baseline' }, update).refusal !== undefined, isLookedAt)
  })

test('what makes Pods is let through, with a warning', () => {
  const template = { metadata: {}, spec: spec(BAD) }
  const warning = [`would violate PodSecurity "baseline:latest": ${HOST}`]
  const warningsOf = (kind: unknown, of: object, more: Asked = {}) => {
    const { refusal, warnings } = asked(
      kind,
      { enforce: 'baseline' },
      { object: { metadata: { name: 'x' }, ...of }, ...more },
    )
    assert.equal(refusal, undefined)
    return warnings
  }
  assert.deepEqual(warningsOf(deployments, { spec: { template } }), warning)
  assert.deepEqual(warningsOf(cronJobs, { spec: { jobTemplate: { spec: { template } } } }), warning)
  assert.deepEqual(warningsOf(deployments, { spec: { template } }, { subresource: 'scale' }), [])
  assert.deepEqual(warningsOf(services, { spec: { ports: [] } }), [])
  assert.deepEqual(warningsOf(services, { spec: { template: { metadata: {} } } }), [])
  assert.deepEqual(warningsOf(configMaps, { data: {} }), [])
})

const relabeled = (
  after: Record<string, string>,
  before: Record<string, string> | undefined,
  existing: object[] = [],
  more: Asked = {},
) =>
  ask(
    podSecurityAdmission,
    namespaces,
    {
      ...(before ? { operation: 'UPDATE' as const, old: namespace(before) } : {}),
      ...{ object: namespace(after), namespace: '', ...more },
    },
    [[pods, existing]],
  )
const INVALID = `Namespace "ns" is invalid: metadata.labels[${label('enforce')}]: Invalid value: "none": must be one of privileged, baseline, restricted`

test('a Namespace whose labels cannot be read is refused, unless they were the same before', () => {
  assert.equal(relabeled({ enforce: 'none' }, undefined).refusal, INVALID)
  assert.equal(relabeled({ enforce: 'none' }, {}).refusal, INVALID)
  assert.equal(relabeled({ enforce: 'none' }, { enforce: 'nothing' }).refusal, INVALID)
  assert.equal(relabeled({ enforce: 'none' }, { enforce: 'none' }).refusal, undefined)
  assert.equal(relabeled({ enforce: 'none' }, undefined, [], { subresource: 'finalize' }).refusal, undefined)
  assert.equal(relabeled({ enforce: 'none' }, undefined, [], { operation: 'DELETE' }).refusal, undefined)
})

const offenders = [
  pod(BAD, 'c'),
  pod({}, 'fine'),
  pod({ hostPID: true, ...BAD }, 'b'),
  pod({ volumes: [{ name: 'v', hostPath: {} }] }, 'a'),
  pod(BAD, 'e'),
]
const header = (level: string) => `existing pods in namespace "ns" violate the new PodSecurity enforce level "${level}"`

test('a Namespace that enforces more tells of its Pods, those with the same faults in one line', () => {
  const lines = ['a: hostPath volumes', 'b (and 2 other pods): host namespaces']
  for (const { before, after, level } of [
    { before: {}, after: { enforce: 'baseline' }, level: 'baseline:latest' },
    {
      before: { enforce: 'baseline', 'enforce-version': 'v1.30' },
      after: { enforce: 'baseline', 'enforce-version': 'v1.31' },
      level: 'baseline:v1.31',
    },
    {
      before: { enforce: 'restricted', 'enforce-version': 'v1.30' },
      after: { enforce: 'baseline', 'enforce-version': 'v1.31' },
      level: 'baseline:v1.31',
    },
  ])
    assert.deepEqual(relabeled(after, before, offenders).warnings, [header(level), ...lines])
  assert.deepEqual(relabeled({ enforce: 'baseline' }, {}, [pod(BAD, 'y'), pod(BAD, 'x')]).warnings, [
    header('baseline:latest'),
    'x (and 1 other pod): host namespaces',
  ])
  assert.deepEqual(relabeled({ enforce: 'baseline' }, {}, [pod({}, 'fine')]).warnings, [])
})

test('a Namespace that enforces the same, less or nothing, or that is new, tells of none', () => {
  for (const { before, after } of [
    { before: { enforce: 'baseline' }, after: { enforce: 'baseline' } },
    { before: { enforce: 'restricted' }, after: { enforce: 'baseline' } },
    { before: { enforce: 'baseline' }, after: { enforce: 'privileged', 'enforce-version': 'v1.30' } },
    { before: undefined, after: { enforce: 'baseline' } },
  ])
    assert.deepEqual(relabeled(after, before, offenders).warnings, [])
})
