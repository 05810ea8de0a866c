/** What the server says of Nodes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, type Refusal, type RefusedChange, statusErrorsOf, updateErrorsOf } from '../stored.ts'

const NAME =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const ONE_A_FAMILY = 'may specify no more than one CIDR for each IP family'
const tainted = (...taints: object[]) => ({ spec: { taints } })
const ranges = (...podCIDRs: string[]) => ({ spec: { podCIDRs } })

const rows: Refusal[] = [
  { name: 'with a taint', part: tainted({ key: 'a', effect: 'NoSchedule' }), errors: [] },
  {
    name: 'with the same key for two effects',
    part: tainted({ key: 'a', effect: 'NoSchedule' }, { key: 'a', effect: 'NoExecute' }),
    errors: [],
  },
  {
    name: 'with a taint that is none',
    part: tainted({ key: 'a b', value: 'c d' }, { key: 'a', effect: 'Never' }),
    errors: [
      `metadata.taints[0].key: Invalid value: "a b": ${NAME}`,
      "metadata.taints[0].value: Invalid value: \"c d\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      'metadata.taints[0].effect: Required value',
      'metadata.taints[1].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
  },
  {
    name: 'with a taint twice',
    part: tainted({ key: 'a', effect: 'NoSchedule' }, { key: 'a', value: 'b', effect: 'NoSchedule' }),
    errors: [
      'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"b","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
  },
  { name: 'with a range of each family', part: ranges('10.0.0.0/24', 'fd00::/64'), errors: [] },
  { name: 'with a range', part: ranges('10.0.0.0/24'), errors: [] },
  {
    name: 'with what is no range',
    part: ranges('10.0.0.0'),
    errors: [`spec.podCIDRs[0]: Invalid value: "10.0.0.0": ${CIDR}`],
  },
  {
    name: 'with two ranges of a family',
    part: ranges('10.0.0.0/24', '10.0.1.0/24'),
    errors: [`spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: ${ONE_A_FAMILY}`],
  },
  {
    name: 'with a pair and one more',
    part: ranges('10.0.0.0/24', 'fd00::/64', '10.0.1.0/24'),
    errors: [`spec.podCIDRs: Invalid value: ["10.0.0.0/24","fd00::/64","10.0.1.0/24"]: ${ONE_A_FAMILY}`],
  },
  {
    name: 'with a pair of which the first is no range',
    part: ranges('x', '10.0.1.0/24'),
    errors: [
      `spec.podCIDRs[0]: Invalid value: "x": ${CIDR}`,
      'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[0]: <nil> (invalid CIDR address: x)',
      `spec.podCIDRs: Invalid value: ["x","10.0.1.0/24"]: ${ONE_A_FAMILY}`,
    ],
  },
]
for (const { name, part, errors } of rows)
  test(`a Node ${name}`, () => assert.deepEqual(errorsOf('nodes', part), errors))

const KEPT = (field: string, of: string) =>
  `spec.${field}: Forbidden: node updates may not change ${of} except from "" to valid`
const changes: RefusedChange[] = [
  {
    name: 'is given its ranges and its provider',
    before: { spec: {} },
    after: { spec: { podCIDRs: ['10.0.0.0/24'], providerID: 'a' } },
    errors: [],
  },
  {
    name: 'would have another range',
    before: ranges('10.0.0.0/24', 'fd00::/64'),
    after: ranges('10.0.1.0/24', 'fd01::/64'),
    errors: [KEPT('podCIDRs', 'podCIDR'), KEPT('podCIDRs', 'podCIDR')],
  },
  {
    name: 'would lose a range',
    before: ranges('10.0.0.0/24', 'fd00::/64'),
    after: ranges('10.0.0.0/24'),
    errors: [KEPT('podCIDRs', 'podCIDR')],
  },
  {
    name: 'would be of another provider',
    before: { spec: { providerID: 'a' } },
    after: { spec: { providerID: 'b' } },
    errors: [KEPT('providerID', 'providerID')],
  },
  {
    name: 'would have another externalID',
    before: { spec: {} },
    after: { spec: { externalID: 'a' } },
    errors: ['spec.externalID: Forbidden: may not be updated'],
  },
]
for (const { name, before, after, errors } of changes)
  test(`a Node that ${name}`, () => assert.deepEqual(updateErrorsOf('nodes', { before, after }), errors))

test('a Node that would have an address twice', () => {
  const addresses = ['a', 'b', 'a'].map((address) => ({ type: 'InternalIP', address }))
  assert.deepEqual(statusErrorsOf('nodes', { before: { spec: {} }, after: { status: { addresses } } }), [
    'status.addresses[2]: Duplicate value: {"Type":"InternalIP","Address":"a"}',
  ])
})
