import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { Service, ServicePort } from '../../sim/api/core/types.ts'
import type { Endpoint, EndpointSlice } from '../../sim/api/discovery/types.ts'
import { desiredContents, planSlices, type SliceContent } from '../../sim/controllers/endpointslice/plan.ts'
import { workSpent } from '../../sim/engine/work.ts'

const aService = (ports: Partial<ServicePort>[] | undefined, spec: object = {}): Service =>
  ({
    metadata: { name: 'web', namespace: 'ns' },
    spec: { ports: ports?.map((port) => ({ protocol: 'TCP', ...port })), ...spec },
  }) as unknown as Service
interface Facts {
  ready?: boolean
  going?: boolean
  phase?: string
  node?: string
  spec?: object
  ports?: Record<string, number>
}
const aPod = (
  name: string,
  { ready = true, going, phase = 'Running', node = 'n1', spec, ports = {} }: Facts = {},
): Pod =>
  ({
    metadata: { name, namespace: 'ns', uid: name, ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: {
      ...(node ? { nodeName: node } : {}),
      ...spec,
      containers: [
        { ports: Object.entries(ports).map(([portName, containerPort]) => ({ name: portName, containerPort })) },
      ],
    },
    status: { phase, podIP: `10.1.0.${name}`, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as unknown as Pod
const zoneOf = (node: string): string | undefined => (node === 'n1' ? 'z1' : undefined)
const web = [{ name: 'http', port: 80, targetPort: 8080 }]

test('an endpoint says which Pod it is, where that runs, in which zone, and the name that DNS has for it', () => {
  const pods = [
    aPod('1', { spec: { hostname: 'web-0', subdomain: 'web' } }),
    aPod('2', { node: 'n2', spec: { hostname: 'web-1', subdomain: 'other' } }),
    aPod('3', { node: '' }),
  ]
  const conditions = { ready: true, serving: true, terminating: false }
  const targetRef = (name: string) => ({ kind: 'Pod', namespace: 'ns', name, uid: name })
  assert.deepEqual(desiredContents(aService([{ ...web[0], appProtocol: 'http' }]), pods, zoneOf), [
    {
      ports: [{ name: 'http', protocol: 'TCP', port: 8080, appProtocol: 'http' }],
      endpoints: [
        {
          addresses: ['10.1.0.1'],
          conditions,
          hostname: 'web-0',
          nodeName: 'n1',
          zone: 'z1',
          targetRef: targetRef('1'),
        },
        { addresses: ['10.1.0.2'], conditions, nodeName: 'n2', targetRef: targetRef('2') },
        { addresses: ['10.1.0.3'], conditions, targetRef: targetRef('3') },
      ],
    },
  ])
})

const states: {
  name: string
  pod: Facts
  spec?: object
  want: [ready: boolean, serving: boolean, terminating: boolean] | undefined
}[] = [
  { name: 'that is ready', pod: {}, want: [true, true, false] },
  { name: 'that is not ready', pod: { ready: false }, want: [false, false, false] },
  { name: 'that is ready and going serves, and is not ready', pod: { going: true }, want: [false, true, true] },
  { name: 'that is going and not ready', pod: { going: true, ready: false }, want: [false, false, true] },
  {
    name: 'that is not ready, of a Service that publishes such ones, is ready and does not serve',
    pod: { ready: false },
    spec: { publishNotReadyAddresses: true },
    want: [true, false, false],
  },
  {
    name: 'that is going, of a Service that publishes such ones',
    pod: { going: true },
    spec: { publishNotReadyAddresses: true },
    want: [true, true, true],
  },
  { name: 'that has ended is none', pod: { phase: 'Failed' }, want: undefined },
]
for (const { name, pod, spec, want } of states)
  test(`the endpoint of a Pod ${name}${want ? '' : ' at all'}`, () => {
    const [content] = desiredContents(aService(web, spec), [aPod('1', pod)], zoneOf)
    const { ready, serving, terminating } = content?.endpoints[0].conditions ?? {}
    assert.deepEqual(content && [ready, serving, terminating], want)
  })

const portsOf = (service: Service, ...pods: Pod[]): string[] =>
  desiredContents(service, pods, zoneOf).map(
    ({ ports, endpoints }) =>
      `${endpoints.map(({ targetRef }) => targetRef?.name)}: ${ports.map(({ name, port }) => `${name}=${port}`)}`,
  )

test('Pods with the same ports stand together, those without a port of that name with none', () => {
  const service = aService([
    { name: 'http', port: 80, targetPort: 'http' },
    { port: 81, targetPort: 81 },
  ])
  const pods = [
    aPod('1', { ports: { http: 80 } }),
    aPod('2', { ports: { http: 90 } }),
    aPod('3', { ports: { http: 80 } }),
    aPod('4'),
  ]
  assert.deepEqual(portsOf(service, ...pods), ['1,3: http=80,=81', '2: http=90,=81', '4: =81'])
  assert.deepEqual(portsOf(aService(undefined), aPod('1'), aPod('2')), ['1,2: '])
})

test('a port without a name has an empty one, and an appProtocol only where the Service has one', () => {
  const [{ ports }] = desiredContents(aService([{ port: 80, targetPort: 8080 }]), [aPod('1')], zoneOf)
  assert.deepEqual(ports, [{ name: '', protocol: 'TCP', port: 8080 }])
})

type Ports = NonNullable<EndpointSlice['ports']>
const aPort: Ports[number] = { name: 'http', protocol: 'TCP', port: 80 }
const ports: Ports = [aPort]
const someEndpoints = (from: number, to: number): Endpoint[] =>
  Array.from({ length: to - from }, (_, i) => ({ addresses: [`10.0.0.${from + i}`], conditions: { ready: true } }))
const aSlice = (name: string, endpoints: Endpoint[], slicePorts: EndpointSlice['ports'] = ports): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
  addressType: 'IPv4',
  endpoints,
  ports: slicePorts,
})
const wanted = (endpoints: Endpoint[], contentPorts = ports): SliceContent[] => [{ ports: contentPorts, endpoints }]

const textOf = ({ create, update, delete: gone }: ReturnType<typeof planSlices>): string[] => [
  ...create.map(({ endpoints, ports: own }) => `create ${endpoints.length} at ${own.map(({ port }) => port)}`),
  ...update.map(
    ({ slice, content }) =>
      `${slice.metadata.name} ${content.endpoints.length} at ${content.ports.map(({ port }) => port)}`,
  ),
  ...gone.map(({ metadata }) => `delete ${metadata.name}`),
]
const cases: {
  name: string
  existing: EndpointSlice[]
  desired: SliceContent[]
  keepEmpty?: boolean
  want: string[]
}[] = [
  { name: 'a Service without endpoints has an empty slice', existing: [], desired: [], want: ['create 0 at '] },
  { name: 'a mirrored Service without endpoints has no slice', existing: [], desired: [], keepEmpty: false, want: [] },
  {
    name: 'slices of a mirrored Service go with its endpoints',
    existing: [aSlice('a', someEndpoints(0, 2))],
    desired: [],
    keepEmpty: false,
    want: ['delete a'],
  },
  { name: 'the empty slice stays', existing: [aSlice('a', [], [])], desired: [], want: [] },
  {
    name: 'a slice without ports stays the empty one',
    existing: [{ ...aSlice('a', []), ports: undefined }],
    desired: [],
    want: [],
  },
  { name: 'a slice with ports becomes the empty one', existing: [aSlice('a', [])], desired: [], want: ['a 0 at '] },
  {
    name: 'a slice with endpoints and no ports becomes the empty one',
    existing: [aSlice('a', someEndpoints(0, 1), [])],
    desired: [],
    want: ['a 0 at '],
  },
  {
    name: 'of several slices the first becomes the empty one, and the others go',
    existing: [aSlice('a', [], []), aSlice('b', someEndpoints(0, 1)), aSlice('c', someEndpoints(1, 2))],
    desired: [],
    want: ['a 0 at ', 'delete b', 'delete c'],
  },
  {
    name: 'the empty slice becomes the first with endpoints',
    existing: [aSlice('a', [], [])],
    desired: wanted(someEndpoints(0, 3)),
    want: ['a 3 at 80'],
  },
  {
    name: 'a slice of other ports becomes one that has to be made',
    existing: [aSlice('a', someEndpoints(0, 3))],
    desired: wanted(someEndpoints(0, 3), [{ ...aPort, port: 81 }]),
    want: ['a 3 at 81'],
  },
  {
    name: 'of slices that go as many are kept as have to be made, from the last',
    existing: [aSlice('a', someEndpoints(0, 3)), aSlice('b', someEndpoints(3, 6))],
    desired: wanted(someEndpoints(0, 250), [{ ...aPort, port: 81 }]),
    want: ['create 100 at 81', 'a 50 at 81', 'b 100 at 81'],
  },
  {
    name: 'ports in another order are the same',
    existing: [aSlice('a', someEndpoints(0, 3), [{ ...aPort, name: 'x' }, aPort])],
    desired: wanted(someEndpoints(0, 3), [aPort, { ...aPort, name: 'x' }]),
    want: [],
  },
  ...(
    [
      ['name', { ...aPort, name: 'other' }],
      ['number', { ...aPort, port: 81 }],
      ['protocol', { ...aPort, protocol: 'UDP' }],
      ['appProtocol', { ...aPort, appProtocol: 'http' }],
    ] as const
  ).map(([name, other]) => ({
    name: `another ${name} of a port makes another slice`,
    existing: [aSlice('a', someEndpoints(0, 3))],
    desired: [...wanted(someEndpoints(0, 3)), ...wanted(someEndpoints(3, 5), [other])],
    want: [`create 2 at ${other.port}`],
  })),
  {
    name: 'a port without a name or appProtocol has empty ones',
    existing: [aSlice('a', someEndpoints(0, 1), [{ port: 80, protocol: 'TCP' }])],
    desired: wanted(someEndpoints(0, 1), [{ ...aPort, name: '', appProtocol: '' }]),
    want: [],
  },
  {
    name: 'an endpoint that is ready now is written where it was',
    existing: [
      aSlice(
        'a',
        someEndpoints(0, 1).map((one) => ({ ...one, conditions: { ready: false } })),
      ),
    ],
    desired: wanted(someEndpoints(0, 1)),
    want: ['a 1 at 80'],
  },
  {
    name: 'hints that somebody gave are no change',
    existing: [
      aSlice(
        'a',
        someEndpoints(0, 1).map((one) => ({ ...one, hints: { forZones: [{ name: 'z' }] } })),
      ),
    ],
    desired: wanted(someEndpoints(0, 1)),
    want: [],
  },
  {
    name: 'an endpoint that stands in two slices stays in the first',
    existing: [aSlice('a', someEndpoints(0, 2)), aSlice('b', someEndpoints(1, 3))],
    desired: wanted(someEndpoints(0, 3)),
    want: ['b 1 at 80'],
  },
  {
    name: 'slices that are written anyway are filled, the fullest first, up to a hundred',
    existing: [aSlice('a', someEndpoints(0, 50)), aSlice('b', someEndpoints(50, 140))],
    desired: wanted([...someEndpoints(1, 139), ...someEndpoints(200, 215)]),
    want: ['b 100 at 80', 'a 53 at 80'],
  },
  {
    name: 'what is left goes to the fullest slice that has room for all of it',
    existing: [
      aSlice('a', someEndpoints(0, 50)),
      aSlice('b', someEndpoints(50, 130)),
      aSlice('c', someEndpoints(130, 225)),
    ],
    desired: wanted(someEndpoints(0, 245)),
    want: ['b 100 at 80'],
  },
  {
    name: 'what fits into none of the slices goes to a new one',
    existing: [aSlice('a', someEndpoints(0, 50)), aSlice('b', someEndpoints(50, 130))],
    desired: wanted(someEndpoints(0, 181)),
    want: ['create 51 at 80'],
  },
  {
    name: 'a hundred go to a new slice, and what is left then where there is room',
    existing: [aSlice('a', someEndpoints(0, 50))],
    desired: wanted(someEndpoints(0, 170)),
    want: ['create 100 at 80', 'a 70 at 80'],
  },
  {
    name: 'a hundred go to a new slice even beside an empty one of those ports',
    existing: [aSlice('a', [], [])],
    desired: wanted(someEndpoints(0, 100), []),
    want: ['create 100 at '],
  },
  {
    name: 'an empty slice of those ports takes fewer',
    existing: [aSlice('a', [], [])],
    desired: wanted(someEndpoints(0, 99), []),
    want: ['a 99 at '],
  },
  {
    name: 'a slice whose endpoints have all gone goes, and another takes the new ones',
    existing: [aSlice('a', someEndpoints(0, 2)), aSlice('b', someEndpoints(2, 4))],
    desired: wanted(someEndpoints(2, 5)),
    want: ['b 3 at 80', 'delete a'],
  },
]
for (const { name, existing, desired, keepEmpty = true, want } of cases)
  test(`of EndpointSlices: ${name}`, () => {
    assert.deepEqual(textOf(planSlices(existing, desired, { keepEmpty })), want)
  })

test('an endpoint is another one with another address, host name or Pod', () => {
  const [endpoint] = someEndpoints(0, 1)
  const existing = { ...endpoint, targetRef: { uid: 'a' }, hostname: 'h' } as Endpoint
  const others = [
    { ...existing, addresses: ['10.9.9.9'] },
    { ...existing, hostname: undefined },
    { ...existing, targetRef: undefined },
  ] as Endpoint[]
  for (const other of others) {
    const { update } = planSlices(
      [aSlice('a', [...someEndpoints(1, 2), existing])],
      wanted([...someEndpoints(1, 2), other]),
    )
    // What is new goes behind what stays.
    assert.deepEqual(update[0].content.endpoints, [...someEndpoints(1, 2), other])
  }
})

test('slices are filled in the order of the endpoints, behind those that stay', () => {
  const { update } = planSlices(
    [aSlice('a', someEndpoints(5, 7))],
    wanted([...someEndpoints(0, 1), ...someEndpoints(5, 7), ...someEndpoints(9, 10)]),
  )
  assert.deepEqual(
    update[0].content.endpoints.map(({ addresses }) => addresses[0]),
    ['10.0.0.5', '10.0.0.6', '10.0.0.0', '10.0.0.9'],
  )
})

test('the work for slices grows with ports, Pods and the endpoints that there are', () => {
  const cost = (act: () => void): number => {
    const before = workSpent()
    act()
    return workSpent() - before
  }
  const ofContents = (portCount: number, podCount: number): number => {
    const service = aService(Array.from({ length: portCount }, (_, n) => ({ name: `${n}`, port: n, targetPort: n })))
    const pods = Array.from({ length: podCount }, (_, n) => aPod(`${n}`))
    return cost(() => desiredContents(service, pods, zoneOf))
  }
  assert.ok(ofContents(10, 10) >= 200)
  assert.equal(ofContents(20, 10), 2 * ofContents(10, 10))
  assert.equal(ofContents(10, 20), 2 * ofContents(10, 10))
  const ofSlices = (count: number, known: number): number =>
    cost(() => planSlices([aSlice('a', someEndpoints(0, known))], wanted(someEndpoints(0, count))))
  assert.ok(ofSlices(90, 0) - ofSlices(50, 0) >= 40)
  // Those that are there are looked for, and compared.
  assert.ok(ofSlices(50, 40) - ofSlices(50, 20) >= 20)
})
