/** A server that has one Pod, and upgrades what asks for it. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { handleUpgrade, type UpgradeOptions } from '../../../server/kubernetes-api/upgrade.ts'
import type { ExecSession, HttpAnswer, PortForwardSession } from '../../../server/labs/sandboxes/sessions.ts'

type Outcome = ExecSession | PortForwardSession | HttpAnswer

const pod = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'web', namespace: 'default', uid: '8c6f7a2e-8d1e-4a8e-9b7c-0f5a2f3f8d11' },
  spec: { containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }], securityContext: {} },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
}
const resources = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'v1',
  resources: [{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get'], shortNames: ['po'] }],
}
const documents: Readonly<Record<string, unknown>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': resources,
  '/api/v1/namespaces/default/pods/web': pod,
}

export interface StreamServer {
  port: number
  /** Method, protocol and path of the upgrades that were asked for. */
  upgrades: string[]
  errors: unknown[]
  close(): Promise<void>
}

/** @param outcomeOf what the API makes of an upgrade */
export async function streamServer(
  t: TestContext,
  outcomeOf: (url: URL, request: IncomingMessage) => Outcome,
  options: UpgradeOptions = {},
): Promise<StreamServer> {
  const upgrades: string[] = []
  const errors: unknown[] = []
  const server: Server = createServer((request, response) => {
    const document = documents[(request.url ?? '').split('?')[0]!]
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(document ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }))
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    upgrades.push(`${request.method} ${request.headers.upgrade} ${url.pathname.split('/').at(-1)}`)
    handleUpgrade(request, socket, head, outcomeOf(url, request), {
      onError: (error) => errors.push(error),
      ...options,
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => server.close(done))
  }
  t.after(close)
  return { port: (server.address() as AddressInfo).port, upgrades, errors, close }
}
