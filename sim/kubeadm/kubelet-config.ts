/** The configuration of a kubelet, as kubeadm writes it to a node and keeps it in the cluster. */
import type { KubeletNodeShape } from '../kubelet/node-status.ts'
import { kubeletCredential } from '../kubelet/service/startup.ts'

const CLUSTER_DNS = '10.96.0.10'

/** As YAML, with the values that it has here. @param shape of the machine; of the cluster as a whole without one. Source: kubelet.config.k8s.io/v1beta1 */
export function kubeletConfiguration(shape: Partial<KubeletNodeShape>): string {
  const pids = shape.evictionHard?.['pid.available']
  const parallel = shape.maxParallelImagePulls
  const lines = [
    'apiVersion: kubelet.config.k8s.io/v1beta1',
    'authentication:',
    '  anonymous:',
    '    enabled: false',
    '  webhook:',
    '    cacheTTL: 2m0s',
    '    enabled: true',
    '  x509:',
    '    clientCAFile: /etc/kubernetes/pki/ca.crt',
    'authorization:',
    '  mode: Webhook',
    'cgroupDriver: systemd',
    'clusterDNS:',
    `- ${CLUSTER_DNS}`,
    'clusterDomain: cluster.local',
    'containerRuntimeEndpoint: unix:///run/containerd/containerd.sock',
    'evictionHard:',
    '  memory.available: 100Mi',
    '  nodefs.available: 10%',
    ...(pids ? [`  pid.available: "${pids}"`] : []),
    'evictionPressureTransitionPeriod: 5m0s',
    'fileCheckFrequency: 20s',
    'healthzBindAddress: 127.0.0.1',
    'healthzPort: 10248',
    ...(shape.imageGCHighThresholdPercent === undefined
      ? []
      : [`imageGCHighThresholdPercent: ${shape.imageGCHighThresholdPercent}`]),
    ...(shape.imageGCLowThresholdPercent === undefined
      ? []
      : [`imageGCLowThresholdPercent: ${shape.imageGCLowThresholdPercent}`]),
    'kind: KubeletConfiguration',
    'logging:',
    '  verbosity: 2',
    `maxPods: ${shape.pods ?? 110}`,
    ...(parallel ? [`maxParallelImagePulls: ${parallel}`] : []),
    'nodeLeaseDurationSeconds: 40',
    'nodeStatusReportFrequency: 5m0s',
    'nodeStatusUpdateFrequency: 10s',
    ...(shape.podPidsLimit === undefined ? [] : [`podPidsLimit: ${shape.podPidsLimit}`]),
    'registryBurst: 10',
    'registryPullQPS: 5',
    'resolvConf: /etc/resolv.conf',
    'rotateCertificates: true',
    `serializeImagePulls: ${parallel ? parallel <= 1 : true}`,
    `shutdownGracePeriod: ${shape.shutdownGracePeriodSeconds ?? 0}s`,
    `shutdownGracePeriodCriticalPods: ${shape.shutdownGracePeriodCriticalPodsSeconds ?? 0}s`,
    'staticPodPath: /etc/kubernetes/manifests',
    'syncFrequency: 1m0s',
  ]
  return `${lines.join('\n')}\n`
}

/** With what a kubelet goes to the API server. @param server `172.18.0.2:6443` */
export const kubeletKubeconfig = (server: string): string => `apiVersion: v1
kind: Config
clusters:
- name: default-cluster
  cluster:
    certificate-authority: /etc/kubernetes/pki/ca.crt
    server: https://${server}
contexts:
- name: default-context
  context:
    cluster: default-cluster
    namespace: default
    user: default-auth
current-context: default-context
preferences: {}
users:
- name: default-auth
  user:
    client-certificate: ${kubeletCredential}
    client-key: ${kubeletCredential}
`
