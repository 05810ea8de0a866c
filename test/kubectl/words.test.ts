import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitWords } from '../../sim/kubectl/words.ts'

const cases: { name: string; line: string; want: string[] }[] = [
  { name: 'splits at any white space', line: ' kubectl  get\tpods ', want: ['kubectl', 'get', 'pods'] },
  {
    name: 'keeps what single quotes hold as it is',
    line: `patch -p '{"a":"\\n"}'`,
    want: ['patch', '-p', '{"a":"\\n"}'],
  },
  { name: 'reads escapes in double quotes', line: '"say \\"hi\\" \\$x \\n"', want: ['say "hi" $x \\n'] },
  { name: 'joins what touches', line: `a'b c'"d e"f`, want: ['ab cd ef'] },
  { name: 'keeps an empty word in quotes', line: `-l '' x`, want: ['-l', '', 'x'] },
  { name: 'takes a backslash away', line: 'a\\ b', want: ['a b'] },
  { name: 'goes on in the next line after a backslash', line: 'get \\\n pods', want: ['get', 'pods'] },
  { name: 'drops a comment', line: 'get pods # all of them', want: ['get', 'pods'] },
  { name: 'leaves braces and stars alone', line: '-o jsonpath={.items[*].a}', want: ['-o', 'jsonpath={.items[*].a}'] },
  {
    name: 'keeps what stands in quotes from meaning anything',
    line: `exec p -- sh -c "a | b && c; d > e"`,
    want: ['exec', 'p', '--', 'sh', '-c', 'a | b && c; d > e'],
  },
]
for (const { name, line, want } of cases) {
  test(`splitWords ${name}`, () => assert.deepEqual(splitWords(line), want))
}

for (const [line, what] of [
  ['get pods | grep x', 'the pipe `|`'],
  ['get pods && get svc', 'the list operator `&&`'],
  ['get pods; get svc', 'the list operator `;`'],
  ['get pods > file', 'the redirection `>`'],
  ['get $(x)', 'command substitution'],
]) {
  test(`splitWords refuses ${what}`, () => {
    assert.throws(
      () => splitWords(line),
      (error: Error) => error.message.startsWith(`${what} is not available here`),
    )
  })
}

test('splitWords refuses a quote without its end', () => {
  assert.throws(() => splitWords(`get 'pods`), /unexpected end of line/)
})
