/**
 * `agnhost nettest`: a server that counts who has written to it. Simplified: it does not look for its peers, so that `/status` says no more than that it
 * is still at it. Source: kubernetes/test/images/agnhost/nettest
 */
import type { Process } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import type { Run } from '../programs/support.ts'
import { listenOrComplain, response } from '../programs/web-server.ts'
import { flag, goSignals, log, parameters, text } from './support.ts'

export function* nettest(process: Process): Run {
  const port = Number(flag(process, 'port') ?? 8080)
  const { hostname } = process
  const received = new Map<string, number>()
  const errors: string[] = []
  let quit: () => void = () => {}
  const close = listenOrComplain(
    process,
    port,
    (request, reply) => {
      switch (parameters(request).path) {
        case '/quit':
          return quit()
        case '/status':
          return reply(text(200, 'running'))
        case '/read': {
          const state = {
            Hostname: hostname,
            Sent: null,
            Received: received.size > 0 ? Object.fromEntries(received) : null,
            Errors: errors.length > 0 ? errors : null,
            Log: null,
            StillContactingPeers: true,
          }
          return reply(response(200, JSON.stringify(state, undefined, '\t'), {}))
        }
        case '/write': {
          const source = sourceOf(request.body ?? '')
          if (source === undefined) errors.push('invalid character looking for beginning of value')
          if (source) received.set(source, (received.get(source) ?? 0) + 1)
          else errors.push(`${hostname}: Got request with no source`)
          return reply(response(200, `${JSON.stringify({ Hostname: hostname })}\n`, {}))
        }
        default:
          return reply(text(404, '404 page not found\n'))
      }
    },
    (why) => log(process, `listen tcp :${port}: bind: ${why}`),
  )
  if (!close) return 1
  const wasQuit = yield* waitFor<boolean>({
    start(resume) {
      quit = () => resume(true)
      for (const signal of goSignals) process.onSignal(signal, () => resume(false))
      return () => {}
    },
  })
  close()
  return wasQuit ? 0 : 2
}

/** Who sent it; undefined when it is no JSON. */
function sourceOf(body: string): string | undefined {
  try {
    const { Source = '' } = JSON.parse(body) as { Source?: unknown }
    return String(Source)
  } catch {
    return undefined
  }
}
