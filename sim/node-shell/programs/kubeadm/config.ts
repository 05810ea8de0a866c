/** kubeadm config images: what a control plane of this version is made of. Source: cmd/kubeadm/app/images/images.go */
import { ETCD_IMAGE_TAG } from '../../../kubeadm/places.ts'
import type { KubeadmCommand } from './command-line.ts'
import { releaseOfKubeadm } from './version.ts'

const imagesOf = (release: string): readonly string[] => [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(
    (name) => `registry.k8s.io/${name}:${release}`,
  ),
  'registry.k8s.io/coredns/coredns:v1.14.2',
  'registry.k8s.io/pause:3.10.2',
  `registry.k8s.io/etcd:${ETCD_IMAGE_TAG}`,
]

export const config: KubeadmCommand = {
  name: 'config',
  short: 'Manage configuration for a kubeadm cluster persisted in a ConfigMap in the cluster',
  commands: [
    {
      name: 'images',
      short: 'Interact with container images used by kubeadm',
      commands: [
        {
          name: 'list',
          short:
            'Print a list of images kubeadm will use. The configuration file is used in case any images or image repositories are customized',
          run: ({ process }) =>
            process.stdout.write(
              imagesOf(releaseOfKubeadm(process))
                .map((image) => `${image}\n`)
                .join(''),
            ),
        },
        {
          name: 'pull',
          short: 'Pull images used by kubeadm',
          run: ({ process }) =>
            process.stdout.write(
              imagesOf(releaseOfKubeadm(process))
                .map((image) => `[config/images] Pulled ${image}\n`)
                .join(''),
            ),
        },
      ],
    },
  ],
}
