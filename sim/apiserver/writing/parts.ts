/** What the ways of writing have in common. */
import type { Kind, ServiceAddressAllocator, StrategyContext } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Random } from '../../engine/random.ts'
import type { Access } from '../access.ts'
import type { AdmissionContext } from '../admission/admission.ts'
import { type Caller, serverItself } from '../caller.ts'
import type { ObjectStore } from '../object-store.ts'
import type { VirtualResources } from '../virtual.ts'

export interface WriteParts {
  readonly engine: Engine
  readonly store: ObjectStore
  readonly access: Access
  readonly admission: AdmissionContext
  readonly virtualResources: VirtualResources
  readonly serviceAddresses: ServiceAddressAllocator
  /** What generated names are drawn from. */
  readonly names: Random
  /** Field paths that were written and have no effect here. */
  readonly notSimulated: Set<string>
}

/** What a kind may ask for while an object of it is written; by the server itself without a caller. */
export const strategyContext = (
  { engine, serviceAddresses }: Pick<WriteParts, 'engine' | 'serviceAddresses'>,
  caller: Caller = serverItself,
): StrategyContext => ({ now: engine.timestamp(), serviceAddresses, user: caller.user })

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
