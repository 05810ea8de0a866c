/** What checks ask of objects in CEL: methods of our own, and named expressions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageDigest } from '../../sim/images/registry.ts'
import { compileCel } from '../../sim/scenario/cel.ts'
import { parseImageReference } from '../../sim/text/image-reference.ts'

const digestOf = (image: string): string => {
  const reference = parseImageReference(image)
  assert.ok(typeof reference === 'object')
  return imageDigest(reference)
}
const [digestOf127, other] = [digestOf('nginx:1.27'), digestOf('nginx:1.26')]

const pod = (name: string, labels: Record<string, string> | undefined, ready: boolean[] | undefined, more = {}) => ({
  metadata: { name, ...(labels ? { labels } : {}), ...more },
  spec: {},
  status: ready ? { containerStatuses: ready.map((one) => ({ ready: one })) } : {},
})
const pods = [
  pod('a', { app: 'web', track: 'one' }, [true, true]),
  pod('b', { app: 'web' }, [true, false]),
  pod('c', { app: 'web' }, undefined, { deletionTimestamp: '2030-01-01T00:00:00Z' }),
  pod('d', undefined, [true]),
  pod('e', { app: 'api' }, []),
]
const workload = (spec: object, status: object) => ({ metadata: { name: 'w', generation: 2 }, spec, status })
const full = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3 }
const deployments = [
  workload({ replicas: 3 }, full),
  workload({ replicas: 3 }, { ...full, observedGeneration: 1 }),
  workload({ replicas: 3 }, { ...full, updatedReplicas: 2 }),
  workload({ replicas: 3 }, { observedGeneration: 2, replicas: 3, updatedReplicas: 3 }),
  workload({ replicas: 0 }, { observedGeneration: 2 }),
]
const node = (status: string) => ({
  metadata: { name: 'n' },
  status: {
    nodeInfo: {},
    conditions: [
      { type: 'MemoryPressure', status: 'True' },
      { type: 'Ready', status },
    ],
  },
})
const jobs = [
  { metadata: { name: 'a', ownerReferences: [{ kind: 'CronJob', name: 'night' }] }, status: {} },
  { metadata: { name: 'b', ownerReferences: [{ kind: 'CronJob', name: 'day' }] }, status: { conditions: [] } },
  { metadata: { name: 'c' }, status: { conditions: [{ type: 'Complete', status: 'True' }] } },
  { metadata: { name: 'd' }, status: { conditions: [{ type: 'Complete', status: 'False' }] } },
]
const containers = [
  { command: ['sh', '-c', 'true'] },
  { command: ['sh', '-c'], args: ['true'] },
  { args: ['true'] },
  {},
]
const run = (...command: string[]) => ({ exec: { command } })
const hooked = [
  {
    startupProbe: run('sh', '-c', 'true'),
    readinessProbe: { httpGet: {} },
    lifecycle: { postStart: run('touch', '/up') },
  },
  { readinessProbe: run('touch', '/ready'), lifecycle: { preStop: run('sync'), postStart: { sleep: {} } } },
]
const slice = (service: string, by: string, ...ready: (boolean | undefined)[]) => ({
  metadata: {
    labels: { 'kubernetes.io/service-name': service, 'endpointslice.kubernetes.io/managed-by': by },
  },
  endpoints: ready.map((one) => ({ conditions: one === undefined ? {} : { ready: one } })),
})
const controller = 'endpointslice-controller.k8s.io'
const endpointslices = [
  slice('web', controller, true, false, undefined),
  slice('web', controller, true),
  slice('web', 'me', true, true),
  slice('api', controller, true),
  { metadata: {}, endpoints: [{ conditions: { ready: true } }] },
]
const owned = (uid: string, kind: string, name: string, ownerUid: string) => ({
  metadata: { uid, ownerReferences: [{ kind, name, uid: ownerUid }] },
})
const replicasets = [
  owned('set-new', 'Deployment', 'web', 'web'),
  owned('set-old', 'Deployment', 'web', 'web'),
  owned('set-api', 'Deployment', 'api', 'api'),
  { metadata: { uid: 'set-alone' } },
]
const made = [
  owned('pod-new', 'ReplicaSet', 'web-1', 'set-new'),
  owned('pod-old', 'ReplicaSet', 'web-2', 'set-old'),
  owned('pod-api', 'ReplicaSet', 'api-1', 'set-api'),
  owned('pod-alone', 'ReplicaSet', 'alone', 'set-alone'),
  { metadata: { uid: 'pod-bare' } },
]
const endpoints = ['pod-old', 'pod-alone', 'pod-bare', 'pod-gone'].map((uid) => ({ targetRef: { kind: 'Pod', uid } }))
const placed = [
  {},
  {
    env: [{ name: 'MODE', value: 'a' }],
    volumeMounts: [{ mountPath: '/srv' }, { mountPath: '/usr/share/nginx/html' }],
  },
  ...['PATH', 'LD_PRELOAD'].map((name) => ({ env: [{ name, value: '/fake' }] })),
  { envFrom: [{ configMapRef: { name: 'all' } }] },
  ...['/', '/usr', '/bin/', '/usr/local/bin/wget', '//usr/./bin', '/srv/../bin'].map((mountPath) => ({
    volumeMounts: [{ mountPath: '/data' }, { mountPath }],
  })),
  { volumeMounts: [{ mountPath: '/binaries' }] },
]
const nodes = [node('True'), node('False'), node('Unknown')]
const value = (text: string, lets?: Record<string, string>) =>
  compileCel(text, lets).evaluate({
    pods,
    deployments,
    nodes,
    jobs,
    containers,
    hooked,
    placed,
    endpointslices,
    replicasets,
    made,
    endpoints,
  })

for (const [text, expected] of [
  ["pods.labelled('app', 'web').map(p, p.metadata.name)", ['a', 'b', 'c']],
  ["pods.labelled('app', 'no').size()", 0],
  ["pods.labelled('app', 'web').labelled('track', 'one').size()", 1],
  ["pods.map(p, p.hasLabel('app', 'api'))", [false, false, false, false, true]],
  ['pods.map(p, p.isReady())', [true, false, false, true, false]],
  ["jobs.map(j, j.isOwnedBy('CronJob', 'night'))", [true, false, false, false]],
  ["jobs.map(j, j.isOwnedBy('Job', 'night'))", [false, false, false, false]],
  ["jobs.map(j, j.hasCondition('Complete'))", [false, false, true, false]],
  ['nodes.map(n, n.isReady())', [true, false, false]],
  ['pods.map(p, p.isTerminating())', [false, false, true, false, false]],
  ['containers.map(c, c.words())', [['sh', '-c', 'true'], ['sh', '-c', 'true'], ['true'], []]],
  [
    "[{'command': ['echo', '$(WORD) $(OTHER) $$'], 'env': [{'name': 'WORD', 'value': 'heron'}]}].map(c, c.words())",
    [['echo', 'heron $(OTHER) $']],
  ],
  ["[{'command': ['sh', '-c', 'echo $$ $(date)']}].map(c, c.words())", [['sh', '-c', 'echo $$ $(date)']]],
  [
    'hooked.map(c, c.execs())',
    [
      ['sh -c true', 'touch /up'],
      ['touch /ready', 'sync'],
    ],
  ],
  ['containers.map(c, c.execs().size())', [0, 0, 0, 0]],
  [
    `[
      {'image': 'httpd:2.4'},
      {'image': 'httpd:2.4', 'command': ['httpd-foreground']},
      {'image': 'httpd:2.4', 'command': ['/usr/local/bin/httpd-foreground']},
      {'image': 'nginx:1.27', 'args': ['nginx', '-g', 'daemon off;']},
      {'image': 'nginx:1.27', 'command': ['nginx', '-g', '$(HOW)'], 'env': [{'name': 'HOW', 'value': 'daemon off;'}]},
      {'image': 'nginx:1.27', 'command': ['/docker-entrypoint.sh'], 'args': ['nginx', '-g', 'daemon off;']}
    ].map(c, c.runsItsImage())`,
    [true, true, true, true, true, true],
  ],
  [
    `[
      {'image': 'httpd:2.4', 'command': ['sleep', '1000']},
      {'image': 'httpd:2.4', 'command': ['/tmp/httpd-foreground']},
      {'image': 'httpd:2.4', 'command': ['httpd-foreground', '-v']},
      {'image': 'httpd:2.4', 'command': ['httpd-foreground'], 'env': [{'name': 'PATH', 'value': '/tmp'}]},
      {'image': 'httpd:2.4', 'command': ['httpd-foreground'], 'volumeMounts': [{'name': 'v', 'mountPath': '/usr/local/bin'}]},
      {'image': 'nobody/knows:1', 'command': ['a']},
      {'image': 'nginx:1.27', 'args': ['-v']}
    ].map(c, c.runsItsImage())`,
    [false, false, false, false, false, false, false],
  ],
  [
    'placed.map(c, c.hasOwnPrograms())',
    [true, true, false, false, false, false, false, false, false, false, false, true],
  ],
  ["sameQuantity('128Mi', '134217728') && sameQuantity('0.5', '500m') && sameQuantity(2, '2')", true],
  ["sameQuantity('128Mi', '128M') || sameQuantity('lots', 'lots') || sameQuantity(null, '0')", false],
  ["['docker.io/nginx:1.27', 'index.docker.io/library/nginx:1.27'].all(i, sameImage(i, 'nginx:1.27'))", true],
  ["sameImage('nginx', 'nginx:latest') && sameImage('ghcr.io/a/b:1', 'ghcr.io/a/b:1')", true],
  [
    "['ghcr.io/nginx:1.27', 'mine/nginx:1.27', 'nginx:1.26', 'nginx', '', null].exists(i, sameImage(i, 'nginx:1.27'))",
    false,
  ],
  ["sameImage('', '') || sameImage(null, null)", false],
  [`sameImage('nginx:1.27@${digestOf127}', 'nginx:1.27') && sameImage('nginx@${digestOf127}', 'nginx:1.27')`, true],
  [`sameImage('nginx:1.26@${digestOf127}', 'nginx:1.26') || sameImage('nginx:1.27@${other}', 'nginx:1.27')`, false],
  ["endpointslices.readyOf('web').size()", 3],
  ["endpointslices.readyOf('none').size()", 0],
  ["made.ofDeployment(replicasets, 'web').map(p, p.metadata.uid)", ['pod-new', 'pod-old']],
  ["made.ofDeployment(replicasets, 'none').size()", 0],
  ["endpoints.on(made.ofDeployment(replicasets, 'web')).map(e, e.targetRef.uid)", ['pod-old']],
  ['[{}].on([{}]).size()', 0],
  ['deployments.map(d, d.isRolledOut())', [true, false, false, false, true]],
] as const)
  test(`in CEL: ${text}`, () => assert.deepEqual(value(text), { value: expected }))

const asked = (name: string, cpu?: string, more = '') =>
  `{'name': '${name}', 'resources': {${cpu ? `'requests': {'cpu': '${cpu}'}` : ''}}${more}}`
const limited = (name: string, cpu: string, requests = '') =>
  `{'name': '${name}', 'resources': {${requests}'limits': {'cpu': '${cpu}'}}}`
const always = ", 'restartPolicy': 'Always'"
const requested: [what: string, spec: string, ofNodes: string, byAutoscaler: string, ofWeb: string][] = [
  ['nothing', `'containers': [${asked('web')}]`, '', '', ''],
  ['two containers', `'containers': [${asked('web', '100m')}, ${asked('b', '0.2')}]`, '300m', '300m', '100m'],
  ['one that asks for nothing', `'containers': [${asked('web', '100m')}, ${asked('b')}]`, '100m', '', '100m'],
  [
    'a sidecar',
    `'containers': [${asked('web', '100m')}], 'initContainers': [${asked('s', '50m', always)}]`,
    ...(['150m', '150m', '100m'] as const),
  ],
  [
    'an init container',
    `'containers': [${asked('web', '100m')}], 'initContainers': [${asked('i', '1')}]`,
    ...(['1', '100m', '100m'] as const),
  ],
  [
    'the Pod as a whole',
    `'resources': {'requests': {'cpu': '200m'}}, 'containers': [${asked('web', '100m')}]`,
    ...(['200m', '200m', '100m'] as const),
  ],
  [
    'limits alone, as much as which a Pod requests that is made of it',
    `'containers': [${limited('web', '100m')}, ${limited('b', '200m', "'requests': {'cpu': '50m'}, ")}]`,
    ...(['150m', '150m', '100m'] as const),
  ],
  [
    'a limit of the Pod as a whole',
    `'resources': {'limits': {'cpu': '300m'}}, 'containers': [${asked('web')}]`,
    ...(['300m', '300m', ''] as const),
  ],
  [
    'a limit of the Pod as a whole, and requests of its containers',
    `'resources': {'limits': {'cpu': '300m'}}, 'containers': [${asked('web', '100m')}]`,
    ...(['100m', '100m', '100m'] as const),
  ],
  [
    'overhead',
    `'overhead': {'cpu': '50m'}, 'containers': [${asked('web', '100m')}]`,
    ...(['150m', '100m', '100m'] as const),
  ],
]
for (const [what, spec, ofNodes, byAutoscaler, ofWeb] of requested)
  test(`what a Pod requests, and what is a share of it: ${what}`, () => {
    const pod = `{'spec': {${spec}}}`
    const asks = `[${pod}.requests('cpu'), ${pod}.scaledBy('', 'cpu'), ${pod}.scaledBy('web', 'cpu')]`
    assert.deepEqual(value(asks), { value: [ofNodes, byAutoscaler, ofWeb] })
  })

const mounted: [what: string, mounts: string, volumes: string, isThere: boolean][] = [
  ['as a whole', "[{'name': 'p', 'mountPath': '/srv'}]", "[{'name': 'p', 'configMap': {'name': 'c'}}]", true],
  [
    'at a path that is written otherwise',
    "[{'name': 'p', 'mountPath': '//srv/./'}]",
    "[{'name': 'p', 'configMap': {'name': 'c'}}]",
    true,
  ],
  [
    'projected, its files under their own names',
    "[{'name': 'p', 'mountPath': '/srv/'}]",
    "[{'name': 'p', 'projected': {'sources': [{'configMap': {'name': 'c', 'items': [{'key': 'a', 'path': 'a'}]}}]}}]",
    true,
  ],
  [
    'with a file under the name of another',
    "[{'name': 'p', 'mountPath': '/srv'}]",
    "[{'name': 'p', 'configMap': {'name': 'c', 'items': [{'key': 'b', 'path': 'a'}]}}]",
    false,
  ],
  ['of another name', "[{'name': 'p', 'mountPath': '/srv'}]", "[{'name': 'p', 'configMap': {'name': 'd'}}]", false],
  ['that is a Secret', "[{'name': 'p', 'mountPath': '/srv'}]", "[{'name': 'p', 'secret': {'secretName': 'c'}}]", false],
  [
    'beside something of another source',
    "[{'name': 'p', 'mountPath': '/srv'}]",
    "[{'name': 'p', 'projected': {'sources': [{'configMap': {'name': 'c'}}, {'secret': {'name': 'c'}}]}}]",
    false,
  ],
  [
    'a part of which lies under something else',
    "[{'name': 'p', 'mountPath': '/srv'}, {'name': 'q', 'mountPath': '/./srv/run.sh', 'subPath': 'run.sh'}]",
    "[{'name': 'p', 'configMap': {'name': 'c'}}, {'name': 'q', 'configMap': {'name': 'd'}}]",
    false,
  ],
  [
    'beside a mount that climbs up',
    "[{'name': 'p', 'mountPath': '/srv'}, {'name': 'p', 'mountPath': '/tmp/../srv/a'}]",
    "[{'name': 'p', 'configMap': {'name': 'c'}}]",
    false,
  ],
  [
    'of one file',
    "[{'name': 'p', 'mountPath': '/srv', 'subPath': 'a'}]",
    "[{'name': 'p', 'configMap': {'name': 'c'}}]",
    false,
  ],
  [
    'of which single files are mounted',
    "[{'name': 'p', 'mountPath': '/srv/a', 'subPath': 'a'}, {'name': 'p', 'mountPath': '/./srv/b/', 'subPath': 'b'}]",
    "[{'name': 'p', 'configMap': {'name': 'c'}}]",
    true,
  ],
  [
    'of which one file is mounted as another',
    "[{'name': 'p', 'mountPath': '/srv/a', 'subPath': 'b'}]",
    "[{'name': 'p', 'configMap': {'name': 'c'}}]",
    false,
  ],
  [
    'and one file of another',
    "[{'name': 'p', 'mountPath': '/srv/a', 'subPath': 'a'}, {'name': 'q', 'mountPath': '/srv/b', 'subPath': 'b'}]",
    "[{'name': 'p', 'configMap': {'name': 'c'}}, {'name': 'q', 'configMap': {'name': 'd'}}]",
    false,
  ],
  [
    'that is mounted elsewhere',
    "[{'name': 'p', 'mountPath': '/srv2'}]",
    "[{'name': 'p', 'configMap': {'name': 'c'}}]",
    false,
  ],
  ['that is not mounted', '[]', "[{'name': 'p', 'configMap': {'name': 'c'}}]", false],
]
for (const [what, mounts, volumes, isThere] of mounted)
  test(`a folder ${isThere ? 'is' : 'is not'} a ConfigMap ${what}`, () =>
    assert.deepEqual(value(`{'volumeMounts': ${mounts}}.hasConfigMapAt({'volumes': ${volumes}}, '/srv', 'c')`), {
      value: isThere,
    }))

test('what runs as long as a Pod does are its containers and its sidecars', () => {
  const spec = (more: string) => `{'containers': [{'name': 'a'}]${more}}.containersAndSidecars().map(c, c.name)`
  assert.deepEqual(value(`${spec('')} == ['a']`), { value: true })
  const init = "{'name': 'b', 'restartPolicy': 'Always'}, {'name': 'c'}, {'name': 'd', 'restartPolicy': 'Never'}"
  assert.deepEqual(value(`${spec(`, 'initContainers': [${init}]`)} == ['a', 'b']`), { value: true })
})

test('what is named is worked out before, in its order, and only when it is used', () => {
  const lets = { web: "pods.labelled('app', 'web')", ready: 'web.filter(p, p.isReady())', broken: 'pods[99]' }
  assert.deepEqual(value('ready.size() == 1 && web.size() == 3', lets), { value: true })
  const outcome = value('broken.size() == 1', lets)
  assert.match('error' in outcome ? outcome.error : '', /^broken: /)
})

test('the lists that a name reads are those of the expression', () => {
  const { names } = compileCel('ready.size()', { web: "pods.labelled('app', 'web')", ready: 'web', other: 'nodes' })
  assert.equal(names.has('pods'), true)
  assert.equal(names.has('nodes'), false)
})

test('a named expression that is none is refused when it is used', () => {
  assert.throws(() => compileCel('web.size()', { web: 'pods.(' }), /not a CEL expression: pods\.\(/)
})
