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
const term = { labelSelector: { matchLabels: { app: 'soft' } }, topologyKey: 'kubernetes.io/hostname' }
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
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }],
          },
        },
      },
    ),
    want: '7988fbcf98',
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
