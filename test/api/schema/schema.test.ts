import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import test from 'node:test'
import { findResource, kinds } from '../../../sim/api/registry.ts'
import { toNormalForm } from '../../../sim/api/schema/normal-form.ts'
import {
  allDefinitions,
  cannotBeHandled,
  checkFields,
  findDefinition,
  findField,
} from '../../../sim/api/schema/schema.ts'
import type { Schema } from '../../../sim/api/schema/types.ts'

const pods = findResource('pods')!
const deployments = findResource('deployments')!

test('every kind has its definition, and every reference leads to one', () => {
  for (const kind of kinds) assert.ok(findDefinition(kind.schema), kind.schema)
  const missing: string[] = []
  const visit = (schema: Schema): void => {
    if (schema.$ref && !findDefinition(schema.$ref)) missing.push(schema.$ref)
    for (const child of [schema.items, schema.additionalProperties, ...Object.values(schema.properties ?? {})])
      if (child) visit(child)
  }
  for (const definition of Object.values(allDefinitions())) visit(definition)
  assert.deepEqual(missing, [])
  assert.ok(Object.keys(allDefinitions()).length > 900)
})

test('fields have their type, format, allowed values and description', () => {
  const port = findDefinition('io.k8s.api.core.v1.ServicePort')?.properties ?? {}
  assert.deepEqual([port.port.type, port.port.format], ['integer', 'int32'])
  assert.deepEqual(port.protocol.enum, ['SCTP', 'TCP', 'UDP'])
  assert.equal(port.targetPort.$ref, 'io.k8s.apimachinery.pkg.util.intstr.IntOrString')
  assert.match(port.nodePort.description ?? '', /^The port on each node/)
  assert.deepEqual(findDefinition('io.k8s.api.core.v1.ServicePort')?.required, ['port'])
  assert.equal(findDefinition('io.k8s.api.core.v1.Secret')?.properties?.data.additionalProperties?.format, 'byte')
})

test('a path is followed through lists, maps and references', () => {
  assert.equal(findField(pods.schema, ['spec', 'containers', 'image'])?.owner, 'io.k8s.api.core.v1.Container')
  assert.equal(
    findField(deployments.schema, ['spec', 'template', 'spec', 'containers', 'resources', 'limits'])?.schema.type,
    'object',
  )
  assert.equal(
    findField(findResource('statefulsets')!.schema, ['spec', 'volumeClaimTemplates', 'spec', 'accessModes'])?.owner,
    'io.k8s.api.core.v1.PersistentVolumeClaimSpec',
  )
  assert.equal(findField(pods.schema, ['spec', 'nope']), undefined)
})

const typeErrors = [
  {
    kind: deployments,
    object: { spec: { replicas: '3' } },
    error: 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  },
  {
    kind: deployments,
    object: { spec: { replicas: 1.5 } },
    error: 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
  },
  {
    kind: pods,
    object: { spec: { containers: [{ env: [{ name: 'A', value: 1 }] }] } },
    error: 'json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string',
  },
  {
    kind: pods,
    object: { spec: { containers: { name: 'c' } } },
    error: 'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
  },
  {
    kind: pods,
    object: { spec: 'x' },
    error: 'json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec',
  },
  {
    kind: pods,
    object: { metadata: { labels: { a: true } } },
    error: 'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string',
  },
  {
    kind: pods,
    object: { spec: { restartPolicy: 1 } },
    error: 'json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy',
  },
  {
    kind: pods,
    object: { spec: { containers: [{ resources: { limits: { cpu: 'abc' } } }] } },
    error: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  },
  {
    kind: findResource('secrets')!,
    object: { data: { a: 'not base64!' } },
    error: 'illegal base64 data at input byte 3',
  },
]
for (const { kind, object, error } of typeErrors)
  test(`a wrong type is told as Go tells it: ${error.slice(0, 90)}`, () =>
    assert.equal(checkFields(kind, object).typeError, error))

test('unknown fields are listed with their paths, sorted as clients send them', () => {
  const { unknown, typeError } = checkFields(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    spec: { foo: 1, containers: [{ name: 'c', imagee: 'x' }] },
    extra: {},
  })
  assert.equal(typeError, undefined)
  assert.deepEqual(unknown, ['extra', 'spec.containers[0].imagee', 'spec.foo'])
})

test('nulls and names of objects like toString are no types and no fields', () => {
  assert.deepEqual(checkFields(pods, { metadata: { annotations: null }, spec: { containers: null } }), { unknown: [] })
  assert.deepEqual(checkFields(pods, { toString: 1 }).unknown, ['toString'])
})

test('the refusal names kind and version', () => {
  const error = cannotBeHandled(deployments, 'why')
  assert.deepEqual(
    [error.code, error.message],
    [400, 'Deployment in version "v1" cannot be handled as a Deployment: why'],
  )
})

test('what Go would leave out is left out, what it points to stays', () => {
  const pod = {
    metadata: { name: 'p', labels: {}, creationTimestamp: null },
    spec: {
      hostNetwork: false,
      automountServiceAccountToken: false,
      nodeName: '',
      containers: [
        {
          name: 'c',
          ports: [],
          resources: {},
          securityContext: { privileged: false },
          env: [{ name: 'A', value: '' }],
        },
      ],
    },
  }
  assert.deepEqual(toNormalForm(pods, pod), {
    metadata: { name: 'p' },
    spec: {
      automountServiceAccountToken: false,
      containers: [{ name: 'c', resources: {}, securityContext: { privileged: false }, env: [{ name: 'A' }] }],
    },
  })
})

test('a null in a list or a map becomes the zero value of its type', () => {
  const pod = {
    metadata: { name: 'p', annotations: { a: null, b: 'c' } },
    spec: {
      tolerations: [null],
      hostAliases: [{ ip: '10.0.0.1', hostnames: [null] }],
      containers: [{ name: 'c', command: null, resources: { requests: { cpu: null } } }],
    },
  }
  assert.deepEqual(toNormalForm(pods, pod), {
    metadata: { name: 'p', annotations: { a: '', b: 'c' } },
    spec: {
      tolerations: [{}],
      hostAliases: [{ ip: '10.0.0.1', hostnames: [''] }],
      containers: [{ name: 'c', resources: { requests: { cpu: '0' } } }],
    },
  })
})

test('an object in normal form is given back itself', () => {
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  assert.equal(toNormalForm(pods, pod), pod)
})

test('extracting the schema again changes nothing', () => {
  const target = new URL('../../../sim/api/schema/definitions.generated.js', import.meta.url)
  const before = statSync(target).mtimeMs
  execFileSync(process.execPath, [new URL('../../../scripts/extract-schema.mjs', import.meta.url).pathname])
  assert.equal(statSync(target).mtimeMs, before)
})

test('a text of a type of its own is told by that type', () => {
  const kind = { schema: 'io.k8s.api.apps.v1.StatefulSet' }
  const wrong = { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: true } } }
  assert.equal(
    checkFields(kind, wrong).typeError,
    'json: cannot unmarshal bool into Go struct field StatefulSetPersistentVolumeClaimRetentionPolicy.spec.persistentVolumeClaimRetentionPolicy.whenScaled of type v1.PersistentVolumeClaimRetentionPolicyType',
  )
})
