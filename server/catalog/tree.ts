/** The texts of the content, of one folder or of several that add to each other. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Problem } from './source.ts'

export interface ContentTree {
  /** Texts by path within their folder, in the order of folders and paths. */
  files: ReadonlyMap<string, string>
  /** Where those of further folders lie, by `content/…`. */
  places: ReadonlyMap<string, string>
  /** What stands in two folders, and folders that there are not. */
  problems: readonly Problem[]
}

/** Of these each folder has its part; the parts follow each other. */
const shared = /^(?:moved|words|(?:old-notes|topics)(?:\.[^./]+)?)\.yaml$/

/**
 * @param folders each adds to those before it, and replaces nothing of theirs
 * @param withAnswers the solutions and wrong answers of challenges as well, which only proofs look at: most of all files
 */
export function readTree(folders: readonly string[], { withAnswers = false } = {}): ContentTree {
  const files = new Map<string, string>()
  const places = new Map<string, string>()
  const problems: Problem[] = []
  const owners = new Map<string, string>()
  for (const [n, folder] of folders.entries())
    for (const [path, text] of textsIn(folder, problems, withAnswers)) {
      if (shared.test(path)) {
        files.set(path, [files.get(path), text].filter(Boolean).join('\n'))
        continue
      }
      // A challenge is its whole folder; a translation belongs to its original's.
      const item = /^challenges\/[^/]+/.exec(path)?.[0] ?? path
      const owner = owners.get(item)
      if (owner !== undefined && owner !== folder) {
        const file = join(folder, path)
        if (path === item || path.endsWith('/challenge.yaml'))
          problems.push({ file, line: 1, message: `is in ${join(owner, path)} as well: an id belongs to one folder` })
        continue
      }
      owners.set(item, folder)
      files.set(path, text)
      if (n > 0) places.set(`content/${path}`, join(folder, path))
    }
  return { files, places, problems }
}

/** 64 hexadecimal digits over paths, texts, and what stands in two folders. */
export function hashOfTree({ files, problems }: ContentTree): string {
  const hash = createHash('sha256')
  for (const [path, text] of files) hash.update(`${path}\0${text.length}\0${text}\0`)
  for (const { file, message } of problems) hash.update(`${file}\0${message}\0`)
  return hash.digest('hex')
}

const answers = /(?:^|\/)challenges\/[^/]+\/(?:solutions|wrong)$/

/** Read in one go: for two thousand small files that is a fraction of what the same costs asynchronously. */
function textsIn(folder: string, problems: Problem[], withAnswers: boolean): [path: string, text: string][] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    const message = 'is not a folder: correct CONTENT_DIR, which names it, or create the folder'
    problems.push({ file: folder, line: 1, message })
    return []
  }
  const pathsIn = (below: string): string[] =>
    readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
      const path = join(below, entry.name)
      if (entry.isDirectory()) return !withAnswers && answers.test(path.split(sep).join('/')) ? [] : pathsIn(path)
      return entry.isFile() && /\.(md|ya?ml|txt)$/.test(entry.name) ? [join(folder, path)] : []
    })
  return pathsIn('')
    .sort()
    .map((path) => [path.slice(folder.length).split(sep).join('/').replace(/^\//, ''), readFileSync(path, 'utf8')])
}
