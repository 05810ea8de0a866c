import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EditorLine, readEditorLine } from '../../../server/terminal/editing.ts'

const cases: [line: string, want: EditorLine | undefined][] = [
  ['vi a.yaml', { program: 'vim', files: ['a.yaml'], isReadOnly: false }],
  ['/usr/bin/vim -n a.yaml', { program: 'vim', files: ['a.yaml'], isReadOnly: false }],
  ['vim +12 a.yaml', { program: 'vim', files: ['a.yaml'], start: '12', isReadOnly: false }],
  ['vim +/image a.yaml', { program: 'vim', files: ['a.yaml'], start: '/image', isReadOnly: false }],
  ['vim + a.yaml', { program: 'vim', files: ['a.yaml'], start: '', isReadOnly: false }],
  ['view a.yaml', { program: 'vim', files: ['a.yaml'], isReadOnly: true }],
  ['vim -R a.yaml', { program: 'vim', files: ['a.yaml'], isReadOnly: true }],
  ['vi -- -a', { program: 'vim', files: ['-a'], isReadOnly: false }],
  ['nano -v a', { program: 'nano', files: ['a'], isReadOnly: true }],
  ['nano +3,4 a', { program: 'nano', files: ['a'], start: '3,4', isReadOnly: false }],
  ['edit a', { program: 'form', files: ['a'], isReadOnly: false }],
  ['code --wait a', undefined],
  ['constructor a', undefined],
]
for (const [line, want] of cases)
  test(`readEditorLine reads ${line}`, () => {
    assert.deepEqual(readEditorLine(line.split(' ')), want)
  })
