/** A component of the control plane as kubeadm sets it up, and each way in which it is another. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/index.ts'
import { compileStateAssertion } from '../../../sim/scenario/checks/assertion.ts'
import { snapshotNow } from '../../../sim/scenario/checks/history.ts'
import type { ClusterShape, StaticPodAssertion } from '../../../sim/scenario/types.ts'

const shape: ClusterShape = { nodes: [{ name: 'node-1' }], controlPlane: { members: 1, staticPods: true } }

/** What is said after lines in a shell of the control-plane node. */
function after(line: string, asked: Partial<StaticPodAssertion> = {}): string {
  const cluster = createCluster({ seed: 'static', shape })
  cluster.advance(30_000)
  if (line) {
    const { exit, stderr } = cluster.execute({ op: 'node', node: 'control-plane', line })
    assert.equal(exit, 0, stderr)
    cluster.advance(120_000)
  }
  const component = asked.component ?? 'kube-scheduler'
  const assertion = compileStateAssertion({ staticPod: { ...asked, component } })!
  const { holds, actual } = assertion.evaluate(snapshotNow(cluster))
  assert.equal(holds, actual === asKubeadm)
  return actual
}

const asKubeadm = 'as kubeadm sets it up'
const manifest = (component: string): string => `/etc/kubernetes/manifests/${component}.yaml`
const scheduler = manifest('kube-scheduler')
/** Puts lines behind the first word of the command. */
const withFlag = (flag: string): string =>
  `sed -i 's#^    - kube-scheduler$#    - kube-scheduler\\n    - ${flag}#' ${scheduler}`

for (const component of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'])
  test(`${component} is as kubeadm sets it up`, () => assert.equal(after('', { component, flags: 'all' }), asKubeadm))

const same: [what: string, line: string, asked?: Partial<StaticPodAssertion>][] = [
  ['more is logged', withFlag('--v=4')],
  ['a flag is left out that nobody asks for', `sed -i '/--leader-elect/d' ${scheduler}`, { flags: ['--kubeconfig'] }],
  [
    'flags stand apart from their values, or with other strokes',
    `sed -i 's#--bind-address=#--bind_address=#; s#--kubeconfig=\\(.*\\)#--kubeconfig\\n    - \\1#' ${scheduler}`,
  ],
  ['flags are arguments', `sed -i 's#^    - kube-scheduler$#    - kube-scheduler\\n    args:#' ${scheduler}`],
  [
    'probes and resources are others',
    `sed -i 's#cpu: 100m#cpu: 50m#; s#failureThreshold: 8#failureThreshold: 3#' ${scheduler}`,
  ],
  [
    'what may be another is another',
    `sed -i 's#--bind-address=.*#--bind-address=0.0.0.0#' ${scheduler}`,
    { free: ['--bind-address'] },
  ],
  [
    'it has a value that is as good, or the node’s address',
    `sed -i "s#https://127.0.0.1:2379#https://$(grep -o 'advertise-address=.*' ${manifest('kube-apiserver')} | cut -d = -f 2):2379#" ${manifest('kube-apiserver')}`,
    {
      component: 'kube-apiserver',
      flags: 'all',
      also: { '--etcd-servers': ['https://localhost:2379', 'https://ADDRESS:2379'] },
    },
  ],
]
for (const [what, line, asked] of same)
  test(`it is as kubeadm sets it up though ${what}`, () => assert.equal(after(line, asked), asKubeadm))

const other: [line: string, told: string | RegExp, asked?: Partial<StaticPodAssertion>][] = [
  [withFlag('--bind-address=0.0.0.0'), '--bind-address is given 2 times'],
  [
    `sed -i 's#^    image: #    args: [--bind-address=0.0.0.0]\\n    image: #' ${scheduler}`,
    '--bind-address is given 2 times',
  ],
  [`sed -i 's#--bind-address=.*#--bind-address=0.0.0.0#' ${scheduler}`, '--bind-address is 0.0.0.0'],
  [withFlag('--profiling=true'), 'kubeadm does not give it --profiling'],
  [`sed -i '/--leader-elect/d' ${scheduler}`, '--leader-elect is missing', { flags: 'all' }],
  [`sed -i '/--leader-elect/d' ${scheduler}`, '--leader-elect is missing', { flags: ['--leader-elect'] }],
  [
    `sed -i 's#^  hostNetwork: true#  hostNetwork: true\\n  hostPID: true#' ${scheduler}`,
    'it has hostPID, hostIPC, which kubeadm does not give it',
  ],
  [
    `sed -i 's#^    image: #    securityContext: {privileged: true}\\n    image: #' ${scheduler}`,
    'it has securityContext, which kubeadm does not give it',
  ],
  [
    `sed -i 's#^    image: #    env: [{name: A, value: b}]\\n    image: #' ${scheduler}`,
    'it has env, which kubeadm does not give it',
  ],
  [
    `sed -i 's#^  volumes:#  volumes:\\n  - {name: all, hostPath: {path: /}}#' ${scheduler}`,
    'it has the volume all, which kubeadm does not give it',
  ],
  [
    `sed -i 's#^  containers:#  containers:\\n  - {name: spy, image: "busybox:1.36", command: [sleep, "9999"]}#' ${scheduler}`,
    'Pod/kube-scheduler-control-plane has 2 containers',
  ],
  [`rm ${scheduler}`, 'there is no Pod/kube-scheduler-control-plane'],
  [
    `sed -i 's#kube-scheduler:v1.36.2#kube-scheduler:v1.36.1#' ${scheduler}`,
    'its image is registry.k8s.io/kube-scheduler:v1.36.1',
  ],
  [`sed -i 's#conf$#conf.gone#' ${scheduler}`, /^it has the volume kubeconfig|^--\S+ is \S+conf\.gone$/],
]
for (const [line, told, asked] of other)
  test(`it is another after ${line}`, () =>
    typeof told === 'string' ? assert.equal(after(line, asked), told) : assert.match(after(line, asked), told))

test('a component that kubeadm does not make is refused', () =>
  assert.throws(() => compileStateAssertion({ staticPod: { component: 'kube-proxy' } }), {
    message: 'no component kube-proxy; kubeadm makes etcd, kube-apiserver, kube-controller-manager, kube-scheduler',
  }))
