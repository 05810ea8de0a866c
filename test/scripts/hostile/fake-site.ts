/** A server that looks to the runner like the site, and does what a page is told to: burns the processor, ends itself, cuts off streams, fails. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const streams = new Set<ServerResponse>()
let sandboxes = 0

const acts: Readonly<Record<string, (res: ServerResponse) => void>> = {
  '/harmless': (res) => void res.end('fine'),
  '/burn': (res) => {
    const { user } = process.cpuUsage()
    while (process.cpuUsage().user - user < 900_000) for (let n = 0; n < 1e7; n++);
    res.end('done')
  },
  '/crash': () => process.exit(3),
  '/cut': (res) => {
    for (const stream of streams) stream.destroy()
    res.end('cut')
  },
  '/mistake': (res) => {
    res.statusCode = 500
    res.end('Something failed on our side.')
  },
}

const server = createServer((req, res) => {
  const path = (req.url ?? '').split('?')[0]!
  const act = acts[path]
  if (act) return act(res)
  if (path === '/help') {
    res.setHeader('set-cookie', 'podium=x; Path=/')
    res.end('<input type="hidden" name="_csrf" value="token">')
  } else if (req.method === 'POST' && path.startsWith('/sandboxes')) {
    res.writeHead(303, { location: path === '/sandboxes' ? `/sandboxes/s${++sandboxes}` : path }).end()
  } else if (path.endsWith('/kubeconfig')) res.end('server: http://127.0.0.1/k8s/secret\n')
  else if (path.endsWith('/live') || (req.url ?? '').includes('watch=1')) {
    streams.add(res)
    res.on('close', () => streams.delete(res))
    res.write('\n')
  } else res.end('fine')
})
const webSockets = new WebSocketServer({ server })
webSockets.on('connection', (socket) => {
  const show = () => socket.send(JSON.stringify({ type: 'output', data: '\r\nlearner@podium:~$ ' }))
  socket.on('message', show)
  show()
})
process.once('SIGTERM', () => process.exit(0))
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ level: 30, port: (server.address() as AddressInfo).port, msg: 'it listens' }))
})
