/** Python: serves directories with http.server and runs one-liners that print, sleep and exit. Other programs are not simulated. */
import type { HttpRequest, HttpResponse } from '../network/types.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { stamp } from './programs/daemon.ts'
import { notSimulated } from './programs/not-simulated.ts'
import { type Act, known, readText, runActs, splitStatements } from './programs/script.ts'
import { pathOf, type Run } from './programs/support.ts'
import { isLoopback, listenOrComplain, mediaTypes, response, untilSignal } from './programs/web-server.ts'
import { eachRelease, isAtLeast, minorOf, type Releases } from './releases.ts'

/** What a program of simple statements does; undefined when it holds anything else. */
function readPython(process: Process, version: string, source: string): Act[] | undefined {
  const lines = source.split('\n').filter((line) => line.trim() && !line.trim().startsWith('#'))
  const acts: Act[] = []
  const text = (expression: string): string | undefined =>
    readText(expression, (word) => {
      const name = /^os\.(?:environ\[\s*['"](\w+)['"]\s*\]|(?:environ\.get|getenv)\(\s*['"](\w+)['"]\s*\))$/.exec(word)
      if (name) return process.env[name[1] ?? name[2]] ?? 'None'
      return known(word, {
        'socket.gethostname()': process.hostname,
        True: 'True',
        False: 'False',
        None: 'None',
        'sys.version': version,
        'platform.python_version()': version,
      })
    })
  const statement = (code: string): Act[] | undefined => {
    if (/^(?:import|from)\s/.test(code) || code === 'pass') return []
    const call =
      /^(print|time\.sleep|sleep|sys\.exit|exit|quit|os\._exit|raise SystemExit|sys\.stdout\.write|sys\.stderr\.write|sys\.stdout\.flush)\s*\(([\s\S]*)\)$/.exec(
        code,
      )
    if (!call) {
      const raised = /^raise\s+(\w+)(?:\(([\s\S]*)\))?$/.exec(code)
      if (!raised) return undefined
      const message = text(raised[2] ?? '')
      return [
        {
          do: 'fail',
          text: `Traceback (most recent call last):\n  File "<string>", line 1, in <module>\n${raised[1]}${message ? `: ${message}` : ''}\n`,
          code: 1,
        },
      ]
    }
    const given = splitStatements(call[2], ',')
    const values = given.filter((part) => !/^\w+\s*=/.test(part)).map(text)
    if (values.includes(undefined)) return undefined
    const [first = ''] = values
    switch (call[1]) {
      case 'print':
        return [
          {
            do: 'print',
            text: `${values.join(' ')}${given.some((part) => /^end\s*=\s*(''|"")$/.test(part)) ? '' : '\n'}`,
            to: given.includes('file=sys.stderr') ? 'stderr' : 'stdout',
          },
        ]
      case 'sys.stdout.write':
        return [{ do: 'print', text: first, to: 'stdout' }]
      case 'sys.stderr.write':
        return [{ do: 'print', text: first, to: 'stderr' }]
      case 'sys.stdout.flush':
        return []
      case 'time.sleep':
      case 'sleep':
        return Number.isNaN(Number(first)) ? undefined : [{ do: 'sleep', ms: Number(first) * 1000 }]
      default:
        return /^\d*$/.test(first)
          ? [{ do: 'exit', code: Number(first) & 255 }]
          : [{ do: 'fail', text: `${first}\n`, code: 1 }]
    }
  }
  const block = (codes: readonly string[]): Act[] | undefined => {
    const found: Act[] = []
    for (const code of codes) {
      const next = statement(code)
      if (!next) return undefined
      found.push(...next)
    }
    return found
  }
  for (let at = 0; at < lines.length; at++) {
    const loop = /^while\s+(?:True|1)\s*:([\s\S]*)$/.exec(lines[at].trim())
    if (!loop) {
      for (const code of splitStatements(lines[at], ';')) {
        const inner = /^while\s+(?:True|1)\s*:([\s\S]*)$/.exec(code)
        const found = inner ? block([inner[1].trim()]) : statement(code)
        if (!found) return undefined
        acts.push(...(inner ? [{ do: 'forever' as const, acts: found }] : found))
      }
      continue
    }
    const body = loop[1].trim() ? splitStatements(loop[1], ';') : []
    while (/^\s/.test(lines[at + 1] ?? '')) body.push(...splitStatements(lines[++at], ';'))
    const found = block(body)
    if (!found) return undefined
    acts.push({ do: 'forever', acts: found })
  }
  return acts
}

function listing(process: Process, directory: string, path: string): HttpResponse {
  const names = process.files.list(directory)
  const rows = names.map((name) => {
    const shown =
      process.files.stat(`${directory === '/' ? '' : directory}/${name}`).type === 'directory' ? `${name}/` : name
    return `<li><a href="${shown}">${shown}</a></li>\n`
  })
  return response(
    200,
    `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Directory listing for ${path}</title>\n</head>\n<body>\n<h1>Directory listing for ${path}</h1>\n<hr>\n<ul>\n${rows.join('')}</ul>\n<hr>\n</body>\n</html>\n`,
    { 'Content-Type': 'text/html; charset=utf-8' },
  )
}

function answer(process: Process, root: string, request: HttpRequest): HttpResponse {
  const path = request.path.split('?')[0]
  const file = `${root === '/' ? '' : root}${path}`
  const missing = (): HttpResponse =>
    response(
      404,
      '<!DOCTYPE HTML>\n<html lang="en">\n    <head><title>Error response</title></head>\n    <body>\n        <h1>Error response</h1>\n        <p>Error code: 404</p>\n        <p>Message: File not found.</p>\n    </body>\n</html>\n',
      { 'Content-Type': 'text/html;charset=utf-8' },
    )
  if (path.split('/').includes('..') || !process.files.exists(file)) return missing()
  if (process.files.stat(file).type !== 'directory')
    return process.files.may(file, 4)
      ? response(200, process.files.read(file), {
          'Content-Type': mediaTypes[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
        })
      : missing()
  if (!path.endsWith('/')) return response(301, '', { Location: `${path}/` })
  const index = `${file}index.html`
  if (process.files.exists(index)) return response(200, process.files.read(index), { 'Content-Type': 'text/html' })
  return process.files.may(file, 4) ? listing(process, file, path) : missing()
}

function* httpServer(process: Process, version: string, args: readonly string[], isBuffered: boolean): Run {
  const option = (short: string, long: string): string | undefined => {
    const at = args.findIndex((arg) => arg === short || arg === long)
    return at >= 0 ? args[at + 1] : args.find((arg) => arg.startsWith(`${long}=`))?.slice(long.length + 1)
  }
  const number = args.find((arg, index) => /^\d+$/.test(arg) && !args[index - 1]?.startsWith('-'))
  const port = Number(number ?? 8000)
  const address = option('-b', '--bind') ?? '0.0.0.0'
  const root = pathOf(process, option('-d', '--directory') ?? process.cwd)
  process.useMemory(18 * 1024 * 1024)
  process.useCpu(1)
  const close = listenOrComplain(
    process,
    port,
    (request, reply) => {
      const result = answer(process, root, request)
      process.stderr.write(
        `${request.clientIP ?? '127.0.0.1'} - - [${stamp(process, '%d/%b/%Y %H:%M:%S')}] "${request.method} ${request.path} HTTP/1.1" ${result.status} -\n`,
      )
      reply({ ...result, headers: { Server: `SimpleHTTP/0.6 Python/${version}`, ...result.headers } })
    },
    () => process.stderr.write('OSError: [Errno 98] Address already in use\n'),
    isLoopback(address),
  )
  if (!close) return 1
  const url = isAtLeast(version, '3') ? ` (http://${address}:${port}/)` : ''
  const greeting = `Serving HTTP on ${address === 'localhost' ? '127.0.0.1' : address} port ${port}${url} ...\n`
  // Python keeps back what it prints to anything but a terminal, so this line waits for the end.
  if (!isBuffered) process.stdout.write(greeting)
  yield* waitFor(untilSignal(process, ['SIGINT']))
  close()
  process.stdout.write(`${isBuffered ? greeting : ''}\nKeyboard interrupt received, exiting.\n`)
  return 0
}

const python = (version: string): Program =>
  function* (process) {
    const args = process.argv.slice(1)
    let isBuffered = !process.env.PYTHONUNBUFFERED && !process.stdout.isTerminal
    while (/^-[uBEIOsSv]+$/.test(args[0] ?? '')) if (args.shift()!.includes('u')) isBuffered = false
    process.useMemory(9 * 1024 * 1024)
    if (args[0] === '--version' || args[0] === '-V') {
      process[isAtLeast(version, '3.4') ? 'stdout' : 'stderr'].write(`Python ${version}\n`)
      return 0
    }
    const webServer = isAtLeast(version, '3') ? 'http.server' : 'SimpleHTTPServer'
    if (args[0] === '-m' && args[1] === webServer) return yield* httpServer(process, version, args.slice(2), isBuffered)
    if (args[0] === '-m') {
      if (['pip', 'venv', 'flask', 'unittest', 'json.tool'].includes(args[1] ?? '')) return yield* notSimulated(process)
      process.stderr.write(`/usr/local/bin/${commandOf(version)}: No module named ${args[1] ?? ''}\n`)
      return 1
    }
    let source: string
    if (args[0] === '-c') source = args[1] ?? ''
    else if (args[0] !== undefined && args[0] !== '-') {
      const path = pathOf(process, args[0])
      if (!process.files.exists(path)) {
        process.stderr.write(`${commandOf(version)}: can't open file '${path}': [Errno 2] No such file or directory\n`)
        return 2
      }
      source = process.files.read(path)
    } else if (process.stdin.isTerminal) return yield* notSimulated(process)
    // Without a terminal it reads its program from standard input, which is empty in most Pods: it ends at once.
    else source = yield* waitFor(process.stdin.readAll())
    const acts = readPython(process, version, source)
    return acts ? yield* runActs(process, acts, isBuffered) : yield* notSimulated(process)
  }

/** `python3`, or `python2` of old images. */
const commandOf = (version: string): string => `python${version[0]}`

const releases: Releases = {
  '3.13.5': ['latest', '3', '3.13', '3.13.5'],
  '3.12.11': ['3.12', '3.12.11'],
  '3.11.13': ['3.11', '3.11.13'],
  '3.10.18': ['3.10', '3.10.18'],
  '3.9.23': ['3.9', '3.9.23'],
  '3.8.20': ['3.8', '3.8.20'],
  '3.7.17': ['3.7', '3.7.17'],
  '2.7.18': ['2', '2.7', '2.7.18'],
}

export const pythonReleases: readonly Image[] = eachRelease(
  releases,
  ['alpine', 'slim', 'bookworm', 'slim-bookworm'],
  (version) => ({
    repositories: ['python'],
    sizeBytes: 369_000_000,
    base: 'buildpack-deps:bookworm',
    variants: {
      alpine: { base: 'alpine:3.22', sizeBytes: 17_500_000 },
      slim: { base: 'debian:bookworm-slim', sizeBytes: 46_000_000 },
    },
    cmd: [commandOf(version)],
    env: { PYTHON_VERSION: version, LANG: 'C.UTF-8' },
    files: debianFiles,
    programs: {
      ...debianPrograms,
      ...Object.fromEntries(
        ['python', commandOf(version), `python${minorOf(version)}`].map((name) => [
          `/usr/local/bin/${name}`,
          python(version),
        ]),
      ),
      '/usr/local/bin/pip': notSimulated,
      [`/usr/local/bin/pip${version[0]}`]: notSimulated,
    },
  }),
)
