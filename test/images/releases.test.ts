// Images whose tags are releases: what each says of its version, and what a later release left behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layerOf } from '../../sim/images/base-files.ts'
import { findImage, images } from '../../sim/images/registry.ts'
import { eachRelease, isAtLeast } from '../../sim/images/releases.ts'
import { createFileSystem, createVolumeTree, type SizedVolumeTree } from '../../sim/runtime/file-system.ts'
import { startEpochMs } from '../runtime/run-shell.ts'
import { type Started, startImage } from './start-image.ts'

test('a tag is of one image only', () => {
  const owners = new Map<string, number>()
  for (const { repositories, tags } of images)
    for (const repository of repositories)
      for (const tag of tags) owners.set(`${repository}:${tag}`, (owners.get(`${repository}:${tag}`) ?? 0) + 1)
  assert.deepEqual(
    [...owners].filter(([, count]) => count > 1),
    [],
  )
})

test('each release has its tags for every build', () => {
  const made = eachRelease({ '2.1.0': ['latest', '2'], '1.0.0': ['1'] }, ['alpine'], (version) => ({
    repositories: ['web'],
    sizeBytes: 1,
    env: { VERSION: version },
    programs: {},
  }))
  assert.deepEqual(
    made.map(({ tags, env }) => [env?.VERSION, ...tags]),
    [
      ['2.1.0', 'latest', '2', 'alpine', '2-alpine'],
      ['1.0.0', '1', '1-alpine'],
    ],
  )
})

for (const [version, other, want] of [
  ['10.4', '7.2', true],
  ['7.2.10', '7.2', true],
  ['7.0.15', '7.2', false],
  ['7', '7.0', true],
  ['8.0.3-MariaDB', '8.0.3', true],
  ['8.0.3', '8.0.36', false],
] as const)
  test(`${version} is ${want ? '' : 'not '}at least ${other}`, () => assert.equal(isAtLeast(version, other), want))

const said: { image: string; run: string[]; says: RegExp; of?: 'stdout' | 'stderr' }[] = [
  { image: 'redis:7', run: ['redis-server', '--version'], says: /^Redis server v=7\.4\.5 / },
  { image: 'redis:6.2-alpine', run: ['redis-cli', '--version'], says: /^redis-cli 6\.2\.19\n$/ },
  { image: 'valkey/valkey:8', run: ['valkey-cli', '--version'], says: /^valkey-cli 8\.1\.3\n$/ },
  { image: 'memcached:1.5', run: ['memcached', '-V'], says: /^memcached 1\.5\.22\n$/ },
  { image: 'mongo:6', run: ['mongod', '--version'], says: /^db version v6\.0\.25\n/ },
  {
    image: 'mysql:8.0',
    run: ['mysqld', '--version'],
    says: /^\/usr\/sbin\/mysqld {2}Ver 8\.0\.42 for Linux on x86_64 \(MySQL Community Server - GPL\)\n$/,
  },
  { image: 'mysql:5.7', run: ['mysql', '--version'], says: /^mysql {2}Ver 14\.14 Distrib 5\.7\.44, / },
  { image: 'mariadb:10.6', run: ['mysql', '-V'], says: /^mysql {2}Ver 15\.1 Distrib 10\.6\.22-MariaDB, / },
  { image: 'mariadb', run: ['mariadb', '--version'], says: /^mariadb from 11\.8\.2-MariaDB, client 15\.2 / },
  {
    image: 'postgres:15',
    run: ['psql', '--version'],
    says: /^psql \(PostgreSQL\) 15\.13 \(Debian 15\.13-1\.pgdg120\+1\)\n$/,
  },
  { image: 'postgres:14-alpine', run: ['postgres', '-V'], says: /^postgres \(PostgreSQL\) 14\.18 / },
  { image: 'node:18', run: ['node', '--version'], says: /^v18\.20\.8\n$/ },
  { image: 'node:lts-alpine', run: ['node', '-p', 'process.version'], says: /^v22\.17\.0\n$/ },
  { image: 'python:3.9', run: ['python', '--version'], says: /^Python 3\.9\.23\n$/ },
  { image: 'python:3.12-slim', run: ['python3.12', '-V'], says: /^Python 3\.12\.11\n$/ },
  { image: 'python:2.7', run: ['python2', '--version'], says: /^Python 2\.7\.18\n$/, of: 'stderr' },
  { image: 'golang:1.21', run: ['go', 'version'], says: /^go version go1\.21\.13 linux\/amd64\n$/ },
  { image: 'perl:5.34.0', run: ['perl', '-v'], says: /This is perl 5, version 34, subversion 0 \(v5\.34\.0\)/ },
  {
    image: 'eclipse-temurin:17',
    run: ['java', '-version'],
    says: /^openjdk version "17\.0\.15" 2025-04-15\n.*Temurin-17\.0\.15\+6 \(build 17\.0\.15\+6\)\n/,
    of: 'stderr',
  },
  { image: 'eclipse-temurin:21', run: ['java', '--version'], says: /^openjdk 21\.0\.7 2025-04-15 LTS\n/ },
  { image: 'openjdk:8', run: ['java', '-version'], says: /^openjdk version "1\.8\.0_452"\n/, of: 'stderr' },
  { image: 'openjdk:11', run: ['jshell'], says: /JShell -- Version 11\.0\.27\n/ },
  { image: 'rabbitmq:3.12-management', run: ['rabbitmqctl', 'version'], says: /^3\.12\.14\n$/ },
  { image: 'prom/prometheus:v2.45.0', run: ['/bin/prometheus', '--version'], says: /^prometheus, version 2\.45\.0 / },
  {
    image: 'registry.k8s.io/etcd:3.5.9-0',
    run: ['/usr/local/bin/etcd', '--version'],
    says: /^etcd Version: 3\.5\.9\n/,
  },
  {
    image: 'coredns/coredns:1.11.1',
    run: ['/coredns', '-version'],
    says: /^CoreDNS-1\.11\.1\nlinux\/amd64, go1\.20\.7, /,
  },
  { image: 'alpine:3.19', run: ['cat', '/etc/alpine-release'], says: /^3\.19\.7\n$/ },
  { image: 'alpine:edge', run: ['cat', '/etc/os-release'], says: /PRETTY_NAME="Alpine Linux edge"\n/ },
  {
    image: 'debian:11-slim',
    run: ['cat', '/etc/os-release'],
    says: /^PRETTY_NAME="Debian GNU\/Linux 11 \(bullseye\)"\n/,
  },
  { image: 'debian:bookworm', run: ['cat', '/etc/debian_version'], says: /^12\.12\n$/ },
  {
    image: 'ubuntu:22.04',
    run: ['cat', '/etc/os-release'],
    says: /^PRETTY_NAME="Ubuntu 22\.04\.5 LTS"\nNAME="Ubuntu"\nVERSION_ID="22\.04"\nVERSION="22\.04\.5 LTS \(Jammy Jellyfish\)"\nVERSION_CODENAME=jammy\nID=ubuntu\n/,
  },
  { image: 'ubuntu:focal', run: ['apt', '--version'], says: /^apt 2\.0\.10 \(amd64\)\n$/ },
  { image: 'centos:7', run: ['cat', '/etc/redhat-release'], says: /^CentOS Linux release 7\.9\.2009 \(Core\)\n$/ },
  { image: 'fedora:41', run: ['cat', '/etc/os-release'], says: /^PRETTY_NAME="Fedora Linux 41 \(Container Image\)"\n/ },
  { image: 'amazonlinux:2', run: ['cat', '/etc/os-release'], says: /^PRETTY_NAME="Amazon Linux 2"\n/ },
  { image: 'httpd:2.4', run: ['httpd', '-v'], says: /^Server version: Apache\/2\.4\.65 \(Unix\)\n/ },
]
for (const { image, run, says, of = 'stdout' } of said)
  test(`${run.join(' ')} of ${image} says ${says}`, () => {
    const { engine, exit, ...streams } = startImage(image, { command: run })
    engine.runUntil(20_000)
    assert.match(streams[of](), says)
    assert.equal(exit()?.exitCode, 0)
  })

const named: [image: string, variable: string, value: string][] = [
  ['redis:7', 'REDIS_VERSION', '7.4.5'],
  ['redis:5.0.4', 'REDIS_VERSION', '5.0.4'],
  ['valkey/valkey:7.2', 'VALKEY_VERSION', '7.2.10'],
  ['memcached:1.5', 'MEMCACHED_VERSION', '1.5.22'],
  ['mongo:4.4', 'MONGO_VERSION', '4.4.29'],
  ['mongo:7', 'MONGO_MAJOR', '7.0'],
  ['httpd:2', 'HTTPD_VERSION', '2.4.65'],
  ['mysql:8.0', 'MYSQL_VERSION', '8.0.42-1.el9'],
  ['mysql:9', 'MYSQL_MAJOR', 'innovation'],
  ['mariadb:10.11', 'MARIADB_VERSION', '1:10.11.13+maria~ubu2204'],
  ['postgres:16', 'PG_MAJOR', '16'],
  ['postgres:15.3', 'PG_VERSION', '15.3-1.pgdg120+1'],
  ['node:16-alpine', 'NODE_VERSION', '16.20.2'],
  ['python:3.8', 'PYTHON_VERSION', '3.8.20'],
  ['golang:1.22', 'GOLANG_VERSION', '1.22.12'],
  ['php:8.3-cli', 'PHP_VERSION', '8.3.23'],
  ['ruby:3.2', 'RUBY_VERSION', '3.2.8'],
  ['rust:1.75', 'RUST_VERSION', '1.75.0'],
  ['openjdk:8-jre', 'JAVA_VERSION', 'jdk8u452-b09'],
  ['openjdk:17', 'JAVA_VERSION', 'jdk-17.0.15+6'],
  ['tomcat:9-jdk17', 'JAVA_VERSION', 'jdk-17.0.15+6'],
  ['tomcat:9', 'TOMCAT_VERSION', '9.0.106'],
  ['jenkins/jenkins:lts', 'JENKINS_VERSION', '2.504.3'],
  ['rabbitmq:3', 'RABBITMQ_VERSION', '3.13.7'],
  ['wordpress:php8.3', 'PHP_VERSION', '8.3.22'],
  ['nginx:1.27', 'NGINX_VERSION', '1.27.5'],
]
for (const [image, variable, value] of named)
  test(`${image} sets ${variable}=${value}`, () => assert.equal(findImage(image)?.env?.[variable], value))

test('Redis serves its version, and does not start on what a later release saved', () => {
  const later = startImage('redis:7.4')
  later.engine.runUntil(1000)
  assert.match(later.exec('redis-cli', 'info').stdout, /redis_version:7\.4\.5/)
  later.container.signal('SIGTERM')
  later.engine.runUntil(later.engine.nowMs + 5000)
  const older = startImage('redis:7.0', { files: later.files })
  older.engine.runUntil(1000)
  assert.equal(older.exit()?.exitCode, 1)
  assert.match(
    older.stdout(),
    /# Can't handle RDB format version 12\n.* # Fatal error loading the DB, check server logs/,
  )
  const later2 = startImage('redis:8', { files: later.files })
  later2.engine.runUntil(1000)
  assert.match(later2.stdout(), /Ready to accept connections tcp/)
})

test('MongoDB logs words before 4.4, and has the shell of its time', () => {
  const old = startImage('mongo:4.2')
  old.engine.runUntil(5000)
  assert.match(old.stdout(), /I CONTROL {2}\[initandlisten\] db version v4\.2\.24\n/)
  assert.match(old.stdout(), /I NETWORK {2}\[initandlisten\] waiting for connections on port 27017\n/)
  assert.equal(old.exec('mongo', '--eval', 'db.version()').stdout, '4.2.24\n')
  assert.match(old.exec('mongosh').stderr, /executable file not found/)
  const present = startImage('mongo:7')
  present.engine.runUntil(5000)
  assert.match(present.stdout(), /"msg":"Build Info","attr":\{"buildInfo":\{"version":"7\.0\.22"\}\}/)
  assert.match(present.exec('mongo').stderr, /executable file not found/)
})

const clock = { nowEpochMs: () => startEpochMs }

/** Starts a database with a volume where it is told, and waits until it is ready or has ended. */
function database(image: string, env: Record<string, string>, path: string, volume: SizedVolumeTree): Started {
  const found = findImage(image)
  assert.ok(found)
  const files = createFileSystem({ base: layerOf(found), ...clock })
  files.mount(path, volume)
  const started = startImage(image, { env, files })
  started.engine.runUntil(30_000)
  return started
}

const postgres = (image: string, volume: SizedVolumeTree, path = '/var/lib/postgresql/data'): Started =>
  database(image, { POSTGRES_PASSWORD: 'x' }, path, volume)

test('PostgreSQL answers with its version, and leaves the data of another major version alone', () => {
  const volume = createVolumeTree(clock)
  const first = postgres('postgres:15', volume)
  assert.equal(
    first.exec('psql', '-U', 'postgres', '-tAc', 'show server_version').stdout,
    '15.13 (Debian 15.13-1.pgdg120+1)\n',
  )
  assert.match(first.exec('psql', '-U', 'postgres', '-tAc', 'select version()').stdout, /^PostgreSQL 15\.13 \(Debian/)
  assert.equal(volume.files.read('/PG_VERSION'), '15\n')
  first.container.kill()
  const sameMajor = postgres('postgres:15.3', volume)
  assert.match(sameMajor.stderr(), /starting PostgreSQL 15\.3 /)
  sameMajor.container.kill()
  const next = postgres('postgres:16', volume)
  assert.equal(next.exit()?.exitCode, 1)
  assert.match(
    next.stderr(),
    /FATAL: {2}database files are incompatible with server\n.*DETAIL: {2}The data directory was initialized by PostgreSQL version 15, which is not compatible with this version 16\.9 \(Debian 16\.9-1\.pgdg120\+1\)\.\n$/,
  )
})

test('PostgreSQL 18 keeps its data in a directory of its own, and does not start beside what was mounted for older ones', () => {
  const whole = createVolumeTree(clock)
  const fresh = postgres('postgres:18', whole, '/var/lib/postgresql')
  assert.equal(whole.files.read('/18/docker/PG_VERSION'), '18\n')
  fresh.container.kill()
  const volume = createVolumeTree(clock)
  const unused = postgres('postgres:18', volume)
  assert.equal(unused.exit()?.exitCode, 1)
  assert.match(
    unused.stderr(),
    /^Error: in 18\+[\s\S]*there appears to be PostgreSQL data in:\n {9}\/var\/lib\/postgresql\/data \(unused mount\/volume\)\n/,
  )
  postgres('postgres:17', volume).container.kill()
  const upgraded = postgres('postgres', volume)
  assert.equal(upgraded.exit()?.exitCode, 1)
  assert.match(upgraded.stderr(), /there appears to be PostgreSQL data in:\n {9}\/var\/lib\/postgresql\/data\n/)
})

test('MySQL takes over the data of an earlier release, and refuses that of a later one', () => {
  const volume = createVolumeTree(clock)
  const mysql = (image: string): Started => database(image, { MYSQL_ROOT_PASSWORD: 'x' }, '/var/lib/mysql', volume)
  const first = mysql('mysql:8.0.36')
  assert.equal(first.exec('mysql', '-px', '-N', '-e', 'select version()').stdout, '8.0.36\n')
  first.container.kill()
  const next = mysql('mysql:8.4')
  assert.match(next.stdout(), /\[MY-013381\] \[Server\] Server upgrade from '80036' to '80405' completed\./)
  next.container.kill()
  const back = mysql('mysql:8.0')
  assert.equal(back.exit()?.exitCode, 1)
  assert.match(
    back.stderr(),
    /\[ERROR\] \[MY-014061\] \[InnoDB\] Invalid MySQL server downgrade: Cannot downgrade from 80405 to 80042\. Downgrade is only permitted between patch releases\.\n/,
  )
})

test('MariaDB has the names of MySQL only before 11', () => {
  const env = { MARIADB_ROOT_PASSWORD: 'x' }
  for (const [image, ping] of [
    ['mariadb:10.11', 'mysqld is alive\n'],
    ['mariadb:11', ''],
  ] as const) {
    const { engine, exec } = startImage(image, { env })
    engine.runUntil(30_000)
    assert.equal(exec('mysqladmin', 'ping', '-px').stdout, ping)
    assert.equal(exec('mariadb-admin', 'ping', '-px').stdout, 'mysqld is alive\n')
  }
})

test('Python 2 has its own name, and its own module for serving files', () => {
  const { engine, stdout, exec, get } = startImage('python:2.7', {
    command: ['python', '-u', '-m', 'SimpleHTTPServer', '8000'],
  })
  engine.runUntil(1000)
  assert.equal(stdout(), 'Serving HTTP on 0.0.0.0 port 8000 ...\n')
  assert.equal(get(8000, '/')?.headers.Server, 'SimpleHTTP/0.6 Python/2.7.18')
  assert.match(exec('python3').stderr, /executable file not found/)
})

test('an uncaught error names the version of Node.js since 17', () => {
  for (const [image, signed] of [
    ['node:16', false],
    ['node:20', true],
  ] as const) {
    const { engine, stderr } = startImage(image, { command: ['node', '-e', 'throw new Error("no")'] })
    engine.runUntil(1000)
    assert.equal(stderr().endsWith('\nNode.js v20.19.3\n'), signed, stderr())
  }
})

test('Java 8 has no long option for its version, and no shell', () => {
  const { engine, stderr, exit } = startImage('openjdk:8', { command: ['java', '--version'] })
  engine.runUntil(1000)
  assert.match(stderr(), /^Unrecognized option: --version\n/)
  assert.equal(exit()?.exitCode, 1)
  assert.deepEqual(findImage('openjdk:8')?.cmd, ['/bin/bash'])
})
