/**
 * What the API server has to know about a kind. One file a kind exports one of these; the registry lists them. Generic code
 * (REST verbs, watch, tables, describe, explain, api-resources) reads them and names no kind.
 */
import type { FieldError } from './field-error.ts'
import type { KubeObject, ObjectKey } from './object.ts'
import type { WebhookClientConfig } from './webhook-client.ts'

/** Names of a resource, as discovery gives them. */
export interface ResourceNames {
  /** '' for the core group. */
  group: string
  version: string
  kind: string
  plural: string
  singular: string
  shortNames: readonly string[]
  categories: readonly string[]
  isNamespaced: boolean
}

/** One column of the server-side table. Source: kubernetes/pkg/printers/internalversion */
export interface Column<T> {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  format?: string
  description: string
  /** 0 always shown, 1 only with -o wide. */
  priority: 0 | 1
  /** null where there is nothing to show. */
  cell(object: T, context: PrintContext): string | number | boolean | null
}

export interface PrintContext {
  /** The virtual wall clock, in milliseconds since 1970: ages are reckoned from it. */
  nowEpochMs: number
}

/** What a kind may ask of the server while an object of it is being written. */
export interface StrategyContext {
  /** Virtual wall clock as RFC 3339. */
  now: string
  user: { name: string; groups: readonly string[]; uid?: string; extra?: Readonly<Record<string, readonly string[]>> }
  /** Those of a namespace as it is. */
  namespaceLabels(name: string): Readonly<Record<string, string>>
}

/** The same while it is decided what the object holds outside itself: allocations outlive its own fields. */
export interface AllocationContext extends StrategyContext {
  serviceAddresses: ServiceAddressAllocator
}

/** Cluster IPs and node ports, as the Service registry hands them out. Errors are those of the real one. */
export interface ServiceAddressAllocator {
  /** @param service whose it will be */
  allocateClusterIP(service: ObjectKey): string
  /** Why it can't be had (`failed to allocate IP 10.96.0.9: provided IP is already allocated`), or undefined when it is reserved now. */
  reserveClusterIP(ip: string, service: ObjectKey): string | undefined
  releaseClusterIP(ip: string): void
  allocateNodePort(): number
  reserveNodePort(port: number): string | undefined
  releaseNodePort(port: number): void
}

/** Nothing is taken or given back before `commit`: the write may still be refused. */
export interface ServiceAddressReservation extends ServiceAddressAllocator {
  commit(): void
}

/** What is other about a kind that the cluster learned of: its objects are read by its own schema, and its definition names its list. */
export interface CustomShape {
  listKind: string
  schema: StructuralSchema
  /** Its definition is being deleted, and nothing more is created of it. */
  isTerminating: boolean
  /** Of a definition with several versions. */
  conversion?: CustomConversion
}

/** How an object of one version of a custom resource becomes one of another. */
export interface CustomConversion {
  /** The apiVersion in which objects lie in the store. */
  storedAs: string
  /** By apiVersion: of those that are served or stored. */
  schemas: ReadonlyMap<string, StructuralSchema>
  /** Who is asked; undefined where all versions hold the same fields. */
  webhook?: ConversionWebhook
}

export interface ConversionWebhook {
  clientConfig: WebhookClientConfig
  conversionReviewVersions: readonly string[]
}

/** A JSONSchemaProps of apiextensions.k8s.io that is structural; its form is told there. */
export type StructuralSchema = object

export interface Kind<T extends KubeObject = KubeObject> extends ResourceNames {
  apiVersion: string
  /** The name of its schema in the OpenAPI document: `io.k8s.api.core.v1.Pod`. */
  schema: string
  /** Of a kind that a CustomResourceDefinition defines. */
  custom?: CustomShape
  /** Fills in what the user left out. Gets a fresh copy that it may change. */
  applyDefaults(object: T): void
  /** Clears what a creator may not set (status) and sets what the server sets. Gets a fresh copy that it may change. */
  prepareForCreate(object: T, context: StrategyContext): void
  /** Carries over what an update may not change (status); `object` is a fresh copy that it may change. */
  prepareForUpdate(object: T, old: T, context: StrategyContext): void
  /** The same for PUT/PATCH of the status subresource: spec and most of metadata stay as they were. */
  prepareForStatusUpdate?(object: T, old: T): void
  validate(object: T): FieldError[]
  /** What depends on other objects than itself, when it is created. Told before the rest. */
  validateCreate?(object: T, context: StrategyContext): FieldError[]
  validateUpdate(object: T, old: T): FieldError[]
  validateStatusUpdate?(object: T, old: T): FieldError[]
  /** Further subresources by which the whole object is updated, each with what it may change. */
  updates?: Readonly<
    Record<
      string,
      { prepare(object: T, old: T, context: StrategyContext): void; validate(object: T, old: T): FieldError[] }
    >
  >
  /** An object of an older version in the words of this one; left out where both say the same. */
  fromOldVersion?(object: Record<string, unknown>): Record<string, unknown>
  /** Answered by the server, or by an add-on, and never stored: see apiserver/virtual.ts. */
  isVirtual?: boolean
  /** PUT makes the object when there is none. Source: AllowCreateOnUpdate of its strategy in kubernetes/pkg/registry */
  createsOnUpdate?: boolean
  /** PUT has to say which version it replaces. Source: AllowUnconditionalUpdate of its strategy */
  needsResourceVersion?: boolean
  /** Has `.status` as a subresource. */
  hasStatus: boolean
  /** metadata.generation grows when this part changes; undefined for kinds without a generation. */
  generationOf?(object: T): unknown
  /**
   * Reserves what the object needs outside itself (cluster IP…), before it is validated and in a dry run too; may change the
   * fresh copy. Returns refusals, after which nothing more is looked at.
   */
  allocate?(object: T, old: T | undefined, context: AllocationContext): FieldError[]
  /** Gives back what `allocate` reserved, once the object is gone from the store. */
  release?(object: T, context: AllocationContext): void
  /** What the server adds to every answer about a kind that is deprecated. */
  deprecation?: string
  /** Warnings that the server adds to a write's answer. */
  warnings?(object: T, old: T | undefined): string[]
  /** Why the object of that name may never be deleted, asked before anything else. */
  refusesDeletion?(name: string): string | undefined
  /** How a DELETE ends: at once, or after a grace period that somebody else (the kubelet, a finalizer) ends. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number | undefined
  /** Marks the copy when its deletion begins (a Namespace becomes Terminating). */
  beginDeletion?(object: T): void
  /** True while something besides metadata.finalizers keeps a deleted object (a Namespace's spec.finalizers). */
  holdsDeletion?(object: T): boolean
  columns: readonly Column<T>[]
  /** Which of two rows of a table comes first; by namespace and name unless told. */
  compareRows?(a: T, b: T): number
  /** Values for field selectors besides metadata.name and metadata.namespace. */
  selectableFields?(object: T): Record<string, string>
  /** Field paths whose effect is not simulated: writing one adds a "not simulated" warning. */
  notSimulated?: readonly string[]
  /** It tells of things and causes nothing: its writes have no place in the causal trace. */
  isReport?: boolean
  /** Its objects are removed so long after their last write, as those under an etcd lease. */
  expiry?: { ttlMs: number; lastWrittenEpochMs(object: T): number | undefined }
  /** Its objects are namespaces: each lies in itself, so that a RoleBinding in it may allow reading it, and many are never deleted at once. */
  liesInItself?: boolean
  /** `scale` subresource, for kinds that have one. */
  scale?: {
    replicas(object: T): number
    withReplicas(object: T, replicas: number): T
    statusReplicas(object: T): number
    /** The selector as text, as Scale.status.selector holds it. */
    selector(object: T): string
  }
}

/** What field sets are told by: the schema of a custom resource, or the name of a definition. */
export const definitionOf = ({ schema, custom }: Pick<Kind, 'schema' | 'custom'>): string | StructuralSchema =>
  custom?.schema ?? schema

/** `pods`, `deployments.apps`: how error messages name the resource. */
export const resourceName = (kind: Pick<ResourceNames, 'group' | 'plural'>): string =>
  kind.group ? `${kind.plural}.${kind.group}` : kind.plural

/** Of a kind whose objects are answered instead of stored: nobody fills anything in, and nothing of it is replaced. */
export const answeredKind = {
  categories: [],
  isVirtual: true,
  applyDefaults: () => {},
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: () => [],
  validateUpdate: () => [],
  hasStatus: false,
} satisfies Partial<Kind>
