/**
 * Begins an item of content: `npm run new -- lesson pod/probes-again`, `question pod/what-now --type predict`, `challenge lost-node`,
 * `workshop first-day`,
 * or a translation of one: `translation lessons/pod/probes`.
 * What is to be written says TODO, and `npm run content:check` tells each of them by file and line until it is.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadCatalog } from '../server/catalog/load.ts'
import { sections } from '../server/catalog/schemas.ts'
import { locales, original } from '../server/i18n/locale.ts'
import { questionTypeNames } from '../server/questions/registry.ts'
import { begin, kinds } from './new/templates.ts'
import { beginTranslation, originalVersion } from './new/translation.ts'

const others = locales.filter((locale) => locale !== original)
const content = fileURLToPath(new URL('../content', import.meta.url))
const usage = `usage: npm run new -- lesson SECTION/NAME
       npm run new -- question SECTION/NAME [--type ${questionTypeNames.join('|')}]
       npm run new -- challenge NAME
       npm run new -- workshop NAME
       npm run new -- translation KIND/SECTION/NAME [--to ${others.join('|')}]     lessons/…, questions/…, tracks/NAME, workshops/NAME, exercises/NAME, challenges/NAME

Sections: ${sections.join(', ')}. A name is lower-case words joined by "-".`

function fail(message: string): never {
  console.error(`${message}\n\n${usage}`)
  process.exit(2)
}

/** A challenge is named by its folder. */
const pathOf = (item: string): string => (/^challenges\/[^/]+$/.test(item) ? `${item}/challenge.md` : `${item}.md`)

/** Ends the process. */
async function translation(given: string[]): Promise<never> {
  const at = given.indexOf('--to')
  const locale = at < 0 ? others[0] : others.find((each) => each === given[at + 1])
  const [item, ...rest] = at < 0 ? given : given.toSpliced(at, 2)
  if (!locale) fail(`Translations are made to ${others.join(', ')}.`)
  if (item === undefined || rest.length > 0) fail('Say what to translate.')
  const path = pathOf(item.replace(/^content\//, '').replace(/\.md$/, ''))
  const own = path.replace(/\.md$/, `.${locale}.md`)
  if (!existsSync(join(content, path))) fail(`There is no content/${path}.`)
  const text = readFileSync(join(content, path), 'utf8')
  const { catalog } = await loadCatalog(content)
  if (existsSync(join(content, own))) {
    console.log(
      `There is content/${own} already. Once it says what the original says now, its front matter has:\n\nof: '${originalVersion(catalog, path, text)}'`,
    )
    process.exit(0)
  }
  const begun = beginTranslation(catalog, path, text)
  if (begun === undefined) fail(`content/${path} is nothing that can be read.`)
  writeFileSync(join(content, own), begun)
  console.log(
    `content/${own}\n\nNext: put the translation in the place of each text, then npm run content:check -- ${item}`,
  )
  process.exit(0)
}

const words = process.argv.slice(2)
if (words[0] === 'translation') await translation(words.slice(1))
const at = words.indexOf('--type')
const type = at < 0 ? 'single' : (words[at + 1] ?? '')
const [kind, name, ...rest] = at < 0 ? words : words.toSpliced(at, 2)
if (kind === undefined || name === undefined || rest.length > 0) fail('Say what to begin, and its name.')
const known = kinds.find((each) => each === kind)
if (!known) fail(`"${kind}" is none of ${kinds.join(', ')}.`)
const slug = '[a-z0-9]+(?:-[a-z0-9]+)*'
if (
  !new RegExp(known === 'challenge' || known === 'workshop' ? `^${slug}$` : `^(${sections.join('|')})/${slug}$`).test(
    name,
  )
)
  fail(`"${name}" is not a name for a ${kind}.`)
const typeName = questionTypeNames.find((each) => each === type)
if (!typeName) fail(`"${type}" is not a type of question.`)

const files = begin(known, name, typeName)
const taken = Object.keys(files).filter((path) => existsSync(join(content, path)))
if (taken.length > 0) fail(`There is content/${taken[0]} already; nothing was written.`)
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(content, path)), { recursive: true })
  writeFileSync(join(content, path), text)
  console.log(`content/${path}`)
}
console.log(`\nNext: write what says TODO, then npm run content:check -- ${name}`)
