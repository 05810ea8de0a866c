/** Empties Namespaces that are being deleted, and lets them go. Source: kubernetes/pkg/controller/namespace */
import { apiServices, isMissing } from '../../api/apiregistration/api-service.ts'
import type { ApiService } from '../../api/apiregistration/types.ts'
import { namespaces } from '../../api/core/namespace.ts'
import { pods } from '../../api/core/pod.ts'
import type { Namespace } from '../../api/core/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { type KubeObject, keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import { kinds } from '../../api/registry.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createCustomKinds } from '../custom-kinds.ts'
import { createListening } from '../handlers.ts'
import { isFinished } from '../pod-state.ts'
import { conditionsOf, discoveryError, type Remainder, remainderOf, unexpectedRemainder } from './plan.ts'

// Time for the controllers' caches to learn that the namespace is closing, before its content goes.
const GRACE_MS = 5_000
const MAX_BACKOFF_MS = 60_000

export const namespaceController: ControllerSpec = {
  name: 'namespace-controller',
  serviceAccount: 'namespace-controller',
  watches: [namespaces],
  // To empty a namespace takes many requests: 20 times what others have a second, and 100 times at once. Source: kube-controller-manager/app/core.go
  requestRate: { perSecond: 400, burst: 3000 },
  start: startNamespaceController,
}

function startNamespaceController({
  engine,
  client,
  informers,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const informer = informers.informer(namespaces)
  const custom = createCustomKinds(informers)
  const served = informers.informer(apiServices)
  const queue = createQueue({ name: 'namespace', workers: 10, maxDelayMs: MAX_BACKOFF_MS, reconcile })

  function reconcile(key: string): void {
    const { name } = parseKeyText(key)
    if (!informer.get({ namespace: '', name })) return
    const namespace = client.find(namespaces, { namespace: '', name })
    if (namespace?.metadata.deletionTimestamp === undefined) return
    if (!namespace.spec.finalizers?.includes('kubernetes')) return
    const waitSeconds = empty(namespace)
    if (waitSeconds > 0) {
      queue.addAfter(key, (Math.floor(waitSeconds / 2) + 1) * 1000)
      return
    }
    const fresh = client.get(namespaces, { namespace: '', name })
    const finalizers = fresh.spec.finalizers?.filter((finalizer) => finalizer !== 'kubernetes') ?? []
    client.createSubresource(namespaces, { namespace: '', name }, 'finalize', {
      ...fresh,
      spec: { ...fresh.spec, finalizers },
    })
  }

  /**
   * Deletes what is in the namespace; returns in how many seconds to look again, 0 when nothing is left.
   * Pods go first, and the rest only once no Pod is left, so that a Secret or a NetworkPolicy outlives those who need it.
   * @throws StatusError when something is left that should be gone
   */
  function empty(namespace: Namespace): number {
    const name = namespace.metadata.name
    const failures: string[] = []
    const podsLeft = emptyKind(pods as unknown as Kind, namespace, failures)
    const remainders = podsLeft ? [podsLeft] : []
    if (!podsLeft) {
      for (const kind of [...kinds, ...custom.preferred()]) {
        if (!kind.isNamespaced || kind.kind === 'Pod') continue
        const left = emptyKind(kind, namespace, failures)
        if (left) remainders.push(left)
      }
    }
    for (const left of remainders) if (left.estimateSeconds === 0) failures.push(unexpectedRemainder(name, left))
    const undiscovered = served.list().filter(isMissing).map(groupVersionOf).sort()
    // What remains is counted once Pods are gone: before, the conditions say that all content is removed.
    report(namespace, podsLeft ? [] : remainders, failures, undiscovered)
    if (undiscovered.length > 0) failures.unshift(discoveryError(undiscovered))
    if (failures.length > 0) throw new StatusError(500, 'InternalError', failures.join(', '))
    return Math.max(0, ...remainders.map(({ estimateSeconds }) => estimateSeconds))
  }

  function emptyKind(kind: Kind, namespace: Namespace, failures: string[]): Remainder | undefined {
    const inside = { namespace: namespace.metadata.name }
    const listed = (): readonly KubeObject[] => {
      try {
        return client.list(kind, inside).items
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        failures.push(error.message)
        return []
      }
    }
    const items = listed()
    if (items.length === 0) return undefined
    const graceSeconds = kind.kind === 'Pod' ? graceLeft(namespace) : 0
    for (const object of items) {
      try {
        client.delete(kind, keyOf(object), { propagationPolicy: 'Background' })
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        if (error.reason !== 'NotFound') failures.push(error.message)
      }
    }
    return remainderOf(kind, listed(), graceSeconds)
  }

  /** The longest grace period of the Pods that run, as long as it has not passed since the namespace was deleted. */
  function graceLeft(namespace: Namespace): number {
    const running = client.list(pods, { namespace: namespace.metadata.name }).items.filter((pod) => !isFinished(pod))
    const longest = Math.max(0, ...running.map((pod) => pod.spec.terminationGracePeriodSeconds))
    const passedMs = engine.epochMs - Date.parse(namespace.metadata.deletionTimestamp!)
    return passedMs >= longest * 1000 ? 0 : longest
  }

  function report(
    namespace: Namespace,
    remainders: readonly Remainder[],
    failures: readonly string[],
    undiscovered: readonly string[],
  ): void {
    const { conditions: before } = namespace.status
    const conditions = conditionsOf(before, remainders, failures, engine.timestamp(), undiscovered)
    if (equalJson(conditions, namespace.status.conditions)) return
    try {
      client.updateStatus(namespaces, { ...namespace, status: { ...namespace.status, conditions } })
    } catch (error) {
      if (!isStatus(error, 'Conflict') && !isStatus(error, 'NotFound')) throw error
    }
  }

  const enqueue = (namespace: Namespace): void => {
    if (namespace.metadata.deletionTimestamp !== undefined) queue.addAfter(keyText(keyOf(namespace)), GRACE_MS)
  }
  const listening = createListening(() => queue.stop())
  listening.on(informer, { onAdd: enqueue, onUpdate: (namespace) => enqueue(namespace) })
  return listening
}

const groupVersionOf = ({ spec: { group, version } }: ApiService): string => `${group}/${version}`
