/** What swarm tests do with volumes, and what must be true of these. */

import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../sim/api/core/storage-types.ts'
import { compareQuantities } from '../../sim/api/meta/quantity.ts'
import type { VolumeAttachment } from '../../sim/api/storage/types.ts'
import type { Random } from '../../sim/engine/random.ts'
import type { Command, LiveCluster } from '../../sim/index.ts'

type Operation = (random: Random) => Command[]

const line = (text: string): Command => ({ op: 'kubectl', line: text })

const driver = 'driver.longhorn.io'
const classes = `${[
  ['at-once', 'Immediate'],
  ['late', 'WaitForFirstConsumer'],
]
  .map(
    ([name, mode]) =>
      `apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: ${name}}\nprovisioner: ${driver}\nallowVolumeExpansion: true\nvolumeBindingMode: ${mode}\n`,
  )
  .join('---\n')}---\n`

// whenDeleted stays Retain: a set that comes back under its name may start a Pod on a claim that the garbage collector is about to
// delete with the former one, and that Pod never mounts it, as upstream.
const store = (random: Random): string => `${classes}apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  serviceName: store
  replicas: ${random.int(1, 3)}
  podManagementPolicy: ${random.pick(['OrderedReady', 'Parallel'])}
  persistentVolumeClaimRetentionPolicy: {whenScaled: ${random.pick(['Retain', 'Delete'])}}
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      terminationGracePeriodSeconds: ${random.pick([0, 5])}
      containers: [{name: main, image: 'nginx:1.27', resources: {requests: {cpu: 50m}}, volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], storageClassName: ${random.pick(['at-once', 'late'])}, resources: {requests: {storage: 1Gi}}}
`

export const storageOperations: Readonly<Record<string, Operation>> = {
  store: (random) => [{ op: 'apply', manifest: store(random) }],
  storeChange: (random) => [
    line(
      random.pick([
        `kubectl scale sts store --replicas=${random.int(0, 3)}`,
        `kubectl delete pod store-${random.int(0, 2)} --wait=false`,
        `kubectl delete pvc data-store-${random.int(0, 2)} --wait=false`,
        // In the foreground it would never go: a Pod waits for the claim that it owns, and the claim for the Pod that uses it.
        'kubectl delete sts store --wait=false',
        `kubectl patch pvc data-store-${random.int(0, 2)} -p '{"spec":{"resources":{"requests":{"storage":"${random.int(2, 4)}Gi"}}}}'`,
      ]),
    ),
  ],
}

/** A node that comes back mounts no claim that is being deleted: its Pod has to be made anew. */
export const storageMended: Command[] = [line('kubectl delete pod -l app=store --wait=false')]

const attachmentsOf = (cluster: LiveCluster): VolumeAttachment[] =>
  cluster.objects('volumeattachments.storage.k8s.io') as VolumeAttachment[]

/** A volume for one node that two nodes hold; undefined while all is well. */
export function attachmentProblem(cluster: LiveCluster): string | undefined {
  const holders = new Map<string, string>()
  for (const { spec } of attachmentsOf(cluster)) {
    const volume = spec.source.persistentVolumeName ?? ''
    const other = holders.get(volume)
    if (other !== undefined) return `volume ${volume} is attached to ${other} and to ${spec.nodeName}`
    holders.set(volume, spec.nodeName)
  }
  return undefined
}

/** What is wrong with the volumes of a cluster that has been left alone. */
export function storageProblems(cluster: LiveCluster): string[] {
  const claims = cluster.objects('persistentvolumeclaims') as PersistentVolumeClaim[]
  const volumes = cluster.objects('persistentvolumes') as PersistentVolume[]
  const pods = (cluster.objects('pods') as Pod[]).filter(
    ({ status }) => !/^(Succeeded|Failed)$/.test(status.phase ?? ''),
  )
  const usersOf = ({ metadata }: PersistentVolumeClaim): Pod[] =>
    pods.filter(({ spec }) => spec.volumes?.some((one) => one.persistentVolumeClaim?.claimName === metadata.name))
  const claimOf = (name: string | undefined): PersistentVolumeClaim | undefined =>
    claims.find(({ spec }) => spec.volumeName === name)
  return [
    ...claims.flatMap((claim) => claimProblems(claim, usersOf(claim))),
    ...volumes
      .filter(({ spec, status }) => spec.persistentVolumeReclaimPolicy === 'Delete' && status.phase !== 'Bound')
      .map(({ metadata, status }) => `volume ${metadata.name} is ${status.phase} and still there`),
    ...attachmentsOf(cluster).flatMap(({ spec }) => {
      const claim = claimOf(spec.source.persistentVolumeName)
      const isUsed = claim && usersOf(claim).some((pod) => pod.spec.nodeName === spec.nodeName)
      return isUsed ? [] : [`volume ${spec.source.persistentVolumeName} is attached to ${spec.nodeName} for nobody`]
    }),
  ]
}

function claimProblems({ metadata, spec, status }: PersistentVolumeClaim, users: readonly Pod[]): string[] {
  const { name } = metadata
  if (users.length === 0) return metadata.deletionTimestamp ? [`claim ${name} is being deleted and nobody uses it`] : []
  if (status.phase !== 'Bound') return [`claim ${name} of ${users[0].metadata.name} is ${status.phase}`]
  const [wanted, given] = [spec.resources.requests?.storage ?? '0', status.capacity?.storage ?? '0']
  const isGrown = compareQuantities(given, wanted) >= 0 && (status.conditions ?? []).length === 0
  return isGrown
    ? []
    : [`claim ${name} asks for ${wanted} and has ${given}, ${JSON.stringify(status.conditions ?? [])}`]
}
