/** `npm run sandbox`: a cluster for a kubectl of one's own. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { program } from '../support/programs.ts'
import { needsRealKubectl, realKubectl } from '../support/real-kubectl.ts'
import { until } from '../support/until.ts'

interface Started {
  child: ChildProcess
  server: string
  kubeconfig: string
  /** All of its standard output so far. */
  output(): string
}

const script = [process.execPath, ...program('scripts/sandbox.ts')]

/** Resolves when the first line is printed. */
function start([program, ...before]: string[], ...args: string[]): Promise<Started> {
  const child = spawn(program, [...before, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  return new Promise((done, failed) => {
    child.on('error', failed)
    child.on('exit', (code) => failed(new Error(`ended with ${code} before it was ready: ${text}`)))
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      const isFirst = !text.includes('\n')
      text += part
      if (isFirst && text.includes('\n')) done({ child, output: () => text, ...JSON.parse(text) })
    })
  })
}

/** @returns the exit code */
function stop({ child }: Started, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  return new Promise((done) => {
    child.once('exit', (code) => done(code))
    child.kill(signal)
  })
}

const get = async (url: string) => {
  const answer = await fetch(url)
  return { status: answer.status, text: await answer.text() }
}

/** What the cluster's clock shows, in seconds: the moment that a new object is given. */
async function virtualSeconds(server: string): Promise<number> {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'clock-' } }
  const answer = await fetch(`${server}/api/v1/namespaces/default/configmaps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const { metadata } = (await answer.json()) as { metadata: { creationTimestamp: string } }
  return Date.parse(metadata.creationTimestamp) / 1000
}

test('npm run sandbox prints one JSON line, and kubectl works with its kubeconfig', needsRealKubectl, async () => {
  const started = await start(['npm', 'run', '--silent', 'sandbox', '--'], '--nodes', '2', '--port', '0')
  let exit: number | null
  try {
    assert.match(started.server, /^https:\/\/127\.0\.0\.1:\d+$/)
    const environment = {
      ...process.env,
      KUBECONFIG: started.kubeconfig,
      HOME: mkdtempSync(join(tmpdir(), 'podium-home-')),
    }
    const kubectl = (...args: string[]) => execFileSync(realKubectl(), args, { encoding: 'utf8', env: environment })
    assert.equal(kubectl('get', 'nodes', '-o', 'name'), 'node/node-1\nnode/node-2\n')
    assert.equal(kubectl('run', 'web', '--image=nginx:1.27'), 'pod/web created\n')
    assert.match(kubectl('wait', '--for=condition=Ready', 'pod/web', '--timeout=60s'), /condition met/)
    assert.match(kubectl('exec', 'web', '--', 'cat', '/etc/hostname'), /^web$/m)
    assert.match(kubectl('auth', 'whoami'), /kubernetes-admin\n.*kubeadm:cluster-admins system:authenticated/)
    assert.match(kubectl('get', 'storageclass'), /^standard \(default\)/m)
    const token = kubectl('create', 'token', 'default').trim()
    kubectl('config', 'set-credentials', 'bot', '--token', token)
    assert.match(kubectl('auth', 'whoami', '--user', 'bot'), /system:serviceaccount:default:default/)
    assert.equal(kubectl('config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}'), started.server)
    rmSync(environment.HOME, { recursive: true, force: true })
    assert.deepEqual(Object.keys(JSON.parse(started.output())), ['server', 'kubeconfig'])
  } finally {
    exit = await stop(started)
  }
  assert.equal(exit, 0)
  assert.equal(existsSync(started.kubeconfig), false)
})

test('SIGTERM and SIGINT end it with 0, and take the kubeconfig away that nobody else may read', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const started = await start(script, '--nodes', '1')
    assert.equal(statSync(started.kubeconfig).mode & 0o777, 0o600)
    assert.equal(await stop(started, signal), 0)
    assert.equal(existsSync(started.kubeconfig), false)
    await assert.rejects(fetch(started.server))
  }
})

test('a client library works with its kubeconfig', async () => {
  const started = await start(script)
  try {
    const config = new KubeConfig()
    config.loadFromFile(started.kubeconfig)
    const { items } = await config.makeApiClient(CoreV1Api).listNode()
    assert.deepEqual(
      items.map(({ metadata }) => metadata!.name),
      ['node-1', 'node-2', 'node-3'],
    )
  } finally {
    await stop(started)
  }
})

test('a secret that is not its own, or none, is told nothing', async () => {
  const started = await start(script, '--bare')
  assert.match(started.server, /^http:\/\/127\.0\.0\.1:\d+\/k8s\/[\w-]{32}$/)
  try {
    const { origin } = new URL(started.server)
    const secret = started.server.split('/').at(-1)!
    const answers = await Promise.all(
      [`${origin}/k8s/nonsense/api`, `${origin}/k8s/${secret.slice(1)}/api`, `${origin}/`, `${origin}/api`].map(get),
    )
    for (const { status, text } of answers) {
      assert.equal(status, 404)
      assert.equal(text.includes(secret), false)
      assert.equal(JSON.parse(text).reason, 'NotFound')
    }
    assert.equal(answers[0].text, answers[1].text)
    assert.equal((await get(`${started.server}/readyz`)).text, 'ok')
  } finally {
    await stop(started)
  }
})

test('--speed sets how fast its clock goes; 0 stops it', async () => {
  const [fast, still] = await Promise.all([
    start(script, '--bare', '--speed', '500'),
    start(script, '--bare', '--speed', '0'),
  ])
  try {
    const [begin, stillBegin] = [await virtualSeconds(fast.server), await virtualSeconds(still.server)]
    await until(async () => (await virtualSeconds(fast.server)) - begin >= 120, 'two minutes have passed')
    assert.equal(await virtualSeconds(still.server), stillBegin)
  } finally {
    await Promise.all([stop(fast), stop(still)])
  }
})

test('its clock goes on while nobody asks', async () => {
  const started = await start(script, '--bare', '--speed', '300', '--nodes', '20')
  try {
    await until(async () => {
      const begin = await virtualSeconds(started.server)
      await new Promise((done) => setTimeout(done, 8000))
      return (await virtualSeconds(started.server)) - begin >= 300
    }, '300 s of 2400 pass between two questions')
  } finally {
    await stop(started)
  }
})

test('--kubeconfig says where it is written, and --seed draws the same names again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podium-sandbox-test-'))
  const path = join(folder, 'mine')
  const uidOf = async (): Promise<string> => {
    const started = await start(script, '--bare', '--seed', 'same', '--kubeconfig', path)
    assert.equal(started.kubeconfig, path)
    assert.ok(readFileSync(path, 'utf8').includes(started.server))
    const { text } = await get(`${started.server}/api/v1/nodes/node-1`)
    await stop(started)
    return JSON.parse(text).metadata.uid
  }
  assert.equal(await uidOf(), await uidOf())
  assert.ok(existsSync(path), 'a file that somebody named is his')
  rmSync(folder, { recursive: true, force: true })
})

for (const [args, says] of [
  [['--nodes', '0'], '--nodes 0: must be a whole number from 1 to 100'],
  [['--port', 'http'], '--port http: must be a whole number from 0 to 65535'],
  [['--speed', '-1'], '--speed'],
  [['--frobnicate'], "Unknown option '--frobnicate'"],
  [['extra'], "Unexpected argument 'extra'"],
] as const)
  test(`${args.join(' ')} is refused with exit code 2 and the usage`, async () => {
    const child = spawn(script[0], [...script.slice(1), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (part) => {
      stdout += part
    })
    child.stderr.on('data', (part) => {
      stderr += part
    })
    assert.equal(await new Promise((done) => child.on('close', done)), 2)
    assert.equal(stdout, '')
    assert.ok(stderr.includes(says), stderr)
    assert.ok(stderr.includes('usage: npm run --silent sandbox -- [--nodes N]'), stderr)
  })

test('a port that is taken is told', async () => {
  const started = await start(script)
  const { port } = new URL(started.server)
  const child = spawn(script[0], [...script.slice(1), '--port', port], { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (part) => {
    stderr += part
  })
  assert.equal(await new Promise((done) => child.on('close', done)), 1)
  assert.match(stderr, /EADDRINUSE/)
  await stop(started)
})
