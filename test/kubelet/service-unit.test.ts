// The command that systemd makes of the kubelet's unit and its drop-ins, and what a kubelet says that its files do not let run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseManifest } from '../../sim/kubectl/yaml.ts'
import { startupOf } from '../../sim/kubelet/service/startup.ts'
import { commandOf, loadProblem, loadUnit } from '../../sim/kubelet/service/unit.ts'
import { type ContainerFiles, executableMark } from '../../sim/runtime/file-system.ts'
import { FileError } from '../../sim/runtime/files.ts'
import { nodeProgramMark } from '../../sim/runtime/kernel.ts'

const unit = '/usr/lib/systemd/system/kubelet.service'
const dropIn = '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf'
/** What a program of the node is on its disk. */
const program = (path: string) => `${executableMark}${nodeProgramMark}${path}`

/** Files with these texts; folders are what lies above them, and what is null is there and is no file. */
function filesOf(texts: Readonly<Record<string, string | null>>): ContainerFiles {
  const isFolder = (path: string) => Object.keys(texts).some((name) => name.startsWith(`${path}/`))
  return {
    exists: (path: string) => path in texts || isFolder(path),
    read(path: string) {
      if (isFolder(path)) throw new FileError('EISDIR', 'Is a directory')
      const text = texts[path]
      if (text === undefined || text === null) throw new FileError('ENOENT', 'No such file or directory')
      return text
    },
    list(path: string) {
      if (!isFolder(path)) throw new FileError('ENOENT', 'No such file or directory')
      return Object.keys(texts).flatMap((name) => (name.startsWith(`${path}/`) ? [name.slice(path.length + 1)] : []))
    },
    stat: (path: string) => ({
      type: isFolder(path) ? 'directory' : texts[path] === null ? 'device' : 'file',
      mode: path.startsWith('/usr/bin') ? 0o755 : 0o644,
    }),
    resolve: (path: string) => path,
  } as unknown as ContainerFiles
}

const commandIn = (texts: Readonly<Record<string, string | null>>): readonly string[] => {
  const files = filesOf(texts)
  return commandOf(loadUnit(files), files)
}

test('a drop-in takes the place of the command, and variables become words, several or none', () => {
  const texts = {
    [unit]: '[Service]\nExecStart=/usr/bin/kubelet\n',
    [dropIn]:
      '[Service]\nEnvironment="A=--one=1 --two" B=plain\nEnvironmentFile=-/etc/default/kubelet\n# no line\nExecStart=\nExecStart=/opt/kubelet $A $B ${B}x $NONE $EXTRA\n',
    '/etc/default/kubelet': 'EXTRA="--v=2 --node-ip=10.0.0.1"\n; nor this\n',
  }
  assert.deepEqual(commandIn(texts), [
    ...['/opt/kubelet', '--one=1', '--two', 'plain', 'plainx', '--v=2', '--node-ip=10.0.0.1'],
  ])
  assert.deepEqual(commandIn({ [unit]: texts[unit]! }), ['/usr/bin/kubelet'])
})

test('of drop-ins of one name the one in /etc counts, and they are read in the order of their names', () => {
  const texts = {
    [unit]: 'ExecStart=/usr/bin/kubelet',
    '/usr/lib/systemd/system/kubelet.service.d/20-late.conf': 'ExecStart=\nExecStart=/usr/bin/late',
    '/usr/lib/systemd/system/kubelet.service.d/30-gone.conf': 'ExecStart=\nExecStart=/usr/bin/gone',
    '/etc/systemd/system/kubelet.service.d/30-gone.conf': '',
    '/etc/systemd/system/kubelet.service.d/10-first.conf': 'ExecStart=\nExecStart=/usr/bin/first',
    '/etc/systemd/system/kubelet.service.d/notes.txt': 'ExecStart=/usr/bin/notes',
  }
  assert.deepEqual(commandIn(texts), ['/usr/bin/late'])
  assert.deepEqual(loadUnit(filesOf(texts)).dropIns, [
    '/etc/systemd/system/kubelet.service.d/10-first.conf',
    '/usr/lib/systemd/system/kubelet.service.d/20-late.conf',
    '/etc/systemd/system/kubelet.service.d/30-gone.conf',
  ])
})

test('continued lines are one, and prefixes of a command are none of it', () => {
  assert.deepEqual(commandIn({ [unit]: 'ExecStart=-/usr/bin/kubelet \\\n  --v=2 \\\n  --config="/a b"\n' }), [
    ...['/usr/bin/kubelet', '--v=2', '--config=/a b'],
  ])
})

const configuration = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
const kubeconfig = (server: string) =>
  `current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: "${server}"}}]\n`

function start(command: string, texts: Readonly<Record<string, string>> = {}) {
  const files = filesOf({
    '/usr/bin/kubelet': program('/usr/bin/kubelet'),
    [unit]: `ExecStart=${command}`,
    ...texts,
  })
  return startupOf(loadUnit(files), {
    files,
    isUntouched: () => false,
    releaseOf: (path) => (files.read(path).includes('/usr/bin/kubelet') ? 'v1.36.2' : undefined),
    parse: (text, source) => parseManifest(text, source)[0]?.value,
    capacity: { cpu: '2', memory: '4Gi' },
  })
}

const refusals: readonly [about: string, command: string, texts: Readonly<Record<string, string>>, words: RegExp][] = [
  [
    'a flag that is gone',
    '/usr/bin/kubelet --network-plugin=cni',
    {},
    /failed to parse kubelet flag: unknown flag: --network-plugin/,
  ],
  ['a word that is no flag', '/usr/bin/kubelet run', {}, /unknown command run/],
  [
    'no configuration',
    '/usr/bin/kubelet --config=/c',
    {},
    /failed to read kubelet config file "\/c", error: open \/c: no such file or directory/,
  ],
  ['an empty one', '/usr/bin/kubelet --config=/c', { '/c': ' ' }, /kubelet config file "\/c" was empty/],
  ['one that is no YAML', '/usr/bin/kubelet --config=/c', { '/c': 'a: [' }, /failed to decode: yaml/],
  [
    'one of another kind',
    '/usr/bin/kubelet --config=/c',
    { '/c': 'kind: Pod\napiVersion: v1' },
    /no kind "Pod" is registered for version "v1"/,
  ],
  ['one without a kind', '/usr/bin/kubelet --config=/c', { '/c': 'a: 1' }, /Object 'Kind' is missing/],
  ['no kubeconfig', '/usr/bin/kubelet --kubeconfig=/k', {}, /invalid kubeconfig: stat \/k: no such file or directory/],
  [
    'none to begin with',
    '/usr/bin/kubelet --kubeconfig=/k --bootstrap-kubeconfig=/b',
    {},
    /unable to load bootstrap kubeconfig: stat \/b: no such file or directory/,
  ],
  [
    'no authority',
    '/usr/bin/kubelet --client-ca-file=/ca',
    {},
    /failed to run Kubelet: open \/ca: no such file or directory/,
  ],
  ['an authority that is none', '/usr/bin/kubelet --client-ca-file=/ca', { '/ca': 'x' }, /error loading CA bundle/],
  [
    'another runtime',
    '/usr/bin/kubelet --config=/c',
    { '/c': `${configuration}containerRuntimeEndpoint: /run/docker.sock` },
    /dial unix \/run\/docker.sock: connect: no such file or directory/,
  ],
]

for (const [about, command, texts, words] of refusals)
  test(`a kubelet ends: ${about}`, () => {
    const { failure } = start(command, texts)
    assert.match(failure?.message ?? '', words)
    assert.equal(failure?.status, '1/FAILURE')
  })

test('what is not there, or may not be executed, systemd tells of', () => {
  const missing = start('/usr/local/bin/kubelet').failure
  assert.equal(missing?.status, '203/EXEC')
  assert.match(
    missing?.systemd?.join() ?? '',
    /Unable to locate executable '\/usr\/local\/bin\/kubelet': No such file or directory/,
  )
  const saidOf = (path: string, text: string) => start(path, { [path]: text }).failure
  assert.match(saidOf('/opt/kubelet', '')?.systemd?.join() ?? '', /Permission denied/)
  assert.match(start('/usr/bin').failure?.systemd?.join() ?? '', /Permission denied/)
  assert.match(saidOf('/usr/bin/text', 'x')?.systemd?.join() ?? '', /Exec format error/)
  for (const other of [program('/usr/bin/kubeadm'), '#!/bin/sh\nexit 0\n'])
    assert.deepEqual(saidOf('/usr/bin/other', other), { status: '1/FAILURE' }, 'another program ends')
})

test('one that runs tells where it looks for the API server; flags come before the configuration', () => {
  const texts = {
    '/c': `${configuration}containerRuntimeEndpoint: /run/docker.sock`,
    '/k': kubeconfig('https://10.0.0.1:6553'),
  }
  const { argv, failure, server } = start(
    '/usr/bin/kubelet --config=/c --kubeconfig=/k --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
    texts,
  )
  assert.equal(failure, undefined)
  assert.deepEqual(server, { host: '10.0.0.1', port: 6553, certificate: '' })
  assert.equal(argv.length, 4)
  assert.deepEqual(start('/usr/bin/kubelet --kubeconfig=/k', { '/k': kubeconfig('https://api') }).server, {
    host: 'api',
    port: 443,
    certificate: '',
  })
})

test('one without a kubeconfig asks nobody, and one that has only the file to begin with waits for its certificate', () => {
  assert.equal(start('/usr/bin/kubelet').isAlone, true)
  const command = '/usr/bin/kubelet --kubeconfig=/k --bootstrap-kubeconfig=/b'
  assert.equal(start(command, { '/b': kubeconfig('https://api') }).isBootstrapping, true)
})

test('folders and links that lead nowhere are passed over where systemd passes them over, and named where the kubelet reads them', () => {
  const folder = { '/etc/x/y': '' }
  assert.deepEqual(commandIn({ [unit]: 'EnvironmentFile=/etc/x\nExecStart=/usr/bin/kubelet', ...folder }), [
    '/usr/bin/kubelet',
  ])
  assert.match(
    start('/usr/bin/kubelet --config=/etc/x', folder).failure?.message ?? '',
    /error: read \/etc\/x: is a directory/,
  )
})

test('systemd starts nothing without a unit, by a masked one, or by one that names no command or several', () => {
  const problemOf = (texts: Readonly<Record<string, string | null>>) =>
    loadProblem(loadUnit(filesOf(texts)), filesOf(texts))
  assert.equal(problemOf({}), 'Unit kubelet.service not found.')
  assert.equal(problemOf({ '/etc/systemd/system/kubelet.service': null }), 'Unit kubelet.service is masked.')
  for (const text of ['', 'ExecStart=/a\nExecStart=/b', 'ExecStart=/a\nExecStart='])
    assert.equal(problemOf({ [unit]: text }), 'Unit kubelet.service has a bad unit file setting.')
  assert.equal(problemOf({ [unit]: 'ExecStart=/a', [dropIn]: 'ExecStart=\nExecStart=/b' }), undefined)
})

test('a command that is longer than one may be is none', () => {
  const long = `[Service]\nEnvironment=A=${'a'.repeat(1000)}\nExecStart=/usr/bin/kubelet ${'${A}'.repeat(1000)}\n`
  assert.deepEqual(commandIn({ [unit]: long }), [])
  assert.deepEqual(
    commandIn({
      [unit]: `[Service]\nEnvironment=A=${'a'.repeat(1000)}\nExecStart=/usr/bin/kubelet ${'$A '.repeat(1000)}\n`,
    }),
    [],
  )
})
