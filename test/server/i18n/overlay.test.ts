import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareTexts, overlay, pickTexts } from '../../../server/i18n/overlay.ts'

const texts = ['title', 'unit', 'edges.*.label']

test('what holds no text is not asked for, and what is begun of it fits', () => {
  const original = { title: 'Pods', unit: '', edges: [{ from: 'a' }, { from: 'b' }] }
  assert.deepEqual(pickTexts(original, texts), { title: 'Pods' })
  assert.deepEqual(overlay(original, { title: '一组 Pod' }, texts), {
    value: { ...original, title: '一组 Pod' },
    misfits: [],
  })
})

test('a list of which one item has a text is asked for as a whole', () => {
  const original = { title: 'Pods', edges: [{ from: 'a', label: 'asks' }, { from: 'b' }] }
  assert.deepEqual(pickTexts(original, texts), { title: 'Pods', edges: [{ label: 'asks' }, {}] })
  assert.deepEqual(overlay(original, { title: '一组 Pod', edges: [{ label: '询问' }, {}] }, texts).misfits, [])
  assert.deepEqual(overlay(original, { title: '一组 Pod' }, texts).misfits, [
    { path: ['edges'], message: 'must be a list of 2 as in the original' },
  ])
})

test('a text that is given where there is none is told, and one that is missing', () => {
  const original = { title: 'Pods', edges: [{ from: 'a' }] }
  assert.deepEqual(overlay(original, { title: '', edges: [{ label: '询问' }] }, texts).misfits, [
    { path: ['title'], message: 'is not translated' },
    { path: ['edges', 0, 'label'], message: 'is not in the original' },
  ])
})

test('a translation has the blocks of the original with their marks, and the code of a solution', () => {
  const block = (info: string, code: string) => `\`\`\`${info}\n${code}\n\`\`\`\n`
  assert.deepEqual(compareTexts(block('sh', '# look'), block('sh', '# 看一看')), [])
  assert.deepEqual(compareTexts(block('sh solution', 'ls'), block('sh solution', 'ls')), [])
  assert.deepEqual(compareTexts(block('sh solution', 'ls'), block('sh', 'ls')), [
    'has the fenced blocks sh, where the original has sh solution',
  ])
  assert.deepEqual(compareTexts(block('sh solution', 'ls'), block('sh solution', 'ls -l')), [
    'has a solution that is not the original’s',
  ])
})
