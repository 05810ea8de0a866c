// Images whose tags are releases: what each says of its version, and what a later release left behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findImage, images } from '../../sim/images/registry.ts'
import { eachRelease, isAtLeast } from '../../sim/images/releases.ts'
import { startImage } from './start-image.ts'

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
