// The lines that recordings of a real cluster ran in their containers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layerOf } from '../../sim/images/base-files.ts'
import { busybox } from '../../sim/images/busybox.ts'
import { findUser } from '../../sim/runtime/container.ts'
import { createFileSystem, createVolumeTree } from '../../sim/runtime/file-system.ts'
import { runShell, startBox, startEpochMs } from './run-shell.ts'

const clock = { nowEpochMs: () => startEpochMs }
const volume = (files: Record<string, string>) => {
  const tree = createVolumeTree(clock)
  for (const [path, content] of Object.entries(files)) tree.files.write(path, content)
  return tree
}
const newFiles = () => createFileSystem({ base: layerOf(busybox), ...clock })

test('a projected volume lists as the real one does', () => {
  const config = createVolumeTree(clock)
  const version = '..2026_11_20_08_09_40.2988157596'
  config.files.mkdir(`/${version}`)
  config.files.write(`/${version}/k1`, 'v1')
  config.files.symlink(version, '/..data')
  config.files.symlink('..data/k1', '/k1')
  const files = newFiles()
  files.mount('/v', config, { readOnly: true })
  files.mount('/s/k1', config, { subPath: 'k1' })
  const { stdout } = runShell('ls -la /v; cat /v/k1; echo; cat /s/k1', { files })
  assert.equal(
    stdout,
    [
      'total 12',
      'drwxrwxrwx    3 root     root          4096 Nov 20 08:12 .',
      'drwxr-xr-x    1 root     root          4096 Nov 20 08:12 ..',
      `drwxr-xr-x    2 root     root          4096 Nov 20 08:12 ${version}`,
      `lrwxrwxrwx    1 root     root            32 Nov 20 08:12 ..data -> ${version}`,
      'lrwxrwxrwx    1 root     root             9 Nov 20 08:12 k1 -> ..data/k1',
      'v1\nv1',
    ].join('\n'),
  )
})

test('a read-only mount refuses to write', () => {
  const files = newFiles()
  files.mount('/d', volume({}), { readOnly: true })
  const result = runShell('echo x > /d/g', { files })
  assert.deepEqual([result.stderr, result.exitCode], ["sh: can't create /d/g: Read-only file system\n", 1])
})

test('a read-only root refuses touch', () => {
  const files = createFileSystem({ base: layerOf(busybox), ...clock, readOnlyRoot: true })
  const result = runShell('touch /x; echo rc=$?', { files })
  assert.deepEqual([result.stdout, result.stderr], ['rc=1\n', 'touch: /x: Read-only file system\n'])
})

test('a user of nobody is told as such', () => {
  const files = newFiles()
  assert.equal(
    runShell('id', { files, user: findUser(files, '65534:65534') }).stdout,
    'uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)\n',
  )
})

test('a volume is shared by two containers, and outlives them', () => {
  const shared = volume({})
  const [first, second] = [newFiles(), newFiles()]
  first.mount('/d', shared)
  second.mount('/d', shared)
  const line = 'if [ -f /d/n ]; then exit 0; fi; touch /d/n; sleep 4; exit 1'
  assert.equal(runShell(line, { files: first }).exitCode, 1)
  assert.equal(runShell(line, { files: second }).exitCode, 0)
})

const lines = [
  { line: 'env | grep -E "^(k1|k2|X)=" | sort', env: { X: 'v1', k1: 'v1', k2: 'v2' }, stdout: 'X=v1\nk1=v1\nk2=v2\n' },
  { line: 'env | grep -c LATE_ || true', env: {}, stdout: '0\n' },
  {
    line: 'env | grep LATE_SERVICE',
    env: { LATE_SERVICE_HOST: '10.96.148.69', LATE_SERVICE_PORT: '80' },
    stdout: 'LATE_SERVICE_HOST=10.96.148.69\nLATE_SERVICE_PORT=80\n',
  },
  {
    line: 'mkdir -p /usr/share/nginx/html; hostname > /usr/share/nginx/html/index.html; cat /usr/share/nginx/html/index.html',
    env: {},
    stdout: 'p\n',
  },
  {
    line: 'touch /tmp/ok; sleep 8; rm /tmp/ok; cat /tmp/ok',
    env: {},
    stdout: '',
    stderr: "cat: can't open '/tmp/ok': No such file or directory\n",
  },
  { line: 'ls /var/run/secrets', env: {}, stdout: '', stderr: 'ls: /var/run/secrets: No such file or directory\n' },
  { line: 'for i in 1 2 3; do echo web-1; done | sort | uniq -c', env: {}, stdout: '      3 web-1\n' },
]
for (const { line, env, stdout, stderr = '' } of lines)
  test(`recorded line: ${line}`, () => {
    const result = runShell(line, { env: env as Record<string, string> })
    assert.deepEqual([result.stdout, result.stderr], [stdout, stderr])
  })

test("'trap exit 0; sleep & wait' ends at once on SIGTERM, as the recordings' Pods do", () => {
  const box = startBox(['sh', '-c', "trap 'exit 0' TERM; sleep 3600 & wait"])
  box.engine.runUntil(5000)
  box.container.signal('SIGTERM')
  assert.deepEqual([box.exit()?.exitCode, box.exitMs()], [0, 5000])
})

test("'trap exit 1; sleep 8 & wait' ends with 0 when nobody stops it", () => {
  const result = runShell("trap 'exit 1' TERM; sleep 8 & wait")
  assert.equal(result.exitCode, 0)
})
