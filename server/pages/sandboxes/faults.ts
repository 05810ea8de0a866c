/** What may be broken in a sandbox, and mended again, as buttons. */
import type { Fault } from '../../../sim/index.ts'

interface FaultButton {
  id: string
  label: string
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
    note: 'Without power nothing on it runs, and the control plane notices after some 40 s.',
    buttons: [
      { id: 'node:down', label: 'Power off' },
      { id: 'node:shutdown', label: 'Shut down' },
      { id: 'node:up', label: 'Power on', mends: true },
    ],
  },
  {
    title: 'Network of the node',
    note: 'What runs on it goes on with what it knows.',
    buttons: [
      { id: 'partition:from-control-plane', label: 'Cut off from the control plane' },
      { id: 'partition:from-all', label: 'Cut off from everything' },
      { id: 'partition:healed', label: 'Connect again', mends: true },
    ],
  },
  {
    title: 'kubelet',
    note: 'Containers go on without it; nobody tells the control plane of them.',
    buttons: [
      { id: 'kubelet:stopped', label: 'Stop the kubelet' },
      { id: 'kubelet:started', label: 'Start the kubelet', mends: true },
    ],
  },
  {
    title: 'Container runtime',
    note: 'Containers go on without it; none is started or stopped.',
    buttons: [
      { id: 'runtime:stopped', label: 'Stop the runtime' },
      { id: 'runtime:started', label: 'Start the runtime', mends: true },
    ],
  },
  {
    title: 'Network of new Pods',
    note: 'While the plugin fails, no new Pod gets an address.',
    buttons: [
      { id: 'cni:failing', label: 'Let the plugin fail' },
      { id: 'cni:working', label: 'Let it work', mends: true },
    ],
  },
  {
    title: 'Disk, memory, processes',
    note: 'Something else on the node takes them. The kubelet evicts Pods to get them back.',
    buttons: [
      { id: 'disk:low', label: 'Disk nearly full' },
      { id: 'disk:full', label: 'Disk full' },
      { id: 'disk:freed', label: 'Free the disk', mends: true },
      { id: 'memory:low', label: 'Memory low' },
      { id: 'memory:freed', label: 'Free the memory', mends: true },
      { id: 'pids:low', label: 'Process numbers low' },
      { id: 'pids:freed', label: 'Free them', mends: true },
    ],
  },
]

const podGroup: FaultGroup = {
  title: 'A Pod',
  note: 'Its containers are killed from outside, or it is deleted.',
  buttons: [
    { id: 'pod:kill', label: 'Kill its containers' },
    { id: 'pod:delete', label: 'Delete it' },
  ],
}

const clusterGroups: readonly FaultGroup[] = [
  {
    title: 'Control plane',
    note: 'What runs goes on running. Nothing new is decided.',
    buttons: [
      { id: 'component:kube-scheduler:stopped', label: 'Stop the scheduler' },
      { id: 'component:kube-scheduler:started', label: 'Start the scheduler', mends: true },
      { id: 'component:kube-controller-manager:stopped', label: 'Stop the controllers' },
      { id: 'component:kube-controller-manager:started', label: 'Start the controllers', mends: true },
      { id: 'component:kube-apiserver:stopped', label: 'Stop the API server' },
      { id: 'component:kube-apiserver:started', label: 'Start the API server', mends: true },
    ],
  },
  {
    title: 'Image registry',
    note: 'Images that are on a node already are not asked for.',
    buttons: [
      { id: 'registry:down', label: 'Unreachable' },
      { id: 'registry:slow', label: 'Slow' },
      { id: 'registry:up', label: 'Works', mends: true },
    ],
  },
]

export const faultGroups = {
  node: nodeGroups,
  pod: podGroup,
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
  if (podGroup.buttons.some((button) => button.id === id)) return on.pod && ({ kind, ...on.pod, act: rest[0] } as Fault)
  if (!clusterGroups.some(({ buttons }) => buttons.some((button) => button.id === id))) return undefined
  return kind === 'registry'
    ? ({ kind, state: rest[0] } as Fault)
    : ({ kind, component: rest[0], state: rest[1] } as Fault)
}
