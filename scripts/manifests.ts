/**
 * What comes up of a folder of manifests: `npm run manifests -- FOLDER [--seconds N]`. Each file is applied to a cluster of its own, as `npm run sandbox` serves
 * one; then virtual time passes until nothing changes any more. A line for each file goes to stderr, with what did not come up and why; the last line, and
 * the only one on stdout, is the result as JSON. Ends with 1 unless all come up.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { type Document, parseAllDocuments } from 'yaml'
import { type Cluster, createCluster } from '../sim/index.ts'
import { missing } from './manifests/missing.ts'
import { clusterOptions } from './sandbox/cluster.ts'

const usage = `usage: npm run manifests -- FOLDER [--seconds N]
  --seconds N   virtual seconds that a file has to come up, at most (600)`

function fail(message: string): never {
  console.error(`${message}\n${usage}`)
  process.exit(2)
}

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: { seconds: { type: 'string', default: '600' } } })
  } catch (error) {
    return fail((error as Error).message)
  }
}

const { values, positionals } = readArguments()
const seconds = Number(values.seconds)
if (!(seconds > 0)) fail(`--seconds ${values.seconds}: must be a number above 0`)
const [folder, ...others] = positionals
if (folder === undefined || others.length > 0) fail('a folder, and no more, is expected')
if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) fail(`${folder} is not a folder`)

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ya?ml|json)$/.test(path))
  .sort()
if (files.length === 0) fail(`${folder} holds no file that ends in .yaml, .yml or .json`)

const notUp: string[] = []
for (const file of files) {
  const path = join(folder, file)
  const problems = tryOut(readFileSync(path, 'utf8'))
  console.error(`${problems.length === 0 ? 'up ' : 'not'} ${relative('.', path)}`)
  for (const problem of problems) console.error(`      ${problem.replaceAll('\n', '\n      ')}`)
  if (problems.length > 0) notUp.push(file)
}
console.error(`${files.length - notUp.length} of ${files.length} come up`)
console.log(JSON.stringify({ files: files.length, up: files.length - notUp.length, not: notUp }))
process.exit(notUp.length > 0 ? 1 : 0)

function tryOut(manifest: string): string[] {
  const cluster = createCluster(clusterOptions('manifests', 3))
  // What has no name of its own cannot be applied.
  const op = parseAllDocuments(manifest).some(isNameless) ? 'create' : 'apply'
  const { exit, stderr } = cluster.execute({ op, manifest })
  const refused = stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Warning: '))
    .map((line) => `${op}: ${line}`)
  if (exit !== 0 && refused.length === 0) refused.push(`${op} ended with ${exit}`)
  return [...(exit === 0 ? [] : refused), ...awaited(cluster, cluster.nowMs + seconds * 1000)]
}

function isNameless(document: Document): boolean {
  const metadata = document.errors.length === 0 ? document.toJS()?.metadata : undefined
  return metadata?.generateName !== undefined && metadata.name === undefined
}

/** What has not come up when nothing changes any more, or at that time. Probes are nothing that is due: they get a minute, and more while something is missing. */
function awaited(cluster: Cluster, untilMs: number): string[] {
  let problems: string[]
  let probesMs = 60_000
  do {
    cluster.settle(untilMs - cluster.nowMs)
    cluster.advance(Math.min(probesMs, untilMs - cluster.nowMs))
    problems = missing(cluster)
    probesMs = 10_000
  } while (problems.length > 0 && cluster.nowMs < untilMs)
  return problems
}
