import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printCompactJson, printIndentedJson } from '../../../sim/api/meta/go-json.ts'
import { printCustomColumns } from '../../../sim/kubectl/printers/custom-columns.ts'
import { printGoTemplate } from '../../../sim/kubectl/printers/go-template.ts'
import { describeTabs, layOut, tableTabs } from '../../../sim/kubectl/printers/tab-writer.ts'

test('columns of a table are at least six wide and three apart', () => {
  assert.equal(layOut('NAME\tDATA\tAGE\nc\t1\t10s\n', tableTabs), 'NAME   DATA   AGE\nc      1      10s\n')
})

test('a column ends where a line has no cell for it', () => {
  assert.equal(
    layOut(
      'Name:\tweb\nPort:\t<unset>\t80/TCP\nNodePort:\t<unset>\t30080/TCP\nlong line without cells\nX:\ty\n',
      describeTabs,
    ),
    'Name:      web\nPort:      <unset>  80/TCP\nNodePort:  <unset>  30080/TCP\nlong line without cells\nX:  y\n',
  )
})

test('an empty cell is as wide as its column', () => {
  assert.equal(layOut('a\t\tb\nccc\t\td\n', describeTabs), 'a      b\nccc    d\n')
})

test('JSON has sorted keys and escapes what HTML would read', () => {
  const value = { b: [1, 'a&b'], a: { z: null, y: undefined } }
  assert.equal(printCompactJson(value), '{"a":{"z":null},"b":[1,"a\\u0026b"]}')
  assert.equal(
    printIndentedJson({ ...value, c: [], d: {} }),
    '{\n    "a": {\n        "z": null\n    },\n    "b": [\n        1,\n        "a\\u0026b"\n    ],\n    "c": [],\n    "d": {}\n}',
  )
})

const list = {
  items: [
    { metadata: { name: 'a' }, spec: { images: ['x', 'y'] } },
    { metadata: { name: 'b' }, spec: {} },
  ],
}

test('custom columns show each path, <none> for what is missing', () => {
  assert.equal(
    printCustomColumns('NAME:.metadata.name,IMAGES:.spec.images[*]', true).print(list),
    'NAME   IMAGES\na      x,y\nb      <none>\n',
  )
  assert.equal(printCustomColumns('NAME:metadata.name', false).print(list.items[0]), 'a\n')
})

test('a custom column without a path is refused', () => {
  assert.throws(
    () => printCustomColumns('NAME', true),
    /unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>/,
  )
})

test('go templates range, choose and index', () => {
  const template =
    '{{range .items}}{{.metadata.name}}{{if .spec.images}}={{index .spec.images 0}}{{else}}!{{end}} {{end}}'
  assert.equal(printGoTemplate(template, list), 'a=x b! ')
  assert.equal(printGoTemplate('{{len .items}}{{"\\n"}}{{.nope}}', list), '2\n<no value>')
})
