/** What the Pod Security Standards let through, check by check and version by version. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '../../../../sim/api/core/pod-types.ts'
import {
  type PodLike,
  printDetails,
  printReasons,
  violationsOf,
} from '../../../../sim/apiserver/admission/pod-security/checks.ts'
import type { Level } from '../../../../sim/apiserver/admission/pod-security/policy.ts'

type Part = Record<string, unknown>
const LATEST = Number.POSITIVE_INFINITY
const pod = (spec: Part = {}, main: Part = {}, annotations: Record<string, string> = {}): PodLike => ({
  metadata: { annotations },
  spec: { containers: [{ name: 'main', ...main }], ...spec } as unknown as PodSpec,
})
const secured = (securityContext: Part): PodLike => pod({}, { securityContext })
const found = (level: Level, minor: number, of: PodLike): string => printDetails(violationsOf({ level, minor }, of))

/** Nothing of what only restricted asks is missing. */
const strict = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}
const strictPod = (spec: Part = {}, context: Part = {}) => pod(spec, { securityContext: { ...strict, ...context } })

const CAPABILITIES = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
]
const capability = (...add: string[]) => ({ capabilities: { add } })
test('baseline lets a container add the capabilities that it has by default', () =>
  assert.equal(found('baseline', LATEST, secured(capability(...CAPABILITIES))), ''))

test('restricted lets a container add one capability, to bind low ports', () => {
  assert.equal(
    found('restricted', LATEST, strictPod({}, { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } })),
    '',
  )
  assert.equal(
    found('restricted', LATEST, strictPod({}, { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'KILL'] } })),
    'unrestricted capabilities (container "main" must not include "KILL" in securityContext.capabilities.add)',
  )
})

const SOURCES = [
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected'],
  'secret',
]
const volume = (name: string, source: string) => ({ name, [source]: {} })
test('restricted lets volumes of the cluster through, and no others', () => {
  const volumes = SOURCES.map((source) => volume(source.toLowerCase(), source))
  assert.equal(found('restricted', LATEST, strictPod({ volumes })), '')
  const others = [...volumes, volume('a', 'nfs'), volume('b', 'iscsi'), volume('c', 'nfs'), { name: 'd' }]
  assert.equal(
    found('restricted', LATEST, strictPod({ volumes: others })),
    'restricted volume types (volumes "a", "b", "c", "d" use restricted volume types "iscsi", "nfs", "unknown")',
  )
  assert.equal(
    found('restricted', LATEST, strictPod({ volumes: [{ hostPath: { path: '/' }, name: 'a' }] })),
    'restricted volume types (volume "a" uses restricted volume type "hostPath")',
  )
})

const sysctls = (...names: string[]) =>
  pod({ securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) } })
const SYSCTLS: { since: number; names: string[] }[] = [
  {
    since: 0,
    names: [
      ...['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies'],
      ...['net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start'],
    ],
  },
  { since: 27, names: ['net.ipv4.ip_local_reserved_ports'] },
  {
    since: 29,
    names: [
      ...['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout'],
      ...['net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'],
    ],
  },
  { since: 32, names: ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'] },
]
for (const { since, names } of SYSCTLS)
  test(`baseline lets ${names.join(', ')} through since v1.${since}`, () => {
    assert.equal(found('baseline', since, sysctls(...names)), '')
    assert.equal(found('baseline', LATEST, sysctls(...names)), '')
    if (since > 0)
      assert.equal(
        found('baseline', since - 1, sysctls('kernel.shm_rmid_forced', ...names)),
        `forbidden sysctls (${names.join(', ')})`,
      )
  })

const seLinux = (...types: string[]): PodLike =>
  pod({ containers: types.map((type, n) => ({ name: `c${n}`, securityContext: { seLinuxOptions: { type } } })) })
test('baseline lets the types of SELinux for containers through, and since v1.31 that for engines', () => {
  assert.equal(found('baseline', 0, seLinux('', 'container_t', 'container_init_t', 'container_kvm_t')), '')
  assert.equal(found('baseline', 31, seLinux('', 'container_t', 'container_engine_t')), '')
  const why = 'set forbidden securityContext.seLinuxOptions'
  assert.equal(
    found('baseline', 30, seLinux('container_engine_t', 'spc_t')),
    `seLinuxOptions (containers "c0", "c1" ${why}: types "container_engine_t", "spc_t")`,
  )
  const options = (seLinuxOptions: Part) => found('baseline', LATEST, secured({ seLinuxOptions }))
  assert.equal(options({ user: 'u' }), `seLinuxOptions (container "main" ${why}: user may not be set)`)
  assert.equal(options({ role: 'r' }), `seLinuxOptions (container "main" ${why}: role may not be set)`)
  assert.equal(options({ level: 's0', user: '', role: '' }), '')
})

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/main'
for (const { name, of, want } of [
  { name: 'the default profile', of: secured({ appArmorProfile: { type: 'RuntimeDefault' } }), want: '' },
  { name: 'a profile of the node', of: secured({ appArmorProfile: { type: 'Localhost' } }), want: '' },
  ...['', 'runtime/default', 'localhost/a'].map((value) => ({
    name: `the annotation ${JSON.stringify(value)}`,
    of: pod({}, {}, { [APP_ARMOR]: value, 'example.com/a': 'unconfined' }),
    want: '',
  })),
  {
    name: 'two annotations of none',
    of: pod({}, {}, { [APP_ARMOR]: 'unconfined', [`${APP_ARMOR}2`]: 'a/localhost/' }),
    want: `forbidden AppArmor profiles (annotations must not set AppArmor profile type to "${APP_ARMOR}2="a/localhost/"", "${APP_ARMOR}="unconfined"")`,
  },
  {
    name: 'no profile for the Pod',
    of: pod({ securityContext: { appArmorProfile: { type: 'Unconfined' } } }),
    want: 'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
  },
])
  test(`baseline and AppArmor: ${name} is ${want ? 'refused' : 'let through'}`, () =>
    assert.equal(found('baseline', 0, of), want))

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP = 'container.seccomp.security.alpha.kubernetes.io/main'
for (const { name, minor, of, want } of [
  ...['runtime/default', 'docker/default', 'localhost/a'].map((value) => ({
    name: `the annotation ${value}`,
    minor: 18,
    of: pod({}, {}, { [SECCOMP_POD]: value, [SECCOMP]: value }),
    want: '',
  })),
  {
    name: 'annotations of none, for a container of the Pod and for one that it has not',
    minor: 18,
    of: pod({}, {}, { [SECCOMP_POD]: 'a/localhost/', [SECCOMP]: 'unconfined', [`${SECCOMP}2`]: 'unconfined' }),
    want: `seccompProfile (forbidden annotations ${SECCOMP}="unconfined", ${SECCOMP_POD}="a/localhost/")`,
  },
  {
    name: 'annotations, since there is a field',
    minor: 19,
    of: pod({}, {}, { [SECCOMP_POD]: 'unconfined' }),
    want: '',
  },
  {
    name: 'none in the field',
    minor: 19,
    of: secured({ seccompProfile: { type: 'Unconfined' } }),
    want: 'seccompProfile (container "main" must not set securityContext.seccompProfile.type to "Unconfined")',
  },
  {
    name: 'none in the field, before v1.19',
    minor: 18,
    of: secured({ seccompProfile: { type: 'Unconfined' } }),
    want: '',
  },
  { name: 'one of the node', minor: 19, of: secured({ seccompProfile: { type: 'Localhost' } }), want: '' },
])
  test(`baseline and seccomp: ${name} is ${want ? 'refused' : 'let through'} in v1.${minor}`, () =>
    assert.equal(found('baseline', minor, of), want))

const bare = (...without: (keyof typeof strict)[]): PodLike =>
  strictPod({}, Object.fromEntries(without.map((field) => [field, undefined])))
const SECCOMP_ASKED =
  'seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
test('restricted asks for a profile of seccomp since v1.19, of the Pod or of each container', () => {
  assert.equal(found('restricted', 18, bare('seccompProfile')), '')
  assert.equal(found('restricted', 19, bare('seccompProfile')), SECCOMP_ASKED)
  const ofPod = { securityContext: { seccompProfile: { type: 'Localhost' } } }
  assert.equal(found('restricted', LATEST, strictPod(ofPod, { seccompProfile: undefined })), '')
  assert.equal(
    found('restricted', LATEST, strictPod({}, { seccompProfile: { type: 'Unconfined' } })),
    'seccompProfile (container "main" must not set securityContext.seccompProfile.type to "Unconfined")',
  )
})

const since: { name: string; level: Level; minor: number; of: PodLike; want: string }[] = [
  {
    name: 'containers that may gain privileges',
    level: 'restricted',
    minor: 8,
    of: bare('allowPrivilegeEscalation'),
    want: 'allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false)',
  },
  {
    name: 'capabilities that are kept',
    level: 'restricted',
    minor: 22,
    of: bare('capabilities'),
    want: 'unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"])',
  },
  {
    name: 'the user 0',
    level: 'restricted',
    minor: 23,
    of: strictPod({}, { runAsUser: 0 }),
    want: 'runAsUser=0 (container "main" must not set runAsUser=0)',
  },
  {
    name: 'hosts of probes and hooks',
    level: 'baseline',
    minor: 34,
    of: pod({
      containers: [
        { name: 'b', lifecycle: { preStop: { httpGet: { host: 'x' } }, postStart: { tcpSocket: { host: 'y' } } } },
        { name: 'a', readinessProbe: { tcpSocket: { host: 'x' } }, startupProbe: { httpGet: { host: '' } } },
        { name: 'c', livenessProbe: { exec: { command: [] } } },
      ],
    }),
    want: 'probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "x", "y")',
  },
]
for (const { name, level, minor, of, want } of since)
  test(`${level} refuses ${name} since v1.${minor}`, () => {
    assert.equal(found(level, minor - 1, of), '')
    assert.equal(found(level, minor, of), want)
    assert.equal(found(level, LATEST, of), want)
  })

const always: { name: string; of: PodLike; want: string }[] = [
  {
    name: 'the namespaces of the node',
    of: pod({ hostPID: true, hostIPC: false }),
    want: 'host namespaces (hostPID=true)',
  },
  {
    name: 'paths of the node',
    of: pod({ volumes: [volume('a', 'hostPath'), volume('b', 'emptyDir'), volume('c', 'hostPath')] }),
    want: 'hostPath volumes (volumes "a", "c")',
  },
  {
    name: 'ports of the node',
    of: pod({
      ephemeralContainers: [{ name: 'e', ports: [{ hostPort: 80 }, { containerPort: 81 }, { hostPort: 0 }] }],
    }),
    want: 'hostPort (container "e" uses hostPort 80)',
  },
  {
    name: 'privileged containers',
    of: secured({ privileged: true }),
    want: 'privileged (container "main" must not set securityContext.privileged=true)',
  },
  { name: 'no privileges', of: secured({ privileged: false, procMount: 'Default' }), want: '' },
  {
    name: 'an unmasked /proc beside a masked one',
    of: pod({
      containers: [
        { name: 'a', securityContext: { procMount: 'Default' } },
        { name: 'b', securityContext: { procMount: 'Unmasked' } },
      ],
    }),
    want: 'procMount (container "b" must not set securityContext.procMount to "Unmasked")',
  },
  {
    name: 'processes of a Windows node',
    of: secured({ windowsOptions: { hostProcess: true } }),
    want: 'hostProcess (container "main" must not set securityContext.windowsOptions.hostProcess=true)',
  },
]
for (const { name, of, want } of always)
  test(`baseline of every version and ${name}`, () => {
    assert.equal(found('baseline', 0, of), want)
    assert.equal(found('baseline', LATEST, of), want)
  })

test('restricted of the first version asks for volumes and users', () => {
  assert.equal(
    found('restricted', 0, pod({ volumes: [volume('a', 'hostPath')] })),
    'restricted volume types (volume "a" uses restricted volume type "hostPath"), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true)',
  )
  assert.equal(
    found(
      'restricted',
      0,
      pod({ securityContext: { runAsNonRoot: true } }, { securityContext: { runAsNonRoot: false } }),
    ),
    'runAsNonRoot != true (container "main" must not set securityContext.runAsNonRoot=false)',
  )
  assert.equal(found('restricted', 0, pod({ securityContext: { runAsNonRoot: true } })), '')
})

test('since v1.35 root in a user namespace of its own is let through, but for an unmasked /proc in restricted', () => {
  const unmasked = pod({ hostUsers: false }, { securityContext: { procMount: 'Unmasked' } })
  const PROC = 'procMount (container "main" must not set securityContext.procMount to "Unmasked")'
  assert.equal(found('baseline', 34, unmasked), PROC)
  assert.equal(found('baseline', 35, unmasked), '')
  const own = strictPod({ hostUsers: false }, { procMount: 'Unmasked' })
  for (const minor of [34, 35, LATEST]) assert.equal(found('restricted', minor, own), PROC)
  const root = strictPod({ hostUsers: false }, { runAsNonRoot: undefined, runAsUser: 0 })
  assert.equal(
    found('restricted', 34, root),
    'runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), runAsUser=0 (container "main" must not set runAsUser=0)',
  )
  assert.equal(found('restricted', 35, root), '')
  assert.notEqual(found('restricted', 35, { ...root, spec: { ...root.spec, hostUsers: true } }), '')
})

test('since v1.25 a Windows Pod is not asked for what only Linux knows', () => {
  const windows = pod({ os: { name: 'windows' }, securityContext: { runAsNonRoot: true } })
  assert.equal(found('restricted', 25, windows), '')
  assert.deepEqual(
    printReasons(violationsOf({ level: 'restricted', minor: 24 }, windows)),
    ['allowPrivilegeEscalation != false', 'unrestricted capabilities', 'seccompProfile'].join(', '),
  )
  assert.notEqual(found('restricted', 25, pod({ os: { name: 'linux' }, securityContext: { runAsNonRoot: true } })), '')
})

test('what restricted looks at more closely is told once', () => {
  const bad = pod(
    { volumes: [volume('a', 'hostPath')] },
    {
      securityContext: {
        capabilities: { add: ['SYS_TIME'] },
        seccompProfile: { type: 'Unconfined' },
        procMount: 'Unmasked',
      },
    },
  )
  const reasons = (level: Level) => violationsOf({ level, minor: LATEST }, bad).map(({ reason }) => reason)
  assert.deepEqual(reasons('baseline'), ['non-default capabilities', 'hostPath volumes', 'procMount', 'seccompProfile'])
  assert.deepEqual(reasons('restricted'), [
    'allowPrivilegeEscalation != false',
    'unrestricted capabilities',
    'procMount',
    'restricted volume types',
    'runAsNonRoot != true',
    'seccompProfile',
  ])
})

test('details stand in brackets behind the reason, where there are any', () =>
  assert.equal(
    printDetails([
      { reason: 'a', detail: 'b' },
      { reason: 'c', detail: '' },
    ]),
    'a (b), c',
  ))
