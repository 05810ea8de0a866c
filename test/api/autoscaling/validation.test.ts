/** What the server says of a HorizontalPodAutoscaler. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, type RefusedChange, statusErrorsOf, updateErrorsOf } from '../stored.ts'

const reference = (part: object = {}) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', ...part })
const autoscaler = (part: object = {}) => ({ spec: { scaleTargetRef: reference(), maxReplicas: 3, ...part } })
const REF = 'spec.scaleTargetRef'
const NO_GROUP = 'apiVersion must specify API group'

const refused: Refusal[] = [
  { name: 'of one Pod', part: autoscaler({ minReplicas: 1, maxReplicas: 1 }), errors: [] },
  {
    name: 'of no Pod at least',
    part: autoscaler({ minReplicas: 0 }),
    errors: [
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
  },
  {
    name: 'without a most',
    part: autoscaler({ maxReplicas: undefined }),
    errors: [
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    ],
  },
  {
    name: 'of less than no Pod',
    part: autoscaler({ maxReplicas: -1 }),
    errors: [
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1',
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`',
    ],
  },
  {
    name: 'whose most is less than its least',
    part: autoscaler({ minReplicas: 4 }),
    errors: ['spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
  },
  {
    name: 'of nothing',
    part: autoscaler({ scaleTargetRef: undefined }),
    errors: [
      `${REF}.kind: Required value`,
      `${REF}.name: Required value`,
      `${REF}.apiVersion: Invalid value: "": ${NO_GROUP}`,
    ],
  },
  {
    name: 'of what has no path',
    part: autoscaler({ scaleTargetRef: reference({ kind: 'a/b', name: '..' }) }),
    errors: [
      `${REF}.kind: Invalid value: "a/b": may not contain '/'`,
      `${REF}.name: Invalid value: "..": may not be '..'`,
    ],
  },
  ...['', 'v1', '/v1'].map((apiVersion) => ({
    name: `of a Deployment of ${apiVersion || 'no version'}`,
    part: autoscaler({ scaleTargetRef: reference({ apiVersion }) }),
    errors: [`${REF}.apiVersion: Invalid value: "${apiVersion}": ${NO_GROUP}`],
  })),
  {
    name: 'of a ReplicationController, which is in no group',
    part: autoscaler({ scaleTargetRef: reference({ apiVersion: 'v1', kind: 'ReplicationController' }) }),
    errors: [],
  },
  {
    name: 'of a version of three parts',
    part: autoscaler({ scaleTargetRef: reference({ apiVersion: 'apps/v1/x', kind: 'ReplicationController' }) }),
    errors: [`${REF}.apiVersion: Invalid value: "apps/v1/x": unexpected GroupVersion string: apps/v1/x`],
  },
  {
    name: 'whose name is no name',
    part: autoscaler(),
    metadata: { name: 'x'.repeat(254) },
    errors: [`metadata.name: Invalid value: "${'x'.repeat(254)}": must be no more than 253 characters`],
  },
  {
    name: 'without a namespace',
    part: autoscaler(),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
]
for (const { name, part, metadata, errors } of refused)
  test(`an autoscaler ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('horizontalpodautoscalers', part, metadata), errors))

const AT = 'spec.metrics[0]'
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const TYPES = 'supported values: "ContainerResource", "External", "Object", "Pods", "Resource"'
const ONLY = 'Forbidden: must populate the given metric source only'
const MISSING = 'Required value: must populate information for the given metric source'
const average = { type: 'AverageValue', averageValue: '10' }
const cpu = (target: object, part: object = {}) => ({ type: 'Resource', resource: { name: 'cpu', target, ...part } })
const ofContainer = (part: object) => ({
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container: 'c', target: average, ...part },
})
const ofPods = (part: object) => ({ type: 'Pods', pods: { metric: { name: 'requests' }, target: average, ...part } })
const ofObject = (part: object) => ({
  type: 'Object',
  object: {
    describedObject: { kind: 'Service', name: 's', apiVersion: 'v1' },
    metric: { name: 'requests' },
    target: average,
    ...part,
  },
})
const outside = (part: object) => ({
  type: 'External',
  external: { metric: { name: 'requests' }, target: average, ...part },
})
const metrics: { name: string; metric: object; errors: string[] }[] = [
  { name: 'of a resource by its amount', metric: cpu(average), errors: [] },
  { name: 'of a resource by its share', metric: cpu({ type: 'Utilization', averageUtilization: 1 }), errors: [] },
  { name: 'of a container', metric: ofContainer({}), errors: [] },
  { name: 'of Pods', metric: ofPods({}), errors: [] },
  { name: 'of an object', metric: ofObject({ target: { type: 'Value', value: '1m' } }), errors: [] },
  {
    name: 'of an object of no version',
    metric: ofObject({ describedObject: { kind: 'Service', name: 's' } }),
    errors: [],
  },
  { name: 'of something outside', metric: outside({ target: { type: 'Value', value: '1' } }), errors: [] },
  {
    name: 'without a type',
    metric: { ...cpu(average), type: '' },
    errors: [
      `${AT}.type: Required value: must specify a metric source type`,
      `${AT}.type: Unsupported value: "": ${TYPES}`,
      `${AT}.type: Unsupported value: "": ${TYPES}`,
    ],
  },
  {
    name: 'of another type',
    metric: { type: 'Custom' },
    errors: [`${AT}.type: Unsupported value: "Custom": ${TYPES}`, `${AT}.type: Unsupported value: "Custom": ${TYPES}`],
  },
  ...[
    { type: 'Object', field: 'object' },
    { type: 'External', field: 'external' },
    { type: 'Pods', field: 'pods' },
    { type: 'Resource', field: 'resource' },
    { type: 'ContainerResource', field: 'containerResource' },
  ].map(({ type, field }) => ({
    name: `of type ${type} without its field`,
    metric: { type },
    errors: [`${AT}.${field}: ${MISSING}`],
  })),
  {
    name: 'with the field of another type',
    metric: { ...cpu(average), type: 'Pods' },
    errors: [`${AT}.pods: ${MISSING}`],
  },
  {
    name: 'with the fields of all types, of which the first is looked at',
    metric: {
      ...ofContainer({ name: '' }),
      ...ofPods({ metric: {} }),
      ...outside({ metric: {} }),
      ...ofObject({ metric: {} }),
      ...cpu(average),
    },
    errors: [
      `${AT}.object.metric.name: Required value: must specify a metric name`,
      ...['object', 'external', 'pods', 'containerResource'].map((field) => `${AT}.${field}: ${ONLY}`),
    ],
  },
  {
    name: 'of a resource without a name',
    metric: cpu(average, { name: '' }),
    errors: [`${AT}.resource.name: Required value: must specify a resource name`],
  },
  { name: 'of a resource that no container has', metric: cpu(average, { name: 'disk' }), errors: [] },
  {
    name: 'of no container and no resource',
    metric: ofContainer({ name: '', container: '' }),
    errors: [
      `${AT}.containerResource.name: Required value: must specify a resource name`,
      `${AT}.containerResource.container: Required value: must specify a container`,
    ],
  },
  {
    name: 'of a container and a resource that there cannot be',
    metric: ofContainer({ name: 'disk', container: 'C' }),
    errors: [
      `${AT}.containerResource.name: Invalid value: "disk": must be a standard resource type or fully qualified`,
      `${AT}.containerResource.name: Invalid value: "disk": must be a standard resource for containers`,
      `${AT}.containerResource.container: Invalid value: "C": ${LABEL}`,
    ],
  },
  {
    name: 'of an object that is nothing',
    metric: ofObject({ describedObject: {} }),
    errors: [`${AT}.object.describedObject.kind: Required value`, `${AT}.object.describedObject.name: Required value`],
  },
  {
    name: 'of an object of a version of three parts',
    metric: ofObject({ describedObject: { kind: 'Service', name: 's', apiVersion: 'a/b/c' } }),
    errors: [`${AT}.object.describedObject.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c`],
  },
  {
    name: 'whose name has no path',
    metric: ofPods({ metric: { name: 'a/b%' } }),
    errors: [
      `${AT}.pods.metric.name: Invalid value: "a/b%": may not contain '/'`,
      `${AT}.pods.metric.name: Invalid value: "a/b%": may not contain '%'`,
    ],
  },
  {
    name: 'without a name',
    metric: outside({ metric: undefined }),
    errors: [`${AT}.external.metric.name: Required value: must specify a metric name`],
  },
  {
    name: 'without a target',
    metric: cpu(undefined as never),
    errors: [
      `${AT}.resource.target.type: Required value: must specify a metric target type`,
      `${AT}.resource.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue`,
      `${AT}.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization`,
    ],
  },
  {
    name: 'with another type of target',
    metric: cpu({ type: 'Most', averageValue: '1' }),
    errors: [`${AT}.resource.target.type: Invalid value: "Most": must be either Utilization, Value, or AverageValue`],
  },
  {
    name: 'with targets of nothing',
    metric: ofObject({ target: { type: 'Value', value: '0', averageValue: '-1', averageUtilization: 0 } }),
    errors: [
      `${AT}.object.target.value: Invalid value: "0": must be positive`,
      `${AT}.object.target.averageValue: Invalid value: "-1": must be positive`,
      `${AT}.object.target.averageUtilization: Invalid value: 0: must be greater than 0`,
    ],
  },
  {
    name: 'of Pods without an average',
    metric: ofPods({ target: { type: 'Value', value: '1' } }),
    errors: [`${AT}.pods.target.averageValue: Required value: must specify a positive target averageValue`],
  },
  {
    name: 'of an object without a value',
    metric: ofObject({ target: { type: 'Value' } }),
    errors: [`${AT}.object.target.averageValue: Required value: must set either a target value or averageValue`],
  },
  { name: 'of an object with both values', metric: ofObject({ target: { ...average, value: '1' } }), errors: [] },
  {
    name: 'of something outside without a value',
    metric: outside({ target: { type: 'Value' } }),
    errors: [
      `${AT}.external.target.averageValue: Required value: must set either a target value for metric or a per-pod target`,
    ],
  },
  {
    name: 'of something outside with both values',
    metric: outside({ target: { ...average, value: '1' } }),
    errors: [`${AT}.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target`],
  },
  {
    name: 'of a resource by both',
    metric: cpu({ ...average, averageUtilization: 5 }),
    errors: [
      `${AT}.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization`,
    ],
  },
]
for (const { name, metric, errors } of metrics)
  test(`a metric ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('horizontalpodautoscalers', autoscaler({ metrics: [metric] })), errors))

const UP = 'spec.behavior.scaleUp'
const policy = (part: object = {}) => ({ type: 'Pods', value: 1, periodSeconds: 15, ...part })
const rules: { name: string; scaleUp: object; errors: string[] }[] = [
  { name: 'that wait an hour', scaleUp: { stabilizationWindowSeconds: 3600, tolerance: '0' }, errors: [] },
  { name: 'that do not wait', scaleUp: { stabilizationWindowSeconds: 0 }, errors: [] },
  {
    name: 'that wait longer',
    scaleUp: { stabilizationWindowSeconds: 3601 },
    errors: [`${UP}.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600`],
  },
  {
    name: 'that wait less than no time',
    scaleUp: { stabilizationWindowSeconds: -1 },
    errors: [`${UP}.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero`],
  },
  ...['Max', 'Min', 'Disabled'].map((selectPolicy) => ({
    name: `of ${selectPolicy}`,
    scaleUp: { selectPolicy },
    errors: [],
  })),
  {
    name: 'of another choice',
    scaleUp: { selectPolicy: 'Any' },
    errors: [`${UP}.selectPolicy: Unsupported value: "Any": supported values: "Disabled", "Max", "Min"`],
  },
  {
    name: 'without policies',
    scaleUp: { policies: [] },
    errors: [`${UP}.policies: Required value: must specify at least one Policy`],
  },
  {
    name: 'with a tolerance below zero',
    scaleUp: { tolerance: '-100m' },
    errors: [`${UP}.tolerance: Invalid value: "-100m": must be greater than or equal to 0`],
  },
  {
    name: 'of half an hour',
    scaleUp: { policies: [policy({ periodSeconds: 1800 }), policy({ type: 'Percent' })] },
    errors: [],
  },
  {
    name: 'of more than half an hour',
    scaleUp: { policies: [policy({ periodSeconds: 1801 })] },
    errors: [`${UP}.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800`],
  },
  {
    name: 'that do nothing in no time',
    scaleUp: { policies: [policy(), { type: 'Nodes' }] },
    errors: [
      `${UP}.policies[1].type: Unsupported value: "Nodes": supported values: "Percent", "Pods"`,
      `${UP}.policies[1].value: Invalid value: 0: must be greater than zero`,
      `${UP}.policies[1].periodSeconds: Invalid value: 0: must be greater than zero`,
    ],
  },
]
for (const { name, scaleUp, errors } of rules)
  test(`rules of scaling ${name} are ${errors.length > 0 ? 'refused' : 'accepted'}`, () => {
    assert.deepEqual(errorsOf('horizontalpodautoscalers', autoscaler({ behavior: { scaleUp } })), errors)
    assert.deepEqual(
      errorsOf('horizontalpodautoscalers', autoscaler({ behavior: { scaleDown: scaleUp } })),
      errors.map((error) => error.replace('scaleUp', 'scaleDown')),
    )
  })

const grouped = (apiVersion: string, part: object = {}) =>
  autoscaler({ scaleTargetRef: reference({ apiVersion, ...part }) })
const changes: RefusedChange[] = [
  { name: 'a version of no group, as before', before: grouped('v1'), after: grouped('v1', { name: 'e' }), errors: [] },
  {
    name: 'a version of no group',
    before: grouped('apps/v1'),
    after: grouped('v1'),
    errors: [`${REF}.apiVersion: Invalid value: "v1": ${NO_GROUP}`],
  },
  {
    name: 'another kind of no group',
    before: grouped('v1'),
    after: grouped('v1', { kind: 'StatefulSet' }),
    errors: [`${REF}.apiVersion: Invalid value: "v1": ${NO_GROUP}`],
  },
  { name: 'no version', before: autoscaler(), after: autoscaler(), ...NO_VERSION },
]
for (const { name, errors, ...change } of changes)
  test(`an update of an autoscaler with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(updateErrorsOf('horizontalpodautoscalers', change), errors))

const statuses: RefusedChange[] = [
  {
    name: 'negative counts',
    before: autoscaler(),
    after: { status: { currentReplicas: -1, desiredReplicas: -2 } },
    errors: [
      'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.desiredReplicas: Invalid value: -2: must be greater than or equal to 0',
    ],
  },
  { name: 'no version', before: autoscaler(), after: {}, ...NO_VERSION },
]
for (const { name, errors, ...change } of statuses)
  test(`a status of an autoscaler with ${name} is refused`, () =>
    assert.deepEqual(statusErrorsOf('horizontalpodautoscalers', change), errors))
