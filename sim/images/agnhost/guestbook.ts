/**
 * `agnhost guestbook`: a page, a primary that keeps what is written and replicas that register with it, over HTTP.
 * Source: kubernetes/test/images/agnhost/guestbook
 */
import { isRecord } from '../../api/meta/json.ts'
import type { HttpRequest, HttpResponse, Reply } from '../../network/types.ts'
import type { Process } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { signalWithin } from '../programs/daemon.ts'
import type { Run } from '../programs/support.ts'
import { listenOrComplain, untilSignal } from '../programs/web-server.ts'
import { flag, goSignals, log, parameters, text } from './support.ts'

const registerForMs = 15_000
const retryMs = 1000
const answerMs = 5000

type Store = Map<string, unknown>
type Answer = { body: string } | { error: string }

export function* guestbook(process: Process): Run {
  const port = Number(flag(process, 'http-port') ?? 80)
  const backendPort = Number(flag(process, 'backend-port') ?? 6379)
  const primary = flag(process, 'replicaof') ?? ''
  let store: Store = new Map()
  const replicas: string[] = []

  const ask = (host: string, path: string, done: (answer: Answer) => void): void => {
    const address = `${host}:${backendPort}`
    const headers = { 'User-Agent': 'Go-http-client/1.1' }
    const request = { method: 'GET', path: `/${path}`, host: address, headers, scheme: 'http' } as const
    process.network.http({ host, port: backendPort }, request, answerMs, (result) =>
      done(
        result.ok
          ? { body: result.response.body }
          : { error: `Get ${JSON.stringify(`http://${address}/${path}`)}: ${result.error}` },
      ),
    )
  }

  /** To each replica in turn, from the nth on; the first that cannot be told ends it. */
  const propagate = (path: string, reply: Reply, nth = 0): void => {
    const replica = replicas[nth]
    if (replica === undefined) reply(text(200, JSON.stringify({ message: 'Updated' })))
    else
      ask(replica, path, (answer) => {
        if ('body' in answer) propagate(path, reply, nth + 1)
        else reply(text(417, `encountered error while propagating to replica '${replica}': ${answer.error}\n`))
      })
  }

  /** The answer; undefined when it comes later. */
  const answerOf = (request: HttpRequest, reply: Reply): HttpResponse | undefined => {
    const { path, get } = parameters(request)
    const [key, value] = [get('key'), get('value')]
    switch (path) {
      case '/register':
        log(process, `GET /register?host=${get('host')}`)
        replicas.push(get('host'))
        log(process, `Node '${get('host')}' registered.`)
        return text(200, JSON.stringify({ data: Object.fromEntries(store) }))
      case '/get':
        log(process, `GET /get?key=${key}`)
        return text(200, JSON.stringify({ data: key === '' ? Object.fromEntries(store) : (store.get(key) ?? '') }))
      case '/set':
        log(process, `GET /set?key=${key}&value=${value}`)
        if (key === '') return text(400, 'cannot set with empty key.\n')
        store.set(key, value)
        propagate(`set?key=${key}&value=${value}`, reply)
        return undefined
      case '/guestbook': {
        const command = get('cmd').toLowerCase()
        log(process, `GET /guestbook?cmd=${command}&key=${key}&value=${value}`)
        if (command !== 'get' && command !== 'set') return text(400, `unsupported cmd: '${command}'\n`)
        if (command === 'set' && key === '') return text(400, 'cannot set with empty key.\n')
        const host = command === 'get' ? 'agnhost-replica' : 'agnhost-primary'
        ask(host, `${command}?key=${key}&value=${value}`, (answer) =>
          reply('body' in answer ? text(200, answer.body) : text(417, `encountered error: ${answer.error}\n`)),
        )
        return undefined
      }
      default:
        return text(404, '404 page not found\n')
    }
  }
  const serve = (request: HttpRequest, reply: Reply): void => {
    const answer = answerOf(request, reply)
    if (answer) reply(answer)
  }

  const close = listenOrComplain(process, port, serve, (why) => log(process, `listen tcp :${port}: bind: ${why}`))
  if (!close) return 1
  for (let sinceMs = 0; primary !== ''; sinceMs += retryMs) {
    if (sinceMs >= registerForMs) {
      log(process, 'Timed out while registering to primary.')
      return 1
    }
    const request = `register?host=${process.network.ip}`
    log(process, `Registering to primary: ${primary}:${backendPort}/${request}`)
    const answer = yield* waitFor<Answer>({
      start(resume) {
        ask(primary, request, resume)
        return () => {}
      },
    })
    if ('body' in answer) {
      const data = dataIn(answer.body)
      if (data === undefined) {
        log(process, "Error while unmarshaling primary's response")
        return 1
      }
      store = new Map(Object.entries(data))
      log(process, `Registered to node: ${primary}`)
      break
    }
    log(process, `encountered error while registering to primary: ${answer.error}. Retrying in 1s.`)
    if (yield* waitFor(signalWithin(process, goSignals, retryMs))) return 2
  }
  yield* waitFor(untilSignal(process, goSignals))
  close()
  return 2
}

/** What a primary keeps; undefined when the answer is none of a primary. */
function dataIn(body: string): Record<string, unknown> | undefined {
  try {
    const answer: unknown = JSON.parse(body)
    return isRecord(answer) && isRecord(answer.data) ? answer.data : undefined
  } catch {
    return undefined
  }
}
