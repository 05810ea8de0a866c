/**
 * A throw-away PostgreSQL on a unix socket in a temporary folder, from the binaries that Debian's package puts below /usr/lib/postgresql:
 * `npm run postgres` prints its DATABASE_URL and keeps it until Ctrl-C, or until its input ends. What is in it is gone then.
 *
 * Lines on its input: `stop` and `start` stop and start the server, the data stays. With `--shared NAME` it is for all who connect to the
 * abstract socket of that name, and ends when the last of them is gone: tests have one for all (test/postgres.ts).
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { shared: { type: 'string' }, durable: { type: 'boolean', default: false } } })
const prefix = 'podium-postgres-'
/** Without anybody who uses it. */
const idleMs = 5000

const bin = newestBinaries('/usr/lib/postgresql')
if (!bin) {
  console.error('There is no PostgreSQL below /usr/lib/postgresql: apt-get install postgresql')
  process.exit(2)
}
const owner = ownerOfServer()
removeLeftovers()
const folder = mkdtempSync(join(tmpdir(), prefix))
if (owner) chownSync(folder, owner.uid, owner.gid)
const data = join(folder, 'data')
const url = (database) => `postgres://postgres@/${database}?host=${folder}`
let server
let isEnding = false

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0))
try {
  await (values.shared === undefined ? keepForInput() : keepForClients(values.shared))
} catch (error) {
  console.error(String(error.message))
  await end(1)
}

async function keepForInput() {
  create()
  await start()
  console.log(`DATABASE_URL=${url('postgres')}`)
  const acts = { start, stop }
  for await (const line of createInterface({ input: process.stdin })) {
    const act = Object.hasOwn(acts, line.trim()) ? line.trim() : undefined
    if (act) await acts[act]()
    console.log(act ? `done ${act}` : `there is no ${line}, only stop and start`)
  }
  await end(0)
}

/** Whoever connects is told where it is, once it runs. */
async function keepForClients(name) {
  const clients = new Set()
  let idle
  const isReady = deferred()
  const rest = () => {
    clearTimeout(idle)
    if (clients.size === 0) idle = setTimeout(() => void end(0), idleMs)
  }
  const listener = net.createServer((client) => {
    clients.add(client)
    clearTimeout(idle)
    const leave = () => {
      clients.delete(client)
      rest()
    }
    client.on('close', leave).on('error', () => client.destroy())
    client.resume()
    void isReady.promise.then(() => client.write(`${folder}\n`))
  })
  // Another one was faster: whoever wants it finds that one.
  listener.once('error', () => void end(0))
  listener.listen(`\0${name}`)
  await once(listener, 'listening')
  rest()
  create()
  await start()
  isReady.resolve()
}

function create() {
  // By the user of the server, which is not root: initdb refuses that.
  const { status, stderr, stdout } = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-A', 'trust', '--no-sync'],
    { ...owner, encoding: 'utf8', cwd: folder },
  )
  if (status !== 0) throw new Error(`initdb failed: ${stderr || stdout}`)
  // One user has to show a password: for tests of wrong ones.
  writeFileSync(join(data, 'pg_hba.conf'), 'local all guarded scram-sha-256\nlocal all all trust\n')
}

async function start() {
  const settings = {
    ...{ listen_addresses: '', unix_socket_directories: folder, max_connections: 400, shared_buffers: '64MB' },
    // A client that has no password leaves its connection as it is, and nothing can be dropped meanwhile.
    authentication_timeout: '2s',
    ...(values.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // So that it ends with this process even when that is killed.
  const ended = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'QUIT'] : []
  const as = ended.length > 0 && owner ? [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'] : []
  const [command, ...args] = [...ended, ...as, join(bin, 'postgres'), '-D', data, ...given]
  const child = spawn(command, args, {
    ...(ended.length === 0 ? owner : {}),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  server = child
  let told = ''
  child.stderr.setEncoding('utf8').on('data', (part) => {
    told = `${told}${part}`.slice(-4000)
  })
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries > 300) throw new Error(`PostgreSQL does not start: ${told}`)
    // It listens before it lets anybody in.
    if (spawnSync(join(bin, 'pg_isready'), ['-q', '-h', folder]).status === 0) return
    await new Promise((done) => setTimeout(done, 100))
  }
}

async function stop() {
  if (!server || server.exitCode !== null || server.signalCode !== null) return
  const isGone = once(server, 'exit')
  // Fast: whoever is connected is sent away.
  server.kill('SIGINT')
  await isGone
}

async function end(code) {
  if (isEnding) return
  isEnding = true
  if (server && server.exitCode === null && server.signalCode === null) {
    const isGone = once(server, 'exit')
    server.kill('SIGQUIT')
    await isGone
  }
  rmSync(folder, { recursive: true, force: true })
  process.exit(code)
}

/** Those whose server is gone, since somebody killed what would have removed them. */
function removeLeftovers() {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(prefix))) {
    const left = join(tmpdir(), name)
    try {
      const isYoung = Date.now() - statSync(left).mtimeMs < 60_000
      const pid = existsSync(join(left, 'data/postmaster.pid'))
        ? Number(readFileSync(join(left, 'data/postmaster.pid'), 'utf8').split('\n')[0])
        : undefined
      if (!isYoung && (pid === undefined || !existsSync(`/proc/${pid}`))) rmSync(left, { recursive: true, force: true })
    } catch {
      // Somebody else's, or somebody else removes it now.
    }
  }
}

function newestBinaries(root) {
  const versions = existsSync(root) ? readdirSync(root).filter((name) => /^\d+$/.test(name)) : []
  return versions
    .sort((a, b) => b - a)
    .map((version) => join(root, version, 'bin'))
    .find((path) => existsSync(join(path, 'initdb')) && existsSync(join(path, 'postgres')))
}

/** Whom the server runs as: root may not. */
function ownerOfServer() {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user = ['postgres', 'nobody'].map((name) => users.find(([one]) => one === name)).find((one) => one)
  if (!user) throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody')
  return { uid: Number(user[2]), gid: Number(user[3]) }
}

function deferred() {
  let resolve
  const promise = new Promise((done) => {
    resolve = done
  })
  return { promise, resolve }
}
