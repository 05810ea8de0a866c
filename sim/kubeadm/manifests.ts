/**
 * The manifests that kubeadm v1.36 leaves on a control-plane node: etcd and what stands on it, as static Pods.
 * Sources: cmd/kubeadm/app/phases/controlplane/{manifests,volumes}.go, phases/etcd/local.go, util/staticpod/utils.go
 */
import { defaultServiceRange } from '../apiserver/service-addresses.ts'
import { printYaml } from '../kubectl/printers/yaml.ts'
import { serverVersion } from '../version.ts'
import { CONTROLLER_MANAGER_CONF, ETCD_DATA, ETCD_IMAGE_TAG, ETCD_PORTS, PKI, SCHEDULER_CONF } from './places.ts'

/** A control-plane node as its manifests name it. */
export interface ControlPlanePlace {
  readonly name: string
  readonly ip: string
}

/** Ranges of addresses. */
export interface Networking {
  /** Of Pods; '' without one. */
  readonly podSubnet: string
  readonly serviceSubnet: string
}

/** As the cluster's kubeadm was told. */
const ofCluster: Networking = { podSubnet: '10.244.0.0/16', serviceSubnet: defaultServiceRange }

interface ComponentPod {
  readonly name: string
  readonly image: string
  readonly arguments: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly requests: Readonly<Record<string, string>>
  readonly probed: { readonly host: string; readonly port: number; readonly scheme: 'HTTP' | 'HTTPS' }
  readonly paths: { readonly liveness: string; readonly readiness?: string; readonly startup: string }
  readonly volumes: readonly {
    readonly name: string
    readonly path: string
    readonly type: string
    readonly writable?: boolean
  }[]
}

const kubernetesImage = (component: string, release: string): string => `registry.k8s.io/${component}:${release}`
const directory = (name: string, path: string) => ({ name, path, type: 'DirectoryOrCreate' })
const ofCertificates = [directory('ca-certs', '/etc/ssl/certs'), directory('k8s-certs', PKI)]

/**
 * Text of each file in `/etc/kubernetes/manifests`, by its name.
 * @param members all nodes of the control plane, the first of which was there first
 * @param release of Kubernetes: `v1.36.2`
 * @param extra flags of a component that are given besides, or in place of the usual ones
 * @param networking ranges of addresses, as the configuration has them: without one for Pods nobody tells the controller manager of any
 */
export function staticPodManifests(
  place: ControlPlanePlace,
  members: readonly ControlPlanePlace[],
  release: string,
  extra: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
  networking: Networking = ofCluster,
): Record<string, string> {
  const pods = [
    apiServerPod(place, release, networking),
    controllerManagerPod(release, networking),
    schedulerPod(release),
    etcdPod(place, members),
  ]
  return Object.fromEntries(pods.map((pod) => [`${pod.name}.yaml`, printYaml(podOf(withFlags(pod, extra[pod.name])))]))
}

/** Flags in the order of their names, as kubeadm writes them. */
function withFlags(pod: ComponentPod, extra?: Readonly<Record<string, string>>): ComponentPod {
  if (!extra) return pod
  const all = Object.entries({ ...pod.arguments, ...extra }).sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...pod, arguments: Object.fromEntries(all) }
}

/** The flags that kubeadm gives to a component. */
export const componentArguments = (
  component: 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler',
  place: ControlPlanePlace,
): Readonly<Record<string, string>> =>
  [apiServerPod(place), controllerManagerPod(), schedulerPod()].find(({ name }) => name === component)!.arguments

function apiServerPod({ ip }: ControlPlanePlace, release = serverVersion, { serviceSubnet } = ofCluster): ComponentPod {
  return {
    name: 'kube-apiserver',
    image: kubernetesImage('kube-apiserver', release),
    annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${ip}:6443` },
    arguments: {
      'advertise-address': ip,
      'allow-privileged': 'true',
      'authorization-mode': 'Node,RBAC',
      'client-ca-file': `${PKI}/ca.crt`,
      'enable-admission-plugins': 'NodeRestriction',
      'enable-bootstrap-token-auth': 'true',
      'etcd-cafile': `${PKI}/etcd/ca.crt`,
      'etcd-certfile': `${PKI}/apiserver-etcd-client.crt`,
      'etcd-keyfile': `${PKI}/apiserver-etcd-client.key`,
      'etcd-servers': `https://127.0.0.1:${ETCD_PORTS.client}`,
      'kubelet-client-certificate': `${PKI}/apiserver-kubelet-client.crt`,
      'kubelet-client-key': `${PKI}/apiserver-kubelet-client.key`,
      'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
      'proxy-client-cert-file': `${PKI}/front-proxy-client.crt`,
      'proxy-client-key-file': `${PKI}/front-proxy-client.key`,
      'requestheader-allowed-names': 'front-proxy-client',
      'requestheader-client-ca-file': `${PKI}/front-proxy-ca.crt`,
      'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
      'requestheader-group-headers': 'X-Remote-Group',
      'requestheader-username-headers': 'X-Remote-User',
      'secure-port': '6443',
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-account-key-file': `${PKI}/sa.pub`,
      'service-account-signing-key-file': `${PKI}/sa.key`,
      'service-cluster-ip-range': serviceSubnet,
      'tls-cert-file': `${PKI}/apiserver.crt`,
      'tls-private-key-file': `${PKI}/apiserver.key`,
    },
    requests: { cpu: '250m' },
    probed: { host: ip, port: 6443, scheme: 'HTTPS' },
    paths: { liveness: '/livez', readiness: '/readyz', startup: '/livez' },
    volumes: ofCertificates,
  }
}

function controllerManagerPod(release = serverVersion, { podSubnet, serviceSubnet } = ofCluster): ComponentPod {
  const kubeconfig = CONTROLLER_MANAGER_CONF
  return {
    name: 'kube-controller-manager',
    image: kubernetesImage('kube-controller-manager', release),
    arguments: {
      ...(podSubnet ? { 'allocate-node-cidrs': 'true' } : {}),
      'authentication-kubeconfig': kubeconfig,
      'authorization-kubeconfig': kubeconfig,
      'bind-address': '127.0.0.1',
      'client-ca-file': `${PKI}/ca.crt`,
      ...(podSubnet ? { 'cluster-cidr': podSubnet } : {}),
      'cluster-name': 'kubernetes',
      'cluster-signing-cert-file': `${PKI}/ca.crt`,
      'cluster-signing-key-file': `${PKI}/ca.key`,
      controllers: '*,bootstrapsigner,tokencleaner',
      kubeconfig,
      'leader-elect': 'true',
      'requestheader-client-ca-file': `${PKI}/front-proxy-ca.crt`,
      'root-ca-file': `${PKI}/ca.crt`,
      'service-account-private-key-file': `${PKI}/sa.key`,
      ...(podSubnet ? { 'service-cluster-ip-range': serviceSubnet } : {}),
      'use-service-account-credentials': 'true',
    },
    requests: { cpu: '200m' },
    probed: { host: '127.0.0.1', port: 10257, scheme: 'HTTPS' },
    paths: { liveness: '/healthz', startup: '/healthz' },
    volumes: [...ofCertificates, { name: 'kubeconfig', path: kubeconfig, type: 'FileOrCreate' }],
  }
}

function schedulerPod(release = serverVersion): ComponentPod {
  const kubeconfig = SCHEDULER_CONF
  return {
    name: 'kube-scheduler',
    image: kubernetesImage('kube-scheduler', release),
    arguments: {
      'authentication-kubeconfig': kubeconfig,
      'authorization-kubeconfig': kubeconfig,
      'bind-address': '127.0.0.1',
      kubeconfig,
      'leader-elect': 'true',
    },
    requests: { cpu: '100m' },
    probed: { host: '127.0.0.1', port: 10259, scheme: 'HTTPS' },
    paths: { liveness: '/livez', readiness: '/readyz', startup: '/livez' },
    volumes: [{ name: 'kubeconfig', path: kubeconfig, type: 'FileOrCreate' }],
  }
}

function etcdPod({ name, ip }: ControlPlanePlace, members: readonly ControlPlanePlace[]): ComponentPod {
  const client = `https://${ip}:${ETCD_PORTS.client}`
  const peer = (of: ControlPlanePlace): string => `https://${of.ip}:${ETCD_PORTS.peer}`
  const own = `https://${ip}:${ETCD_PORTS.peer}`
  // Who joins is told of those that were there before.
  const known = members.slice(0, members.findIndex((member) => member.name === name) + 1)
  return {
    name: 'etcd',
    image: `registry.k8s.io/etcd:${ETCD_IMAGE_TAG}`,
    annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': client },
    arguments: {
      'advertise-client-urls': client,
      'cert-file': `${PKI}/etcd/server.crt`,
      'client-cert-auth': 'true',
      'data-dir': ETCD_DATA,
      'feature-gates': 'InitialCorruptCheck=true',
      'initial-advertise-peer-urls': own,
      'initial-cluster': known.map((member) => `${member.name}=${peer(member)}`).join(','),
      ...(known.length > 1 ? { 'initial-cluster-state': 'existing' } : {}),
      'key-file': `${PKI}/etcd/server.key`,
      'listen-client-urls': `https://127.0.0.1:${ETCD_PORTS.client},${client}`,
      'listen-metrics-urls': `http://127.0.0.1:${ETCD_PORTS.metrics}`,
      'listen-peer-urls': own,
      name,
      'peer-cert-file': `${PKI}/etcd/peer.crt`,
      'peer-client-cert-auth': 'true',
      'peer-key-file': `${PKI}/etcd/peer.key`,
      'peer-trusted-ca-file': `${PKI}/etcd/ca.crt`,
      'snapshot-count': '10000',
      'trusted-ca-file': `${PKI}/etcd/ca.crt`,
      'watch-progress-notify-interval': '5s',
    },
    requests: { cpu: '100m', memory: '100Mi' },
    probed: { host: '127.0.0.1', port: ETCD_PORTS.metrics, scheme: 'HTTP' },
    paths: { liveness: '/livez', readiness: '/readyz', startup: '/readyz' },
    volumes: [
      { ...directory('etcd-data', ETCD_DATA), writable: true },
      { ...directory('etcd-certs', `${PKI}/etcd`), writable: true },
    ],
  }
}

function podOf({ name, image, annotations, arguments: given, requests, probed, paths, volumes }: ComponentPod): object {
  const probe = (path: string, initialDelaySeconds: number, failureThreshold: number, periodSeconds: number) => ({
    failureThreshold,
    httpGet: { host: probed.host, path, port: 'probe-port', scheme: probed.scheme },
    ...(initialDelaySeconds ? { initialDelaySeconds } : {}),
    periodSeconds,
    timeoutSeconds: 15,
  })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(annotations ? { annotations } : {}),
      labels: { component: name, tier: 'control-plane' },
      name,
      namespace: 'kube-system',
    },
    spec: {
      containers: [
        {
          command: [name, ...Object.entries(given).map(([flag, value]) => `--${flag}=${value}`)],
          image,
          imagePullPolicy: 'IfNotPresent',
          livenessProbe: probe(paths.liveness, 10, 8, 10),
          name,
          ports: [{ containerPort: probed.port, name: 'probe-port', protocol: 'TCP' }],
          ...(paths.readiness === undefined ? {} : { readinessProbe: probe(paths.readiness, 0, 3, 1) }),
          resources: { requests },
          startupProbe: probe(paths.startup, 10, 24, 10),
          volumeMounts: volumes.map(({ name: volume, path, writable }) => ({
            mountPath: path,
            name: volume,
            ...(writable ? {} : { readOnly: true }),
          })),
        },
      ],
      hostNetwork: true,
      priority: 2_000_001_000,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: volumes
        .map(({ name: volume, path, type }) => ({ hostPath: { path, type }, name: volume }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    },
    status: {},
  }
}
