/** Who reads custom resources from outside has the webhook asked, and leaves no trace: a replay, which nobody reads, is the same cluster. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { StatusError } from '../../sim/api/meta/status-error.ts'
import { serverItself } from '../../sim/apiserver/caller.ts'
import { createCluster, type LiveCluster } from '../../sim/index.ts'

/** What is typed in the transcript of conversion, line by line, up to its end or the first of these. */
function commands(): { line: string; stdin?: string }[] {
  const [typed] = readFileSync('test/scenarios/custom-resources/conversion.txt', 'utf8').split('\n----\n')
  const lines = typed.split('\n').filter((line) => !line.startsWith('#') && line !== '')
  const found: { line: string; stdin?: string }[] = []
  for (let i = 0; i < lines.length; i++) {
    const [, command] = /^(.*) <<EOF$/.exec(lines[i]) ?? []
    if (command === undefined) {
      found.push({ line: lines[i] })
      continue
    }
    const end = lines.indexOf('EOF', i)
    found.push({ line: command, stdin: `${lines.slice(i + 1, end).join('\n')}\n` })
    i = end
  }
  return found
}

/** @returns how many objects were read, and how often that was refused */
function readAll({ server }: LiveCluster): [number, number] {
  let [read, refused] = [0, 0]
  for (const kind of server.customResources.kinds) {
    const keys = server.etcd.range('crontabs.stable.example.com', { prefix: 'default/' }).items
    const acts = [
      () => server.list(serverItself, kind, {}).items.length,
      ...keys.map(({ metadata }) => () => {
        server.get(serverItself, kind, { namespace: 'default', name: metadata.name })
        return 1
      }),
    ]
    for (const act of acts)
      try {
        read += act()
      } catch (error) {
        assert.ok(error instanceof StatusError)
        refused++
      }
  }
  return [read, refused]
}

test('reading in every version between the commands changes nothing of what comes', () => {
  const [read, left] = [true, false].map((isRead) => {
    const cluster = createCluster({ seed: 'conversion', strict: true, shape: { nodes: [{ name: 'node-1' }] } })
    let [objects, refusals] = [0, 0]
    for (const { line, stdin } of commands()) {
      const [, amount, unit] = /^advance (\d+)(s|m)$/.exec(line) ?? []
      if (amount !== undefined) cluster.advance(Number(amount) * (unit === 's' ? 1000 : 60_000))
      else cluster.execute({ op: 'kubectl', line, stdin })
      if (!isRead) continue
      const [some, refused] = readAll(cluster)
      objects += some
      refusals += refused
    }
    return { hash: cluster.stateHash(), objects, refusals }
  })
  assert.ok(read.objects > 50 && read.refusals > 10, JSON.stringify(read))
  assert.equal(read.hash, left.hash)
})
