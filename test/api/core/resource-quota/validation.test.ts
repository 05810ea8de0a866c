/** What the server says of a ResourceQuota. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, type RefusedChange, statusErrorsOf, updateErrorsOf } from '../../stored.ts'

const quota = (hard: object, part: object = {}) => ({ spec: { hard, ...part } })
const NO_QUOTA = 'must be a standard resource for quota'
const UNKNOWN = 'must be a standard resource type or fully qualified'
const UNSCOPED = 'unsupported scope applied to resource'
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const known = [
  ...['', 'requests.', 'limits.'].flatMap((prefix) =>
    ['cpu', 'memory', 'ephemeral-storage'].map((name) => prefix + name),
  ),
  ...['requests.storage', 'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets'],
  ...['persistentvolumeclaims', 'configmaps', 'services.nodeports', 'services.loadbalancers'],
  ...['hugepages-2Mi', 'requests.hugepages-2Mi', 'count/pods', 'requests.example.com/gpu'],
]
for (const name of known)
  test(`a ResourceQuota may limit ${name}`, () =>
    assert.deepEqual(errorsOf('resourcequotas', quota({ [name]: '1' })), []))

const amounts: Refusal[] = [
  {
    name: 'of what no quota counts',
    part: quota({ storage: '1' }),
    errors: [`spec.hard[storage]: Invalid value: "storage": ${NO_QUOTA}`],
  },
  {
    name: 'of what nobody knows',
    part: quota({ disk: '1', 'requests.pods': '1' }),
    errors: ['disk', 'requests.pods'].flatMap((name) => [
      `spec.hard[${name}]: Invalid value: "${name}": ${UNKNOWN}`,
      `spec.hard[${name}]: Invalid value: "${name}": ${NO_QUOTA}`,
    ]),
  },
  {
    name: 'of what has no name',
    part: quota({ '-': '1' }),
    errors: [`spec.hard[-]: Invalid value: "-": ${QUALIFIED}`, `spec.hard[-]: Invalid value: "-": ${NO_QUOTA}`],
  },
  {
    name: 'of less than nothing, and of parts of what is counted',
    part: quota({ cpu: '-1', pods: '1500m', 'services.nodeports': '500m' }),
    errors: [
      'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      'spec.hard[pods]: Invalid value: "1500m": must be an integer',
      'spec.hard[services.nodeports]: Invalid value: "500m": must be an integer',
    ],
  },
  { name: 'without a limit', part: { spec: {} }, errors: [] },
  {
    name: 'without a namespace',
    part: quota({}),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
]
for (const { name, part, metadata, errors } of amounts)
  test(`a ResourceQuota ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('resourcequotas', part, metadata), errors))

const podAmounts = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory', 'pods']
const scoped: { scope: string; fits: string[]; not: string[] }[] = [
  { scope: 'BestEffort', fits: ['pods'], not: ['cpu', 'persistentvolumeclaims'] },
  ...['NotBestEffort', 'Terminating', 'NotTerminating', 'PriorityClass', 'CrossNamespacePodAffinity'].map((scope) => ({
    scope,
    fits: podAmounts,
    not: ['ephemeral-storage', 'requests.hugepages-2Mi', 'services', 'requests.storage'],
  })),
  { scope: 'VolumeAttributesClass', fits: ['persistentvolumeclaims', 'requests.storage'], not: ['pods', 'cpu'] },
]
for (const { scope, fits, not } of scoped) {
  const select = { matchExpressions: [{ scopeName: scope, operator: 'Exists' }] }
  test(`a ResourceQuota with the scope ${scope} may limit ${fits.join(', ')}`, () => {
    const hard = Object.fromEntries(fits.map((name) => [name, '1']))
    assert.deepEqual(errorsOf('resourcequotas', quota(hard, { scopes: [scope] })), [])
    assert.deepEqual(errorsOf('resourcequotas', quota(hard, { scopeSelector: select })), [])
  })
  for (const name of not)
    test(`a ResourceQuota with the scope ${scope} may not limit ${name}`, () => {
      const hard = { [name]: '1', 'count/pods': '1' }
      assert.deepEqual(errorsOf('resourcequotas', quota(hard, { scopes: [scope] })), [
        `spec.scopes: Invalid value: ["${scope}"]: ${UNSCOPED}`,
      ])
      assert.deepEqual(errorsOf('resourcequotas', quota(hard, { scopeSelector: select })), [
        `spec.scopeSelector.matchExpressions: Invalid value: {"MatchExpressions":[{"ScopeName":"${scope}","Operator":"Exists","Values":null}]}: ${UNSCOPED}`,
      ])
    })
}

const AT = 'spec.scopeSelector.matchExpressions'
const selecting = (...matchExpressions: object[]) => quota({ pods: '1' }, { scopeSelector: { matchExpressions } })
const ofClass = (part: object) => selecting({ scopeName: 'PriorityClass', ...part })
const EXISTS =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
const selectors: Refusal[] = [
  {
    name: 'whose scopes exclude each other',
    part: quota({ pods: '1' }, { scopes: ['BestEffort', 'Terminating', 'NotTerminating', 'NotBestEffort'] }),
    errors: ['', ''].map(
      () =>
        'spec.scopes: Invalid value: ["BestEffort","Terminating","NotTerminating","NotBestEffort"]: conflicting scopes',
    ),
  },
  {
    name: 'of a scope that there is not',
    part: quota({ services: '1' }, { scopes: ['Idle'] }),
    errors: ['spec.scopes: Invalid value: ["Idle"]: unsupported scope'],
  },
  {
    name: 'that selects two scopes that exclude each other',
    part: selecting(
      { scopeName: 'Terminating', operator: 'Exists' },
      { scopeName: 'NotTerminating', operator: 'Exists' },
    ),
    errors: [`${AT}: Invalid value: null: conflicting scopes`],
  },
  {
    name: 'that selects a scope that there is not',
    part: selecting({ scopeName: 'Idle', operator: 'Exists' }),
    errors: [`${AT}.scopeName: Invalid value: "Idle": unsupported scope`],
  },
  { name: 'of some classes', part: ofClass({ operator: 'In', values: ['high'] }), errors: [] },
  { name: 'of all but some classes', part: ofClass({ operator: 'NotIn', values: ['high'] }), errors: [] },
  { name: 'of no class', part: ofClass({ operator: 'DoesNotExist' }), errors: [] },
  ...['In', 'NotIn'].map((operator) => ({
    name: `that asks whether a class is ${operator} nothing`,
    part: ofClass({ operator }),
    errors: [
      `${AT}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
    ],
  })),
  ...['Exists', 'DoesNotExist'].map((operator) => ({
    name: `that asks whether a class ${operator} and which`,
    part: ofClass({ operator, values: ['high'] }),
    errors: [
      `${AT}.values: Invalid value: ["high"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
    ],
  })),
  {
    name: 'with another operator',
    part: ofClass({ operator: 'Like' }),
    errors: [`${AT}.operator: Invalid value: "Like": not a valid selector operator`],
  },
  ...['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'CrossNamespacePodAffinity'].map((scopeName) => ({
    name: `that asks which ${scopeName} a Pod is`,
    part: selecting({ scopeName, operator: 'In', values: ['a'] }),
    errors: [`${AT}.operator: Invalid value: "In": ${EXISTS}`],
  })),
]
for (const { name, part, errors } of selectors)
  test(`a ResourceQuota ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('resourcequotas', part), errors))

const scopes = (...names: string[]) => quota({ pods: '1' }, { scopes: names })
const changes: RefusedChange[] = [
  { name: 'another limit', before: quota({ pods: '1' }), after: quota({ pods: '2' }), errors: [] },
  {
    name: 'the same scopes in another order',
    before: scopes('BestEffort', 'Terminating'),
    after: scopes('Terminating', 'BestEffort'),
    errors: [],
  },
  {
    name: 'another scope',
    before: scopes('BestEffort'),
    after: scopes('Terminating'),
    errors: ['spec.scopes: Invalid value: ["Terminating"]: field is immutable'],
  },
  {
    name: 'no scope',
    before: scopes('BestEffort'),
    after: quota({ pods: '1' }),
    errors: ['spec.scopes: Invalid value: null: field is immutable'],
  },
  {
    name: 'a limit of what no quota counts',
    before: quota({}),
    after: quota({ storage: '1' }),
    errors: [`spec.hard[storage]: Invalid value: "storage": ${NO_QUOTA}`],
  },
  { name: 'no version', before: quota({}), after: quota({}), ...NO_VERSION },
]
for (const { name, errors, ...change } of changes)
  test(`an update of a ResourceQuota with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(updateErrorsOf('resourcequotas', change), errors))

test('the status of a ResourceQuota holds amounts of what quotas count', () => {
  const errors = (status: object, metadata = {}) =>
    statusErrorsOf('resourcequotas', { before: quota({}), after: { status }, metadata })
  assert.deepEqual(errors({ hard: { pods: '2' }, used: { pods: '1' } }), [])
  assert.deepEqual(errors({ hard: { pods: '-1' }, used: { storage: '1' } }), [
    'status.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
    `status.used[storage]: Invalid value: "storage": ${NO_QUOTA}`,
  ])
  assert.deepEqual(errors({}, NO_VERSION.metadata), NO_VERSION.errors)
})
