/** Archives of the simulated tar, read and made by the machine's own. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readArchive, writeArchive } from '../../sim/runtime/tar-archive.ts'
import { smallCluster } from '../rest/ask.ts'
import { execUrl, openSession, runPod } from '../rest/streaming/session.ts'

function inFolder(act: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'podium-tar-'))
  try {
    act(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const binary = Uint8Array.from({ length: 3000 }, (_, n) => (n * 31) % 256)
const long = `${'d'.repeat(90)}/${'f'.repeat(90)}.txt`

for (const image of ['busybox:1.36', 'debian:12']) {
  const pod = { containers: [{ name: 'main', image, command: ['sleep', '3600'] }] }
  const run = (cluster: ReturnType<typeof smallCluster>, line: string) => {
    const session = openSession(cluster, execUrl('web', ['sh', '-c', line], 'stdin=true&stdout=true&stderr=true'))
    return session
  }

  test(`what tar of ${image} sends, a real tar reads`, () =>
    inFolder((folder) => {
      const cluster = smallCluster()
      runPod(cluster, 'web', pod)
      const made = run(
        cluster,
        `mkdir -p /srv/app/${long.split('/')[0]} && cd /srv && echo grün > app/a && cat > app/b && echo l > app/${long} && ln -s ../a app/link && chmod 750 app/a && tar cf - /srv/app`,
      )
      made.input.write(binary)
      made.input.end()
      cluster.advance(2000)
      assert.equal(made.status()?.status, 'Success', made.stderr())
      assert.match(
        made.stderr(),
        image === 'busybox:1.36' ? /^tar: removing leading '\/'/ : /^tar: Removing leading `\/'/,
      )
      assert.equal(made.bytes().length % (image === 'busybox:1.36' ? 512 : 10_240), 0)
      execFileSync('tar', ['-xf', '-', '-C', folder], { input: made.bytes() })
      assert.equal(readFileSync(join(folder, 'srv/app/a'), 'utf8'), 'grün\n')
      assert.deepEqual(new Uint8Array(readFileSync(join(folder, 'srv/app/b'))), binary)
      assert.equal(readFileSync(join(folder, 'srv/app', long), 'utf8'), 'l\n')
      assert.equal(readlinkSync(join(folder, 'srv/app/link')), '../a')
      assert.equal(statSync(join(folder, 'srv/app/a')).mode & 0o777, 0o750)
    }))

  for (const format of ['gnu', 'ustar', 'pax'])
    test(`what a real tar sends as ${format}, tar of ${image} extracts`, () =>
      inFolder((folder) => {
        const name = format === 'ustar' ? 'short' : long
        mkdirSync(join(folder, 'app', 'd'.repeat(90)), { recursive: true })
        writeFileSync(join(folder, 'app/a'), 'grün\n', { mode: 0o640 })
        writeFileSync(join(folder, 'app/b'), binary)
        writeFileSync(join(folder, 'app', name), 'l\n')
        symlinkSync('a', join(folder, 'app/link'))
        const archive = execFileSync('tar', [
          `--format=${format}`,
          '--owner=7',
          '--group=8',
          '-cf',
          '-',
          '-C',
          folder,
          'app',
        ])
        const cluster = smallCluster()
        runPod(cluster, 'web', pod)
        const put = run(cluster, 'mkdir /in && tar -xmf - -C /in')
        for (let at = 0; at < archive.length; at += 1000) put.input.write(archive.subarray(at, at + 1000))
        put.input.end()
        cluster.advance(2000)
        assert.equal(put.status()?.status, 'Success', put.stderr())
        assert.equal(put.stderr(), '')
        const look = run(cluster, `cd /in/app; cat a ${name} link; stat -c '%a %u %g' a; readlink link; cat b >&2`)
        cluster.advance(2000)
        assert.equal(look.stdout(), 'grün\nl\ngrün\n640 7 8\na\n')
        const back = run(cluster, 'cat /in/app/b')
        cluster.advance(2000)
        assert.deepEqual(new Uint8Array(back.bytes()), binary)
      }))
}

test('an archive that is read is the archive that was written', () => {
  const members = [
    { name: 'd/', type: 'directory' as const, mode: 0o755, content: new Uint8Array(), target: '' },
    { name: `d/${'x'.repeat(200)}`, type: 'file' as const, mode: 0o4755, content: binary, target: '' },
    { name: 'd/l', type: 'symlink' as const, mode: 0o777, content: new Uint8Array(), target: 'y'.repeat(150) },
  ].map((member) => ({
    ...member,
    uid: 1000,
    gid: 2_000_000,
    user: 'ann',
    group: 'staff',
    modifiedEpochMs: 1_767_225_600_000,
  }))
  assert.deepEqual(readArchive(writeArchive(members, 2)), { members, isEnded: true })
})

test('an archive that is cut short, or changed, says so', () => {
  const whole = writeArchive(
    [
      {
        name: 'a',
        type: 'file',
        mode: 0o644,
        uid: 0,
        gid: 0,
        user: 'root',
        group: 'root',
        modifiedEpochMs: 0,
        target: '',
        content: binary,
      },
    ],
    2,
  )
  assert.equal(readArchive(whole.slice(0, 1000)).problem, 'short')
  assert.equal(readArchive(whole.slice(0, 1024)).isEnded, undefined)
  assert.equal(readArchive(whole.map((byte, at) => (at === 3 ? 7 : byte))).problem, 'no-header')
  assert.equal(readArchive(new Uint8Array()).problem, 'short')
})

test('what kubectl cp cannot find or write is told in the words of the tar that is there', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', { containers: [{ name: 'main', image: 'nginx:1.27' }] })
  runPod(cluster, 'bare', { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] })
  const both = 'stdout=true&stderr=true'
  const absent = openSession(cluster, execUrl('web', ['tar', 'cf', '-', '/nope'], both))
  const nowhere = openSession(cluster, execUrl('web', ['tar', '-xmf', '-', '-C', '/nope'], both))
  const without = openSession(cluster, execUrl('bare', ['tar', 'cf', '-', '/etc'], both))
  cluster.advance(1000)
  assert.equal(
    absent.stderr(),
    "tar: Removing leading `/' from member names\ntar: /nope: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n",
  )
  assert.match(String(absent.status()?.message), /exit code 2$/)
  assert.equal(
    nowhere.stderr(),
    'tar: /nope: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n',
  )
  assert.match(String(without.status()?.message), /exec: "tar": executable file not found in \$PATH/)
})
