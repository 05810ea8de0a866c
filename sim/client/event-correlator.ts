/**
 * Keeps a component from flooding the cluster with events. Three rules, in this order: more than ten different messages with
 * one reason about one object become one combined event; an event that was written before only counts up; an object gets a
 * burst of 25 writes and then one each five minutes. Source: k8s.io/client-go/tools/record/events_cache.go
 */
import type { ObjectReference } from '../api/core/types.ts'
import { createTokenBucket, type TokenBucket } from './token-bucket.ts'

export interface EventFacts {
  source: { component: string; host?: string }
  involvedObject: ObjectReference
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

export interface WrittenEvent {
  name: string
  count: number
  firstTimestamp: string
}

export interface CorrelatedEvent {
  facts: EventFacts
  /** Under which it counts. */
  key: string
  /** The event that was written before, with the count it has to have now; undefined when this is the first. */
  known: WrittenEvent | undefined
}

export interface EventCorrelator {
  /** What to write for these facts; undefined when it is too much and to be dropped. */
  correlate(facts: EventFacts, epochMs: number): CorrelatedEvent | undefined
  /** Tells which event now stands for the key. */
  note(key: string, event: WrittenEvent): void
}

const MAX_SIMILAR = 10
const SIMILAR_WINDOW_MS = 600_000
const SPAM_BURST = 25
const SPAM_PER_SECOND = 1 / 300
const CACHE_ENTRIES = 4096

export function createEventCorrelator(): EventCorrelator {
  const similar = new Map<string, { messages: Set<string>; lastEpochMs: number }>()
  const buckets = new Map<string, TokenBucket>()
  const writtenEvents = new Map<string, WrittenEvent>()

  /** The facts as they are, or combined when there have been too many like them lately. */
  const aggregate = (facts: EventFacts, epochMs: number): { facts: EventFacts; key: string } => {
    const key = similarKey(facts)
    let group = similar.get(key)
    if (!group || epochMs - group.lastEpochMs > SIMILAR_WINDOW_MS) group = { messages: new Set(), lastEpochMs: epochMs }
    group.messages.add(facts.message)
    group.lastEpochMs = epochMs
    remember(similar, key, group)
    if (group.messages.size < MAX_SIMILAR) return { facts, key: exactKey(facts) }
    // The set stays at its limit, so that what follows is combined too.
    for (const message of group.messages) {
      group.messages.delete(message)
      break
    }
    return { facts: { ...facts, message: `(combined from similar events): ${facts.message}` }, key }
  }

  return {
    correlate(facts, epochMs) {
      const result = aggregate(facts, epochMs)
      const before = writtenEvents.get(result.key)
      const known = before && { ...before, count: before.count + 1 }
      // What is dropped below counts too: the next write shows how many there were.
      if (known) remember(writtenEvents, result.key, known)
      const object = spamKey(facts)
      const bucket = buckets.get(object) ?? createTokenBucket(SPAM_PER_SECOND, SPAM_BURST)
      remember(buckets, object, bucket)
      return bucket.tryTake(epochMs) ? { ...result, known } : undefined
    },
    note: (key, event) => remember(writtenEvents, key, event),
  }
}

/** Sets an entry and drops the one that was set longest ago when there are too many. */
function remember<V>(cache: Map<string, V>, key: string, value: V): void {
  cache.delete(key)
  cache.set(key, value)
  if (cache.size <= CACHE_ENTRIES) return
  for (const oldest of cache.keys()) {
    cache.delete(oldest)
    return
  }
}

function spamKey({ source, involvedObject: object }: EventFacts): string {
  return [
    source.component,
    source.host,
    object.kind,
    object.namespace,
    object.name,
    object.uid,
    object.apiVersion,
  ].join('|')
}

const similarKey = (facts: EventFacts): string => [spamKey(facts), facts.type, facts.reason].join('|')

const exactKey = (facts: EventFacts): string =>
  [spamKey(facts), facts.involvedObject.fieldPath, facts.type, facts.reason, facts.message].join('|')
