/**
 * Bundles tests, and the child processes of the server that they start, into a folder: a test of pages takes
 * half the computing time that it takes from its sources. Each module knows its source by `import.meta.url` all the same.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build as esbuild } from 'esbuild'
import { processEntries } from '../bundle-server.mjs'

/** What tests run in processes of its own: `test/support/programs.ts`. */
const programs = [
  'scripts/audit.ts',
  'scripts/conformance.ts',
  'scripts/item-stats.ts',
  'scripts/manifests.ts',
  'scripts/sandbox.ts',
  'scripts/storage.ts',
  'scripts/verify.ts',
  'server/backup.ts',
  'server/grant.ts',
  'server/index.ts',
  'server/migrate.ts',
  'server/restore.ts',
  'test/support/story-hashes.ts',
]

/**
 * @param files paths of tests
 * @param folder where to; a file of it has its test's path, with `.js` in the place of `.ts`
 * @param {{ textOf?: Readonly<Record<string, string>>, banner?: string }} [over] other texts of sources, by their whole paths; and what
 *   stands at the beginning of each built file
 * @returns paths of the built tests, in the same order
 */
export async function bundleTests(files, folder, { textOf = {}, banner = '' } = {}) {
  const children = join(folder, 'children')
  const options = optionsOf(children, textOf, banner)
  await Promise.all([
    esbuild({ ...options, entryPoints: files, outbase: '.', outdir: folder, chunkNames: 'chunks/[name]-[hash]' }),
    bundlePrograms(programs, children, { textOf, banner }),
  ])
  return files.map((file) => join(folder, file.replace(/\.ts$/, '.js')))
}

/**
 * Programs of the project and the child processes of the server, in a folder.
 * @param entries their paths
 * @param folder where to, as a whole path
 * @param over as of `bundleTests`
 */
export async function bundlePrograms(entries, folder, { textOf = {}, banner = '' } = {}) {
  await esbuild({
    ...optionsOf(folder, textOf, banner),
    entryPoints: [...processEntries(), ...entries],
    outdir: folder,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
  })
}

function optionsOf(children, textOf, banner) {
  return {
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    banner: { js: banner },
    define: { 'import.meta.url': 'sourceUrl' },
    plugins: [knowingTheirSource(children, textOf)],
  }
}

/** What asks for the entry of a child process is answered as if it was a built file, since its children are. */
const knowingTheirSource = (children, textOf) => ({
  name: 'knowing-their-source',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = textOf[path] ?? (await readFile(path, 'utf8'))
      if (!text.includes('import.meta.url')) return path in textOf ? { contents: text, loader: 'ts' } : undefined
      const place = text.includes('processEntry(import.meta.url') ? join(children, 'server.js') : path
      return { contents: `const sourceUrl = ${JSON.stringify(pathToFileURL(place).href)}; ${text}`, loader: 'ts' }
    })
  },
})
