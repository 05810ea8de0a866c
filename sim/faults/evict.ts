/** Evicts a Pod as somebody with an eviction request of their own would. */
import { pods } from '../api/core/pod.ts'
import { findCondition, keyOf } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import type { Client } from '../client/client.ts'

/** @returns the error as kubectl would print it, or undefined when the eviction was accepted */
export function evictFirstReady(client: Client, namespace: string, selector: string): string | undefined {
  try {
    const pod = client
      .list(pods, { namespace, labelSelector: selector })
      .items.find(
        (item) => !item.metadata.deletionTimestamp && findCondition(item.status.conditions, 'Ready')?.status === 'True',
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
}
