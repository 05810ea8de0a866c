/** Keeps what each quota says is used. Admission charges what comes; this reckons anew when something goes. Source: kubernetes/pkg/controller/resourcequota */
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import { pods } from '../../api/core/pod.ts'
import type { ContainerStatus, Pod } from '../../api/core/pod-types.ts'
import { evaluatorOf, hasDeadline, printResources, takesResources } from '../../api/core/resource-quota/usage.ts'
import { resourceQuotas } from '../../api/core/resource-quota.ts'
import { services } from '../../api/core/service.ts'
import { equalJson } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { type KubeObject, keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import { kinds } from '../../api/registry.ts'
import type { SharedInformer } from '../../client/informer.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import type { Timer } from '../../engine/engine.ts'
import { createListening } from '../handlers.ts'
import { type Measured, planQuotaStatus, type QuotaMeter } from './plan.ts'

/** All quotas are reckoned anew this often, whatever was seen. */
const RESYNC_MS = 300_000

// A full quota is reckoned less often: a thousand Pods that go need not be counted a thousand times.
const PODS_PER_MS = 100

/** A container has other resources than before. */
function isResized({ status: now }: Pod, { status: before }: Pod): boolean {
  if (now === before) return false
  const statusesOf = (status: Pod['status'] | undefined): ContainerStatus[] => [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
  ]
  const olds = statusesOf(before)
  return statusesOf(now).some(({ name, resources }) => {
    const old = olds.find((one) => one.name === name)?.resources
    return old !== undefined && !equalJson(old, resources)
  })
}

// Nobody limits how much may be told.
const isCounted = (kind: Kind): boolean => kind.isNamespaced && kind.kind !== 'Event'

export const resourceQuotaController: ControllerSpec = {
  name: 'resourcequota-controller',
  serviceAccount: 'resourcequota-controller',
  watches: kinds.filter(isCounted),
  start: startResourceQuotaController,
}

function startResourceQuotaController(context: ComponentContext): RunningComponent {
  const { engine, client, informers } = context
  const quotaInformer = informers.informer(resourceQuotas)
  const queue = context.queue({ name: 'resourcequota', metricName: 'resourcequota_primary', workers: 5, reconcile })
  const memory = new WeakMap<object, Measured>()
  let resync: Timer | undefined

  const counted = kinds.filter(isCounted).map((kind) => ({
    kind,
    evaluator: evaluatorOf(kind),
    informer: informers.informer(kind) as SharedInformer<KubeObject>,
  }))

  function reconcile(key: string): void {
    const quota = quotaInformer.get(parseKeyText(key))
    if (!quota || quota.metadata.deletionTimestamp !== undefined) return
    const nowEpochMs = engine.epochMs
    const namespace = quota.metadata.namespace!
    const meters = counted.map(
      ({ evaluator, informer }): QuotaMeter => ({
        evaluator,
        objects: () => informer.list(namespace),
        measure(object) {
          const basis = evaluator.basis?.(object, nowEpochMs)
          const known = basis && memory.get(basis)
          if (known) return known
          const usage = evaluator.usage(object, nowEpochMs)
          const measured = { usage, text: printResources(usage) }
          if (basis) memory.set(basis, measured)
          return measured
        },
      }),
    )
    const status = planQuotaStatus(quota, meters)
    if (!status) return
    try {
      client.updateStatus(resourceQuotas, { ...quota, status })
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  /** Something of that kind takes less than before. */
  const replenish = (kind: Kind, namespace: string): void => {
    const evaluator = counted.find((one) => one.kind === kind)!.evaluator
    for (const quota of quotaInformer.list(namespace)) {
      if (!Object.keys(quota.spec.hard ?? {}).some((name) => evaluator.measures(name))) continue
      const { pods: active, 'count/pods': all } = quota.status?.used ?? {}
      queue.addAfter(keyText(keyOf(quota)), Math.floor(Number(active ?? all ?? 0) / PODS_PER_MS))
    }
  }

  // Source: kubernetes/pkg/quota/v1/install/update_filter.go
  const mayTakeLess = (kind: Kind, object: KubeObject, old: KubeObject): boolean => {
    if (kind === pods) {
      const [now, before] = [object as Pod, old as Pod]
      return (
        isResized(now, before) ||
        hasDeadline(now) !== hasDeadline(before) ||
        (takesResources(before, engine.epochMs) && !takesResources(now, engine.epochMs))
      )
    }
    // Every change of a claim: RequiresQuotaReplenish compares the addresses of two quantities, which always differ.
    if (kind === persistentVolumeClaims) return true
    if (kind !== services) return false
    return (object as KubeObject & { spec: unknown }).spec !== (old as KubeObject & { spec: unknown }).spec
  }

  const armResync = (): void => {
    if (resync?.action || quotaInformer.list().length === 0) return
    const pass = (): void => {
      for (const quota of quotaInformer.list()) queue.add(keyText(keyOf(quota)))
      resync = undefined
      armResync()
    }
    resync = engine.after(RESYNC_MS, 'quota resync', pass, { background: true })
  }

  const listening = createListening(() => {
    queue.stop()
    engine.cancel(resync)
  })
  listening.on(quotaInformer, {
    onAdd(quota) {
      queue.add(keyText(keyOf(quota)))
      armResync()
    },
    onUpdate(quota, old) {
      if (quota.spec !== old.spec) queue.add(keyText(keyOf(quota)))
    },
  })
  for (const { kind, informer } of counted) {
    listening.on(informer, {
      onUpdate(object, old) {
        if (quotaInformer.list().length > 0 && mayTakeLess(kind, object, old))
          replenish(kind, object.metadata.namespace!)
      },
      onDelete(object) {
        if (quotaInformer.list().length > 0) replenish(kind, object.metadata.namespace!)
      },
    })
  }
  return listening
}
