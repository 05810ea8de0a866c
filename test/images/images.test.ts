// What each image does when it is started, asked and stopped.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findImage } from '../../sim/images/registry.ts'
import type { HttpResponse, PortServer } from '../../sim/network/types.ts'
import type { Signal } from '../../sim/runtime/process.ts'
import { noNetwork, startBox } from '../runtime/run-shell.ts'

/** Starts an image's own command on a network that remembers who listens. */
function start(name: string, options: { env?: Record<string, string>; args?: string[] } = {}) {
  const image = findImage(name)
  assert.ok(image, name)
  const ports = new Map<number, PortServer>()
  const box = startBox([...(image.entrypoint ?? []), ...(options.args ?? image.cmd ?? [])], {
    image,
    env: options.env ?? {},
    network: {
      ...noNetwork,
      listen(port, server) {
        if (ports.has(port)) return { error: 'address already in use' }
        ports.set(port, server)
        return { close: () => void ports.delete(port) }
      },
    },
  })
  const get = (port: number, path: string): HttpResponse | undefined => {
    let response: HttpResponse | undefined
    ports
      .get(port)
      ?.http?.({ method: 'GET', path, host: 'web', headers: {}, scheme: 'http', clientIP: '10.0.0.9' }, (reply) => {
        response = reply
      })
    return response
  }
  return { ...box, ports, get }
}

const servers: { name: string; port: number; body: RegExp; signal: Signal; args?: string[] }[] = [
  { name: 'nginx:1.27', port: 80, body: /Welcome to nginx!/, signal: 'SIGQUIT' },
  { name: 'nginx:1.27', port: 80, body: /Welcome to nginx!/, signal: 'SIGTERM' },
  { name: 'httpd:2.4', port: 80, body: /It works!/, signal: 'SIGTERM' },
  { name: 'hashicorp/http-echo', port: 5678, body: /^hello\n$/, signal: 'SIGTERM', args: ['-text=hello'] },
  {
    name: 'hashicorp/http-echo',
    port: 8080,
    body: /^a b\n$/,
    signal: 'SIGTERM',
    args: ['-listen=:8080', '-text', 'a b'],
  },
  { name: 'ealen/echo-server', port: 80, body: /Hostname: p/, signal: 'SIGTERM' },
  { name: 'registry.k8s.io/echoserver:1.10', port: 8080, body: /Hostname: p/, signal: 'SIGTERM' },
]
for (const { name, port, body, signal, args } of servers)
  test(`${name} ${args?.join(' ') ?? ''} serves port ${port} and ends with 0 on ${signal}`, () => {
    const { engine, container, get, exit, ports } = start(name, { args })
    engine.runUntil(1000)
    assert.match(get(port, '/')?.body ?? '', body)
    container.signal(signal)
    engine.runUntil(1100)
    assert.equal(exit()?.exitCode, 0)
    assert.equal(ports.size, 0)
  })

test('nginx answers 404 for what is not there, and logs each request', () => {
  const { engine, get, stdout } = start('nginx')
  engine.runUntil(1000)
  assert.equal(get(80, '/nope')?.status, 404)
  assert.match(
    stdout(),
    /^10\.0\.0\.9 - - \[20\/Nov\/2026:08:12:35 \+0000\] "GET \/nope HTTP\/1\.1" 404 \d+ "-" "-" "-"$/m,
  )
})

test('nginx serves what a container writes into its document root', () => {
  const { engine, get, files } = start('nginx')
  engine.runUntil(1000)
  files.write('/usr/share/nginx/html/index.html', 'mine\n')
  assert.equal(get(80, '/')?.body, 'mine\n')
})

test('nginx does not start with a broken configuration', () => {
  const { engine, files, exit, stderr } = start('nginx')
  files.write('/etc/nginx/conf.d/default.conf', 'server {\n listen 80;\n')
  engine.runUntil(1000)
  assert.equal(exit()?.exitCode, 1)
  assert.match(stderr(), /\[emerg\].*expecting "\}"/)
})

test('a killed server gives its port back', () => {
  const { engine, container, ports } = start('nginx')
  engine.runUntil(1000)
  assert.equal(ports.size, 1)
  container.kill()
  assert.equal(ports.size, 0)
})

test('the slow starter listens only after its delay', () => {
  const { engine, get } = start('podium/slow-starter', { env: { START_DELAY: '5' } })
  engine.runUntil(4900)
  assert.equal(get(8080, '/healthz'), undefined)
  engine.runUntil(5100)
  assert.equal(get(8080, '/healthz')?.status, 200)
})

test('the crasher ends after its time with its code and says why', () => {
  const { engine, exit, exitMs, stderr } = start('podium/crasher', { env: { AFTER: '3', CODE: '42' } })
  engine.runUntil(10_000)
  assert.deepEqual([exit()?.exitCode, Math.round(exitMs()! / 1000)], [42, 3])
  assert.match(stderr(), /^fatal: /)
})

test('pause has no shell, and ends on SIGTERM', () => {
  const { engine, container, exit } = start('registry.k8s.io/pause:3.10')
  engine.runUntil(1000)
  const refused = container.exec({ argv: ['sh'], onOutput() {}, onExit() {} })
  assert.ok('error' in refused && /executable file not found/.test(refused.error))
  container.signal('SIGTERM')
  engine.runUntil(1100)
  assert.equal(exit()?.exitCode, 0)
})

for (const [name, env] of [
  ['mysql:8', 'MYSQL_ROOT_PASSWORD'],
  ['postgres:16', 'POSTGRES_PASSWORD'],
])
  test(`${name} refuses to start without ${env}`, () => {
    const without = start(name)
    without.engine.runUntil(60_000)
    assert.equal(without.exit()?.exitCode, 1)
    const secured = start(name, { env: { [env]: 'x' } })
    secured.engine.runUntil(60_000)
    assert.equal(secured.ports.size, 1)
  })
