/** An API server alone, with the system's namespaces and one of its own: what the tests of the API talk to. */

import { namespaces } from '../../sim/api/core/namespace.ts'
import { serviceAccounts } from '../../sim/api/core/service-account.ts'
import { StatusError } from '../../sim/api/meta/status-error.ts'
import { ApiServer } from '../../sim/apiserver/api-server.ts'
import { bootstrap } from '../../sim/apiserver/bootstrap.ts'
import { createClient } from '../../sim/apiserver/client.ts'
import type { UserInfo } from '../../sim/client/client.ts'
import { Engine } from '../../sim/engine/engine.ts'

export const admin: UserInfo = { name: 'kubernetes-admin', groups: ['system:masters'] }

export function startServer(historyMs?: number) {
  const engine = new Engine({ seed: 'test', startEpochMs: Date.UTC(2026, 0, 1) })
  const server = new ApiServer({ engine, strict: true, historyMs })
  const client = createClient(server, { user: admin, fieldManager: 'kubectl' })
  bootstrap(server, client, '172.18.0.2')
  client.create(namespaces, { metadata: { name: 'ns' }, spec: {} })
  client.create(serviceAccounts, { metadata: { name: 'default', namespace: 'ns' } })
  return { engine, server, client }
}

export const aPod = (name: string, more: Record<string, unknown> = {}) => ({
  metadata: { name, namespace: 'ns', labels: { app: name } },
  spec: { containers: [{ name: 'main', image: 'nginx:1.27' }], ...more },
})

/** The error of a call that must be refused. */
export function refusalOf(call: () => unknown): StatusError {
  try {
    call()
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('the call was not refused')
}
