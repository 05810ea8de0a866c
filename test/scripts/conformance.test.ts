/** `npm run conformance`, with a binary in the place of Kubernetes' own that writes reports as ginkgo does. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { program } from '../support/programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'podium-conformance-test-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const binary = join(folder, 'e2e.test')
writeFileSync(
  binary,
  `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs')
const flag = (name) => process.argv.find((arg) => arg.startsWith('--' + name + '='))?.slice(name.length + 3)
const specs = [
  ['[sig-node] Pods', 'should run (always) [Conformance]'],
  ['[sig-node] Pods', 'should run alone'],
  ['[sig-apps] Deployment', 'should fail'],
  ['[sig-apps] Deployment', 'may break nodes [Serial]'],
  ['Others', 'say that they do not apply'],
]
const isDry = process.argv.includes('--ginkgo.dry-run')
const focus = new RegExp(flag('ginkgo.focus') ?? '.')
const chosen = specs.filter((texts) => focus.test('The suite ' + texts.join(' ')))
if (!isDry) {
  const server = /server: (https:\\S+)/.exec(readFileSync(flag('kubeconfig'), 'utf8'))[1]
  appendFileSync(${JSON.stringify(join(folder, 'runs'))}, JSON.stringify({ server, names: chosen.map((texts) => texts.join(' ')) }) + '\\n')
  console.log('the log of this run')
}
const stateOf = ([, leaf]) => {
  if (isDry) return 'passed'
  if (leaf.includes('fail')) return 'failed'
  if (leaf.includes('alone')) return chosen.length === 1 ? 'passed' : 'failed'
  return leaf.includes('apply') ? 'skipped' : 'passed'
}
const SpecReports = specs.map((texts) => ({
  LeafNodeType: 'It',
  ContainerHierarchyTexts: texts.slice(0, 1),
  LeafNodeText: texts[1],
  State: chosen.includes(texts) ? stateOf(texts) : 'skipped',
  RunTime: 2e9,
  ...(chosen.includes(texts) && !isDry && stateOf(texts) !== 'passed'
    ? { Failure: { Message: 'it is not so', Location: { FileName: '/src/kubernetes/test/e2e/x.go', LineNumber: 7 } } }
    : {}),
}))
writeFileSync(flag('ginkgo.json-report'), JSON.stringify([{ SpecReports: [{ LeafNodeType: 'BeforeSuite', State: 'passed' }, ...SpecReports] }]))
process.exit(SpecReports.some(({ State }) => State === 'failed') ? 1 : 0)
`,
)
chmodSync(binary, 0o755)

function conformance(...args: string[]) {
  const [file, ...rest] = [process.execPath, ...program('scripts/conformance.ts'), ...args]
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
    const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (part) => {
      stdout += part
    })
    child.stderr.on('data', (part) => {
      stderr += part
    })
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}

test('each spec gets its verdict: what a batch breaks is tried alone, what breaks nodes never has company', async () => {
  const out = join(folder, 'logs')
  const { code, stdout, stderr } = await conformance('--bin', binary, '--jobs', '1', '--out', out)
  assert.equal(code, 1)
  assert.deepEqual(JSON.parse(stdout), {
    specs: 5,
    passed: 3,
    skipped: 1,
    failed: ['[sig-apps] Deployment should fail'],
  })
  assert.match(stderr, /fail {4}2 s {2}\[sig-apps\] Deployment should fail\n {7}test\/e2e\/x\.go:7: it is not so/)
  assert.match(stderr, /^apps +1 passed, 1 failed, 0 skipped$/m)
  assert.match(stderr, /^node +2 passed, 0 failed, 0 skipped$/m)
  assert.deepEqual(readdirSync(out).sort(), [
    '-sig-apps-Deployment-should-fail.log',
    'Others-say-that-they-do-not-apply.log',
  ])
  assert.match(readFileSync(join(out, '-sig-apps-Deployment-should-fail.log'), 'utf8'), /the log of this run/)
  const runs = readFileSync(join(folder, 'runs'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(new Set(runs.map(({ server }) => server)).size, runs.length, 'each has a cluster of its own')
  assert.ok(runs.some(({ names }) => names.length === 2))
  assert.ok(runs.every(({ names }) => names.length === 1 || !names.some((name: string) => name.includes('Serial'))))
})

test('--focus takes those that hold a text, and all pass: 0', async () => {
  const { code, stdout } = await conformance('--bin', binary, '--focus', 'run (always)')
  assert.deepEqual([code, JSON.parse(stdout)], [0, { specs: 1, passed: 1, skipped: 0, failed: [] }])
})

for (const [args, says] of [
  [[], '--bin is missing'],
  [['--bin', '/nowhere/e2e.test'], 'ENOENT'],
  [['--bin', '/bin/true'], '/bin/true tells no specs'],
  [['--bin', binary, '--focus', 'nothing of the kind'], 'no spec with Conformance holds "nothing of the kind"'],
  [['--bin', binary, '--jobs', '0'], '--jobs 0: must be a number above 0'],
  [['--frobnicate'], "Unknown option '--frobnicate'"],
] as const)
  test(`${args.slice(-2).join(' ') || 'nothing'} is refused with exit code 2 and the usage`, async () => {
    const { code, stdout, stderr } = await conformance(...args)
    assert.deepEqual([code, stdout], [2, ''])
    assert.ok(stderr.includes(says), stderr)
    assert.ok(stderr.includes('usage: npm run conformance'), stderr)
  })
