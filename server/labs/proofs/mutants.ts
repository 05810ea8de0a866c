/**
 * Mutants of a solution: each field of its manifests left out or changed, one at a time. A check that no mutant fails is one
 * that can't fail; a mutant that no check notices is a freedom that the challenge leaves.
 */
import { type Document, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { RunFile } from '../tasks/runs.ts'

export interface Mutant {
  /** `deployment.yaml: spec.replicas: left out` */
  about: string
  files: RunFile[]
}

/** Fields that only name a thing: changing them makes another thing, not a wrong one. */
const names = /^(apiVersion|kind)$|^metadata\.name$/

export function mutantsOf(files: readonly RunFile[]): Mutant[] {
  return files.flatMap((file) => {
    const documents = parseAllDocuments(file.text) as Document[]
    return documents.flatMap((document, index) =>
      pathsIn(document).flatMap((path) => {
        const name = path.join('.')
        if (names.test(name)) return []
        const made: Mutant[] = []
        const build = (about: string, change: (copy: Document) => void): void => {
          const copies = parseAllDocuments(file.text) as Document[]
          change(copies[index])
          const text = joined(copies)
          made.push({
            about: `${file.name}: ${name}: ${about}`,
            files: files.map((other) => (other === file ? { name: file.name, text } : other)),
          })
        }
        build('left out', (copy) => copy.deleteIn(path))
        const node = document.getIn(path, true)
        if (isScalar(node)) {
          const other = otherValue(node.value)
          if (other !== undefined)
            build(`${JSON.stringify(node.value)} becomes ${JSON.stringify(other)}`, (copy) => copy.setIn(path, other))
        }
        return made
      }),
    )
  })
}

/** The text of several documents. One that came after another begins with `---` by itself. */
export const joined = (documents: readonly Document[]): string =>
  documents
    .map(String)
    .map((text, n) => (n === 0 || text.startsWith('---') ? text : `---\n${text}`))
    .join('')

function pathsIn(document: Document): (string | number)[][] {
  const paths: (string | number)[][] = []
  const walk = (node: unknown, path: (string | number)[]): void => {
    if (path.length > 0) paths.push(path)
    if (isMap(node))
      for (const pair of node.items) walk(pair.value, [...path, String(isScalar(pair.key) ? pair.key.value : pair.key)])
    else if (isSeq(node)) for (const [i, item] of node.items.entries()) walk(item, [...path, i])
  }
  walk(document.contents, [])
  return paths
}

/** A value of the same type that means something else. */
function otherValue(value: unknown): unknown {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  if (typeof value === 'string' && /^\d+$/.test(value)) return String(Number(value) + 1)
  if (typeof value === 'string') return `${value}-x`
  return undefined
}
