import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formDiff, internalForm } from '../../../sim/api/schema/internal-form.ts'

for (const { name, struct, value, want } of [
  {
    name: 'every field has a value: what is not set is empty, 0, false or null',
    struct: 'ContainerPort',
    value: { containerPort: 80 },
    want: { Name: '', HostPort: 0, ContainerPort: 80, Protocol: '', HostIP: '' },
  },
  {
    name: 'fields that a struct takes from another stand among its own',
    struct: 'EnvVarSource',
    value: { configMapKeyRef: { name: 'c', key: 'k' } },
    want: {
      FieldRef: null,
      ResourceFieldRef: null,
      ConfigMapKeyRef: { Name: 'c', Key: 'k', Optional: null },
      SecretKeyRef: null,
      FileKeyRef: null,
    },
  },
  {
    name: 'a selector keeps the names of manifests, its labels sorted',
    struct: 'PodDisruptionBudgetSpec',
    value: { minAvailable: 1, selector: { matchLabels: { b: '2', a: '1' } } },
    want: {
      MinAvailable: 1,
      Selector: { matchLabels: { a: '1', b: '2' } },
      MaxUnavailable: null,
      UnhealthyPodEvictionPolicy: null,
    },
  },
])
  test(`internalForm: ${name}`, () => assert.equal(JSON.stringify(internalForm(struct, value)), JSON.stringify(want)))

test('internalForm: the namespaces that a Pod shares stand in its security context', () => {
  const form = internalForm('PodSpec', { hostNetwork: true, containers: [] }) as Record<string, Record<string, unknown>>
  assert.equal(form.SecurityContext.HostNetwork, true)
  assert.equal(form.SecurityContext.HostPID, false)
})

test('formDiff: the lines that differ, indented by one', () =>
  assert.equal(
    formDiff(
      internalForm('Taint', { key: 'a', effect: 'NoSchedule' }),
      internalForm('Taint', { key: 'b', effect: 'NoSchedule' }),
    ),
    '@@ -1,5 +1,5 @@\n {\n- "Key": "a",\n+ "Key": "b",\n  "Value": "",\n  "Effect": "NoSchedule",\n  "TimeAdded": null\n',
  ))
