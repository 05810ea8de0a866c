/** What a component is started with: a client under its own identity, and the machinery on top of it. */

import type { ApiServer } from './apiserver/api-server.ts'
import { createClient } from './apiserver/client.ts'
import type { UserInfo } from './client/client.ts'
import { createEventRecorder } from './client/event-recorder.ts'
import { createInformerFactory } from './client/informer-factory.ts'
import type { Link } from './client/link.ts'
import type { ComponentContext, EventRecorder, InformerFactory, RequestRate, WorkQueue } from './client/machinery.ts'
import type { OnListFailed } from './client/reflector.ts'
import { createWorkQueue } from './client/work-queue.ts'
import { readFirstCertificate } from './pki/x509.ts'

export interface ComponentIdentity {
  user: UserInfo
  /** `kube-controller-manager`, `kubelet`: what the fields it writes are marked with. */
  fieldManager: string
  latencyMs?: number
  watchLatencyMs?: number
  /** Shared with other components of the same process. */
  informers?: InformerFactory
  /** What lies between the component and the API server. */
  link?: Link
  /** What its client holds itself to; without one, nothing. */
  requestRate?: RequestRate
  /** Told of what its informers may not list, or cannot. */
  onListFailed?: OnListFailed
  /** The certificate with which it signs for a signer, in PEM, or undefined; that of the cluster's authority for all unless told. */
  signsWith?(signer: string): string | undefined
  /** Of a controller manager with `--enable-hostpath-provisioner`. */
  makesHostPaths?: boolean
  /** It is the API server itself. */
  isLoopback?: boolean
}

export function createComponentContext(server: ApiServer, identity: ComponentIdentity): ComponentContext {
  const { engine } = server
  const client = createClient(server, { ...identity, isTrusted: true })
  const recorders = new Map<string, EventRecorder>()
  const queues: WorkQueue[] = []
  return {
    engine,
    client,
    informers: identity.informers ?? createInformerFactory(engine, client, identity.onListFailed),
    recorder(component, host) {
      const id = `${component}@${host ?? ''}`
      let recorder = recorders.get(id)
      if (!recorder) {
        recorder = createEventRecorder(engine, client, { component, host })
        recorders.set(id, recorder)
      }
      return recorder
    },
    clusterAuthority: () => server.authority,
    signerOf(name) {
      if (!identity.signsWith) return server.authority
      const pem = identity.signsWith(name)
      if (pem === undefined) return undefined
      if (pem.trim() === server.authority.certificate.trim()) return server.authority
      const certificate = readFirstCertificate(pem)
      return certificate && { name: [...certificate.subjectDer], publicKey: [...certificate.publicKey] }
    },
    makesHostPaths: identity.makesHostPaths ?? false,
    queues,
    queue(options) {
      const queue = createWorkQueue(engine, { ...options, takeChargedMs: () => client.takeChargedMs() })
      queues.push(queue)
      return queue
    },
  }
}

/** The user of a service account, as its token tells. */
export const serviceAccountUser = (namespace: string, name: string): UserInfo => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
})

export const nodeUser = (node: string): UserInfo => ({
  name: `system:node:${node}`,
  groups: ['system:nodes', 'system:authenticated'],
})

export const adminUser: UserInfo = {
  name: 'kubernetes-admin',
  groups: ['kubeadm:cluster-admins', 'system:masters', 'system:authenticated'],
}
