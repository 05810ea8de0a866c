/**
 * Bundles the server into dist/server: the process, and each child process, in a few files that load in a fraction of the time that a
 * thousand modules need. Types are erased, names and lines stay: `node --enable-source-maps` tells where in the sources an error rose.
 */
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build as esbuild } from 'esbuild'

/** These find files of their own package beside themselves, or are too large to be worth it. */
const external = ['just-bash', 'playwright-core']

/** Packages that are CommonJS ask for modules of Node by `require`. */
const banner = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);"

/**
 * Packages have no place in the source maps: whoever reads a stack first waits until the maps are read, and four fifths of them
 * would tell of code that is not ours. An empty map of its own does that to a file.
 */
const unmappedPackages = {
  name: 'unmapped-packages',
  setup({ onLoad }) {
    const empty = Buffer.from('{"version":3,"sources":[""],"mappings":"AAAA"}').toString('base64')
    onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\n//# sourceMappingURL=data:application/json;base64,${empty}`,
      loader: 'js',
    }))
  },
}

/**
 * The entries of child processes: each has beside it what starts it from its source. All come to lie in one folder, where
 * whoever starts one looks for its file.
 */
export function processEntries() {
  return readdirSync('server', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('-from-source.mjs'))
    .map((path) => join('server', path.replace(/-from-source\.mjs$/, '.ts')))
    .sort()
}

/**
 * @param entries of the process; child processes are added
 * @param folder is replaced as a whole
 * @param print names this build to the server
 */
export async function bundle(entries, folder, print) {
  const children = processEntries()
  const names = [...entries, ...children].map((path) => basename(path, '.ts'))
  const twice = names.find((name, n) => names.indexOf(name) !== n)
  if (twice) throw new Error(`two entries of the server are called ${twice}.ts; they need names of their own`)
  const fresh = `${folder}.${process.pid}`
  const options = {
    outdir: fresh,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifyWhitespace: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
    external,
    banner: { js: banner },
    define: { PODIUM_BUILD: JSON.stringify(print) },
    plugins: [unmappedPackages],
  }
  rmSync(fresh, { recursive: true, force: true })
  // By themselves, so that the process loads nothing that only its children need: no simulator, above all.
  await Promise.all([entries, children].map((entryPoints) => esbuild({ ...options, entryPoints })))
  for (const texts of ['zh', 'said']) cpSync(`server/i18n/${texts}`, join(fresh, texts), { recursive: true })
  mkdirSync(folder, { recursive: true })
  rmSync(folder, { recursive: true })
  renameSync(fresh, folder)
}

export async function build({ print }) {
  await bundle(
    [
      'server/index.ts',
      'server/supervisor.ts',
      'server/grant.ts',
      'server/backup.ts',
      'server/restore.ts',
      'server/migrate.ts',
      'server/catalog/compile.ts',
      'server/render/compress.ts',
    ],
    'dist/server',
    print,
  )
  return 'dist/server'
}
