/** systemctl: the services of the node, for whoever starts and stops them. Source: systemctl(1) */

import { wantsLink } from '../../kubelet/node-processes.ts'
import { writtenCommand } from '../../kubelet/service/unit.ts'
import { FileError } from '../../runtime/files.ts'
import type { Process } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import type { NodeMachine, NodeProgram, Service } from '../machine.ts'
import { printTimestamp } from '../systemd-time.ts'
import { printEntry } from './journalctl.ts'
import { runPowerVerb } from './power.ts'

interface Unit {
  description: string
  docs: readonly string[]
  /** As is-enabled tells it; static where nothing is installed. */
  enabled: 'enabled' | 'static'
}

type UnitName = Service | 'systemd-journald'

/** Those that somebody starts and stops, and what the system itself runs. */
const units: Readonly<Record<UnitName, Unit>> = {
  kubelet: {
    description: 'kubelet: The Kubernetes Node Agent',
    docs: ['https://kubernetes.io/docs/'],
    enabled: 'enabled',
  },
  containerd: { description: 'containerd container runtime', docs: ['https://containerd.io'], enabled: 'enabled' },
  'systemd-journald': {
    description: 'Journal Service',
    docs: ['man:systemd-journald.service(8)', 'man:journald.conf(5)'],
    enabled: 'static',
  },
}
const STOP_MS = 40
/** Of a process's name, as the kernel keeps it: TASK_COMM_LEN, less the NUL that ends it. */
const commLength = 15
const START_MS = 60

const row = ({ kubelet }: NodeMachine, name: UnitName) => {
  const { processes } = kubelet.runtime
  const all = processes.pids.processes()
  if (name === 'systemd-journald') return all.find(({ argv, ppid }) => ppid === 1 && argv[0]?.endsWith(`/${name}`))
  const pid = processes.pidOf(name)
  return pid > 0 ? all.find((one) => one.pid === pid) : undefined
}

/** The number of a service's process; undefined while it is stopped. */
export const servicePid = (machine: NodeMachine, service: UnitName): number | undefined => row(machine, service)?.pid

/** How a service that is about to be started again has ended. */
const restarts = ({ kubelet }: NodeMachine, service: UnitName) =>
  service === 'kubelet' && !kubelet.isRunning ? kubelet.lastExit : undefined

const stateOf = (machine: NodeMachine, service: UnitName): string =>
  isActive(machine, service) ? 'active' : restarts(machine, service) ? 'activating' : 'inactive'

const isActive = (machine: NodeMachine, service: UnitName): boolean => row(machine, service) !== undefined

export const systemctl: NodeProgram = {
  path: '/usr/bin/systemctl',
  make: (machine) =>
    function* (process) {
      const given = process.argv.slice(1)
      const words = given.filter((word) => !word.startsWith('-'))
      const isNow = given.includes('--now')
      const [verb = 'list-units', ...names] = words
      const say = (text: string): void => process.stdout.write(`${text}\n`)
      if (verb === 'daemon-reload') {
        machine.kubelet.reloadUnits()
        return 0
      }
      if (verb === 'list-units') {
        process.stdout.write(listUnits(machine))
        return 0
      }
      const ofPower = runPowerVerb(verb, process, machine)
      if (ofPower !== undefined) return ofPower
      if (!acts.includes(verb)) {
        process.stderr.write(`Unknown command verb '${verb}'.\n`)
        return 1
      }
      if (names.length === 0) {
        process.stderr.write('Too few arguments.\n')
        return 1
      }
      let status = 0
      for (const word of names) {
        const name = word.replace(/\.service$/, '')
        if (!Object.hasOwn(units, name)) {
          status = unknownUnit(process, verb, name)
          continue
        }
        const service = name as UnitName
        const active = isActive(machine, service)
        if (service === 'kubelet' && !isAsked(verb) && machine.kubelet.needsReload)
          process.stderr.write(
            "Warning: The unit file, source configuration file or drop-ins of kubelet.service changed on disk. Run 'systemctl daemon-reload' to reload units.\n",
          )
        if (verb === 'is-active') {
          say(stateOf(machine, service))
          if (!active) status = 3
        } else if (verb === 'is-enabled') {
          const state = enabledState(machine, service)
          say(state)
          if (state === 'disabled') status = 1
        } else if (verb === 'is-failed') {
          say(stateOf(machine, service))
          status = 1
        } else if (verb === 'status') {
          process.stdout.write(describe(machine, service))
          if (!active) status = 3
        } else if (verb === 'cat') process.stdout.write(unitFile(process, machine, service))
        else if (verb === 'reload') {
          // None of them has an ExecReload=.
          process.stderr.write(`${unreloadable(service)}\n`)
          status = 1
        } else {
          if (verb === 'enable' || verb === 'disable') process.stderr.write(setEnabled(machine, process, service, verb))
          const problem = service === 'kubelet' && verb !== 'stop' ? machine.kubelet.loadProblem : undefined
          if (problem !== undefined) {
            process.stderr.write(`Failed to ${verb} kubelet.service: ${problem}\n`)
            status = problem.endsWith('not found.') ? 5 : 1
            continue
          }
          const jobs = jobsOf(verb, active || restarts(machine, service) !== undefined, isNow)
          if (jobs.includes('stop')) {
            yield* waitFor(process.sleep(STOP_MS))
            setService(machine, service, false)
          }
          if (jobs.includes('start')) {
            yield* waitFor(process.sleep(START_MS))
            setService(machine, service, true)
          }
        }
      }
      return status
    },
}

const acts = (
  'status start stop restart reload-or-restart try-restart try-reload-or-restart condrestart reload ' +
  'is-active is-enabled is-failed cat enable disable'
).split(' ')

/** Of a state alone, which says nothing of files. */
const isAsked = (verb: string): boolean => /^is-|^(?:cat|enable|disable)$/.test(verb)

/** What is done to a unit, in that order. Source: systemctl(1), `--now` */
function jobsOf(verb: string, active: boolean, isNow: boolean): ('stop' | 'start')[] {
  if (verb === 'enable' || verb === 'disable') {
    if (!isNow) return []
    return jobsOf(verb === 'enable' ? 'start' : 'stop', active, false)
  }
  if (verb === 'start') return active ? [] : ['start']
  if (verb === 'stop') return active ? ['stop'] : []
  if (!active) return verb.startsWith('try-') || verb === 'condrestart' ? [] : ['start']
  return ['stop', 'start']
}

function enabledState({ kubelet }: NodeMachine, service: UnitName): string {
  if (units[service].enabled === 'static') return 'static'
  return kubelet.isEnabled(service as Service) ? 'enabled' : 'disabled'
}

/** What it says of the link that it makes or removes. Source: systemd, install_changes_dump */
function setEnabled(machine: NodeMachine, { files }: Process, service: UnitName, verb: 'enable' | 'disable'): string {
  const state = enabledState(machine, service)
  if (state === 'static' || state === `${verb}d`) return ''
  const path = wantsLink(service as Service)
  const target = `/usr/lib/systemd/system/${service}.service`
  if (verb === 'disable') {
    files.remove(path)
    return `Removed '${path}'.\n`
  }
  try {
    files.mkdir(path.slice(0, path.lastIndexOf('/')), { parents: true })
    files.symlink(target, path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return `Failed to enable unit: ${error.message}\n`
  }
  return `Created symlink '${path}' → '${target}'.\n`
}

/** Source: systemd, bus_unit_queue_job */
const unreloadable = (service: UnitName): string =>
  `Failed to reload ${service}.service: Job type reload is not applicable for unit ${service}.service.`

/** Simplified: the journal is started again at once by whoever has something to tell it. */
function setService({ kubelet }: NodeMachine, service: UnitName, isUp: boolean): void {
  if (service === 'systemd-journald') return
  if (service === 'containerd') kubelet.setRuntime(isUp)
  else if (isUp) kubelet.start()
  else kubelet.stop()
}

function unknownUnit(process: Process, verb: string, name: string): number {
  if (verb === 'is-active') {
    process.stdout.write('inactive\n')
    return 4
  }
  if (verb === 'status') {
    process.stderr.write(`Unit ${name}.service could not be found.\n`)
    return 4
  }
  const act = verb.startsWith('is-') ? 'get unit file state for' : verb
  process.stderr.write(`Failed to ${act} ${name}.service: Unit ${name}.service not found.\n`)
  return 5
}

function unitFile(process: Process, { kubelet }: NodeMachine, service: UnitName): string {
  const unit = service === 'kubelet' ? kubelet.loadedUnit : undefined
  return [unit?.path || `/usr/lib/systemd/system/${service}.service`, ...(unit?.dropIns ?? [])]
    .filter((path) => process.files.exists(path) && process.files.stat(path).type === 'file')
    .map((path) => `# ${path}\n${process.files.read(path)}`)
    .join('\n')
}

/** Each folder with what systemd has read in it. */
function dropInLines(paths: readonly string[]): string[] {
  const folders = new Map<string, string[]>()
  for (const path of paths) {
    const at = path.lastIndexOf('/')
    folders.set(path.slice(0, at), [...(folders.get(path.slice(0, at)) ?? []), path.slice(at + 1)])
  }
  return [...folders].flatMap(([folder, names], n) => [
    `${n === 0 ? '    Drop-In:' : '            '} ${folder}`,
    `             └─${names.join(', ')}`,
  ])
}

/** `3min 20s ago`. Source: systemd, format_timestamp_relative */
function relative(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)} days ago`
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}h ${Math.floor(seconds / 60) % 60}min ago`
  if (seconds >= 300) return `${Math.floor(seconds / 60)}min ago`
  if (seconds >= 60) return `${Math.floor(seconds / 60)}min ${seconds % 60}s ago`
  return `${seconds}s ago`
}

function describe(machine: NodeMachine, service: UnitName): string {
  const { engine, kubelet } = machine
  const { description, docs, enabled } = units[service]
  const unit = service === 'kubelet' ? kubelet.loadedUnit : undefined
  const path = unit?.path || `/usr/lib/systemd/system/${service}.service`
  const process = row(machine, service)
  const since = process?.startedMs ?? restarts(machine, service)?.atMs ?? stoppedMs(machine, service)
  const moment = `${printTimestamp(engine.startEpochMs + since)}; ${relative(engine.nowMs - since)}`
  const lines = [
    `${process || restarts(machine, service) ? '●' : '○'} ${service}.service - ${description}`,
    `     Loaded: loaded (${path}; ${enabled === 'static' ? 'static' : `${enabledState(machine, service)}; preset: enabled`})`,
  ]
  lines.push(...dropInLines(unit?.dropIns ?? []))
  const exit = restarts(machine, service)
  const state = exit
    ? 'activating (auto-restart) (Result: exit-code)'
    : process
      ? 'active (running)'
      : 'inactive (dead)'
  lines.push(`     Active: ${state} since ${moment}`)
  docs.forEach((doc, i) => {
    lines.push(`${i === 0 ? '       Docs: ' : '             '}${doc}`)
  })
  if (exit) {
    lines.push(
      `    Process: ${exit.pid} ExecStart=${unit ? writtenCommand(unit) : ''} (code=exited, status=${exit.status})`,
      `   Main PID: ${exit.pid} (code=exited, status=${exit.status})`,
    )
  }
  if (process) {
    lines.push(
      `   Main PID: ${process.pid} (${service.slice(0, commLength)})`,
      `     CGroup: /system.slice/${service}.service`,
    )
    const shims = kubelet.runtime.processes.pids
      .processes()
      .filter(({ argv }) => service === 'containerd' && argv[0]?.includes('containerd-shim'))
    const all = [process, ...shims].sort((a, b) => a.pid - b.pid)
    const width = String(all.at(-1)?.pid ?? 0).length
    all.forEach(({ pid, argv }, i) => {
      lines.push(`             ${i < all.length - 1 ? '├' : '└'}─${String(pid).padStart(width)} ${argv.join(' ')}`)
    })
  }
  const told = kubelet.runtime.journal
    .read()
    .filter(({ unit, message }) => unit === service || (unit === 'systemd' && message.includes(`${service}.service`)))
    .slice(-10)
  const log = told.map((entry) => printEntry(entry, machine)).join('')
  return `${lines.join('\n')}\n${log ? `\n${log}` : ''}`
}

function stoppedMs({ kubelet, engine }: NodeMachine, service: UnitName): number {
  const { journal } = kubelet.runtime
  const last = journal
    .read()
    .findLast(({ unit, message }) => unit === 'systemd' && message.startsWith(`Stopped ${service}.service`))
  return last?.atMs ?? engine.nowMs
}

function listUnits(machine: NodeMachine): string {
  const shown = (Object.keys(units) as UnitName[]).filter((service) => isActive(machine, service)).sort()
  const width = Math.max(4, ...shown.map((service) => `${service}.service`.length))
  const rows = shown.map(
    (service) => `  ${`${service}.service`.padEnd(width)} loaded active running ${units[service].description}\n`,
  )
  return `  ${'UNIT'.padEnd(width)} LOAD   ACTIVE SUB     DESCRIPTION\n${rows.join('')}\n${rows.length} loaded units listed.\n`
}
