import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compareLevels,
  isSamePolicy,
  policyOf,
  printLevelVersion,
} from '../../../../sim/apiserver/admission/pod-security/policy.ts'

const LATEST = Number.POSITIVE_INFINITY
const read = (labels: Record<string, string>) => {
  const prefixed = Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [`pod-security.kubernetes.io/${name}`, value]),
  )
  const { policy, errors } = policyOf(prefixed)
  const { enforce, audit, warn } = policy
  return { policy: [enforce, audit, warn].map(printLevelVersion), errors: errors.length }
}

for (const { name, labels, want, errors = 0 } of [
  {
    name: 'what each mode says',
    labels: {
      enforce: 'privileged',
      audit: 'baseline',
      warn: 'restricted',
      'audit-version': 'v1.0',
      'warn-version': 'v1.31',
    },
    want: ['privileged:latest', 'baseline:v1.0', 'restricted:v1.31'],
  },
  {
    name: 'the latest version, in as many words',
    labels: { enforce: 'baseline', 'enforce-version': 'latest' },
    want: ['baseline:latest', 'privileged:latest', 'baseline:latest'],
  },
  {
    name: 'a version of warnings alone, which go with what is enforced',
    labels: { enforce: 'restricted', 'enforce-version': 'v1.30', 'warn-version': 'v1.31' },
    want: ['restricted:v1.30', 'privileged:latest', 'restricted:v1.31'],
  },
  {
    name: 'that nothing is enforced, of which nothing is warned',
    labels: { enforce: 'privileged', 'enforce-version': 'v1.30' },
    want: ['privileged:v1.30', 'privileged:latest', 'privileged:latest'],
  },
  {
    name: 'a level that is none: the strictest is enforced and none is warned of',
    labels: { enforce: 'strict' },
    want: ['restricted:latest', 'privileged:latest', 'privileged:latest'],
    errors: 1,
  },
  {
    name: 'warnings of a level that is none',
    labels: { enforce: 'baseline', warn: 'strict' },
    want: ['baseline:latest', 'privileged:latest', 'privileged:latest'],
    errors: 1,
  },
  ...['v1', 'v1.01', '1.30', 'v2.0', 'v1.-1', 'v1.3 '].map((version) => ({
    name: `a version ${JSON.stringify(version)}`,
    labels: { enforce: 'baseline', 'enforce-version': version },
    want: ['baseline:latest', 'privileged:latest', 'baseline:latest'],
    errors: 1,
  })),
])
  test(`the labels of a Namespace may say ${name}`, () =>
    assert.deepEqual(read(labels as unknown as Record<string, string>), { policy: want, errors }))

test('levels are in order, and policies are the same by level and version', () => {
  assert.ok(compareLevels('restricted', 'baseline') > 0)
  assert.ok(compareLevels('baseline', 'privileged') > 0)
  assert.ok(compareLevels('privileged', 'restricted') < 0)
  assert.equal(compareLevels('baseline', 'baseline'), 0)
  const policy = { level: 'baseline', minor: LATEST } as const
  assert.ok(isSamePolicy(policy, { ...policy }))
  assert.ok(!isSamePolicy(policy, { ...policy, minor: 30 }))
  assert.ok(!isSamePolicy(policy, { ...policy, level: 'restricted' }))
})
