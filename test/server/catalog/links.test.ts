import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findDeadLinks } from '../../../server/catalog/links.ts'
import type { Catalog } from '../../../server/catalog/types.ts'

const catalog = {
  lessons: new Map([['pod/first-pod', { headings: [{ id: 'probes' }, { id: 'the-trap' }] }]]),
  questions: new Map([['pod/exit-137', {}]]),
  challenges: new Map([['crash-loop', {}]]),
  tracks: new Map([['cka', {}]]),
} as unknown as Catalog

const found = (text: string) =>
  findDeadLinks(new Map([['lessons/pod/a.md', text]]), catalog).map(({ file, line, message }) => [file, line, message])

test('links that lead somewhere are no problem', () =>
  assert.deepEqual(
    found(
      '[a](/lessons/pod/first-pod#probes) [b](/questions/pod/exit-137) [c](/challenges/crash-loop)\n' +
        '[d](/tracks/cka) [e](/sandboxes) [f](https://kubernetes.io/docs#x) [g](/questions?section=pod)',
    ),
    [],
  ))

test('a link that leads nowhere is told with its line, and what there is', () =>
  assert.deepEqual(
    found('one\n[a](/lessons/pod/second-pod) and <a href="/challenges/none">\n[b](/lessons/pod/first-pod#hooks)'),
    [
      [
        'content/lessons/pod/a.md',
        2,
        'the link /lessons/pod/second-pod leads nowhere: there is none of that name in content/lessons',
      ],
      [
        'content/lessons/pod/a.md',
        2,
        'the link /challenges/none leads nowhere: there is none of that name in content/challenges',
      ],
      [
        'content/lessons/pod/a.md',
        3,
        'the link /lessons/pod/first-pod#hooks leads to no heading; there are probes, the-trap',
      ],
    ],
  ))
