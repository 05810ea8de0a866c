/** Source: encoding/json, scanner.go; measured with kubectl v1.36 where it shows them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonFault } from '../../sim/text/go-json-errors.ts'

const valid = ['null', ' [1, -0.5e+3, {"a": [], "b": {}}] ', '"\\u00e9\\n"', '{"a":{"b":[true,false,null]}}', '0']
for (const text of valid) test(`${text} is JSON`, () => assert.equal(jsonFault(text), undefined))

const faults: [text: string, fault: string][] = [
  ['', 'unexpected end of JSON input'],
  ['{', 'unexpected end of JSON input'],
  ['[1, ', 'unexpected end of JSON input'],
  ['"a', 'unexpected end of JSON input'],
  ['a: 1', "invalid character 'a' looking for beginning of value"],
  ['é', "invalid character 'Ã' looking for beginning of value"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['nope', "invalid character 'o' in literal null (expecting 'u')"],
  ['{a: 1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a": 1 "b"}', `invalid character '"' after object key:value pair`],
  ['{"a": 1,}', "invalid character '}' looking for beginning of object key string"],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['{} {}', "invalid character '{' after top-level value"],
  ['01', "invalid character '1' after top-level value"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['1e', 'unexpected end of JSON input'],
  ['1e+x', "invalid character 'x' in exponent of numeric literal"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u12x4"', "invalid character 'x' in \\u hexadecimal character escape"],
  ['['.repeat(10_001), 'exceeded max depth'],
]
for (const [text, fault] of faults)
  test(`${JSON.stringify(text.slice(0, 20))} is told as Go tells it`, () => assert.equal(jsonFault(text), fault))

test('it finds a fault where JSON.parse does, and nowhere else', () => {
  const pieces = ['{', '}', '[', ']', '"a"', ':', ',', '1', '-', '.', 'e', 'true', 'nul', ' ', '\\', '"', '\n', '0']
  let state = 7
  const draw = (most: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % most
  }
  let wellFormed = 0
  for (let n = 0; n < 20_000; n++) {
    const text = Array.from({ length: 1 + draw(7) }, () => pieces[draw(pieces.length)]).join('')
    let isJson = true
    try {
      JSON.parse(text)
    } catch {
      isJson = false
    }
    if (isJson) wellFormed++
    assert.equal(jsonFault(text) === undefined, isJson, text)
  }
  assert.ok(wellFormed > 200, `${wellFormed} of them were JSON`)
})
