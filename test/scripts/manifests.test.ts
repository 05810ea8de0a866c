/** `npm run manifests`: what comes up of a folder. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isTurn } from '../../scripts/turn.mjs'
import { program, root } from '../support/programs.ts'

const temporary = mkdtempSync(join(tmpdir(), 'podium-manifests-test-'))
after(() => rmSync(temporary, { recursive: true, force: true }))

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program('scripts/manifests.ts'), ...args], {
    encoding: 'utf8',
    cwd: root,
  })
  return { exit: status, stdout, stderr }
}

/** @param files by name */
function folder(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(temporary, name)
  mkdirSync(path)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text)
  return path
}

const pod = (spec: object): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'wrong' }, spec })
const running = (command: string, more: object = {}): string =>
  pod({ containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', command] }], ...more })
const job = (command: string, spec: object = {}): string =>
  JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'wrong' },
    spec: {
      ...spec,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', command] }],
        },
      },
    },
  })
const claim = (storageClassName: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'wrong' },
    spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  })

/** By kind as the documentation orders them. A run takes each eighth folder, others with each commit; all of them with MANIFESTS=all. */
const examples = 'test/fixtures/manifests'
for (const [place, name] of readdirSync(examples).sort().entries())
  if (isTurn(place, 8, process.env.MANIFESTS))
    test(`all manifests of ${name} that the documentation shows come up`, () => {
      const given = readdirSync(join(examples, name), { recursive: true, encoding: 'utf8' })
      const files = given.filter((path) => /\.(ya?ml|json)$/.test(path)).length
      const { exit, stdout, stderr } = run(join(examples, name))
      assert.deepEqual(JSON.parse(stdout), { files, up: files, not: [] }, stderr)
      assert.equal(exit, 0)
    })

const wrong: Readonly<Record<string, { manifest: string; says: RegExp }>> = {
  'crash-loop.json': {
    manifest: running('echo no; exit 3'),
    says: /Pod wrong: main: CrashLoopBackOff: .* \(ended with 3\)/,
  },
  'failing-job.json': { manifest: job('exit 1', { backoffLimit: 1 }), says: /Job wrong: failed: .*backoff limit/ },
  'image.json': {
    manifest: pod({ containers: [{ name: 'main', image: 'nginx:no-such-tag' }] }),
    says: /Pod wrong: main: ImagePullBackOff: .*nginx:no-such-tag: not found/,
  },
  'mount.json': {
    manifest: running('sleep 1000', {
      containers: [{ name: 'main', image: 'nginx', volumeMounts: [{ name: 'absent', mountPath: '/absent' }] }],
      volumes: [{ name: 'absent', configMap: { name: 'absent' } }],
    }),
    says: /Pod wrong: main: ContainerCreating: .*configmap "absent" not found/,
  },
  'never-ready.json': {
    manifest: pod({
      containers: [{ name: 'main', image: 'nginx', readinessProbe: { httpGet: { path: '/nothing', port: 80 } } }],
    }),
    says: /Pod wrong: Running, not ready/,
  },
  'no-class.json': {
    manifest: claim('nowhere'),
    says: /PersistentVolumeClaim wrong: Pending: storageclass.* "nowhere" not found/,
  },
  'now-and-then.json': {
    manifest: running('sleep 50; exit 4'),
    says: /Pod wrong: main: (CrashLoopBackOff: .*|restarted \d+ times) \(ended with 4\)/,
  },
  'refused.json': {
    manifest: pod({ containers: [{ name: 'Main', image: 'nginx' }] }),
    says: /apply: The Pod "wrong" is invalid: spec\.containers\[0\]\.name: Invalid value: "Main"/,
  },
  'syntax.yaml': { manifest: 'apiVersion: v1\nkind: Pod\n metadata: {}\n', says: /apply: error: .*YAML/ },
  'unschedulable.json': {
    manifest: running('sleep 1000', { nodeSelector: { disktype: 'none' } }),
    says: /Pod wrong: not scheduled: 0\/3 nodes are available: 3 node\(s\) didn't match/,
  },
}

test('each file that does not come up is told with its reason', () => {
  const path = folder(
    'wrong',
    Object.fromEntries([
      ...Object.entries(wrong).map(([file, { manifest }]) => [file, manifest]),
      ['right.json', running('sleep 1000')],
      ['readme.txt', 'no manifest'],
    ]),
  )
  const { exit, stdout, stderr } = run(path)
  assert.deepEqual(JSON.parse(stdout), {
    files: Object.keys(wrong).length + 1,
    up: 1,
    not: Object.keys(wrong),
  })
  const told = new Map(
    stderr.split(/^(?=up |not |\d+ of )/m).map((part) => [/\S+\/([\w.-]+)$/m.exec(part)?.[1], part] as const),
  )
  for (const [file, { says }] of Object.entries(wrong)) assert.match(told.get(file) ?? stderr, says)
  assert.match(told.get('right.json') ?? stderr, /^up /)
  assert.match(stderr, /\n1 of 11 come up\n$/)
  assert.equal(exit, 1)
})

test('what needs its time comes up: probes with a delay, a Job that fails at first, a CronJob that has just begun a Job', () => {
  const delayed = { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 40, periodSeconds: 20 }
  const failsAtFirst = JSON.parse(job('test -e /seen/it || { touch /seen/it; exit 1; }'))
  const { spec } = failsAtFirst.spec.template
  spec.nodeName = 'node-1'
  spec.volumes = [{ name: 'seen', hostPath: { path: '/var/seen', type: 'DirectoryOrCreate' } }]
  spec.containers[0].volumeMounts = [{ name: 'seen', mountPath: '/seen' }]
  const path = folder('slow', {
    'cron-job.json': JSON.stringify({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'each-minute' },
      spec: { schedule: '* * * * *', jobTemplate: { spec: JSON.parse(job('date')).spec } },
    }),
    'delayed-probe.json': pod({ containers: [{ name: 'main', image: 'nginx', readinessProbe: delayed }] }),
    'fails-at-first.json': JSON.stringify(failsAtFirst),
    'namespace-and-pod.yaml': `${JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new' } })}\n---\n${JSON.stringify({ ...JSON.parse(running('sleep 1000')), metadata: { name: 'p', namespace: 'new' } })}\n`,
    'generated-name.json': running('true', { restartPolicy: 'Never' }).replace('"name":"wrong"', '"generateName":"g-"'),
  })
  const { exit, stdout, stderr } = run(path)
  assert.deepEqual(JSON.parse(stdout), { files: 5, up: 5, not: [] }, stderr)
  assert.equal(exit, 0)
})

test('a file has so many seconds as are given', () => {
  const path = folder('few-seconds', {
    'probe.json': pod({
      containers: [
        { name: 'main', image: 'nginx', readinessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 100 } },
      ],
    }),
  })
  assert.equal(run(path, '--seconds', '50').exit, 1)
  assert.equal(run(path, '--seconds', '150').exit, 0)
})

for (const { args, says } of [
  { args: [], says: 'a folder, and no more, is expected' },
  { args: ['test', 'sim'], says: 'a folder, and no more, is expected' },
  { args: ['package.json'], says: 'package.json is not a folder' },
  { args: ['no/such/folder'], says: 'no/such/folder is not a folder' },
  { args: [folder('empty', { 'notes.txt': '' })], says: 'holds no file that ends in .yaml, .yml or .json' },
  { args: ['test', '--seconds', 'soon'], says: '--seconds soon: must be a number above 0' },
  { args: ['test', '--seconds', '0'], says: '--seconds 0: must be a number above 0' },
  { args: ['test', '--frobnicate'], says: "Unknown option '--frobnicate'" },
])
  test(`${args.map((arg) => arg.replace(temporary, '…')).join(' ') || 'no argument'} is refused with exit code 2 and the usage`, () => {
    const { exit, stdout, stderr } = run(...args)
    assert.equal(exit, 2)
    assert.equal(stdout, '')
    assert.ok(stderr.includes(says), stderr)
    assert.ok(stderr.includes('usage: npm run manifests -- FOLDER [--seconds N]'), stderr)
  })
