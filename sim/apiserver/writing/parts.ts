/** What the ways of writing have in common. */
import { namespaces } from '../../api/core/namespace.ts'
import { invalidObject } from '../../api/meta/field-error.ts'
import type { Kind, StrategyContext } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Random } from '../../engine/random.ts'
import type { Access } from '../access.ts'
import type { AdmissionContext } from '../admission/admission.ts'
import { type Caller, serverItself } from '../caller.ts'
import type { ObjectStore } from '../object-store.ts'
import type { ServiceAddresses } from '../service-addresses.ts'
import type { VirtualResources } from '../virtual.ts'

export interface WriteParts {
  readonly engine: Engine
  readonly store: ObjectStore
  readonly access: Access
  readonly admission: AdmissionContext
  readonly virtualResources: VirtualResources
  readonly serviceAddresses: ServiceAddresses
  /** What generated names are drawn from. */
  readonly names: Random
  /** Field paths that were written and have no effect here. */
  readonly notSimulated: Set<string>
}

/** What a kind may ask for while an object of it is written; by the server itself without a caller. */
export const strategyContext = (
  { engine, store }: Pick<WriteParts, 'engine' | 'store'>,
  caller: Caller = serverItself,
): StrategyContext => ({
  now: engine.timestamp(),
  user: caller.user,
  namespaceLabels: (name) => store.read(namespaces, { namespace: '', name })?.metadata.labels ?? {},
})

/**
 * Reserves what the object needs outside itself; refuses it when it can't be had. Source: BeginCreate and BeginUpdate of the registry
 * @returns takes it, once nothing else refuses the write
 */
export function reserve<T extends KubeObject>(
  { serviceAddresses }: WriteParts,
  kind: Kind<T>,
  request: { object: T; old: T | undefined; context: StrategyContext; dryRun: boolean | undefined },
): () => void {
  if (!kind.allocate) return () => undefined
  const { object, old, context, dryRun } = request
  const reservation = serviceAddresses.begin(dryRun ?? false)
  const refusals = kind.allocate(object, old, { ...context, serviceAddresses: reservation })
  if (refusals.length > 0) throw invalidObject(kind.group, kind.kind, object.metadata.name, refusals)
  return () => reservation.commit()
}

/** Gives back what a removed object held outside itself. */
export function giveBack<T extends KubeObject>(
  parts: Pick<WriteParts, 'engine' | 'store' | 'serviceAddresses'>,
  kind: Kind<T>,
  object: T,
): void {
  if (!kind.release) return
  const reservation = parts.serviceAddresses.begin(false)
  kind.release(object, { ...strategyContext(parts), serviceAddresses: reservation })
  reservation.commit()
}

/** Tells the caller what is odd about an object, and what of it has no effect here. */
export function warn<T extends KubeObject>(
  { notSimulated }: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  object: T,
  old: T | undefined,
): void {
  for (const warning of kind.warnings?.(object, old) ?? []) caller.warn(warning)
  if (caller.isTrusted) return
  for (const path of kind.notSimulated ?? []) {
    if (!hasPath(object, path.split('.'))) continue
    notSimulated.add(`${kind.kind}.${path}`)
    caller.warn(`not simulated: ${path} is accepted and stored, and has no effect here`)
  }
}

function hasPath(value: unknown, path: readonly string[]): boolean {
  if (path.length === 0) return value !== undefined && value !== null
  const [name, ...rest] = path
  if (name.endsWith('[]')) {
    const list = (value as Record<string, unknown> | undefined)?.[name.slice(0, -2)]
    return Array.isArray(list) && list.some((item) => hasPath(item, rest))
  }
  return typeof value === 'object' && value !== null && hasPath((value as Record<string, unknown>)[name], rest)
}
