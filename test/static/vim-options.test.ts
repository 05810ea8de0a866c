import assert from 'node:assert/strict'
import { test } from 'node:test'

const { readSetting, readVimrc } = await import(
  new URL('../../static/editor/terminal/vim-options.js', import.meta.url).href
)

const cases: [word: string, want: object][] = [
  ['nu', { name: 'number', value: true }],
  ['nonumber', { name: 'number', value: false }],
  ['number!', { name: 'number', value: 'turned' }],
  ['invlist', { name: 'list', value: 'turned' }],
  ['et', { name: 'expandtab', value: true }],
  ['ts=2', { name: 'tabstop', value: 2 }],
  ['shiftwidth:4', { name: 'shiftwidth', value: 4 }],
  ['sw=0', { name: 'shiftwidth', value: 0 }],
  ['ts=0', { error: 'E487: Argument must be positive: ts=0' }],
  ['ts=x', { error: 'E521: Number required after =: ts=x' }],
  ['ts', { asked: 'tabstop' }],
  ['paste?', { asked: 'paste' }],
  ['nu=1', { error: 'E474: Invalid argument: nu=1' }],
  ['mouse=a', {}],
  ['nocompatible', {}],
  ['nonsense', { error: 'E518: Unknown option: nonsense' }],
]
for (const [word, want] of cases)
  test(`:set ${word}`, () => {
    assert.deepEqual(readSetting(word), want)
  })

test('a vimrc is read for its settings, those of YAML files, and its keys', () => {
  const text = [
    '" CKA',
    'set expandtab tabstop=2 " spaces',
    ':set nu',
    'syntax on',
    'inoremap jk <Esc>',
    'autocmd FileType yaml,yml setlocal sw=2 et',
    'au FileType go setlocal sw=8',
  ].join('\n')
  const words = ['expandtab', 'tabstop=2', 'nu']
  assert.deepEqual(readVimrc(text, true), { words: [...words, 'sw=2', 'et'], maps: ['inoremap jk <Esc>'] })
  assert.deepEqual(readVimrc(text, false).words, words)
})
