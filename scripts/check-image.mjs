/**
 * Proves the container image without Docker: `npm run check:image`. Lints the Dockerfile, does its steps in folders of this machine on the tracked
 * files, and starts what comes of it as the image does: as its user where this is root, on folders that it cannot write. What this cannot show is what
 * the base image brings.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lintDockerfile, parseDockerfile, stagesOf } from './image/dockerfile.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const patienceMs = 60_000
const say = (text) => console.log(`check:image: ${text}`)

const text = readFileSync(join(root, 'Dockerfile'), 'utf8')
const ignored = readFileSync(join(root, '.dockerignore'), 'utf8')
const problems = lintDockerfile(text, ignored)
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
say('the Dockerfile has no problems')
const home = mkdtempSync(join(tmpdir(), 'podium-image-'))
try {
  const last = buildStages()
  await start(last)
} catch (error) {
  console.error(`check:image: ${error.message}`)
  process.exitCode = 1
} finally {
  // Whoever is not root has made it read-only.
  spawnSync('chmod', ['-R', 'u+w', home])
  rmSync(home, { recursive: true, force: true })
}

/**
 * Does what each stage says, in a folder that stands for its root: the same for all, one after the other, since paths are the same in all of them.
 * @returns the last one
 */
function buildStages() {
  const folders = new Map()
  let made
  for (const [n, { as, instructions }] of stagesOf(parseDockerfile(text)).entries()) {
    const stage = { folder: join(home, 'root'), workdir: '/', env: {}, user: '0:0', cmd: [] }
    mkdirSync(stage.folder)
    for (const { line, name, rest } of instructions) {
      const sinceMs = performance.now()
      if (name === 'WORKDIR') {
        stage.workdir = resolve(stage.workdir, rest)
        mkdirSync(join(stage.folder, stage.workdir), { recursive: true })
      } else if (name === 'COPY') copy(stage, folders, rest)
      else if (name === 'RUN') run(stage, rest)
      else if (name === 'ENV') for (const [, key, value] of rest.matchAll(/(\w+)=(\S+)/g)) stage.env[key] = value
      else if (name === 'USER') stage.user = rest
      else if (name === 'CMD') stage.cmd = JSON.parse(rest)
      else if (!['FROM', 'ARG', 'EXPOSE', 'HEALTHCHECK'].includes(name))
        throw new Error(`Dockerfile:${line}: ${name} is not known here`)
      if (name === 'RUN') say(`${rest} (${((performance.now() - sinceMs) / 1000).toFixed(1)} s)`)
    }
    made = stage
    if (!as) continue
    folders.set(as, join(home, String(n)))
    renameSync(stage.folder, folders.get(as))
  }
  return made
}

/** Of the context the tracked files that .dockerignore leaves. */
function copy(stage, folders, rest) {
  const [, from, source, target] = /^(?:--from=(\S+)\s+)?(\S+)\s+(\S+)$/.exec(rest) ?? []
  if (!target) throw new Error(`COPY ${rest} is not known here`)
  const to = join(stage.folder, resolve(stage.workdir, target))
  if (from) {
    const path = join(folders.get(from), source)
    return cpSync(path, target.endsWith('/') ? join(to, source.split('/').at(-1)) : to, {
      recursive: true,
      verbatimSymlinks: true,
    })
  }
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  const without = ignored.split('\n').filter((line) => /^[\w./-]+$/.test(line))
  for (const path of stdout.split('\0').filter(Boolean))
    if (existsSync(join(root, path)) && !without.some((entry) => path === entry || path.startsWith(`${entry}/`)))
      cpSync(join(root, path), join(to, path))
}

/** Absolute paths of the image's root are those of the stage's folder. */
function run(stage, line) {
  const here = line.replace(/(^|\s)(\/(?:data|app)\b)/g, (_, space, path) => `${space}${join(stage.folder, path)}`)
  const asRoot = process.getuid() === 0 ? here : here.replace(/-[og] \d+ ?/g, '')
  const { status, stdout, stderr } = spawnSync('sh', ['-c', asRoot], {
    cwd: join(stage.folder, stage.workdir),
    env: { ...process.env, npm_config_prefer_offline: 'true', ...stage.env },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(`RUN ${line} ended with ${status}:\n${stdout}${stderr}`.slice(-4000))
}

/** Starts it, asks for pages, has it end; nothing outside of its data may have been written. */
async function start({ folder, workdir, env, user, cmd }) {
  const [uid, gid] = user.split(':').map(Number)
  const isRoot = process.getuid() === 0
  const data = join(folder, 'data')
  if (statSync(data).mode & 0o077) throw new Error('/data is open to others')
  // The way to the folder is for everybody; what is in it stays root's, as in the image.
  if (isRoot) spawnSync('chmod', ['a+rx', home, folder])
  else spawnSync('chmod', ['-R', 'a-w', join(folder, workdir)])
  const scratch = join(folder, 'tmp')
  mkdirSync(scratch)
  if (isRoot) chownSync(scratch, uid, gid)
  const before = marksOf(join(folder, workdir))
  const child = spawn(cmd[0] === 'node' ? process.execPath : cmd[0], cmd.slice(1), {
    ...{ cwd: join(folder, workdir), stdio: ['ignore', 'pipe', 'pipe'] },
    ...(isRoot ? { uid, gid } : {}),
    env: {
      PATH: process.env.PATH,
      ...env,
      HOST: '127.0.0.1',
      PORT: '0',
      METRICS_PORT: '0',
      WORKERS: '1',
      TMPDIR: scratch,
      DATA_DIR: join(folder, env.DATA_DIR),
    },
  })
  let printed = ''
  try {
    const ended = once(child, 'close')
    const sinceMs = performance.now()
    const port = await new Promise((done, fail) => {
      setTimeout(() => fail(new Error(`it does not listen:\n${printed}`)), patienceMs).unref()
      ended.then(([code]) => fail(new Error(`it ended with ${code}:\n${printed}`)))
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (part) => {
          printed += part
          const found = /Podium is at http:\/\/localhost:(\d+)/.exec(printed)?.[1]
          if (found) done(found)
        })
    })
    say(`it listens as ${isRoot ? user : 'the present user'} (${((performance.now() - sinceMs) / 1000).toFixed(1)} s)`)
    if (printed.includes('The content was read')) throw new Error('content was not compiled by the build')
    for (const path of [
      '/healthz',
      '/',
      '/challenges',
      '/static/generated/editor.js',
      '/static/vendor/htmx.js',
      '/static/vendor/xterm.js',
      '/readyz',
    ]) {
      let status = 0
      for (const untilMs = performance.now() + patienceMs; status !== 200 && performance.now() < untilMs; ) {
        status = (await fetch(`http://127.0.0.1:${port}${path}`)).status
        if (path !== '/readyz') break
      }
      if (status !== 200) throw new Error(`${path} answers ${status}\n${printed}`)
    }
    const metrics = await (await fetch(/metrics are at (http:\S+metrics)/.exec(printed)[1])).text()
    if (!/^podium_build_info\{build="[0-9a-f]+",engine="\d+\.\d+\.\d+".*\} 1$/m.test(metrics))
      throw new Error(`its metrics do not name the build and the engine:\n${metrics.slice(0, 2000)}`)
    say('its pages answer, it is ready, and its metrics name what runs')
    // Of the running server, into its own place for passing files.
    const backup = spawnSync(process.execPath, ['dist/server/backup.js', join(scratch, 'backup')], {
      ...{ cwd: join(folder, workdir), encoding: 'utf8', ...(isRoot ? { uid, gid } : {}) },
      env: { ...env, PATH: process.env.PATH, DATA_DIR: join(folder, env.DATA_DIR) },
    })
    if (backup.status !== 0) throw new Error(`no backup: ${backup.stdout}${backup.stderr}`)
    child.kill('SIGTERM')
    const [code] = await ended
    if (code !== 0) throw new Error(`it ended with ${code}:\n${printed}`)
    if (!existsSync(join(folder, env.DATA_DIR, 'session-secret')))
      throw new Error(`nothing was stored in ${env.DATA_DIR}`)
    if (marksOf(join(folder, workdir)) !== before) throw new Error('something was written outside of /data')
    say('it ended with 0 and wrote nothing outside of /data. All is well.')
  } finally {
    child.kill('SIGKILL')
  }
}

/** Names, sizes and times of all files. */
function marksOf(folder) {
  const { stdout } = spawnSync('find', ['.', '-not', '-path', './node_modules/*', '-printf', '%p %s %T@\n'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return stdout.split('\n').sort().join('\n')
}
