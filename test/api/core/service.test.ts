import assert from 'node:assert/strict'
import test from 'node:test'
import { services } from '../../../sim/api/core/service.ts'
import type { Service } from '../../../sim/api/core/types.ts'
import { messageOf } from '../../../sim/api/meta/field-error.ts'
import type { AllocationContext } from '../../../sim/api/meta/kind.ts'

/** Hands out addresses in order and remembers which are out. */
function createAddresses() {
  const ips = new Set<string>()
  const ports = new Set<number>()
  const context: AllocationContext = {
    now: '2026-11-20T08:00:00Z',
    user: { name: 'tester', groups: [] },
    namespaceLabels: () => ({}),
    serviceAddresses: {
      allocateClusterIP: () => {
        const ip = `10.96.0.${10 + ips.size}`
        ips.add(ip)
        return ip
      },
      reserveClusterIP: (ip) => {
        if (ips.has(ip)) return `failed to allocate IP ${ip}: provided IP is already allocated`
        ips.add(ip)
        return undefined
      },
      releaseClusterIP: (ip) => void ips.delete(ip),
      allocateNodePort: () => {
        const port = 30000 + ports.size
        ports.add(port)
        return port
      },
      reserveNodePort: (port) => {
        if (ports.has(port)) return 'provided port is already allocated'
        ports.add(port)
        return undefined
      },
      releaseNodePort: (port) => void ports.delete(port),
    },
  }
  return { context, ips, ports }
}

function draft(spec: Record<string, unknown>): Service {
  return structuredClone({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 's',
      namespace: 'default',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-11-20T08:00:00Z',
    },
    spec,
  }) as unknown as Service
}

function create(
  spec: Record<string, unknown>,
  { context } = createAddresses(),
): { service: Service; errors: string[] } {
  const service = draft(spec)
  services.applyDefaults(service)
  services.prepareForCreate(service, context)
  const errors = [...services.validate(service), ...(services.allocate?.(service, undefined, context) ?? [])]
  return { service, errors: errors.map(messageOf) }
}

function update(
  old: Service,
  change: (service: Service) => void,
  addresses = createAddresses(),
): { service: Service; errors: string[] } {
  const service = structuredClone(old)
  change(service)
  services.applyDefaults(service)
  services.prepareForUpdate(service, old, addresses.context)
  const errors = [
    ...(services.allocate?.(service, old, addresses.context) ?? []),
    ...services.validateUpdate(service, old),
  ]
  return { service, errors: errors.map(messageOf) }
}

const web = { selector: { app: 'web' }, ports: [{ port: 80 }] }

test('a ClusterIP Service gets an address and its defaults', () =>
  assert.deepEqual(create(web).service.spec, {
    selector: { app: 'web' },
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    sessionAffinity: 'None',
    type: 'ClusterIP',
    internalTrafficPolicy: 'Cluster',
    ipFamilyPolicy: 'SingleStack',
    ipFamilies: ['IPv4'],
    clusterIP: '10.96.0.10',
    clusterIPs: ['10.96.0.10'],
  }))

test('a NodePort Service gets a port of every node', () => {
  const { spec } = create({ ...web, type: 'NodePort' }).service
  assert.equal(spec.ports?.[0].nodePort, 30000)
  assert.equal(spec.externalTrafficPolicy, 'Cluster')
})

test('a headless Service without a selector may have both families', () => {
  const { spec } = create({ clusterIP: 'None', ports: [{ port: 80 }] }).service
  assert.deepEqual(
    [spec.clusterIPs, spec.ipFamilies, spec.ipFamilyPolicy],
    [['None'], ['IPv4', 'IPv6'], 'RequireDualStack'],
  )
})

test('an ExternalName Service gets no address', () => {
  const { service, errors } = create({ type: 'ExternalName', externalName: 'example.com' })
  assert.deepEqual(errors, [])
  assert.deepEqual(service.spec, { type: 'ExternalName', externalName: 'example.com', sessionAffinity: 'None' })
})

test('a LoadBalancer with local traffic gets a health check port, and gives it back', () => {
  const addresses = createAddresses()
  const { service } = create({ ...web, type: 'LoadBalancer', externalTrafficPolicy: 'Local' }, addresses)
  assert.equal(service.spec.healthCheckNodePort, 30001)
  services.release?.(service, addresses.context)
  assert.deepEqual([addresses.ips.size, addresses.ports.size], [0, 0])
})

test('an address that is taken is refused', () => {
  const addresses = createAddresses()
  create({ ...web, clusterIP: '10.96.0.77' }, addresses)
  const { errors } = create({ ...web, clusterIP: '10.96.0.77' }, addresses)
  assert.deepEqual(errors, [
    'spec.clusterIPs: Invalid value: ["10.96.0.77"]: failed to allocate IP 10.96.0.77: provided IP is already allocated',
  ])
})

test('an update that leaves out what the server chose keeps it', () => {
  const old = create({ ...web, type: 'NodePort' }).service
  const { service, errors } = update(old, (s) => {
    delete s.spec.clusterIP
    delete s.spec.clusterIPs
    delete s.spec.ports![0].nodePort
  })
  assert.deepEqual(errors, [])
  assert.deepEqual(service.spec, old.spec)
})

test('NodePort to ClusterIP drops the port and keeps the address', () => {
  const addresses = createAddresses()
  const old = create({ ...web, type: 'NodePort' }, addresses).service
  const { service, errors } = update(old, (s) => Object.assign(s.spec, { type: 'ClusterIP' }), addresses)
  assert.deepEqual(errors, [])
  assert.equal(service.spec.ports?.[0].nodePort, undefined)
  assert.equal(service.spec.externalTrafficPolicy, undefined)
  assert.equal(service.spec.clusterIP, old.spec.clusterIP)
  assert.deepEqual([...addresses.ports], [])
})

test('ClusterIP to ExternalName gives the address back', () => {
  const addresses = createAddresses()
  const old = create(web, addresses).service
  const { service, errors } = update(
    old,
    (s) => Object.assign(s.spec, { type: 'ExternalName', externalName: 'example.com' }),
    addresses,
  )
  assert.deepEqual(errors, [])
  assert.equal(service.spec.clusterIP, undefined)
  assert.deepEqual([...addresses.ips], [])
})

test('ExternalName to ClusterIP gets an address', () => {
  const old = create({ type: 'ExternalName', externalName: 'example.com' }).service
  const { service, errors } = update(old, (s) => Object.assign(s.spec, { type: 'ClusterIP', ports: [{ port: 80 }] }))
  assert.deepEqual(errors, [])
  assert.match(service.spec.clusterIP ?? '', /^10\.96\.0\./)
})

test('the address may not change', () => {
  const old = create(web).service
  const { errors } = update(old, (s) => Object.assign(s.spec, { clusterIP: '10.96.7.7' }))
  assert.deepEqual(errors, ['spec.clusterIPs[0]: Invalid value: ["10.96.7.7"]: may not change once set'])
})

const refused = [
  { spec: { selector: { a: 'b' } }, error: 'spec.ports: Required value' },
  { spec: { ports: [{ port: 80 }, { port: 81 }] }, error: 'spec.ports[0].name: Required value' },
  {
    spec: { ports: [{ port: 0 }] },
    error: 'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
  },
  {
    spec: { ports: [{ port: 80, nodePort: 30080 }] },
    error: "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  },
  {
    spec: { ports: [{ port: 80, targetPort: 'UPPER' }] },
    error:
      'spec.ports[0].targetPort: Invalid value: "UPPER": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  },
  {
    spec: { ...web, type: 'Foo' },
    error:
      'spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  },
  {
    spec: { ...web, type: 'NodePort', clusterIP: 'None' },
    error: 'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
  },
  { spec: { type: 'ExternalName' }, error: 'spec.externalName: Required value' },
  {
    spec: { ...web, sessionAffinity: 'Sticky' },
    error: 'spec.sessionAffinity: Unsupported value: "Sticky": supported values: "ClientIP", "None"',
  },
  {
    spec: { ...web, externalTrafficPolicy: 'Local' },
    error: 'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  },
  {
    spec: { ...web, clusterIP: '10.96.0.300' },
    error:
      'spec.clusterIPs[0]: Invalid value: "10.96.0.300": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  },
]
for (const { spec, error } of refused)
  test(`a Service is refused: ${error.slice(0, 90)}`, () =>
    assert.ok(create(spec).errors.includes(error), create(spec).errors.join('\n')))

const rows = [
  { spec: web, cells: ['s', 'ClusterIP', '10.96.0.10', '<none>', '80/TCP', '90s', 'app=web'] },
  {
    spec: { ...web, type: 'NodePort' },
    cells: ['s', 'NodePort', '10.96.0.10', '<none>', '80:30000/TCP', '90s', 'app=web'],
  },
  {
    spec: { ...web, type: 'LoadBalancer' },
    cells: ['s', 'LoadBalancer', '10.96.0.10', '<pending>', '80:30000/TCP', '90s', 'app=web'],
  },
  { spec: { ...web, clusterIP: 'None' }, cells: ['s', 'ClusterIP', 'None', '<none>', '80/TCP', '90s', 'app=web'] },
  {
    spec: { type: 'ExternalName', externalName: 'example.com' },
    cells: ['s', 'ExternalName', '<none>', 'example.com', '<none>', '90s', '<none>'],
  },
]
for (const { spec, cells } of rows)
  test(`the row of ${JSON.stringify(spec)} is what kubectl prints`, () => {
    const { service } = create(spec)
    assert.deepEqual(
      services.columns.map((column) => column.cell(service, { nowEpochMs: Date.parse('2026-11-20T08:01:30Z') })),
      cells,
    )
  })
