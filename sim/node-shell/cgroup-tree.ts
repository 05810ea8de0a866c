/**
 * The control groups of a node, as /sys/fs/cgroup shows them: systemd's, and below kubepods.slice those of its Pods. Nobody writes them here.
 * Sources: Documentation/admin-guide/cgroup-v2.rst of Linux; pkg/kubelet/cm, node_container_manager_linux.go and qos_container_manager_linux.go
 */

import { quantityMillis } from '../api/meta/quantity.ts'
import type { RuntimeContainer, RuntimePod, Sandbox } from '../kubelet/container-runtime.ts'
import { capacityOf } from '../kubelet/node-status.ts'
import { cpuShares } from '../kubelet/pod-cgroup.ts'
import {
  controllers,
  cpuMax,
  cpuStat,
  cpuWeight,
  keyedText,
  limitText,
  memoryEvents,
  processLines,
} from '../runtime/cgroup-files.ts'
import type { TreeNode } from '../runtime/file-tree.ts'
import type { CpuThrottling } from '../runtime/kernel.ts'
import type { NodeMachine } from './machine.ts'

interface Make {
  file(read: () => string): TreeNode
  directory(list: () => Map<string, TreeNode>): TreeNode
}

/** What a group holds, with all below it. */
interface Use {
  cpuMs: number
  memoryBytes: number
  processes: number
}

interface Group {
  use: Use
  /** Of the group itself: a group that has others below it has none. */
  pids?: readonly number[]
  shares?: number
  weight?: number
  limitMillis?: number
  throttling?: CpuThrottling
  memoryBytes?: number
  maxPids?: number
  oomKills?: number
  /** All of it is killed when its memory is used up. */
  isKilledWhole?: boolean
  below?: ReadonlyMap<string, () => Group>
}

const nothing: Use = { cpuMs: 0, memoryBytes: 0, processes: 0 }
const sum = (uses: readonly Use[]): Use =>
  uses.reduce(
    (all, one) => ({
      cpuMs: all.cpuMs + one.cpuMs,
      memoryBytes: all.memoryBytes + one.memoryBytes,
      processes: all.processes + one.processes,
    }),
    nothing,
  )

export const cgroupTree = (machine: NodeMachine, make: Make): TreeNode =>
  make.directory(() => {
    const below = rootGroups(machine)
    const used = (): Use => sum([...below.values()].map((group) => group().use))
    return new Map([
      ['cgroup.controllers', make.file(() => controllers)],
      ['cgroup.procs', make.file(() => '')],
      ['cgroup.subtree_control', make.file(() => controllers)],
      ['cpu.stat', make.file(() => cpuStat(used().cpuMs, undefined))],
      ...[...below].map(([name, group]) => [name, directoryOf(group, make)] as const),
    ])
  })

/** @param of worked out when somebody looks */
function directoryOf(of: () => Group, make: Make): TreeNode {
  return make.directory(() => {
    const group = of()
    const { use, pids = [], below = new Map<string, () => Group>() } = group
    const texts: Record<string, () => string> = {
      'cgroup.controllers': () => controllers,
      'cgroup.events': () => keyedText({ populated: use.processes > 0 ? 1 : 0, frozen: 0 }),
      'cgroup.procs': () => processLines(pids),
      'cgroup.subtree_control': () => (below.size > 0 ? controllers : '\n'),
      'cpu.max': () => cpuMax(group.limitMillis),
      'cpu.stat': () => cpuStat(use.cpuMs, group.throttling),
      'cpu.weight': () => `${group.weight ?? cpuWeight(group.shares)}\n`,
      'memory.current': () => `${use.memoryBytes}\n`,
      'memory.events': () => memoryEvents(group.oomKills ?? 0),
      // The kubelet leaves the protections and the brake alone: the feature gate MemoryQoS is off.
      'memory.high': () => 'max\n',
      'memory.low': () => '0\n',
      'memory.max': () => limitText(group.memoryBytes),
      'memory.min': () => '0\n',
      'memory.oom.group': () => `${group.isKilledWhole ? 1 : 0}\n`,
      'pids.current': () => `${use.processes}\n`,
      'pids.max': () => limitText(group.maxPids),
    }
    return new Map([
      ...Object.entries(texts).map(([name, read]) => [name, make.file(read)] as const),
      ...[...below].map(([name, child]) => [name, directoryOf(child, make)] as const),
    ])
  })
}

// ---------- what there is ----------

/** systemd gives this weight to whoever asks for none. Source: systemd.resource-control(5), CPUWeight= */
const USUAL_WEIGHT = 100

function rootGroups(machine: NodeMachine): ReadonlyMap<string, () => Group> {
  const { runtime } = machine.kubelet
  const groups = new Map<string, () => Group>()
  const tree = systemTree(machine)
  for (const name of tree.keys()) groups.set(name, () => tree.get(name)!)
  // Made by the first kubelet that ran, and there for as long as the machine is up.
  if (machine.shape.joined !== false || runtime.allPods.size > 0) groups.set('kubepods.slice', () => kubepods(machine))
  return groups
}

/** Groups of what no Pod holds, by the processes in them. */
function systemTree(machine: NodeMachine): ReadonlyMap<string, Group> {
  const { runtime } = machine.kubelet
  const byPath = new Map<string, number[]>()
  for (const { pid, place } of runtime.processes.pids.processes()) {
    if (place?.cgroupRoot !== '/') continue
    const pids = byPath.get(place.cgroup) ?? []
    byPath.set(place.cgroup, pids)
    pids.push(pid)
  }
  const groupAt = (prefix: string): Group => {
    const own = byPath.get(prefix)
    const names = new Set(
      [...byPath.keys()].flatMap((path) =>
        path.startsWith(`${prefix}/`) ? [path.slice(prefix.length + 1).split('/')[0]!] : [],
      ),
    )
    const below = new Map([...names].sort().map((name) => [name, groupAt(`${prefix}/${name}`)] as const))
    const processes = (own?.length ?? 0) + [...below.values()].reduce((all, { use }) => all + use.processes, 0)
    // Simplified: what services hold is told of all of them together.
    const memoryBytes = prefix === '/system.slice' ? runtime.systemMemoryBytes : 0
    return {
      use: { cpuMs: 0, memoryBytes, processes },
      pids: own,
      weight: USUAL_WEIGHT,
      below: new Map([...below].map(([name, group]) => [name, () => group])),
    }
  }
  const names = new Set([...byPath.keys()].map((path) => path.split('/')[1]!))
  return new Map([...names].sort().map((name) => [name, groupAt(`/${name}`)]))
}

interface HeldPod {
  pod: Readonly<RuntimePod>
  sandbox: Sandbox
}

const heldPods = ({ kubelet }: NodeMachine): HeldPod[] =>
  [...kubelet.runtime.allPods.values()].flatMap((pod) => (pod.sandbox?.isReady ? [{ pod, sandbox: pod.sandbox }] : []))

/** What all Pods may have: the machine less what is reserved, whatever the threshold of evictions. Source: createNodeAllocatableCgroups */
function kubepods(machine: NodeMachine): Group {
  const { shape, kubelet } = machine
  const all = heldPods(machine)
  const reserved = kubelet.reserved
  const classes = (['besteffort', 'burstable'] as const).map(
    (qos) => [`kubepods-${qos}.slice`, () => qosGroup(machine, all, qos)] as const,
  )
  return {
    use: sum(all.map((one) => podUse(machine, one))),
    shares: cpuShares(quantityMillis(shape.cpu ?? '2') - reserved.cpuMillis),
    memoryBytes: capacityOf(shape).memoryBytes - reserved.memoryBytes,
    oomKills: all.reduce((count, { pod }) => count + pod.oomKills, 0),
    below: new Map([...classes, ...podGroups(machine, all, 'guaranteed')]),
  }
}

/** Source: setCPUCgroupConfig */
function qosGroup(machine: NodeMachine, all: readonly HeldPod[], qos: 'besteffort' | 'burstable'): Group {
  const own = all.filter(({ sandbox }) => sandbox.cgroup.qos === qos)
  const requested = own.reduce((millis, { sandbox }) => millis + sandbox.cgroup.requestMillis, 0)
  return {
    use: sum(own.map((one) => podUse(machine, one))),
    shares: cpuShares(qos === 'burstable' ? requested : 0),
    oomKills: own.reduce((count, { pod }) => count + pod.oomKills, 0),
    below: podGroups(machine, own, qos),
  }
}

const podGroups = (
  machine: NodeMachine,
  all: readonly HeldPod[],
  qos: Sandbox['cgroup']['qos'],
): ReadonlyMap<string, () => Group> =>
  new Map(
    all
      .filter(({ sandbox }) => sandbox.cgroup.qos === qos)
      .map((held) => [held.sandbox.cgroup.path.split('/').at(-1)!, () => podGroup(machine, held)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

const runningIn = ({ pod }: HeldPod): RuntimeContainer[] =>
  pod.containers.filter(({ status, handle }) => status.state === 'running' && handle)

function podUse(machine: NodeMachine, held: HeldPod): Use {
  const containers = sum(runningIn(held).map(containerUse))
  const shared = machine.kubelet.runtime.volumeMemoryOf(held.sandbox.request.podUid)
  const ofProcesses = runningIn(held).reduce((bytes, { handle }) => bytes + handle!.processMemory(), 0)
  return { ...containers, memoryBytes: ofProcesses + shared, processes: containers.processes + 1 }
}

const containerUse = ({ handle }: RuntimeContainer): Use => ({
  cpuMs: handle!.cpuUsage().totalMs,
  memoryBytes: handle!.memoryUsage(),
  processes: handle!.nodePids.length,
})

function podGroup(machine: NodeMachine, held: HeldPod): Group {
  const { sandbox, pod } = held
  const { cgroup } = sandbox
  const scopes = new Map<string, () => Group>(
    runningIn(held).map((container) => [
      `cri-containerd-${container.status.id}.scope`,
      () => containerGroup(container),
    ]),
  )
  scopes.set(`cri-containerd-${sandbox.id}.scope`, () => pauseGroup(sandbox))
  return {
    use: podUse(machine, held),
    shares: cpuShares(cgroup.requestMillis),
    limitMillis: cgroup.limitMillis,
    throttling: podThrottling(held),
    memoryBytes: cgroup.memoryBytes,
    maxPids: machine.shape.podPidsLimit,
    oomKills: pod.oomKills,
    below: new Map([...scopes].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/**
 * Its quota is the sum of its containers', so it is used up when all of theirs are; a limit of the Pod as a whole is used up by whoever is first.
 * Simplified: that is reckoned of theirs, not counted.
 */
function podThrottling(held: HeldPod): CpuThrottling | undefined {
  const { cgroup, group } = held.sandbox
  if (cgroup.limitMillis === undefined) return undefined
  const each = runningIn(held).flatMap(({ handle }) => handle!.cpuThrottling() ?? [])
  if (each.length === 0) return { periods: 0, throttledPeriods: 0, throttledMs: 0 }
  const pick = group?.limits.cpuMillis === undefined ? Math.min : Math.max
  return {
    periods: Math.max(...each.map(({ periods }) => periods)),
    throttledPeriods: pick(...each.map(({ throttledPeriods }) => throttledPeriods)),
    throttledMs: pick(...each.map(({ throttledMs }) => throttledMs)),
  }
}

function containerGroup(container: RuntimeContainer): Group {
  const { spec, handle } = container
  return {
    use: containerUse(container),
    pids: [...handle!.nodePids].sort((a, b) => a - b),
    shares: spec.limits?.cpuShares,
    limitMillis: spec.limits?.cpuMillis,
    throttling: handle!.cpuThrottling(),
    memoryBytes: spec.limits?.memoryBytes,
    isKilledWhole: true,
  }
}

/** Source: containerd, defaultSandboxCPUshares */
function pauseGroup({ processes, pause }: Sandbox): Group {
  const pids = pause ? pause.nodePids : processes.pause === undefined ? [] : [processes.pause]
  return { use: { ...nothing, processes: pids.length }, pids }
}
