import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replayCluster } from '../../../sim/cluster.ts'
import type { LiveCluster } from '../../../sim/index.ts'
import { smallCluster } from '../ask.ts'
import { bytesOf, runPod, textOf, upgrade } from './session.ts'

function forward(cluster: LiveCluster, pod: string) {
  const outcome = upgrade(cluster, `${pod}/portforward`)
  if (outcome.kind !== 'port-forward') throw new Error(`no session: ${JSON.stringify(outcome)}`)
  return {
    close: outcome.close,
    connect(port: number) {
      const seen = { text: '', error: '', isOver: false }
      const input = outcome.connect(port, {
        data(bytes) {
          seen.text += textOf(bytes)
        },
        error(text) {
          seen.error = text
        },
        end() {
          seen.isOver = true
        },
      })
      const send = (text: string, ms = 1000): void => {
        input.write(bytesOf(text))
        cluster.advance(ms)
      }
      return { seen, input, send }
    },
  }
}

const web = { containers: [{ name: 'main', image: 'nginx:1.27' }] }
const body = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4)

test('a request reaches the server of the Pod, and one connection carries several', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', web)
  const { seen, send, input } = forward(cluster, 'web').connect(80)
  send('GET / HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/8\r\n\r\n')
  const first = seen.text
  assert.match(
    first,
    /^HTTP\/1\.1 200 OK\r\nServer: nginx\/1\.27\.\d\r\nDate: Thu, 01 Jan 2026 00:00:0\d GMT\r\nContent-Type: text\/html\r\n/,
  )
  assert.equal(Number(/Content-Length: (\d+)/.exec(first)?.[1]), bytesOf(body(first)).length)
  assert.match(body(first), /Welcome to nginx/)
  send('HEAD /nope HTTP/1.1\r\nHost: x\r\n\r\nGET /50x.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const rest = seen.text.slice(first.length)
  assert.match(rest, /^HTTP\/1\.1 404 Not Found\r\n(?:[^\r\n]+\r\n)*\r\nHTTP\/1\.1 200 OK\r\n/)
  assert.match(rest, /Connection: close\r\n/)
  assert.equal(seen.isOver, true)
  input.end()
  const logs = cluster.execute({ op: 'kubectl', line: 'kubectl logs web --tail=3' }).stdout
  assert.match(logs, /127\.0\.0\.1 .*"GET \/ HTTP\/1\.1" 200 .*"curl\/8"/)
})

test('a body arrives in pieces, counted or in chunks', () => {
  const cluster = smallCluster()
  runPod(cluster, 'echo', { containers: [{ name: 'main', image: 'ealen/echo-server:0.9.2' }] })
  const counted = forward(cluster, 'echo').connect(80)
  counted.send('POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n')
  assert.equal(counted.seen.text, 'HTTP/1.1 100 Continue\r\n\r\n')
  counted.send('hello')
  counted.send('world')
  assert.match(counted.seen.text, /helloworld/)
  const chunked = forward(cluster, 'echo').connect(80)
  chunked.send('POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r')
  assert.equal(chunked.seen.text, '')
  chunked.send('\n world\r\n0\r\n\r\n')
  assert.match(chunked.seen.text, /hello world/)
})

test('a port that nobody listens on is refused in the words of the runtime', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', web)
  const { seen } = forward(cluster, 'web').connect(81)
  cluster.advance(1000)
  assert.match(
    seen.error,
    /^error forwarding port 81 to pod ([0-9a-f]{64}), uid : failed to execute portforward in network namespace "\/var\/run\/netns\/cni-[0-9a-f-]{36}": failed to connect to localhost:81 inside namespace "\1", IPv4: dial tcp4 127\.0\.0\.1:81: connect: connection refused IPv6 dial tcp6 \[::1\]:81: connect: connection refused $/,
  )
})

test('a server of lines is given lines', () => {
  const cluster = smallCluster()
  runPod(cluster, 'cache', { containers: [{ name: 'main', image: 'memcached:1.6' }] })
  const { seen, send, input } = forward(cluster, 'cache').connect(11211)
  send('set a 0 0 5\r\nhello\r\n')
  assert.equal(seen.text, 'STORED\r\n')
  send('get')
  assert.equal(seen.text, 'STORED\r\n')
  send(' a\r\n')
  assert.equal(seen.text, 'STORED\r\nVALUE a 0 5\r\nhello\r\nEND\r\n')
  assert.equal(seen.isOver, false)
  input.end()
  cluster.advance(1000)
  assert.equal(seen.isOver, true)
})

test('what is no HTTP is refused by a web server', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', web)
  const { seen, send } = forward(cluster, 'web').connect(80)
  send('\x16\x03\x01 hello')
  assert.match(seen.text, /^HTTP\/1\.1 400 Bad Request\r\n/)
  assert.equal(seen.isOver, true)
})

test('a session survives its server and not its sandbox', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', web)
  const session = forward(cluster, 'web')
  const { seen, send } = session.connect(80)
  send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  cluster.execute({ op: 'fault', fault: { kind: 'pod', name: 'web', act: 'kill' } })
  cluster.advance(5000)
  const again = session.connect(80)
  again.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(again.seen.text, /^HTTP\/1\.1 200 OK/)
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod web --now' })
  const late = session.connect(80)
  cluster.advance(1000)
  assert.match(late.seen.error, /^error forwarding port 80 to pod [0-9a-f]{64}, uid : failed to find sandbox/)
  send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  assert.equal(seen.isOver, true)
})

test('a session is refused for a Pod that has no node, and to those who may not create one', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', web)
  runPod(cluster, 'waiting', { ...web, nodeSelector: { disk: 'none' } })
  const waiting = upgrade(cluster, 'waiting/portforward')
  assert.match(waiting.kind === 'answer' ? String(waiting.body) : '', /pod waiting does not have a host assigned/)
  const stranger = upgrade(cluster, 'web/portforward', 'POST', { 'impersonate-user': 'ann' })
  assert.match(
    stranger.kind === 'answer' ? String(stranger.body) : '',
    /cannot create resource \\"pods\/portforward\\"/,
  )
})

test('a replay sends the same bytes, and a session without a connection leaves no trace', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', web)
  const noted = cluster.log.length
  const session = forward(cluster, 'web')
  session.close()
  assert.equal(cluster.log.length, noted)
  const used = forward(cluster, 'web')
  const one = used.connect(80)
  const two = used.connect(80)
  one.send('GET /one HTTP/1.1\r\nHost: ', 13)
  two.send('GET /two HTTP/1.1\r\nHost: x\r\n\r\n', 1)
  one.send('x\r\n\r\n', 777)
  used.connect(9)
  cluster.advance(500)
  two.input.close()
  used.close()
  cluster.advance(3000)
  const options = { seed: 'rest', strict: true, shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } }
  const again = replayCluster(options, JSON.parse(JSON.stringify(cluster.log)), cluster.nowMs)
  assert.equal(again.stateHash(), cluster.stateHash())
  assert.equal(again.eventsProcessed, cluster.eventsProcessed)
  const logs = { op: 'kubectl', line: 'kubectl logs web' } as const
  const own = cluster.execute(logs).stdout
  assert.match(own, /GET \/two[\s\S]*GET \/one/)
  assert.equal(again.execute(logs).stdout, own)
})
