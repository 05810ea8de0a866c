/** Tables of kubectl lines: how they are read, and what is none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTable } from './table.ts'

const text = `# An area.
== One
$ kubectl apply -f - <<'END'
# not a comment

kind: Pod
END
> pod/web created
2> Warning: x
$ kubectl get pod \\
  nope
! 1 not found
advance 90s
= pods/web in team: it.status.phase == 'Running'
= no pods/old
= in team: pods.size() == 1
= pods.size() == 0
`

test('a table is read as cases of lines, checks and time', () => {
  const line = { do: 'line', exit: 0, stdout: [], stderr: [] }
  const check = { do: 'check', namespace: 'default', of: undefined }
  assert.deepEqual(parseTable(text, 'x.txt'), [
    {
      title: 'One',
      number: 2,
      steps: [
        {
          ...line,
          text: "kubectl apply -f - <<'END'\n# not a comment\n\nkind: Pod\nEND",
          number: 3,
          stdout: ['pod/web created'],
          stderr: ['Warning: x'],
        },
        { ...line, text: 'kubectl get pod \\\n  nope', number: 10, exit: 1, stderr: ['not found'] },
        { do: 'advance', ms: 90_000, number: 13 },
        {
          ...check,
          text: "pods/web in team: it.status.phase == 'Running'",
          number: 14,
          namespace: 'team',
          of: { plural: 'pods', name: 'web' },
          cel: "it.status.phase == 'Running'",
        },
        { ...check, text: 'no pods/old', number: 15, of: { plural: 'pods', name: 'old' }, cel: undefined },
        { ...check, text: 'in team: pods.size() == 1', number: 16, namespace: 'team', cel: 'pods.size() == 1' },
        { ...check, text: 'pods.size() == 0', number: 17, cel: 'pods.size() == 0' },
      ],
    },
  ])
})

for (const { name, table, says } of [
  { name: 'a case without a check', table: '== One\n$ kubectl get pods', says: 'x.txt:1: One: nothing is checked' },
  { name: 'a line before the first case', table: '$ kubectl get pods', says: 'x.txt:1: $ kubectl get pods: a case' },
  { name: 'a here-document without an end', table: '== One\n$ cat <<END\nx', says: 'x.txt:2: $ cat <<END: its here' },
  { name: 'output of no line', table: '== One\n> x', says: 'x.txt:2: > x: what a line prints follows the line' },
  { name: 'an unknown mark', table: '== One\n?', says: 'x.txt:2: ?: "== ", "$ ", "> "' },
  { name: 'an exit without a code', table: '== One\n$ x\n! nope', says: 'x.txt:3: ! nope: "! CODE" is expected' },
])
  test(`${name} is refused`, () => {
    assert.throws(
      () => parseTable(table, 'x.txt'),
      (error: Error) => error.message.startsWith(says),
    )
  })
