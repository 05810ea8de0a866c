// Servers that learners type: when they listen, what they say, how they end, and what probes hear from them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layerOf } from '../../sim/images/base-files.ts'
import { findImage, images } from '../../sim/images/registry.ts'
import { findUser } from '../../sim/runtime/container.ts'
import { createFileSystem } from '../../sim/runtime/file-system.ts'
import type { Signal } from '../../sim/runtime/process.ts'
import { startBox } from '../runtime/run-shell.ts'
import { startImage } from './start-image.ts'

interface Case {
  name: string
  env?: Record<string, string>
  args?: string[]
  port: number
  says: RegExp
  signal?: Signal
  exitCode?: number
  ask?: [path: string, status: number, body: RegExp]
}

const cases: Case[] = [
  { name: 'nginx:1.25', port: 80, says: /nginx\/1\.25\.5/, ask: ['/nope', 404, /<center>nginx\/1\.25\.5</] },
  { name: 'nginx:stable-alpine', port: 80, says: /nginx\/1\.28\.0/ },
  { name: 'nginx', port: 80, says: /nginx\/1\.29\.0/ },
  { name: 'nginxinc/nginx-unprivileged:1.27', port: 8080, says: /nginx\/1\.27\.5/ },
  { name: 'redis', port: 6379, says: /\* Redis version=8\.2\.1,[\s\S]*Ready to accept connections tcp\n/ },
  { name: 'redis:7', port: 6379, says: /\* Redis version=7\.4\.5,/ },
  { name: 'redis:6.0.5', port: 6379, says: /# Redis version=6\.0\.5,[\s\S]*Ready to accept connections\n/ },
  { name: 'valkey/valkey', port: 6379, says: /Valkey version=8\.1\.3,/ },
  { name: 'memcached', port: 11211, says: /^$/ },
  { name: 'httpd:2', port: 80, says: /AH00489: Apache\/2\.4\.65/, signal: 'SIGWINCH' },
  {
    name: 'mysql:8.0',
    env: { MYSQL_ROOT_PASSWORD: 'x' },
    port: 3306,
    says: /MySQL Server 8\.0\.42-1\.el9 started[\s\S]*ready for connections\. Version: '8\.0\.42' /,
  },
  {
    name: 'mysql:5.7',
    env: { MYSQL_ROOT_PASSWORD: 'x' },
    port: 3306,
    says: /Z 0 \[Note\] mysqld: ready for connections\.\nVersion: '5\.7\.44' /,
  },
  {
    name: 'mariadb:11',
    env: { MARIADB_ROOT_PASSWORD: 'x' },
    port: 3306,
    says: /mariadbd: ready for connections\.\nVersion: '11\.8\.2-MariaDB-ubu2404' /,
  },
  {
    name: 'mariadb:10.4',
    env: { MARIADB_ROOT_PASSWORD: 'x' },
    port: 3306,
    says: /mysqld: ready for connections\.\nVersion: '10\.4\.34-MariaDB/,
  },
  {
    name: 'postgres:16',
    env: { POSTGRES_PASSWORD: 'x' },
    port: 5432,
    says: /starting PostgreSQL 16\.9 \(Debian[\s\S]*database system is ready to accept connections/,
    signal: 'SIGINT',
  },
  { name: 'mongo:4.4', port: 27017, says: /"version":"4\.4\.29"[\s\S]*Waiting for connections/ },
  { name: 'mongo:7', port: 27017, says: /Waiting for connections/ },
  {
    name: 'rabbitmq:3-management',
    port: 5672,
    says: /Starting RabbitMQ 3\.13\.7 on Erlang[\s\S]*Server startup complete/,
  },
  { name: 'tomcat:10.1', port: 8080, says: /Server startup in/, exitCode: 143, ask: ['/', 404, /Not Found/] },
  {
    name: 'tomcat:9',
    port: 8080,
    says: /Apache Tomcat\/9\.0\.106/,
    exitCode: 143,
    ask: ['/', 404, /Tomcat\/9\.0\.106/],
  },
  {
    name: 'jenkins/jenkins:lts',
    port: 8080,
    says: /fully up and running/,
    exitCode: 143,
    ask: ['/login', 200, /Sign in/],
  },
  { name: 'fluentd:v1.16', port: 24224, says: /fluentd worker is now running/ },
  { name: 'fluent/fluent-bit', port: 2020, says: /stream processor started/, ask: ['/api/v1/health', 200, /ok/] },
  { name: 'fluent/fluent-bit:2.2', port: 2020, says: /version=2\.2\.3/, ask: ['/', 200, /"version":"2\.2\.3"/] },
  {
    name: 'prom/prometheus:v2.45.0',
    port: 9090,
    says: /^ts=\S+ caller=\S+ level=info msg="Starting Prometheus Server" mode=server version="\(version=2\.45\.0,/,
    ask: ['/metrics', 200, /version="2\.45\.0"/],
  },
  {
    name: 'grafana/grafana:10.4.0',
    port: 3000,
    says: /version=10\.4\.0/,
    ask: ['/api/health', 200, /"version": "10\.4\.0"/],
  },
  { name: 'prom/prometheus', port: 9090, says: /ready to receive web requests/, ask: ['/-/ready', 200, /Ready/] },
  { name: 'grafana/grafana', port: 3000, says: /HTTP Server Listen/, ask: ['/api/health', 200, /"database": "ok"/] },
  { name: 'registry.k8s.io/coredns/coredns:v1.12.1', port: 53, says: /CoreDNS-1/ },
  { name: 'coredns/coredns:1.10.1', port: 53, says: /\nCoreDNS-1\.10\.1\nlinux\/amd64, go1\.20, 055b2c3\n$/ },
  {
    name: 'registry.k8s.io/etcd:3.5.9-0',
    port: 2379,
    says: /"etcd-version":"3\.5\.9"/,
    ask: ['/version', 200, /^\{"etcdserver":"3\.5\.9","etcdcluster":"3\.5\.0"\}$/],
  },
  {
    name: 'registry.k8s.io/etcd:3.5.1-0',
    port: 2379,
    says: /"etcd-version":"3\.5\.1"/,
    ask: ['/version', 200, /"etcdserver":"3\.5\.1"/],
  },
  { name: 'registry.k8s.io/etcd:3.6.1-0', port: 2379, says: /serving client traffic/, ask: ['/health', 200, /true/] },
  {
    name: 'wordpress:6.8-apache',
    env: { WORDPRESS_DB_HOST: 'db' },
    port: 80,
    says: /resuming normal operations/,
    signal: 'SIGWINCH',
    ask: ['/', 500, /database connection/],
  },
  {
    name: 'nginxinc/nginx-unprivileged',
    port: 8080,
    says: /start worker process/,
    signal: 'SIGQUIT',
    ask: ['/', 200, /Welcome/],
  },
  { name: 'traefik/whoami', port: 80, says: /Starting up on port 80/, exitCode: 2, ask: ['/', 200, /Hostname: p\n/] },
  {
    name: 'gcr.io/google-samples/hello-app:1.0',
    port: 8080,
    says: /Server listening on port 8080/,
    exitCode: 2,
    ask: ['/', 200, /Version: 1\.0\.0/],
  },
  {
    name: 'gcr.io/google-samples/hello-app:2.0',
    port: 8080,
    says: /Server listening/,
    exitCode: 2,
    ask: ['/', 200, /Version: 2\.0\.0/],
  },
  {
    name: 'gcr.io/google-samples/kubernetes-bootcamp:v1',
    port: 8080,
    says: /Started/,
    signal: 'SIGUSR2',
    ask: ['/', 200, /\| v=1\n$/],
  },
  {
    name: 'jocatalin/kubernetes-bootcamp:v2',
    port: 8080,
    says: /Started/,
    signal: 'SIGUSR2',
    ask: ['/', 200, /\| v=2\n$/],
  },
  {
    name: 'gcr.io/google-samples/hello-go-gke:1.0',
    port: 80,
    says: /^$/,
    exitCode: 2,
    ask: ['/', 200, /^\{"message":"Hello"\}\n$/],
  },
  {
    name: 'us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5',
    port: 80,
    says: /resuming normal operations/,
    signal: 'SIGWINCH',
    ask: ['/', 200, /<title>Guestbook/],
  },
  {
    name: 'gcr.io/google-samples/gb-frontend:v4',
    port: 80,
    says: /resuming normal operations/,
    signal: 'SIGWINCH',
    ask: ['/guestbook.php?cmd=get&key=k', 500, /^$/],
  },
  { name: 'stefanprodan/podinfo:6.5.0', port: 9898, says: /Starting/, ask: ['/', 200, /"version": "6\.5\.0"/] },
  { name: 'registry.k8s.io/hpa-example', port: 80, says: /^$/, ask: ['/', 200, /OK!/] },
  {
    name: 'registry.k8s.io/e2e-test-images/agnhost:2.40',
    args: ['netexec'],
    port: 8080,
    says: /Started HTTP server on port 8080/,
    exitCode: 2,
    ask: ['/hostname', 200, /^p$/],
  },
  {
    name: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
    args: ['porter', '--json-response'],
    env: { SERVE_PORT_8090: 'foo', SERVE_SCTP_PORT_8443: 'bar' },
    port: 8090,
    says: /podium: SERVE_SCTP_PORT_8443: SCTP is not simulated/,
    exitCode: 2,
    ask: ['/some/path', 200, /^{"Method":"GET","Body":"foo"}$/],
  },
]

for (const { name, env, args, port, says, signal = 'SIGTERM', exitCode = 0, ask } of cases)
  test(`${name} listens on ${port}, says so, and ends with ${exitCode} on ${signal}`, () => {
    const { engine, ports, container, exit, get, stdout, stderr } = startImage(name, { env, args })
    engine.runUntil(40_000)
    assert.ok(ports.has(port), `${stdout()}${stderr()}`)
    assert.match(stdout() + stderr(), says)
    if (ask) {
      const response = get(port, ask[0])
      assert.equal(response?.status, ask[1])
      assert.match(response.body, ask[2])
    }
    container.signal(signal)
    engine.runUntil(60_000)
    assert.equal(exit()?.exitCode, exitCode)
    assert.equal(ports.size, 0)
  })

const refusals: { name: string; env?: Record<string, string>; args?: string[]; says: RegExp; exitCode?: number }[] = [
  {
    name: 'mysql',
    says: /\[ERROR\] \[Entrypoint\]: Database is uninitialized and password option is not specified\n {4}You need to specify one of the following as an environment variable:\n {4}- MYSQL_ROOT_PASSWORD\n/,
  },
  { name: 'mysql', env: { MYSQL_ROOT_PASSWORD: 'x', MYSQL_USER: 'root' }, says: /MYSQL_USER="root"/ },
  {
    name: 'mariadb',
    says: /Database is uninitialized and password option is not specified\n[^\n]*\n {4}- MARIADB_ROOT_PASSWORD/,
  },
  { name: 'postgres', says: /^Error: Database is uninitialized and superuser password is not specified\.\n/ },
  { name: 'mongo', env: { MONGO_INITDB_ROOT_USERNAME: 'a' }, says: /both must be specified/ },
  { name: 'hashicorp/http-echo', says: /Missing -text option!/, exitCode: 127 },
]
for (const { name, env, args, says, exitCode = 1 } of refusals)
  test(`${name} with ${JSON.stringify(env ?? {})} says what it wants and ends with ${exitCode}`, () => {
    const { engine, exit, stderr } = startImage(name, { env, args })
    engine.runUntil(60_000)
    assert.equal(exit()?.exitCode, exitCode)
    assert.match(stderr(), says)
  })

test('PostgreSQL refuses a data directory that a volume has filled with lost+found', () => {
  const { engine, exit, stderr, files } = startImage('postgres:17', { env: { POSTGRES_PASSWORD: 'x' } })
  files.mkdir('/var/lib/postgresql/data/lost+found')
  engine.runUntil(10_000)
  assert.equal(exit()?.exitCode, 1)
  assert.match(stderr(), /exists but is not empty[\s\S]*lost\+found/)
})

const starters: { image: string; args?: string[]; exitCode: number | undefined }[] = [
  { image: 'busybox', exitCode: 0 },
  { image: 'busybox', args: ['sh'], exitCode: 0 },
  { image: 'ubuntu', exitCode: 0 },
  { image: 'debian:12-slim', exitCode: 0 },
  { image: 'centos:7', exitCode: 0 },
  { image: 'python:3.12', exitCode: 0 },
  { image: 'node:20', exitCode: 0 },
  { image: 'openjdk:17', exitCode: 0 },
  { image: 'golang:1.24', exitCode: 0 },
  { image: 'perl', exitCode: 0 },
  { image: 'php:8.3', exitCode: 0 },
  { image: 'hello-world', exitCode: 0 },
  { image: 'busybox', args: ['sleep', 'infinity'], exitCode: undefined },
  { image: 'ubuntu', args: ['tail', '-f', '/dev/null'], exitCode: undefined },
  { image: 'busybox', args: ['sh', '-c', 'while true; do sleep 30; done'], exitCode: undefined },
  { image: 'registry.k8s.io/kube-proxy:v1.36.0', exitCode: 1 },
]
for (const { image, args, exitCode } of starters)
  test(`${image} ${args?.join(' ') ?? 'without a command'} ${exitCode === undefined ? 'runs on' : `ends at once with ${exitCode}`}`, () => {
    const { engine, exit } = startImage(image, { args })
    engine.runUntil(5000)
    assert.equal(exit()?.exitCode, exitCode)
  })

test('what has no handler as PID 1 ignores SIGTERM and ends only when it is killed', () => {
  for (const [name, args] of [
    ['busybox', ['sleep', '1000']],
    ['python:3.12', ['python', '-m', 'http.server']],
    ['node:20', ['node', '-e', "require('http').createServer((q, r) => r.end('hi')).listen(3000)"]],
  ] as const) {
    const { engine, container, exit } = startImage(name, { args })
    engine.runUntil(1000)
    container.signal('SIGTERM')
    engine.runUntil(31_000)
    assert.equal(exit(), undefined, name)
    container.kill()
    assert.equal(exit()?.exitCode, 137)
  }
})

test('a JVM needs ten times as long under a tenth of a CPU', () => {
  const startedMs = (cpuMillis?: number): number => {
    const { engine, ports } = startImage('tomcat', { limits: { cpuMillis } })
    for (let ms = 100; ms < 100_000; ms += 100) {
      engine.runUntil(ms)
      if (ports.has(8080)) return ms
    }
    return 0
  }
  assert.ok(startedMs(100) > 5 * startedMs())
})

test('vish/stress takes memory at its pace and is killed beyond its limit', () => {
  const args = ['-mem-total', '250Mi', '-mem-alloc-size', '10Mi', '-mem-alloc-sleep', '1s']
  const free = startImage('vish/stress', { args })
  free.engine.runUntil(60_000)
  assert.match(free.stderr(), /Allocated "250Mi" memory/)
  const limited = startImage('vish/stress', { args, limits: { memoryBytes: 100 * 1024 ** 2 } })
  limited.engine.runUntil(60_000)
  assert.deepEqual([limited.exit()?.exitCode, limited.exit()?.reason], [137, 'OOMKilled'])
})

test('every image has a command that it can start, tags, and a size', () => {
  for (const name of [
    'rockylinux:9',
    'amazonlinux:2023',
    'nicolaka/netshoot',
    'php:8.3',
    'ruby',
    'rust',
    'registry.k8s.io/kube-apiserver:v1.36.0',
    'public.ecr.aws/docker/library/redis:7',
  ]) {
    const image = findImage(name)
    assert.ok(image, name)
    assert.ok(image.sizeBytes > 0 && [...(image.entrypoint ?? []), ...(image.cmd ?? [])].length > 0)
  }
  assert.equal(findImage('rockylinux'), undefined)
  assert.equal(findImage('nosuchimage'), undefined)
  assert.equal(findImage('nginx:9.9'), undefined)
})

test('every image can be started and stopped as its own user', () => {
  for (const image of images) {
    const argv = [...(image.entrypoint ?? []), ...(image.cmd ?? [])]
    const name = image.repositories[0]
    assert.ok(argv.length > 0, `${name} has no command`)
    const files = createFileSystem({ base: layerOf(image), nowEpochMs: () => 0 })
    const user = findUser(files, image.user)
    assert.ok(user, `${name} runs as ${image.user}, whom it does not know`)
    const box = startBox(argv, { image, user })
    box.engine.runUntil(40_000)
    box.container.signal(image.stopSignal ?? 'SIGTERM')
    box.engine.runUntil(70_000)
    box.container.kill()
    assert.equal(box.container.isRunning, false, name)
  }
})
