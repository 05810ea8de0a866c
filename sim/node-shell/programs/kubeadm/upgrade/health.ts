/** Whether a cluster is well enough to be upgraded. Sources: cmd/kubeadm/app/phases/upgrade/health.go, preflight/checks.go */
import { jobs } from '../../../../api/batch/job.ts'
import type { Job } from '../../../../api/batch/types.ts'
import { nodes } from '../../../../api/core/node.ts'
import { type Draft, findCondition } from '../../../../api/meta/object.ts'
import { StatusError } from '../../../../api/meta/status-error.ts'
import type { Wait } from '../../../../runtime/process.ts'
import { waitFor } from '../../../../runtime/process.ts'
import type { Invocation } from '../command-line.ts'
import { judgePreflight } from '../preflight.ts'
import { type ClusterToUpgrade, NAMESPACE } from './cluster.ts'

const CHECK_NAME = 'upgrade-health-check'
const POLL_MS = 1000
const PATIENCE_MS = 60_000
/** A Job that is over goes by itself after so long, and ends by itself as well. */
const LIFE_SECONDS = 65
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane'
const manifests = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(
  (name) => `/etc/kubernetes/manifests/${name}.yaml`,
)

/** @throws KubeadmError when a check fails that is not among those to ignore */
export function* checkHealth(invocation: Invocation, cluster: ClusterToUpgrade): Generator<Wait, void, unknown> {
  const { stdout } = invocation.process
  stdout.write('[upgrade] Running cluster health checks\n')
  const isDry = invocation.flags.get('dry-run') === 'true'
  if (isDry) for (const path of manifests) stdout.write(`[dryrun] would check if ${path} exists\n`)
  judgePreflight(
    invocation,
    [
      ['CreateJob', isDry ? undefined : yield* jobFailure(invocation, cluster)],
      ['ControlPlaneNodesReady', nodeFailure(cluster)],
      ['StaticPodManifest', isDry ? undefined : manifestFailure(invocation)],
    ],
    'preflight checks failed',
  )
}

/** A Job is made, and has to complete. */
function* jobFailure({ process }: Invocation, cluster: ClusterToUpgrade): Generator<Wait, string | undefined, unknown> {
  const name = `${CHECK_NAME}-${Math.floor(process.nowEpochMs())}`
  const called = `Job ${JSON.stringify(name)} in the namespace ${JSON.stringify(NAMESPACE)}`
  let failure = ''
  /** Until it gives something, each second. */
  function* until<T>(act: () => T | undefined): Generator<Wait, T | undefined, unknown> {
    const endMs = process.nowEpochMs() + PATIENCE_MS
    for (;;) {
      try {
        const found = act()
        if (found !== undefined) return found
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        failure = cluster.told(error, '')
      }
      if (process.nowEpochMs() >= endMs) return undefined
      yield* waitFor(process.sleep(POLL_MS))
    }
  }
  const schedulable = yield* until(() => cluster.client.list(nodes, { fieldSelector: 'spec.unschedulable=false' }))
  if (!schedulable) return `could not check if there is at least one Node that can schedule a test Pod: ${failure}`
  if (schedulable.items.length === 0) return undefined
  const made = yield* until(() => cluster.client.create(jobs, jobOf(name)))
  if (!made) return `could not create ${called}: ${failure}`
  const isComplete = yield* until(() => {
    const { status } = cluster.client.get(jobs, { namespace: NAMESPACE, name })
    failure = 'no condition of type Complete'
    return findCondition(status.conditions, 'Complete') ? true : undefined
  })
  return isComplete ? undefined : `${called} did not complete in 1m0s: ${failure}`
}

const jobOf = (name: string): Draft<Job> => ({
  metadata: { namespace: NAMESPACE, name },
  spec: {
    backoffLimit: 0,
    ttlSecondsAfterFinished: LIFE_SECONDS,
    activeDeadlineSeconds: LIFE_SECONDS,
    template: {
      spec: {
        restartPolicy: 'Never',
        securityContext: { runAsUser: 999, runAsGroup: 999, runAsNonRoot: true },
        tolerations: [{ key: CONTROL_PLANE, effect: 'NoSchedule' }],
        containers: [{ name: CHECK_NAME, image: 'registry.k8s.io/pause:3.10.2', args: ['-v'] }],
      },
    },
  },
})

function nodeFailure(cluster: ClusterToUpgrade): string | undefined {
  const words = `could not list nodes labeled with ${JSON.stringify(CONTROL_PLANE)}`
  const found = cluster.ask(words, '', (client) => client.list(nodes, { labelSelector: CONTROL_PLANE }))
  const away = found.items
    .filter(({ status }) => findCondition(status.conditions, 'Ready')?.status !== 'True')
    .map(({ metadata }) => metadata.name)
  return away.length > 0 ? `there are NotReady control-planes in the cluster: [${away.join(' ')}]` : undefined
}

function manifestFailure({ process }: Invocation): string | undefined {
  const missing = manifests.filter((path) => !process.files.exists(path))
  return missing.length > 0 ? `manifest files not found: [${missing.join(' ')}]` : undefined
}
