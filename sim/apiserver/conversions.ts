/**
 * Custom resources in the versions of their definition. In the store they lie in one of them. Where all versions hold the same fields, an object is
 * said in another when it is read; where a webhook converts, every version has what the webhook made of an object when that was written, as the
 * watch cache of each version has it. Reading asks no webhook, and so leaves no trace in the cluster's history.
 * Source: k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go, k8s.io/apiserver/pkg/storage/cacher
 */
import { customResourceDefinitions } from '../api/apiextensions/custom-resource-definition.ts'
import { servedKinds } from '../api/apiextensions/kinds.ts'
import type { CustomResourceDefinition } from '../api/apiextensions/types.ts'
import { prune } from '../api/apiextensions/values.ts'
import { cloneJson, equalJson } from '../api/meta/json.ts'
import { type ConversionWebhook, type CustomConversion, type Kind, resourceName } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { internalError, StatusError } from '../api/meta/status-error.ts'
import { hasReadableAuthorities } from '../api/meta/webhook-client.ts'
import type { Engine } from '../engine/engine.ts'
import type { Change, Etcd, Version, Write } from '../etcd/etcd.ts'
import type { CallParts } from './webhooks/call.ts'
import { type Converted, conversionFailed, convertByWebhook, unreachable } from './webhooks/conversion.ts'

/** How soon objects that could not be converted are tried again: the webhook does not answer, or it refuses. */
const RETRY_MS = { silent: 2_000, refused: 30_000 }

const definitionsBucket = resourceName(customResourceDefinitions)

/** An object as a version of its kind has it, and what it was made of. */
const originals = new WeakMap<KubeObject, KubeObject>()
/** By what defines the kind, which is made anew when its definition changes. */
const asDefined = new WeakMap<KubeObject, WeakMap<object, KubeObject>>()
/** The same for who owns which fields. */
const views = new WeakMap<object, WeakMap<Version, Version>>()

/** As it lies in the store. */
export const originalOf = <T extends KubeObject>(object: T): T => (originals.get(object) as T | undefined) ?? object

const known = <T extends KubeObject>({ custom }: Kind<T>, original: T): T | undefined =>
  asDefined.get(original)?.get(custom!) as T | undefined

/** The inner map of a key, made where there is none. */
function within<K extends object, L extends object, V>(maps: WeakMap<K, WeakMap<L, V>>, key: K): WeakMap<L, V> {
  const found = maps.get(key) ?? new WeakMap<L, V>()
  maps.set(key, found)
  return found
}

function keep<T extends KubeObject>({ custom }: Kind<T>, original: T, object: T): T {
  if (object !== original) originals.set(object, original)
  within(asDefined, original).set(custom!, object)
  return object
}

export interface ConversionParts {
  readonly engine: Engine
  readonly etcd: Etcd
  /** The versions that a webhook makes of the one which is stored, by resource. */
  converted(): ReadonlyMap<string, readonly Kind[]>
  /** To ask webhooks. */
  calls(): CallParts
}

export class Conversions {
  private readonly parts: ConversionParts
  /** Why an object is not known in a version, by what defines the kind. */
  private readonly failures = new WeakMap<KubeObject, WeakMap<object, string>>()
  /** How long the last write's own version took. */
  private tookMs = new Map<string, number>()
  /** Resources of which objects are to be tried again, and why. */
  private readonly retries = new Set<string>()

  constructor(parts: ConversionParts) {
    this.parts = parts
  }

  /**
   * The object as that version of its kind says it; what the schema gives a default that the object was stored without stands in it.
   * @throws StatusError 500 when its webhook did not convert it
   */
  read<T extends KubeObject>(kind: Kind<T>, object: T): T {
    const original = originalOf(object)
    const found = known(kind, original)
    if (found) return found
    const { conversion } = kind.custom!
    checkAuthorities(conversion)
    if (conversion?.webhook && original.apiVersion !== kind.apiVersion)
      throw new StatusError(
        500,
        '',
        this.failures.get(original)?.get(kind.custom!) ?? conversionFailed(original, 'not asked yet'),
      )
    const filled = { ...cloneJson(original), apiVersion: kind.apiVersion }
    kind.applyDefaults(filled)
    return keep(kind, original, equalJson(filled, original) ? original : filled)
  }

  /** The same as etcd gives it: only while its webhook can be reached. @throws StatusError 500 */
  readCurrent<T extends KubeObject>(kind: Kind<T>, original: T): T {
    const webhook = kind.custom?.conversion?.webhook
    if (webhook && original.apiVersion !== kind.apiVersion) {
      const why = unreachable(this.parts.calls(), webhook)
      if (why !== undefined) throw new StatusError(500, '', conversionFailed(original, why))
    }
    return this.read(kind, original)
  }

  /**
   * The object as it is stored: in the one version of its definition for that.
   * @throws StatusError 500 when its webhook does not convert it
   */
  toStored(conversion: CustomConversion, object: KubeObject): { object: KubeObject; tookMs: number } {
    checkAuthorities(conversion)
    const { storedAs, webhook } = conversion
    if (object.apiVersion === storedAs) return { object: { ...object }, tookMs: 0 }
    if (!webhook) {
      // Who reads it finds what the schema of the stored version knows. Source: schemaCoercingDecoder
      const stored = { ...cloneJson(object), apiVersion: storedAs }
      prune(conversion.schemas.get(storedAs)!, stored as unknown as Record<string, unknown>)
      return { object: stored, tookMs: 0 }
    }
    const converted = this.ask(conversion, webhook, object, storedAs)
    if ('error' in converted) throw new StatusError(500, '', converted.error)
    return converted
  }

  /** What the webhook makes of an object, as the schema of that version lets it be. It is not told the version in the store. */
  private ask({ schemas }: CustomConversion, webhook: ConversionWebhook, object: KubeObject, to: string): Converted {
    const { resourceVersion: _, ...metadata } = object.metadata
    const converted = convertByWebhook(this.parts.calls(), webhook, { ...object, metadata } as KubeObject, to)
    if ('object' in converted) prune(schemas.get(to)!, converted.object as unknown as Record<string, unknown>)
    return converted
  }

  /** Virtual milliseconds that the object which was stored last took to be said in that version. */
  lastTookMs({ apiVersion }: Kind): number {
    return this.tookMs.get(apiVersion) ?? 0
  }

  /** Is told of each change before those who read: what is new is converted at once. */
  noteChange({ bucket, type, value, previous }: Change): void {
    if (bucket === definitionsBucket) {
      const [served] = type === 'DELETED' ? [] : servedKinds(value as CustomResourceDefinition)
      if (served?.custom?.conversion?.webhook) this.convertAll(resourceName(served))
      return
    }
    const versions = this.parts.converted().get(bucket)
    if (!versions) return
    this.tookMs = new Map()
    const isGoing = type === 'DELETED' && previous !== undefined
    for (const kind of versions) if (!(isGoing && keepLast(kind, previous, value))) this.convert(kind, value)
  }

  /** Those that are not known in each version yet, until the webhook turns out to be silent. */
  private convertAll(bucket: string): void {
    const { items } = this.parts.etcd.range(bucket, {})
    for (const kind of this.parts.converted().get(bucket) ?? [])
      for (const item of items) if (!known(kind, item) && this.convert(kind, item) === 'silent') break
  }

  private convert(kind: Kind, original: KubeObject): 'done' | 'refused' | 'silent' {
    const { conversion } = kind.custom!
    if (!conversion?.webhook || !hasReadableAuthorities(conversion.webhook.clientConfig)) return 'silent'
    const converted = this.ask(conversion, conversion.webhook, original, kind.apiVersion)
    this.tookMs.set(kind.apiVersion, converted.tookMs)
    if ('error' in converted) {
      within(this.failures, original).set(kind.custom!, converted.error)
      this.retry(resourceName(kind), converted.isSilent ? 'silent' : 'refused')
      return converted.isSilent ? 'silent' : 'refused'
    }
    const { object } = converted
    kind.applyDefaults(object)
    object.metadata.resourceVersion = original.metadata.resourceVersion
    keep(kind, original, object)
    return 'done'
  }

  /** As the reflector of a watch cache begins anew. */
  private retry(bucket: string, why: 'silent' | 'refused'): void {
    const id = `${bucket} ${why}`
    if (this.retries.has(id)) return
    this.retries.add(id)
    const again = (): void => {
      this.retries.delete(id)
      this.convertAll(bucket)
    }
    this.parts.engine.after(RETRY_MS[why], 'apiserver conversion', again, { background: true })
  }
}

/** What a version made of an object that goes now. @returns whether it was known */
function keepLast(kind: Kind, before: KubeObject, last: KubeObject): boolean {
  const version = known(kind, before)
  if (!version) return false
  const { resourceVersion } = last.metadata
  keep(kind, last, { ...version, metadata: { ...version.metadata, resourceVersion } })
  return true
}

/**
 * A client of certificates that cannot be read is never made, and without it nothing of the definition is served.
 * Source: crdHandler.ServeHTTP and getOrCreateServingInfoFor of customresource_handler.go
 */
function checkAuthorities(conversion: CustomConversion | undefined): void {
  if (conversion?.webhook && !hasReadableAuthorities(conversion.webhook.clientConfig))
    throw internalError('error resolving resource')
}

/**
 * A version of the store, and those before it, as the kind's version has them: for who owns which fields. Where a webhook converts, what was
 * sent in another version tells nothing of the fields of this one.
 * Simplified: the fields of a manager who wrote in another version are told in the version that is asked for.
 */
export function asWritten(kind: Kind, version: Version): Version {
  const { custom, apiVersion } = kind
  if (!custom?.conversion?.webhook) return version
  const found = within(views, custom)
  const view = found.get(version)
  if (view) return view
  const { write, value } = version
  const { sent: _, applied: __, ...plain } = write ?? {}
  let before: { is: Version | undefined } | undefined
  const made: Version = {
    ...version,
    value: value && (known(kind, value) ?? value),
    write: write && (write.apiVersion === apiVersion ? write : (plain as Write)),
    get before() {
      before ??= { is: version.before && asWritten(kind, version.before) }
      return before.is
    },
  }
  found.set(version, made)
  return made
}
