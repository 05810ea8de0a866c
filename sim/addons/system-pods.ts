/**
 * Add-ons as objects: CoreDNS and kube-proxy as kubeadm installs them, and metrics-server as its manifest does.
 * Sources: cmd/kubeadm/app/phases/addons/{dns,proxy}/manifests.go of v1.36, https://github.com/kubernetes-sigs/metrics-server
 * Simplified: the API server knows the figures of metrics-server without its Pod.
 */
import { daemonSets } from '../api/apps/daemon-set.ts'
import { deployments } from '../api/apps/deployment.ts'
import type { DaemonSet, Deployment } from '../api/apps/types.ts'
import { configMaps } from '../api/core/config-map.ts'
import { services } from '../api/core/service.ts'
import { serviceAccounts } from '../api/core/service-account.ts'
import type { Service } from '../api/core/types.ts'
import type { Draft } from '../api/meta/object.ts'
import { clusterRoles } from '../api/rbac/role.ts'
import { clusterRoleBindings, roleBindings } from '../api/rbac/role-binding.ts'
import type { Client } from '../client/client.ts'
import { apiServerIP, apiServerPort, clusterDnsIP } from '../network/address.ts'

/** As `kubeadm init` of this version chooses it. */
const corednsVersion = 'v1.14.2'
const namespace = 'kube-system'
const linux = { 'kubernetes.io/os': 'linux' }

const corefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`

/** CoreDNS and kube-proxy; their Pods come as any others do. */
export function installSystemPods(client: Client, release: string): void {
  for (const name of ['coredns', 'kube-proxy']) client.create(serviceAccounts, { metadata: { name, namespace } })
  client.create(configMaps, { metadata: { name: 'coredns', namespace }, data: { Corefile: corefile } })
  client.create(deployments, corednsDeployment())
  client.create(services, dnsService())
  client.create(clusterRoleBindings, {
    metadata: { name: 'kubeadm:node-proxier' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node-proxier' },
    subjects: [{ kind: 'ServiceAccount', name: 'kube-proxy', namespace }],
  })
  client.create(configMaps, {
    metadata: { name: 'kube-proxy', namespace, labels: { app: 'kube-proxy' } },
    data: { 'config.conf': proxyConfiguration, 'kubeconfig.conf': proxyKubeconfig },
  })
  client.create(daemonSets, proxyDaemonSet(release))
}

const metricsLabels = { 'k8s-app': 'metrics-server' }

/** metrics-server with its Service, beside what `installMetricsServer` does. */
export function installMetricsPods(client: Client): void {
  const [name, labels] = ['metrics-server', metricsLabels]
  const subjects = [{ kind: 'ServiceAccount' as const, name, namespace }]
  const role = (kind: 'Role' | 'ClusterRole', of: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: of })
  client.create(serviceAccounts, { metadata: { name, namespace, labels } })
  client.create(clusterRoles, {
    metadata: { name: 'system:metrics-server', labels },
    rules: [
      { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
    ],
  })
  client.create(roleBindings, {
    metadata: { name: 'metrics-server-auth-reader', namespace, labels },
    roleRef: role('Role', 'extension-apiserver-authentication-reader'),
    subjects,
  })
  for (const [binding, of] of [
    ['metrics-server:system:auth-delegator', 'system:auth-delegator'],
    ['system:metrics-server', 'system:metrics-server'],
  ])
    client.create(clusterRoleBindings, {
      metadata: { name: binding, labels },
      roleRef: role('ClusterRole', of),
      subjects,
    })
  client.create(services, {
    metadata: { name, namespace, labels },
    spec: { ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 'https' }], selector: labels },
  } as unknown as Draft<Service>)
  client.create(deployments, metricsDeployment())
}

function metricsDeployment(): Draft<Deployment> {
  const probe = (path: string) => ({
    httpGet: { path, port: 'https', scheme: 'HTTPS' },
    periodSeconds: 10,
    failureThreshold: 3,
  })
  return {
    metadata: { name: 'metrics-server', namespace, labels: metricsLabels },
    spec: {
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
      selector: { matchLabels: metricsLabels },
      template: {
        metadata: { labels: metricsLabels },
        spec: {
          priorityClassName: 'system-cluster-critical',
          serviceAccountName: 'metrics-server',
          nodeSelector: linux,
          containers: [
            {
              name: 'metrics-server',
              image: 'registry.k8s.io/metrics-server/metrics-server:v0.8.0',
              imagePullPolicy: 'IfNotPresent',
              args: [
                '--cert-dir=/tmp',
                '--secure-port=10250',
                '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
                '--kubelet-use-node-status-port',
                '--metric-resolution=15s',
              ],
              ports: [{ containerPort: 10250, name: 'https', protocol: 'TCP' }],
              livenessProbe: probe('/livez'),
              readinessProbe: { ...probe('/readyz'), initialDelaySeconds: 20 },
              resources: { requests: { cpu: '100m', memory: '200Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
                readOnlyRootFilesystem: true,
                runAsNonRoot: true,
                runAsUser: 1000,
                seccompProfile: { type: 'RuntimeDefault' },
              },
              volumeMounts: [{ mountPath: '/tmp', name: 'tmp-dir' }],
            },
          ],
          volumes: [{ emptyDir: {}, name: 'tmp-dir' }],
        },
      },
    },
  } as unknown as Draft<Deployment>
}

const dnsLabels = { 'k8s-app': 'kube-dns' }

function corednsDeployment(): Draft<Deployment> {
  const probe = (path: string, port: string) => ({ httpGet: { path, port, scheme: 'HTTP' } })
  return {
    metadata: { name: 'coredns', namespace, labels: dnsLabels },
    spec: {
      replicas: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      selector: { matchLabels: dnsLabels },
      template: {
        metadata: { labels: dnsLabels },
        spec: {
          priorityClassName: 'system-cluster-critical',
          serviceAccountName: 'coredns',
          affinity: {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                {
                  weight: 100,
                  podAffinityTerm: {
                    labelSelector: { matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }] },
                    topologyKey: 'kubernetes.io/hostname',
                  },
                },
              ],
            },
          },
          tolerations: [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
          ],
          nodeSelector: linux,
          containers: [
            {
              name: 'coredns',
              image: `registry.k8s.io/coredns/coredns:${corednsVersion}`,
              imagePullPolicy: 'IfNotPresent',
              resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
              args: ['-conf', '/etc/coredns/Corefile'],
              volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
              ports: [
                { containerPort: 53, name: 'dns', protocol: 'UDP' },
                { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
                { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
                { containerPort: 8080, name: 'liveness-probe', protocol: 'TCP' },
                { containerPort: 8181, name: 'readiness-probe', protocol: 'TCP' },
              ],
              livenessProbe: {
                ...probe('/health', 'liveness-probe'),
                initialDelaySeconds: 60,
                timeoutSeconds: 5,
                successThreshold: 1,
                failureThreshold: 5,
              },
              readinessProbe: probe('/ready', 'readiness-probe'),
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
                readOnlyRootFilesystem: true,
              },
            },
          ],
          dnsPolicy: 'Default',
          volumes: [
            { name: 'config-volume', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } },
          ],
        },
      },
    },
  } as unknown as Draft<Deployment>
}

const dnsService = (): Draft<Service> =>
  ({
    metadata: {
      name: 'kube-dns',
      namespace,
      labels: { ...dnsLabels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
    },
    spec: {
      clusterIP: clusterDnsIP,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
      selector: dnsLabels,
    },
  }) as unknown as Draft<Service>

const proxyLabels = { 'k8s-app': 'kube-proxy' }

function proxyDaemonSet(release: string): Draft<DaemonSet> {
  return {
    metadata: { name: 'kube-proxy', namespace, labels: proxyLabels },
    spec: {
      selector: { matchLabels: proxyLabels },
      updateStrategy: { type: 'RollingUpdate' },
      template: {
        metadata: { labels: proxyLabels },
        spec: {
          priorityClassName: 'system-node-critical',
          containers: [
            {
              name: 'kube-proxy',
              image: `registry.k8s.io/kube-proxy:${release}`,
              imagePullPolicy: 'IfNotPresent',
              command: [
                '/usr/local/bin/kube-proxy',
                '--config=/var/lib/kube-proxy/config.conf',
                '--hostname-override=$(NODE_NAME)',
              ],
              securityContext: { privileged: true },
              volumeMounts: [
                { mountPath: '/var/lib/kube-proxy', name: 'kube-proxy' },
                { mountPath: '/run/xtables.lock', name: 'xtables-lock' },
                { mountPath: '/lib/modules', name: 'lib-modules', readOnly: true },
              ],
              env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
            },
          ],
          hostNetwork: true,
          serviceAccountName: 'kube-proxy',
          volumes: [
            { name: 'kube-proxy', configMap: { name: 'kube-proxy' } },
            { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
            { name: 'lib-modules', hostPath: { path: '/lib/modules' } },
          ],
          tolerations: [{ operator: 'Exists' }],
          nodeSelector: linux,
        },
      },
    },
  } as unknown as Draft<DaemonSet>
}

const proxyConfiguration = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
bindAddress: 0.0.0.0
clientConnection:
  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf
clusterCIDR: 10.244.0.0/16
kind: KubeProxyConfiguration
mode: ""
`

const proxyKubeconfig = `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
    server: https://${apiServerIP}:${apiServerPort}
  name: default
contexts:
- context:
    cluster: default
    namespace: default
    user: default
  name: default
current-context: default
users:
- name: default
  user:
    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
`
