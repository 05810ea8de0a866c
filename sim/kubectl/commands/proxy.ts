/**
 * kubectl proxy. Simplified: no static files and no Unix socket; connections are not kept open.
 * Source: k8s.io/kubectl/pkg/cmd/proxy/proxy.go, k8s.io/kubectl/pkg/proxy/proxy_server.go
 */
import type { HttpResponse, PortServer } from '../../network/types.ts'
import { compileGoRegexp } from '../../text/go-regexp.ts'
import type { Command, Invocation } from '../command.ts'
import type { LocalMachine } from '../context.ts'
import { KubectlError } from '../errors.ts'

const defaults = {
  port: 8001,
  acceptHosts: '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$',
  acceptPaths: '^.*',
  rejectPaths: '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach',
  rejectMethods: '^$',
}

export const proxy: Command = {
  name: 'proxy',
  short: 'Run a proxy to the Kubernetes API server',
  usage: '[--port=PORT] [--api-prefix=prefix] [options]',
  flags: [
    { name: 'accept-hosts', type: 'string', default: defaults.acceptHosts, help: 'Patterns of hosts to accept.' },
    { name: 'accept-paths', type: 'string', default: defaults.acceptPaths, help: 'Patterns of paths to accept.' },
    { name: 'address', type: 'string', default: '127.0.0.1', help: 'The IP address on which to serve on.' },
    { name: 'api-prefix', type: 'string', default: '/', help: 'Prefix to serve the proxied API under.' },
    { name: 'append-server-path', type: 'bool', help: 'Append the path of the server to each request.' },
    { name: 'disable-filter', type: 'bool', help: 'Accept every request.' },
    { name: 'keepalive', type: 'duration', default: 0, help: 'The keep-alive period of a connection.' },
    { name: 'port', short: 'p', type: 'int', default: defaults.port, help: 'The port; 0 for one that is free.' },
    { name: 'reject-methods', type: 'string', default: defaults.rejectMethods, help: 'Patterns of methods to reject.' },
    { name: 'reject-paths', type: 'string', default: defaults.rejectPaths, help: 'Patterns of paths to reject.' },
  ],
  *run(invocation) {
    const { flags, context } = invocation
    if (flags.bool('disable-filter'))
      invocation.logWarning(
        'proxy.go:177',
        'Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious',
      )
    const accepts = flags.bool('disable-filter') ? () => true : filterOf(invocation)
    const address = addressOf(flags.string('address'))
    const port = flags.number('port')
    if (port < 0 || port > 65535) throw new KubectlError(`listen tcp: address ${port}: invalid port`)
    const { machine } = context
    if (!machine)
      throw new KubectlError(
        'kubectl proxy goes on until it is stopped, and here a line runs to its end: ask the API with "kubectl get --raw /api/v1/namespaces" instead',
      )
    yield {
      start() {
        const listening = machine.listen(address, port, serverOf(invocation, machine, accepts))
        const shown = address.includes(':') ? `[${address}]` : address
        if ('error' in listening) throw new KubectlError(`listen tcp ${shown}:${port}: bind: ${listening.error}`)
        // A wildcard is told as that of both families.
        invocation.out(`Starting to serve on ${address === '0.0.0.0' ? '[::]' : shown}:${listening.port}\n`)
        return listening.close
      },
    }
    return 0
  },
}

function addressOf(text: string): string {
  if (text === 'localhost') return '127.0.0.1'
  const inBrackets = /^\[(.*)\]$/.exec(text)?.[1]
  if (inBrackets !== undefined) return inBrackets
  if (text.includes(':')) throw new KubectlError(`listen tcp: address ${text}: too many colons in address`)
  if (!/^\d+(\.\d+){3}$/.test(text)) throw new KubectlError(`listen tcp: lookup ${text}: no such host`)
  return text
}

type Filter = (method: string, path: string, host: string) => boolean

function filterOf({ flags }: Invocation): Filter {
  const [rejectPaths, rejectMethods, acceptPaths, acceptHosts] = [
    'reject-paths',
    'reject-methods',
    'accept-paths',
    'accept-hosts',
  ].map((flag) => patternsOf(flags.string(flag)))
  const matches = (patterns: ReturnType<typeof patternsOf>, text: string): boolean => patterns.some((one) => one(text))
  return (method, path, host) =>
    !matches(rejectPaths, path) &&
    !matches(rejectMethods, method) &&
    matches(acceptPaths, path) &&
    matches(acceptHosts, host)
}

function patternsOf(text: string): ((text: string) => boolean)[] {
  if (text === '') return []
  const refuse = (why: string): never => {
    throw new KubectlError(`Error compiling re: ${why}`, 255)
  }
  return text.split(',').map((pattern) => compileGoRegexp(pattern, refuse))
}

function serverOf(invocation: Invocation, machine: LocalMachine, accepts: Filter): PortServer {
  const prefix = invocation.flags.string('api-prefix').replace(/\/?$/, '/')
  const { user } = invocation.client
  return {
    http(request, reply) {
      const [path, query = ''] = request.path.split(/(?=\?)/)
      if (path === prefix.slice(0, -1)) reply(moved(prefix + query))
      else if (!path.startsWith(prefix)) reply(plain(404, '404 page not found\n'))
      else {
        // What begins with /api is the API's own path.
        const own = prefix.startsWith('/api') ? path : `/${path.slice(prefix.length)}`
        if (!accepts(request.method, own, request.host.replace(/:\d+$/, ''))) reply(plain(403, 'Forbidden\n'))
        else {
          const failure = machine.api(user, { ...request, path: own + query }, reply)
          if (failure === undefined) return
          invocation.log('E', 'proxy_server.go:147', `Error while proxying request: ${failure}`)
          reply(plain(500, `${failure}\n`))
        }
      }
    },
  }
}

const plain = (status: number, body: string): HttpResponse => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  body,
})

const moved = (to: string): HttpResponse => ({
  status: 301,
  headers: { 'Content-Type': 'text/html; charset=utf-8', Location: to },
  body: `<a href="${to}">Moved Permanently</a>.\n\n`,
})
