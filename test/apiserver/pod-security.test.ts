import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container, PodSpec } from '../../sim/api/core/pod-types.ts'
import { messageOf } from '../../sim/api/meta/field-error.ts'
import { type PodLike, printDetails, violationsOf } from '../../sim/apiserver/admission/pod-security/checks.ts'
import { policyOf, printLevelVersion } from '../../sim/apiserver/admission/pod-security/policy.ts'

const LATEST = Number.POSITIVE_INFINITY

const aPod = (spec: Partial<PodSpec> = {}, main: Partial<Container> = {}, annotations = {}): PodLike => ({
  metadata: { annotations },
  spec: { containers: [{ name: 'main', image: 'nginx', ...main }], ...spec } as PodSpec,
})

const restrictedContext = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}

const baselineCases: { name: string; pod: PodLike; minor?: number; want: string }[] = [
  { name: 'a plain Pod', pod: aPod(), want: '' },
  {
    name: 'an AppArmor profile of a container and one by annotation',
    pod: aPod(
      {},
      { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
      {
        'container.apparmor.security.beta.kubernetes.io/main': 'unconfined',
        'container.apparmor.security.beta.kubernetes.io/other': 'runtime/default',
      },
    ),
    want: 'forbidden AppArmor profiles (container "main" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/main="unconfined"")',
  },
  {
    name: 'capabilities beyond the usual ones',
    pod: aPod({}, { securityContext: { capabilities: { add: ['SYS_TIME', 'CHOWN', 'NET_ADMIN'] } } }),
    want: 'non-default capabilities (container "main" must not include "NET_ADMIN", "SYS_TIME" in securityContext.capabilities.add)',
  },
  {
    name: 'namespaces of the node',
    pod: aPod({ hostIPC: true, hostNetwork: true }),
    want: 'host namespaces (hostNetwork=true, hostIPC=true)',
  },
  {
    name: 'paths of the node',
    pod: aPod({ volumes: [{ name: 'a', hostPath: { path: '/' } }] }),
    want: 'hostPath volumes (volume "a")',
  },
  {
    name: 'ports of the node, in two containers',
    pod: aPod(
      { initContainers: [{ name: 'first', ports: [{ hostPort: 90 }] } as Container] },
      { ports: [{ hostPort: 80, containerPort: 80, protocol: 'TCP' }] },
    ),
    want: 'hostPort (containers "first", "main" use hostPorts 80, 90)',
  },
  {
    name: 'hosts of probes, from v1.34 on',
    pod: aPod({}, { livenessProbe: { httpGet: { host: '10.0.0.1', port: 80 } } as Container['livenessProbe'] }),
    want: 'probe or lifecycle host (container "main" uses probe or lifecycle host "10.0.0.1")',
  },
  {
    name: 'hosts of probes, not before',
    pod: aPod({}, { livenessProbe: { httpGet: { host: '10.0.0.1', port: 80 } } as Container['livenessProbe'] }),
    minor: 33,
    want: '',
  },
  {
    name: 'an unmasked /proc',
    pod: aPod({}, { securityContext: { procMount: 'Unmasked' } }),
    want: 'procMount (container "main" must not set securityContext.procMount to "Unmasked")',
  },
  {
    name: 'an unmasked /proc with users of its own',
    pod: aPod({ hostUsers: false }, { securityContext: { procMount: 'Unmasked' } }),
    want: '',
  },
  {
    name: 'SELinux options of Pod and container',
    pod: aPod(
      { securityContext: { seLinuxOptions: { user: 'root' } } },
      { securityContext: { seLinuxOptions: { type: 'spc_t', role: 'sys' } } },
    ),
    want: 'seLinuxOptions (pod and container "main" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
  },
  {
    name: 'seccomp by annotation, before v1.19',
    pod: aPod(
      { securityContext: { seccompProfile: { type: 'Unconfined' } } },
      {},
      {
        'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
      },
    ),
    minor: 18,
    want: 'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  },
  {
    name: 'sysctls that are not safe',
    pod: aPod({
      securityContext: {
        sysctls: [
          { name: 'kernel.msgmax', value: '1' },
          { name: 'net.ipv4.tcp_rmem', value: '1' },
        ],
      },
    }),
    minor: 31,
    want: 'forbidden sysctls (kernel.msgmax, net.ipv4.tcp_rmem)',
  },
  {
    name: 'processes of a Windows node',
    pod: aPod({ securityContext: { windowsOptions: { hostProcess: true } } }),
    want: 'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
  },
]
for (const { name, pod, minor = LATEST, want } of baselineCases)
  test(`PodSecurity baseline: ${name}`, () => {
    assert.equal(printDetails(violationsOf({ level: 'baseline', minor }, pod)), want)
    assert.deepEqual(violationsOf({ level: 'privileged', minor }, pod), [])
  })

const restrictedCases: { name: string; pod: PodLike; minor?: number; want: string }[] = [
  { name: 'a Pod that gives up everything', pod: aPod({}, { securityContext: restrictedContext }), want: '' },
  {
    name: 'a container that keeps capabilities and adds one',
    pod: aPod({}, { securityContext: { ...restrictedContext, capabilities: { add: ['CHOWN'] } } }),
    want: 'unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]; container "main" must not include "CHOWN" in securityContext.capabilities.add)',
  },
  {
    name: 'a volume from the network',
    pod: aPod(
      { volumes: [{ name: 'share', nfs: { server: 'a', path: '/' } }] },
      { securityContext: restrictedContext },
    ),
    want: 'restricted volume types (volume "share" uses restricted volume type "nfs")',
  },
  {
    name: 'root by its number',
    pod: aPod({ securityContext: { runAsUser: 0 } }, { securityContext: restrictedContext }),
    want: 'runAsUser=0 (pod must not set runAsUser=0)',
  },
  {
    name: 'root by its number with users of its own',
    pod: aPod({ hostUsers: false, securityContext: { runAsUser: 0 } }, { securityContext: restrictedContext }),
    want: '',
  },
  {
    name: 'a plain Pod as of v1.7: only root is refused',
    pod: aPod(),
    minor: 7,
    want: 'runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true)',
  },
  {
    name: 'a Windows Pod: what only Linux knows is not asked',
    pod: aPod({ os: { name: 'windows' }, securityContext: { runAsNonRoot: true } }),
    want: '',
  },
]
for (const { name, pod, minor = LATEST, want } of restrictedCases)
  test(`PodSecurity restricted: ${name}`, () => {
    assert.equal(printDetails(violationsOf({ level: 'restricted', minor }, pod)), want)
  })

const PREFIX = 'pod-security.kubernetes.io'
const policyCases: { name: string; labels: Record<string, string>; want: string[]; errors?: string[] }[] = [
  { name: 'no labels', labels: {}, want: ['privileged:latest', 'privileged:latest', 'privileged:latest'] },
  {
    name: 'enforce alone warns as well',
    labels: { [`${PREFIX}/enforce`]: 'baseline', [`${PREFIX}/enforce-version`]: 'v1.30' },
    want: ['baseline:v1.30', 'privileged:latest', 'baseline:v1.30'],
  },
  {
    name: 'warn by itself',
    labels: { [`${PREFIX}/enforce`]: 'restricted', [`${PREFIX}/warn`]: 'baseline' },
    want: ['restricted:latest', 'privileged:latest', 'baseline:latest'],
  },
  {
    name: 'what cannot be read is enforced strictly and told of not at all',
    labels: { [`${PREFIX}/enforce`]: 'none', [`${PREFIX}/audit`]: 'none', [`${PREFIX}/warn-version`]: 'v2' },
    want: ['restricted:latest', 'privileged:latest', 'privileged:latest'],
    errors: [
      `metadata.labels[${PREFIX}/enforce]: Invalid value: "none": must be one of privileged, baseline, restricted`,
      `metadata.labels[${PREFIX}/audit]: Invalid value: "none": must be one of privileged, baseline, restricted`,
      `metadata.labels[${PREFIX}/warn-version]: Invalid value: "v2": must be "latest" or "v1.x"`,
    ],
  },
]
for (const { name, labels, want, errors = [] } of policyCases)
  test(`policyOf: ${name}`, () => {
    const found = policyOf(labels)
    const { enforce, audit, warn } = found.policy
    assert.deepEqual([enforce, audit, warn].map(printLevelVersion), want)
    assert.deepEqual(found.errors.map(messageOf), errors)
  })
