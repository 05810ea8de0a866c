/** A check's line on a node runs the node's own programs, whatever a learner has put in their place. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'

test("a check's line runs the node's own programs, also those that its programs start", () => {
  const cluster = createCluster({ seed: 'own', shape: { nodes: [{ name: 'node-1' }] } })
  const run = (line: string, ownProgramsOnly?: boolean): string =>
    cluster.execute({ op: 'node', node: 'node-1', line, ...(ownProgramsOnly ? { ownProgramsOnly } : {}) }).stdout
  for (const [path, name] of [
    ['/usr/local/bin', 'kubectl'],
    ['/usr/local/sbin', 'awk'],
    ['/usr/bin', 'cut'],
    ['/bin', 'sleep'],
  ])
    run(`printf '#!/bin/sh\\necho forged\\n' > ${path}/${name}; chmod +x ${path}/${name}`)
  const lines: readonly [string, RegExp][] = [
    ['kubectl version --client', /^Client Version: v/],
    ["echo a b | awk '{ print $2 }'", /^b\n$/],
    ['echo a b | cut -c1', /^a\n$/],
    ["sh -c 'kubectl version --client'", /^Client Version: v/],
    ['echo version | xargs kubectl --client=true', /^Client Version: v/],
    ['sleep 1; echo done', /^done\n$/],
    ['type=$(kubectl version --client); echo "$type"', /^Client Version: v/],
  ]
  for (const [line, expected] of lines) {
    assert.match(run(line), /forged/, line)
    assert.match(run(line, true), expected)
  }
})
