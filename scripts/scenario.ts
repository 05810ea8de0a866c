/** Runs scenario files and prints one JSON object a line: `npm run --silent scenario -- FILE...` */
import { readFileSync } from 'node:fs'
import { parseScenarioFile } from '../sim/forms.ts'
import { runScenario } from '../sim/index.ts'
import type { ScenarioFile } from '../sim/scenario/types.ts'

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('usage: npm run --silent scenario -- FILE...')
  process.exit(2)
}
let failures = 0

/** A start that is told to the second lies somewhere in it: the middle is never far from what was recorded. */
function fromMidSecond(file: ScenarioFile): ScenarioFile {
  return file.start && !file.start.includes('.') ? { ...file, start: file.start.replace(/Z$/, '.500Z') } : file
}

for (const path of files) {
  try {
    const run = runScenario(fromMidSecond(parseScenarioFile(readFileSync(path, 'utf8'), path)))
    process.stdout.write(`${JSON.stringify(run)}\n`)
  } catch (error) {
    failures++
    console.error(`${path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
}
process.exitCode = failures > 0 ? 1 : 0
