/** What the components page shows: a small cluster with a Pod in each state, its run, a diagram, and prose with all that prose may have. */
import type { ClusterView, DemoRun, NodeView, PodView, Tone } from '../../labs/types.ts'
import type { Diagram } from '../../render/diagram.ts'

const aPod = (name: string, tone: Tone, word: string, over: Partial<PodView> = {}): PodView => ({
  ...{ namespace: 'default', name, tone, word, ready: tone === 'ready' ? '1/1' : '0/1', restarts: 0, node: 'node-1' },
  ...{ ip: '10.244.0.4', age: '42s', message: '', labels: 'app=web' },
  ...over,
})

const pods = [
  aPod('web-5d8f7-abcde', 'ready', 'Running'),
  aPod('web-5d8f7-fghij', 'waiting', 'ContainerCreating'),
  aPod('web-5d8f7-klmno', 'failing', 'CrashLoopBackOff', {
    restarts: 4,
    message: 'back-off 40s restarting failed container',
  }),
  aPod('web-5d8f7-pqrst', 'ending', 'Terminating'),
  aPod('report-uvwxy', 'done', 'Completed'),
]
const pending = aPod('big-5d8f7-zabcd', 'waiting', 'Pending', {
  node: '',
  ip: '',
  message: '0/1 nodes are available: 1 Insufficient cpu.',
})

const node: NodeView = {
  ...{ name: 'node-1', tone: 'ready', word: 'Ready', pods, systemPods: 2 },
  ...{ cpuUsedMillis: 750, cpuMillis: 2000, memoryUsedMib: 1024, memoryMib: 4096 },
}

export const sampleView: ClusterView = {
  clockSeconds: 30,
  isSettled: false,
  nodes: [
    node,
    { ...node, name: 'node-2', tone: 'failing', word: 'NotReady', pods: [], cpuUsedMillis: 0, memoryUsedMib: 0 },
  ],
  unscheduled: [pending],
  pods: [...pods, pending],
  services: [
    {
      ...{ namespace: 'default', name: 'web', type: 'ClusterIP', clusterIP: '10.96.12.7', ports: '80/TCP → 8080' },
      selector: 'app=web',
      endpoints: [
        { ip: '10.244.0.4', pod: 'web-5d8f7-abcde', isReady: true },
        { ip: '10.244.0.5', pod: 'web-5d8f7-klmno', isReady: false },
      ],
    },
  ],
  tables: [{ resource: 'deployments', columns: ['Name', 'Ready', 'Age'], rows: [['web', '1/4', '42s']] }],
  events: [
    {
      ...{ age: '3s', type: 'Warning', reason: 'BackOff', object: 'Pod/web-5d8f7-klmno', count: 4 },
      message: 'Back-off restarting failed container',
    },
    { age: '40s', type: 'Normal', reason: 'Scheduled', object: 'Pod/web-5d8f7-abcde', message: 'Assigned', count: 1 },
  ],
  scheduling: [],
  notSimulated: ['spec.priorityClassName'],
}

export const sampleRun: DemoRun = {
  steps: [
    { atSeconds: 0, title: 'kubectl apply -f web.yaml', exit: 0, stdout: 'deployment.apps/web created\n', stderr: '' },
    {
      atSeconds: 9,
      title: 'kubectl get pod nothing',
      exit: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): pods "nothing" not found\n',
    },
  ],
  view: sampleView,
  moments: [
    {
      ...sampleView,
      atMs: 0,
      pods: [],
      unscheduled: [],
      nodes: sampleView.nodes.map((node) => ({ ...node, pods: [] })),
    },
    { ...sampleView, atMs: 30_000 },
  ],
  timeline: [
    {
      name: 'web-5d8f7-abcde',
      spans: [
        { fromSeconds: 0, toSeconds: 4, tone: 'waiting', word: 'Pending' },
        { fromSeconds: 4, toSeconds: 18, tone: 'ready', word: 'Running' },
        { fromSeconds: 18, toSeconds: 24, tone: 'failing', word: 'Error' },
        { fromSeconds: 24, toSeconds: 28, tone: 'ending', word: 'Terminating' },
        { fromSeconds: 28, toSeconds: 30, tone: 'done', word: 'Completed' },
      ],
    },
  ],
  sequence: [
    { atSeconds: 0, from: 'kubectl', to: 'kube-apiserver', label: 'create the Pod' },
    { atSeconds: 0.002, from: 'kube-apiserver', to: 'etcd', label: 'store it' },
    { atSeconds: 0.01, from: 'kube-scheduler', to: 'kube-apiserver', label: 'bind it to node-1' },
  ],
}

export const sampleDiagram: Diagram = {
  id: 'sample',
  title: 'A Service and what is behind it',
  direction: 'right',
  groups: [{ id: 'node', label: 'node-1' }],
  nodes: [
    { id: 'client', label: 'A client' },
    { id: 'service', label: 'Service web', note: '10.96.12.7', tone: 'accent' },
    { id: 'ready', label: 'Pod', note: 'ready', in: 'node', tone: 'ready' },
    { id: 'waiting', label: 'Pod', note: 'not ready', in: 'node', tone: 'waiting' },
  ],
  edges: [
    { from: 'client', to: 'service', label: 'connects', dashed: false },
    { from: 'service', to: 'ready', label: 'sends on', dashed: false },
    { from: 'service', to: 'waiting', dashed: true },
  ],
}

export const sampleProse = `Prose with \`code\`, *emphasis*, **weight**, [a link](/help) and <kbd>a</kbd> key.

- a list
- of two

| Field | Default |
|---|---|
| \`restartPolicy\` | \`Always\` |

> What somebody says aloud.

\`\`\`yaml
kind: Pod # a comment
metadata:
  name: web
\`\`\`

:::note A note
It adds something.
:::

:::tip
It helps.
:::

:::trap "A Pod restarts"
Its containers do.
:::

:::warning
It takes something away.
:::
`
