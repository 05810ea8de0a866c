/**
 * Begins an item of content: `npm run new -- lesson pod/probes-again`, `question pod/what-now --type predict`, `challenge lost-node`.
 * What is to be written says TODO, and `npm run content:check` tells each of them by file and line until it is.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sections } from '../server/catalog/schemas.ts'
import { questionTypeNames } from '../server/questions/registry.ts'
import { begin, kinds } from './new/templates.ts'

const content = fileURLToPath(new URL('../content', import.meta.url))
const usage = `usage: npm run new -- lesson SECTION/NAME
       npm run new -- question SECTION/NAME [--type ${questionTypeNames.join('|')}]
       npm run new -- challenge NAME

Sections: ${sections.join(', ')}. A name is lower-case words joined by "-".`

function fail(message: string): never {
  console.error(`${message}\n\n${usage}`)
  process.exit(2)
}

const words = process.argv.slice(2)
const at = words.indexOf('--type')
const type = at < 0 ? 'single' : (words[at + 1] ?? '')
const [kind, name, ...rest] = at < 0 ? words : words.toSpliced(at, 2)
if (kind === undefined || name === undefined || rest.length > 0) fail('Say what to begin, and its name.')
const known = kinds.find((each) => each === kind)
if (!known) fail(`"${kind}" is none of ${kinds.join(', ')}.`)
const slug = '[a-z0-9]+(?:-[a-z0-9]+)*'
if (!new RegExp(known === 'challenge' ? `^${slug}$` : `^(${sections.join('|')})/${slug}$`).test(name))
  fail(`"${name}" is no name of a ${kind}.`)
const typeName = questionTypeNames.find((each) => each === type)
if (!typeName) fail(`"${type}" is no type of a question.`)

const files = begin(known, name, typeName)
const taken = Object.keys(files).filter((path) => existsSync(join(content, path)))
if (taken.length > 0) fail(`There is content/${taken[0]} already; nothing was written.`)
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(content, path)), { recursive: true })
  writeFileSync(join(content, path), text)
  console.log(`content/${path}`)
}
console.log(`\nNext: write what says TODO, then npm run content:check -- ${name}`)
