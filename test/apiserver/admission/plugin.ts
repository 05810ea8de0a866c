/** A plugin of admission by itself, asked about one request to a cluster that holds the objects given. */
import type { Kind } from '../../../sim/api/meta/kind.ts'
import type { KubeObject } from '../../../sim/api/meta/object.ts'
import { StatusError } from '../../../sim/api/meta/status-error.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../../../sim/apiserver/admission/admission.ts'
import { admin } from '../server.ts'

export interface Asked {
  object?: object
  old?: object
  operation?: AdmissionRequest['operation']
  subresource?: string
  namespace?: string
  name?: string
  user?: AdmissionRequest['user']
  isDryRun?: boolean
}

export interface Answer {
  /** As the plugin left it. */
  object: Record<string, unknown>
  /** The message of the refusal; undefined when the request went through. */
  refusal: string | undefined
  warnings: string[]
  /** Statuses written on account of it. */
  written: KubeObject[]
}

/** Each part of the plugin in its turn, as the server does. @param cluster kinds, each with its objects */
export function ask<T extends KubeObject>(
  plugin: AdmissionPlugin,
  kind: Kind<T>,
  { object, old, operation = 'CREATE', ...asked }: Asked,
  cluster: readonly (readonly [kind: unknown, objects: readonly object[]])[] = [],
  more: Partial<AdmissionContext> = {},
): Answer {
  const copy = structuredClone(object) as KubeObject | undefined
  const warnings: string[] = []
  const written: KubeObject[] = []
  const request: AdmissionRequest = {
    ...{ operation, kind: kind as unknown as Kind, subresource: '', namespace: 'ns', user: admin, isDryRun: false },
    ...{ name: copy?.metadata?.name ?? (old as KubeObject | undefined)?.metadata?.name ?? '' },
    ...asked,
    object: copy,
    old: structuredClone(old) as KubeObject | undefined,
    warn: (text) => void warnings.push(text),
    spend: () => undefined,
  }
  const objectsOf = (of: unknown): readonly KubeObject[] =>
    (cluster.find(([known]) => known === of)?.[1] ?? []) as readonly KubeObject[]
  const context = {
    find: (of: unknown, { namespace, name }: { namespace: string; name: string }) =>
      objectsOf(of).find(({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace),
    list: (of: unknown, namespace?: string) =>
      objectsOf(of).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    suffix: () => 'abcde',
    nowMs: () => 0,
    nowEpochMs: () => 0,
    updateStatus: (_: unknown, changed: KubeObject) => void written.push(changed),
    ...more,
  } as unknown as AdmissionContext
  let refusal: string | undefined
  try {
    plugin.admit?.(request, context)
    plugin.validate?.(request, context)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    refusal = error.message
  }
  return { object: copy as unknown as Record<string, unknown>, refusal, warnings, written }
}

/** Requests of which a plugin that is only about new objects says nothing. */
export const OTHER_REQUESTS: readonly Asked[] = [{ operation: 'UPDATE' }, { subresource: 'status' }]
