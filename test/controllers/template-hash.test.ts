/** The hash that names ReplicaSets: compared with those of a real cluster (v1.20). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodTemplateSpec } from '../../sim/api/core/pod-types.ts'
import { isSameTemplate, templateHash } from '../../sim/controllers/deployment/template-hash.ts'

const aTemplate = (
  app: string,
  container: Record<string, unknown>,
  spec: Record<string, unknown> = {},
): PodTemplateSpec =>
  ({
    metadata: { labels: { app } },
    spec: {
      containers: [
        {
          name: 'nginx',
          image: 'nginx:1.25',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
          ...container,
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
      ...spec,
    },
  }) as unknown as PodTemplateSpec

const requests = { cpu: '100m', memory: '64Mi' }
const hostTerm = (app: string) => ({ labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' })
const cases: { name: string; template: PodTemplateSpec; want: string }[] = [
  { name: 'a plain template', template: aTemplate('web', {}), want: '6c959dc85d' },
  { name: 'another image', template: aTemplate('web', { image: 'nginx:1.26' }), want: '76fd4c767' },
  { name: 'resource requests', template: aTemplate('web', { resources: { requests } }), want: '6b7788c957' },
  {
    name: 'preferred anti-affinity',
    template: aTemplate(
      'soft',
      { resources: { requests } },
      {
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: hostTerm('soft') }],
          },
        },
      },
    ),
    want: '7988fbcf98',
  },
  {
    name: 'required anti-affinity',
    template: aTemplate(
      'hard',
      { resources: { requests } },
      { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [hostTerm('hard')] } } },
    ),
    want: '6bf866c894',
  },
  { name: 'an image that does not exist', template: aTemplate('web', { image: 'nginx:9.99' }), want: '6f576984f' },
  { name: 'other labels', template: aTemplate('same', { image: 'nginx:1.26' }), want: 'b4fdf766c' },
  {
    name: 'an environment variable',
    template: aTemplate('web', { image: 'nginx:1.26', env: [{ name: 'A', value: '1' }] }),
    want: '86c66cfc57',
  },
  {
    name: 'a readiness probe',
    template: aTemplate('d', {
      name: 'main',
      readinessProbe: {
        tcpSocket: { port: 81 },
        timeoutSeconds: 1,
        periodSeconds: 2,
        successThreshold: 1,
        failureThreshold: 3,
      },
    }),
    want: '7458986f95',
  },
  {
    name: 'another grace period',
    template: aTemplate('web', { resources: { requests } }, { terminationGracePeriodSeconds: 2 }),
    want: '85bf687d68',
  },
  {
    name: 'a priority class',
    template: aTemplate(
      'low',
      { name: 'c', resources: { requests: { cpu: '700m' } } },
      { terminationGracePeriodSeconds: 3, priorityClassName: 'scn-low' },
    ),
    want: '869c778c67',
  },
  {
    name: 'a restart, by its annotation',
    template: {
      ...aTemplate('web', {}),
      metadata: {
        labels: { app: 'web' },
        annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-20T08:17:24Z' },
      },
    },
    want: '7c5f6dd4cf',
  },
]
for (const { name, template, want } of cases) {
  test(`the hash of ${name} is that of a real cluster`, () => assert.equal(templateHash(template, undefined), want))
}

test('the hash changes with the collision count, and with fields that the recorded release did not have', () => {
  const template = aTemplate('web', {})
  const hashes = [
    templateHash(template, undefined),
    templateHash(template, 0),
    templateHash(template, 1),
    templateHash(aTemplate('web', {}, { hostUsers: false }), undefined),
    templateHash(aTemplate('web', { restartPolicy: 'Always' }), undefined),
  ]
  assert.equal(new Set(hashes).size, hashes.length)
})

test('two templates are the same but for the hash label', () => {
  const template = aTemplate('web', {})
  const labeled = { ...template, metadata: { labels: { app: 'web', 'pod-template-hash': 'x' } } }
  assert.ok(isSameTemplate(template, labeled))
  assert.ok(!isSameTemplate(template, aTemplate('web', { image: 'nginx:1.26' })))
})
