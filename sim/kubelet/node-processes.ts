/** What runs on a node beside its containers: the system, the container runtime with a shim for each Pod, the kubelet. */
import type { Engine } from '../engine/engine.ts'
import type { ContainerFiles } from '../runtime/file-system.ts'
import { NodePids, type PidBudget } from '../runtime/kernel.ts'
import { firstNamespaces, NamespaceNumbers, type ProcessPlace } from '../runtime/namespaces.ts'
import type { ProcessRow } from '../runtime/process-files.ts'
import type { Unit } from './journal.ts'

const SYSTEM: readonly { argv: readonly string[]; cgroup: string }[] = [
  { argv: ['/sbin/init'], cgroup: '/init.scope' },
  { argv: ['/lib/systemd/systemd-journald'], cgroup: '/system.slice/systemd-journald.service' },
]
/** A service of systemd, with all that it has started itself: containerd's are the shims of its Pods. */
const CONTAINERD_GROUP = '/system.slice/containerd.service'
const KUBELET_GROUP = '/system.slice/kubelet.service'
const CONTAINERD = ['/usr/local/bin/containerd']
/** Of a machine whose files nobody described. */
export const usualKubelet: readonly string[] = [
  '/usr/bin/kubelet',
  '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
  '--kubeconfig=/etc/kubernetes/kubelet.conf',
  '--config=/var/lib/kubelet/config.yaml',
]
const INIT = 1

/** What makes systemd start a service when the machine starts: `systemctl enable` makes it. */
export const wantsLink = (service: 'kubelet' | 'containerd'): string =>
  `/etc/systemd/system/multi-user.target.wants/${service}.service`

/** What a Pod's sandbox holds on its node: the process that watches over its containers, and the one that keeps its namespaces. */
export interface SandboxProcesses {
  readonly shim: number
  readonly pause: number | undefined
}

/** Simplified: signals do nothing to these processes; they come and go with what they stand for. */
export class NodeProcesses {
  readonly pids: NodePids
  private readonly engine: Engine
  private readonly view: ContainerFiles
  private readonly budget: PidBudget
  private readonly rows = new Map<number, ProcessRow>()
  /** Of the namespaces that are made on the node. */
  readonly namespaces = new NamespaceNumbers()
  private containerd = 0
  private kubelet = 0

  constructor(engine: Engine, view: ContainerFiles, budget: PidBudget) {
    this.engine = engine
    this.view = view
    this.budget = budget
    this.pids = new NodePids(() => this.rows.values())
    this.boot()
  }

  /** The process of a service, 0 while it is stopped. */
  pidOf(unit: Unit): number {
    return unit === 'systemd' ? INIT : unit === 'kubelet' ? this.kubelet : this.containerd
  }

  /** When the process of a service was started; undefined while it is stopped. */
  startOf(unit: Unit): number | undefined {
    return this.rows.get(this.pidOf(unit))?.startedMs
  }

  /** The machine starts: its numbers begin anew. */
  boot(): void {
    for (const pid of [...this.rows.keys()]) this.end(pid)
    this.pids.reset()
    this.namespaces.reset()
    for (const { argv, cgroup } of SYSTEM) this.start(argv, this.rows.size > 0 ? INIT : 0, onNode(cgroup))
    this.setContainerd(true)
  }

  setContainerd(isUp: boolean): void {
    this.end(this.containerd)
    this.containerd = isUp ? this.start(CONTAINERD, INIT, onNode(CONTAINERD_GROUP)) : 0
  }

  /** @param argv what runs from now on; nothing without it */
  setKubelet(argv: readonly string[] | undefined): void {
    this.end(this.kubelet)
    this.kubelet = argv ? this.start(argv, INIT, onNode(KUBELET_GROUP)) : 0
  }

  /**
   * @param pauseUid as whom its pause process runs; undefined when that one is simulated as a container
   * @param place of that process
   */
  openSandbox(id: string, pauseUid: number | undefined, place: ProcessPlace): SandboxProcesses {
    const shim = this.start(
      [
        '/usr/local/bin/containerd-shim-runc-v2',
        '-namespace',
        'k8s.io',
        '-id',
        id,
        '-address',
        '/run/containerd/containerd.sock',
      ],
      INIT,
      onNode(CONTAINERD_GROUP),
    )
    return { shim, pause: pauseUid === undefined ? undefined : this.start(['/pause'], shim, place, pauseUid) }
  }

  closeSandbox({ shim, pause }: SandboxProcesses): void {
    this.end(shim)
    if (pause !== undefined) this.end(pause)
  }

  private end(pid: number): void {
    if (this.rows.delete(pid)) this.budget.change(-1)
  }

  private start(argv: readonly string[], ppid: number, place: ProcessPlace, uid = 0): number {
    const pid = this.pids.newPid()
    const { engine, view } = this
    this.rows.set(pid, {
      pid,
      ppid,
      group: pid,
      uid,
      argv,
      startedMs: engine.nowMs,
      state: 'S',
      env: {},
      stdout: nowhere,
      stderr: nowhere,
      capabilities: undefined,
      view,
      place,
    })
    this.budget.change(1)
    return pid
  }
}

/** Of a process that no container holds. */
export const onNode = (cgroup: string): ProcessPlace => ({ cgroup, cgroupRoot: '/', namespaces: firstNamespaces })

const nowhere = { write: (): void => undefined, isTerminal: false }
