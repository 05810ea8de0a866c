/**
 * Builds what is stale: `npm run build`, and by itself before `npm start` and after `npm ci`. It needs nothing that
 * `npm ci --omit=dev` leaves out; types are erased here and checked by `npm run check`.
 */
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fingerprint, Stamps } from './build/stamps.mjs'

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'))
const content = (process.env.CONTENT_DIR || 'content')
  .split(delimiter)
  .filter(Boolean)
  .map((folder) => resolve(folder))

/** What is in node_modules, as npm noted it. */
const installed = 'node_modules/.package-lock.json'

/** In the order in which they are done. Each module's `build` is told the fingerprint of its inputs. */
const steps = [
  {
    name: 'schema',
    module: './extract-schema.mjs',
    inputs: ['scripts/extract-schema.mjs', installed],
    outputs: ['sim/api/schema/definitions.generated.js'],
  },
  {
    name: 'editor',
    module: './bundle-editor.mjs',
    inputs: ['scripts/bundle-editor.mjs', installed, 'static/editor'],
    outputs: ['static/generated/editor.js', 'static/generated/terminal-editor.js'],
  },
  {
    name: 'server',
    module: './bundle-server.mjs',
    inputs: ['scripts/bundle-server.mjs', 'package.json', installed, 'tsconfig.json', 'server', 'sim'],
    outputs: ['dist/server/index.js'],
  },
  {
    name: 'assets',
    module: './build/compress-assets.mjs',
    inputs: ['scripts/build/compress-assets.mjs', 'dist/server/compress.js', installed, 'static'],
    outputs: ['dist/compressed'],
  },
  {
    name: 'catalog',
    module: './build/compile-catalog.mjs',
    inputs: ['scripts/build/compile-catalog.mjs', 'dist/server/index.js', ...content],
    outputs: ['dist/catalog'],
  },
  {
    name: 'bench',
    module: './build/bundle-bench.mjs',
    inputs: ['scripts/build/bundle-bench.mjs', 'scripts', installed, 'server', 'sim'],
    outputs: ['dist/bench/bench.js'],
    onlyWhenNamed: true,
  },
]

const named = process.argv.slice(2)
const unknown = named.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`build: there is no step ${unknown.join(', ')}; there are ${steps.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const stamps = new Stamps('dist/stamps.json')
let done = 0
for (const step of steps) {
  if (named.length > 0 ? !named.includes(step.name) : step.onlyWhenNamed) continue
  const print = fingerprint(step.inputs)
  if (stamps.isCurrent(step, print)) continue
  const { build } = await import(step.module)
  const startedMs = performance.now()
  const made = await build({ print, content })
  stamps.set(step, print)
  done++
  console.log(`build: ${step.name}: ${made} (${Math.round(performance.now() - startedMs)} ms)`)
}
if (done === 0) console.log('build: nothing has changed')
