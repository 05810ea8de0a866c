/** Keeps what each disruption budget allows. Source: https://kubernetes.io/docs/concepts/workloads/pods/disruptions/, kubernetes/pkg/controller/disruption */
import { deployments } from '../../api/apps/deployment.ts'
import { replicaSets } from '../../api/apps/replica-set.ts'
import { statefulSets } from '../../api/apps/stateful-set.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { replicationControllers } from '../../api/core/replication-controller.ts'
import { equalJson } from '../../api/meta/json.ts'
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import { controllerOf, type KubeObject, keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { goSelectorText } from '../../api/meta/selector-text.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import { DISRUPTION_ALLOWED, selectsPod, withCondition } from '../../api/policy/disruption.ts'
import { podDisruptionBudgets } from '../../api/policy/pod-disruption-budget.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/policy/types.ts'
import { kinds } from '../../api/registry.ts'
import type { SharedInformer } from '../../client/informer.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'
import { isReady } from '../pod-state.ts'
import { type ExpectedScale, planBudget } from './plan.ts'

/** Controllers whose scale says how many Pods there should be. */
const scalable = [
  deployments,
  replicaSets,
  replicationControllers,
  statefulSets,
] as readonly unknown[] as readonly Kind[]

/** A large budget is looked at less often: a thousand Pods that become ready need not be counted a thousand times. */
const PODS_PER_MS = 200

export const disruptionController: ControllerSpec = {
  name: 'disruption-controller',
  serviceAccount: 'disruption-controller',
  watches: [podDisruptionBudgets, pods, ...scalable],
  start: startDisruptionController,
}

function startDisruptionController(context: ComponentContext): RunningComponent {
  const { engine, client, informers } = context
  const budgetInformer = informers.informer(podDisruptionBudgets)
  const podInformer = informers.informer(pods)
  const owners = new Map(scalable.map((kind) => [kind, informers.informer(kind) as SharedInformer<KubeObject>]))
  const events = context.recorder('controllermanager')
  const queue = context.queue({ name: 'disruption', reconcile })
  const random = engine.random('disruption')

  function reconcile(key: string): void {
    const budget = budgetInformer.get(parseKeyText(key))
    if (!budget) return
    const selected = podInformer.list(budget.metadata.namespace).filter((pod) => selectsPod(budget, pod))
    if (selected.length === 0) events.event(budget, 'Normal', 'NoPods', 'No matching pods found')
    const plan = planBudget(budget, selected, () => scaleOf(budget, selected), engine.epochMs, engine.timestamp())
    if ('problem' in plan) {
      events.event(
        budget,
        'Warning',
        'CalculateExpectedPodCountFailed',
        `Failed to calculate the number of expected pods: ${plan.problem}`,
      )
      write(budget, failed(budget, plan.problem))
      queue.addRateLimited(key)
      return
    }
    queue.forget(key)
    for (const pod of plan.notDeleted)
      events.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${key} to be deleted but it wasn't`)
    write(budget, plan.status)
    if (plan.recheckMs !== undefined) queue.addAfter(key, plan.recheckMs + 1)
  }

  function write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): void {
    if (equalJson(status, budget.status)) return
    try {
      client.updateStatus(podDisruptionBudgets, { ...budget, status })
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  /** As long as nobody can count, nothing may be disrupted. */
  const failed = (budget: PodDisruptionBudget, message: string): PodDisruptionBudgetStatus =>
    withCondition(
      { ...budget.status, disruptionsAllowed: 0 },
      {
        type: DISRUPTION_ALLOWED,
        status: 'False',
        observedGeneration: budget.metadata.generation,
        lastTransitionTime: engine.timestamp(),
        reason: 'SyncFailed',
        message,
      },
    )

  /** The sum of what the Pods' controllers want, each once. */
  function scaleOf(budget: PodDisruptionBudget, selected: readonly Pod[]): ExpectedScale {
    const seen = new Map<string, number>()
    const unmanaged: string[] = []
    for (const pod of selected) {
      const reference = controllerOf(pod)
      if (!reference) {
        unmanaged.push(pod.metadata.name)
        continue
      }
      if (seen.has(reference.uid)) continue
      const found = findScale(pod)
      if ('problem' in found) return found
      seen.set(reference.uid, 0)
      seen.set(found.uid, found.replicas)
    }
    if (unmanaged.length > 0) warnOfUnmanaged(budget)
    return { replicas: [...seen.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged }
  }

  /** The topmost scalable owner: a Deployment rather than its ReplicaSet. */
  function findScale(pod: Pod): { uid: string; replicas: number } | { problem: string } {
    let found: { uid: string; replicas: number } | undefined
    let object: KubeObject = pod
    for (;;) {
      const reference = controllerOf(object)
      if (!reference) break
      const kind = scalable.find((one) => one.kind === reference.kind && one.apiVersion === reference.apiVersion)
      const owner = kind && owners.get(kind)?.get({ namespace: pod.metadata.namespace!, name: reference.name })
      if (!kind || owner?.metadata.uid !== reference.uid) {
        if (found) break
        return { problem: noScale(pod, reference.apiVersion, reference.kind, kind !== undefined) }
      }
      found = { uid: reference.uid, replicas: kind.scale?.replicas(owner) ?? 0 }
      object = owner
    }
    return found ?? { problem: `found no controllers for pod "${pod.metadata.name}"` }
  }

  function warnOfUnmanaged(budget: PodDisruptionBudget): void {
    events.event(
      budget,
      'Warning',
      'UnmanagedPods',
      `Pods selected by this PodDisruptionBudget (selector: ${goSelectorText(budget.spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`,
    )
  }

  const enqueue = (budget: PodDisruptionBudget): void => {
    const delayMs = Math.floor((budget.status?.expectedPods ?? 0) / PODS_PER_MS)
    queue.addAfter(keyText(keyOf(budget)), delayMs)
  }
  const budgetsOf = (pod: Pod): PodDisruptionBudget[] =>
    budgetInformer.list(pod.metadata.namespace).filter((budget) => selectsPod(budget, pod))
  /** Of several budgets one is looked at, whichever the index lists first: in Go any of them. Source: getPdbForPod */
  const podChanged = (pod: Pod): void => {
    const budgets = budgetsOf(pod)
    if (budgets.length === 0) return
    const chosen = budgets.length === 1 ? budgets[0] : random.pick(budgets)
    if (budgets.length > 1) {
      const { namespace, name } = pod.metadata
      const matched = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.`
      events.event(
        pod,
        'Warning',
        'MultiplePodDisruptionBudgets',
        `${matched}  Chose "${chosen.metadata.name}" arbitrarily.`,
      )
    }
    enqueue(chosen)
  }

  const listening = createListening(() => queue.stop())
  listening.on(budgetInformer, {
    onAdd: (budget) => queue.add(keyText(keyOf(budget))),
    onUpdate: (budget, old) => {
      if (budget.spec !== old.spec || budget.status.disruptedPods !== old.status.disruptedPods)
        queue.add(keyText(keyOf(budget)))
    },
  })
  listening.on(podInformer, {
    onAdd: podChanged,
    onUpdate(pod, old) {
      if (!countsOtherwise(pod, old)) return
      podChanged(pod)
      if (pod.metadata.labels !== old.metadata.labels) podChanged(old)
    },
    onDelete: podChanged,
  })
  return listening
}

const countsOtherwise = (pod: Pod, old: Pod): boolean =>
  isReady(pod) !== isReady(old) ||
  pod.metadata.labels !== old.metadata.labels ||
  pod.metadata.ownerReferences !== old.metadata.ownerReferences ||
  (pod.metadata.deletionTimestamp === undefined) !== (old.metadata.deletionTimestamp === undefined)

function noScale(pod: Pod, apiVersion: string, kindName: string, isScalable: boolean): string {
  if (isScalable) return `found no controllers for pod "${pod.metadata.name}"`
  const kind = kinds.find((one) => one.kind === kindName && one.apiVersion === apiVersion)
  return kind
    ? `${resourceName(kind)} does not implement the scale subresource`
    : `found no controllers for pod "${pod.metadata.name}"`
}
