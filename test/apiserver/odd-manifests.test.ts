/** Whatever stands in a field of a manifest, the server takes it or refuses it in words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StatusError } from '../../sim/api/meta/status-error.ts'
import { findResource } from '../../sim/api/registry.ts'
import { startServer } from './server.ts'

type Path = readonly (string | number)[]

const pod = {
  hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }],
  imagePullSecrets: [{ name: 'a' }],
  tolerations: [{ key: 'a', operator: 'Exists' }],
  schedulingGates: [{ name: 'example.com/a' }],
  readinessGates: [{ conditionType: 'example.com/a' }],
  securityContext: {
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
    sysctls: [{ name: 'a', value: 'b' }],
  },
  volumes: [
    { name: 'empty', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'settings', configMap: { name: 'a', items: [{ key: 'a', path: 'b' }] } },
    { name: 'both', projected: { sources: [{ secret: { name: 'a' } }, { downwardAPI: { items: [{ path: 'a' }] } }] } },
    { name: 'claim', persistentVolumeClaim: { claimName: 'a' } },
  ],
  initContainers: [{ name: 'first', image: 'busybox:1.36' }],
  containers: [
    {
      name: 'main',
      image: 'nginx:1.27',
      command: ['a'],
      ports: [{ containerPort: 80, hostPort: 8080, protocol: 'TCP' }],
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: 'b' } } }],
      envFrom: [{ secretRef: { name: 'a' } }],
      resources: { requests: { cpu: '10m' }, limits: { cpu: '20m' } },
      volumeMounts: [{ name: 'empty', mountPath: '/a' }],
      lifecycle: { preStop: { httpGet: { port: 80, httpHeaders: [{ name: 'a', value: 'b' }] } } },
      livenessProbe: { exec: { command: ['true'] } },
      readinessProbe: { tcpSocket: { port: 80 } },
      securityContext: { capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] } },
    },
  ],
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'a',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { a: 'b' } },
      matchLabelKeys: ['c'],
    },
  ],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
      },
    },
    podAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 1,
          podAffinityTerm: {
            topologyKey: 'a',
            labelSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] },
          },
        },
      ],
    },
  },
  dnsConfig: { nameservers: ['10.0.0.1'], searches: ['a'], options: [{ name: 'ndots', value: '2' }] },
}
const template = { metadata: { labels: { a: 'b' } }, spec: pod }
const selector = { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }
const job = { template: { spec: { ...pod, restartPolicy: 'Never' } } }
const backend = { service: { name: 'a', port: { number: 80 } } }
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
const subjects = [{ kind: 'User', name: 'a', apiGroup: 'rbac.authorization.k8s.io' }]
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'a' }

const manifests: Record<string, Record<string, unknown>> = {
  pods: { spec: pod },
  deployments: { spec: { selector, template, strategy: { rollingUpdate: { maxSurge: 1 } } } },
  statefulsets: {
    spec: {
      selector,
      template,
      serviceName: 'a',
      volumeClaimTemplates: [{ metadata: { name: 'a' }, spec: { accessModes: ['ReadWriteOnce'] } }],
    },
  },
  daemonsets: { spec: { selector, template } },
  jobs: {
    spec: {
      ...job,
      podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] },
    },
  },
  cronjobs: { spec: { schedule: '* * * * *', jobTemplate: { spec: job } } },
  services: {
    spec: {
      type: 'LoadBalancer',
      ports: [{ name: 'a', port: 80, targetPort: 'b' }],
      externalIPs: ['10.0.0.1'],
      loadBalancerSourceRanges: ['10.0.0.0/8'],
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } },
    },
  },
  endpoints: { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
  endpointslices: {
    addressType: 'IPv4',
    ports: [{ name: 'a', port: 80 }],
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true }, hints: { forZones: [{ name: 'a' }] } }],
  },
  configmaps: { data: { a: 'b' }, binaryData: { c: 'ZA==' } },
  secrets: { data: { a: 'Yg==' }, stringData: { c: 'd' } },
  namespaces: { spec: { finalizers: ['kubernetes'] } },
  nodes: {
    spec: { taints: [{ key: 'a', effect: 'NoSchedule' }], podCIDRs: ['10.9.0.0/24'] },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      images: [{ names: ['a'], sizeBytes: 1 }],
      addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
    },
  },
  limitranges: { spec: { limits: [{ type: 'Container', max: { cpu: '1' }, default: { cpu: '1' } }] } },
  resourcequotas: {
    spec: {
      hard: { pods: '1' },
      scopes: ['Terminating'],
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['a'] }] },
    },
  },
  persistentvolumes: {
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      csi: { driver: 'a', volumeHandle: 'b' },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }] },
      },
    },
  },
  persistentvolumeclaims: {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, selector },
  },
  storageclasses: {
    provisioner: 'a',
    parameters: { a: 'b' },
    allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }] }],
  },
  csinodes: { spec: { drivers: [{ name: 'a', nodeID: 'b', topologyKeys: ['c'], allocatable: { count: 1 } }] } },
  volumeattachments: { spec: { attacher: 'a', nodeName: 'b', source: { persistentVolumeName: 'c' } } },
  ingresses: {
    spec: {
      defaultBackend: backend,
      tls: [{ hosts: ['a.example'], secretName: 'b' }],
      rules: [{ host: 'a.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  },
  networkpolicies: {
    spec: {
      podSelector: selector,
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 80 }] }],
      egress: [{ to: [{ namespaceSelector: selector }] }],
    },
  },
  horizontalpodautoscalers: {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
      maxReplicas: 2,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 15 }] } },
    },
  },
  poddisruptionbudgets: { spec: { selector, minAvailable: 1 } },
  roles: { rules },
  clusterroles: { rules, aggregationRule: { clusterRoleSelectors: [selector] } },
  rolebindings: { roleRef, subjects },
  clusterrolebindings: { roleRef, subjects },
  leases: { spec: { holderIdentity: 'a', leaseDurationSeconds: 1 } },
}

function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path
  if (value === null || typeof value !== 'object') return
  for (const [key, part] of Object.entries(value))
    yield* pathsIn(part, [...path, Array.isArray(value) ? Number(key) : key])
}

/** The value with something else in the place; undefined leaves it out. */
function withPart(value: unknown, [key, ...rest]: Path, part: unknown): unknown {
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>
  copy[key] = rest.length > 0 ? withPart(copy[key], rest, part) : part
  if (copy[key] === undefined) delete copy[key]
  return Array.isArray(copy) ? copy.filter((item) => item !== undefined) : copy
}

const ODD: readonly unknown[] = [undefined, null, '', -1, [], [null], {}, { a: null }]

const { client } = startServer()
for (const [plural, part] of Object.entries(manifests))
  test(`${plural} with something odd in any field are stored or refused`, () => {
    const kind = findResource(plural)!
    const whole = {
      metadata: { name: 'x', labels: { a: 'b' }, annotations: { a: 'b' }, finalizers: ['example.com/a'] },
      ...part,
    }
    let refused = 0
    for (const path of pathsIn(whole))
      for (const odd of ODD) {
        const draft = withPart(whole, path, odd) as { metadata?: object | null }
        if (kind.isNamespaced) draft.metadata = { ...draft.metadata, namespace: 'ns' }
        try {
          client.create(kind, draft as never, { dryRun: true })
        } catch (error) {
          const what = `${path.join('.')} = ${JSON.stringify(odd)}`
          assert.ok(error instanceof StatusError, `${what}: ${error instanceof Error ? error.stack : error}`)
          refused++
        }
      }
    assert.ok(refused > 0)
  })
