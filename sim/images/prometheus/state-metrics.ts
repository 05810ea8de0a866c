/**
 * What kube-state-metrics tells of the objects of each kind. Source: https://github.com/kubernetes/kube-state-metrics, docs/metrics. Labels and
 * annotations are not told, as without --metric-labels-allowlist.
 */
import type { KubeObject } from '../../api/meta/object.ts'
import { quantityMillis } from '../../api/meta/quantity.ts'
import type { Family } from '../../text/metrics-text.ts'
import type { Labels } from './promql/types.ts'

type Sample = readonly [labels: Labels, value: number | undefined]
type Field = Record<string, unknown>
interface Metric {
  readonly name: string
  readonly help: string
  readonly type: Family['type']
  of(object: KubeObject): readonly Sample[]
}

// ---------- reading objects ----------

const mapAt = (object: unknown, ...path: readonly string[]): Field => (valueAt(object, path) as Field | undefined) ?? {}
const listAt = (object: unknown, ...path: readonly string[]): readonly Field[] =>
  (valueAt(object, path) as readonly Field[] | undefined) ?? []
const textAt = (object: unknown, ...path: readonly string[]): string => String(valueAt(object, path) ?? '')
const numberAt = (object: unknown, ...path: readonly string[]): number | undefined => {
  const value = valueAt(object, path)
  return typeof value === 'number' ? value : undefined
}
const secondsAt = (object: unknown, ...path: readonly string[]): number | undefined => {
  const text = textAt(object, ...path)
  return text === '' ? undefined : Math.floor(Date.parse(text) / 1000)
}

function valueAt(object: unknown, path: readonly string[]): unknown {
  let found = object
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Field)[name]
  }
  return found
}

/** Cores, bytes, or how many. */
const amountOf = (quantity: string): number => quantityMillis(quantity) / 1000

const snake = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_').toLowerCase()

/** `cpu` in cores, `memory` in bytes, anything else in whole numbers. */
function resourcesOf(of: Field): { resource: string; unit: string; value: number }[] {
  return Object.entries(of).map(([name, quantity]) => {
    const unit =
      name === 'cpu'
        ? 'core'
        : name === 'memory' || name.endsWith('storage') || name.startsWith('hugepages-')
          ? 'byte'
          : 'integer'
    return { resource: snake(name), unit, value: amountOf(String(quantity)) }
  })
}

const isIt = (holds: boolean): number => Number(holds)
/** One sample for each of the values that something may have: 1 for that which it has. */
const oneOf = (labels: Labels, label: string, all: readonly string[], value: string): Sample[] =>
  all.map((one) => [{ ...labels, [label]: one }, isIt(one === value)])

const conditionsOf = (object: KubeObject, labels: Labels): Sample[] =>
  listAt(object, 'status', 'conditions').flatMap((condition) =>
    oneOf(
      { ...labels, condition: textAt(condition, 'type') },
      'status',
      ['true', 'false', 'unknown'],
      textAt(condition, 'status').toLowerCase(),
    ),
  )

const owners = (object: KubeObject, labels: Labels): Sample[] => {
  const { ownerReferences = [] } = object.metadata
  if (ownerReferences.length === 0) return [[{ ...labels, owner_kind: '', owner_name: '', owner_is_controller: '' }, 1]]
  return ownerReferences.map(({ kind, name, controller }) => [
    { ...labels, owner_kind: kind, owner_name: name, owner_is_controller: String(controller ?? false) },
    1,
  ])
}

/** Metrics of a kind, each of whose samples has these labels. */
function kindOf(
  prefix: string,
  labelsOf: (object: KubeObject) => Labels,
  metrics: Readonly<
    Record<
      string,
      readonly [help: string, of: (object: KubeObject, labels: Labels) => number | undefined | readonly Sample[]]
    >
  >,
): Metric[] {
  return Object.entries(metrics).map(([name, [help, of]]) => ({
    name: `${prefix}_${name}`,
    help,
    type: name.endsWith('_total') ? 'counter' : 'gauge',
    of(object) {
      const labels = labelsOf(object)
      const found = of(object, labels)
      return typeof found === 'object' ? found : [[labels, found]]
    },
  }))
}

const named =
  (label: string) =>
  ({ metadata }: KubeObject): Labels => ({ namespace: metadata.namespace ?? '', [label]: metadata.name })
const created = [
  'Unix creation timestamp',
  (object: KubeObject) => secondsAt(object, 'metadata', 'creationTimestamp'),
] as const
const generation = [
  'Sequence number representing a specific generation of the desired state.',
  (object: KubeObject) => numberAt(object, 'metadata', 'generation'),
] as const
const status =
  (...path: readonly string[]) =>
  (object: KubeObject): number =>
    numberAt(object, 'status', ...path) ?? 0
const spec =
  (...path: readonly string[]) =>
  (object: KubeObject): number | undefined =>
    numberAt(object, 'spec', ...path)

// ---------- Pods ----------

const podLabels = ({ metadata }: KubeObject): Labels => ({
  namespace: metadata.namespace ?? '',
  pod: metadata.name,
  uid: metadata.uid ?? '',
})

/** Of each container with its status. */
const ofContainers =
  (statuses: string, make: (status: Field, labels: Labels) => readonly Sample[]) =>
  (pod: KubeObject, labels: Labels): readonly Sample[] =>
    listAt(pod, 'status', statuses).flatMap((one) => make(one, { ...labels, container: textAt(one, 'name') }))

const stateReason =
  (field: string, state: string) =>
  (one: Field, labels: Labels): readonly Sample[] => {
    const reason = textAt(one, field, state, 'reason')
    return reason === '' ? [] : [[{ ...labels, reason }, 1]]
  }

const containerMetrics = (statuses: string, word: string): Parameters<typeof kindOf>[2] => ({
  [`${word}_status_waiting`]: [
    'Describes whether the container is currently in waiting state.',
    ofContainers(statuses, (one, labels) => [[labels, isIt(valueAt(one, ['state', 'waiting']) !== undefined)]]),
  ],
  [`${word}_status_waiting_reason`]: [
    'Describes the reason the container is currently in waiting state.',
    ofContainers(statuses, stateReason('state', 'waiting')),
  ],
  [`${word}_status_running`]: [
    'Describes whether the container is currently in running state.',
    ofContainers(statuses, (one, labels) => [[labels, isIt(valueAt(one, ['state', 'running']) !== undefined)]]),
  ],
  [`${word}_status_terminated`]: [
    'Describes whether the container is currently in terminated state.',
    ofContainers(statuses, (one, labels) => [[labels, isIt(valueAt(one, ['state', 'terminated']) !== undefined)]]),
  ],
  [`${word}_status_terminated_reason`]: [
    'Describes the reason the container is currently in terminated state.',
    ofContainers(statuses, stateReason('state', 'terminated')),
  ],
  [`${word}_status_last_terminated_reason`]: [
    'Describes the last reason the container was in terminated state.',
    ofContainers(statuses, stateReason('lastState', 'terminated')),
  ],
  [`${word}_status_ready`]: [
    'Describes whether the containers readiness check succeeded.',
    ofContainers(statuses, (one, labels) => [[labels, isIt(one.ready === true)]]),
  ],
  [`${word}_status_restarts_total`]: [
    'The number of container restarts per container.',
    ofContainers(statuses, (one, labels) => [[labels, numberAt(one, 'restartCount')]]),
  ],
})

const resourceMetric =
  (which: 'requests' | 'limits') =>
  (pod: KubeObject, labels: Labels): readonly Sample[] =>
    listAt(pod, 'spec', 'containers').flatMap((container) =>
      resourcesOf(mapAt(container, 'resources', which)).map(
        ({ resource, unit, value }): Sample => [
          { ...labels, container: textAt(container, 'name'), node: textAt(pod, 'spec', 'nodeName'), resource, unit },
          value,
        ],
      ),
    )

const pods = kindOf('kube_pod', podLabels, {
  info: [
    'Information about pod.',
    (pod, labels) => {
      const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)
      const about = {
        host_ip: textAt(pod, 'status', 'hostIP'),
        pod_ip: textAt(pod, 'status', 'podIP'),
        node: textAt(pod, 'spec', 'nodeName'),
        created_by_kind: owner?.kind ?? '',
        created_by_name: owner?.name ?? '',
        priority_class: textAt(pod, 'spec', 'priorityClassName'),
        host_network: String(valueAt(pod, ['spec', 'hostNetwork']) ?? false),
      }
      return [[{ ...labels, ...about }, 1]]
    },
  ],
  created,
  start_time: ['Start time in unix timestamp for a pod.', (pod) => secondsAt(pod, 'status', 'startTime')],
  deletion_timestamp: ['Unix deletion timestamp', (pod) => secondsAt(pod, 'metadata', 'deletionTimestamp')],
  owner: ["Information about the Pod's owner.", owners],
  status_phase: [
    'The pods current phase.',
    (pod, labels) =>
      oneOf(labels, 'phase', ['Pending', 'Succeeded', 'Failed', 'Unknown', 'Running'], textAt(pod, 'status', 'phase')),
  ],
  ...Object.fromEntries(
    (
      [
        ['status_ready', 'Ready', 'Describes whether the pod is ready to serve requests.'],
        ['status_scheduled', 'PodScheduled', 'Describes the status of the scheduling process for the pod.'],
      ] as const
    ).map(([name, type, help]) => [
      name,
      [
        help,
        (pod: KubeObject, labels: Labels) =>
          listAt(pod, 'status', 'conditions')
            .filter((condition) => condition.type === type)
            .flatMap((condition) =>
              oneOf(labels, 'condition', ['true', 'false', 'unknown'], textAt(condition, 'status').toLowerCase()),
            ),
      ] as const,
    ]),
  ),
  status_reason: [
    'The pod status reasons',
    (pod, labels) =>
      oneOf(
        labels,
        'reason',
        ['Evicted', 'NodeAffinity', 'NodeLost', 'Shutdown', 'UnexpectedAdmissionError'],
        textAt(pod, 'status', 'reason'),
      ),
  ],
  status_unschedulable: [
    'Describes the unschedulable status for the pod.',
    (pod, labels) =>
      listAt(pod, 'status', 'conditions').some(
        ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
      )
        ? [[labels, 1]]
        : [],
  ],
  container_info: [
    'Information about a container in a pod.',
    ofContainers('containerStatuses', (one, labels) => [
      [
        {
          ...labels,
          image_spec: textAt(one, 'image'),
          image: textAt(one, 'image'),
          image_id: textAt(one, 'imageID'),
          container_id: textAt(one, 'containerID'),
        },
        1,
      ],
    ]),
  ],
  ...containerMetrics('containerStatuses', 'container'),
  ...containerMetrics('initContainerStatuses', 'init_container'),
  container_status_last_terminated_exitcode: [
    'Describes the exit code for the last container in terminated state.',
    ofContainers('containerStatuses', (one, labels) => [
      [labels, numberAt(one, 'lastState', 'terminated', 'exitCode')],
    ]),
  ],
  container_resource_requests: ['The number of requested request resource by a container.', resourceMetric('requests')],
  container_resource_limits: ['The number of requested limit resource by a container.', resourceMetric('limits')],
})

// ---------- workloads ----------

const deployments = kindOf('kube_deployment', named('deployment'), {
  created,
  metadata_generation: generation,
  spec_replicas: ['Number of desired pods for a deployment.', spec('replicas')],
  spec_paused: [
    'Whether the deployment is paused and will not be processed by the deployment controller.',
    (object) => isIt(valueAt(object, ['spec', 'paused']) === true),
  ],
  status_replicas: ['The number of replicas per deployment.', status('replicas')],
  status_replicas_ready: ['The number of ready replicas per deployment.', status('readyReplicas')],
  status_replicas_available: ['The number of available replicas per deployment.', status('availableReplicas')],
  status_replicas_unavailable: ['The number of unavailable replicas per deployment.', status('unavailableReplicas')],
  status_replicas_updated: ['The number of updated replicas per deployment.', status('updatedReplicas')],
  status_observed_generation: ['The generation observed by the deployment controller.', status('observedGeneration')],
  status_condition: ['The current status conditions of a deployment.', conditionsOf],
})

const replicaSets = kindOf('kube_replicaset', named('replicaset'), {
  created,
  owner: ["Information about the ReplicaSet's owner.", owners],
  spec_replicas: ['Number of desired pods for a ReplicaSet.', spec('replicas')],
  status_replicas: ['The number of replicas per ReplicaSet.', status('replicas')],
  status_ready_replicas: ['The number of ready replicas per ReplicaSet.', status('readyReplicas')],
  status_observed_generation: ['The generation observed by the ReplicaSet controller.', status('observedGeneration')],
})

const statefulSets = kindOf('kube_statefulset', named('statefulset'), {
  created,
  metadata_generation: generation,
  replicas: ['Number of desired pods for a StatefulSet.', spec('replicas')],
  status_replicas: ['The number of replicas per StatefulSet.', status('replicas')],
  status_replicas_ready: ['The number of ready replicas per StatefulSet.', status('readyReplicas')],
  status_replicas_available: ['The number of available replicas per StatefulSet.', status('availableReplicas')],
  status_replicas_current: ['The number of current replicas per StatefulSet.', status('currentReplicas')],
  status_replicas_updated: ['The number of updated replicas per StatefulSet.', status('updatedReplicas')],
  status_observed_generation: ['The generation observed by the StatefulSet controller.', status('observedGeneration')],
})

const daemonSets = kindOf('kube_daemonset', named('daemonset'), {
  created,
  metadata_generation: generation,
  status_desired_number_scheduled: [
    'The number of nodes that should be running the daemon pod.',
    status('desiredNumberScheduled'),
  ],
  status_current_number_scheduled: [
    'The number of nodes running at least one daemon pod and are supposed to.',
    status('currentNumberScheduled'),
  ],
  status_number_ready: [
    'The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and ready.',
    status('numberReady'),
  ],
  status_number_available: [
    'The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available',
    status('numberAvailable'),
  ],
  status_number_unavailable: [
    'The number of nodes that should be running the daemon pod and have none of the daemon pod running and available',
    status('numberUnavailable'),
  ],
  status_number_misscheduled: [
    'The number of nodes running a daemon pod but are not supposed to.',
    status('numberMisscheduled'),
  ],
  status_updated_number_scheduled: [
    'The total number of nodes that are running updated daemon pod',
    status('updatedNumberScheduled'),
  ],
  status_observed_generation: [
    'The most recent generation observed by the daemon set controller.',
    status('observedGeneration'),
  ],
})

const jobs = kindOf('kube_job', named('job_name'), {
  created,
  owner: ["Information about the Job's owner.", owners],
  spec_completions: [
    'The desired number of successfully finished pods the job should be run with.',
    spec('completions'),
  ],
  spec_parallelism: ['The maximum desired number of pods the job should run at any given time.', spec('parallelism')],
  spec_active_deadline_seconds: [
    'The duration in seconds relative to the startTime that the job may be active before the system tries to terminate it.',
    spec('activeDeadlineSeconds'),
  ],
  status_active: ['The number of actively running pods.', status('active')],
  status_succeeded: ['The number of pods which reached Phase Succeeded.', status('succeeded')],
  status_failed: ['The number of pods which reached Phase Failed and the reason for failure.', status('failed')],
  status_start_time: [
    'StartTime represents time when the job was acknowledged by the Job Manager.',
    (job) => secondsAt(job, 'status', 'startTime'),
  ],
  status_completion_time: [
    'CompletionTime represents time when the job was completed.',
    (job) => secondsAt(job, 'status', 'completionTime'),
  ],
  ...Object.fromEntries(
    (['complete', 'failed'] as const).map((name) => [
      name,
      [
        `The job has ${name === 'failed' ? 'failed' : 'completed'} its execution.`,
        (job: KubeObject, labels: Labels) =>
          listAt(job, 'status', 'conditions')
            .filter(({ type }) => String(type).toLowerCase() === name)
            .flatMap((condition) =>
              oneOf(labels, 'condition', ['true', 'false', 'unknown'], textAt(condition, 'status').toLowerCase()),
            ),
      ] as const,
    ]),
  ),
})

const cronJobs = kindOf('kube_cronjob', named('cronjob'), {
  created,
  info: [
    'Info about cronjob.',
    (object, labels) => [
      [
        {
          ...labels,
          schedule: textAt(object, 'spec', 'schedule'),
          concurrency_policy: textAt(object, 'spec', 'concurrencyPolicy'),
        },
        1,
      ],
    ],
  ],
  spec_suspend: [
    'Suspend flag tells the controller to suspend subsequent executions.',
    (object) => isIt(valueAt(object, ['spec', 'suspend']) === true),
  ],
  spec_starting_deadline_seconds: [
    'Deadline in seconds for starting the job if it misses scheduled time for any reason.',
    spec('startingDeadlineSeconds'),
  ],
  status_active: [
    'Active holds pointers to currently running jobs.',
    (object) => listAt(object, 'status', 'active').length,
  ],
  status_last_schedule_time: [
    'LastScheduleTime keeps information of when was the last time the job was successfully scheduled.',
    (object) => secondsAt(object, 'status', 'lastScheduleTime'),
  ],
  status_last_successful_time: [
    'LastSuccessfulTime keeps information of when was the last time the job was completed successfully.',
    (object) => secondsAt(object, 'status', 'lastSuccessfulTime'),
  ],
})

const autoscalers = kindOf('kube_horizontalpodautoscaler', named('horizontalpodautoscaler'), {
  spec_max_replicas: ['Upper limit for the number of pods that can be set by the autoscaler.', spec('maxReplicas')],
  spec_min_replicas: [
    'Lower limit for the number of pods that can be set by the autoscaler, default 1.',
    spec('minReplicas'),
  ],
  status_current_replicas: [
    'Current number of replicas of pods managed by this autoscaler.',
    status('currentReplicas'),
  ],
  status_desired_replicas: [
    'Desired number of replicas of pods managed by this autoscaler.',
    status('desiredReplicas'),
  ],
  status_condition: ['The condition of this autoscaler.', conditionsOf],
})

const budgets = kindOf('kube_poddisruptionbudget', named('poddisruptionbudget'), {
  created,
  status_current_healthy: ['Current number of healthy pods', status('currentHealthy')],
  status_desired_healthy: ['Minimum desired number of healthy pods', status('desiredHealthy')],
  status_pod_disruptions_allowed: [
    'Number of pod disruptions that are currently allowed',
    status('disruptionsAllowed'),
  ],
  status_expected_pods: ['Total number of pods counted by this disruption budget', status('expectedPods')],
})

// ---------- the rest ----------

const nodes = kindOf('kube_node', ({ metadata }) => ({ node: metadata.name }), {
  info: [
    'Information about a cluster node.',
    (node, labels) => [
      [
        {
          ...labels,
          kubelet_version: textAt(node, 'status', 'nodeInfo', 'kubeletVersion'),
          kernel_version: textAt(node, 'status', 'nodeInfo', 'kernelVersion'),
          os_image: textAt(node, 'status', 'nodeInfo', 'osImage'),
          container_runtime_version: textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion'),
        },
        1,
      ],
    ],
  ],
  created,
  spec_unschedulable: [
    'Whether a node can schedule new pods.',
    (node) => isIt(valueAt(node, ['spec', 'unschedulable']) === true),
  ],
  spec_taint: [
    'The taint of a cluster node.',
    (node, labels) =>
      listAt(node, 'spec', 'taints').map(
        (taint): Sample => [
          { ...labels, key: textAt(taint, 'key'), value: textAt(taint, 'value'), effect: textAt(taint, 'effect') },
          1,
        ],
      ),
  ],
  status_condition: ['The condition of a cluster node.', conditionsOf],
  status_capacity: [
    'The capacity for different resources of a node.',
    (node, labels) =>
      resourcesOf(mapAt(node, 'status', 'capacity')).map(
        ({ value, ...more }): Sample => [{ ...labels, ...more }, value],
      ),
  ],
  status_allocatable: [
    'The allocatable for different resources of a node that are available for scheduling.',
    (node, labels) =>
      resourcesOf(mapAt(node, 'status', 'allocatable')).map(
        ({ value, ...more }): Sample => [{ ...labels, ...more }, value],
      ),
  ],
})

const namespaces = kindOf('kube_namespace', ({ metadata }) => ({ namespace: metadata.name }), {
  created,
  status_phase: [
    'kubernetes namespace status phase.',
    (object, labels) => oneOf(labels, 'phase', ['Active', 'Terminating'], textAt(object, 'status', 'phase')),
  ],
})

const services = kindOf(
  'kube_service',
  ({ metadata }) => ({ namespace: metadata.namespace ?? '', service: metadata.name, uid: metadata.uid ?? '' }),
  {
    info: [
      'Information about service.',
      (object, labels) => [
        [
          {
            ...labels,
            cluster_ip: textAt(object, 'spec', 'clusterIP'),
            external_name: textAt(object, 'spec', 'externalName'),
          },
          1,
        ],
      ],
    ],
    created,
    spec_type: ['Type about service.', (object, labels) => [[{ ...labels, type: textAt(object, 'spec', 'type') }, 1]]],
  },
)

const claims = kindOf('kube_persistentvolumeclaim', named('persistentvolumeclaim'), {
  info: [
    'Information about persistent volume claim.',
    (object, labels) => [
      [
        {
          ...labels,
          storageclass: textAt(object, 'spec', 'storageClassName'),
          volumename: textAt(object, 'spec', 'volumeName'),
        },
        1,
      ],
    ],
  ],
  status_phase: [
    'The phase the persistent volume claim is currently in.',
    (object, labels) => oneOf(labels, 'phase', ['Lost', 'Bound', 'Pending'], textAt(object, 'status', 'phase')),
  ],
  resource_requests_storage_bytes: [
    'The capacity of storage requested by the persistent volume claim.',
    (object) => amountOf(textAt(object, 'spec', 'resources', 'requests', 'storage') || '0'),
  ],
})

const volumes = kindOf('kube_persistentvolume', ({ metadata }) => ({ persistentvolume: metadata.name }), {
  status_phase: [
    'The phase indicates if a volume is available, bound to a claim, or released by a claim.',
    (object, labels) =>
      oneOf(
        labels,
        'phase',
        ['Pending', 'Available', 'Bound', 'Released', 'Failed'],
        textAt(object, 'status', 'phase'),
      ),
  ],
  capacity_bytes: [
    'Persistentvolume capacity in bytes.',
    (object) => amountOf(textAt(object, 'spec', 'capacity', 'storage') || '0'),
  ],
})

const quotas: Metric[] = [
  {
    name: 'kube_resourcequota',
    help: 'Information about resource quota.',
    type: 'gauge',
    of: (object) =>
      (['hard', 'used'] as const).flatMap((type) =>
        Object.entries(mapAt(object, 'status', type)).map(
          ([resource, quantity]): Sample => [
            { ...named('resourcequota')(object), resource, type },
            amountOf(String(quantity)),
          ],
        ),
      ),
  },
]

/** What is told of the objects of each path. */
export const metricsByPath: Readonly<Record<string, readonly Metric[]>> = {
  '/apis/batch/v1/cronjobs': cronJobs,
  '/apis/apps/v1/daemonsets': daemonSets,
  '/apis/apps/v1/deployments': deployments,
  '/apis/autoscaling/v2/horizontalpodautoscalers': autoscalers,
  '/apis/batch/v1/jobs': jobs,
  '/api/v1/namespaces': namespaces,
  '/api/v1/nodes': nodes,
  '/api/v1/persistentvolumeclaims': claims,
  '/api/v1/persistentvolumes': volumes,
  '/apis/policy/v1/poddisruptionbudgets': budgets,
  '/api/v1/pods': pods,
  '/apis/apps/v1/replicasets': replicaSets,
  '/api/v1/resourcequotas': quotas,
  '/api/v1/services': services,
  '/apis/apps/v1/statefulsets': statefulSets,
}
