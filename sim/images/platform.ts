/** Servers of a platform: brokers, log shippers, monitoring, and web applications. Each is known by ports, log, health and end. */
import type { HttpRequest, HttpResponse, NameService } from '../network/types.ts'
import { readLines } from '../runtime/container.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { controlPlanePart } from './programs/control-plane-part.ts'
import { type Corefile, nameServiceOf, parseCorefile, portsOf, reloads } from './programs/corefile.ts'
import { becomes, createDaemon, stamp } from './programs/daemon.ts'
import { connectTo } from './programs/database-client.ts'
import { notSimulated } from './programs/not-simulated.ts'
import { response } from './programs/web-server.ts'
import { eachRelease, isAtLeast, minorOf, type Releases } from './releases.ts'

const megabyte = 1024 * 1024

/** A web server that answers by path; others are 404. */
const site = (paths: Readonly<Record<string, string | ((process: Process) => string)>>) => (process: Process) => ({
  http(request: HttpRequest, reply: (answer: HttpResponse) => void): void {
    const path = request.path.split('?')[0]
    const found = Object.hasOwn(paths, path) ? paths[path] : undefined
    reply(
      found === undefined
        ? response(404, '404 page not found\n')
        : response(200, typeof found === 'function' ? found(process) : found),
    )
  },
})

/** A program, or a text when it is asked for its version. */
const versioned = (text: string, program: Program): Program =>
  function* (process) {
    if (!process.argv.slice(1).some((word) => word === '--version' || word === '-version'))
      return yield* program(process)
    process.stdout.write(text)
    return 0
  }

const rabbitmqVersions: Releases = {
  '4.1.1': ['latest', '4', '4.1', '4.1.1'],
  '4.0.9': ['4.0', '4.0.9'],
  '3.13.7': ['3', '3.13', '3.13.7'],
  '3.12.14': ['3.12', '3.12.14'],
  '3.8.34': ['3.8', '3.8.34'],
}

/** The Erlang that a release's image holds. */
const erlangOf = (version: string): string => {
  if (isAtLeast(version, '4.0')) return '27.3.4'
  if (isAtLeast(version, '3.13')) return '26.2.5'
  return isAtLeast(version, '3.12') ? '25.3.2' : '24.3.4'
}

const rabbitmqServer = (version: string): Program =>
  createDaemon({
    ports: [5672, 15692, 25672],
    memoryBytes: 140 * megabyte,
    cpuMillis: 20,
    startMs: 3500,
    startCpuMs: 3000,
    starting: (process) =>
      `${stamp(process, '%Y-%m-%d %H:%M:%S.%L000+00:00')} [notice] <0.44.0> Application syslog exited with reason: stopped\n${stamp(process, '%Y-%m-%d %H:%M:%S.%L000+00:00')} [info] <0.230.0>  Starting RabbitMQ ${version} on Erlang ${erlangOf(version)} [jit]\n`,
    ready: (process) => {
      const at = stamp(process, '%Y-%m-%d %H:%M:%S.%L000+00:00')
      return `${at} [info] <0.230.0> started TCP listener on [::]:5672\n${at} [info] <0.9.0> Server startup complete; 4 plugins started.\n`
    },
    stopping: (process) =>
      `${stamp(process, '%Y-%m-%d %H:%M:%S.%L000+00:00')} [info] <0.62.0> SIGTERM received - shutting down\n`,
    stopMs: 2500,
    signals: { SIGTERM: 0 },
  })

const fluentdServer = createDaemon({
  ports: [24224],
  memoryBytes: 70 * megabyte,
  cpuMillis: 4,
  startMs: 300,
  startCpuMs: 700,
  starting: (process) =>
    `${stamp(process, '%Y-%m-%d %H:%M:%S +0000')} [info]: init supervisor logger path=nil rotate_age=nil rotate_size=nil\n`,
  ready: (process) =>
    `${stamp(process, '%Y-%m-%d %H:%M:%S +0000')} [info]: #0 listening port port=24224 bind="0.0.0.0"\n${stamp(process, '%Y-%m-%d %H:%M:%S +0000')} [info]: #0 fluentd worker is now running worker=0\n`,
  stopping: (process) => `${stamp(process, '%Y-%m-%d %H:%M:%S +0000')} [info]: Received graceful stop\n`,
  stopMs: 1000,
  signals: { SIGTERM: 0, SIGINT: 0 },
})

const fluentBitVersions: Releases = {
  '4.0.3': ['latest', '4.0', '4.0.3'],
  '3.2.10': ['3.2', '3.2.10'],
  '3.1.10': ['3.1', '3.1.10'],
  '3.0.7': ['3.0', '3.0.7'],
  '2.2.3': ['2.2', '2.2.3'],
}

const fluentBitServer = (version: string): Program =>
  createDaemon({
    ports: [2020],
    memoryBytes: 14 * megabyte,
    cpuMillis: 3,
    logsTo: 'stderr',
    startMs: 50,
    ready: (process) =>
      `${stamp(process, '[%Y/%m/%d %H:%M:%S.%L000000]')} [ info] [fluent bit] version=${version}\n${stamp(process, '[%Y/%m/%d %H:%M:%S.%L000000]')} [ info] [sp] stream processor started\n`,
    serve: site({
      '/': `{"fluent-bit":{"version":"${version}","edition":"Community"}}`,
      '/api/v1/health': 'ok',
      '/api/v1/uptime': '{"uptime_sec":1}',
    }),
    stopping: (process) => `${stamp(process, '[%Y/%m/%d %H:%M:%S]')} [engine] caught signal (SIGTERM)\n`,
    // It flushes what it holds for up to its grace of five seconds.
    stopMs: 1000,
    signals: { SIGTERM: 0, SIGINT: 0 },
  })

const grafanaVersions: Releases = {
  '12.0.1': ['latest', '12.0.1', 'main'],
  '11.0.0': ['11.0.0'],
  '10.4.0': ['10.4.0'],
  '10.0.0': ['10.0.0'],
  '9.5.0': ['9.5.0'],
}

const grafanaServer = (version: string): Program =>
  createDaemon({
    ports: [3000],
    memoryBytes: 95 * megabyte,
    cpuMillis: 8,
    starting: (process) =>
      `logger=settings t=${stamp(process, '%Y-%m-%dT%H:%M:%S.%L000000Z')} level=info msg="Starting Grafana" version=${version} branch=HEAD\n`,
    startMs: 1500,
    startCpuMs: 1500,
    ready: (process) =>
      `logger=http.server t=${stamp(process, '%Y-%m-%dT%H:%M:%S.%L000000Z')} level=info msg="HTTP Server Listen" address=[::]:3000 protocol=http subUrl= socket=\n`,
    serve: site({
      '/': '<a href="/login">Found</a>.\n',
      '/login': '<!DOCTYPE html><title>Grafana</title>\n',
      '/api/health': `{\n  "database": "ok",\n  "version": "${version}"\n}`,
      '/robots.txt': 'User-agent: *\nDisallow: /\n',
    }),
    stopping: (process) =>
      `logger=server t=${stamp(process, '%Y-%m-%dT%H:%M:%S.%L000000Z')} level=info msg="Shutdown started" reason="System signal: terminated"\n`,
    stopMs: 300,
    signals: { SIGTERM: 0, SIGINT: 0 },
  })

/** By the version of PHP in the image. */
const wordpressVersions: Releases = {
  '8.3.22': ['php8.3'],
  '8.2.28': ['latest', 'apache', '6', '6.4', '6.8', '6.8-apache', 'php8.2'],
  '8.0.29': ['6.2.1-apache'],
  '7.4.29': ['5'],
  '5.6.32': ['4.8-apache'],
}

/** Asks for its database each time: without one it answers 500, as WordPress does. */
const wordpressServer = (phpVersion: string): Program =>
  createDaemon({
    ports: [80],
    memoryBytes: 36 * megabyte,
    cpuMillis: 3,
    logsTo: 'stderr',
    startMs: 600,
    startCpuMs: 300,
    starting: 'WordPress not found in /var/www/html - copying now...\n',
    ready: (process) =>
      `Complete! WordPress has been successfully copied to /var/www/html\n[${stamp(process, '%a %b %d %H:%M:%S.%L000 %Y')}] [mpm_prefork:notice] [pid ${process.pid}] AH00163: Apache/2.4.62 (Debian) PHP/${phpVersion} configured -- resuming normal operations\n`,
    serve: (process) => ({
      http(request, reply) {
        const [host, port = '3306'] = (process.env.WORDPRESS_DB_HOST ?? 'mysql').split(':')
        connectTo(process, host, Number(port), undefined, 5000).start((result) =>
          reply(
            result.ok
              ? request.path.startsWith('/wp-')
                ? response(200, '<!DOCTYPE html><title>WordPress &rsaquo; Installation</title>\n')
                : response(302, '', { Location: `http://${request.host}/wp-admin/install.php` })
              : response(
                  500,
                  '<!DOCTYPE html><title>Database Error</title><h1>Error establishing a database connection</h1>\n',
                ),
          ),
        )
      },
    }),
    stopping: (process) =>
      `[${stamp(process, '%a %b %d %H:%M:%S.%L000 %Y')}] [mpm_prefork:notice] [pid ${process.pid}] AH00170: caught SIGWINCH, shutting down gracefully\n`,
    stopMs: 100,
    signals: { SIGWINCH: 0, SIGTERM: 0 },
  })

const corednsVersions: Releases = {
  '1.14.2': ['latest', 'v1.14.2', '1.14.2'],
  '1.12.1': ['v1.12.1', '1.12.1'],
  '1.11.3': ['v1.11.3'],
  '1.11.1': ['v1.11.1', '1.11.1'],
  '1.10.1': ['v1.10.1', '1.10.1'],
  '1.9.3': ['v1.9.3'],
  '1.8.6': ['v1.8.6'],
}

/** The Go and the commit that a release is made of, as far as they are known. */
const corednsBuilds: Readonly<Record<string, { goVersion: string; revision: string }>> = {
  '1.12.1': { goVersion: 'go1.24.1', revision: '707c7c1' },
  '1.11.3': { goVersion: 'go1.21.11', revision: 'a6338e9' },
  '1.11.1': { goVersion: 'go1.20.7', revision: 'ae2bbc2' },
  '1.10.1': { goVersion: 'go1.20', revision: '055b2c3' },
  '1.9.3': { goVersion: 'go1.18.2', revision: '45b0a11' },
  '1.8.6': { goVersion: 'go1.17.1', revision: '13a9191' },
}

const corednsBanner = (version: string): string => {
  const { goVersion, revision } = corednsBuilds[version] ?? {}
  return `CoreDNS-${version}\n${['linux/amd64', goVersion, revision].filter(Boolean).join(', ')}\n`
}

/** Its configuration as it stands, or why it is none. */
function corefileOf({ argv, files }: Process): Corefile | { error: string } {
  const at = argv.findIndex((word) => /^--?conf$/.test(word))
  const given = argv.map((word) => /^--?conf=(.*)$/.exec(word)?.[1]).find((path) => path !== undefined)
  const path = given ?? (at < 0 ? 'Corefile' : (argv[at + 1] ?? ''))
  const file = path.startsWith('/') ? path : `/${path}`
  // Without any it answers who asks, and nothing else.
  if (at < 0 && given === undefined && !files.exists(file)) return parseCorefile('.:53 {\n  whoami\n}', path)
  if (!files.exists(file)) return { error: `loading Caddyfile via flag: open ${path}: no such file or directory\n` }
  return parseCorefile(files.read(file), path)
}

/** What it goes by: with the plugin reload what the file says by now, unless that is none. Simplified: it looks when it is asked. */
function corednsNames(process: Process): (port: number) => NameService {
  let loaded = corefileOf(process) as Corefile
  return (port) => {
    const now = reloads(loaded) ? corefileOf(process) : loaded
    if (!('error' in now)) loaded = now
    const resolvConf = readLines(process.files, '/etc/resolv.conf').flatMap((line) =>
      line.startsWith('nameserver ') ? [line.split(/\s+/)[1] ?? ''] : [],
    )
    // Simplified: a container whose root is read-only has no such file here; what would stand there is the node's.
    return nameServiceOf(loaded, port, resolvConf.length > 0 ? resolvConf : ['192.168.0.1'])
  }
}

const corednsServer = (version: string): Program =>
  createDaemon({
    ports: [8080, 8181, 9153],
    memoryBytes: 18 * megabyte,
    cpuMillis: 3,
    startMs: 30,
    refuse(process) {
      const corefile = corefileOf(process)
      return 'error' in corefile ? corefile.error : undefined
    },
    ready: (process) => {
      const names = corednsNames(process)
      const corefile = corefileOf(process)
      const ports = 'error' in corefile ? [] : portsOf(corefile)
      for (const port of ports) {
        process.network.listen(port, { tcp: (_, reply) => reply('') })
        process.network.listen(port, { names: () => names(port) }, 'UDP')
      }
      const blocks = 'error' in corefile ? [] : corefile.blocks
      const zones = blocks.flatMap((block) => block.zones.map((zone) => `${zone}.:${block.port}\n`)).join('')
      return `${zones}[INFO] plugin/reload: Running configuration SHA512 = 591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5\n${corednsBanner(version)}`
    },
    serve: (process, port) =>
      port === 8080
        ? site({ '/health': 'OK' })(process)
        : port === 8181
          ? site({ '/ready': 'OK' })(process)
          : site({ '/metrics': `coredns_build_info{version="${version}"} 1\n` })(process),
    stopping:
      '[INFO] SIGTERM: Shutting down servers then terminating\n[INFO] plugin/health: Going into lameduck mode for 5s\n',
    stopMs: 5000,
    signals: { SIGTERM: 0, SIGINT: 130 },
  })

const etcdVersions: Releases = {
  '3.6.8': ['3.6.8-0'],
  '3.6.4': ['3.6.4-0'],
  '3.6.1': ['3.6.1-0', 'v3.6.1'],
  '3.5.21': ['3.5.21-0', 'v3.5.21'],
  '3.5.15': ['3.5.15-0'],
  '3.5.9': ['3.5.9-0', 'v3.5.9'],
  '3.5.1': ['3.5.1-0', 'v3.5.1'],
  '3.5.0': ['3.5.0', 'v3.5.0'],
  '3.4.9': ['v3.4.9'],
}

const etcdServer = (version: string): Program =>
  createDaemon({
    ports: [2379, 2380],
    memoryBytes: 45 * megabyte,
    cpuMillis: 12,
    logsTo: 'stderr',
    starting: (process) =>
      `${JSON.stringify({ level: 'info', ts: stamp(process, '%Y-%m-%dT%H:%M:%S.%L000Z'), caller: 'embed/etcd.go:310', msg: 'starting an etcd server', 'etcd-version': version })}\n`,
    startMs: 800,
    ready: (process) =>
      `${JSON.stringify({ level: 'info', ts: stamp(process, '%Y-%m-%dT%H:%M:%S.%L000Z'), caller: 'embed/serve.go:210', msg: 'serving client traffic insecurely; this is strongly discouraged!', traffic: 'grpc+http', address: '[::]:2379' })}\n`,
    serve: (process) => ({
      ...site({
        '/health': isAtLeast(version, '3.5') ? '{"health":"true","reason":""}' : '{"health":"true"}',
        '/version': `{"etcdserver":"${version}","etcdcluster":"${minorOf(version)}.0"}`,
      })(process),
      grpcHealth: (service) => (service === '' ? 'SERVING' : 'UNKNOWN_SERVICE'),
    }),
    stopping: (process) =>
      `${JSON.stringify({ level: 'info', ts: stamp(process, '%Y-%m-%dT%H:%M:%S.%L000Z'), caller: 'osutil/interrupt_unix.go:65', msg: 'received signal; shutting down', signal: 'terminated' })}\n`,
    stopMs: 300,
    signals: { SIGTERM: 0, SIGINT: 0 },
  })

/** `rabbitmqctl version`. */
const rabbitmqctl = (version: string): Program =>
  function* (process) {
    if (process.argv[1] !== 'version') return yield* notSimulated(process)
    yield* waitFor(process.cpu(800))
    process.stdout.write(`${version}\n`)
    return 0
  }

export const platformImages: readonly Image[] = [
  ...eachRelease(rabbitmqVersions, ['alpine', 'management'], (version) => ({
    repositories: ['rabbitmq'],
    sizeBytes: 118_000_000,
    base: 'ubuntu:noble',
    variants: { alpine: { base: 'alpine:3.22', sizeBytes: 80_000_000 } },
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['rabbitmq-server'],
    exposedPorts: [4369, 5671, 5672, 15691, 15692, 25672],
    files: { ...debianFiles, '/var/lib/rabbitmq/': '', '/etc/rabbitmq/conf.d/': '' },
    programs: {
      ...debianPrograms,
      '/usr/local/bin/docker-entrypoint.sh': becomes('rabbitmq-server'),
      '/opt/rabbitmq/sbin/rabbitmq-server': rabbitmqServer(version),
      '/opt/rabbitmq/sbin/rabbitmqctl': rabbitmqctl(version),
      '/usr/local/sbin/rabbitmq-diagnostics': function* (process) {
        // The tool is an Erlang program of its own: slow to start, which short probe timeouts do not survive.
        yield* waitFor(process.cpu(800))
        const result = yield* waitFor(connectTo(process, '127.0.0.1', 5672, undefined))
        if (result.ok) process.stdout.write(process.argv.includes('-q') ? '' : 'Ping succeeded\n')
        else
          process.stderr.write(
            'Error: unable to perform an operation on node. Please see diagnostics information and suggestions below.\n',
          )
        return result.ok ? 0 : 69
      },
    },
    env: {
      PATH: '/opt/rabbitmq/sbin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      RABBITMQ_VERSION: version,
    },
  })),
  {
    repositories: [
      'fluentd',
      'fluent/fluentd',
      'fluentd_elasticsearch/fluentd',
      'fluent/fluentd-kubernetes-daemonset',
      'fluentd-elasticsearch',
      'fluentd-gcp',
    ],
    tags: [
      'latest',
      'v1.16',
      'v1.17',
      'v1.18',
      'v1.19',
      'v1.16-1',
      'v1.18-debian-1',
      'edge',
      'v2.5.2',
      'v5.0.1',
      '1.20',
      '1.30',
      'v1',
    ],
    sizeBytes: 20_500_000,
    base: 'alpine:3.22',
    entrypoint: ['tini', '--', '/bin/entrypoint.sh'],
    cmd: ['fluentd'],
    exposedPorts: [5140, 24224],
    files: { ...linuxFiles, '/fluentd/etc/fluent.conf': '<source>\n  @type forward\n</source>\n', '/fluentd/log/': '' },
    programs: {
      ...linuxPrograms,
      '/sbin/tini': function* (process) {
        ;(process as { argv: readonly string[] }).argv = process.argv.filter((word) => word !== '--')
        return yield* becomes()(process)
      },
      '/bin/entrypoint.sh': becomes('fluentd'),
      '/usr/bin/fluentd': fluentdServer,
    },
  },
  ...eachRelease(fluentBitVersions, [], (version) => ({
    repositories: ['fluent/fluent-bit'],
    sizeBytes: 31_000_000,
    cmd: ['/fluent-bit/bin/fluent-bit', '-c', '/fluent-bit/etc/fluent-bit.conf'],
    exposedPorts: [2020],
    files: {
      '/fluent-bit/etc/fluent-bit.conf': '[SERVICE]\n    HTTP_Server On\n',
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
      '/tmp/': '',
    },
    programs: { '/fluent-bit/bin/fluent-bit': versioned(`Fluent Bit v${version}\n`, fluentBitServer(version)) },
  })),
  ...eachRelease(grafanaVersions, [], (version) => ({
    repositories: ['grafana/grafana', 'grafana/grafana-oss'],
    sizeBytes: 200_000_000,
    base: 'alpine:3.22',
    entrypoint: ['/run.sh'],
    user: '472',
    workingDir: '/usr/share/grafana',
    exposedPorts: [3000],
    modes: { '/var/lib/grafana': 0o777 },
    files: {
      ...linuxFiles,
      '/var/lib/grafana/': '',
      '/usr/share/grafana/': '',
      '/etc/passwd': `${linuxFiles['/etc/passwd']}grafana:x:472:0::/home/grafana:/sbin/nologin\n`,
    },
    programs: { ...linuxPrograms, '/run.sh': grafanaServer(version) },
  })),
  ...eachRelease(wordpressVersions, [], (phpVersion) => ({
    repositories: ['wordpress'],
    sizeBytes: 225_000_000,
    base: 'php:8.2',
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['apache2-foreground'],
    env: { PHP_VERSION: phpVersion },
    workingDir: '/var/www/html',
    exposedPorts: [80],
    stopSignal: 'SIGWINCH',
    files: { ...debianFiles, '/var/www/html/': '' },
    programs: {
      ...debianPrograms,
      '/usr/local/bin/docker-entrypoint.sh': becomes('apache2-foreground'),
      '/usr/local/bin/apache2-foreground': wordpressServer(phpVersion),
    },
  })),
  ...eachRelease(corednsVersions, [], (version) => ({
    repositories: ['coredns', 'coredns/coredns'],
    sizeBytes: 20_900_000,
    entrypoint: ['/coredns'],
    workingDir: '/',
    exposedPorts: [53],
    files: { '/etc/coredns/': '' },
    programs: { '/coredns': versioned(corednsBanner(version), corednsServer(version)) },
  })),
  ...eachRelease(etcdVersions, [], (version) => ({
    repositories: ['etcd', 'coreos/etcd', 'etcd-development/etcd'],
    sizeBytes: 57_000_000,
    cmd: ['/usr/local/bin/etcd'],
    exposedPorts: [2379, 2380],
    files: { '/var/etcd/': '', '/var/lib/etcd/': '' },
    programs: {
      '/usr/local/bin/etcd': versioned(
        `etcd Version: ${version}\nGo OS/Arch: linux/amd64\n`,
        controlPlanePart('/usr/local/bin/etcd', etcdServer(version)),
      ),
      // They come to the member of the node whose network the Pod has.
      ...Object.fromEntries(
        ['/usr/local/bin/etcdctl', '/usr/local/bin/etcdutl'].map((path) => [
          path,
          controlPlanePart(path, notSimulated),
        ]),
      ),
    },
  })),
]
