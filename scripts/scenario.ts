/** Runs scenario files and prints one JSON object a line: `npm run --silent scenario -- FILE...` */
import { readFileSync } from 'node:fs'
import { parseScenarioFile } from '../sim/forms.ts'
import { runScenario } from '../sim/index.ts'

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('usage: npm run --silent scenario -- FILE...')
  process.exit(2)
}
let failures = 0
for (const path of files) {
  try {
    const run = runScenario(parseScenarioFile(readFileSync(path, 'utf8'), path))
    process.stdout.write(`${JSON.stringify(run)}\n`)
  } catch (error) {
    failures++
    console.error(`${path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
}
process.exitCode = failures > 0 ? 1 : 0
