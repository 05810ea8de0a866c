/** What the server says of a Job. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, type RefusedChange, statusErrorsOf, updateErrorsOf } from '../../stored.ts'

const template = (part: object = {}, metadata: object = {}) => ({
  metadata,
  spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }], ...part },
})
const job = (part: object = {}) => ({ spec: { template: template(), ...part } })
const indexed = (part: object = {}) => job({ completionMode: 'Indexed', completions: 5, parallelism: 5, ...part })
const range = (count: number, from = 1): number[] => Array.from({ length: count }, (_, n) => from + n)

const NON_NEGATIVE = 'must be greater than or equal to 0'
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const MANAGED = 'spec.managedBy: '
const DOMAIN_PATH = 'must be a domain-prefixed path (such as "acme.io/foo")'
const POLICY = 'spec.template.spec.restartPolicy: '

const refused: Refusal[] = [
  {
    name: 'with nothing to do and no time to do it',
    part: job({
      parallelism: 0,
      completions: 0,
      activeDeadlineSeconds: 0,
      backoffLimit: 0,
      ttlSecondsAfterFinished: 0,
    }),
    errors: [],
  },
  {
    name: 'with negative numbers',
    part: job({
      parallelism: -1,
      completions: -2,
      activeDeadlineSeconds: -3,
      backoffLimit: -4,
      ttlSecondsAfterFinished: -5,
    }),
    errors: [
      `spec.parallelism: Invalid value: -1: ${NON_NEGATIVE}`,
      `spec.completions: Invalid value: -2: ${NON_NEGATIVE}`,
      `spec.activeDeadlineSeconds: Invalid value: -3: ${NON_NEGATIVE}`,
      `spec.backoffLimit: Invalid value: -4: ${NON_NEGATIVE}`,
      `spec.ttlSecondsAfterFinished: Invalid value: -5: ${NON_NEGATIVE}`,
    ],
  },
  {
    name: 'with negative limits for its indexes',
    part: indexed({ backoffLimitPerIndex: -1, maxFailedIndexes: -2 }),
    errors: [
      `spec.backoffLimitPerIndex: Invalid value: -1: ${NON_NEGATIVE}`,
      `spec.maxFailedIndexes: Invalid value: -2: ${NON_NEGATIVE}`,
    ],
  },
  {
    name: 'that counts failed indexes without a limit for each',
    part: indexed({ maxFailedIndexes: 1 }),
    errors: ['spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified'],
  },
  { name: 'managed by somebody else', part: job({ managedBy: 'example.com/a/b/' }), errors: [] },
  { name: 'managed by nobody', part: job({ managedBy: '' }), errors: ['spec.managedBy: Required value'] },
  ...['manager', '/manager', 'example.com/'].map((managedBy) => ({
    name: `managed by ${managedBy}`,
    part: job({ managedBy }),
    errors: [`${MANAGED}Invalid value: "${managedBy}": ${DOMAIN_PATH}`],
  })),
  {
    name: 'managed by what is neither domain nor path',
    part: job({ managedBy: 'Example/a b' }),
    errors: [
      `${MANAGED}Invalid value: "Example": ${SUBDOMAIN}`,
      `${MANAGED}Invalid value: "a b": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`,
    ],
  },
  { name: 'managed by a name of 63 bytes', part: job({ managedBy: `a/${'b'.repeat(61)}` }), errors: [] },
  {
    name: 'managed by a name of 64 bytes',
    part: job({ managedBy: `a/${'b'.repeat(62)}` }),
    errors: ['spec.managedBy: Too long: may not be more than 63 bytes'],
  },
  {
    name: 'with another mode',
    part: job({ completionMode: 'Ordered' }),
    errors: ['spec.completionMode: Unsupported value: "Ordered": supported values: "NonIndexed", "Indexed"'],
  },
  {
    name: 'with indexes and no completions',
    part: indexed({ completions: undefined }),
    errors: ['spec.completions: Required value: when completion mode is Indexed'],
  },
  {
    name: 'with limits for indexes that it does not have',
    part: job({ backoffLimitPerIndex: 1, maxFailedIndexes: 2 }),
    errors: [
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
      'spec.maxFailedIndexes: Invalid value: 2: requires indexed completion mode',
    ],
  },
  { name: 'of 100000 Pods at once', part: indexed({ parallelism: 100_000 }), errors: [] },
  {
    name: 'of 100001 Pods at once',
    part: indexed({ parallelism: 100_001 }),
    errors: [
      'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
    ],
  },
  {
    name: 'all of whose indexes may fail',
    part: indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 5 }),
    errors: [],
  },
  {
    name: 'more of whose indexes may fail than there are',
    part: indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 6 }),
    errors: ['spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions'],
  },
  {
    name: '100000 of whose indexes may fail',
    part: indexed({ completions: 100_000, backoffLimitPerIndex: 1, maxFailedIndexes: 100_000 }),
    errors: [],
  },
  {
    name: '100001 of whose indexes may fail, when nobody says how many there are',
    part: indexed({ completions: undefined, backoffLimitPerIndex: 1, maxFailedIndexes: 100_001 }),
    errors: [
      'spec.completions: Required value: when completion mode is Indexed',
      'spec.maxFailedIndexes: Invalid value: 100001: must be less than or equal to 100000',
    ],
  },
  { name: 'of very many indexes without a limit for each', part: indexed({ completions: 100_001 }), errors: [] },
  {
    name: 'of very many indexes with the highest limits for so many',
    part: indexed({ completions: 100_001, backoffLimitPerIndex: 1, maxFailedIndexes: 10_000, parallelism: 10_000 }),
    errors: [],
  },
  {
    name: 'of very many indexes with higher limits',
    part: indexed({ completions: 100_001, backoffLimitPerIndex: 1, maxFailedIndexes: 10_001, parallelism: 10_001 }),
    errors: [
      'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
      'spec.maxFailedIndexes: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  },
  {
    name: 'of very many indexes, any of which may fail',
    part: indexed({ completions: 100_001, backoffLimitPerIndex: 1 }),
    errors: ['spec.maxFailedIndexes: Required value: must be specified when completions is above 100000'],
  },
  { name: 'of Pods that start again', part: job({ template: template({ restartPolicy: 'OnFailure' }) }), errors: [] },
  {
    name: 'of Pods that say nothing of their end',
    part: job({ template: template({ restartPolicy: undefined }) }),
    errors: [`${POLICY}Required value: valid values: "OnFailure", "Never"`],
  },
  {
    name: 'of Pods that end as no Pod does',
    part: job({ template: template({ restartPolicy: 'Sometimes' }) }),
    errors: [
      `${POLICY}Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"`,
      `${POLICY}Unsupported value: "Sometimes": supported values: "OnFailure", "Never"`,
    ],
  },
  {
    name: 'of Pods that start again by themselves before a policy sees that they failed',
    part: job({
      template: template({ restartPolicy: 'OnFailure' }),
      podFailurePolicy: { rules: [] },
    }),
    errors: [`${POLICY}Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified`],
  },
  { name: 'that replaces Pods once they have failed', part: job({ podReplacementPolicy: 'Failed' }), errors: [] },
  {
    name: 'that replaces Pods at another time',
    part: job({ podReplacementPolicy: 'Deleted' }),
    errors: [
      'spec.podReplacementPolicy: Unsupported value: "Deleted": supported values: "Failed", "TerminatingOrFailed"',
    ],
  },
  {
    name: 'that replaces Pods before its policy can see that they failed',
    part: job({ podReplacementPolicy: 'TerminatingOrFailed', podFailurePolicy: { rules: [] } }),
    errors: ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
  },
  {
    name: 'of Pods that are not valid',
    part: job({ template: template({ containers: [{ name: 'c' }] }) }),
    errors: ['spec.template.spec.containers[0].image: Required value'],
  },
  {
    name: 'whose last Pod has a name of 63 characters',
    part: indexed({ completions: 11 }),
    metadata: { name: 'x'.repeat(60) },
    errors: [],
  },
  {
    name: 'whose last Pod has a name of 64 characters',
    part: indexed({ completions: 11 }),
    metadata: { name: 'x'.repeat(61) },
    errors: [
      `metadata.name: Invalid value: "${'x'.repeat(61)}": will not able to create pod with invalid DNS label: ${'x'.repeat(61)}-10`,
    ],
  },
  {
    name: 'of one index, under a long name',
    part: indexed({ completions: 1 }),
    metadata: { name: 'x'.repeat(61) },
    errors: [],
  },
  {
    name: 'of no index, under a long name',
    part: indexed({ completions: 0 }),
    metadata: { name: 'x'.repeat(62) },
    errors: [],
  },
  {
    name: 'without indexes, under a long name',
    part: job({ completions: 11 }),
    metadata: { name: 'x'.repeat(63) },
    errors: [],
  },
  {
    name: 'without a namespace',
    part: job(),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
]
for (const { name, part, metadata, errors } of refused)
  test(`a Job ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('jobs', part, metadata), errors))

const rules = (...given: object[]) =>
  indexed({
    backoffLimitPerIndex: 1,
    podFailurePolicy: { rules: given },
    template: template({ initContainers: [{ name: 'first', image: 'i' }] }),
  })
const onCodes = (values: number[], part: object = {}) => ({
  action: 'FailJob',
  onExitCodes: { operator: 'In', values, ...part },
})
const onCondition = (part: object, action = 'Ignore') => ({
  action,
  onPodConditions: [{ type: 'DisruptionTarget', ...part }],
})
const RULES = 'spec.podFailurePolicy.rules'
const CODES = `${RULES}[0].onExitCodes`
const CONDITION = `${RULES}[0].onPodConditions[0]`
const failurePolicies: Refusal[] = [
  {
    name: 'of one rule for each action',
    part: rules(...['FailJob', 'FailIndex', 'Ignore', 'Count'].map((action) => onCondition({}, action))),
    errors: [],
  },
  { name: 'of twenty rules', part: rules(...range(20).map(() => onCodes([1]))), errors: [] },
  {
    name: 'of more rules',
    part: rules(...range(21).map(() => onCodes([1]))),
    errors: [`${RULES}: Too many: 21: must have at most 20 items`],
  },
  {
    name: 'that does nothing',
    part: rules({ ...onCodes([1]), action: '' }),
    errors: [`${RULES}[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`],
  },
  {
    name: 'that does something else',
    part: rules(onCodes([1]), { ...onCodes([1]), action: 'Retry' }),
    errors: [
      `${RULES}[1].action: Unsupported value: "Retry": supported values: "Count", "FailIndex", "FailJob", "Ignore"`,
    ],
  },
  {
    name: 'that fails an index where none has a limit',
    part: job({ podFailurePolicy: { rules: [{ ...onCodes([1]), action: 'FailIndex' }] } }),
    errors: [`${RULES}[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`],
  },
  {
    name: 'of both kinds of signs',
    part: rules({ ...onCondition({}), ...onCodes([1]) }),
    errors: [`${RULES}[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`],
  },
  {
    name: 'of no sign',
    part: rules({ action: 'Count' }),
    errors: [`${RULES}[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
  },
  {
    name: 'of exit codes of each kind of container',
    part: rules(onCodes([1], { containerName: 'c' }), onCodes([1], { containerName: 'first' })),
    errors: [],
  },
  {
    name: 'of exit codes of a container that there is not',
    part: rules(onCodes([1], { containerName: 'd' })),
    errors: [
      `${CODES}.containerName: Invalid value: "d": must be one of the container or initContainer names in the pod template`,
    ],
  },
  {
    name: 'of exit codes without an operator',
    part: rules(onCodes([1], { operator: '' })),
    errors: [`${CODES}.operator: Required value: valid values: ["In" "NotIn"]`],
  },
  {
    name: 'of exit codes with another operator',
    part: rules(onCodes([1], { operator: 'Gt' })),
    errors: [`${CODES}.operator: Unsupported value: "Gt": supported values: "In", "NotIn"`],
  },
  {
    name: 'of no exit code',
    part: rules(onCodes([])),
    errors: [`${CODES}.values: Invalid value: []: at least one value is required`],
  },
  { name: 'of 255 exit codes', part: rules(onCodes(range(255))), errors: [] },
  {
    name: 'of 256 exit codes',
    part: rules(onCodes(range(256))),
    errors: [`${CODES}.values: Too many: 256: must have at most 255 items`],
  },
  { name: 'of all exit codes but 0', part: rules(onCodes([0], { operator: 'NotIn' })), errors: [] },
  {
    name: 'of exit code 0',
    part: rules(onCodes([0, 1])),
    errors: [`${CODES}.values[0]: Invalid value: 0: must not be 0 for the In operator`],
  },
  {
    name: 'of an exit code twice',
    part: rules(onCodes([1, 2, 2])),
    errors: [`${CODES}.values[2]: Duplicate value: 2`],
  },
  {
    name: 'of exit codes out of order',
    part: rules(onCodes([1, 3, 2])),
    errors: [`${CODES}.values: Invalid value: [1,3,2]: must be ordered`],
  },
  {
    name: 'of a condition that is false',
    part: rules(onCondition({ status: 'False' }), onCondition({ status: 'Unknown' })),
    errors: [],
  },
  {
    name: 'of a condition that is something else',
    part: rules(onCondition({ status: 'Maybe' })),
    errors: [`${CONDITION}.status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`],
  },
  {
    name: 'of a condition whose type is no name',
    part: rules(onCondition({ type: '-' })),
    errors: [`${CONDITION}.type: Invalid value: "-": ${QUALIFIED}`],
  },
  {
    name: 'of twenty conditions',
    part: rules({ action: 'Count', onPodConditions: range(20).map((n) => ({ type: `T${n}` })) }),
    errors: [],
  },
  {
    name: 'of 21 conditions',
    part: rules({ action: 'Count', onPodConditions: range(21).map((n) => ({ type: `T${n}` })) }),
    errors: [`${RULES}[0].onPodConditions: Too many: 21: must have at most 20 items`],
  },
]
for (const { name, part, errors } of failurePolicies)
  test(`a pod failure policy ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('jobs', part), errors))

const success = (...given: object[]) => indexed({ successPolicy: { rules: given } })
const SUCCESS = 'spec.successPolicy.rules'
const successPolicies: Refusal[] = [
  {
    name: 'of all indexes, by number and by name',
    part: success({ succeededCount: 5 }, { succeededIndexes: '0-4' }),
    errors: [],
  },
  { name: 'of none', part: success({ succeededCount: 0 }, { succeededIndexes: '' }), errors: [] },
  {
    name: 'of so many of certain indexes',
    part: success({ succeededCount: 3, succeededIndexes: '0,2-3' }),
    errors: [],
  },
  { name: 'of twenty rules', part: success(...range(20).map(() => ({ succeededCount: 1 }))), errors: [] },
  {
    name: 'of more rules',
    part: success(...range(21).map(() => ({ succeededCount: 1 }))),
    errors: [`${SUCCESS}: Too many: 21: must have at most 20 items`],
  },
  {
    name: 'without rules',
    part: success(),
    errors: [`${SUCCESS}: Required value: at least one rules must be specified when the successPolicy is specified`],
  },
  {
    name: 'with an empty rule',
    part: success({ succeededCount: 1 }, {}),
    errors: [`${SUCCESS}[1]: Required value: at least one of succeededCount or succeededIndexes must be specified`],
  },
  {
    name: 'of fewer than no indexes',
    part: success({ succeededCount: -1 }),
    errors: [`${SUCCESS}[0].succeededCount: Invalid value: -1: ${NON_NEGATIVE}`],
  },
  {
    name: 'of more indexes than there are',
    part: success({ succeededCount: 6 }),
    errors: [
      `${SUCCESS}[0].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)`,
    ],
  },
  {
    name: 'of more indexes than it names',
    part: success({ succeededCount: 3, succeededIndexes: '1-2' }),
    errors: [
      `${SUCCESS}[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)`,
    ],
  },
  {
    name: 'of an index that there is not',
    part: success({ succeededIndexes: '4-5' }),
    errors: [
      `${SUCCESS}[0].succeededIndexes: Invalid value: "4-5": error parsing succeededIndexes: too large index: "5"`,
    ],
  },
  {
    name: 'of indexes in a text of 64 KiB and a byte',
    part: success({ succeededIndexes: `${'0'.repeat(64 * 1024)}1` }),
    errors: [`${SUCCESS}[0].succeededIndexes: Too long: may not be more than 65536 bytes`],
  },
  { name: 'of indexes in a text of 64 KiB', part: success({ succeededIndexes: '0'.repeat(64 * 1024) }), errors: [] },
  {
    name: 'of a Job without indexes',
    part: job({ successPolicy: { rules: [] } }),
    errors: ['spec.successPolicy: Invalid value: {"Rules":[]}: requires indexed completion mode'],
  },
]
for (const { name, part, errors } of successPolicies)
  test(`a success policy ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('jobs', part), errors))

const LABELS = 'spec.template.metadata.labels'
const own = {
  'batch.kubernetes.io/controller-uid': 'u',
  'batch.kubernetes.io/job-name': 'x',
  'controller-uid': 'u',
  'job-name': 'x',
}
const selectors: Refusal[] = [
  {
    name: 'generated, and the template says the same',
    part: job({ template: template({}, { labels: own }) }),
    errors: [],
  },
  {
    name: 'generated, and the template says otherwise',
    part: job({ template: template({}, { labels: { ...own, 'controller-uid': 'w', 'job-name': 'y' } }) }),
    errors: [
      `${LABELS}[controller-uid]: Invalid value: {"batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"x","controller-uid":"w","job-name":"y"}: must be 'u'`,
      `${LABELS}[job-name]: Invalid value: {"batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"x","controller-uid":"w","job-name":"y"}: must be 'x'`,
    ],
  },
  {
    name: 'generated, with more than is generated',
    part: job({ selector: { matchLabels: { a: 'b' } }, template: template({}, { labels: { a: 'b' } }) }),
    errors: [
      'spec.selector: Invalid value: {"matchLabels":{"a":"b","batch.kubernetes.io/controller-uid":"u"}}: `selector` not auto-generated',
    ],
  },
  {
    name: 'generated, with more that cannot be read',
    part: job({ selector: { matchLabels: { a: '-' } } }),
    errors: [`spec.selector.matchLabels: Invalid value: "-": ${LABEL_VALUE}`],
  },
  {
    name: 'given by the user',
    part: job({
      manualSelector: true,
      selector: { matchLabels: { a: 'b' } },
      template: template({}, { labels: { a: 'b' } }),
    }),
    errors: [],
  },
  {
    name: 'given by the user, for other Pods',
    part: job({
      manualSelector: true,
      selector: { matchLabels: { a: 'b' } },
      template: template({}, { labels: { a: 'c' } }),
    }),
    errors: [`${LABELS}: Invalid value: {"a":"c"}: \`selector\` does not match template \`labels\``],
  },
  {
    name: 'to be given by the user, and not given',
    part: job({ manualSelector: true, template: template({}, { labels: { a: 'b' } }) }),
    errors: [
      'spec.selector: Required value',
      `${LABELS}: Invalid value: {"a":"b"}: \`selector\` does not match template \`labels\``,
    ],
  },
]
for (const { name, part, errors } of selectors)
  test(`a Job whose selector is ${name}, is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('jobs', part), errors))

const oneRule = (exitCode: number) => ({ rules: [onCodes([exitCode])] })
const changes: RefusedChange[] = [
  {
    name: 'the parallelism of a Job',
    before: job({ completions: 3 }),
    after: job({ completions: 3, parallelism: 2 }),
    errors: [],
  },
  {
    name: 'the completions of a Job without indexes',
    before: job({ completions: 3 }),
    after: job({ completions: 4 }),
    errors: ['spec.completions: Invalid value: 4: field is immutable'],
  },
  {
    name: 'completions together with parallelism',
    before: indexed(),
    after: indexed({ completions: 7, parallelism: 7 }),
    errors: [],
  },
  { name: 'parallelism of an Indexed Job', before: indexed(), after: indexed({ parallelism: 2 }), errors: [] },
  {
    name: 'completions of an Indexed Job alone',
    before: indexed(),
    after: indexed({ completions: 7 }),
    errors: ['spec.completions: Invalid value: 7: can only be modified in tandem with spec.parallelism'],
  },
  {
    name: 'completions of an Indexed Job to none',
    before: indexed(),
    after: indexed({ completions: undefined }),
    errors: ['spec.completions: Required value: when completion mode is Indexed'],
  },
  {
    name: 'the selector',
    before: job({
      manualSelector: true,
      selector: { matchLabels: { a: 'b' } },
      template: template({}, { labels: { a: 'b', c: 'd' } }),
    }),
    after: job({
      manualSelector: true,
      selector: { matchLabels: { c: 'd' } },
      template: template({}, { labels: { a: 'b', c: 'd' } }),
    }),
    errors: ['spec.selector: Invalid value: {"matchLabels":{"c":"d"}}: field is immutable'],
  },
  {
    name: 'the mode',
    before: indexed(),
    after: job({ completions: 5, parallelism: 5 }),
    errors: ['spec.completionMode: Invalid value: "NonIndexed": field is immutable'],
  },
  {
    name: 'the limit for each index',
    before: indexed({ backoffLimitPerIndex: 1 }),
    after: indexed({ backoffLimitPerIndex: 2 }),
    errors: ['spec.backoffLimitPerIndex: Invalid value: 2: field is immutable'],
  },
  {
    name: 'the manager',
    before: job({ managedBy: 'a/b' }),
    after: job({ managedBy: 'a/c' }),
    errors: ['spec.managedBy: Invalid value: "a/c": field is immutable'],
  },
  {
    name: 'a negative limit, for one that is valid',
    before: job(),
    after: job({ backoffLimit: -1 }),
    errors: [`spec.backoffLimit: Invalid value: -1: ${NON_NEGATIVE}`],
  },
  {
    name: 'a policy for success',
    before: job({ completionMode: 'Indexed', completions: 2 }),
    after: job({ completionMode: 'Indexed', completions: 2, successPolicy: { rules: [{ succeededCount: 1 }] } }),
    errors: [
      'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: field is immutable',
    ],
  },
  { name: 'metadata without a version', before: job(), after: job(), ...NO_VERSION },
]
for (const { name, errors, ...change } of changes)
  test(`of a Job may ${errors.length > 0 ? 'not ' : ''}change: ${name}`, () =>
    assert.deepEqual(updateErrorsOf('jobs', change), errors))

const fieldsOf = (change: Omit<RefusedChange, 'name' | 'errors'>): string[] =>
  updateErrorsOf('jobs', change).map((error) => {
    assert.match(error, /: field is immutable$/)
    return error.slice(0, error.indexOf(':'))
  })
test('the policies of a Job do not change', () => {
  const before = job({ podFailurePolicy: oneRule(1) })
  assert.deepEqual(fieldsOf({ before, after: job({ podFailurePolicy: oneRule(2) }) }), ['spec.podFailurePolicy'])
  const after = success({ succeededCount: 2 })
  assert.deepEqual(fieldsOf({ before: success({ succeededCount: 1 }), after }), ['spec.successPolicy'])
})

const STARTED = '2026-11-20T08:00:00Z'
const suspended = (part: object, status: object = {}) => ({ ...job({ suspend: true, template: part }), status })
const nodes = (zone: string) => ({
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }],
  },
})
const apart = { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] }
const limited = (name: string, cpu: string) => ({ name, image: 'i', resources: { limits: { cpu } } })
const PAUSED = { conditions: [{ type: 'Suspended', status: 'True' }], startTime: STARTED }
const templates: {
  name: string
  before: object
  after: object
  status?: object
  isRunning?: boolean
  fields: string[]
}[] = [
  {
    name: 'may be sent to other nodes while it is suspended and never ran',
    before: template(),
    after: template(
      {
        nodeSelector: { disk: 'ssd' },
        tolerations: [{ key: 'a', operator: 'Exists' }],
        schedulingGates: [{ name: 'a/b' }],
        affinity: { nodeAffinity: nodes('a') },
      },
      { labels: { team: 'a' }, annotations: { note: 'a' } },
    ),
    fields: [],
  },
  {
    name: 'may be sent to other nodes while it is suspended again and has no Pods',
    before: template(),
    after: template({ nodeSelector: { disk: 'ssd' } }),
    status: PAUSED,
    fields: [],
  },
  {
    name: 'keeps its template while a Pod of it is there',
    before: template(),
    after: template({ nodeSelector: { disk: 'ssd' } }),
    status: { ...PAUSED, active: 1 },
    fields: ['spec.template'],
  },
  {
    name: 'keeps its template once it has started',
    before: template(),
    after: template({ nodeSelector: { disk: 'ssd' } }),
    status: { startTime: STARTED },
    fields: ['spec.template'],
  },
  {
    name: 'keeps its template while it is not suspended',
    before: template(),
    after: template({ nodeSelector: { disk: 'ssd' } }),
    isRunning: true,
    fields: ['spec.template'],
  },
  {
    name: 'may lose the nodes that it asked for',
    before: template({ affinity: { nodeAffinity: nodes('a') } }),
    after: template(),
    fields: [],
  },
  {
    name: 'may ask for other nodes besides what it keeps away from',
    before: template({ affinity: { nodeAffinity: nodes('a'), podAntiAffinity: apart } }),
    after: template({ affinity: { nodeAffinity: nodes('b'), podAntiAffinity: apart } }),
    fields: [],
  },
  {
    name: 'does not begin to keep away from other Pods',
    before: template(),
    after: template({ affinity: { podAntiAffinity: apart } }),
    fields: ['spec.template.spec'],
  },
  {
    name: 'may ask for other resources',
    before: template({ containers: [limited('c', '1')], initContainers: [limited('d', '1')] }),
    after: template({ containers: [limited('c', '2')], initContainers: [limited('d', '2')] }),
    fields: [],
  },
  {
    name: 'does not get other containers',
    before: template({ containers: [limited('c', '1')] }),
    after: template({ containers: [limited('e', '2')] }),
    fields: ['spec.template.spec'],
  },
  {
    name: 'does not get more init containers',
    before: template({ initContainers: [limited('d', '1')] }),
    after: template({ initContainers: [limited('d', '1'), limited('e', '1')] }),
    fields: ['spec.template.spec'],
  },
  {
    name: 'does not lose init containers',
    before: template({ initContainers: [limited('d', '1')] }),
    after: template(),
    fields: ['spec.template.spec'],
  },
  {
    name: 'does not get another image',
    before: template(),
    after: template({ containers: [{ name: 'c', image: 'other' }] }),
    fields: ['spec.template.spec'],
  },
]
for (const { name, before, after, status, isRunning, fields } of templates)
  test(`a Job ${name}`, () => {
    const of = (part: object) => (isRunning ? job({ template: part }) : suspended(part, status))
    assert.deepEqual(fieldsOf({ before: of(before), after: of(after) }), fields)
  })

const conditions = (...types: string[]) => ({ conditions: types.map((type) => ({ type, status: 'True' })) })
const COMPLETE = conditions('SuccessCriteriaMet', 'Complete')
const FAILED = conditions('FailureTarget', 'Failed')
const wrong = (why: string) => `status.conditions: Invalid value: ${why}`
const statuses: { name: string; spec?: object; now: object; before?: object; errors: string[] }[] = [
  {
    name: 'negative counts',
    now: { active: -1, succeeded: -2, failed: -3, ready: -4, terminating: -5 },
    errors: [
      ...['active', 'succeeded', 'failed', 'ready', 'terminating'].map(
        (field, n) => `status.${field}: Invalid value: ${-1 - n}: ${NON_NEGATIVE}`,
      ),
      'status.failed: Invalid value: -3: cannot decrease the failed counter',
      'status.succeeded: Invalid value: -2: cannot decrease the succeeded counter',
    ],
  },
  { name: 'the end of a Job', now: { ...COMPLETE, completionTime: STARTED, succeeded: 1 }, errors: [] },
  { name: 'the failure of a Job', now: FAILED, errors: [] },
  {
    name: 'a Job that ended both ways',
    now: conditions('SuccessCriteriaMet', 'Complete', 'Failed'),
    errors: [
      wrong('cannot set Complete=True and Failed=true conditions'),
      wrong('cannot set Failed=True condition without the FailureTarget=true condition'),
      wrong('cannot set SuccessCriteriaMet=True and Failed=true conditions'),
    ],
  },
  {
    name: 'a Job that ended and is to fail',
    now: conditions('SuccessCriteriaMet', 'Complete', 'FailureTarget'),
    errors: [
      wrong('cannot set Complete=True and FailureTarget=true conditions'),
      wrong('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'),
    ],
  },
  {
    name: 'a Job that ended before it was to',
    now: conditions('Complete'),
    errors: [wrong('cannot set Complete=True condition without the SuccessCriteriaMet=true condition')],
  },
  {
    name: 'a Job that ended before its policy was met',
    spec: { ...success({ succeededCount: 1 }).spec },
    now: conditions('Complete'),
    errors: [
      wrong('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
      wrong('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'),
    ],
  },
  {
    name: 'a time of the end without an end',
    now: { completionTime: STARTED },
    errors: [
      `status.completionTime: Invalid value: "${STARTED}": cannot set completionTime when there is no Complete=True condition`,
    ],
  },
  {
    name: 'an end taken back',
    before: COMPLETE,
    now: { conditions: [{ type: 'Complete', status: 'False' }] },
    errors: [
      wrong('cannot disable the terminal Complete=True condition'),
      wrong('cannot disable the SuccessCriteriaMet=True condition'),
    ],
  },
  {
    name: 'a failure taken back',
    before: FAILED,
    now: {},
    errors: [
      wrong('cannot disable the terminal Failed=True condition'),
      wrong('cannot disable the terminal FailureTarget=True condition'),
    ],
  },
  {
    name: 'criteria that are met after the end',
    before: conditions('Complete'),
    now: COMPLETE,
    errors: [wrong('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')],
  },
  { name: 'counts that stay', before: { failed: 2, succeeded: 2 }, now: { failed: 2, succeeded: 2 }, errors: [] },
  {
    name: 'counts that go down',
    before: { failed: 2, succeeded: 2 },
    now: { failed: 1 },
    errors: [
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
      'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
    ],
  },
  {
    name: 'fewer indexes that succeeded, of a Job that may shrink',
    spec: indexed().spec,
    before: { succeeded: 2, failed: 1 },
    now: { succeeded: 1 },
    errors: ['status.failed: Invalid value: 0: cannot decrease the failed counter'],
  },
  {
    name: 'fewer indexes that succeeded, of a Job that may not shrink',
    spec: indexed({ parallelism: 2 }).spec,
    before: { succeeded: 2 },
    now: { succeeded: 1 },
    errors: ['status.succeeded: Invalid value: 1: cannot decrease the succeeded counter'],
  },
]
for (const { name, spec = job({ completions: 2, parallelism: 2 }).spec, before = {}, now, errors } of statuses)
  test(`a status with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(statusErrorsOf('jobs', { before: { spec, status: before }, after: { status: now } }), errors))

test('an update of the status of a Job names the version that it replaces', () =>
  assert.deepEqual(
    statusErrorsOf('jobs', { before: { ...job(), status: {} }, after: { status: {} }, metadata: NO_VERSION.metadata }),
    NO_VERSION.errors,
  ))
