/** The cluster that `npm run sandbox` serves, and `npm run manifests` tries manifests in. */
import type { ClusterOptions } from '../../sim/index.ts'

/** As kind and minikube have one: without it, claims that name no class wait for ever. */
const standardClass = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: standard
  annotations: { storageclass.kubernetes.io/is-default-class: "true" }
provisioner: rancher.io/local-path
reclaimPolicy: Delete
volumeBindingMode: WaitForFirstConsumer
`

/** @param isBare without a StorageClass, and without Pods in kube-system */
export function clusterOptions(seed: string, nodeCount: number, isBare = false): ClusterOptions {
  return {
    seed,
    shape: {
      nodes: Array.from({ length: nodeCount }, (_, index) => ({ name: `node-${index + 1}`, cpu: '4', memory: '8Gi' })),
      metricsServer: true,
      systemPods: !isBare,
      ingressController: true,
      gatewayApi: true,
      cloudProvider: true,
    },
    ...(isBare ? {} : { setup: { commands: [{ op: 'apply', manifest: standardClass }], settleMs: 0 } }),
  }
}
