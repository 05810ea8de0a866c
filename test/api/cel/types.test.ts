/** What a real API server, v1.36.2, said of expressions whose types fit, or do not: each was the variable of a ValidatingAdmissionPolicy with parameters. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { requestTypes } from '../../../sim/api/admissionregistration/policy-types.ts'
import { compileErrors } from '../../../sim/api/admissionregistration/validating-admission-policy.ts'
import { compilePolicyExpression } from '../../../sim/api/cel/policy-expression.ts'
import { BOOL, listType, mapType, objectType, optionalType, SIMPLE, STRING } from '../../../sim/api/cel/types.ts'

const names = new Set(['object', 'oldObject', 'request', 'namespaceObject', 'variables', 'params'])
const cases = readFileSync('test/fixtures/cel-types.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as [text: string, said: string | null])

for (const [text, said] of cases)
  test(`the types of ${text}`, () => {
    const [error] = compileErrors(text, 'spec.variables[0].expression', names, { types: requestTypes })
    assert.equal(error?.body.replace(`Invalid value: ${JSON.stringify(text)}: `, '') ?? null, said)
  })

test('what an expression has to give is asked to the letter', () => {
  const gives = [BOOL]
  const compile = (text: string) => compilePolicyExpression(text, names, { types: requestTypes, gives })
  assert.equal(compile('object.spec.replicas < 5').type, BOOL)
  assert.throws(() => compile('object.spec.paused'), /^Error: must evaluate to bool but got dyn$/)
  assert.throws(() => compile('request.userInfo.extra'), /must evaluate to bool but got map\(string, list\(string\)\)/)
  assert.throws(() => compile('namespaceObject.metadata.creationTimestamp'), /but got google\.protobuf\.Timestamp/)
  const text = () => compilePolicyExpression('1', names, { types: requestTypes, gives: [STRING, SIMPLE.null!] })
  assert.throws(text, /must evaluate to one of \[string null_type\] but got int/)
})

test('fields of values in lists, maps and optional values are known', () => {
  const port = objectType('self.ports.@idx', { name: STRING, number: SIMPLE.int! })
  const self = objectType('self', { ports: listType(port), byName: mapType(STRING, port) })
  const types = { self, oldSelf: optionalType(self) }
  const why = (text: string): string => {
    try {
      compilePolicyExpression(text, new Set(['self', 'oldSelf']), { types })
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }
  assert.equal(why('self.ports.all(p, p.number > 0 && p.name != "")'), '')
  assert.match(why('self.ports.all(p, p.port > 0)'), /undefined field 'port'/)
  assert.match(why('self.byName.all(n, self.byName[n].port > 0)'), /undefined field 'port'/)
  assert.equal(why('self.ports.all(p, oldSelf.ports.orValue([]).exists(o, o.name == p.name))'), '')
  assert.match(why('self.ports == oldSelf.ports'), /no matching overload for '_==_'/)
  assert.match(why('oldSelf.ports.value()[0].port > 1'), /undefined field 'port'/)
})
