/** What templates are held to in the tests: that they read nothing which their page does not give. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Response } from 'express'
import { createRenderer } from '../../../server/render/page.ts'

const renderer = createRenderer({ isChecked: true })
/** As express has them: without a prototype. */
const res = { locals: Object.assign(Object.create(null), { locale: 'en' }) } as Response
const part = (model: object) => renderer.part(res, 'beside-list', model)

const next = { href: '/a', title: 'A', about: '', action: 'Go on' }
const section = { id: 'pods', href: '/b', title: 'B', done: 1, all: 2, isShown: false }

test('a template that reads a field which it is not given fails, however deep the field lies', () => {
  assert.throws(() => part({ next }), /beside-list reads `it\.sections`, which it is not given: next,ctx/)
  const { all, ...misnamed } = { ...section, total: 2 }
  assert.equal(all, 2)
  assert.throws(
    () => part({ sections: [section, misnamed] }),
    /reads `it\.sections\[\]\.all`, which it is not given: id,href,title,done,isShown,total/,
  )
})

test('what a template itself says it need not be given may be absent, and a field that is there may be undefined', () => {
  assert.match(part({ sections: [section] }), /href="\/b"/)
  assert.match(part({ next: undefined, sections: [section] }), /href="\/b"/)
  assert.match(part({ next, sections: [] }), /href="\/a"/)
})
