/** reboot and shutdown: the machine goes down, and comes up again by itself. Sources: reboot(8), shutdown(8) of systemd */
import type { Process } from '../../runtime/process.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'
import { printTimestamp } from '../systemd-time.ts'

/** Nobody inside could switch it on again. */
const staysOff = 'podium: nobody inside could switch this machine on again, so it stays on: reboot it instead'

/** `systemctl reboot` and its like. @returns an exit code; undefined for a verb that is none of them */
export function runPowerVerb(verb: string, process: Process, machine: NodeMachine): number | undefined {
  if (verb === 'reboot') {
    machine.reboot(0)
    return 0
  }
  return ['poweroff', 'halt', 'kexec', 'suspend', 'hibernate'].includes(verb) ? stays(process) : undefined
}

function stays({ stderr }: Process): number {
  stderr.write(`${staysOff}\n`)
  return 1
}

const program = (name: string, run: (process: Process, machine: NodeMachine) => number): NodeProgram => ({
  path: `/usr/sbin/${name}`,
  make: (machine) =>
    function* (process) {
      yield* []
      return run(process, machine)
    },
})

export const poweroff = program('poweroff', stays)
export const halt = program('halt', stays)

export const reboot = program('reboot', (process, machine) => {
  if (process.argv.slice(1).some((word) => /^(?:-p|--poweroff|--halt)$/.test(word))) return stays(process)
  machine.reboot(0)
  return 0
})

export const shutdown = program('shutdown', (process, machine) => {
  const words = process.argv.slice(1)
  if (words.includes('-c')) {
    machine.cancelReboot()
    return 0
  }
  if (!words.includes('-r') && !words.includes('--reboot')) return stays(process)
  const [time = '+1'] = words.filter((word) => !word.startsWith('-'))
  const ms = delayOf(time, machine)
  if (ms === undefined) {
    process.stderr.write(`Failed to parse time specification: ${time}\n`)
    return 1
  }
  machine.reboot(ms)
  if (ms > 0) {
    const at = printTimestamp(machine.engine.epochMs + ms)
    process.stderr.write(`Reboot scheduled for ${at}, use 'shutdown -c' to cancel.\n`)
  }
  return 0
})

/** `now`, `+MINUTES`, `HH:MM` of today or tomorrow. */
function delayOf(time: string, { engine }: NodeMachine): number | undefined {
  if (time === 'now') return 0
  const [, minutes] = /^\+?(\d{1,5})$/.exec(time) ?? []
  if (minutes !== undefined) return Number(minutes) * 60_000
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(time) ?? []
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined
  const dayMs = 86_400_000
  const midnight = engine.epochMs - (engine.epochMs % dayMs)
  const at = midnight + (Number(hour) * 60 + Number(minute)) * 60_000
  return at >= engine.epochMs ? at - engine.epochMs : at + dayMs - engine.epochMs
}
