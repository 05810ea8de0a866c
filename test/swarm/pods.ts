/** What swarm tests do with single Pods: each is of a random few of the features that a Pod can have. */
import type { Random } from '../../sim/engine/random.ts'
import type { Command } from '../../sim/index.ts'

const line = (text: string): Command => ({ op: 'kubectl', line: text })
const name = (random: Random): string => `pod-${random.int(1, 4)}`

/** Each is part of a Pod's spec. */
const podFeatures: readonly string[] = [
  'hostPID: true',
  'shareProcessNamespace: true',
  'hostIPC: true',
  'hostNetwork: true',
  'activeDeadlineSeconds: 20',
  'resources: {limits: {memory: 100Mi, cpu: 300m}}',
  'securityContext: {runAsUser: 1000, fsGroup: 2000, supplementalGroups: [4000]}',
  'securityContext: {runAsNonRoot: true, supplementalGroupsPolicy: Strict}',
  'readinessGates: [{conditionType: example.com/ready}]',
  'initContainers: [{name: first, image: "busybox:1.36", command: [sh, -c, "sleep 2"]}]',
  'initContainers: [{name: side, image: "busybox:1.36", command: [sleep, "3600"], restartPolicy: Always}]',
  'initContainers: [{name: first, image: "busybox:1.36", command: ["false"]}]',
]

/** Each is part of a container's. */
const containerFeatures: readonly string[] = [
  'lifecycle: {preStop: {exec: {command: [sleep, "3"]}}}',
  'lifecycle: {postStart: {exec: {command: ["false"]}}}',
  'livenessProbe: {exec: {command: ["false"]}, periodSeconds: 3}',
  'readinessProbe: {exec: {command: ["true"]}, periodSeconds: 1}',
  'startupProbe: {exec: {command: ["false"]}, failureThreshold: 2, periodSeconds: 2}',
  'resources: {limits: {memory: 64Mi}}',
  'terminationMessagePolicy: FallbackToLogsOnError',
  'securityContext: {privileged: true}',
]

const commands: readonly string[] = [
  'sleep 3600',
  'sleep 3; exit 1',
  'nope',
  'i=0; while [ $i -lt 60 ]; do sleep 3600 & i=$((i+1)); done; wait',
  'for i in $(seq 100); do (sleep 1; sleep 1) & done; wait',
  'kill -9 -1; kill 0; sleep 5',
  'dd if=/dev/zero of=/dev/shm/big bs=1M count=50; sleep 30',
  'dd if=/dev/zero of=/data/big bs=1M count=30; sleep 30',
  'mkdir -p /data/disk; mount -t tmpfs tmpfs /data/disk; echo x > /data/disk/x; sleep 20; umount /data/disk; sleep 3600',
  "trap 'exit 0' TERM; while true; do sleep 1; done",
]

function podOf(random: Random): string {
  const some = (features: readonly string[]): string[] => {
    const chosen = new Map<string, string>()
    for (let i = random.int(0, 3); i > 0; i--) {
      const feature = random.pick(features)
      chosen.set(feature.slice(0, feature.indexOf(':')), feature)
    }
    // A Pod may not have both.
    if (chosen.has('hostPID')) chosen.delete('shareProcessNamespace')
    return [...chosen.values()]
  }
  const container = (which: string): string =>
    `{name: ${which}, image: "busybox:1.36", command: [sh, -c, ${JSON.stringify(random.pick(commands))}], volumeMounts: [{name: data, mountPath: /data}], ${some(containerFeatures).join(', ')}}`
  const volume = random.pick([
    'emptyDir: {}',
    'emptyDir: {sizeLimit: 20Mi}',
    'emptyDir: {medium: Memory, sizeLimit: 20Mi}',
    'hostPath: {path: /var/shared, type: DirectoryOrCreate}',
  ])
  const lines = [
    `restartPolicy: ${random.pick(['Always', 'OnFailure', 'Never'])}`,
    `terminationGracePeriodSeconds: ${random.pick([0, 2, 10])}`,
    `volumes: [{name: data, ${volume}}]`,
    ...some(podFeatures),
    `containers: [${[container('main'), ...(random.next() < 0.4 ? [container('other')] : [])].join(', ')}]`,
  ]
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name(random)}, labels: {app: lively}}\nspec:\n${lines.map((text) => `  ${text}\n`).join('')}`
}

export const podOperations: Readonly<Record<string, (random: Random) => Command[]>> = {
  lively: (random) => [{ op: 'create', manifest: podOf(random) }],
  livelyAgain: (random) => [{ op: 'create', manifest: podOf(random) }],
  livelyChange: (random) => [
    line(
      random.pick([
        `kubectl delete pod ${name(random)} --wait=false`,
        `kubectl delete pod ${name(random)} --grace-period=1 --wait=false`,
        `kubectl exec ${name(random)} -- ps`,
        `kubectl exec ${name(random)} -c main -- sh -c 'kill -9 $(pidof sleep)'`,
        `kubectl debug ${name(random)} --image=busybox:1.36 --target=main -- sleep 5`,
        `kubectl debug node/node-${random.int(1, 3)} --image=busybox:1.36 -- ps`,
      ]),
    ),
  ],
}
