/** `agnhost netexec`: a server over HTTP and UDP that tells what it is asked. Source: kubernetes/test/images/agnhost/netexec */
import type { HttpRequest, HttpResponse } from '../../network/types.ts'
import { createOutput } from '../../runtime/pipe.ts'
import type { Process } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { stamp } from '../programs/daemon.ts'
import { parseDuration, type Run } from '../programs/support.ts'
import { flag, goSignals, log, parameters, text } from './support.ts'

/** A moment as Go prints it: without zeros at the end, and with the time since the program's start. Source: time.Time.String */
function goTime(process: Process, startedMs: number): string {
  const [now, fraction] = stamp(process, '%Y-%m-%d %H:%M:%S %L').split(/ (?=\d+$)/)
  const kept = fraction.replace(/0+$/, '')
  const sinceMs = Math.floor(process.nowEpochMs() - startedMs)
  return `${now}${kept && `.${kept}`} +0000 UTC m=+${(sinceMs / 1000).toFixed(3)}000000`
}

export function* netexec(process: Process): Run {
  const startedMs = process.nowEpochMs()
  const port = Number(flag(process, 'http-port') ?? 8080)
  let exit: ((code: number) => void) | undefined
  let isEnding = false
  const shellRequests: { command: string; reply: (answer: HttpResponse) => void }[] = []
  let wake: (() => void) | undefined
  const answer = (request: HttpRequest, reply: (answer: HttpResponse) => void): void => {
    const { path, get } = parameters(request)
    const paths: Record<string, () => HttpResponse | undefined> = {
      '/': () => text(200, `NOW: ${goTime(process, startedMs)}`),
      '/clientip': () => text(200, `${request.clientIP ?? '127.0.0.1'}:40000`),
      '/echo': () => text(Number(get('code')) || 200, get('msg')),
      '/healthz': () => text(200, ''),
      '/hostname': () => text(200, process.hostname),
      '/hostName': () => text(200, process.hostname),
      '/header': () =>
        text(
          200,
          get('key') ? headerOf(request, get('key')) : JSON.stringify(mapValues(request.headers, (value) => [value])),
        ),
      '/serverport': () => text(200, String(port)),
      '/dial': () => {
        dial(process, get, (status, body) => reply(text(status, body)))
        return undefined
      },
      '/readyz': () => (isEnding ? text(503, 'shutting down') : text(200, 'ok')),
      '/redirect': () => ({ ...text(Number(get('code')) || 302, ''), headers: { Location: get('location') } }),
      '/exit': () => {
        const waitMs = parseDuration(get('wait') || '0') ?? 0
        log(
          process,
          `Will begin shutdown in ${get('wait') || '0s'}, allowing ${get('timeout') || '0s'} for connections to close, then will exit with ${get('code') || 0}`,
        )
        process.sleep(waitMs).start(() => exit?.(Number(get('code')) || 0))
        return undefined
      },
      '/shutdown': () => {
        exit?.(0)
        return undefined
      },
      '/shell': () => {
        shellRequests.push({ command: get('shellCommand') || get('cmd'), reply })
        wake?.()
        return undefined
      },
    }
    log(process, `GET ${request.path}`)
    const found = Object.hasOwn(paths, path)
      ? paths[path]()
      : text(200, `NOW: ${stamp(process, '%Y-%m-%d %H:%M:%S +0000 UTC')}`)
    if (found) reply(found)
  }
  const listening = process.network.listen(port, { http: answer, tcp: answerNoHttp })
  if ('error' in listening) {
    log(process, `listen tcp :${port}: bind: ${listening.error}`)
    return 1
  }
  const { close } = listening
  log(process, `Started HTTP server on port ${port}`)
  const udpPort = Number(flag(process, 'udp-port') ?? 8081)
  if (udpPort > 0) {
    const datagrams = process.network.listen(udpPort, { udp: answerDatagram(process, udpPort) }, 'UDP')
    if (!('error' in datagrams)) log(process, `Started UDP server on port  ${udpPort}`)
  }
  const delayMs = Number(flag(process, 'delay-shutdown') ?? 0) * 1000
  for (;;) {
    const outcome = yield* waitFor<number | 'shell' | 'signal'>({
      start(resume) {
        exit = resume
        wake = () => resume('shell')
        for (const signal of goSignals) process.onSignal(signal, () => resume('signal'))
        if (shellRequests.length) resume('shell')
        return () => {}
      },
    })
    if (outcome === 'signal') {
      isEnding = true
      if (delayMs > 0) {
        log(process, `Sleeping ${delayMs / 1000} seconds before terminating...`)
        yield* waitFor(process.sleep(delayMs))
      }
      close()
      return delayMs > 0 ? 0 : 2
    }
    if (typeof outcome === 'number') {
      close()
      return outcome
    }
    const { command, reply } = shellRequests.shift()!
    let output = ''
    const sink = createOutput((part) => {
      output += part
    })
    const started = process.spawn({ argv: ['/bin/sh', '-c', command], stdout: sink, stderr: sink })
    const ended = 'error' in started ? undefined : yield* waitFor(process.waitChild(started.pid))
    reply(
      text(
        200,
        JSON.stringify({
          ...(ended?.exitCode ? { error: `exit status ${ended.exitCode}` } : {}),
          ...(output ? { output } : {}),
        }),
      ),
    )
  }
}

/** To bytes that are no request. Source: Go's net/http, badRequestError */
function answerNoHttp(input: string, reply: (output: string) => void): void {
  if (input !== '')
    reply(
      'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request',
    )
}

const mapValues = <T, U>(of: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, map(value)]))

const headerOf = ({ headers }: HttpRequest, name: string): string =>
  Object.entries(headers).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1] ?? ''

const dialTimeoutMs = 5000

/** Asks another server as often as it is told, and tells what came back. Simplified: without SCTP. */
function dial(process: Process, get: (name: string) => string, done: (status: number, body: string) => void): void {
  const [host, port, asked, protocol, given] = ['host', 'port', 'request', 'protocol', 'tries'].map(get) as [
    string,
    string,
    string,
    string,
    string,
  ]
  const tries = given === '' ? 1 : Number(given)
  if (!Number.isInteger(tries))
    return void done(
      400,
      `tries parameter is invalid. strconv.Atoi: parsing ${JSON.stringify(given)}: invalid syntax\n`,
    )
  if (asked === '') return void done(400, 'request parameter not specified. <nil>\n')
  if (!['', 'http', 'udp'].includes(protocol.toLowerCase()))
    return void done(400, `unsupported protocol. ${protocol}\n`)
  if (!/^\d+$/.test(port))
    return void done(400, `host and/or port param are invalid. lookup tcp/${port}: unknown port\n`)
  const target = { host, port: Number(port) }
  const responses: string[] = []
  const errors: string[] = []
  const finish = (): void => {
    const last = errors.length + responses.length > 0 && responses.at(-1) !== undefined && responses.at(-1) !== ''
    done(200, JSON.stringify({ ...(errors.length > 0 ? { errors } : {}), ...(last ? { responses } : {}) }))
  }
  const next = (left: number): void => {
    if (left <= 0) return void finish()
    const goOn = (answer: { body: string } | { error: string }): void => {
      if ('body' in answer) responses.push(answer.body)
      else errors.push(answer.error)
      next(left - 1)
    }
    if (protocol.toLowerCase() === 'udp')
      process.network.udp(target, asked, dialTimeoutMs, (result) =>
        goOn(
          result.ok && result.output !== undefined
            ? { body: result.output }
            : { error: `reading from udp connection failed. err:'read udp ${host}:${port}: i/o timeout'` },
        ),
      )
    else {
      const address = `${host}:${port}`
      const url = `http://${address}/${asked}`
      const request = {
        method: 'GET',
        path: `/${asked}`,
        host: address,
        headers: { 'User-Agent': 'Go-http-client/1.1' },
        scheme: 'http',
      } as const
      process.network.http(target, request, dialTimeoutMs, (result) =>
        goOn(
          result.ok
            ? { body: result.response.body }
            : {
                error: `Get ${JSON.stringify(url)}: ${
                  result.error === 'refused'
                    ? `dial tcp ${address}: connect: connection refused`
                    : 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
                }`,
              },
        ),
      )
    }
  }
  next(Math.min(tries, 1000))
}

/** `hostname`, `echo TEXT`, `clientip` and `serverport`, as datagrams. */
const answerDatagram =
  (process: Process, port: number) =>
  (input: string, reply: (output: string) => void, clientIP: string): void => {
    const [command = '', ...rest] = input.trim().split(' ')
    const answers: Record<string, string> = {
      hostname: process.hostname,
      echo: rest.join(' '),
      clientip: `${clientIP}:40000`,
      serverport: String(port),
    }
    if (Object.hasOwn(answers, command.toLowerCase())) reply(answers[command.toLowerCase()])
    else if (input !== '') log(process, `Unknown udp command received from ${clientIP}:40000: ${input}`)
  }
