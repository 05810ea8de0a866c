/** What may be broken in a sandbox, and repaired again, as buttons. Texts are English, for `t`. */
import type { Fault } from '../../sim/index.ts'
import { msg, type Values } from '../i18n/translate.ts'

interface FaultButton {
  id: string
  /** For `th`; what it leaves to the group's title stands in `<hidden>`, for who hears the button alone. */
  label: string
  /** What the label is filled in with. */
  values?: Values
  /** Brings back what another one broke. */
  repairs?: true
}

export interface FaultGroup {
  title: string
  note: string
  buttons: readonly FaultButton[]
}

const nodeGroups: readonly FaultGroup[] = [
  {
    title: msg('Machine'),
    note: msg('The control plane notices after about 40 s.'),
    buttons: [
      { id: 'node:down', label: msg('Power off<hidden> the node</hidden>') },
      { id: 'node:shutdown', label: msg('Shut down<hidden> the node</hidden>') },
      { id: 'node:up', label: msg('Power on<hidden> the node</hidden>'), repairs: true },
    ],
  },
  {
    title: msg('Cut off'),
    note: msg('What runs on it goes on with what it knows.'),
    buttons: [
      { id: 'partition:from-control-plane', label: msg('<hidden>Cut off: </hidden>From the control plane') },
      { id: 'partition:from-all', label: msg('<hidden>Cut off: </hidden>From all') },
      { id: 'partition:healed', label: msg('Connect<hidden> again</hidden>'), repairs: true },
    ],
  },
  {
    title: msg('kubelet'),
    note: msg('Without it nobody reports its containers to the control plane.'),
    buttons: [
      { id: 'kubelet:stopped', label: msg('Stop<hidden> the kubelet</hidden>') },
      { id: 'kubelet:started', label: msg('Start<hidden> the kubelet</hidden>'), repairs: true },
    ],
  },
  {
    title: msg('Container runtime'),
    note: msg('Containers go on without it; none is started or stopped.'),
    buttons: [
      { id: 'runtime:stopped', label: msg('Stop<hidden> the container runtime</hidden>') },
      { id: 'runtime:started', label: msg('Start<hidden> the container runtime</hidden>'), repairs: true },
    ],
  },
  {
    title: msg('Pod network'),
    note: msg('While its plugin fails, no new Pod gets an address.'),
    buttons: [
      { id: 'cni:failing', label: msg('Break<hidden> the Pod network</hidden>') },
      { id: 'cni:working', label: msg('Repair<hidden> the Pod network</hidden>'), repairs: true },
    ],
  },
  {
    title: msg('Disk'),
    note: msg('The kubelet evicts Pods to get room back.'),
    buttons: [
      { id: 'disk:low', label: msg('Nearly full<hidden> disk</hidden>') },
      { id: 'disk:full', label: msg('Full<hidden> disk</hidden>') },
      { id: 'disk:freed', label: msg('Free<hidden> the disk</hidden>'), repairs: true },
    ],
  },
  {
    title: msg('Memory'),
    note: msg('Something else on the node uses it up.'),
    buttons: [
      { id: 'memory:low', label: msg('Low<hidden> memory</hidden>') },
      { id: 'memory:freed', label: msg('Free<hidden> the memory</hidden>'), repairs: true },
    ],
  },
  {
    title: msg('Process numbers'),
    note: msg('Something else on the node uses them up.'),
    buttons: [
      { id: 'pids:low', label: msg('Low<hidden> process numbers</hidden>') },
      { id: 'pids:freed', label: msg('Free<hidden> process numbers</hidden>'), repairs: true },
    ],
  },
]

const memberGroups: readonly FaultGroup[] = [
  {
    title: msg('Process'),
    note: msg('A majority of the members has to agree on each write.'),
    buttons: [
      { id: 'etcd:stopped', label: msg('Stop<hidden> etcd</hidden>') },
      { id: 'etcd:started', label: msg('Start<hidden> etcd</hidden>'), repairs: true },
    ],
  },
  {
    title: msg('Its disk'),
    note: msg('A member writes down what it agrees to before it says so.'),
    buttons: [
      { id: 'etcd:slow-disk', label: msg('Slow<hidden> disk of etcd</hidden>') },
      { id: 'etcd:normal-disk', label: msg('Quick<hidden> disk of etcd</hidden>'), repairs: true },
    ],
  },
]

const podGroups: readonly FaultGroup[] = [
  {
    title: msg('From outside'),
    note: msg('Killed containers are started again; a deleted Pod is replaced if a controller manages it.'),
    buttons: [
      { id: 'pod:kill', label: msg('Kill the containers<hidden> of the Pod</hidden>') },
      { id: 'pod:delete', label: msg('Delete the Pod') },
    ],
  },
]

const component = (name: string, title: string, note: string): FaultGroup => ({
  title,
  note,
  buttons: [
    { id: `component:${name}:stopped`, label: msg('Stop<hidden> {name}</hidden>'), values: { name } },
    { id: `component:${name}:started`, label: msg('Start<hidden> {name}</hidden>'), values: { name }, repairs: true },
  ],
})

const componentGroups: readonly FaultGroup[] = [
  component('kube-scheduler', msg('Scheduler'), msg('Without it new Pods get no node.')),
  component('kube-controller-manager', msg('Controllers'), msg('Without them nothing is created or repaired.')),
  component('kube-apiserver', msg('API server'), msg('Without it running Pods go on, but no request is answered.')),
]

const clusterGroups: readonly FaultGroup[] = [
  ...componentGroups,
  {
    title: msg('Image registry'),
    note: msg('Images that are on a node are not asked for.'),
    buttons: [
      { id: 'registry:down', label: msg('<hidden>Image registry: </hidden>Down') },
      { id: 'registry:slow', label: msg('<hidden>Image registry: </hidden>Slow') },
      { id: 'registry:up', label: msg('<hidden>Image registry: </hidden>Up'), repairs: true },
    ],
  },
]

export const faultGroups = {
  node: nodeGroups,
  /** Of etcd, where the control plane has several. */
  member: memberGroups,
  pod: podGroups,
  cluster: clusterGroups,
}

/** Where the components are static Pods: what they do is for their manifests to say. */
export const groupsOfStaticPods: typeof faultGroups = {
  ...faultGroups,
  cluster: clusterGroups.filter((group) => !componentGroups.includes(group)),
}

/** @returns the fault that a button stands for; undefined for a button that is not there, or without what it needs */
export function findFault(
  id: string,
  on: { node: string; member?: string; pod: { namespace: string; name: string } | undefined },
): Fault | undefined {
  const [kind = '', ...rest] = id.split(':')
  if (nodeGroups.some(({ buttons }) => buttons.some((button) => button.id === id)))
    return on.node === '' ? undefined : ({ kind, node: on.node, state: rest[0] } as Fault)
  if (memberGroups.some(({ buttons }) => buttons.some((button) => button.id === id)))
    return on.member ? ({ kind, node: on.member, state: rest[0] } as Fault) : undefined
  if (podGroups.some(({ buttons }) => buttons.some((button) => button.id === id)))
    return on.pod && ({ kind, ...on.pod, act: rest[0] } as Fault)
  if (!clusterGroups.some(({ buttons }) => buttons.some((button) => button.id === id))) return undefined
  return kind === 'registry'
    ? ({ kind, state: rest[0] } as Fault)
    : ({ kind, component: rest[0], state: rest[1] } as Fault)
}
