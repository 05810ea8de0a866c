/** The real kubectl through WebSocket and through SPDY: exec, attach, cp and port-forward. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { needsRealKubectl, realKubectl } from '../../support/real-kubectl.ts'
import { localPorts, notedSession, processSession, success } from './fake-sessions.ts'
import { type StreamServer, streamServer } from './stream-server.ts'

/** Makes a terminal of this machine, and runs a line in it; part of every Linux. */
const terminal = 'script'

const transports: readonly { name: string; env: Record<string, string>; exec: string; forward: string }[] = [
  { name: 'WebSocket', env: {}, exec: 'GET websocket', forward: 'GET websocket' },
  {
    name: 'SPDY',
    env: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' },
    exec: 'POST SPDY/3.1',
    forward: 'POST SPDY/3.1',
  },
]

interface Run {
  code: number | null
  stdout: Buffer
  stderr: string
}

/** kubectl with an empty home. */
async function kubectlOf(t: TestContext, server: StreamServer, env: Record<string, string>) {
  const home = await mkdtemp(join(tmpdir(), 'podium-streams-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  const base = ['--server', `http://127.0.0.1:${server.port}`, '--namespace', 'default']
  const start = (args: readonly string[]) =>
    spawn(realKubectl(), [...args.slice(0, 1), ...base, ...args.slice(1)], {
      env: { PATH: process.env.PATH ?? '', HOME: home, ...env },
      stdio: 'pipe',
    })
  const run = async (args: readonly string[], input: string | Buffer = ''): Promise<Run> => {
    const child = start(args)
    t.after(() => child.kill('SIGKILL'))
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (data: Buffer) => out.push(data))
    child.stderr.on('data', (data: Buffer) => err.push(data))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    return { code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }
  }
  return { home, start, run }
}

const commandOf = (url: URL) => url.searchParams.getAll('command')
const wantedOf = (url: URL) => ({
  stdin: url.searchParams.get('stdin') === 'true',
  stdout: url.searchParams.get('stdout') === 'true',
  stderr: url.searchParams.get('stderr') === 'true',
})
const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

for (const { name, env, exec, forward } of transports) {
  test(
    `over ${name}, exec prints both outputs and leaves with the command's exit code`,
    needsRealKubectl,
    async (t) => {
      const server = await streamServer(t, (url) => processSession(commandOf(url), wantedOf(url)))
      const { run } = await kubectlOf(t, server, env)
      const failed = await run(['exec', 'web', '--', 'sh', '-c', 'echo out; echo err >&2; exit 2'])
      assert.equal(failed.stdout.toString(), 'out\n')
      assert.equal(failed.stderr, 'err\ncommand terminated with exit code 2\n')
      assert.equal(failed.code, 2)
      const done = await run(['exec', 'web', '--', 'echo', 'done'])
      assert.deepEqual([done.stdout.toString(), done.stderr, done.code], ['done\n', '', 0])
      assert.deepEqual(server.upgrades, [`${exec} exec`, `${exec} exec`])
      assert.deepEqual(server.errors, [])
    },
  )

  test(`over ${name}, exec -i carries stdin to its end`, needsRealKubectl, async (t) => {
    const server = await streamServer(t, (url) => processSession(commandOf(url), wantedOf(url)))
    const { run } = await kubectlOf(t, server, env)
    const text = await run(['exec', '-i', 'web', '--', 'sort'], 'b\na\n')
    assert.deepEqual([text.stdout.toString(), text.stderr, text.code], ['a\nb\n', '', 0])
    const large = randomBytes(5 << 20)
    const echoed = await run(['exec', '-i', 'web', '--', 'cat'], large)
    assert.equal(echoed.code, 0, echoed.stderr)
    assert.equal(digest(echoed.stdout), digest(large))
    assert.deepEqual(server.upgrades, [`${exec} exec`, `${exec} exec`])
  })

  test(`over ${name}, exec -it carries keys as they are, and the terminal's size`, needsRealKubectl, async (t) => {
    const noted = notedSession({ stderr: false, tty: true }, (sink) => ({
      write(data) {
        void sink.stdout(Buffer.from(`got ${JSON.stringify(String(data))}\r\n`))
        if (String(data) === 'q') sink.end(success)
      },
    }))
    const server = await streamServer(t, (url) => {
      assert.deepEqual([url.searchParams.get('tty'), wantedOf(url).stderr], ['true', false])
      return noted.session
    })
    const { home } = await kubectlOf(t, server, env)
    const line = `stty cols 91 rows 17; ${realKubectl()} exec --server http://127.0.0.1:${server.port} -n default -it web -- sh`
    const child = spawn(terminal, ['-qec', line, '/dev/null'], {
      env: { PATH: process.env.PATH ?? '', HOME: home, SHELL: '/bin/sh', TERM: 'xterm', ...env },
      stdio: 'pipe',
    })
    t.after(() => child.kill('SIGKILL'))
    let out = ''
    child.stdout.on('data', (data) => (out += data))
    await noted.noted(2)
    child.stdin.write('\x03')
    await noted.noted(3)
    child.stdin.write('q')
    const code = await new Promise((done) => child.on('close', done))
    assert.equal(code, 0, out)
    assert.deepEqual(noted.notes, ['open', 'resize 91x17', 'write \x03', 'write q'])
    assert.match(out, /got "\\u0003"\r\n+got "q"/)
  })

  test(`over ${name}, attach prints what the container writes`, needsRealKubectl, async (t) => {
    const server = await streamServer(t, (url) => processSession(['cat'], wantedOf(url)))
    const { run } = await kubectlOf(t, server, env)
    const attached = await run(['attach', '-i', 'web'], 'hello\n')
    assert.match(attached.stdout.toString(), /hello\n$/)
    assert.equal(attached.code, 0, attached.stderr)
    assert.deepEqual(server.upgrades, [`${exec} attach`])
  })

  test(`over ${name}, a file is copied to the Pod and back`, needsRealKubectl, async (t) => {
    const server = await streamServer(t, (url) => processSession(commandOf(url), wantedOf(url)))
    const { home, run } = await kubectlOf(t, server, env)
    const content = randomBytes(1 << 20)
    await writeFile(join(home, 'here'), content)
    await mkdir(join(home, 'pod'))
    const sent = await run(['cp', join(home, 'here'), `web:${join(home, 'pod', 'there')}`])
    assert.equal(sent.code, 0, sent.stderr)
    assert.equal(digest(await readFile(join(home, 'pod', 'there'))), digest(content))
    const fetched = await run(['cp', `web:${join(home, 'pod', 'there')}`, join(home, 'back')])
    assert.equal(fetched.code, 0, fetched.stderr)
    assert.equal(digest(await readFile(join(home, 'back'))), digest(content))
    assert.ok(
      server.upgrades.length >= 2 && server.upgrades.every((line) => line === `${exec} exec`),
      `${server.upgrades}`,
    )
  })

  test(
    `over ${name}, port-forward carries one request after another, and a large body`,
    needsRealKubectl,
    async (t) => {
      const large = randomBytes(20 << 20)
      const web = createServer((request, response) => {
        if (request.url === '/large') return response.end(large)
        const hash = createHash('sha256')
        request.on('data', (data) => hash.update(data))
        request.on('end', () => response.end(`${request.method} ${hash.digest('hex')}`))
      })
      await new Promise<void>((done) => web.listen(0, '127.0.0.1', done))
      t.after(() => web.close())
      const notes: string[] = []
      const server = await streamServer(t, () => localPorts({ 80: (web.address() as AddressInfo).port }, notes))
      const { start } = await kubectlOf(t, server, env)
      const child = start(['port-forward', 'pod/web', ':80'])
      t.after(() => child.kill('SIGKILL'))
      let errors = ''
      child.stderr.on('data', (data) => (errors += data))
      const port = await new Promise<string>((resolve, reject) => {
        let text = ''
        child.stdout.on('data', (data) => {
          text += data
          const found = /Forwarding from 127\.0\.0\.1:(\d+) -> 80/.exec(text)
          if (found) resolve(found[1]!)
        })
        child.on('close', () => reject(new Error(`kubectl ended: ${errors}`)))
      })
      const get = async (path: string, init: RequestInit = {}) => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { connection: 'close' } })
        return Buffer.from(await answer.arrayBuffer())
      }
      const nothing = digest(Buffer.alloc(0))
      assert.equal((await get('/')).toString(), `GET ${nothing}`)
      assert.equal((await get('/')).toString(), `GET ${nothing}`)
      assert.equal(digest(await get('/large')), digest(large))
      assert.equal((await get('/', { method: 'POST', body: large })).toString(), `POST ${digest(large)}`)
      const both = await Promise.all([get('/large'), get('/')])
      assert.deepEqual([digest(both[0]), both[1].toString()], [digest(large), `GET ${nothing}`])
      assert.deepEqual(server.upgrades, [`${forward} portforward`])
      assert.deepEqual(
        notes,
        Array.from({ length: 6 }, () => 'connect 80'),
      )
      assert.equal(errors, '')
      const gone = new Promise((done) => child.on('close', done))
      child.kill('SIGINT')
      await gone
      while (notes.at(-1) !== 'close') await new Promise((done) => setTimeout(done, 10))
    },
  )

  test(`over ${name}, port-forward says why a port cannot be reached`, needsRealKubectl, async (t) => {
    const server = await streamServer(t, () => localPorts({}))
    const { start } = await kubectlOf(t, server, env)
    const child = start(['port-forward', 'pod/web', ':80'])
    t.after(() => child.kill('SIGKILL'))
    let errors = ''
    child.stderr.on('data', (data) => (errors += data))
    const port = await new Promise<string>((resolve) =>
      child.stdout.on('data', (data) => {
        const found = /127\.0\.0\.1:(\d+) -> 80/.exec(String(data))
        if (found) resolve(found[1]!)
      }),
    )
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`))
    await new Promise((done) => child.on('close', done))
    assert.match(errors, /error forwarding port 80 to pod web: connection refused/)
  })

  test(`over ${name}, kubectl prints why exec is refused`, needsRealKubectl, async (t) => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'pods "web" is forbidden: User "eve" cannot create resource "pods/exec"',
      reason: 'Forbidden',
      code: 403,
    }
    const server = await streamServer(t, () => ({
      kind: 'answer',
      status: 403,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(status),
    }))
    const { run } = await kubectlOf(t, server, env)
    const refused = await run(['exec', 'web', '--', 'true'])
    assert.equal(refused.code, 1)
    assert.equal(refused.stderr, `error: unable to upgrade connection: ${status.message}\n`)
  })
}

test('kubectl that is stopped ends the process', needsRealKubectl, async (t) => {
  const ended = new Map<string, () => void>()
  const closed = transports.map(({ name }) => new Promise<void>((done) => ended.set(name, done)))
  for (const { name, env } of transports) {
    const server = await streamServer(t, () => ({
      kind: 'exec',
      stdin: false,
      stdout: true,
      stderr: true,
      tty: false,
      open(sink) {
        void sink.stdout(Buffer.from('here\n'))
        return { write: () => undefined, end: () => undefined, resize: () => undefined, close: ended.get(name)! }
      },
    }))
    const { start } = await kubectlOf(t, server, env)
    const child = start(['exec', 'web', '--', 'sleep', '1000'])
    t.after(() => child.kill('SIGKILL'))
    await new Promise((done) => child.stdout.once('data', done))
    child.kill('SIGKILL')
  }
  await Promise.all(closed)
  assert.equal(ended.size, transports.length)
})
