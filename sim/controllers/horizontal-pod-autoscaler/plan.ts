/**
 * From what a metric asks for to what is set: stabilization, rates, limits. Pure.
 * Source: kubernetes/pkg/controller/podautoscaler/horizontal.go
 */
import type { HorizontalPodAutoscaler, ScalingRules } from '../../api/autoscaling/types.ts'

/** --horizontal-pod-autoscaler-downscale-stabilization */
const DOWNSCALE_STABILIZATION_SECONDS = 300
/** Without spec.behavior: to twice as many at a time, or to four. */
const SCALE_UP_FACTOR = 2
const SCALE_UP_MINIMUM = 4

export interface Recommendation {
  replicas: number
  atMs: number
}

export interface ScaleEvent {
  /** Replicas added, or taken away. */
  change: number
  atMs: number
}

/** What the controller remembers of an autoscaler; it is gone after a restart. */
export interface Memory {
  recommendations: readonly Recommendation[]
  scaleUps: readonly ScaleEvent[]
  scaleDowns: readonly ScaleEvent[]
}

export interface Limits {
  min: number
  max: number
  behavior: HorizontalPodAutoscaler['spec']['behavior']
}

export interface PlannedCondition {
  type: 'AbleToScale' | 'ScalingLimited'
  status: 'True' | 'False'
  reason: string
  message: string
}

export interface Normalized {
  replicas: number
  conditions: readonly PlannedCondition[]
}

const READY: PlannedCondition = {
  type: 'AbleToScale',
  status: 'True',
  reason: 'ReadyForNewScale',
  message: 'recommended size matches current size',
}

/**
 * @param proposed what the metrics ask for
 * @param memory with the recommendations before this one
 */
export function normalizeReplicas(
  current: number,
  proposed: number,
  { min, max, behavior }: Limits,
  memory: Memory,
  nowMs: number,
): Normalized {
  const stabilized = stabilize(current, proposed, behavior, memory.recommendations, nowMs)
  const limited = behavior
    ? limitByBehavior(current, stabilized.replicas, { min, max, behavior }, memory, nowMs)
    : limitPlainly(current, stabilized.replicas, min, max)
  const isLimited = limited.replicas !== stabilized.replicas
  return {
    replicas: limited.replicas,
    conditions: [
      stabilized.condition,
      {
        type: 'ScalingLimited',
        status: isLimited ? 'True' : 'False',
        reason: limited.reason,
        message: limited.message,
      },
    ],
  }
}

/** How long a recommendation is of use. */
export function memorySeconds(behavior: HorizontalPodAutoscaler['spec']['behavior']): number {
  const { scaleUp, scaleDown } = behavior ?? {}
  const periods = [...(scaleUp?.policies ?? []), ...(scaleDown?.policies ?? [])].map((policy) => policy.periodSeconds)
  return Math.max(
    scaleUp?.stabilizationWindowSeconds ?? 0,
    scaleDown?.stabilizationWindowSeconds ?? DOWNSCALE_STABILIZATION_SECONDS,
    ...periods,
  )
}

/**
 * Without spec.behavior the highest recent recommendation counts, be it more than there is now. With it the present size stays between
 * the lowest and the highest that were recommended within the windows of growing and shrinking.
 */
function stabilize(
  current: number,
  proposed: number,
  behavior: Limits['behavior'],
  recommendations: readonly Recommendation[],
  nowMs: number,
): { replicas: number; condition: PlannedCondition } {
  const since = (seconds: number | undefined): number => nowMs - (seconds ?? DOWNSCALE_STABILIZATION_SECONDS) * 1000
  const recommended = (isRecent: (atMs: number) => boolean): number[] => [
    proposed,
    ...recommendations.filter(({ atMs }) => isRecent(atMs)).map(({ replicas }) => replicas),
  ]
  const downSinceMs = since(behavior?.scaleDown?.stabilizationWindowSeconds)
  let replicas: number
  if (behavior) {
    const upSinceMs = since(behavior.scaleUp?.stabilizationWindowSeconds ?? 0)
    const lowest = Math.min(...recommended((atMs) => atMs > upSinceMs))
    const highest = Math.max(...recommended((atMs) => atMs > downSinceMs))
    replicas = Math.min(Math.max(current, lowest), highest)
  } else replicas = Math.max(...recommended((atMs) => atMs >= downSinceMs))
  if (replicas === proposed) return { replicas, condition: READY }
  const [reason, direction, choice] =
    behavior && proposed >= current
      ? ['ScaleUpStabilized', 'lower', 'lowest']
      : ['ScaleDownStabilized', 'higher', 'highest']
  const message = `recent recommendations were ${direction} than current one, applying the ${choice} recent recommendation`
  return { replicas, condition: { type: 'AbleToScale', status: 'True', reason, message } }
}

interface Limited {
  replicas: number
  reason: string
  message: string
}

const inRange = (replicas: number): Limited => ({
  replicas,
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
})
const tooFew = (replicas: number): Limited => ({
  replicas,
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
})
const tooMany = (replicas: number): Limited => ({
  replicas,
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
})
const tooFast = (replicas: number, direction: 'Up' | 'Down'): Limited => ({
  replicas,
  reason: `Scale${direction}Limit`,
  message: `the desired replica count is ${direction === 'Up' ? 'increasing' : 'decreasing'} faster than the maximum scale rate`,
})

function limitPlainly(current: number, desired: number, min: number, max: number): Limited {
  const fastest = Math.max(SCALE_UP_FACTOR * current, SCALE_UP_MINIMUM)
  if (desired < min) return tooFew(min)
  if (desired <= Math.min(max, fastest)) return inRange(desired)
  return max > fastest ? tooFast(fastest, 'Up') : tooMany(max)
}

function limitByBehavior(
  current: number,
  desired: number,
  { min, max, behavior }: Limits,
  memory: Memory,
  nowMs: number,
): Limited {
  if (desired > current) {
    const fastest = Math.max(current, fastestUp(current, behavior?.scaleUp, memory, nowMs))
    if (desired <= Math.min(max, fastest)) return inRange(desired)
    return max > fastest ? tooFast(fastest, 'Up') : tooMany(max)
  }
  if (desired < current) {
    const fastest = Math.min(current, fastestDown(current, behavior?.scaleDown, memory, nowMs))
    if (desired >= Math.max(min, fastest)) return inRange(desired)
    return min < fastest ? tooFast(fastest, 'Down') : tooFew(min)
  }
  return inRange(desired)
}

/** How many there were at the beginning of the period. */
function replicasBefore(current: number, { scaleUps, scaleDowns }: Memory, seconds: number, nowMs: number): number {
  const changed = (events: readonly ScaleEvent[]): number =>
    events.reduce((sum, { change, atMs }) => (atMs > nowMs - seconds * 1000 ? sum + change : sum), 0)
  return current - changed(scaleUps) + changed(scaleDowns)
}

/** To how many the policies let it grow. A share is worked out with the inaccuracy of the original: 100 and 10 % are 111. */
function fastestUp(current: number, rules: ScalingRules = {}, memory: Memory, nowMs: number): number {
  if (rules.selectPolicy === 'Disabled') return current
  const proposals = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const before = replicasBefore(current, memory, periodSeconds, nowMs)
    return type === 'Pods' ? before + value : Math.ceil(before * (1 + value / 100))
  })
  return rules.selectPolicy === 'Min' ? Math.min(...proposals) : Math.max(...proposals)
}

/** To how few the policies let it shrink. */
function fastestDown(current: number, rules: ScalingRules = {}, memory: Memory, nowMs: number): number {
  if (rules.selectPolicy === 'Disabled') return current
  const proposals = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const before = replicasBefore(current, memory, periodSeconds, nowMs)
    return type === 'Pods' ? before - value : Math.floor(before * (1 - value / 100))
  })
  return rules.selectPolicy === 'Min' ? Math.max(...proposals) : Math.min(...proposals)
}
