import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NodeView, PictureView, PodView, ServiceView } from '../../../server/labs/types.ts'
import { changesBetween } from '../../../server/pages/changes.ts'

const pod = (name: string, over: Partial<PodView> = {}): PodView => ({
  ...{ namespace: 'default', name, tone: 'ready', word: 'Running', ready: '1/1', restarts: 0, node: 'node-1' },
  ...{ ip: '10.0.0.1', age: '3s', message: '', labels: '' },
  ...over,
})
const picture = (over: Partial<PictureView> = {}): PictureView => ({
  nodes: [{ name: 'node-1', word: 'Ready' } as NodeView],
  unscheduled: [],
  pods: [],
  services: [],
  tables: [],
  ...over,
})
const service = (ips: readonly string[]): ServiceView =>
  ({
    namespace: 'default',
    name: 'web',
    endpoints: ips.map((ip, n) => ({ ip, pod: `web-${n}`, isReady: n === 0 })),
  }) as ServiceView

const cases: { name: string; before: PictureView; after: PictureView; want: string[] }[] = [
  { name: 'nothing', before: picture({ pods: [pod('a')] }), after: picture({ pods: [pod('a')] }), want: [] },
  {
    name: 'an age alone is no change',
    before: picture({ pods: [pod('a')] }),
    after: picture({ pods: [pod('a', { age: '9s' })] }),
    want: [],
  },
  {
    name: 'a Pod comes, another is scheduled, a third is gone',
    before: picture({ pods: [pod('b', { word: 'Pending', ready: '0/1', node: '' }), pod('c')] }),
    after: picture({ pods: [pod('a', { namespace: 'other' }), pod('b', { word: 'Pending', ready: '0/1' })] }),
    want: [
      'new pod/other/a:  → 1/1 Running node-1',
      'changed pod/b: 0/1 Pending → 0/1 Pending node-1',
      'gone pod/c: 1/1 Running node-1 → ',
    ],
  },
  {
    name: 'a restart, a node, a Deployment and the endpoints that are ready',
    before: picture({
      pods: [pod('a')],
      services: [service([])],
      tables: [{ resource: 'deployments', columns: [], rows: [['web', '0/1', '1']] }],
    }),
    after: picture({
      nodes: [{ name: 'node-1', word: 'NotReady' } as NodeView],
      pods: [pod('a', { restarts: 2 })],
      services: [service(['10.0.0.1', '10.0.0.2'])],
      tables: [{ resource: 'deployments', columns: [], rows: [['web', '1/1', '1']] }],
    }),
    want: [
      'changed node/node-1: Ready → NotReady',
      'changed deployment/web: 0/1 → 1/1',
      'changed pod/a: 1/1 Running node-1 → 1/1 Running (2×) node-1',
      'changed service/web: – → 10.0.0.1',
    ],
  },
]
for (const { name, before, after, want } of cases)
  test(`changes between two pictures: ${name}`, () => {
    const told = changesBetween(before, after).map(({ kind, what, was, is }) => `${kind} ${what}: ${was} → ${is}`)
    assert.deepEqual(told, want)
  })
