/** nginx: serves /usr/share/nginx/html on port 80, logs each request, ends on SIGQUIT (gracefully) or SIGTERM. */
import type { HttpRequest, HttpResponse } from '../network/types.ts'
import { kernelVersion } from '../runtime/kernel-version.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { starMatcher } from '../text/star-pattern.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { dateFormatter } from './programs/date-format.ts'
import { curl } from './programs/network.ts'
import { openssl } from './programs/openssl/openssl.ts'
import { findDocument, isLoopback, listenOrComplain, mediaTypes, response, untilSignal } from './programs/web-server.ts'
import { eachRelease, type Releases } from './releases.ts'

const reasons: Record<number, string> = {
  301: 'Moved Permanently',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
}

const httpDate = '%a, %d %b %Y %H:%M:%S GMT'
const answeredAt = dateFormatter(httpDate)
const modifiedAt = dateFormatter(httpDate)
const notedAt = dateFormatter('%Y/%m/%d %H:%M:%S')
const loggedAt = dateFormatter('%d/%b/%Y:%H:%M:%S +0000')

/** What nginx answers, by its own page for each error. */
function answer(process: Process, version: string, root: string, request: HttpRequest): HttpResponse {
  const nowEpochMs = process.nowEpochMs()
  const page = (status: number, more?: Record<string, string>): HttpResponse =>
    errorPage(nowEpochMs, version, status, more)
  if (request.method !== 'GET' && request.method !== 'HEAD') return page(405)
  const found = findDocument(process, root, request.path)
  if (found.kind === 'missing') return page(404)
  if (found.kind === 'forbidden') return page(403)
  if (found.kind === 'redirect') return page(301, { Location: `http://${request.host}${found.location}` })
  const type = mediaTypes[found.path.slice(found.path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
  const body = request.method === 'HEAD' ? '' : found.body
  return {
    status: 200,
    headers: {
      'Content-Length': String(body.length),
      Server: `nginx/${version}`,
      Date: answeredAt(nowEpochMs),
      'Content-Type': type,
      'Last-Modified': modifiedAt(found.modifiedEpochMs),
      'Accept-Ranges': 'bytes',
    },
    body,
  }
}

function errorPage(
  nowEpochMs: number,
  version: string,
  status: number,
  more: Record<string, string> = {},
): HttpResponse {
  const title = `${status} ${reasons[status]}`
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`
  return response(status, body, {
    Server: `nginx/${version}`,
    Date: answeredAt(nowEpochMs),
    'Content-Type': 'text/html',
    ...more,
  })
}

interface Site {
  /** Whether each is bound to the loopback address alone. */
  ports: Map<number, boolean>
  root: string
}

/** The parts of the configuration that are understood: `listen` and `root`. A string is what is wrong with it. */
function readSite(process: Process): Site | string {
  const site: Site = { ports: new Map(), root: '/usr/share/nginx/html' }
  const directory = '/etc/nginx/conf.d'
  const names = process.files.exists(directory)
    ? process.files.list(directory).filter((name) => name.endsWith('.conf'))
    : []
  for (const name of names) {
    const text = process.files.read(`${directory}/${name}`).replace(/#.*$/gm, '')
    const depth = (text.match(/\{/g)?.length ?? 0) - (text.match(/\}/g)?.length ?? 0)
    if (depth > 0) return `unexpected end of file, expecting "}" in ${directory}/${name}:${text.split('\n').length}`
    if (depth < 0) return `unexpected "}" in ${directory}/${name}:${text.split('\n').length}`
    for (const [, address, port] of text.matchAll(/\blisten\s+(?:([\w.[\]:*]+):)?(\d+)[^;]*;/g)) {
      const isLocal = isLoopback(address) && site.ports.get(Number(port)) !== false
      site.ports.set(Number(port), isLocal)
    }
    site.root = /\broot\s+([^;]+);/.exec(text)?.[1].trim() ?? site.root
  }
  return site
}

const MAIN = '/etc/nginx/nginx.conf'

/** All files of the configuration: each that is included behind the one that does. */
function dumpOf(process: Process): string {
  const { files } = process
  const told = new Set<string>()
  const tell = (path: string): string => {
    if (told.has(path) || !files.exists(path)) return ''
    told.add(path)
    const text = files.read(path)
    const names = [...text.replace(/#.*$/gm, '').matchAll(/\binclude\s+([^;]+);/g)].map(([, name]) => name!.trim())
    const included = names.map((name) => (name.startsWith('/') ? name : `/etc/nginx/${name}`)).flatMap(matching)
    return `# configuration file ${path}:\n${text}\n${included.map(tell).join('')}`
  }
  const matching = (path: string): string[] => {
    const [, folder = '/', name = ''] = /^(.*)\/([^/]*)$/.exec(path) ?? []
    if (!name.includes('*')) return [path]
    const matches = starMatcher(name)
    return files.exists(folder)
      ? files
          .list(folder)
          .filter(matches)
          .map((each) => `${folder}/${each}`)
      : []
  }
  return tell(MAIN)
}

const nginxProgram = (version: string): Program =>
  function* (process) {
    const notice = (text: string): void =>
      process.stderr.write(`${notedAt(process.nowEpochMs())} [notice] ${process.pid}#${process.pid}: ${text}\n`)
    const emergency = (text: string): void =>
      process.stderr.write(
        `${notedAt(process.nowEpochMs())} [emerg] ${process.pid}#${process.pid}: ${text}\nnginx: [emerg] ${text}\n`,
      )
    const args = process.argv.slice(1)
    if (args.includes('-v')) {
      process.stderr.write(`nginx version: nginx/${version}\n`)
      return 0
    }
    const tests = args.some((word) => /^-q?[tT]$/.test(word))
    const site = readSite(process)
    if (typeof site === 'string') {
      emergency(site)
      if (tests) process.stderr.write('nginx: configuration file /etc/nginx/nginx.conf test failed\n')
      return 1
    }
    if (tests) {
      const isQuiet = args.some((word) => word.startsWith('-q'))
      if (!isQuiet)
        process.stderr.write(
          'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n',
        )
      if (args.some((word) => /T$/.test(word))) process.stdout.write(dumpOf(process))
      return 0
    }
    const signalName = args[args.indexOf('-s') + 1]
    if (args.includes('-s')) {
      const signal = { stop: 'SIGTERM', quit: 'SIGQUIT', reload: 'SIGHUP' }[signalName] as 'SIGTERM' | undefined
      if (!signal) {
        process.stderr.write(`nginx: invalid option: "-s ${signalName ?? ''}"\n`)
        return 1
      }
      notice('signal process started')
      return process.kill(
        Number(process.files.exists('/var/run/nginx.pid') ? process.files.read('/var/run/nginx.pid') : 1),
        signal,
      )
        ? 0
        : 1
    }
    process.useMemory(6 * 1024 * 1024)
    process.useCpu(1)
    const closers: (() => void)[] = []
    for (const [port, isLocal] of site.ports) {
      const close = listenOrComplain(
        process,
        port,
        (request, reply) => {
          const result = answer(process, version, site.root, request)
          process.stdout.write(
            `${request.clientIP ?? '127.0.0.1'} - - [${loggedAt(process.nowEpochMs())}] "${request.method} ${request.path} HTTP/1.1" ${result.status} ${result.body.length} "-" "${request.headers['User-Agent'] ?? request.headers['user-agent'] ?? '-'}" "-"\n`,
          )
          reply(result)
        },
        () => emergency(`bind() to ${isLocal ? '127.0.0.1' : '0.0.0.0'}:${port} failed (98: Address already in use)`),
        isLocal,
      )
      if (!close) {
        for (const other of closers) other()
        return 1
      }
      closers.push(close)
    }
    notice('using the "epoll" event method')
    notice(`nginx/${version}`)
    notice(`OS: Linux ${kernelVersion}`)
    notice('start worker processes')
    notice('start worker process 29')
    for (;;) {
      const signal = yield* waitFor(untilSignal(process, ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP']))
      if (signal === 'SIGHUP') {
        notice('signal 1 (SIGHUP) received, reconfiguring')
        const next = readSite(process)
        if (typeof next === 'string') emergency(next)
        else site.root = next.root
        continue
      }
      notice(
        signal === 'SIGQUIT'
          ? 'signal 3 (SIGQUIT) received, shutting down'
          : `signal ${signal === 'SIGTERM' ? '15 (SIGTERM)' : '2 (SIGINT)'} received, exiting`,
      )
      for (const close of closers) close()
      notice('exit')
      return 0
    }
  }

/** The image's script: prepares the configuration, then becomes nginx; any other command it just becomes. */
const entrypoint: Program = function* (process) {
  const argv = process.argv.slice(1)
  if (argv[0] === 'nginx' || argv[0] === 'nginx-debug') {
    const say = (text: string): void => process.stdout.write(`/docker-entrypoint.sh: ${text}\n`)
    say('/docker-entrypoint.d/ is not empty, will attempt to perform configuration')
    say('Looking for shell scripts in /docker-entrypoint.d/')
    say('Configuration complete; ready for start up')
  }
  const wait = process.exec({ argv })
  if (!('error' in wait)) return yield* waitFor(wait)
  process.stderr.write(
    `/docker-entrypoint.sh: exec: line 47: ${argv[0]}: ${wait.error === 'not-found' ? 'not found' : 'Permission denied'}\n`,
  )
  return wait.error === 'not-found' ? 127 : 126
}

const welcome = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>This web server runs in your cluster and works.</p>
</body>
</html>
`

/** What tags stand for. */
const releases: Releases = {
  '1.29.0': ['latest', 'mainline', '1', '1.29', '1.29.0'],
  '1.28.0': ['stable', '1.28', '1.28.0'],
  '1.27.5': ['1.27', '1.27.5'],
  '1.26.3': ['1.26', '1.26.3'],
  '1.25.5': ['1.25', '1.25.5'],
  '1.24.0': ['1.24', '1.24.0'],
  '1.23.4': ['1.23', '1.23.4'],
  '1.21.6': ['1.21', '1.21.6'],
  '1.19.10': ['1.19', '1.19.10'],
  '1.16.1': ['1.16', '1.16.1'],
  '1.14.2': ['1.14', '1.14.2'],
}

/** Each says its version in its log, its headers and its error pages. */
export const nginxRelease = (version: string): Omit<Image, 'tags'> => ({
  repositories: ['nginx'],
  sizeBytes: 72_000_000,
  base: 'debian:bookworm-slim',
  variants: { alpine: { base: 'alpine:3.22', sizeBytes: 20_500_000 } },
  entrypoint: ['/docker-entrypoint.sh'],
  cmd: ['nginx', '-g', 'daemon off;'],
  env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', NGINX_VERSION: version },
  exposedPorts: [80],
  stopSignal: 'SIGQUIT',
  files: {
    ...debianFiles,
    '/etc/nginx/nginx.conf':
      'user nginx;\nworker_processes auto;\nevents { worker_connections 1024; }\nhttp { include /etc/nginx/conf.d/*.conf; }\n',
    '/etc/nginx/conf.d/default.conf':
      'server {\n    listen       80;\n    server_name  localhost;\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n',
    '/usr/share/nginx/html/index.html': welcome,
    '/usr/share/nginx/html/50x.html':
      '<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>An error occurred.</h1></body></html>\n',
    '/var/log/nginx/access.log': '-> /dev/stdout',
    '/var/log/nginx/error.log': '-> /dev/stderr',
    '/var/cache/nginx/': '',
    '/etc/passwd': `${debianFiles['/etc/passwd']}nginx:x:101:101:nginx user:/nonexistent:/bin/false\n`,
    '/etc/group': `${debianFiles['/etc/group']}nginx:x:101:\n`,
  },
  programs: {
    ...debianPrograms,
    '/usr/sbin/nginx': nginxProgram(version),
    '/docker-entrypoint.sh': entrypoint,
    '/usr/bin/curl': curl,
    '/usr/bin/openssl': openssl,
  },
})

export const nginxReleases = eachRelease(releases, ['alpine'], nginxRelease)

/** The newest release, for images that are made of it. */
export const nginx: Image = nginxReleases[0]

/** nginx for those who must not be root: user 101, port 8080. */
export const nginxUnprivilegedReleases: readonly Image[] = nginxReleases.map((release) => ({
  ...release,
  repositories: ['nginxinc/nginx-unprivileged', 'nginx/nginx-unprivileged'],
  user: '101',
  exposedPorts: [8080],
  files: {
    ...release.files,
    '/etc/nginx/conf.d/default.conf':
      'server {\n    listen       8080;\n    server_name  localhost;\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n',
  },
}))

/** The nginx of the StatefulSet tutorials. */
export const nginxSlim: Image = {
  ...nginx,
  repositories: ['nginx-slim', 'google_containers/nginx-slim'],
  tags: ['0.8', '0.9', '0.21', '0.24', '0.26', '0.27'],
  sizeBytes: 41_000_000,
}
