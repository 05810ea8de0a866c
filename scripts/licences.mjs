/**
 * Lists the licences of all packages and those with install scripts, and fails on one that scripts/licences.json does not allow:
 * `npm run licences`. It reads what the lock file says, and of what is installed what the packages themselves say.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const allowedFile = 'scripts/licences.json'

/**
 * @param root a folder with package-lock.json, and node_modules if it is installed
 * @param allowed as in scripts/licences.json
 * @returns the number of packages by licence, the packages with install scripts, and in words what is not allowed
 */
export function inspect(root, allowed) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const licences = new Map()
  const scripted = new Set()
  const problems = []
  const used = new Set()
  for (const [path, locked] of Object.entries(lock.packages)) {
    if (path === '' || locked.link) continue
    const name = path.replace(/^.*node_modules\//, '')
    const installed = readIfAny(join(root, path, 'package.json'))
    const where = `${name} ${locked.version ?? ''} (${path}, ${whoAsksFor(lock, name)})`
    // npm's lock file leaves out the list in which older packages name theirs.
    const told = locked.license === undefined && installed ? [installed] : [locked, installed ?? locked]
    for (const licence of new Set(told.map(licenceOf))) {
      licences.set(licence, (licences.get(licence) ?? 0) + 1)
      const exception = allowed.packages[name]
      if (exception?.licence === licence) used.add(name)
      else if (!isAllowed(licence, allowed.licences, used))
        problems.push(
          `${where} has the licence "${licence}". Take another package, or add it to "packages" of ${allowedFile} with a reason if its terms are permissive.`,
        )
    }
    if (!locked.hasInstallScript && !hasInstallScript(installed, join(root, path))) continue
    scripted.add(name)
    if (name in allowed.installScripts) used.add(name)
    else
      problems.push(
        `${where} runs a script when it is installed. Take another package, or add it to "installScripts" of ${allowedFile} with a reason if you have read the script.`,
      )
  }
  for (const list of ['licences', 'packages', 'installScripts'])
    for (const entry of Object.keys(allowed[list]))
      if (!used.has(entry))
        problems.push(`"${entry}" in "${list}" of ${allowedFile} allows nothing any more. Remove it.`)
  return { licences, scripted, problems }
}

/** Older packages name a licence in an object, or several in a list. */
function licenceOf({ license, licenses }) {
  const given = license ?? (Array.isArray(licenses) ? licenses.map(({ type }) => type).join(' OR ') : undefined)
  return (typeof given === 'object' ? given?.type : given) || 'none named'
}

/** One that mixes OR and AND is for a human to read. */
function isAllowed(expression, licences, used) {
  const parts = expression.replace(/^\((.*)\)$/, '$1').split(/ (OR|AND) /)
  const names = parts.filter((_, n) => n % 2 === 0)
  const operators = new Set(parts.filter((_, n) => n % 2 === 1))
  const known = names.filter((name) => Object.hasOwn(licences, name))
  for (const name of known) used.add(name)
  if (operators.size > 1) return false
  return operators.has('OR') ? known.length > 0 : known.length === names.length
}

function hasInstallScript(installed, folder) {
  const { preinstall, install, postinstall } = installed?.scripts ?? {}
  return Boolean(preinstall || install || postinstall) || existsSync(join(folder, 'binding.gyp'))
}

function whoAsksFor(lock, name) {
  const asking = Object.entries(lock.packages).filter(([, asker]) =>
    ['dependencies', 'devDependencies', 'optionalDependencies'].some((kind) => asker[kind]?.[name] !== undefined),
  )
  return `wanted by ${asking.map(([path]) => path.replace(/^.*node_modules\//, '') || 'package.json').join(', ') || 'nobody'}`
}

function readIfAny(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..')
  const { licences, scripted, problems } = inspect(root, JSON.parse(readFileSync(join(root, allowedFile), 'utf8')))
  const counts = [...licences].sort(([, a], [, b]) => b - a).map(([licence, count]) => `${licence} ${count}`)
  console.log(`licences: ${counts.join(', ')}; with install scripts: ${[...scripted].join(', ') || 'none'}`)
  for (const problem of problems) console.error(`licences: ${problem}`)
  if (problems.length > 0) process.exitCode = 1
}
