/** Where sandboxes live: each in the memory of its host while somebody asks for it, opened there when it is not, and again when it was lost. */
import { createHash } from 'node:crypto'
import type { LoggedCommand } from '../../../sim/index.ts'
import { msg } from '../../i18n/translate.ts'
import { answerableFor, currentCaller } from '../../request-caller.ts'
import type { SandboxRecord } from '../../storage/types.ts'
import { Quarantine } from '../quarantine.ts'
import { LabRefusal } from '../types.ts'
import type { GroupWriter } from './group-writer.ts'
import { absent, HostClient, type News, type StartHost } from './host-client.ts'
import type { LogLimits, Wall } from './live-sandbox.ts'

/** A sandbox that has a place to live. */
export interface Housed {
  record: SandboxRecord
  readonly writer: GroupWriter
  readonly stay: Stay
  isRemoved: boolean
  /** How many commands its log has, as far as this process knows. */
  logLength: number
}

export interface Stay {
  /** Its process; another one from the next time it is opened, when it has outgrown this one or its owner is put apart. */
  host: HostClient
  /** It took, or takes to begin with, more at a time than a process of many has for one. */
  isDemanding: boolean
  /** Whom a process that is lost over it is held against. */
  readonly who: string
  /** The address from which it was opened last. */
  from: string
  /** Of the time it is in the host's memory now; 0 while it is not. */
  opening: number
  /** While it is being opened. */
  opened: Promise<void> | undefined
  /** Why it could not be opened just now. */
  refusal: LabRefusal | undefined
  /** When its host was lost over it. */
  lostAtMs: number[]
}

export interface ResidencesOptions {
  /** One for each process. */
  hosts: readonly StartHost[]
  /** A process for those that have outgrown theirs; begun with the first sandbox. */
  roomy: StartHost | undefined
  /** A process of their own for those over whose sandboxes another one was lost; begun when there is one. */
  apart: StartHost
  wall: Wall
  most: LogLimits
  readLog(logId: string): Promise<readonly LoggedCommand[]>
  find(id: string): Housed | undefined
  all(): Iterable<Housed>
  change(id: string, change: Partial<SandboxRecord>): Promise<void>
  onProblem(message: string): void
}

/** One over which a host is lost this often in a while is not opened again. */
const mostLosses = 2
const lossWindowMs = 10 * 60_000

export class Residences {
  readonly #options: ResidencesOptions
  readonly #hosts: HostClient[]
  readonly #quarantine: Quarantine
  /** Who has outgrown a process lately: their next sandboxes begin where there is room. */
  readonly #demanding: Quarantine
  #roomy: HostClient | undefined
  #apart: HostClient | undefined
  /** Of the simulator that the hosts run. */
  readonly engineVersion: Promise<string>
  readonly #ready: (version: string) => void
  #openings = 0

  constructor(options: ResidencesOptions) {
    this.#options = options
    let ready: (version: string) => void = () => undefined
    this.engineVersion = new Promise((resolve) => {
      ready = resolve
    })
    this.#ready = ready
    this.#quarantine = new Quarantine(() => options.wall.nowMs())
    this.#demanding = new Quarantine(() => options.wall.nowMs())
    this.#hosts = options.hosts.map((start) => this.#client(start))
  }

  #client(start: StartHost): HostClient {
    const { onProblem, find } = this.#options
    const host: HostClient = new HostClient(start, {
      news: (news) => this.#hear(news),
      lost: (opening, why) => this.#lost(host, opening, why),
      ready: this.#ready,
      problem: onProblem,
      durable: (id) => find(id)?.writer.settled(),
    })
    return host
  }

  /** Where it is opened next. */
  #hostFor(id: string, who: string, isDemanding: boolean): HostClient {
    if (this.#quarantine.holds(who)) {
      this.#apart ??= this.#client(this.#options.apart)
      return this.#apart
    }
    const roomy = isDemanding || this.#demanding.holds(who) ? this.#roomyHost() : undefined
    return roomy ?? this.#hosts[placeOf(id, this.#hosts.length)]!
  }

  #roomyHost(): HostClient | undefined {
    const { roomy } = this.#options
    if (roomy) this.#roomy ??= this.#client(roomy)
    return this.#roomy
  }

  get #everyHost(): HostClient[] {
    return [...this.#hosts, this.#roomy, this.#apart].filter((host) => host !== undefined)
  }

  /** For a sandbox that is not in memory yet. @param isDemanding whether it begins where there is room */
  stayOf(id: string, owner: string, isDemanding: boolean): Stay {
    const caller = currentCaller()
    // Who makes new cookies comes from the same place.
    const who = caller ? answerableFor(caller) : `learner ${owner}`
    const host = this.#hostFor(id, who, isDemanding)
    const from = caller?.address ?? who
    return { host, isDemanding, who, from, opening: 0, opened: undefined, refusal: undefined, lostAtMs: [] }
  }

  /** Opens the sandbox where it is not in memory. */
  async with<T>(entry: Housed, act: (host: HostClient) => Promise<T | typeof absent>): Promise<T> {
    for (let attempt = 0; attempt < 4; attempt++) {
      if (entry.stay.opening === 0) await this.#open(entry)
      const result = await act(entry.stay.host)
      if (result !== absent) return result
      const { refusal } = entry.stay
      entry.stay.refusal = undefined
      if (refusal) throw refusal
      if (entry.isRemoved) throw notThere()
    }
    throw new LabRefusal(503, msg('The sandbox could not be opened just now. Try again in a moment.'))
  }

  /** How many are in the memory of a host. */
  get live(): number {
    return [...this.#options.all()].filter(({ stay }) => stay.opening !== 0).length
  }

  /** Out of the host's memory; what it still has to say is void. */
  drop(entry: Housed): void {
    entry.stay.opening = 0
    entry.stay.host.post({ do: 'drop', id: entry.record.id })
  }

  /** All sandboxes out of memory, with a note of where each stands, so that the next process can tell whether it rebuilds the same. */
  async leave(): Promise<void> {
    await Promise.all(this.#everyHost.map((host) => host.leave()))
  }

  /** Resolves when every host has come to its messages, but for the one of those who are held apart. */
  async healthy(): Promise<void> {
    await Promise.all(this.#everyHost.map((host) => (host === this.#apart ? undefined : host.healthy())))
  }

  async close(): Promise<void> {
    await Promise.all(this.#everyHost.map((host) => host.close()))
  }

  #open(entry: Housed): Promise<void> {
    entry.stay.opened ??= this.#openNow(entry).finally(() => {
      entry.stay.opened = undefined
    })
    return entry.stay.opened
  }

  async #openNow(entry: Housed): Promise<void> {
    const { wall, readLog, most } = this.#options
    const nowMs = wall.nowMs()
    entry.stay.lostAtMs = entry.stay.lostAtMs.filter((atMs) => atMs > nowMs - lossWindowMs)
    if (entry.stay.lostAtMs.length >= mostLosses) throw new LabRefusal(422, tooMuch)
    this.#quarantine.check(entry.stay.who)
    entry.stay.from = currentCaller()?.address ?? entry.stay.from
    entry.stay.host = this.#hostFor(entry.record.id, entry.stay.who, entry.stay.isDemanding)
    // Loaded by the time that the first one needs it.
    this.#roomyHost()
    await entry.writer.settled()?.catch(() => undefined)
    const log = await readLog(entry.record.logId)
    entry.logLength = log.length
    const engineVersion = await this.engineVersion
    const { checkpoint } = entry.record
    // Its first second is not spent on waiting for the process.
    if (entry.record.engineVersion === '')
      entry.record = { ...entry.record, engineVersion, clock: { ...entry.record.clock, wallMs: wall.nowMs() } }
    // Without a word on how it stood, nobody can tell whether it is the same.
    if (!checkpoint && entry.record.engineVersion !== engineVersion && log.length > 0)
      entry.record = { ...entry.record, engineVersion, changedBy: engineVersion }
    const opening = ++this.#openings
    entry.stay.opening = opening
    entry.stay.refusal = undefined
    const { options, clock } = entry.record
    entry.stay.host.post({
      do: 'open',
      id: entry.record.id,
      opening,
      from: entry.stay.from,
      state: { options, log, clock, most, ...(checkpoint ? { checkpoint } : {}) },
    })
  }

  #hear(news: News): void {
    const entry = this.#options.find(news.id)
    if (!entry || entry.stay.opening !== news.opening) return
    switch (news.tell) {
      case 'unopened':
        entry.stay.opening = 0
        entry.stay.refusal = new LabRefusal(news.status, news.text, news.values)
        return
      case 'logged':
        entry.writer.addCommands(news.commands)
        return
      case 'clock':
        void this.#options.change(entry.record.id, { clock: news.clock }).catch(() => undefined)
        return
      case 'rebuilt':
        this.#rebuilt(entry, news.isSame)
        return
      case 'outgrown':
        entry.stay.opening = 0
        entry.stay.isDemanding = true
        this.#demanding.note(entry.stay.who)
        // Where it was seen to stand, it stands again.
        entry.record = { ...entry.record, clock: news.clock }
        return
      case 'left':
        entry.stay.opening = 0
        if (news.checkpoint)
          void this.#options.change(entry.record.id, { checkpoint: news.checkpoint }).catch(() => undefined)
    }
  }

  #rebuilt(entry: Housed, isSame: boolean): void {
    const { checkpoint, id } = entry.record
    void this.engineVersion.then((engineVersion) => {
      if (isSame && entry.record.engineVersion === engineVersion) return
      if (!isSame && checkpoint?.engineVersion === engineVersion) {
        this.#options.onProblem(`sandbox ${id}: rebuilt by the same engine, it stands otherwise than it stood`)
        return
      }
      const change = isSame ? { engineVersion } : { engineVersion, changedBy: engineVersion }
      return this.#options.change(entry.record.id, change).catch(() => undefined)
    })
  }

  #lost(host: HostClient, opening: number, why: string): void {
    let culprit = ''
    for (const entry of this.#options.all()) {
      if (entry.stay.host !== host || entry.stay.opening === 0) continue
      if (entry.stay.opening === opening) {
        entry.stay.lostAtMs.push(this.#options.wall.nowMs())
        this.#quarantine.note(entry.stay.who)
        culprit = ` over sandbox ${entry.record.id}`
      }
      entry.stay.opening = 0
    }
    this.#options.onProblem(`a process of the sandboxes was lost${culprit}: ${why}`)
  }
}

export const notThere = (): LabRefusal => new LabRefusal(404, msg('There is no such sandbox, or it has expired.'))

const tooMuch = msg(
  'This sandbox needs more memory or computing time than one sandbox may use. Branch it at an earlier moment, or reset it.',
)

/** Always the same process for a sandbox. */
const placeOf = (id: string, processes: number): number =>
  createHash('sha256').update(id).digest().readUInt32BE(0) % processes
