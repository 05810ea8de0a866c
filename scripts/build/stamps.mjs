/** What was built of what: a step is done again when a file that it is made of has changed, or when what it made is gone. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Sixteen hexadecimal digits over paths and contents, and the version of Node. @param paths files and folders; what is missing counts as empty */
export function fingerprint(paths) {
  const hash = createHash('sha256').update(process.version)
  for (const path of paths.flatMap(filesIn)) hash.update(`\0${path}\0`).update(readFileSync(path))
  return hash.digest('hex').slice(0, 16)
}

function filesIn(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)))
}

/** The fingerprints of what was built, by step, kept in a file. One that cannot be read counts as empty. */
export class Stamps {
  constructor(file) {
    this.file = file
    try {
      this.known = JSON.parse(readFileSync(file, 'utf8'))
    } catch {
      this.known = {}
    }
  }

  isCurrent({ name, outputs }, print) {
    return this.known[name] === print && outputs.every((path) => existsSync(path))
  }

  set({ name }, print) {
    this.known = { ...this.known, [name]: print }
    mkdirSync(dirname(this.file), { recursive: true })
    writeFileSync(this.file, `${JSON.stringify(this.known, null, 2)}\n`)
  }
}
