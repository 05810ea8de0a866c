/** What the subcommands of agnhost share. */
import type { HttpRequest, HttpResponse } from '../../network/types.ts'
import type { Process } from '../../runtime/process.ts'
import { stamp } from '../programs/daemon.ts'
import { response } from '../programs/web-server.ts'

/** As Go's log package writes. */
export const log = (process: Process, text: string): void =>
  process.stderr.write(`${stamp(process, '%Y/%m/%d %H:%M:%S')} ${text}\n`)

/** Value of `--name=value` or `--name value`. */
export function flag(process: Process, name: string): string | undefined {
  for (const [index, arg] of process.argv.entries()) {
    if (arg.startsWith(`--${name}=`)) return arg.slice(name.length + 3)
    if (arg === `--${name}`) return process.argv[index + 1]
  }
  return undefined
}

export function parameters(request: HttpRequest): { path: string; get: (name: string) => string } {
  const [path, query = ''] = request.path.split('?')
  const values = new Map<string, string>()
  for (const pair of query.split('&')) {
    const [name, value = ''] = pair.split('=')
    try {
      values.set(name, decodeURIComponent(value.replaceAll('+', ' ')))
    } catch {
      values.set(name, value)
    }
  }
  return { path, get: (name) => values.get(name) ?? '' }
}

/** A Go program without a handler of its own: the runtime tries to die of the signal, which PID 1 can't, and exits 2. */
export const goSignals = ['SIGTERM', 'SIGINT'] as const
export const text = (status: number, body: string): HttpResponse =>
  response(status, body, { 'Content-Type': 'text/plain; charset=utf-8' })

/** As `%q` prints a path. */
export const goQuoted = (text: string): string => JSON.stringify(text)

/** As an os.PathError reads: `open /x: no such file or directory`. */
export const goFileError = (did: string, path: string, { message }: { message: string }): string =>
  `${did} ${path}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
