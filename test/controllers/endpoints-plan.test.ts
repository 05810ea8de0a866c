import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { EndpointAddress, Endpoints, Service, ServicePort } from '../../sim/api/core/types.ts'
import { planSubsets, truncate } from '../../sim/controllers/endpoints/plan.ts'
import { workSpent } from '../../sim/engine/work.ts'

type Subset = NonNullable<Endpoints['subsets']>[number]

const aService = (ports: Partial<ServicePort>[] | undefined, spec: object = {}): Service =>
  ({
    metadata: { name: 'web', namespace: 'ns' },
    spec: { clusterIP: '10.96.0.9', ports: ports?.map((port) => ({ protocol: 'TCP', ...port })), ...spec },
  }) as unknown as Service

interface Facts {
  ip?: string
  uid?: string
  ready?: boolean
  going?: boolean
  node?: string
  hostname?: string
  subdomain?: string
  ports?: Record<string, number>
}
const aPod = (name: string, facts: Facts = {}): Pod => {
  const { ip = '10.1.0.1', uid = name, ready = true, going, node = 'n1', hostname, subdomain, ports = {} } = facts
  return {
    metadata: { name, namespace: 'ns', uid, ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: {
      ...(node ? { nodeName: node } : {}),
      ...{ hostname, subdomain },
      containers: [{ ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })) }],
    },
    status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  } as unknown as Pod
}
/** `a, b / c : http:80/TCP`: ready and not ready Pods, and the ports. */
const textOf = ({ addresses = [], notReadyAddresses = [], ports = [] }: Subset): string => {
  const names = (list: EndpointAddress[]) => list.map(({ targetRef }) => targetRef?.name).join(', ')
  const portTexts = ports.map(({ name = '', port, protocol }) => `${name}:${port}/${protocol}`)
  return `${names(addresses)} / ${names(notReadyAddresses)} : ${portTexts.join(', ')}`
}

test('an address says which Pod it is of, where that runs, and the name that DNS has for it', () => {
  const service = aService([{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }])
  const pods = [
    aPod('a', { hostname: 'a-0', subdomain: 'web' }),
    aPod('b', { ip: '10.1.0.2', node: '', hostname: 'b-0' }),
  ]
  assert.deepEqual(planSubsets(service, pods), [
    {
      addresses: [
        {
          ip: '10.1.0.1',
          hostname: 'a-0',
          nodeName: 'n1',
          targetRef: { kind: 'Pod', namespace: 'ns', name: 'a', uid: 'a' },
        },
        { ip: '10.1.0.2', targetRef: { kind: 'Pod', namespace: 'ns', name: 'b', uid: 'b' } },
      ],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP', appProtocol: 'http' }],
    },
  ])
})

test('a port without a name and a protocol of its own has neither', () => {
  assert.deepEqual(planSubsets(aService([{ port: 80, targetPort: 80 }]), [aPod('a')])[0].ports, [
    { port: 80, protocol: 'TCP' },
  ])
})

const two = [
  { name: 'http', port: 80, targetPort: 'http' },
  { name: 'admin', port: 81, targetPort: 'admin' },
]
const cases: { name: string; service: Service; pods: Pod[]; want: string[] }[] = [
  {
    name: 'Pods that are ready stand apart from those that are not',
    service: aService([{ port: 80, targetPort: 80 }]),
    pods: [aPod('a', { ready: false }), aPod('b'), aPod('c', { ready: false })],
    want: ['b / a, c : :80/TCP'],
  },
  {
    name: 'a Service that publishes Pods that are not ready has them as ready, and those that are going too',
    service: aService([{ port: 80, targetPort: 80 }], { publishNotReadyAddresses: true }),
    pods: [aPod('a', { ready: false }), aPod('b', { going: true })],
    want: ['a, b /  : :80/TCP'],
  },
  {
    name: 'Pods that are going, or have no address, are left out',
    service: aService([{ port: 80, targetPort: 80 }]),
    pods: [aPod('a', { going: true }), aPod('b', { ip: '' })],
    want: [],
  },
  {
    name: 'addresses are sorted as text, those of one IP by uid',
    service: aService([{ port: 80, targetPort: 80 }]),
    pods: [
      aPod('a', { ip: '10.1.0.9' }),
      aPod('b', { ip: '10.1.0.10' }),
      aPod('c', { ip: '10.1.0.5', uid: 'v' }),
      aPod('d', { ip: '10.1.0.5', uid: 'u' }),
      aPod('e', { ip: '10.1.0.5', uid: 'w' }),
    ],
    want: ['b, d, c, e, a /  : :80/TCP'],
  },
  {
    name: 'all ports of the same Pods stand together, by number and then by name',
    service: aService([
      { name: 'z', port: 1, targetPort: 90 },
      { name: 'y', port: 2, targetPort: 80 },
      { name: 'x', port: 3, targetPort: 80, protocol: 'UDP' },
      { name: 'w', port: 4, targetPort: 80 },
    ]),
    pods: [aPod('a'), aPod('b')],
    want: ['a, b /  : w:80/TCP, x:80/UDP, y:80/TCP, z:90/TCP'],
  },
  {
    name: 'a named port that is another number in each Pod stands once for each',
    service: aService([{ name: 'http', port: 80, targetPort: 'http' }]),
    pods: [
      aPod('a', { ports: { http: 9090 } }),
      aPod('b', { ports: { http: 8080 } }),
      aPod('c', { ports: { http: 9090 } }),
    ],
    want: ['b /  : http:8080/TCP', 'a, c /  : http:9090/TCP'],
  },
  {
    name: 'a port stands with all Pods that have it, whatever other ports they have',
    service: aService(two),
    pods: [aPod('a', { ports: { http: 80, admin: 81 } }), aPod('b', { ports: { http: 80 } })],
    want: ['a /  : admin:81/TCP', 'a, b /  : http:80/TCP'],
  },
  {
    name: 'a Pod that is not ready is so at every port',
    service: aService(two),
    pods: [aPod('a', { ports: { http: 80, admin: 81 } }), aPod('b', { ports: { http: 80 }, ready: false })],
    want: ['a /  : admin:81/TCP', 'a / b : http:80/TCP'],
  },
  {
    name: 'a Pod without any of the ports is left out',
    service: aService(two),
    pods: [aPod('a')],
    want: [],
  },
  {
    name: 'a headless Service needs no ports',
    service: aService(undefined, { clusterIP: 'None' }),
    pods: [aPod('a'), aPod('b')],
    want: ['a, b /  : '],
  },
  { name: 'any other Service without ports has no Pods', service: aService([]), pods: [aPod('a')], want: [] },
  {
    name: 'a headless Service with ports has the Pods that have them',
    service: aService(two, { clusterIP: 'None' }),
    pods: [aPod('a'), aPod('b', { ports: { http: 80 } })],
    want: ['b /  : http:80/TCP'],
  },
]
for (const { name, service, pods, want } of cases)
  test(`of Endpoints: ${name}`, () => assert.deepEqual(planSubsets(service, pods).map(textOf), want))

test('subsets without an address of a kind or without ports lack the list', () => {
  const [subset] = planSubsets(aService(undefined, { clusterIP: 'None' }), [aPod('a', { ready: false })])
  assert.deepEqual(Object.keys(subset), ['notReadyAddresses'])
})

test('the work for Endpoints grows with the ports of the Service and with its Pods', () => {
  const cost = (ports: number, pods: number): number => {
    const before = workSpent()
    const service = aService(Array.from({ length: ports }, (_, n) => ({ name: `${n}`, port: n, targetPort: n })))
    planSubsets(
      service,
      Array.from({ length: pods }, (_, n) => aPod(`${n}`)),
    )
    return workSpent() - before
  }
  assert.ok(cost(10, 10) >= 100)
  assert.equal(cost(20, 10), 2 * cost(10, 10))
  assert.equal(cost(10, 20), 2 * cost(10, 10))
})

const addresses = (count: number): EndpointAddress[] => Array.from({ length: count }, (_, n) => ({ ip: `10.0.0.${n}` }))
const cuts: { name: string; subsets: [ready: number, notReady: number][]; want: [number, number][] | undefined }[] = [
  {
    name: 'a thousand addresses are not cut',
    subsets: [
      [600, 300],
      [0, 100],
    ],
    want: undefined,
  },
  {
    name: 'of too many that are not ready each subset keeps its share',
    subsets: [
      [500, 600],
      [100, 200],
    ],
    want: [
      [500, 300],
      [100, 100],
    ],
  },
  {
    name: 'a share is rounded up, until there is no more room',
    subsets: [
      [0, 334],
      [0, 334],
      [0, 334],
    ],
    want: [
      [0, 334],
      [0, 334],
      [0, 332],
    ],
  },
  {
    name: 'of too many that are ready each subset keeps its share, and none that is not',
    subsets: [
      [900, 5],
      [600, 0],
    ],
    want: [
      [600, 0],
      [400, 0],
    ],
  },
  {
    name: 'of too many that are ready shares are rounded up too',
    subsets: [
      [667, 1],
      [667, 1],
      [667, 1],
    ],
    want: [
      [334, 0],
      [334, 0],
      [332, 0],
    ],
  },
  { name: 'a thousand that are ready leave no room for others', subsets: [[1000, 1]], want: [[1000, 0]] },
  {
    name: 'a single address is left',
    subsets: [
      [1, 0],
      [1000, 0],
    ],
    want: [
      [1, 0],
      [999, 0],
    ],
  },
  {
    name: 'a single address that is not ready is left',
    subsets: [
      [999, 1],
      [0, 9],
    ],
    want: [[999, 1]],
  },
  {
    name: 'a subset of which nothing is left goes',
    subsets: [
      [1001, 0],
      [0, 7],
    ],
    want: [[1000, 0]],
  },
]
for (const { name, subsets, want } of cuts)
  test(`of more than a thousand addresses: ${name}`, () => {
    const ports = [{ port: 80, protocol: 'TCP' as const }]
    const cut = truncate(
      subsets.map(([ready, notReady]) => ({
        ...(ready > 0 ? { addresses: addresses(ready) } : {}),
        ...(notReady > 0 ? { notReadyAddresses: addresses(notReady) } : {}),
        ports,
      })),
    )
    assert.deepEqual(
      cut?.map(({ addresses, notReadyAddresses }) => [addresses?.length ?? 0, notReadyAddresses?.length ?? 0]),
      want,
    )
    for (const subset of cut ?? []) {
      assert.deepEqual(subset.ports, ports)
      assert.ok(subset.addresses?.length !== 0 && subset.notReadyAddresses?.length !== 0)
    }
  })

test('the first addresses are those that stay, and subsets without ports stay without', () => {
  const [subset] = truncate([{ addresses: addresses(1002) }]) ?? []
  assert.equal(subset.addresses?.at(-1)?.ip, '10.0.0.999')
  assert.deepEqual(Object.keys(subset), ['addresses'])
})
