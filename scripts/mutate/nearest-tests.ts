/** Which test files reach a source file by imports, the nearest first. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Relative imports of each file, in the project's paths. */
type ImportGraph = (file: string) => readonly string[]

const graph = (): ImportGraph => {
  const known = new Map<string, string[]>()
  return (file) => {
    const found = known.get(file)
    if (found) return found
    const imports = [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)]
      .map(([, path]) => join(dirname(file), path!))
      .filter((path) => /\.(ts|js)$/.test(path) && existsSync(path))
    known.set(file, imports)
    return imports
  }
}

/** How many imports lead from there to the source; undefined when none do. */
function distanceOf(test: string, source: string, importsOf: ImportGraph): number | undefined {
  const seen = new Set([test])
  let ring = [test]
  for (let distance = 0; ring.length > 0; distance++) {
    if (ring.includes(source)) return distance
    ring = ring.flatMap((file) => importsOf(file)).filter((file) => !seen.has(file) && seen.add(file))
  }
  return undefined
}

/** Words of a path that both have: `test/api/job-validation.test.ts` is about `sim/api/batch/job/validation.ts`. */
function likeness(test: string, source: string): number {
  const wordsOf = (path: string) => new Set(path.replace(/\.(test\.)?ts$/, '').split(/[/\-.]/))
  const own = wordsOf(source)
  return [...wordsOf(test)].filter((word) => own.has(word)).length
}

/** @returns for each source, by its path, at most so many test files */
export function nearestTests(sources: readonly string[], most: number): Map<string, string[]> {
  const importsOf = graph()
  const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && !/^browser\//.test(path))
    .map((path) => join('test', path))
  return new Map(
    sources.map((source) => {
      const near = tests.flatMap((test) => {
        const distance = distanceOf(test, source, importsOf)
        return distance === undefined ? [] : [{ test, rank: distance - 2 * likeness(test, source) }]
      })
      near.sort((a, b) => a.rank - b.rank || (basename(a.test) < basename(b.test) ? -1 : 1))
      return [source, near.slice(0, most).map(({ test }) => test)]
    }),
  )
}
