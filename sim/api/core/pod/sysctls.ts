/** Settings of the kernel that each Pod has of its own, and may ask for. Source: kubernetes/pkg/kubelet/sysctl/{safe_sysctls,allowlist}.go */
import type { PodSpec } from '../pod-types.ts'

/** Those that every kubelet allows, with what the kernel has unless told. */
export const safeSysctls: Readonly<Record<string, string>> = {
  'kernel.shm_rmid_forced': '0',
  'net.ipv4.ip_local_port_range': '32768\t60999',
  'net.ipv4.ip_local_reserved_ports': '',
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0\t2147483647',
  'net.ipv4.tcp_fin_timeout': '60',
  'net.ipv4.tcp_keepalive_intvl': '75',
  'net.ipv4.tcp_keepalive_probes': '9',
  'net.ipv4.tcp_keepalive_time': '7200',
  'net.ipv4.tcp_rmem': '4096\t131072\t6291456',
  'net.ipv4.tcp_syncookies': '1',
  'net.ipv4.tcp_wmem': '4096\t16384\t4194304',
}

/** With dots; a name whose first separator is a slash has them the other way round. Source: component-helpers/node/util/sysctl NormalizeName */
const dotted = (name: string): string =>
  /^[^./]*\//.test(name) ? name.replaceAll(/[./]/g, (sign) => (sign === '/' ? '.' : '/')) : name

/** The file of one below /proc/sys. */
export const sysctlFile = (name: string): string =>
  `/proc/sys/${dotted(name).replaceAll(/[./]/g, (sign) => (sign === '.' ? '/' : '.'))}`

/** Why a kubelet takes no such Pod: what else there is could change the whole node. */
export function forbiddenSysctl({ securityContext }: PodSpec): string | undefined {
  const found = securityContext?.sysctls?.find(({ name }) => !Object.hasOwn(safeSysctls, dotted(name)))
  return found && `forbidden sysctl: ${JSON.stringify(dotted(found.name))} not allowlisted`
}
