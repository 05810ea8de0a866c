/** What the files of a control group (cgroup v2) say. Source: Documentation/admin-guide/cgroup-v2.rst of Linux */
import type { CpuThrottling } from './kernel.ts'

/** Of a share of the processor as cgroup v1 counts it. Source: opencontainers/cgroups/utils.go ConvertCPUSharesToCgroupV2Value */
export function cpuWeight(shares = 2): number {
  if (shares <= 2) return 1
  if (shares >= 262_144) return 10_000
  const log = Math.log2(shares)
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))
}

/** Quota and period in microseconds. Source: kubernetes/pkg/kubelet/cm/helpers_linux.go MilliCPUToQuota */
export const cpuMax = (millis: number | undefined): string =>
  `${millis ? Math.max(1000, millis * 100) : 'max'} 100000\n`

/** Of what can be limited: a number, or `max`. */
export const limitText = (limit: number | undefined): string => `${limit ?? 'max'}\n`

/** A file of a name and a number a line. */
export const keyedText = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('')

/** Simplified: a tenth of the time is the system's. */
export function cpuStat(totalMs: number, quota: CpuThrottling | undefined): string {
  const microseconds = (ms: number): number => Math.round(ms * 1000)
  const used = microseconds(totalMs)
  const system = Math.round(used / 10)
  return keyedText({
    usage_usec: used,
    user_usec: used - system,
    system_usec: system,
    nice_usec: 0,
    'core_sched.force_idle_usec': 0,
    nr_periods: quota?.periods ?? 0,
    nr_throttled: quota?.throttledPeriods ?? 0,
    throttled_usec: microseconds(quota?.throttledMs ?? 0),
    nr_bursts: 0,
    burst_usec: 0,
  })
}

/** Simplified: who is killed for memory is one process a container, and nothing is reclaimed before. */
export const memoryEvents = (kills: number): string =>
  keyedText({ low: 0, high: 0, max: kills, oom: kills, oom_kill: kills, oom_group_kill: kills })

export const processLines = (pids: readonly number[]): string => pids.map((pid) => `${pid}\n`).join('')

/** What all groups have that are not the root. */
export const controllers = 'cpuset cpu io memory hugetlb pids rdma misc\n'
