/** Scales workloads to what their metrics ask for. Source: kubernetes/pkg/controller/podautoscaler/horizontal.go */
import { horizontalPodAutoscalers } from '../../api/autoscaling/horizontal-pod-autoscaler.ts'
import { podMetrics } from '../../api/autoscaling/metrics.ts'
import type { HorizontalPodAutoscaler, MetricStatus, PodMetrics } from '../../api/autoscaling/types.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { equalJson } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { type CompiledSelector, compileSelector } from '../../api/meta/label-selector.ts'
import { type Condition, findCondition, keyOf, keyText, type ObjectKey, parseKeyText } from '../../api/meta/object.ts'
import { quantityMillis } from '../../api/meta/quantity.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type { Scale } from '../../client/client.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import type { Timer } from '../../engine/engine.ts'
import { createCustomKinds } from '../custom-kinds.ts'
import { createListening } from '../handlers.ts'
import { proposeReplicas } from './metrics.ts'
import { type Memory, memorySeconds, normalizeReplicas } from './plan.ts'

/** --horizontal-pod-autoscaler-sync-period */
const SYNC_MS = 15_000
/** --horizontal-pod-autoscaler-tolerance */
const TOLERANCE = 0.1

export const horizontalPodAutoscalerController: ControllerSpec = {
  name: 'horizontal-pod-autoscaler-controller',
  serviceAccount: 'horizontal-pod-autoscaler',
  watches: [horizontalPodAutoscalers, pods],
  start: startAutoscaling,
}

type Status = HorizontalPodAutoscaler['status']

function startAutoscaling({ engine, client, informers, recorder }: ComponentContext): RunningComponent {
  const informer = informers.informer(horizontalPodAutoscalers)
  const podInformer = informers.informer(pods)
  const custom = createCustomKinds(informers)
  const events = recorder('horizontal-pod-autoscaler')
  const memories = new Map<string, Memory>()
  const timers = new Map<string, Timer>()
  /** The Pods that each autoscaler reads the metrics of, once it has been looked at. */
  const selections = new Map<string, { namespace: string; matches: CompiledSelector }>()

  /** The next look at an autoscaler; background work while the last one changed nothing. */
  function arm(key: string, isIdle: boolean): void {
    timers.set(
      key,
      engine.after(SYNC_MS, 'autoscaler sync', () => sync(key), { background: isIdle }),
    )
  }

  function sync(key: string): void {
    const autoscaler = informer.get(parseKeyText(key))
    timers.delete(key)
    if (!autoscaler) {
      memories.delete(key)
      return
    }
    let isIdle = false
    try {
      isIdle = reconcile(autoscaler, key)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
    }
    arm(key, isIdle)
  }

  /** Tells whether nothing changed and nothing is about to. */
  function reconcile(autoscaler: HorizontalPodAutoscaler, key: string): boolean {
    const { spec } = autoscaler
    const namespace = autoscaler.metadata.namespace!
    const conditions = new Conditions(autoscaler.status.conditions, () => engine.timestamp())
    const write = (status: Partial<Status>, metrics: MetricStatus[] | null = null): boolean => {
      const next = { ...autoscaler.status, ...status, currentMetrics: metrics, conditions: conditions.list }
      if (equalJson(next, autoscaler.status)) return true
      client.updateStatus(horizontalPodAutoscalers, { ...autoscaler, status: next })
      return false
    }
    const target = findScale(autoscaler)
    if ('error' in target) {
      events.event(autoscaler, 'Warning', 'FailedGetScale', target.error)
      conditions.set(
        'AbleToScale',
        'False',
        'FailedGetScale',
        `the HPA controller was unable to get the target's current scale: ${target.error}`,
      )
      return write({}, autoscaler.status.currentMetrics)
    }
    conditions.set(
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    )
    const current = target.scale.spec.replicas
    const min = spec.minReplicas ?? 1
    const memory = remembered(key, spec.behavior, current)
    let desired = current
    let reason = ''
    let metricStatuses: MetricStatus[] | undefined
    let isStabilizing = false
    if (current === 0 && min !== 0) {
      conditions.set(
        'ScalingActive',
        'False',
        'ScalingDisabled',
        'scaling is disabled since the replica count of the target is zero',
      )
    } else if (current > spec.maxReplicas) {
      desired = spec.maxReplicas
      reason = 'Current number of replicas above Spec.MaxReplicas'
    } else if (current < min) {
      desired = min
      reason = 'Current number of replicas below Spec.MinReplicas'
    } else {
      const asked = askMetrics(autoscaler, namespace, target.scale, conditions)
      if ('error' in asked) {
        const isIdle = write({ currentReplicas: current }, asked.statuses)
        events.event(autoscaler, 'Warning', 'FailedComputeMetricsReplicas', asked.error)
        return isIdle
      }
      metricStatuses = asked.statuses
      if (asked.replicas > current) reason = `${asked.name} above target`
      if (asked.replicas < current) reason = 'All metrics below target'
      const limits = { min, max: spec.maxReplicas, behavior: spec.behavior }
      const normalized = normalizeReplicas(current, asked.replicas, limits, memory, engine.nowMs)
      memory.recommendations = [...memory.recommendations, { replicas: asked.replicas, atMs: engine.nowMs }]
      for (const { type, status, reason, message } of normalized.conditions)
        conditions.set(type, status, reason, message)
      desired = normalized.replicas
      isStabilizing = desired !== asked.replicas && desired !== min && desired !== spec.maxReplicas
    }
    const rescales = desired !== current
    if (rescales) {
      try {
        client.updateScale(target.kind, target.key, desired)
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        const why = `New size: ${desired}; reason: ${reason}; error: ${error.message}`
        events.event(autoscaler, 'Warning', 'FailedRescale', why)
        conditions.set(
          'AbleToScale',
          'False',
          'FailedUpdateScale',
          `the HPA controller was unable to update the target scale: ${error.message}`,
        )
        write({ currentReplicas: current }, metricStatuses)
        throw error
      }
      conditions.set(
        'AbleToScale',
        'True',
        'SucceededRescale',
        `the HPA controller was able to update the target scale to ${desired}`,
      )
      events.event(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${reason}`)
      const change = { change: Math.abs(desired - current), atMs: engine.nowMs }
      if (desired > current) memory.scaleUps = [...memory.scaleUps, change]
      else memory.scaleDowns = [...memory.scaleDowns, change]
    }
    const status = { currentReplicas: current, desiredReplicas: desired }
    const isUnchanged = write(rescales ? { ...status, lastScaleTime: engine.timestamp() } : status, metricStatuses)
    return isUnchanged && !rescales && !isStabilizing
  }

  function findScale(
    autoscaler: HorizontalPodAutoscaler,
  ): { kind: Kind; key: ObjectKey; scale: Scale } | { error: string } {
    const { apiVersion = 'v1', kind: kindName, name } = autoscaler.spec.scaleTargetRef
    const kind = custom.find(apiVersion, kindName)
    const group = apiVersion.slice(0, Math.max(apiVersion.indexOf('/'), 0))
    if (!kind) return { error: `no matches for kind ${JSON.stringify(kindName)} in group ${JSON.stringify(group)}` }
    const key = { namespace: autoscaler.metadata.namespace!, name }
    try {
      return { kind, key, scale: client.getScale(kind, key) }
    } catch (error) {
      if (error instanceof StatusError) return { error: error.message }
      throw error
    }
  }

  /** The greatest number that a metric asks for; an error when none can be reckoned. Of a metric that is not known the status is without a type. */
  function askMetrics(
    autoscaler: HorizontalPodAutoscaler,
    namespace: string,
    scale: Scale,
    conditions: Conditions,
  ): { replicas: number; name: string; statuses: MetricStatus[] } | { error: string; statuses?: MetricStatus[] } {
    const { metrics: specs = [], behavior } = autoscaler.spec
    const { selector } = scale.status
    const matches = compileSelector(selector)
    const chosen = podInformer.list(namespace).filter((pod) => matches.matches(pod.metadata.labels))
    const refusal = refuseSelector(autoscaler, namespace, selector, chosen)
    if (refusal) {
      events.event(autoscaler, 'Warning', refusal.reason, refusal.error)
      conditions.set('ScalingActive', 'False', refusal.condition, refusal.message)
      return { error: refusal.error }
    }
    const tolerance = {
      up: behavior?.scaleUp?.tolerance === undefined ? TOLERANCE : quantityMillis(behavior.scaleUp.tolerance) / 1000,
      down:
        behavior?.scaleDown?.tolerance === undefined ? TOLERANCE : quantityMillis(behavior.scaleDown.tolerance) / 1000,
    }
    const answered = specs.some(({ resource, containerResource }) => resource || containerResource)
      ? readMetrics(namespace, selector)
      : []
    let replicas = 0
    let name = ''
    const statuses: MetricStatus[] = []
    const failures: { error: string; reason: string; wrapped: string }[] = []
    for (const metric of specs) {
      const proposal = proposeReplicas({
        metric,
        namespace,
        currentReplicas: scale.spec.replicas,
        pods: chosen,
        metrics: answered,
        tolerance,
        nowEpochMs: engine.epochMs,
      })
      if ('error' in proposal) {
        failures.push(proposal)
        statuses.push({ type: '' })
        events.event(autoscaler, 'Warning', proposal.reason, proposal.error)
        continue
      }
      statuses.push(proposal.status)
      if (replicas === 0 || proposal.replicas > replicas) {
        replicas = proposal.replicas
        name = proposal.name
      }
    }
    // With some metrics unknown, what is known may make it grow and may not make it shrink.
    const isHeldBack = failures.length > 0 && replicas < scale.spec.replicas
    if (failures.length > 0 && (failures.length === specs.length || isHeldBack)) {
      const [first] = failures
      conditions.set(
        'ScalingActive',
        'False',
        first.reason,
        `the HPA was unable to compute the replica count: ${first.error}`,
      )
      return {
        statuses,
        error: `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${first.wrapped}`,
      }
    }
    conditions.set(
      'ScalingActive',
      'True',
      'ValidMetricFound',
      `the HPA was able to successfully calculate a replica count from ${name}`,
    )
    return { replicas, name, statuses }
  }

  /**
   * Why the metrics of these Pods say nothing: nobody chose them, or several autoscalers did, by the selectors with which they were last
   * looked at. Source: validateAndParseSelector
   */
  function refuseSelector(
    autoscaler: HorizontalPodAutoscaler,
    namespace: string,
    selector: string,
    chosen: readonly Pod[],
  ): { reason: string; error: string; condition: string; message: string } | undefined {
    if (selector === '') {
      const message = "the HPA target's scale is missing a selector"
      return { reason: 'SelectorRequired', error: 'selector is required', condition: 'InvalidSelector', message }
    }
    selections.set(keyText(keyOf(autoscaler)), { namespace, matches: compileSelector(selector) })
    const choosing = [...selections].filter(
      ([, one]) => one.namespace === namespace && chosen.some((pod) => one.matches.matches(pod.metadata.labels)),
    )
    if (choosing.length < 2) return undefined
    const names = choosing.map(([key]) => key).sort()
    const error = `pods by selector ${selector} are controlled by multiple HPAs: [${names.join(' ')}]`
    return { reason: 'AmbiguousSelector', error, condition: 'AmbiguousSelector', message: error }
  }

  function readMetrics(namespace: string, labelSelector: string): readonly PodMetrics[] | { error: string } {
    try {
      return client.list(podMetrics, { namespace, labelSelector }).items
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      return { error: error.reason === 'NotFound' ? `${error.message} (get pods.metrics.k8s.io)` : error.message }
    }
  }

  /** What is still of use of what was remembered; at first, the current number as a recommendation. */
  function remembered(key: string, behavior: HorizontalPodAutoscaler['spec']['behavior'], current: number): Memory {
    const known = memories.get(key) ?? {
      recommendations: [{ replicas: current, atMs: engine.nowMs }],
      scaleUps: [],
      scaleDowns: [],
    }
    const since = engine.nowMs - memorySeconds(behavior) * 1000
    const recent = <T extends { atMs: number }>(list: readonly T[]): readonly T[] =>
      list.filter(({ atMs }) => atMs >= since)
    const memory: Memory = {
      recommendations: recent(known.recommendations),
      scaleUps: recent(known.scaleUps),
      scaleDowns: recent(known.scaleDowns),
    }
    memories.set(key, memory)
    return memory
  }

  const listening = createListening(() => {
    for (const timer of timers.values()) engine.cancel(timer)
  })
  listening.on(informer, {
    // The first look comes a whole period after the creation.
    onAdd: (autoscaler) => {
      const key = keyText(keyOf(autoscaler))
      if (!timers.has(key)) arm(key, false)
    },
    onDelete: (autoscaler) => {
      const key = keyText(keyOf(autoscaler))
      engine.cancel(timers.get(key))
      timers.delete(key)
      memories.delete(key)
      selections.delete(key)
    },
  })
  return listening
}

/** Conditions being set, each with the time of its last change of status. */
class Conditions {
  list: Condition[]
  private readonly now: () => string

  constructor(list: readonly Condition[] | undefined, now: () => string) {
    this.list = [...(list ?? [])]
    this.now = now
  }

  set(type: string, status: Condition['status'], reason: string, message: string): void {
    const old = findCondition(this.list, type)
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : this.now()
    const condition: Condition = { type, status, lastTransitionTime, reason, message }
    this.list = old ? this.list.map((one) => (one === old ? condition : one)) : [...this.list, condition]
  }
}
