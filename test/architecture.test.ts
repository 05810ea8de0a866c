/** Imports point downward only: the layout of ARCHITECTURE.md, kept. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { test } from 'node:test'

/** From the top down. A file may import from its own row's folder and from rows below. */
const rows: readonly (readonly string[])[] = [
  ['sim/index.ts'],
  ['sim/scenario', 'sim/simulated.ts'],
  ['sim/cluster.ts'],
  ['sim/rest'],
  ['sim/faults', 'sim/addons'],
  ['sim/control-plane.ts', 'sim/nodes.ts', 'sim/outside-shell.ts'],
  ['sim/node-shell'],
  ['sim/component-context.ts'],
  ['sim/kubectl', 'sim/apiserver', 'sim/controllers', 'sim/scheduler', 'sim/kubelet'],
  ['sim/etcd', 'sim/storage', 'sim/images', 'sim/network'],
  ['sim/client'],
  ['sim/runtime'],
  ['sim/api/registry.ts', 'sim/api/old-versions.ts'],
  // One folder an API group; only core stands below the others.
  [
    'sim/api/apps',
    'sim/api/authorization',
    'sim/api/autoscaling',
    'sim/api/batch',
    'sim/api/certificates',
    'sim/api/coordination',
    'sim/api/discovery',
    'sim/api/flowcontrol',
    'sim/api/networking',
    'sim/api/node',
    'sim/api/policy',
    'sim/api/rbac',
    'sim/api/scheduling',
    'sim/api/storage',
  ],
  ['sim/api/core'],
  ['sim/api/patch'],
  ['sim/api/schema'],
  ['sim/api/meta'],
  ['sim/engine', 'sim/version.ts'],
]

/** Types that rows above share with those below: seams, without a line that runs. */
const seams = new Set([
  'sim/scenario/types.ts',
  'sim/cluster-types.ts',
  'sim/network/types.ts',
  'sim/api/storage/types.ts',
  'sim/kubectl/context.ts',
  'sim/rest/types.ts',
])

const files = readdirSync('sim', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => `sim/${path}`)

const rowOf = (path: string): number =>
  rows.findIndex((row) => row.some((place) => path === place || path.startsWith(`${place}/`)))
const placeOf = (path: string): string | undefined =>
  rows.flat().find((place) => path === place || path.startsWith(`${place}/`))
const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^(?:import|export)[^'"]*?from '([^']+)'/gm)].map((match) => match[1])

test('there is something to look at', () => {
  assert.ok(files.length > 100)
  assert.deepEqual(
    files.filter((path) => rowOf(path) < 0 && !seams.has(path)),
    [],
  )
})

test('in sim/, imports point downward only, and siblings do not import each other', () => {
  const wrong: string[] = []
  for (const path of files) {
    for (const target of importsOf(path)) {
      if (!target.startsWith('.')) continue
      const to = posix.normalize(join(dirname(path), target))
      if (seams.has(path) || seams.has(to) || placeOf(path) === placeOf(to)) continue
      if (rowOf(to) <= rowOf(path)) wrong.push(`${path} imports ${to}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('sim/ knows no host: no node: module, wall clock, chance, timer or promise', () => {
  const forbidden =
    /from 'node:|Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|localeCompare|performance\.now|\basync\b|\bPromise\b/
  const wrong = files.filter((path) => forbidden.test(withoutComments(readFileSync(path, 'utf8'))))
  assert.deepEqual(wrong, [])
})

test('server/ reaches the simulator through sim/index.ts, from its labs and catalog only', () => {
  const wrong: string[] = []
  for (const path of readdirSync('server', { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue
    for (const target of importsOf(`server/${path}`)) {
      if (target.includes('/sim/') && !target.endsWith('/sim/index.ts')) wrong.push(`server/${path} imports ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
