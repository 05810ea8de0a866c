// Clients of databases in their own images: what probes and learners ask, and what stays over a restart.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startImage } from './start-image.ts'

test('redis-cli pings, sets and gets, and fails without a server', () => {
  const { engine, exec } = startImage('redis:7')
  engine.runUntil(1000)
  assert.deepEqual(exec('redis-cli', 'ping'), { stdout: 'PONG\n', stderr: '', exitCode: 0 })
  assert.equal(exec('redis-cli', 'set', 'k', 'two words').stdout, 'OK\n')
  assert.equal(exec('redis-cli', 'get', 'k').stdout, 'two words\n')
  assert.equal(exec('redis-cli', 'get', 'nope').stdout, '\n')
  assert.equal(exec('redis-cli', 'incr', 'n').stdout, '1\n')
  assert.match(exec('redis-cli', 'nope').stdout, /^ERR unknown command 'nope'/)
  const refused = exec('redis-cli', '-p', '1', 'ping')
  assert.deepEqual(refused, {
    stdout: '',
    stderr: 'Could not connect to Redis at 127.0.0.1:1: Connection refused\n',
    exitCode: 1,
  })
})

test('Redis with a password refuses to answer, though redis-cli exits 0', () => {
  const { engine, exec } = startImage('redis:7', { args: ['redis-server', '--requirepass', 'pw'] })
  engine.runUntil(1000)
  assert.deepEqual(exec('redis-cli', 'ping'), { stdout: 'NOAUTH Authentication required.\n', stderr: '', exitCode: 0 })
  assert.equal(exec('redis-cli', '-a', 'pw', 'ping').stdout, 'PONG\n')
})

test('Redis keeps its keys over a graceful stop, and loses them when it is killed', () => {
  for (const [end, kept] of [
    ['SIGTERM', 'v\n'],
    ['SIGKILL', '\n'],
  ] as const) {
    const first = startImage('redis:7')
    first.engine.runUntil(1000)
    first.exec('redis-cli', 'set', 'k', 'v')
    if (end === 'SIGTERM') first.container.signal(end)
    else first.container.kill()
    first.engine.runUntil(first.engine.nowMs + 5000)
    assert.equal(first.container.isRunning, false)
    const second = startImage('redis:7', { files: first.files })
    second.engine.runUntil(1000)
    assert.equal(second.exec('redis-cli', 'get', 'k').stdout, kept)
  }
})

test('mysql keeps tables over a restart, which needs no password setting and is faster', () => {
  const first = startImage('mysql:8.0', { env: { MYSQL_ROOT_PASSWORD: 'pw', MYSQL_DATABASE: 'shop' } })
  first.engine.runUntil(2000)
  assert.equal(first.exec('mysqladmin', 'ping').exitCode, 1)
  first.engine.runUntil(30_000)
  assert.equal(first.exec('mysqladmin', 'ping', '-ppw').stdout, 'mysqld is alive\n')
  assert.equal(first.exec('mysqladmin', 'ping').exitCode, 0)
  const sql =
    'create table t (id int auto_increment primary key, name varchar(10)); insert into t (name) values ("a"), ("b");'
  assert.deepEqual(first.exec('mysql', '-uroot', '-ppw', 'shop', '-e', sql).exitCode, 0)
  first.container.kill()
  const second = startImage('mysql:8.0', { files: first.files })
  second.engine.runUntil(5000)
  assert.equal(second.exec('mysql', '-ppw', 'shop', '-e', 'select * from t').stdout, 'id\tname\n1\ta\n2\tb\n')
  assert.match(
    second.exec('mysql', '-pno', '-e', 'select 1').stderr,
    /ERROR 1045 \(28000\): Access denied for user 'root'/,
  )
  assert.match(second.exec('mysql', '-ppw', 'shop', '-e', 'select * from u').stderr, /Table 'shop\.u' doesn't exist/)
})

test('psql and pg_isready answer as probes expect', () => {
  const { engine, exec } = startImage('postgres:16', {
    env: { POSTGRES_PASSWORD: 'pw', POSTGRES_DB: 'app', POSTGRES_USER: 'me' },
  })
  engine.runUntil(500)
  assert.deepEqual(exec('pg_isready').exitCode, 2)
  engine.runUntil(10_000)
  assert.deepEqual(exec('pg_isready', '-U', 'me').stdout, '/var/run/postgresql:5432 - accepting connections\n')
  assert.equal(
    exec('psql', '-U', 'me', 'app', '-c', 'select 1').stdout,
    ' ?column? \n----------\n        1\n(1 row)\n\n',
  )
  assert.equal(exec('psql', '-U', 'me', '-d', 'app', '-tAc', 'select 1').stdout, '1\n')
  assert.match(exec('psql', '-U', 'nobody', '-c', 'select 1').stderr, /role "nobody" does not exist/)
  assert.match(exec('psql', '-h', 'db', '-U', 'me', '-c', 'select 1').stderr, /no password supplied/)
  assert.match(
    exec('sh', '-c', 'PGPASSWORD=pw psql -h db -U me app -c "create table t (id serial, n text)"').stdout,
    /CREATE TABLE/,
  )
  assert.match(
    exec('psql', '-U', 'me', 'app', '-c', "insert into t (n) values ('x'); select * from t where n = 'x'").stdout,
    /INSERT 0 1\n[\s\S]*\(1 row\)/,
  )
})

test('databases take no harm from what a learner writes into their files and ports', () => {
  const { engine, exec, ports, files } = startImage('mysql', { env: { MYSQL_ROOT_PASSWORD: 'pw' } })
  engine.runUntil(30_000)
  for (const input of [
    '',
    'null',
    '5',
    '{"user":{}}',
    '{"user":"__proto__","password":null}',
    '{"user":"root","password":"pw","sql":"select constructor()"}',
  ])
    ports.get(3306)?.tcp?.(input, (output) => assert.equal(typeof output, 'string'))
  files.write('/var/lib/mysql/ibdata1', '{"passwords":{"root":"pw"},"databases":{"a":5,"b":{"t":{"columns":1}}}}')
  assert.equal(exec('mysql', '-ppw', '-e', 'show databases').stdout, 'Database\na\nb\n')
})

const scripts: { image: string; argv: string[]; out?: string; err?: RegExp; status: number }[] = [
  { image: 'python:3.12', argv: ['python3', '-c', 'print(1)'], out: '1\n', status: 0 },
  {
    image: 'python:3.12',
    argv: ['python', '-c', 'import sys, time; print("a", "b"); time.sleep(2); sys.exit(3)'],
    out: 'a b\n',
    status: 3,
  },
  {
    image: 'python:3.12',
    argv: ['python', '-c', 'import os; print("HOME is " + os.environ["HOME"])'],
    out: 'HOME is /root\n',
    status: 0,
  },
  { image: 'python:3.12', argv: ['python', '-c', 'raise ValueError("bad")'], err: /ValueError: bad\n$/, status: 1 },
  {
    image: 'python:3.12',
    argv: ['python', '-c', 'x = [i for i in range(3)]'],
    err: /^podium: this program is not simulated\n$/,
    status: 1,
  },
  { image: 'python:3.12', argv: ['python', '/app.py'], err: /can't open file '\/app\.py'/, status: 2 },
  { image: 'node:20', argv: ['node', '-e', 'console.log(1)'], out: '1\n', status: 0 },
  { image: 'node:20', argv: ['node', '-e', 'process.exit(3)'], status: 3 },
  { image: 'node:20', argv: ['node', '-e', 'console.error("x"); process.exit(1)'], err: /^x\n$/, status: 1 },
  { image: 'node:20', argv: ['node', '-e', 'setTimeout(() => process.exit(5), 2000)'], status: 5 },
  { image: 'node:20', argv: ['node', '-e', 'throw new Error("no")'], err: /Error: no/, status: 1 },
  { image: 'node:20', argv: ['node', 'server.js'], err: /Cannot find module '\/server\.js'/, status: 1 },
  { image: 'node:20', argv: ['node', '-e', 'let x = 1; while (x) x++'], err: /not simulated/, status: 1 },
  {
    image: 'perl:5.34.0',
    argv: ['perl', '-Mbignum=bpi', '-wle', 'print bpi(50)'],
    out: '3.1415926535897932384626433832795028841971693993751\n',
    status: 0,
  },
  { image: 'perl', argv: ['perl', '-e', 'print "hi\\n"; exit 4'], out: 'hi\n', status: 4 },
  { image: 'golang', argv: ['go', 'run', '.'], err: /not simulated/, status: 1 },
  {
    image: 'eclipse-temurin:21',
    argv: ['java', '-jar', '/app.jar'],
    err: /Unable to access jarfile \/app\.jar/,
    status: 1,
  },
]
for (const { image, argv, out = '', err = /^$/, status } of scripts)
  test(`${image} runs ${argv.join(' ')}`, () => {
    const { engine, stdout, stderr, exit } = startImage(image, { command: argv })
    engine.runUntil(20_000)
    assert.equal(stdout(), out)
    assert.match(stderr(), err)
    assert.equal(exit()?.exitCode, status)
  })

test('python keeps back what it prints until it ends, unless it is told not to', () => {
  const source = 'import time\nwhile True:\n  print("tick")\n  time.sleep(1)\n'
  for (const [option, seen] of [
    ['-B', false],
    ['-u', true],
  ] as const) {
    const { engine, stdout } = startImage('python:3.12', { command: ['python', option, '-c', source] })
    engine.runUntil(3500)
    assert.equal(stdout().includes('tick'), seen)
  }
})

test('python -m http.server serves and lists a directory', () => {
  const { engine, get, stderr } = startImage('python:3.12', {
    command: ['python', '-m', 'http.server', '8000', '-d', '/etc'],
  })
  engine.runUntil(1000)
  assert.match(get(8000, '/')?.body ?? '', /<a href="passwd">passwd<\/a>/)
  assert.match(get(8000, '/passwd')?.body ?? '', /^root:/)
  assert.equal(get(8000, '/nope')?.status, 404)
  assert.match(stderr(), /"GET \/passwd HTTP\/1\.1" 200 -\n/)
})

test('a web server of one line of node answers', () => {
  const script =
    "require('http').createServer((req, res) => { res.writeHead(201); res.end('made\\n') }).listen(3000, () => console.log('up'))"
  const { engine, get, stdout } = startImage('node:20', { command: ['node', '-e', script] })
  engine.runUntil(1000)
  assert.equal(stdout(), 'up\n')
  assert.deepEqual([get(3000, '/')?.status, get(3000, '/')?.body], [201, 'made\n'])
})

test('agnhost is healthy for ten seconds, exits when asked, and waits when it serves its name', () => {
  const alive = startImage('registry.k8s.io/e2e-test-images/agnhost:2.40', { args: ['liveness'] })
  alive.engine.runUntil(9000)
  assert.equal(alive.get(8080, '/healthz')?.status, 200)
  alive.engine.runUntil(11_000)
  assert.equal(alive.get(8080, '/healthz')?.status, 500)

  const netexec = startImage('registry.k8s.io/e2e-test-images/agnhost:2.40', { args: ['netexec', '--http-port=80'] })
  netexec.engine.runUntil(1000)
  assert.equal(netexec.get(80, '/echo?msg=a%20b&code=418')?.status, 418)
  netexec.get(80, '/exit?code=7')
  netexec.engine.runUntil(2000)
  assert.equal(netexec.exit()?.exitCode, 7)

  const named = startImage('registry.k8s.io/e2e-test-images/agnhost:2.40', { args: ['serve-hostname'] })
  named.engine.runUntil(1000)
  assert.equal(named.get(9376, '/')?.body, 'p')
  named.container.signal('SIGTERM')
  named.engine.runUntil(31_000)
  assert.equal(named.exit(), undefined)

  const paused = startImage('registry.k8s.io/e2e-test-images/agnhost:2.40')
  paused.engine.runUntil(1000)
  paused.container.signal('SIGTERM')
  paused.engine.runUntil(2000)
  assert.equal(paused.exit()?.exitCode, 2)
})
