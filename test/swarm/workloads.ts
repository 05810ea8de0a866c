/** What swarm tests do with the workloads besides Deployments, and what must be true of these. */

import type { DaemonSet, StatefulSet } from '../../sim/api/apps/types.ts'
import { finishedCondition } from '../../sim/api/batch/job/conditions.ts'
import type { Job } from '../../sim/api/batch/types.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { ReplicationController } from '../../sim/api/core/types.ts'
import { controllerOf } from '../../sim/api/meta/object.ts'
import type { Random } from '../../sim/engine/random.ts'
import type { Command, LiveCluster } from '../../sim/index.ts'

type Operation = (random: Random) => Command[]

const image = (random: Random): string => random.pick(['nginx:1.26', 'nginx:1.27', 'httpd:2.4'])
const line = (text: string): Command => ({ op: 'kubectl', line: text })
const template = (app: string, random: Random): string => `
  selector: {matchLabels: {app: ${app}}}
  minReadySeconds: ${random.pick([0, 0, 2])}
  template:
    metadata: {labels: {app: ${app}}}
    spec:
      terminationGracePeriodSeconds: ${random.pick([0, 5])}
      containers: [{name: main, image: '${image(random)}', resources: {requests: {cpu: 50m}}}]
`

export const workloadOperations: Readonly<Record<string, Operation>> = {
  statefulSet: (random) => {
    const policy = random.pick(['OrderedReady', 'OrderedReady', 'Parallel'])
    const strategy = random.pick([
      '{type: OnDelete}',
      '{rollingUpdate: {maxUnavailable: 2}}',
      '{rollingUpdate: {partition: 1}}',
    ])
    const manifest = `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: data}\nspec:\n  serviceName: data\n  replicas: ${random.int(0, 4)}\n  podManagementPolicy: ${policy}\n  updateStrategy: ${strategy}${template('data', random)}`
    return [{ op: 'apply', manifest }]
  },
  statefulSetChange: (random) => [
    line(
      random.pick([
        `kubectl scale sts data --replicas=${random.int(0, 5)}`,
        `kubectl set image sts/data main=${random.pick(['nginx:1.26', 'nginx:1.27', 'nginx:9.99'])}`,
        'kubectl rollout restart sts/data',
        'kubectl rollout undo sts/data',
        'kubectl delete pod data-0 --wait=false',
        `kubectl delete sts data --wait=false --cascade=${random.pick(['background', 'foreground', 'orphan'])}`,
      ]),
    ),
  ],
  daemonSet: (random) => {
    // None that surges: on a node under disk pressure that brings Pod after Pod without back-off, as upstream does
    // (kubernetes/pkg/controller/daemon/daemon_controller.go, podsShouldBeOnNode), and thousands tell no more than ten.
    const strategy = random.pick(['{type: OnDelete}', '{rollingUpdate: {maxUnavailable: 2}}'])
    const manifest = `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec:\n  updateStrategy: ${strategy}${template('agent', random)}`
    return [{ op: 'apply', manifest }]
  },
  daemonSetChange: (random) => [
    line(
      random.pick([
        `kubectl set image ds/agent main=${random.pick(['nginx:1.26', 'nginx:1.27', 'nginx:9.99'])}`,
        'kubectl rollout restart ds/agent',
        'kubectl rollout undo ds/agent',
        'kubectl delete pod -l app=agent --wait=false',
        `kubectl taint node node-${random.int(1, 3)} busy=yes:${random.pick(['NoSchedule', 'NoExecute'])} --overwrite`,
        'kubectl taint node --all busy-',
        `kubectl delete ds agent --wait=false --cascade=${random.pick(['background', 'foreground', 'orphan'])}`,
      ]),
    ),
  ],
  job: (random) => {
    const mode = random.pick(['NonIndexed', 'Indexed'])
    const perIndex = mode === 'Indexed' && random.next() < 0.5 ? '\n  backoffLimitPerIndex: 1' : ''
    const restartPolicy = random.pick(['Never', 'OnFailure'])
    const extra = random.pick([
      '',
      '\n  ttlSecondsAfterFinished: 60',
      '\n  activeDeadlineSeconds: 30',
      '\n  suspend: true',
    ])
    const manifest = `apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: task-}\nspec:\n  completions: ${random.int(1, 5)}\n  parallelism: ${random.int(0, 3)}\n  completionMode: ${mode}\n  backoffLimit: ${random.int(0, 2)}${perIndex}${extra}
  template:
    metadata: {labels: {app: task}}
    spec:
      restartPolicy: ${restartPolicy}
      terminationGracePeriodSeconds: 2
      containers: [{name: main, image: 'busybox:1.36', command: [sh, -c, 'sleep ${random.int(0, 20)}; exit ${random.pick([0, 0, 0, 1])}']}]
`
    return [{ op: 'create', manifest }]
  },
  jobChange: (random) => [
    line(
      random.pick([
        'kubectl delete pod -l app=task --wait=false',
        'kubectl delete pod -l app=task --force --grace-period=0',
        `kubectl delete job --all --wait=false --cascade=${random.pick(['background', 'foreground', 'orphan'])}`,
      ]),
    ),
  ],
  cronJob: (random) => {
    const manifest = `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tick}\nspec:\n  schedule: '*/${random.int(1, 3)} * * * *'\n  concurrencyPolicy: ${random.pick(['Allow', 'Forbid', 'Replace'])}\n  jobTemplate:\n    spec:\n      backoffLimit: 1\n      template:\n        spec:\n          restartPolicy: Never\n          containers: [{name: main, image: 'busybox:1.36', command: [sh, -c, 'sleep ${random.pick([0, 30, 90])}; exit ${random.int(0, 1)}']}]\n`
    return [{ op: 'apply', manifest }]
  },
  replicationController: (random) => {
    const manifest = `apiVersion: v1\nkind: ReplicationController\nmetadata: {name: old}\nspec:\n  replicas: ${random.int(0, 3)}\n  template:\n    metadata: {labels: {app: old}}\n    spec:\n      containers: [{name: main, image: 'nginx:1.26'}]\n`
    return [{ op: 'apply', manifest }]
  },
}

/** Undoes what would keep them from converging. A broken Pod of a StatefulSet has to be deleted by hand. */
export const workloadsMended: readonly Command[] = [
  line(`kubectl patch cronjob tick -p '{"spec":{"suspend":true}}'`),
  line('kubectl taint node --all busy-'),
  line(
    `kubectl patch sts data --type=merge -p '{"spec":{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0}}}}'`,
  ),
  line('kubectl set image sts/data main=nginx:1.27'),
  line('kubectl delete pod -l app=data --wait=false'),
  line('kubectl set image ds/agent main=nginx:1.27'),
  line('kubectl delete pod -l app=agent --wait=false'),
]

/** What is wrong with a change of a Pod or Job, if anything. */
export function workloadProblem(
  cluster: LiveCluster,
  namespace: string,
  owner: { kind: string; uid: string },
): string | undefined {
  const mine = (cluster.objects('pods', { namespace }) as Pod[]).filter((pod) => controllerOf(pod)?.uid === owner.uid)
  const active = mine.filter(isActive)
  if (owner.kind === 'Job') {
    const job = (cluster.objects('jobs', { namespace }) as Job[]).find(({ metadata }) => metadata.uid === owner.uid)
    if (job && active.length > Math.max(job.spec.parallelism ?? 1, job.status.active ?? 0))
      return `Job ${job.metadata.name} has ${active.length} Pods, ${job.spec.parallelism} at a time`
  }
  if (owner.kind === 'StatefulSet') {
    const names = new Set(mine.map((pod) => pod.metadata.labels?.['apps.kubernetes.io/pod-index']))
    if (names.size !== mine.length) return `two Pods of a StatefulSet have the same index`
  }
  return undefined
}

const isActive = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed'

/** What has not come true of them, though it had the time. */
export function workloadConvergenceProblems(cluster: LiveCluster): string[] {
  const problems: string[] = []
  for (const { metadata, spec, status } of cluster.objects('statefulsets') as StatefulSet[]) {
    const { readyReplicas = 0, updatedReplicas = 0 } = status
    if (readyReplicas !== spec.replicas || status.replicas !== spec.replicas || updatedReplicas !== spec.replicas)
      problems.push(
        `StatefulSet ${metadata.name}: ${readyReplicas} ready, ${updatedReplicas} updated of ${spec.replicas}`,
      )
  }
  for (const { metadata, status } of cluster.objects('daemonsets') as DaemonSet[]) {
    // None of them tolerates the taint of a control plane.
    const nodes = cluster.objects('nodes').filter(({ metadata }) => metadata.name.startsWith('node-')).length
    if (
      status.desiredNumberScheduled !== nodes ||
      status.numberReady !== nodes ||
      (status.updatedNumberScheduled ?? 0) !== nodes
    )
      problems.push(`DaemonSet ${metadata.name}: ${JSON.stringify(status)} on ${nodes} nodes`)
  }
  for (const { metadata, spec, status } of cluster.objects('replicationcontrollers') as ReplicationController[])
    if ((status.readyReplicas ?? 0) !== spec.replicas)
      problems.push(`ReplicationController ${metadata.name}: ${status.readyReplicas ?? 0} ready of ${spec.replicas}`)
  const pods = cluster.objects('pods') as Pod[]
  for (const job of cluster.objects('jobs') as Job[]) {
    const { metadata, spec, status } = job
    const mine = pods.filter((pod) => controllerOf(pod)?.uid === metadata.uid)
    if (finishedCondition(status)) {
      if (mine.some((pod) => isActive(pod) || pod.metadata.finalizers?.length))
        problems.push(`Job ${metadata.name} is over, and has Pods that run or are held`)
      if (status.active || (status.uncountedTerminatedPods?.succeeded ?? status.uncountedTerminatedPods?.failed))
        problems.push(`Job ${metadata.name} is over, and counts Pods: ${JSON.stringify(status)}`)
    } else if (!metadata.name.startsWith('tick-') && !spec.suspend && spec.parallelism !== 0)
      problems.push(`Job ${metadata.name} is not over: ${JSON.stringify(status)}`)
  }
  return problems
}
