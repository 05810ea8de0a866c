/** What one sandbox may use of a machine that many share. */

import { type EngineLimits, stepsPerSecond } from '../../../sim/index.ts'
import type { Config } from '../../config.ts'
import { startProcessHost } from './host-links.ts'
import type { SandboxesOptions, SandboxLimits } from './sandboxes.ts'

/** Ten Pods with two probes each use 830,000 events in a virtual day, and 3 s of the processor to play it again. */
export const sandboxBudgets: Partial<EngineLimits> = {
  events: 10_000_000,
  virtualMs: 60 * 24 * 3_600_000,
  traceRecords: 300_000,
  objects: 10_000,
  work: 400 * stepsPerSecond,
  // On a slow machine, with garbage to be collected, a step takes three times what it is meant to.
  eventWork: stepsPerSecond / 2,
}

const logCharacters = 8_000_000
const nodes = 20
const idleMs = 5 * 60_000
/** A process that does not pause for so long is lost to all of its sandboxes. */
const stall = { cpuMs: 15_000, wallMs: 120_000 }
/** Of a process's memory: above it, sandboxes that nobody looks at leave. */
const roomyShare = 0.7

export function sandboxLimits(config: Config): SandboxLimits {
  return {
    perOwner: config.sandboxesPerOwner,
    days: config.sandboxDays,
    addressHours: config.sandboxAddressHours,
    nodes,
    log: { commands: config.sandboxCommands, characters: logCharacters },
  }
}

/**
 * What one may take without a pause on a process of many, an eightieth of a second, on a slow machine a twentieth: nobody notices to have waited for
 * it. A Deployment of a hundred replicas fits (110,000 steps). Who takes more goes on on a process with others like it.
 */
const stretchSteps = stepsPerSecond / 80

/**
 * Whose clusters take much gives way to all others: a request of a page or of a small cluster that comes in goes first. On a machine that is never
 * idle such a process still has a third of what another one has.
 */
const demandingNiceness = 5

/** A host for each process of the configuration, and those for sandboxes that do not fit there. */
export function threadHosts(config: Config): Pick<SandboxesOptions, 'hosts' | 'roomy' | 'apart'> {
  const options = {
    limits: sandboxBudgets,
    idleMs,
    live: Math.ceil(config.sandboxesLive / config.sandboxThreads),
    memoryBytes: config.sandboxMemoryMb * 2 ** 20 * roomyShare,
    memoryMb: config.sandboxMemoryMb,
    stall,
  }
  const host = startProcessHost({ ...options, stretchSteps })
  const roomy = startProcessHost({ ...options, niceness: demandingNiceness })
  return { hosts: Array.from({ length: config.sandboxThreads }, () => host), roomy, apart: roomy }
}
