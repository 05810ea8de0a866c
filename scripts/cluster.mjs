/**
 * The site as several processes on this machine, to try: `npm run cluster [-- --webs 2 --port 3000]`. PostgreSQL, pgbouncer before it and HAProxy
 * before the servers are Debian's packages (apt-get install postgresql pgbouncer haproxy); without the latter two it does without them, and says so.
 * All of it, data included, is gone at the end (Ctrl-C).
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { webs: { type: 'string', default: '2' }, port: { type: 'string', default: '3000' } },
})
const [webs, port] = [Number(values.webs), Number(values.port)]
if (!(webs >= 1 && webs <= 20 && port > 0 && port < 65_000)) {
  console.error('npm run cluster -- [--webs 1 to 20] [--port PORT]')
  process.exit(2)
}
/** The servers listen behind the balancer's port, and for each other behind theirs. */
const portOf = (n) => port + 1 + n
const peerPortOf = (n) => port + 101 + n
const poolerPort = port + 201

const folder = mkdtempSync(join(tmpdir(), 'podium-cluster-'))
const processes = []
let isEnding = false

function run(name, command, args, env = {}) {
  // Ctrl-C is for this process alone, which ends them in order.
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => console.log(`${name}: ${line}`))
  child.once('exit', (code) => {
    if (!isEnding) console.log(`${name}: ended with ${code}`)
  })
  processes.unshift({ name, child })
  return child
}

async function end(code) {
  if (isEnding) return
  isEnding = true
  // Who is in front first: what is under way comes to its end.
  for (const { child } of processes) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const isGone = once(child, 'exit')
    child.kill('SIGTERM')
    await isGone
  }
  rmSync(folder, { recursive: true, force: true })
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void end(0))

const built = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] })
if (built.status !== 0) await end(1)

const database = spawn(process.execPath, ['scripts/postgres.mjs', '--durable'], {
  stdio: ['pipe', 'pipe', 'inherit'],
  detached: true,
})
processes.unshift({ name: 'postgres', child: database })
const [first] = await Promise.race([once(createInterface({ input: database.stdout }), 'line'), once(database, 'exit')])
if (typeof first !== 'string') await end(1)
const direct = first.replace('DATABASE_URL=', '')
console.log(`postgres: ${direct}`)

const storage = { STORAGE: 'postgres', DATABASE_URL: direct }
if (existsSync('/usr/sbin/pgbouncer')) {
  const socket = new URL(direct.replace('postgres@/', 'postgres@x/')).searchParams.get('host')
  const config = join(folder, 'pgbouncer.ini')
  writeFileSync(join(folder, 'users.txt'), '"postgres" ""\n')
  writeFileSync(
    config,
    [
      '[databases]',
      `* = host=${socket}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${poolerPort}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${join(folder, 'users.txt')}`,
      'pool_mode = transaction',
      'default_pool_size = 20',
      'max_client_conn = 500',
      '',
    ].join('\n'),
  )
  // As root it refuses to run: it gets the user that PostgreSQL has.
  const asUser = process.getuid() === 0 ? ['-u', 'postgres'] : []
  if (asUser.length > 0) {
    chmodSync(folder, 0o755)
    const { uid, gid } = statSync(socket)
    for (const name of ['users.txt', 'pgbouncer.ini']) chownSync(join(folder, name), uid, gid)
  }
  run('pgbouncer', '/usr/sbin/pgbouncer', ['-q', ...asUser, config])
  storage.DATABASE_URL = `postgres://postgres@127.0.0.1:${poolerPort}/postgres`
  storage.DATABASE_DIRECT_URL = direct
} else console.log('pgbouncer: not installed, the servers connect to PostgreSQL')

const hasBalancer = existsSync('/usr/sbin/haproxy')
for (let n = 0; n < webs; n++)
  run(`web ${n + 1}`, process.execPath, ['--enable-source-maps', 'dist/server/index.js'], {
    ...storage,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(portOf(n)),
    PEER_URL: `http://127.0.0.1:${peerPortOf(n)}`,
    TRUST_PROXY: hasBalancer ? '1' : '0',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
  })

if (hasBalancer) {
  const config = join(folder, 'haproxy.cfg')
  const servers = Array.from({ length: webs }, (_, n) => `  server web${n + 1} 127.0.0.1:${portOf(n)} check inter 500`)
  writeFileSync(
    config,
    [
      'defaults',
      '  mode http',
      '  timeout connect 5s',
      '  timeout client 1h',
      '  timeout server 1h',
      '  option forwardfor',
      '  option redispatch',
      '  retries 3',
      'listen site',
      `  bind 127.0.0.1:${port}`,
      '  balance roundrobin',
      '  option httpchk GET /readyz',
      ...servers,
      '',
    ].join('\n'),
  )
  run('haproxy', '/usr/sbin/haproxy', ['-db', '-q', '-f', config])
  console.log(`The site is at http://localhost:${port}, in ${webs} servers behind HAProxy. Ctrl-C ends it.`)
} else {
  console.log('haproxy: not installed, so each server is asked by itself')
  for (let n = 0; n < webs; n++) console.log(`The site is at http://localhost:${portOf(n)} as well.`)
}
