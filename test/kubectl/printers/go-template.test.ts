/** What `kubectl create configmap x --from-literal=a=b --dry-run=client -o go-template=…` printed of the same templates (kubectl 1.32). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printGoTemplate } from '../../../sim/kubectl/printers/go-template.ts'

const configMap = { kind: 'ConfigMap', apiVersion: 'v1', data: { a: 'b' }, metadata: { name: 'x' } }

const printed = {
  '{{1 | }}': '1',
  '{{(1 | )}}': '1',
  '{{.kind|}}': 'ConfigMap',
  '{{.kind | len | print 1}}': '1 9',
  '{{(1)}}': '1',
  '{{ (.data).a }}': 'b',
  '{{$x := 1}}{{$x}}': '1',
  '{{range $i, $e := .data}}{{$i}}={{$e}}{{end}}': 'a=b',
  '{{with $x := (len .kind)}}{{$x}}{{end}}': '9',
  '{{len (print .kind (print 1 2)) }}': '12',
  [`{{${'('.repeat(300)}1${')'.repeat(300)}}}`]: '1',
}
for (const [template, text] of Object.entries(printed))
  test(`the template ${template.slice(0, 60)} prints ${text}`, () =>
    assert.equal(printGoTemplate(template, configMap), text))

const refused = {
  '{{(}}': 'unclosed left paren',
  '{{(1 |}}': 'unclosed left paren',
  '{{)}}': 'unexpected right paren',
  '{{.a)}}': 'unexpected right paren',
  '{{()}}': 'missing value for parenthesized pipeline',
  '{{if}}x{{end}}': 'missing value for if',
  '{{ | 1}}': 'unexpected "|" in command',
  '{{1 | | 2}}': 'unexpected "|" in command',
  '{{(nope}}': 'function "nope" not defined',
  '{{1 | 2}}': 'non executable command in pipeline stage 2',
  '{{1 | .}}': 'non executable command in pipeline stage 2',
  '{{(1 | nil)}}': 'non executable command in pipeline stage 2',
}
for (const [template, why] of Object.entries(refused))
  test(`the template ${template} is refused: ${why}`, () =>
    assert.throws(() => printGoTemplate(template, configMap), {
      message: `error parsing template ${template}, template: output:1: ${why}`,
    }))
