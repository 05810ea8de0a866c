/**
 * Conditions as the Gateway API has them: merged into those that stand there, with a time that changes only when the status does. Pure.
 * Sources: sigs.k8s.io/gateway-api v1.6.1, apis/v1/gateway_types.go (GatewayStatus), GEP-1364
 */
import type { Condition } from './types.ts'

/** A condition as it was worked out; which generation and since when is added when it is written. */
export type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

export const holds = (type: string, reason: string, message: string): Finding => ({
  type,
  status: 'True',
  reason,
  message,
})

export const fails = (type: string, reason: string, message: string): Finding => ({
  type,
  status: 'False',
  reason,
  message,
})

/** When and for what it was found. */
export interface FoundAt {
  generation: number | undefined
  timestamp: string
}

/**
 * The findings as conditions. Those of types that this controller does not look after stay.
 * @param before what stands there
 * @param own the types that are this controller's; such a condition that was not found goes
 */
export function mergeConditions(
  before: readonly Condition[] | undefined,
  findings: readonly Finding[],
  own: readonly string[],
  { generation, timestamp }: FoundAt,
): Condition[] {
  const merged = findings.map((finding): Condition => {
    const old = before?.find(({ type }) => type === finding.type)
    return {
      ...finding,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime: old?.status === finding.status ? old.lastTransitionTime : timestamp,
    }
  })
  const foreign = (before ?? []).filter(({ type }) => !own.includes(type) && !findings.some((one) => one.type === type))
  return [...merged, ...foreign]
}
