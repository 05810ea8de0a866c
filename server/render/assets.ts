/** Scripts and styles under /static/: each a text, and the same compressed as well as it goes by a step of the build. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { fontFaces } from './fonts.ts'
import { resourceFolder } from './resource-folder.ts'

export interface Asset {
  /** Its address below /static. */
  readonly path: string
  readonly type: 'css' | 'js'
  readonly text: string
  /** For whoever takes `Content-Encoding: br`; undefined where no build has made it of this very text. */
  readonly brotli: Buffer | undefined
}

/**
 * Those that are there, with texts that are read when they are first asked for.
 * @param options.isReadAnew each time, and never compressed @param options.folder where the build has put what it compressed
 */
export function readAssets({ isReadAnew = false, folder = compressedFolder() } = {}): readonly Asset[] {
  return sources().map(({ path, type, read }) => {
    let text: string | undefined
    let compressed: { brotli: Buffer | undefined } | undefined
    return {
      path,
      type,
      get text() {
        if (isReadAnew) return read()
        text ??= read()
        return text
      },
      get brotli() {
        if (isReadAnew) return undefined
        compressed ??= { brotli: readCompressed(folder, this.text) }
        return compressed.brotli
      },
    }
  })
}

/** The step of the build. @returns how many characters there are, and bytes of them compressed */
export function compressAssets(folder = compressedFolder()): { characters: number; bytes: number } {
  const fresh = `${folder}.${process.pid}`
  mkdirSync(fresh, { recursive: true })
  let [characters, bytes] = [0, 0]
  for (const { read } of sources()) {
    const text = read()
    const brotli = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } })
    writeFileSync(join(fresh, nameOf(text)), brotli)
    characters += text.length
    bytes += brotli.length
  }
  rmSync(folder, { recursive: true, force: true })
  renameSync(fresh, folder)
  return { characters, bytes }
}

interface Source {
  path: string
  type: Asset['type']
  read(): string
}

function sources(): Source[] {
  const resolved = createRequire(import.meta.url).resolve
  const [htmx, xterm, fit] = ['htmx.org', '@xterm/xterm', '@xterm/addon-fit'].map((name) => dirname(resolved(name)))
  const js = (path: string, ...files: string[]): Source => ({
    path,
    type: 'js',
    read: () => files.map((file) => readFileSync(file, 'utf8')).join('\n;'),
  })
  return [
    { path: '/app.css', type: 'css', read: readStylesheet },
    // In one file: htmx starts by a timer, which may fire before an extension that is loaded for itself has come.
    js('/vendor/htmx.js', join(htmx!, 'htmx.min.js'), join(htmx!, 'ext/hx-sse.min.js')),
    js('/vendor/xterm.js', join(xterm!, 'xterm.js')),
    js('/vendor/xterm-fit.js', join(fit!, 'addon-fit.js')),
    { path: '/vendor/xterm.css', type: 'css', read: () => readFileSync(join(xterm!, '../css/xterm.css'), 'utf8') },
    ...scripts().map(({ path, file }) => js(path, file)),
  ]
}

/** The site's own. */
function scripts(): { path: string; file: string }[] {
  return ['js', 'generated']
    .map((name) => ({ name, folder: join(resourceFolder('static'), name) }))
    .filter(({ folder }) => existsSync(folder))
    .flatMap(({ name, folder }) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.js'))
        .sort()
        .map((file) => ({ path: `/${name}/${file}`, file: join(folder, file) })),
    )
}

/**
 * The styles of all pages as one text, without comments and indentation. `tokens` and `base` come first: the other files build on them. `print` comes
 * last and takes away what they draw.
 */
function readStylesheet(): string {
  const folder = join(resourceFolder('static'), 'css')
  const rank = (name: string) => ({ 'tokens.css': 0, 'base.css': 1, 'print.css': 3 })[name] ?? 2
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.css'))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  return [fontFaces(), ...names.map((name) => readFileSync(join(folder, name), 'utf8'))]
    .join('\n')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\n\s+/g, '\n')
}

const compressedFolder = (): string => join(dirname(resourceFolder('static')), 'dist', 'compressed')

/** By what it says: what was made of another text is not found. */
const nameOf = (text: string): string => `${createHash('sha256').update(text).digest('hex').slice(0, 32)}.br`

function readCompressed(folder: string, text: string): Buffer | undefined {
  try {
    return readFileSync(join(folder, nameOf(text)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
