import assert from 'node:assert/strict'
import test from 'node:test'
import { findMergeRule } from '../../../sim/api/schema/list-map-keys.ts'

const CORE = 'io.k8s.api.core.v1'
const cases = [
  {
    at: `${CORE}.PodSpec`,
    field: 'containers',
    apply: { type: 'map', keys: ['name'] },
    patch: { strategy: 'merge', mergeKey: 'name' },
  },
  {
    at: `${CORE}.PodSpec`,
    field: 'volumes',
    apply: { type: 'map', keys: ['name'] },
    patch: { strategy: 'merge', mergeKey: 'name', retainKeys: true },
  },
  { at: `${CORE}.PodSpec`, field: 'tolerations', apply: { type: 'atomic' }, patch: { strategy: 'replace' } },
  { at: `${CORE}.PodSpec`, field: 'nodeSelector', apply: { type: 'atomic' }, patch: { strategy: 'merge' } },
  {
    at: `${CORE}.Container`,
    field: 'ports',
    apply: { type: 'map', keys: ['containerPort', 'protocol'] },
    patch: { strategy: 'merge', mergeKey: 'containerPort' },
  },
  { at: `${CORE}.Container`, field: 'command', apply: { type: 'atomic' }, patch: { strategy: 'replace' } },
  {
    at: `${CORE}.ServiceSpec`,
    field: 'ports',
    apply: { type: 'map', keys: ['port', 'protocol'] },
    patch: { strategy: 'merge', mergeKey: 'port' },
  },
  { at: `${CORE}.ServiceSpec`, field: 'selector', apply: { type: 'atomic' }, patch: { strategy: 'merge' } },
  {
    at: 'io.k8s.api.apps.v1.DeploymentSpec',
    field: 'strategy',
    apply: { type: 'granular' },
    patch: { strategy: 'merge', retainKeys: true },
  },
  {
    at: 'io.k8s.api.apps.v1.DeploymentSpec',
    field: 'selector',
    apply: { type: 'atomic' },
    patch: { strategy: 'merge' },
  },
  {
    at: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    field: 'finalizers',
    apply: { type: 'set' },
    patch: { strategy: 'merge' },
  },
  {
    at: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    field: 'labels',
    apply: { type: 'granular' },
    patch: { strategy: 'merge' },
  },
  { at: `${CORE}.ConfigMap`, field: 'data', apply: { type: 'granular' }, patch: { strategy: 'merge' } },
]
for (const { at, field, apply, patch } of cases)
  test(`${at.split('.').at(-1)}.${field} is combined as its markers say`, () => {
    const rule = findMergeRule(at, field)
    assert.deepEqual([rule?.apply, rule?.patch], [apply, patch])
  })

test('a rule leads on to the definition of the items', () => {
  assert.equal(findMergeRule(`${CORE}.PodSpec`, 'containers')?.definition, `${CORE}.Container`)
  assert.equal(findMergeRule(`${CORE}.PodSpec`, 'nodeSelector')?.definition, undefined)
  assert.equal(findMergeRule(`${CORE}.PodSpec`, 'nope'), undefined)
})
