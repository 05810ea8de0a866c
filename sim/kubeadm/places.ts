/** Where kubeadm v1.36 puts things. Source: cmd/kubeadm/app/constants/constants.go */

/** The folder of certificates and keys. */
export const PKI = '/etc/kubernetes/pki'
/** How long what it signs holds, its authorities apart. */
export const CERTIFICATE_LIFETIME_MS = 365 * 24 * 3_600_000
export const ETCD_PORTS = { client: 2379, peer: 2380, metrics: 2381 } as const
export const ETCD_VERSION = '3.6.8'
export const ETCD_IMAGE_TAG = `${ETCD_VERSION}-0`
export const KUBELET_CONF = '/etc/kubernetes/kubelet.conf'
export const CONTROLLER_MANAGER_CONF = '/etc/kubernetes/controller-manager.conf'
export const SCHEDULER_CONF = '/etc/kubernetes/scheduler.conf'
export const ETCD_DATA = '/var/lib/etcd'
