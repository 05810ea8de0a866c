/** Mutants: what is changed, that each is on by itself, and that a test that notices one is told from one that does not. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { transformSync } from 'esbuild'
import { mutantsOf } from '../../scripts/mutate/mutants.ts'
import { nearestTests } from '../../scripts/mutate/nearest-tests.ts'

const source = `
import { other } from './other.ts'
type Names = 'a' | 'b'
export function grade(points: number, names: readonly Names[]): string {
  if (points > 10 && !names.includes('a')) names.forEach((name) => tell(name))
  const bar = points === 0 ? 'none' : 'some'
  return bar as string
}
`

test('operators, conditions, literals and statements are changed; types, names and imports are not', () => {
  const { mutants } = mutantsOf('sample.ts', source)
  const changes = mutants.map(({ line, change }) => `${line}: ${change}`)
  for (const wanted of [
    "5: points > 10 && !names.includes('a') → true",
    "5: points > 10 && !names.includes('a') → false",
    "5: points > 10 && !names.includes('a') → (points > 10) || (!names.includes('a'))",
    '5: points > 10 → (points) >= (10)',
    '5: 10 → 11',
    "5: !names.includes('a') → (names.includes('a'))",
    '5: names.forEach((name) => tell(name)) → left out',
    '6: points === 0 → (points) !== (0)',
    "6: 'none' → ''",
  ])
    assert.ok(changes.includes(wanted), `${wanted}\nof\n${changes.join('\n')}`)
  assert.deepEqual(
    changes.filter((change) => /other|'b'|^[34]:/.test(change)),
    [],
  )
  assert.deepEqual(
    mutants.map(({ number }) => number),
    mutants.map((_, n) => n + 1),
  )
})

/** What a function of the source gives with each mutant on, by its change; '' is none. */
function playedWith<T>(source: string, play: (run: (...args: number[]) => unknown) => T): Record<string, T> {
  const { mutants, text } = mutantsOf('f.ts', source)
  const js = transformSync(text, { loader: 'ts', format: 'cjs' }).code
  const played = (on: number): T => {
    const module = { exports: {} as { f: (...args: number[]) => unknown } }
    const __mutantOn = (_: string, n: number): boolean => n === on
    new Function('module', 'globalThis', js)(module, { __mutantOn })
    return play(module.exports.f)
  }
  return Object.fromEntries([['', played(0)], ...mutants.map(({ number, change }) => [change, played(number)])])
}

test('a statement before an else is left out, and the else stays with its if', () => {
  const source = `export function f(a: number) {
    const seen: string[] = []
    if (a > 0) seen.push('yes')
    else seen.push('no')
    return seen.join()
  }`
  const played = playedWith(source, (f) => [f(1), f(0)])
  assert.deepEqual(played[''], ['yes', 'no'])
  assert.deepEqual(played["seen.push('yes') → left out"], ['', 'no'])
  assert.deepEqual(played["seen.push('no') → left out"], ['yes', ''])
})

test('the default of a short name is changed', () => {
  const source = 'export function f(b: number) { const { a = 5 } = { b } as { a?: number }; return a + b }'
  const played = playedWith(source, (f) => f(1))
  assert.equal(played[''], 6)
  assert.equal(played['5 → 6'], 7)
})

test('with no mutant on the file does what it did, and with one on that alone is changed', () => {
  const { mutants, text } = mutantsOf('f.ts', 'export const f = (a: number, b: number): number => (a < b ? a + 1 : b)')
  const js = transformSync(text, { loader: 'ts', format: 'cjs' }).code
  const f = (on: number): ((a: number, b: number) => number) => {
    const module = { exports: {} as { f: (a: number, b: number) => number } }
    new Function('module', 'globalThis', js)(module, {
      __mutantOn: (file: string, n: number) => file === 'f.ts' && n === on,
    })
    return module.exports.f
  }
  const results = (on: number) => [f(on)(1, 2), f(on)(2, 2), f(on)(3, 2)]
  assert.deepEqual(results(0), [2, 2, 2])
  const byChange = Object.fromEntries(mutants.map(({ number, change }) => [change, results(number)]))
  assert.deepEqual(byChange['a < b → (a) <= (b)'], [2, 3, 2])
  assert.deepEqual(byChange['a + 1 → (a) - (1)'], [0, 2, 2])
  assert.deepEqual(byChange['1 → 2'], [3, 2, 2])
  assert.deepEqual(byChange['a < b ? a + 1 : b → (b)'], [2, 2, 2])
})

test('a file that cannot be parsed is named', () => {
  assert.throws(() => mutantsOf('broken.ts', 'const ='), /broken\.ts cannot be parsed/)
})

test('the nearest test of a file is the one that is about it', () => {
  const [first] = nearestTests(['server/sittings/roles.ts'], 3).get('server/sittings/roles.ts')!
  assert.equal(first, 'test/server/sittings/roles.test.ts')
})

test('the command counts what its tests notice, and names what they do not', async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/mutate.ts', ...args]).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, text: stderr }),
    )
  const { code, text } = await run('server/sittings/watch.ts', '--tests', '1', '--most', '4')
  assert.equal(code, 0)
  const { mutants, killed, score, survivors } = JSON.parse(text) as Record<string, number> & { survivors: object[] }
  assert.equal(mutants, 4)
  assert.equal(killed! + survivors.length, 4)
  assert.ok(killed! >= 2)
  assert.equal(score, killed! / 4)
  assert.deepEqual(
    await run('server/nothing-here.ts').then(({ code, text }) => [code, /no TypeScript file/.test(text)]),
    [2, true],
  )
})
