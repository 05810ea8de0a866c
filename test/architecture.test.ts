/** Imports point downward only: the layout of ARCHITECTURE.md, kept. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { test } from 'node:test'
import { buildSync, transformSync } from 'esbuild'

/** From the top down. A file may import from its own row's folder and from rows below. A folder inside of another may have a row of its own. */
const rows: readonly (readonly string[])[] = [
  ['sim/index.ts', 'sim/forms.ts'],
  ['sim/scenario', 'sim/simulated.ts'],
  ['sim/cluster.ts'],
  ['sim/command-log.ts'],
  ['sim/helm-line.ts'],
  ['sim/kubectl-line.ts'],
  ['sim/cluster-parts.ts', 'sim/scenario/commands'],
  ['sim/rest'],
  ['sim/faults', 'sim/addons'],
  [
    'sim/control-plane.ts',
    'sim/nodes.ts',
    'sim/outside-shell.ts',
    'sim/pod-access.ts',
    'sim/node-shape.ts',
    'sim/control-plane-nodes.ts',
  ],
  ['sim/node-shell'],
  ['sim/components'],
  ['sim/kubeadm'],
  ['sim/component-context.ts'],
  ['sim/helm'],
  ['sim/kubectl', 'sim/apiserver', 'sim/controllers', 'sim/scheduler', 'sim/kubelet'],
  ['sim/etcd', 'sim/storage', 'sim/images', 'sim/network'],
  ['sim/client'],
  ['sim/runtime'],
  ['sim/api/registry.ts', 'sim/api/old-versions.ts'],
  // One folder an API group; only core stands below the others.
  [
    'sim/api/admissionregistration',
    'sim/api/apiextensions',
    'sim/api/apiregistration',
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
    'sim/api/resource',
    'sim/api/scheduling',
    'sim/api/storage',
  ],
  ['sim/api/core'],
  ['sim/api/cel'],
  ['sim/api/patch'],
  ['sim/api/schema'],
  ['sim/go-template'],
  ['sim/pki'],
  ['sim/api/meta'],
  ['sim/text'],
  ['sim/engine', 'sim/version.ts', 'sim/scenario/command-output.ts'],
]

/** Types that rows above share with those below: seams, without a line that runs. */
const seams = new Set([
  'sim/scenario/types.ts',
  'sim/cluster-types.ts',
  'sim/network/types.ts',
  'sim/api/storage/types.ts',
  'sim/kubectl/context.ts',
  'sim/helm/context.ts',
  'sim/rest/types.ts',
])

const files = readdirSync('sim', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => `sim/${path}`)

/** The innermost that it is in. */
const placeOf = (path: string): string | undefined =>
  rows
    .flat()
    .filter((place) => path === place || path.startsWith(`${place}/`))
    .sort((a, b) => b.length - a.length)[0]
const rowOf = (path: string): number => rows.findIndex((row) => row.includes(placeOf(path) ?? ''))
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

test('ARCHITECTURE.md has a place for every folder and every file that stands above them', () => {
  const text = readFileSync('ARCHITECTURE.md', 'utf8')
  const places = ['sim', 'server'].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true }).map((one) => (one.isDirectory() ? `${folder}/${one.name}` : one.name)),
  )
  assert.ok(places.length > 50)
  assert.deepEqual(
    places.filter((place) => !new RegExp(`(?<![\\w-])${place}(?![\\w-])`).test(text)),
    [],
  )
})

test('ARCHITECTURE.md names the seams', () => {
  const [, named = ''] =
    /files of types are open to all rows: ([^;]*);/.exec(readFileSync('ARCHITECTURE.md', 'utf8')) ?? []
  assert.deepEqual(new Set([...named.matchAll(/`(sim\/[^`]+)`/g)].map(([, path]) => path)), seams)
})

test('a seam holds types alone: nothing of it runs', () => {
  for (const path of seams) {
    assert.equal(transformSync(readFileSync(path, 'utf8'), { loader: 'ts' }).code.trim(), '', path)
  }
})

test('sim/ knows no host: no node: module, wall clock, chance, timer or promise', () => {
  const forbidden =
    /from 'node:|Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|localeCompare|performance\.now|\basync\b|\bPromise\b/
  const wrong = files.filter((path) => forbidden.test(withoutComments(readFileSync(path, 'utf8'))))
  assert.deepEqual(wrong, [])
})

test('server/ reaches the simulator by its two doors, and loads it in its labs alone', () => {
  const wrong: string[] = []
  for (const path of readdirSync('server', { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue
    const text = readFileSync(`server/${path}`, 'utf8')
    for (const [statement, names, target] of text.matchAll(/^(?:import|export)([^'"]*?)from '([^']+)'/gm)) {
      if (!target.includes('/sim/')) continue
      const isTyped = /^(?:import|export) type/.test(statement) || names.replace(/type \w+|[{},\s]/g, '') === ''
      if (!/\/sim\/(?:index|forms)\.ts$/.test(target)) wrong.push(`server/${path} imports ${target}`)
      else if (target.endsWith('index.ts') && !isTyped && !path.startsWith('labs/'))
        wrong.push(`server/${path} loads the simulator`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the forms of what the simulator is given come without it', () => {
  const { metafile } = buildSync({
    entryPoints: ['sim/forms.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    treeShaking: false,
    outdir: '.',
  })
  const loaded = Object.keys(metafile.inputs)
  assert.ok(loaded.includes('sim/faults/registry.ts'))
  assert.deepEqual(
    loaded.filter((path) =>
      /^sim\/(?:apiserver|controllers|etcd|images|kubelet|scheduler|node-shell\/programs)\//.test(path),
    ),
    [],
  )
})

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')

test('no two files need each other to load', () => {
  const { metafile } = buildSync({
    ...{ entryPoints: ['server/index.ts', 'sim/index.ts'], bundle: true, write: false, outdir: 'none', metafile: true },
    ...{ packages: 'external', platform: 'node', format: 'esm', logLevel: 'error' },
  })
  const importsOf = (path: string): string[] =>
    (metafile.inputs[path]?.imports ?? []).filter(({ external }) => !external).map((one) => one.path)
  const files = Object.keys(metafile.inputs).filter((path) => /^(?:server|sim)\//.test(path))
  assert.ok(files.length > 1000)
  const [isDone, way] = [new Set<string>(), [] as string[]]
  const circles: string[] = []
  const visit = (path: string): void => {
    if (isDone.has(path)) return
    const at = way.indexOf(path)
    if (at >= 0) {
      circles.push([...way.slice(at), path].join(' → '))
      return
    }
    way.push(path)
    for (const to of importsOf(path)) visit(to)
    way.pop()
    isDone.add(path)
  }
  for (const path of files) visit(path)
  assert.deepEqual(circles, [])
})
