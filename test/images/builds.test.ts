// What tools a container has depends on what its tag is built on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findImage } from '../../sim/images/registry.ts'
import type { HttpRequest, HttpResponse } from '../../sim/network/types.ts'
import { startImage } from './start-image.ts'

/** Present and absent, by the name of the command. */
const tools: { image: string; has: string[]; lacks: string[] }[] = [
  { image: 'nginx:1.27', has: ['bash', 'curl'], lacks: ['wget', 'ps', 'nc', 'ping', 'vi', 'nslookup', 'apk'] },
  { image: 'nginx:1.27-alpine', has: ['wget', 'curl', 'ps', 'nc', 'vi', 'apk', 'nginx'], lacks: ['bash', 'apt'] },
  { image: 'httpd:2.4', has: ['bash', 'httpd'], lacks: ['wget', 'curl', 'ps'] },
  { image: 'httpd:2.4-alpine', has: ['wget', 'ps', 'httpd-foreground'], lacks: ['bash', 'curl'] },
  { image: 'redis:7', has: ['bash', 'redis-cli'], lacks: ['wget', 'ps'] },
  { image: 'redis:7-alpine', has: ['redis-cli', 'wget', 'ps'], lacks: ['bash'] },
  { image: 'python:3.12', has: ['python3', 'curl', 'wget', 'bash'], lacks: ['nc', 'apk'] },
  { image: 'python:3.12-slim', has: ['python3', 'bash'], lacks: ['curl', 'wget'] },
  { image: 'python:3.12-alpine', has: ['python3', 'wget', 'nc'], lacks: ['curl', 'bash'] },
  { image: 'node:20', has: ['node', 'curl', 'wget'], lacks: ['nc'] },
  { image: 'node:20-alpine', has: ['node', 'wget'], lacks: ['curl', 'bash'] },
  { image: 'buildpack-deps', has: ['curl', 'wget', 'bash'], lacks: ['nc'] },
]

for (const { image, has, lacks } of tools)
  test(`${image} has ${has.join(', ')}, and neither ${lacks.join(' nor ')}`, () => {
    const { exec } = startImage(image, { command: ['sleep'], args: ['3600'] })
    const found = (name: string): boolean => exec('sh', '-c', `command -v ${name}`).exitCode === 0
    assert.deepEqual(has.filter(found), has)
    assert.deepEqual(lacks.filter(found), [])
  })

test('a build on Alpine says that it is one, and has the accounts that it has there', () => {
  const shown = (image: string, ...argv: string[]) =>
    startImage(image, { command: ['sleep'], args: ['3600'] }).exec(...argv).stdout
  assert.match(shown('node:20-alpine', 'cat', '/etc/os-release'), /^NAME="Alpine Linux"\n/)
  assert.match(shown('node:20', 'cat', '/etc/os-release'), /^PRETTY_NAME="Debian GNU\/Linux 12 \(bookworm\)"\n/)
  assert.equal(shown('node:20-alpine', 'cat', '/etc/debian_version'), '')
  assert.equal(shown('postgres:16', 'id', '-u', 'postgres'), '999\n')
  assert.equal(shown('postgres:16-alpine', 'id', '-u', 'postgres'), '70\n')
  assert.equal(shown('redis:7-alpine', 'id', '-g', 'redis'), '1000\n')
})

test('each build has its own layers and size', () => {
  const size = (reference: string): number | undefined => findImage(reference)?.sizeBytes
  assert.ok(findImage('node:20') !== findImage('node:20-alpine'))
  assert.equal(size('node:20'), size('node:20-alpine'), 'the size of a tag is that of its variant, told by its layers')
})

const asked: { run: string[]; status: number; out?: string; err: RegExp }[] = [
  { run: ['wget', '-qO-', 'http://web/'], status: 0, out: 'hello\n', err: /^$/ },
  {
    run: ['wget', '-O-', 'http://web/'],
    status: 0,
    out: 'hello\n',
    err: /^--2026-\S+ \S+-- {2}http:\/\/web\/\nResolving web \(web\)\.\.\. .*\nConnecting to web \(web\)\|.*\|:80\.\.\. connected\.\nHTTP request sent, awaiting response\.\.\. 200 OK\nLength: 6 \[text\/plain\]\nSaving to: ‘STDOUT’\n[\s\S]*written to stdout \[6\/6\]\n\n$/,
  },
  { run: ['wget', '-q', 'http://web/missing'], status: 8, err: /^$/ },
  { run: ['wget', 'http://web/missing'], status: 8, err: /404 Not Found\n2026-\S+ \S+ ERROR 404: Not Found\.\n\n$/ },
  { run: ['wget', '--spider', 'http://web/'], status: 0, err: /200 OK\nRemote file exists\.\n\n$/ },
  { run: ['wget', '--spider', 'http://web/missing'], status: 8, err: /broken link!!!\n\n$/ },
  {
    run: ['wget', '10.0.0.9:81'],
    status: 4,
    err: /Connecting to 10\.0\.0\.9:81\.\.\. failed: Connection refused\.\n$/,
  },
  { run: ['wget', '-qO-', 'http://web/moved'], status: 0, out: 'hello\n', err: /^$/ },
  { run: ['wget', '-nv', '-O', '/none/x', 'http://web/'], status: 2, err: /^wget: / },
  {
    run: ['wget', '-O', '/none/x', 'http://web/'],
    status: 3,
    err: /^--[\s\S]*\/none\/x: No such file or directory\n$/,
  },
  { run: ['wget'], status: 1, err: /^wget: missing URL\nUsage: wget \[OPTION\]/ },
  { run: ['wget', '--frobnicate', 'web'], status: 2, err: /^wget: unrecognized option.*frobnicate/ },
]

for (const { run, status, out = '', err } of asked)
  test(`GNU's ${run.join(' ')} ends with ${status}`, () => {
    const { exec, ports } = startImage('python:3.12', { command: ['sleep'], args: ['3600'] })
    const answer = ({ path }: HttpRequest): HttpResponse => {
      if (path === '/moved') return { status: 302, headers: { Location: '/' }, body: '' }
      return path === '/'
        ? { status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: 'hello\n' }
        : { status: 404, headers: {}, body: 'no' }
    }
    ports.set(80, { http: (request, reply) => reply(answer(request)) })
    const done = exec(...run)
    assert.equal(done.exitCode, status, done.stderr)
    assert.equal(done.stdout, out)
    assert.match(done.stderr, err)
  })

test('without a name of its own a file is saved beside the one that is there', () => {
  const { exec, ports } = startImage('node:20', { command: ['sleep'], args: ['3600'] })
  ports.set(80, { http: (_, reply) => reply({ status: 200, headers: {}, body: 'page' }) })
  exec('sh', '-c', 'cd /tmp; wget -q web; wget -q web')
  assert.equal(exec('ls', '/tmp').stdout, 'index.html\nindex.html.1\n')
})
