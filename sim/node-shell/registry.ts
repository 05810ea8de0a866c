/** Every program of a node: those of its own, and the usual ones of a Linux system. */
import type { ControlPlaneHost } from '../components/component.ts'
import { kubeControllerManager, kubeScheduler } from '../components/elected.ts'
import { etcdMember } from '../components/etcd.ts'
import { kubeApiServer } from '../components/kube-apiserver.ts'
import { kubeProxy } from '../components/kube-proxy.ts'
import { linuxPrograms } from '../images/programs/busybox.ts'
import { curl } from '../images/programs/network.ts'
import { notSimulated } from '../images/programs/not-simulated.ts'
import { openssl } from '../images/programs/openssl/openssl.ts'
import { nodeProgramMark } from '../runtime/kernel.ts'
import type { Program } from '../runtime/process.ts'
import { sh } from '../runtime/shell/sh.ts'
import type { NodeMachine, NodeProgram } from './machine.ts'
import { aptCache } from './programs/apt-cache.ts'
import { apt, aptGet } from './programs/apt-get.ts'
import { aptMark } from './programs/apt-mark.ts'
import { conntrack } from './programs/conntrack.ts'
import { crictl } from './programs/crictl.ts'
import { dpkg } from './programs/dpkg.ts'
import { etcdctl } from './programs/etcdctl/etcdctl.ts'
import { etcdutl } from './programs/etcdutl.ts'
import { install } from './programs/install.ts'
import { ip } from './programs/ip.ts'
import { iptables, iptablesSave } from './programs/iptables.ts'
import { ipvsadm } from './programs/ipvsadm.ts'
import { journalctl } from './programs/journalctl.ts'
import { kubeadm } from './programs/kubeadm/kubeadm.ts'
import { kubectl } from './programs/kubectl.ts'
import { kubelet } from './programs/kubelet.ts'
import { lsns } from './programs/lsns.ts'
import { nft } from './programs/nft.ts'
import { nsenter } from './programs/nsenter.ts'
import { killall, pgrep, pkill } from './programs/pgrep.ts'
import { halt, poweroff, reboot, shutdown } from './programs/power.ts'
import { ps } from './programs/ps.ts'
import { ss } from './programs/ss.ts'
import { su, sudo } from './programs/sudo.ts'
import { df, free, uname, uptime } from './programs/system.ts'
import { systemctl } from './programs/systemctl.ts'
import { top } from './programs/top.ts'

/** Those that look at the node itself. */
export const nodePrograms: readonly NodeProgram[] = [
  apt,
  aptCache,
  aptGet,
  aptMark,
  conntrack,
  crictl,
  df,
  dpkg,
  free,
  halt,
  install,
  ip,
  iptables,
  iptablesSave,
  ipvsadm,
  journalctl,
  killall,
  kubeadm,
  kubectl,
  kubelet,
  lsns,
  nft,
  nsenter,
  pgrep,
  pkill,
  poweroff,
  ps,
  reboot,
  shutdown,
  ss,
  su,
  sudo,
  systemctl,
  top,
  uname,
  uptime,
]

/** What would tell of a container's world here, or is busybox's alone. */
const left = ['busybox', 'ash', 'httpd', 'nslookup', 'netstat', 'ifconfig', 'top', 'crond', 'tty', 'stty']

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const replaced = new Set([...left, ...nodePrograms.map(({ path }) => nameOf(path))])

const commonPrograms: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(Object.entries(linuxPrograms).filter(([path]) => !replaced.has(nameOf(path)))),
  '/bin/bash': sh,
  '/usr/bin/curl': curl,
  '/usr/bin/openssl': openssl,
}

/** Where the programs are. */
export const programPaths: readonly string[] = [...Object.keys(commonPrograms), ...nodePrograms.map(({ path }) => path)]

/** Those that only a control-plane node with a member of etcd has. */
export const etcdPrograms: readonly NodeProgram[] = [etcdctl, etcdutl]

/** What the images of the control plane do on a node that keeps a part of it: none of them is a file of the node. */
const controlPlanePrograms: Readonly<Record<string, (host: ControlPlaneHost) => Program>> = {
  '/usr/local/bin/kube-apiserver': kubeApiServer,
  '/usr/local/bin/kube-controller-manager': kubeControllerManager,
  '/usr/local/bin/kube-scheduler': kubeScheduler,
  '/usr/local/bin/etcd': etcdMember,
}

/** A Pod with a network of its own is no part of the control plane. Simplified: nor does etcdctl do anything there, though it could by the node's address. */
const inNetworkOf =
  ({ ip }: { readonly ip: string }, program: Program): Program =>
  (process) =>
    (process.network.ip === ip ? program : notSimulated)(process)

/** What runs at each path, by the name in its executable. */
export function programsOf(machine: NodeMachine): Readonly<Record<string, Program>> {
  const programs: Record<string, Program> = {}
  for (const [path, program] of Object.entries(commonPrograms)) programs[`${nodeProgramMark}${path}`] = program
  for (const { path, make } of nodePrograms) programs[`${nodeProgramMark}${path}`] = make(machine)
  // The image of etcd has them as well.
  if (machine.etcd)
    for (const { path, make } of etcdPrograms)
      programs[`${nodeProgramMark}${path}`] = inNetworkOf(machine, make(machine))
  const { controlPlane, proxy } = machine
  if (proxy)
    programs[`${nodeProgramMark}/usr/local/bin/kube-proxy`] = inNetworkOf(machine, kubeProxy(proxy, notSimulated))
  if (controlPlane)
    for (const [path, make] of Object.entries(controlPlanePrograms))
      programs[`${nodeProgramMark}${path}`] = inNetworkOf(controlPlane, make(controlPlane))
  return programs
}
