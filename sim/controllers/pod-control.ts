/**
 * Creating and deleting Pods for an owner: slowly at first, with an event for each, and with what the cache is expected to
 * show. Source: kubernetes/pkg/controller/controller_utils.go RealPodControl, and slowStartBatch of its users
 */
import { pods } from '../api/core/pod.ts'
import type { Pod } from '../api/core/pod-types.ts'
import { type Draft, type KubeObject, keyOf, keyText } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import type { Client } from '../client/client.ts'
import type { EventRecorder } from '../client/machinery.ts'
import type { Expectations } from './expectations.ts'

export interface PodControl {
  /**
   * Creates the Pods, stopping after a batch in which one was refused.
   * @param key of the owner, under which the creations are expected
   * @returns how many were created, and what went wrong first
   */
  create(owner: KubeObject, key: string, drafts: readonly Draft<Pod>[]): { created: number; failure?: StatusError }
  /** Deletes the Pods, all of them whatever happens to one. @returns those that are going, and what went wrong first */
  remove(owner: KubeObject, key: string, surplus: readonly Pod[]): { removed: Pod[]; failure?: StatusError }
}

/** Both expect what they are about to do: the caller says so to `expectations` before, in one go. */
export function createPodControl(client: Client, events: EventRecorder, expectations: Expectations): PodControl {
  return {
    create(owner, key, drafts) {
      let created = 0
      let at = 0
      for (const batch of slowStartBatches(drafts.length)) {
        let failure: StatusError | undefined
        for (const draft of drafts.slice(at, at + batch)) {
          try {
            const pod = client.create(pods, draft)
            events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
            created++
          } catch (error) {
            if (!(error instanceof StatusError)) throw error
            // A namespace on its way out takes the owner with it; there is nothing to complain about.
            if (isNamespaceTerminating(error)) continue
            events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
            failure ??= error
          }
        }
        at += batch
        if (!failure) continue
        // What was not created will not be seen in the cache either.
        for (let i = created; i < drafts.length; i++) expectations.creationObserved(key)
        return { created, failure }
      }
      return { created }
    },
    remove(owner, key, surplus) {
      const removed: Pod[] = []
      let failure: StatusError | undefined
      for (const pod of surplus) {
        try {
          client.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } })
          events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
          removed.push(pod)
        } catch (error) {
          if (!(error instanceof StatusError)) throw error
          expectations.deletionObserved(key, keyText(keyOf(pod)))
          if (error.reason === 'NotFound') {
            removed.push(pod)
            continue
          }
          events.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`)
          failure ??= error
        }
      }
      return { removed, failure }
    },
  }
}

/** Sizes of the batches in which `count` Pods are created: 1, 2, 4…, so that a refusal costs few requests. */
export function slowStartBatches(count: number): number[] {
  const batches: number[] = []
  for (let left = count, size = 1; left > 0; size *= 2) {
    batches.push(Math.min(size, left))
    left -= size
  }
  return batches
}

export const isNamespaceTerminating = (error: StatusError): boolean =>
  error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false
