/** What may be broken in a sandbox, and mended again, as buttons. */
import type { Fault } from '../../../sim/index.ts'

interface FaultButton {
  id: string
  label: string
  /** What the label leaves to the group's title, for who hears the button alone. */
  of: string
  /** Brings back what another one broke. */
  mends?: true
}

export interface FaultGroup {
  title: string
  note: string
  buttons: readonly FaultButton[]
}

const nodeGroups: readonly FaultGroup[] = [
  {
    title: 'Machine',
    note: 'The control plane notices after some 40 s.',
    buttons: [
      { id: 'node:down', label: 'Power off', of: 'the node' },
      { id: 'node:shutdown', label: 'Shut down', of: 'the node' },
      { id: 'node:up', label: 'Power on', of: 'the node', mends: true },
    ],
  },
  {
    title: 'Cut off',
    note: 'What runs on it goes on with what it knows.',
    buttons: [
      { id: 'partition:from-control-plane', label: 'From the control plane', of: 'cut off' },
      { id: 'partition:from-all', label: 'From all', of: 'cut off' },
      { id: 'partition:healed', label: 'Connect', of: 'again', mends: true },
    ],
  },
  {
    title: 'kubelet',
    note: 'Without it nobody tells the control plane of its containers.',
    buttons: [
      { id: 'kubelet:stopped', label: 'Stop', of: 'the kubelet' },
      { id: 'kubelet:started', label: 'Start', of: 'the kubelet', mends: true },
    ],
  },
  {
    title: 'Container runtime',
    note: 'Containers go on without it; none is started or stopped.',
    buttons: [
      { id: 'runtime:stopped', label: 'Stop', of: 'the container runtime' },
      { id: 'runtime:started', label: 'Start', of: 'the container runtime', mends: true },
    ],
  },
  {
    title: 'Pod network',
    note: 'While its plugin fails, no new Pod gets an address.',
    buttons: [
      { id: 'cni:failing', label: 'Fail', of: 'in the Pod network' },
      { id: 'cni:working', label: 'Work', of: 'in the Pod network', mends: true },
    ],
  },
  {
    title: 'Disk',
    note: 'The kubelet evicts Pods to get room back.',
    buttons: [
      { id: 'disk:low', label: 'Nearly full', of: 'disk' },
      { id: 'disk:full', label: 'Full', of: 'disk' },
      { id: 'disk:freed', label: 'Free', of: 'the disk', mends: true },
    ],
  },
  {
    title: 'Memory',
    note: 'Something else on the node takes it.',
    buttons: [
      { id: 'memory:low', label: 'Low', of: 'memory' },
      { id: 'memory:freed', label: 'Free', of: 'the memory', mends: true },
    ],
  },
  {
    title: 'Process numbers',
    note: 'Something else on the node uses them up.',
    buttons: [
      { id: 'pids:low', label: 'Low', of: 'process numbers' },
      { id: 'pids:freed', label: 'Free', of: 'process numbers', mends: true },
    ],
  },
]

const podGroups: readonly FaultGroup[] = [
  {
    title: 'From outside',
    note: 'Killed containers are started again; a deleted Pod is replaced if somebody wants it.',
    buttons: [
      { id: 'pod:kill', label: 'Kill its containers', of: '' },
      { id: 'pod:delete', label: 'Delete it', of: '' },
    ],
  },
]

const component = (name: string, title: string, note: string): FaultGroup => ({
  title,
  note,
  buttons: [
    { id: `component:${name}:stopped`, label: 'Stop', of: name },
    { id: `component:${name}:started`, label: 'Start', of: name, mends: true },
  ],
})

const clusterGroups: readonly FaultGroup[] = [
  component('kube-scheduler', 'Scheduler', 'Without it new Pods get no node.'),
  component('kube-controller-manager', 'Controllers', 'Without them nothing is made or mended.'),
  component('kube-apiserver', 'API server', 'Without it what runs goes on, and nobody can ask.'),
  {
    title: 'Image registry',
    note: 'Images that are on a node are not asked for.',
    buttons: [
      { id: 'registry:down', label: 'Down', of: 'image registry' },
      { id: 'registry:slow', label: 'Slow', of: 'image registry' },
      { id: 'registry:up', label: 'Up', of: 'image registry', mends: true },
    ],
  },
]

export const faultGroups = {
  node: nodeGroups,
  pod: podGroups,
  cluster: clusterGroups,
}

/** @returns the fault that a button stands for; undefined for a button that is not there, or without what it needs */
export function findFault(
  id: string,
  on: { node: string; pod: { namespace: string; name: string } | undefined },
): Fault | undefined {
  const [kind = '', ...rest] = id.split(':')
  if (nodeGroups.some(({ buttons }) => buttons.some((button) => button.id === id)))
    return on.node === '' ? undefined : ({ kind, node: on.node, state: rest[0] } as Fault)
  if (podGroups.some(({ buttons }) => buttons.some((button) => button.id === id)))
    return on.pod && ({ kind, ...on.pod, act: rest[0] } as Fault)
  if (!clusterGroups.some(({ buttons }) => buttons.some((button) => button.id === id))) return undefined
  return kind === 'registry'
    ? ({ kind, state: rest[0] } as Fault)
    : ({ kind, component: rest[0], state: rest[1] } as Fault)
}
