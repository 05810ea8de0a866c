/**
 * What refers to an object of another namespace needs a ReferenceGrant there. Pure.
 * Source: sigs.k8s.io/gateway-api v1.6.1, apis/v1/referencegrant_types.go
 */
import { charge } from '../../engine/work.ts'
import { GROUP } from './definitions/shapes.ts'
import type { ReferenceGrant } from './types.ts'

export interface Reference {
  from: { kind: 'Gateway' | 'HTTPRoute' | 'GRPCRoute'; namespace: string }
  to: { group: string; kind: string; namespace: string; name: string }
}

/** Whether the reference may be followed. */
export function isGranted(grants: readonly ReferenceGrant[], { from, to }: Reference): boolean {
  if (from.namespace === to.namespace) return true
  charge(grants.length)
  return grants.some(
    ({ metadata, spec }) =>
      metadata.namespace === to.namespace &&
      spec.from.some((one) => one.group === GROUP && one.kind === from.kind && one.namespace === from.namespace) &&
      spec.to.some(
        (one) => one.group === to.group && one.kind === to.kind && (one.name === undefined || one.name === to.name),
      ),
  )
}
