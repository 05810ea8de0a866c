/**
 * kubeadm config: the images that a control plane of this version is made of, and configurations with nothing but defaults in them.
 * Sources: cmd/kubeadm/app/images/images.go, cmd/config.go, apis/kubeadm/v1beta4/defaults.go
 */
import { ETCD_IMAGE_TAG } from '../../../kubeadm/places.ts'
import { printYaml } from '../../../kubectl/printers/yaml.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from './command-line.ts'
import { releaseOfKubeadm } from './version.ts'

const imagesOf = (release: string): readonly string[] => [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(
    (name) => `registry.k8s.io/${name}:${release}`,
  ),
  'registry.k8s.io/coredns/coredns:v1.14.2',
  'registry.k8s.io/pause:3.10.2',
  `registry.k8s.io/etcd:${ETCD_IMAGE_TAG}`,
]

const apiVersion = 'kubeadm.k8s.io/v1beta4'
const PLACEHOLDER = 'abcdef.0123456789abcdef'
const CERTIFICATES = '/etc/kubernetes/pki'
const criSocket = 'unix:///var/run/containerd/containerd.sock'
const pulls = { imagePullPolicy: 'IfNotPresent', imagePullSerial: true }
const timeouts = {
  controlPlaneComponentHealthCheck: '4m0s',
  discovery: '5m0s',
  etcdAPICall: '2m0s',
  kubeletHealthCheck: '4m0s',
  kubernetesAPICall: '1m0s',
  tlsBootstrap: '5m0s',
  upgradeManifests: '5m0s',
}

/** Documents with their fields in the order of names, by the command that reads them. */
const defaultsFor: Readonly<Record<string, (invocation: Invocation) => readonly unknown[]>> = {
  init: ({ process }) => [
    {
      apiVersion,
      bootstrapTokens: [
        {
          groups: ['system:bootstrappers:kubeadm:default-node-token'],
          token: PLACEHOLDER,
          ttl: '24h0m0s',
          usages: ['signing', 'authentication'],
        },
      ],
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: '1.2.3.4', bindPort: 6443 },
      nodeRegistration: { criSocket, ...pulls, name: 'node', taints: null },
      timeouts,
    },
    {
      apiServer: {},
      apiVersion,
      caCertificateValidityPeriod: '87600h0m0s',
      certificateValidityPeriod: '8760h0m0s',
      certificatesDir: CERTIFICATES,
      clusterName: 'kubernetes',
      controllerManager: {},
      dns: {},
      encryptionAlgorithm: 'RSA-2048',
      etcd: { local: { dataDir: '/var/lib/etcd' } },
      imageRepository: 'registry.k8s.io',
      kind: 'ClusterConfiguration',
      kubernetesVersion: releaseOfKubeadm(process).replace(/^v(\d+\.\d+)\..*/, '$1.0'),
      networking: { dnsDomain: 'cluster.local', serviceSubnet: '10.96.0.0/12' },
      proxy: {},
      scheduler: {},
    },
  ],
  join: ({ machine }) => [
    {
      apiVersion,
      caCertPath: `${CERTIFICATES}/ca.crt`,
      discovery: {
        bootstrapToken: {
          apiServerEndpoint: 'kube-apiserver:6443',
          token: PLACEHOLDER,
          unsafeSkipCAVerification: true,
        },
        tlsBootstrapToken: PLACEHOLDER,
      },
      kind: 'JoinConfiguration',
      nodeRegistration: { criSocket, ...pulls, name: machine.shape.name, taints: null },
      timeouts,
    },
  ],
  reset: () => [{ apiVersion, certificatesDir: CERTIFICATES, criSocket, kind: 'ResetConfiguration', timeouts }],
  upgrade: () => {
    const both = { certificateRenewal: true, etcdUpgrade: true, ...pulls }
    return [
      {
        apiVersion,
        apply: both,
        diff: {},
        kind: 'UpgradeConfiguration',
        node: both,
        plan: { etcdUpgrade: true },
        timeouts,
      },
    ]
  },
}

const components = ['KubeProxyConfiguration', 'KubeletConfiguration']

const printsDefaults = ([action, documents]: [
  string,
  (invocation: Invocation) => readonly unknown[],
]): KubeadmCommand => ({
  name: `${action}-defaults`,
  short: `Print default ${action} configuration, that can be used for 'kubeadm ${action}'`,
  flags: action === 'init' ? { text: ['component-configs'] } : {},
  run(invocation) {
    const wanted = (invocation.flags.get('component-configs') ?? '').split(',').filter(Boolean)
    if (wanted.some((name) => !components.includes(name)))
      throw new KubeadmError(`--component-configs needs to contain some of [${components.join(' ')}]`)
    if (wanted.length > 0) throw new KubeadmError('podium: the defaults of components are not simulated')
    invocation.process.stdout.write(documents(invocation).map(printYaml).join('---\n'))
  },
})

export const config: KubeadmCommand = {
  name: 'config',
  short: 'Manage configuration for a kubeadm cluster persisted in a ConfigMap in the cluster',
  commands: [
    { name: 'print', short: 'Print configuration', commands: Object.entries(defaultsFor).map(printsDefaults) },
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
