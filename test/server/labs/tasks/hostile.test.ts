import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { createWorkerLabs } from '../../../../server/labs/tasks/pool.ts'
import { LabRefusal, type Labs, LabTimeout, type WorkRequest } from '../../../../server/labs/types.ts'
import { projectCatalog } from '../../../support/content.ts'

let labs: Labs
let base: WorkRequest
before(async () => {
  const catalog = await projectCatalog()
  const challenge = catalog.challenges.get('crash-loop')!
  base = { spec: challenge.spec, contentHash: challenge.hash, seed: 's', log: [], clockMs: 0, action: { do: 'look' } }
  labs = createWorkerLabs({ processes: 2, memoryMb: 512, timeoutMs: 60_000 })
  await Promise.all(['warm', 'warm too'].map((who) => labs.work(who, base)))
})
after(() => labs.close())

const deployment = (replicas: number, script: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: x}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: x}}
    spec:
      containers:
      - {name: c, image: "busybox:1.36", command: [sh, -c, ${JSON.stringify(script)}]}
`

const aliasBomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
  .concat([...'bcdefghi'].map((name, n) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[n]}`).join(',')}]`))
  .join('\n')

/** Applies a manifest, lets a minute pass, has it graded; tells what a learner would read. */
async function suffer(who: string, manifest: string): Promise<string[]> {
  const said: string[] = []
  const note = (error: unknown) => {
    if (!(error instanceof LabRefusal)) throw error
    said.push(error.message)
  }
  const applied = await labs
    .work(who, { ...base, action: { do: 'command', command: { op: 'apply', manifest } } })
    .catch(note)
  if (applied) {
    said.push(applied.output!.stderr)
    await labs
      .work(who, { ...base, log: [applied.logged!], clockMs: applied.clockMs, action: { do: 'advance', ms: 60_000 } })
      .catch(note)
  }
  const graded = await labs.grade(who, { ...base, log: [{ atMs: 0, command: { op: 'apply', manifest } }] }).catch(note)
  said.push(graded?.problem ?? '')
  return said.filter(Boolean)
}

const cases: { name: string; manifest: string; says: RegExp }[] = [
  {
    name: 'a hundred thousand replicas',
    manifest: deployment(100_000, 'sleep 1000'),
    says: /budget|may hold/,
  },
  { name: 'an alias bomb', manifest: aliasBomb, says: /excessive aliasing/ },
  { name: 'three thousand nested lists', manifest: `a: ${'['.repeat(3000)}${']'.repeat(3000)}`, says: /depth|nested/ },
  { name: 'three thousand nested maps', manifest: `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`, says: /depth|nested/ },
]
for (const { name, manifest, says } of cases)
  test(`${name} is refused in words, and others are served meanwhile`, async (t) => {
    const startedMs = performance.now()
    let slowestMs = 0
    let served = 0
    let isOver = false
    const others = (async () => {
      while (!isOver) {
        const askedMs = performance.now()
        // On a machine that is busy with other tests an honest run may be stopped as well; one that is served shows what it has to.
        const seen = await labs.work('other', { ...base, seed: 'other' }).catch((error: unknown) => {
          if (!(error instanceof LabRefusal)) throw error
        })
        if (!seen) continue
        assert.equal(seen.view.nodes.length, 2)
        served++
        slowestMs = Math.max(slowestMs, performance.now() - askedMs)
      }
    })()
    const said = await suffer('hostile', manifest)
    isOver = true
    t.diagnostic(
      `${Math.round(performance.now() - startedMs)} ms for three requests; ${served} of others, slowest ${Math.round(slowestMs)} ms`,
    )
    await others
    assert.match(said.join('\n'), says)
    assert.ok(served >= 1)
  })

for (const [name, script] of [
  ['an endless loop', 'while true; do :; done'],
  ['a loop that prints without end', 'while true; do echo hello; done'],
  ['a shell that starts itself', 'f() { f; }; f'],
] as const)
  test(`${name} in a container neither stops the server nor is an error of ours`, async () => {
    const said = await suffer('hostile', deployment(1, script))
    // Whether it is stopped or simulated to its end, what it costs is bounded and what is said is meant for a learner.
    for (const text of said) assert.doesNotMatch(text, /undefined|TypeError|at .*\.ts/)
    const after = await labs.work('other', base)
    assert.equal(after.view.nodes.length, 2)
  })

test('one learner cannot queue more than a few runs at a time', async () => {
  const results = await Promise.allSettled(Array.from({ length: 12 }, () => labs.work('greedy', base)))
  const refused = results.filter((result) => result.status === 'rejected')
  assert.ok(refused.length > 0)
  for (const { reason } of refused) assert.match(String(reason), /Several of your runs are still going/)
})

test('whoever gets no processor is not told to have computed too long', {
  skip: !existsSync('/proc/self/task'),
}, async () => {
  const children = (): number[] =>
    readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  const ofOthers = new Set(children())
  const starving = createWorkerLabs({ processes: 1, memoryMb: 512, timeoutMs: 500 })
  await starving.about()
  const mine = children().filter((pid) => !ofOthers.has(pid))
  const stopping = setInterval(() => {
    for (const pid of mine) process.kill(pid, 'SIGSTOP')
  }, 1)
  const refused = await starving.work('a', base).catch((error: unknown) => error)
  clearInterval(stopping)
  assert.ok(refused instanceof LabRefusal && !(refused instanceof LabTimeout), String(refused))
  assert.equal(refused.status, 503)
  for (const pid of mine)
    try {
      process.kill(pid, 'SIGCONT')
    } catch {
      // It was ended.
    }
  await starving.close()
})

test('what does not look at its watch is stopped from outside, and the pool goes on', async () => {
  const strict = createWorkerLabs({ processes: 1, memoryMb: 512, timeoutMs: 40 })
  const manifest = deployment(100_000, 'sleep 1000')
  const log = [{ atMs: 0, command: { op: 'apply' as const, manifest } }]
  await assert.rejects(
    strict.work('a', { ...base, log, action: { do: 'advance', ms: 600_000 } }),
    /took longer than 0\.04 s of computing time/,
  )
  // The thread that takes its place may need longer than that for its first words.
  let facts: Awaited<ReturnType<Labs['about']>> | undefined
  for (let attempt = 0; attempt < 20 && !facts; attempt++)
    facts = await strict.about().catch((error: unknown) => {
      if (!(error instanceof LabRefusal)) throw error
      return undefined
    })
  assert.match(facts?.kubernetes ?? '', /^v1/)
  await strict.close()
})
