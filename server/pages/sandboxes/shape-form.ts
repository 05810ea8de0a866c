/** The form that says what cluster a new sandbox is. Pure. */
import type { ClusterShape, NodeShape } from '../../../sim/index.ts'
import { msg, t } from '../../i18n/translate.ts'

/** What the form's controls hold, as text. */
export interface ShapeFields {
  name: string
  nodes: string
  size: string
  zones: string
  taint: string
  tainted: string
  pull: string
  proxy: string
  /** Of the control plane, by its id. */
  members: string
  addOns: string[]
}

export const emptyShape: ShapeFields = {
  name: '',
  nodes: '3',
  size: 'medium',
  zones: '1',
  taint: 'dedicated=batch:NoSchedule',
  tainted: '0',
  pull: '',
  proxy: 'iptables',
  members: '1',
  addOns: ['system-pods', 'metrics-server', 'policies'],
}

/** Labels are English, for `t`. */
export const sizes: Readonly<Record<string, { label: string; cpu: string; memory: string }>> = {
  small: { label: msg('small: 2 CPU, 4 Gi'), cpu: '2', memory: '4Gi' },
  medium: { label: msg('medium: 4 CPU, 8 Gi'), cpu: '4', memory: '8Gi' },
  large: { label: msg('large: 16 CPU, 64 Gi'), cpu: '16', memory: '64Gi' },
}

export const proxies = ['iptables', 'ipvs', 'nftables'] as const

/** Labels are English, for `t`. */
export const controlPlanes: Readonly<Record<string, { label: string; shape: ClusterShape['controlPlane'] }>> = {
  '1': { label: msg('one server, beside the nodes'), shape: undefined },
  'static-1': {
    label: msg('a node as kubeadm leaves it, with static Pods'),
    shape: { members: 1, staticPods: true },
  },
  'static-3': {
    label: msg('three nodes as kubeadm leaves them, with static Pods'),
    shape: { members: 3, staticPods: true },
  },
  'static-1-older': {
    label: msg('a node as kubeadm left it with v1.36.1, to be upgraded'),
    shape: { members: 1, staticPods: true, release: 'v1.36.1' },
  },
  '3': { label: msg('three nodes, each with a member of etcd'), shape: { members: 3 } },
  '5': { label: msg('five nodes, each with a member of etcd'), shape: { members: 5 } },
}

export const addOns: readonly { id: string; label: string; note: string }[] = [
  {
    id: 'system-pods',
    label: msg('Pods in kube-system'),
    note: msg('CoreDNS and kube-proxy, as kubeadm installs them'),
  },
  { id: 'metrics-server', label: 'metrics-server', note: msg('for kubectl top, and autoscaling') },
  { id: 'ingress', label: msg('Ingress controller'), note: msg('of the class nginx') },
  { id: 'gateway', label: 'Gateway API', note: msg('with a controller of the GatewayClass nginx') },
  { id: 'cloud', label: msg('Cloud load balancers'), note: msg('for Services of type LoadBalancer') },
  { id: 'policies', label: 'NetworkPolicies', note: msg('a network plugin that enforces them') },
  {
    id: 'machine',
    label: msg('A machine that is not a node yet'),
    note: msg('for kubeadm join; the control plane has to be static Pods'),
  },
]

const maxNodes = 10
const maxZones = 3

export type ShapeReading =
  /** The name is empty where nobody gave one. */
  { shape: ClusterShape; name: string } | { problems: Partial<Record<keyof ShapeFields, string>> }

export function readShape(fields: ShapeFields): ShapeReading {
  const problems: Partial<Record<keyof ShapeFields, string>> = {}
  const count = wholeIn(fields.nodes, 1, maxNodes)
  if (count === undefined) problems.nodes = t('must be a whole number from 1 to {most}', { most: maxNodes })
  const zones = wholeIn(fields.zones, 1, maxZones)
  if (zones === undefined) problems.zones = t('must be a whole number from 1 to {most}', { most: maxZones })
  const tainted = wholeIn(fields.tainted, 0, count ?? maxNodes)
  if (tainted === undefined)
    problems.tainted = t('must be a whole number from 0 to {most}, the number of nodes', { most: count ?? maxNodes })
  const taint = parseTaint(fields.taint)
  if (!taint && tainted !== 0)
    problems.taint = t(
      'must look like key=value:NoSchedule; the effects are NoSchedule, PreferNoSchedule and NoExecute',
    )
  const size = Object.hasOwn(sizes, fields.size) ? sizes[fields.size] : undefined
  if (!size) problems.size = t('must be one of those offered')
  const mode = proxies.find((name) => name === fields.proxy)
  if (!mode) problems.proxy = t('must be one of those offered')
  const controlPlane = Object.hasOwn(controlPlanes, fields.members) ? controlPlanes[fields.members] : undefined
  if (!controlPlane) problems.members = t('must be one of those offered')
  if (controlPlane && fields.addOns.includes('machine') && !controlPlane.shape?.staticPods)
    problems.members = t('must be static Pods: a machine can join no other control plane')
  const name = fields.name.trim()
  if (name.length > maxNameLength) problems.name = t('may have {most} characters at most', { most: maxNameLength })
  if (!count || !zones || tainted === undefined || !size || !mode || !controlPlane || Object.keys(problems).length > 0)
    return { problems }
  const nodes = Array.from(
    { length: count },
    (_, n): NodeShape => ({
      name: `node-${n + 1}`,
      cpu: size.cpu,
      memory: size.memory,
      ...(zones > 1 ? { labels: { 'topology.kubernetes.io/zone': `zone-${'abc'[n % zones]}` } } : {}),
      ...(taint && n >= count - tainted ? { taints: [taint] } : {}),
    }),
  )
  const has = (id: string) => fields.addOns.includes(id)
  if (has('machine')) nodes.push({ name: `node-${count + 1}`, cpu: size.cpu, memory: size.memory, joined: false })
  return {
    name,
    shape: {
      nodes,
      ...(fields.pull ? { absentImages: 'all' } : {}),
      ...(has('system-pods') ? { systemPods: true } : {}),
      ...(has('metrics-server') ? { metricsServer: true } : {}),
      ...(has('ingress') ? { ingressController: true } : {}),
      ...(has('gateway') ? { gatewayApi: true } : {}),
      ...(has('cloud') ? { cloudProvider: true } : {}),
      ...(has('policies') ? {} : { networkPolicies: false }),
      ...(mode === 'iptables' ? {} : { proxy: { mode } }),
      ...(controlPlane.shape ? { controlPlane: controlPlane.shape } : {}),
    },
  }
}

export const maxNameLength = 60

function wholeIn(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,3}$/.test(text.trim()) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

export function parseTaint(text: string): NonNullable<NodeShape['taints']>[number] | undefined {
  const match =
    /^([a-zA-Z0-9][-a-zA-Z0-9._/]{0,61})(?:=([a-zA-Z0-9][-a-zA-Z0-9._]{0,61})?)?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(
      text.trim(),
    )
  if (!match) return undefined
  const [, key, value, effect] = match
  return { key: key!, ...(value ? { value } : {}), effect: effect as 'NoSchedule' }
}
