/** What the server says of ConfigMaps and Secrets. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, type Refusal, type RefusedChange, updateErrorsOf } from '../stored.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const mebibyte = 1024 * 1024
const KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
const SEALED = 'Forbidden: field is immutable when `immutable` is set'

const configMaps: Refusal[] = [
  { name: 'of nothing', part: {}, errors: [] },
  {
    name: 'with keys that no file could have',
    part: { data: { 'a b': '' }, binaryData: { 'c d': '' } },
    errors: [`data[a b]: Invalid value: "a b": ${KEY}`, `binaryData[c d]: Invalid value: "c d": ${KEY}`],
  },
  {
    name: 'with a key twice',
    part: { data: { a: '' }, binaryData: { a: '' } },
    errors: ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
  },
  { name: 'as large as may be', part: { data: { a: 'é'.repeat(mebibyte / 2) } }, errors: [] },
  {
    name: 'larger by one byte',
    part: { data: { a: 'é'.repeat(mebibyte / 2) }, binaryData: { b: base64('x') } },
    errors: [`: Too long: may not be more than ${mebibyte} bytes`],
  },
]
for (const { name, part, errors } of configMaps)
  test(`a ConfigMap ${name}`, () => assert.deepEqual(errorsOf('configmaps', part), errors))

const secrets: Refusal[] = [
  {
    name: 'with a key that no file could have',
    part: { data: { '/': '' } },
    errors: [`data[/]: Invalid value: "/": ${KEY}`],
  },
  { name: 'as large as may be', part: { data: { a: base64('x'.repeat(mebibyte)) } }, errors: [] },
  {
    name: 'larger by one byte',
    part: { data: { a: base64('x'.repeat(mebibyte + 1)) } },
    errors: [`data: Too long: may not be more than ${mebibyte} bytes`],
  },
  {
    name: 'of a ServiceAccount that it does not name',
    part: { type: 'kubernetes.io/service-account-token' },
    errors: ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  },
  {
    name: 'of a ServiceAccount',
    part: { type: 'kubernetes.io/service-account-token' },
    metadata: { annotations: { 'kubernetes.io/service-account.name': 'a' } },
    errors: [],
  },
  {
    name: 'for basic authentication, without either',
    part: { type: 'kubernetes.io/basic-auth' },
    errors: ['data[username]: Required value', 'data[password]: Required value'],
  },
  { name: 'with a password alone', part: { type: 'kubernetes.io/basic-auth', data: { password: '' } }, errors: [] },
  { name: 'with a user alone', part: { type: 'kubernetes.io/basic-auth', data: { username: '' } }, errors: [] },
  {
    name: 'for ssh, whose key is empty',
    part: { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } },
    errors: ['data[ssh-privatekey]: Required value'],
  },
  {
    name: 'for TLS, without either',
    part: { type: 'kubernetes.io/tls' },
    errors: ['data[tls.crt]: Required value', 'data[tls.key]: Required value'],
  },
  {
    name: 'for TLS, both empty',
    part: { type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } },
    errors: [],
  },
  ...(
    [
      ['kubernetes.io/dockercfg', '.dockercfg'],
      ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
    ] as const
  ).flatMap(([type, key]) => [
    { name: `of type ${type} without its key`, part: { type }, errors: [`data[${key}]: Required value`] },
    {
      name: `of type ${type} whose text is no JSON`,
      part: { type, data: { [key]: base64('{') } },
      errors: [`data[${key}]: Invalid value: "<secret contents redacted>": unexpected end of JSON input`],
    },
    { name: `of type ${type}`, part: { type, data: { [key]: base64('{"auths":{}}') } }, errors: [] },
  ]),
  { name: 'of a type of its own', part: { type: 'example.com/mine', data: { '.dockercfg': base64('{') } }, errors: [] },
]
for (const { name, part, metadata, errors } of secrets)
  test(`a Secret ${name}`, () => assert.deepEqual(errorsOf('secrets', part, metadata), errors))

const changes: (RefusedChange & { plural: string })[] = [
  ...['configmaps', 'secrets'].flatMap((plural) => [
    { plural, name: 'that is not sealed', before: { data: { a: '' } }, after: { data: { b: '' } }, errors: [] },
    {
      plural,
      name: 'that is sealed, and would no longer be',
      before: { immutable: true, data: { a: '' } },
      after: { data: { a: '' } },
      errors: [`immutable: ${SEALED}`],
    },
    {
      plural,
      name: 'that is sealed, and would hold something else',
      before: { immutable: true, data: { a: '' } },
      after: { immutable: true, data: { a: 'eA==' } },
      errors: [`data: ${SEALED}`],
    },
    {
      plural,
      name: 'that is sealed, as it is',
      before: { immutable: true },
      after: { immutable: true, data: {} },
      errors: [],
    },
  ]),
  {
    plural: 'configmaps',
    name: 'that is sealed, and would hold other bytes',
    before: { immutable: true },
    after: { immutable: true, binaryData: { a: '' } },
    errors: [`binaryData: ${SEALED}`],
  },
  {
    plural: 'secrets',
    name: 'whose type is another',
    before: { type: 'example.com/a' },
    after: { type: 'example.com/b' },
    errors: ['type: Invalid value: "example.com/b": field is immutable'],
  },
]
for (const { plural, name, before, after, errors } of changes)
  test(`a change of one of the ${plural} ${name}`, () =>
    assert.deepEqual(updateErrorsOf(plural, { before, after }), errors))
