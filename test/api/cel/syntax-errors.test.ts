import assert from 'node:assert/strict'
import { test } from 'node:test'
import { syntaxProblems } from '../../../sim/api/cel/syntax-errors.ts'

/** Expressions, and what kube-apiserver v1.36.2 answered: columns, and its words. */
const recorded: [string, string[]][] = [
  ['a =', ["3 token recognition error at: '='"]],
  ['a = 1', ["3 token recognition error at: '= '", "5 extraneous input '1' expecting <EOF>"]],
  ['1 = 1', ["3 token recognition error at: '= '", "5 extraneous input '1' expecting <EOF>"]],
  ['object.spec.replicas = 3', ["22 token recognition error at: '= '", "24 extraneous input '3' expecting <EOF>"]],
  ['a & b', ["3 token recognition error at: '& '", "5 extraneous input 'b' expecting <EOF>"]],
  ['a && b &', ["8 token recognition error at: '&'"]],
  ['a # b', ["3 token recognition error at: '#'", "5 extraneous input 'b' expecting <EOF>"]],
  [
    '#',
    [
      "1 token recognition error at: '#'",
      "2 mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  ['a @ b', ["3 token recognition error at: '@'", "5 extraneous input 'b' expecting <EOF>"]],
  [
    "'abc",
    [
      "1 token recognition error at: ''abc'",
      "5 mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  [
    '"abc',
    [
      "1 token recognition error at: '\"abc'",
      "5 mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  ['a ? b', ["6 mismatched input '<EOF>' expecting ':'"]],
  ['(a', ["3 missing ')' at '<EOF>'"]],
  ['a)', ["2 extraneous input ')' expecting <EOF>"]],
  [
    'a +',
    [
      "4 mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  ['[1,', ["4 missing ']' at '<EOF>'"]],
  [
    '{1:',
    [
      "4 mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  ['a..b', ["3 no viable alternative at input '..'"]],
  ['a.', ["3 no viable alternative at input '.'"]],
  ['1 2', ["3 extraneous input '2' expecting <EOF>"]],
  ['a == = b', ["6 token recognition error at: '= '"]],
  ['a | b', ["3 token recognition error at: '| '", "5 extraneous input 'b' expecting <EOF>"]],
  [
    'x == `y`',
    [
      "6 mismatched input '`y`' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  ['a ~ b', ["3 token recognition error at: '~'", "5 extraneous input 'b' expecting <EOF>"]],
  ['size(a', ["7 missing ')' at '<EOF>'"]],
  ['a b c', ["3 mismatched input 'b' expecting <EOF>"]],
  [
    '&',
    [
      "1 token recognition error at: '&'",
      "2 mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  ['a === b', ["5 token recognition error at: '= '"]],
  ["'a' 'b'", ["5 extraneous input ''b'' expecting <EOF>"]],
  [
    'a ? b :',
    [
      "8 mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  ['true false', ["6 extraneous input 'false' expecting <EOF>"]],
  ['0x', ["2 extraneous input 'x' expecting <EOF>"]],
  ['1.', ["3 no viable alternative at input '.'"]],
  ['a[1', ["4 missing ']' at '<EOF>'"]],
  [
    'a in',
    [
      "5 mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  [
    '!',
    [
      "2 extraneous input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  [
    '-',
    [
      "2 no viable alternative at input '-'",
      "2 mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
]
for (const [expression, errors] of recorded)
  test(`${expression} is refused as by the API server`, () => {
    const OPERANDS = /expecting \{'\[.*$/
    const short = (text: string) => text.replace(OPERANDS, 'expecting an operand')
    assert.deepEqual(
      syntaxProblems(expression).map(({ offset, message }) => short(`${offset + 1} ${message}`)),
      errors.map(short),
    )
    for (const { message } of syntaxProblems(expression))
      if (OPERANDS.test(message))
        assert.ok(
          errors.some((error) => error.endsWith(message)),
          message,
        )
  })

const right = [
  'object.spec.replicas <= 3 && has(object.metadata.labels)',
  '[1, 2,].all(x, x > -1) ? {\'a\': 1u, "b": 0x1F} : {}',
  '!(a || !!b) ? r\'\\d+\' : b\'x\' + """long " text"""',
  'a.?b[?c].orValue([?d]) // what is said of it\n == Object{metadata: Object.metadata{labels: {"a": "b"}},}',
  'x in [1.5e3, .5] && -x < - -3 && y.`a-b/c` != null',
]
for (const expression of right)
  test(`${expression} has no error of syntax`, () => {
    assert.deepEqual(syntaxProblems(expression), [])
  })
