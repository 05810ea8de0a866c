/** Of etcd, as kubeadm of this release brings it, and of its files. */
export const VERSION = '3.6.8'
export const STORAGE_VERSION = '3.6.0'
