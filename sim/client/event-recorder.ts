/** Records events as components do: correlated, rate limited, and written a little later. Source: k8s.io/client-go/tools/record */
import { events } from '../api/core/event.ts'
import type { Event, ObjectReference } from '../api/core/types.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { isStatus, StatusError } from '../api/meta/status-error.ts'
import { type Engine, timestampOf } from '../engine/engine.ts'
import type { Client } from './client.ts'
import { type CorrelatedEvent, createEventCorrelator, type EventFacts, type WrittenEvent } from './event-correlator.ts'
import type { EventRecorder } from './machinery.ts'

/** Who reports: the component's name, and for one that runs on a node its host. */
export interface EventSource {
  component: string
  host?: string
}

// From the call to the write: the broadcaster's goroutine takes one event after the other.
const WRITE_DELAY_MS = 3

// A refused connection is tried again this often; what the server itself refuses is dropped at once.
const MAX_TRIES = 12
const RETRY_DELAY_MS = 10_000

/**
 * A recorder for `source`, writing as `client`'s user. An event that repeats raises the count of the one written before;
 * similar ones are combined and too many about one object are dropped: see createEventCorrelator.
 */
export function createEventRecorder(engine: Engine, client: Client, source: EventSource): EventRecorder {
  const correlator = createEventCorrelator()
  let freeMs = 0
  let made = 0

  const send = ({ facts, key, known }: CorrelatedEvent, epochMs: number, tries: number): void => {
    const now = timestampOf(epochMs)
    const namespace = facts.involvedObject.namespace || 'default'
    try {
      if (known && patchCount(namespace, known, { count: known.count, lastTimestamp: now, message: facts.message }))
        return
      const name = `${facts.involvedObject.name}.${eventSuffix(epochMs, ++made)}`
      const count = known?.count ?? 1
      const firstTimestamp = known?.firstTimestamp ?? now
      client.create(events, {
        ...body(facts, source),
        metadata: { name, namespace },
        firstTimestamp,
        lastTimestamp: now,
        count,
      })
      correlator.note(key, { name, count, firstTimestamp })
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (tries >= MAX_TRIES) return
      // Another recorder has written of the same object in the same millisecond, and counts as this one does.
      if (error.reason === 'AlreadyExists') send({ facts, key, known }, epochMs, tries + 1)
      if (error.code < 500) return
      engine.after(RETRY_DELAY_MS, 'event', () => send({ facts, key, known }, epochMs, tries + 1), { background: true })
    } finally {
      // The recorder's calls are not those of the reconcile that caused them.
      freeMs = engine.nowMs + (client.takeChargedMs?.() ?? 0)
    }
  }

  /** False when the event is gone: its hour was over. */
  const patchCount = (namespace: string, known: WrittenEvent, patch: Partial<Event>): boolean => {
    try {
      client.patch(events, { namespace, name: known.name }, 'strategic', patch)
      return true
    } catch (error) {
      if (isStatus(error, 'NotFound')) return false
      throw error
    }
  }

  return {
    event(object, type, reason, message, fieldPath) {
      const facts: EventFacts = { source, involvedObject: referenceTo(object, fieldPath), type, reason, message }
      const epochMs = engine.epochMs
      engine.at(Math.max(engine.nowMs + WRITE_DELAY_MS, freeMs), `event ${source.component}`, () => {
        const correlated = correlator.correlate(facts, epochMs)
        if (correlated) send(correlated, epochMs, 1)
      })
    },
  }
}

/** What an event says it is about. */
function referenceTo(object: KubeObject, fieldPath?: string): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata
  return {
    kind: object.kind,
    ...(namespace ? { namespace } : {}),
    name,
    uid,
    apiVersion: object.apiVersion,
    ...(resourceVersion ? { resourceVersion } : {}),
    ...(fieldPath ? { fieldPath } : {}),
  }
}

const body = (
  facts: EventFacts,
  source: EventSource,
): Omit<Event, 'apiVersion' | 'kind' | 'metadata' | 'firstTimestamp' | 'lastTimestamp'> => ({
  involvedObject: facts.involvedObject,
  reason: facts.reason,
  message: facts.message,
  type: facts.type,
  source: { component: source.component, ...(source.host ? { host: source.host } : {}) },
  eventTime: null,
  reportingComponent: source.component,
  reportingInstance: source.host ?? '',
})

/** Sixteen hexadecimal digits: the moment in nanoseconds, with the recorder's own count in the part below a millisecond. */
const eventSuffix = (epochMs: number, made: number): string =>
  (BigInt(Math.floor(epochMs)) * 1_000_000n + BigInt(made % 1_000_000)).toString(16)
