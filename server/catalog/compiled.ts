/**
 * A catalog as one file, read in a hundredth of the time that the content takes. It fits one build of the server and one content,
 * by their hashes; one that does not fit, or is damaged, is made anew from the content.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { hashOfTree, readTree } from './tree.ts'
import type { Catalog } from './types.ts'

export interface CompiledOptions {
  /** Where compiled catalogs lie, one for each content. */
  cacheFolder: string
  /** Of the server: other code may make another catalog of the same content. */
  build: string
  /** Told in words why content had to be read, and when what was read cannot be kept. */
  onNote: (message: string) => void
}

/**
 * The compiled catalog of the content in some folders. Where none fits, the content is read, and the catalog kept for the next start if the
 * cache's folder can be written.
 * @throws ContentError that lists every problem with file and line
 */
export async function compiledCatalog(folders: readonly string[], options: CompiledOptions): Promise<Catalog> {
  const { cacheFolder, build, onNote } = options
  const tree = readTree(folders)
  const key = hash(`${build}\0${hashOfTree(tree)}`)
  const file = join(cacheFolder, `${basename(folders[0]!)}-${hash(folders.join('\0')).slice(0, 12)}`)
  const found = await readCompiled(file, key)
  if ('catalog' in found) return found.catalog
  // Not before it is needed: what reads content is large itself.
  const { loadTreeOrThrow } = await import('./load.ts')
  const startedMs = performance.now()
  const catalog = loadTreeOrThrow(tree)
  onNote(`The content was read in ${Math.round(performance.now() - startedMs)} ms: ${found.why}.`)
  try {
    await writeCompiled(file, key, catalog)
  } catch (error) {
    onNote(`The compiled content is not kept, so that each start reads it: ${(error as Error).message}.`)
  }
  return catalog
}

/** The first line of a file: what it was made of, and the hash of all that follows. */
interface Header {
  key: string
  hash: string
}

async function readCompiled(file: string, key: string): Promise<{ catalog: Catalog } | { why: string }> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return { why: isMissing ? `there is no ${file} yet` : `${file} cannot be read, ${(error as Error).message}` }
  }
  const end = bytes.indexOf('\n')
  const header = headerOf(bytes.toString('utf8', 0, Math.max(end, 0)))
  const body = bytes.subarray(end + 1)
  if (!header || header.hash !== hash(body)) return { why: `${file} is damaged` }
  if (header.key !== key) return { why: `it is not what ${file} was made of` }
  try {
    return { catalog: deserialize(body) as Catalog }
  } catch (error) {
    return { why: `${file} was written by another version of Node, ${(error as Error).message}` }
  }
}

function headerOf(line: string): Header | undefined {
  try {
    const { key, hash } = JSON.parse(line) as Partial<Header>
    return typeof key === 'string' && typeof hash === 'string' ? { key, hash } : undefined
  } catch {
    return undefined
  }
}

/** Whole or not at all: two servers may start at a time. */
async function writeCompiled(file: string, key: string, catalog: Catalog): Promise<void> {
  const body = serialize(catalog)
  const header: Header = { key, hash: hash(body) }
  const fresh = `${file}.${process.pid}.tmp`
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(fresh, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]))
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

function hash(contents: string | Buffer): string {
  return createHash('sha256').update(contents).digest('hex')
}
