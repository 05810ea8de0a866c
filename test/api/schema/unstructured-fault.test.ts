import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getMessage } from '../../../sim/api/schema/messages.ts'
import { unstructuredFault } from '../../../sim/api/schema/unstructured-fault.ts'

// As a v1.36.2 server tells them.
const cases: { name: string; spec: unknown; want: string | undefined }[] = [
  { name: 'nothing', spec: { replicas: 3, selector: { matchLabels: { a: 'b' } } }, want: undefined },
  { name: 'a text for a number', spec: { replicas: '3' }, want: 'unrecognized type: int32' },
  { name: 'a fraction for a whole number', spec: { replicas: 1.5 }, want: 'cannot convert float64 to int32' },
  {
    name: 'a number for a text',
    spec: { template: { metadata: { labels: { a: 1 } } } },
    want: 'cannot convert int64 to string',
  },
  {
    name: 'a number for a text of a type of its own',
    spec: { template: { spec: { restartPolicy: 1 } } },
    want: 'cannot convert int64 to v1.RestartPolicy',
  },
  { name: 'a map for a list', spec: { template: { spec: { containers: {} } } }, want: 'cannot restore slice from map' },
  { name: 'a text for a map', spec: { selector: { matchLabels: 'x' } }, want: 'cannot restore map from string' },
  { name: 'a text for a struct', spec: { template: 'x' }, want: 'cannot restore struct from: string' },
  {
    name: 'what is no quantity',
    spec: { template: { spec: { containers: [{ resources: { limits: { cpu: 'abc' } } }] } } },
    want: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  },
]
for (const { name, spec, want } of cases)
  test(`unstructuredFault tells ${name}`, () => {
    assert.equal(unstructuredFault(getMessage('apps.v1.Deployment'), { spec }), want)
  })

test('unstructuredFault tells what is no base64', () => {
  const secret = { data: { a: '###' } }
  const want = 'error decoding from json: illegal base64 data at input byte 0'
  assert.equal(unstructuredFault(getMessage('core.v1.Secret'), secret), want)
})
