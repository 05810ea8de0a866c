/** Keys that every JavaScript object answers to by itself are keys like others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'

const cluster = createCluster({ seed: 'names', shape: { nodes: [{ name: 'node-1' }] } })
cluster.advance(20_000)

const lines: { line: string; says: RegExp; exit?: number }[] = [
  { line: 'label node node-1 constructor=y', says: /^node\/node-1 labeled$/m },
  { line: 'label node node-1 constructor=z', says: /'constructor' already has a value \(y\)/, exit: 1 },
  { line: 'annotate node node-1 toString=z', says: /^node\/node-1 annotated$/m },
  { line: 'label node node-1 valueOf-', says: /^label "valueOf" not found\.$/m },
  { line: 'get nodes -L constructor,toString', says: /^node-1 .* y +$/m },
  { line: 'get nodes -l toString', says: /No resources found/ },
  { line: "get nodes -o go-template='{{range .items}}{{.constructor}}{{end}}'", says: /^<no value>$/ },
  { line: 'get nodes -o go-template=\'{{range .items}}{{exists . "toString"}}{{end}}\'', says: /^false$/ },
  { line: 'create configmap words --from-literal=constructor=2', says: /configmap\/words created/ },
  { line: "get configmap words -o jsonpath='{.data}'", says: /^\{"constructor":"2"\}$/ },
  {
    line: `patch node node-1 --type=json -p '[{"op":"add","path":"/constructor/x","value":1}]'`,
    says: /The request is invalid/,
    exit: 1,
  },
  {
    line: `patch node node-1 --type=json -p '[{"op":"add","path":"/__proto__/x","value":1}]'`,
    says: /The request is invalid/,
    exit: 1,
  },
]
for (const { line, says, exit = 0 } of lines)
  test(`kubectl ${line}`, () => {
    const ran = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
    assert.match(ran.stdout + ran.stderr, says)
    assert.equal(ran.exit, exit)
  })
