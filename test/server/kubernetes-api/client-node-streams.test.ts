/** The client library for Node.js: exec by the channels of a WebSocket, and port-forward without SPDY. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import * as k8s from '@kubernetes/client-node'
import { exited, localPorts, processSession } from './fake-sessions.ts'
import { type StreamServer, streamServer } from './stream-server.ts'

function configOf(server: StreamServer): k8s.KubeConfig {
  const config = new k8s.KubeConfig()
  config.loadFromOptions({
    // The library refuses plain http unless told that nothing is to be verified.
    clusters: [{ name: 'c', server: `http://127.0.0.1:${server.port}`, skipTLSVerify: true }],
    users: [{ name: 'u' }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  })
  return config
}

test('exec with input, both outputs and the end', async (t) => {
  const server = await streamServer(t, (url) => processSession(url.searchParams.getAll('command')))
  const [out, err] = [new PassThrough(), new PassThrough()]
  const status = await new Promise<k8s.V1Status>((resolve, reject) => {
    const input = Readable.from(['b\n', 'a\n'])
    const command = ['sh', '-c', 'head -n 2 | sort; echo err >&2; exit 2']
    new k8s.Exec(configOf(server)).exec('default', 'web', 'web', command, out, err, input, false, resolve).catch(reject)
  })
  assert.deepEqual([status.status, status.reason, status.message], ['Failure', 'NonZeroExitCode', exited(2).message])
  assert.deepEqual([String(out.read()), String(err.read())], ['a\nb\n', 'err\n'])
  assert.deepEqual(server.upgrades, ['GET websocket exec'])
})

test('port-forward, a connection for each', async (t) => {
  const web = createServer((request, response) => response.end(`path ${request.url}`))
  await new Promise<void>((done) => web.listen(0, '127.0.0.1', done))
  t.after(() => web.close())
  const notes: string[] = []
  const server = await streamServer(t, () => localPorts({ 80: (web.address() as AddressInfo).port }, notes))
  const forward = new k8s.PortForward(configOf(server))
  const local = createTcpServer((socket) => void forward.portForward('default', 'web', [80], socket, null, socket))
  await new Promise<void>((done) => local.listen(0, '127.0.0.1', done))
  t.after(() => local.close())
  for (const path of ['/a', '/b']) {
    const url = `http://127.0.0.1:${(local.address() as AddressInfo).port}${path}`
    const answer = await fetch(url, { headers: { connection: 'close' } })
    assert.equal(await answer.text(), `path ${path}`)
  }
  assert.deepEqual(server.upgrades, ['GET websocket portforward', 'GET websocket portforward'])
  assert.deepEqual(
    notes.filter((note) => note !== 'close'),
    ['connect 80', 'connect 80'],
  )
})
