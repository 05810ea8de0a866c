import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Refusal, readRefusal, reopened } from '../../../server/terminal/refused-edit.ts'

const object = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: deny\n'
const cases: [name: string, stderr: string, want: Refusal][] = [
  [
    'one cause',
    'The NetworkPolicy "deny" is invalid: spec.a: Required value\n',
    {
      told: 'error: networkpolicies.networking.k8s.io "deny" is invalid\n',
      reasons: '# networkpolicies.networking.k8s.io "deny" was not valid:\n# * spec.a: Required value\n#\n',
    },
  ],
  [
    'several causes',
    'The Pod "deny" is invalid: \n* spec.a: Required value\n* spec.b: Forbidden: no\n  in two lines\n',
    {
      told: 'error: pods.networking.k8s.io "deny" is invalid\n',
      reasons:
        '# pods.networking.k8s.io "deny" was not valid:\n# * spec.a: Required value\n# * spec.b: Forbidden: no\n#   in two lines\n#\n',
    },
  ],
  [
    'a text that cannot be read',
    'error: error parsing edited-file: line 3: mapping values\n',
    {
      told: '',
      reasons: '# The edited file had a syntax error: error parsing edited-file: line 3: mapping values\n#\n',
    },
  ],
  [
    'another refusal',
    'Error from server (BadRequest): strict decoding error: unknown field "spec.x"\n',
    {
      told: 'error: networkpolicies.networking.k8s.io "deny" could not be patched: strict decoding error: unknown field "spec.x"\n',
      isForReplace: true,
    },
  ],
  [
    'a refusal behind warnings',
    'Warning: unknown field "status.x"\nThe Pod "deny" is invalid: spec.a: Required value\n',
    {
      told: 'Warning: unknown field "status.x"\nerror: pods.networking.k8s.io "deny" is invalid\n',
      reasons: '# pods.networking.k8s.io "deny" was not valid:\n# * spec.a: Required value\n#\n',
    },
  ],
  ['a failure of kubectl itself', 'error: At least one of\n', { told: 'error: At least one of\n' }],
]
for (const [name, stderr, want] of cases)
  test(`readRefusal reads ${name}`, () => assert.deepEqual(readRefusal(stderr, object), want))

test('a file that is opened again has the reasons of the last time only', () => {
  const once = reopened('# edit\n#\n', '# wrong\n#\n', '# edit\n#\na: 1\n# own\n')
  assert.equal(once, '# edit\n#\n# wrong\n#\na: 1\n# own\n')
  assert.equal(reopened('# edit\n#\n', '# other\n#\n', once), '# edit\n#\n# other\n#\na: 1\n# own\n')
})
