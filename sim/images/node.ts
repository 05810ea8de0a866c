/** Node.js: runs one-liners that log, wait, exit or listen. Other programs are not simulated. */
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { becomes } from './programs/daemon.ts'
import { notSimulated } from './programs/not-simulated.ts'
import { type Act, known, readText, runActs, splitStatements } from './programs/script.ts'
import { pathOf } from './programs/support.ts'
import { isLoopback } from './programs/web-server.ts'
import { eachRelease, isAtLeast, type Releases } from './releases.ts'

/** What a program of simple statements does; undefined when it holds anything else. */
function readJavaScript(process: Process, version: string, source: string): Act[] | undefined {
  const text = (expression: string): string | undefined =>
    readText(expression, (word) => {
      const env = /^process\.env(?:\.(\w+)|\[['"](\w+)['"]\])$/.exec(word)
      if (env) return process.env[env[1] ?? env[2]] ?? 'undefined'
      return known(word, {
        'process.version': `v${version}`,
        'process.versions.node': version,
        'process.pid': String(process.pid),
        "require('os')": '',
        true: 'true',
        false: 'false',
        null: 'null',
        undefined: 'undefined',
      })
    })
  const served = server(process, source, text)
  if (served) return served
  const acts: Act[] = []
  for (const code of splitStatements(source, ';')) {
    if (/^\/\/|^(?:'use strict'|"use strict")$/.test(code)) continue
    const call =
      /^(console\.(?:log|info|error|warn)|process\.exit|process\.stdout\.write|process\.stderr\.write)\s*\(([\s\S]*)\)$/.exec(
        code,
      )
    const timer =
      /^set(Timeout|Interval)\s*\(\s*(?:\(\s*\)\s*=>|function\s*\(\s*\))\s*\{?([\s\S]*?)\}?\s*,\s*([\d_.e]+)\s*\)$/.exec(
        code,
      )
    const thrown = /^throw\s+new\s+(\w*Error)\(([\s\S]*)\)$/.exec(code)
    if (call) {
      const values = splitStatements(call[2], ',').map(text)
      if (values.includes(undefined)) return undefined
      if (call[1] === 'process.exit') acts.push({ do: 'exit', code: Number(values[0] ?? 0) & 255 })
      else
        acts.push({
          do: 'print',
          text: call[1].endsWith('write') ? (values[0] ?? '') : `${values.join(' ')}\n`,
          to: /error|warn|stderr/.test(call[1]) ? 'stderr' : 'stdout',
        })
    } else if (timer) {
      const inner = timer[2].trim() ? readJavaScript(process, version, timer[2]) : []
      if (!inner) return undefined
      const wait: Act = { do: 'sleep', ms: Number(timer[3].replaceAll('_', '')) }
      if (timer[1] === 'Timeout') acts.push(wait, ...inner)
      else acts.push({ do: 'forever', acts: [wait, ...inner] })
    } else if (thrown) {
      const message = text(thrown[2])
      if (message === undefined) return undefined
      acts.push({
        do: 'fail',
        text: `[eval]:1\n${code}\n^\n\n${thrown[1]}: ${message}\n    at [eval]:1:7\n${signature(version)}`,
        code: 1,
      })
    } else return undefined
  }
  return acts
}

/** A web server that ends each request with the same text. */
function server(process: Process, source: string, text: (expression: string) => string | undefined): Act[] | undefined {
  if (!/createServer\s*\(/.test(source)) return undefined
  const listen = /\.listen\s*\(\s*(?:process\.env\.PORT\s*\|\|\s*)?(\d+|\w+)(?:\s*,\s*(['"])([^'"]*)\2)?/.exec(source)
  if (!listen) return undefined
  const named = /^\d+$/.test(listen[1])
    ? listen[1]
    : /^\w+$/.test(listen[1])
      ? new Map(
          [...source.matchAll(/\b(\w+)\s*=\s*(?:process\.env\.PORT\s*\|\|\s*)?(\d+)/g)].map((match) => [
            match[1],
            match[2],
          ]),
        ).get(listen[1])
      : undefined
  const port = Number(/process\.env\.PORT/.test(source) ? (process.env.PORT ?? named) : named)
  const body = /\.end\s*\(([^)]*)\)/.exec(source)
  const status = /(?:writeHead\s*\(\s*|statusCode\s*=\s*)(\d{3})/.exec(source)
  const said = body ? text(body[1]) : ''
  if (!Number.isInteger(port) || said === undefined) return undefined
  const log = /console\.log\s*\(\s*(['"])([^'"]*)\1/.exec(source)
  return [
    ...(log ? [{ do: 'print' as const, text: `${log[2]}\n`, to: 'stdout' as const }] : []),
    { do: 'serve', port, isLocal: isLoopback(listen[3]), status: Number(status?.[1] ?? 200), body: said },
  ]
}

/** What an uncaught error ends with: the version, since 17. */
const signature = (version: string): string => (isAtLeast(version, '17') ? `\nNode.js v${version}\n` : '')

const nodeProgram = (version: string): Program =>
  function* (process) {
    const args = process.argv.slice(1)
    process.useMemory(42 * 1024 * 1024)
    process.useCpu(1)
    if (args[0] === '--version' || args[0] === '-v') {
      process.stdout.write(`v${version}\n`)
      return 0
    }
    while (/^--[\w-]+(?:=|$)/.test(args[0] ?? '') && !['--eval', '--print'].includes(args[0])) args.shift()
    yield* waitFor(process.cpu(40))
    let source: string
    if (args[0] === '-e' || args[0] === '--eval') source = args[1] ?? ''
    else if (args[0] === '-p' || args[0] === '--print') source = `console.log(${args[1] ?? ''})`
    else if (args[0] !== undefined && args[0] !== '-') {
      const path = pathOf(process, args[0])
      const found = [path, `${path}.js`, `${path}/index.js`].find(
        (each) => process.files.exists(each) && process.files.stat(each).type === 'file',
      )
      if (!found) {
        process.stderr.write(
          `Error: Cannot find module '${path}' {\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}\n${signature(version)}`,
        )
        return 1
      }
      source = process.files.read(found)
    } else if (process.stdin.isTerminal) return yield* notSimulated(process)
    else source = yield* waitFor(process.stdin.readAll())
    const acts = readJavaScript(process, version, source)
    return acts ? yield* runActs(process, acts) : yield* notSimulated(process)
  }

const releases: Releases = {
  '24.3.0': ['latest', '24', '24.3.0'],
  '22.17.0': ['lts', '22', '22.17.0'],
  '20.19.3': ['20', '20.19.3'],
  '18.20.8': ['18', '18.20.8'],
  '16.20.2': ['16', '16.20.2'],
  '14.21.3': ['14', '14.21.3'],
  '12.22.12': ['12', '12.22.12'],
}

export const nodeReleases: readonly Image[] = eachRelease(
  releases,
  ['alpine', 'slim', 'bookworm', 'bookworm-slim'],
  (version) => ({
    repositories: ['node'],
    sizeBytes: 390_000_000,
    base: 'buildpack-deps:bookworm',
    variants: {
      alpine: { base: 'alpine:3.22', sizeBytes: 57_000_000 },
      slim: { base: 'debian:bookworm-slim', sizeBytes: 80_000_000 },
    },
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['node'],
    env: { NODE_VERSION: version },
    files: {
      ...debianFiles,
      '/home/node/': '',
      '/etc/passwd': `${debianFiles['/etc/passwd']}node:x:1000:1000::/home/node:/bin/bash\n`,
      '/etc/group': `${debianFiles['/etc/group']}node:x:1000:\n`,
    },
    programs: {
      ...debianPrograms,
      '/usr/local/bin/docker-entrypoint.sh': becomes('node'),
      '/usr/local/bin/node': nodeProgram(version),
      '/usr/local/bin/npm': notSimulated,
      '/usr/local/bin/npx': notSimulated,
      '/usr/local/bin/yarn': notSimulated,
    },
  }),
)
