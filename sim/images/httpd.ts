/** Apache httpd: serves /usr/local/apache2/htdocs on port 80. */
import type { HttpRequest, HttpResponse } from '../network/types.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { formatDate } from './programs/date-format.ts'
import { findDocument, listenOrComplain, mediaTypes, response, untilSignal } from './programs/web-server.ts'

const root = '/usr/local/apache2/htdocs'
const version = '2.4.65'
const server = `Apache/${version} (Unix)`

function answer(process: Process, request: HttpRequest): HttpResponse {
  const headers = { Server: server, Date: formatDate(process.nowEpochMs(), '%a, %d %b %Y %H:%M:%S GMT') }
  const page = (status: number, title: string, text: string, more: Record<string, string> = {}): HttpResponse =>
    response(
      status,
      `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`,
      { ...headers, 'Content-Type': 'text/html; charset=iso-8859-1', ...more },
    )
  const found = findDocument(process, root, request.path)
  if (found.kind === 'missing') return page(404, 'Not Found', 'The requested URL was not found on this server.')
  if (found.kind === 'forbidden') return page(403, 'Forbidden', "You don't have permission to access this resource.")
  if (found.kind === 'redirect') {
    const location = `http://${request.host}${found.location}`
    return page(301, 'Moved Permanently', `The document has moved <a href="${location}">here</a>.`, {
      Location: location,
    })
  }
  const type = mediaTypes[found.path.slice(found.path.lastIndexOf('.') + 1)] ?? 'text/plain'
  return response(200, request.method === 'HEAD' ? '' : found.body, { ...headers, 'Content-Type': type })
}

const httpdProgram: Program = function* (process) {
  if (process.argv.slice(1).some((word) => word === '-v' || word === '-V')) {
    process.stdout.write(`Server version: ${server}\n`)
    return 0
  }
  const notice = (code: string, text: string): void =>
    process.stderr.write(`[${formatDate(process.nowEpochMs(), '%a %b %d %H:%M:%S.000000 %Y')}] [${code}] ${text}\n`)
  process.useMemory(8 * 1024 * 1024)
  process.useCpu(1)
  process.stderr.write(
    `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${process.network.ip}. Set the 'ServerName' directive globally to suppress this message\n`,
  )
  const close = listenOrComplain(
    process,
    80,
    (request, reply) => {
      const result = answer(process, request)
      process.stdout.write(
        `${request.clientIP ?? '127.0.0.1'} - - [${formatDate(process.nowEpochMs(), '%d/%b/%Y:%H:%M:%S +0000')}] "${request.method} ${request.path} HTTP/1.1" ${result.status} ${result.body.length}\n`,
      )
      reply(result)
    },
    () =>
      process.stderr.write(
        '(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n',
      ),
  )
  if (!close) return 1
  notice(
    'mpm_event:notice',
    `[pid ${process.pid}:tid ${process.pid}] AH00489: ${server} configured -- resuming normal operations`,
  )
  notice('core:notice', `[pid ${process.pid}:tid ${process.pid}] AH00094: Command line: 'httpd -D FOREGROUND'`)
  const signal = yield* waitFor(untilSignal(process, ['SIGTERM', 'SIGINT', 'SIGWINCH']))
  close()
  notice(
    'mpm_event:notice',
    signal === 'SIGWINCH'
      ? `[pid ${process.pid}:tid ${process.pid}] AH00492: caught SIGWINCH, shutting down gracefully`
      : `[pid ${process.pid}:tid ${process.pid}] AH00491: caught SIGTERM, shutting down`,
  )
  return 0
}

export const httpd: Image = {
  repositories: ['httpd'],
  tags: ['2', '2.4', '2.4.65', 'latest', '2.4-alpine', 'alpine'],
  sizeBytes: 45_000_000,
  base: 'debian:bookworm-slim',
  variants: { alpine: { base: 'alpine:3.22', sizeBytes: 20_400_000 } },
  cmd: ['httpd-foreground'],
  env: {
    PATH: '/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HTTPD_PREFIX: '/usr/local/apache2',
    HTTPD_VERSION: version,
  },
  workingDir: '/usr/local/apache2',
  exposedPorts: [80],
  stopSignal: 'SIGWINCH',
  files: {
    ...debianFiles,
    [`${root}/index.html`]: '<html><body><h1>It works!</h1></body></html>\n',
    '/usr/local/apache2/logs/': '',
  },
  programs: {
    ...debianPrograms,
    '/usr/local/bin/httpd-foreground': httpdProgram,
    '/usr/local/apache2/bin/httpd': httpdProgram,
  },
}
