/** The Pods of a cluster, for commands and faults that pick one. */
import { pods } from './api/core/pod.ts'
import type { Pod } from './api/core/pod-types.ts'
import { findCondition, keyOf } from './api/meta/object.ts'
import { StatusError } from './api/meta/status-error.ts'
import type { ApiServer } from './apiserver/api-server.ts'
import type { Client } from './client/client.ts'

export interface PodAccess {
  /** The first that is meant, of those that nobody has deleted. */
  find(namespace: string, isMeant: (pod: Pod) => boolean): Pod | undefined
  /** What the API server does not do, because it is stopped, is left undone. */
  delete(pod: Pod): void
  /** Evicts as somebody with an eviction request of their own would. @returns the error as kubectl would print it, or undefined when it was accepted */
  evictFirstReady(namespace: string, selector: string): string | undefined
}

export const createPodAccess = (server: ApiServer, client: Client): PodAccess => ({
  find: (namespace, isMeant) =>
    server.storedList(pods, namespace).find((pod) => !pod.metadata.deletionTimestamp && isMeant(pod)),

  delete(pod) {
    try {
      client.delete(pods, keyOf(pod))
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
    }
  },

  evictFirstReady(namespace, selector) {
    try {
      const pod = client
        .list(pods, { namespace, labelSelector: selector })
        .items.find(
          ({ metadata, status }) =>
            !metadata.deletionTimestamp && findCondition(status.conditions, 'Ready')?.status === 'True',
        )
      if (!pod) return 'error: no ready pod matches the selector\n'
      const { name } = pod.metadata
      client.createSubresource(pods, keyOf(pod), 'eviction', {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
      })
      return undefined
    } catch (error) {
      if (error instanceof StatusError) return `Error from server (${error.reason}): ${error.message}\n`
      throw error
    }
  },
})
