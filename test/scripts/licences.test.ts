import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'

const root = new URL('../../', import.meta.url)
const { inspect } = await import(new URL('scripts/licences.mjs', root).href)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podium-licences-'))
})
afterEach(() => rm(folder, { recursive: true }))

const allowed = { licences: { MIT: 'permissive' }, packages: {}, installScripts: {} }

async function put(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), JSON.stringify(value))
}

/** What is wrong with a tree of one package besides a good one. */
async function problemsWith(locked: object, more: object = {}, installed?: object): Promise<string[]> {
  const packages = {
    '': { dependencies: { good: '1.0.0' } },
    'node_modules/good': { version: '1.0.0', license: 'MIT', dependencies: { odd: '^2.0.0' } },
    'node_modules/good/node_modules/odd': { version: '2.0.0', license: 'MIT', ...locked },
    'node_modules/linked': { resolved: 'elsewhere', link: true },
  }
  await put('package-lock.json', { packages })
  if (installed) await put('node_modules/good/node_modules/odd/package.json', installed)
  return inspect(folder, { ...allowed, ...more }).problems
}

test('what is allowed passes, and an expression passes when its terms do', async () => {
  assert.deepEqual(await problemsWith({}), [])
  assert.deepEqual(await problemsWith({ license: '(MIT OR GPL-3.0)' }), [])
  assert.deepEqual(await problemsWith({}, {}, { license: { type: 'MIT' } }), [])
})

for (const license of [
  'LGPL-3.0',
  'MIT AND GPL-3.0',
  '(MIT OR GPL-3.0) AND GPL-2.0',
  'SEE LICENSE IN it',
  'mit-ish',
  '',
])
  test(`the licence "${license}" is refused, with the package, its place, who wants it and what to do`, async () => {
    const [problem, ...others] = await problemsWith({ license })
    assert.deepEqual(others, [])
    assert.ok(
      problem!.startsWith(
        `odd 2.0.0 (node_modules/good/node_modules/odd, wanted by good) has the licence "${license || 'none named'}". Take another`,
      ),
      problem,
    )
  })

test('a package that says something else than the lock file is refused', async () => {
  assert.match((await problemsWith({}, {}, { license: 'GPL-3.0' })).join(), /odd 2\.0\.0 .* has the licence "GPL-3\.0"/)
})

test('where the lock file names none, what is installed says', async () => {
  const licenses = [{ type: 'MIT', url: 'https://example.com/LICENSE' }]
  assert.deepEqual(await problemsWith({ license: undefined }, {}, { licenses }), [])
  assert.match((await problemsWith({ license: undefined }, {}, {})).join(), /has the licence "none named"/)
  assert.match((await problemsWith({ license: undefined })).join(), /has the licence "none named"/)
})

test('an exception is for one package and one licence', async () => {
  const packages = { odd: { licence: 'MPL-2.0', reason: 'tests only' } }
  assert.deepEqual(await problemsWith({ license: 'MPL-2.0' }, { packages }), [])
  assert.match((await problemsWith({ license: 'GPL-3.0' }, { packages })).join(), /has the licence "GPL-3\.0"/)
})

test('an install script is refused, whether the lock file tells of it or the package has it', async () => {
  const refused = /odd 2\.0\.0 .* runs a script when it is installed\. .* "installScripts"/
  assert.match((await problemsWith({ hasInstallScript: true })).join(), refused)
  assert.match((await problemsWith({}, {}, { license: 'MIT', scripts: { postinstall: 'x' } })).join(), refused)
  const installScripts = { odd: 'read' }
  assert.deepEqual(await problemsWith({ hasInstallScript: true }, { installScripts }), [])
})

test('what is allowed and not there any more is to be removed', async () => {
  const problems = await problemsWith({}, { installScripts: { gone: 'read' } })
  assert.deepEqual(problems, [
    '"gone" in "installScripts" of scripts/licences.json allows nothing any more. Remove it.',
  ])
})

test('the bill of materials is CycloneDX, with what runs and nothing that is for development', () => {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'sbom'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  assert.equal(status, 0, stderr)
  const bill = JSON.parse(stdout)
  assert.equal(bill.bomFormat, 'CycloneDX')
  assert.match(bill.specVersion, /^1\.\d$/)
  const components = bill.components as { name: string; group?: string; version: string; purl: string; type: string }[]
  for (const { name, version, purl, type } of components)
    assert.ok(
      name && version && type === 'library' && purl.startsWith('pkg:npm/'),
      `${name} ${version} ${type} ${purl}`,
    )
  const names = components.map(({ name, group }) => (group ? `${group}/${name}` : name))
  assert.ok(names.includes('express') && names.includes('just-bash'))
  for (const name of ['typescript', 'axe-core', 'tsx']) assert.ok(!names.includes(name), name)
})
