/** Sandboxes with their owners, limits and storage; where their clusters live is `residences.ts`, what opens them `addresses.ts`. */
import { randomBytes } from 'node:crypto'
import type { LoggedCommand } from '../../../sim/index.ts'
import { msg, t } from '../../i18n/translate.ts'
import type { Membership } from '../../peers/membership.ts'
import { currentCaller, runForCaller } from '../../request-caller.ts'
import type { SeatId } from '../../seat.ts'
import { type Fence, LeaseLost } from '../../storage/leases.ts'
import { createTurns } from '../../storage/turns.ts'
import type { SandboxRecord, Storage } from '../../storage/types.ts'
import { LabRefusal } from '../types.ts'
import { Addresses } from './addresses.ts'
import { virtualAt } from './clock.ts'
import { GroupWriter } from './group-writer.ts'
import type { absent, HostClient, StartHost } from './host-client.ts'
import type { LogLimits, Wall } from './live-sandbox.ts'
import type { Act, Results } from './protocol.ts'
import { type Housed, notThere, Residences } from './residences.ts'
import { isDemandingShape, shapeRefusal } from './shape.ts'
import type { CreateSandbox, SandboxAddress, SandboxCopy, Sandboxes, SandboxSummary } from './types.ts'

export interface SandboxLimits {
  perOwner: number
  /** Deleted so long after the last use. */
  days: number
  addressHours: number
  nodes: number
  log: LogLimits
}

export interface SandboxesOptions {
  storage: Pick<Storage, 'sandboxes' | 'sandboxLogs' | 'terminals'>
  membership: Pick<Membership, 'take' | 'release' | 'whereIs' | 'whenLost'>
  /** Addresses are drawn with it, so that what is stored opens none. */
  secret: string
  /** One for each process. */
  hosts: readonly StartHost[]
  /** For those that take more at a time than one of `hosts` lets them. */
  roomy?: StartHost
  /** For those who cost another one its life; as the first of `hosts` unless told. */
  apart?: StartHost
  limits: SandboxLimits
  wall: Wall
  newId: () => string
  /** Told what is our mistake, or the machine's. */
  onProblem?: (message: string) => void
}

interface Entry extends Housed {
  savedUseMs: number
  fence: Fence
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const sweepMs = 60_000
/** Those that expired while no process kept them go so often. */
const sweepStoredMs = hourMs
/** Uses are noted on the disk no more often. */
const useGrainMs = 10 * 60_000
/** Nobody looks at it for so long: then its clock stands until somebody comes back. */
const standsAfterMs = hourMs
const fastest = 3600
/** What may name one in storage. */
const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
const longestNameCharacters = 80
/** A live view that could not be opened again waits so long. */
const subscribeAgainMs = 2000
/** Of computing, for the past of a sandbox that somebody brings: half a second to two, by what happens in it. */
const mostPastSteps = 10_000_000

export async function createSandboxes(options: SandboxesOptions): Promise<Sandboxes> {
  const keeper = new Keeper(options)
  await keeper.load()
  return keeper
}

/** It is kept by another process of the site. */
export class LivesElsewhere extends LabRefusal {
  constructor() {
    super(503, msg('Another process of the site holds this sandbox right now. Try again in a moment.'))
  }
}

/** What a process takes a lease on to keep a sandbox. */
const leaseName = (id: string): string => `sandbox/${id}`

class Keeper implements Sandboxes {
  readonly #options: SandboxesOptions
  /** Those that this process keeps; of the others it knows what is stored. */
  readonly #entries = new Map<string, Entry>()
  readonly #entering = new Map<string, Promise<Entry>>()
  readonly #whenMoved = new Map<string, Set<() => void>>()
  /** One that is made at a time for each owner, so that nobody makes more than they may. */
  readonly #inTurn = createTurns()
  readonly #addresses: Addresses
  readonly #residences: Residences
  readonly #cancels: (() => void)[] = []

  constructor(options: SandboxesOptions) {
    this.#options = options
    this.#addresses = new Addresses(options.secret, () => options.wall.nowMs())
    this.#residences = new Residences({
      hosts: options.hosts,
      roomy: options.roomy,
      apart: options.apart ?? options.hosts[0]!,
      wall: options.wall,
      most: options.limits.log,
      readLog: (logId) => options.storage.sandboxLogs.read(logId),
      find: (id) => this.#entries.get(id),
      all: () => this.#entries.values(),
      change: async (id, change) => {
        const entry = this.#entries.get(id)
        if (entry) await this.#change(entry, change)
      },
      onProblem: (message) => options.onProblem?.(message),
    })
  }

  async load(): Promise<void> {
    this.#cancels.push(
      this.#options.membership.whenLost((name) => {
        const entry = this.#entries.get(name.slice(leaseName('').length))
        if (entry) this.#lose(entry)
      }),
    )
    await this.#sweepStored()
    this.#repeat(sweepMs, () => this.#sweep())
    this.#repeat(sweepStoredMs, () => this.#sweepStored())
  }

  /** Not again while it is still at it. */
  #repeat(everyMs: number, act: () => Promise<void>): void {
    let isUnderWay = false
    let cancel: () => void = () => undefined
    const begin = async (): Promise<void> => {
      if (isUnderWay) return
      isUnderWay = true
      await act().catch((error: unknown) =>
        this.#options.onProblem?.(`sandboxes could not be looked after: ${String(error)}`),
      )
      isUnderWay = false
    }
    const goOn = (): void => {
      cancel = this.#options.wall.after(everyMs, () => {
        goOn()
        void begin()
      })
    }
    goOn()
    this.#cancels.push(() => cancel())
  }

  healthy(): Promise<void> {
    return this.#residences.healthy()
  }

  live(): number {
    return this.#residences.live
  }

  async create(owner: string, request: CreateSandbox): Promise<SandboxSummary> {
    const nowMs = this.#options.wall.nowMs()
    return this.#make(owner, {
      id: this.#options.newId(),
      name: request.name,
      createdAtMs: nowMs,
      engineVersion: '',
      options: {
        seed: request.seed ?? randomBytes(8).toString('hex'),
        shape: request.shape,
        startEpochMs: request.startEpochMs ?? nowMs,
        ...(request.setup ? { setup: { ...request.setup, commands: [...request.setup.commands] } } : {}),
      },
      log: request.past?.log ?? [],
      virtualMs: request.past?.virtualMs ?? 0,
      ...(request.copyOf ? { copyOf: request.copyOf } : {}),
    })
  }

  async copy(id: string): Promise<SandboxCopy> {
    const log = await this.log(id)
    const { name, createdAtMs, lastUsedAtMs, engineVersion, options, clock } = await this.#read(id)
    // While nobody looked its clock stood.
    const untilMs = Math.min(this.#options.wall.nowMs(), lastUsedAtMs + standsAfterMs)
    const virtualMs = Math.max(Math.floor(virtualAt(clock, untilMs)), log.at(-1)?.atMs ?? 0)
    return { id, name, createdAtMs, lastUsedAtMs, engineVersion, options, log, virtualMs }
  }

  async restore(owner: string, copy: SandboxCopy): Promise<SandboxSummary> {
    if (await this.has(copy.id)) throw new LabRefusal(409, msg('A sandbox with this id already exists.'))
    const { commands, characters } = this.#options.limits.log
    if (copy.log.length > commands || JSON.stringify(copy.log).length > characters)
      throw new LabRefusal(
        422,
        msg('The log of a sandbox holds {commands} commands and {characters} characters at most.'),
        { commands, characters },
      )
    return this.#make(owner, copy)
  }

  async has(id: string): Promise<boolean> {
    return this.#entries.has(id) || (await this.#options.storage.sandboxes.find(id)) !== undefined
  }

  async give(id: string, owner: string): Promise<void> {
    await this.#change(await this.#hold(id, true), { owner })
  }

  async room(owner: string): Promise<number> {
    return Math.max(0, this.#options.limits.perOwner - (await this.list(owner)).length)
  }

  #make(
    owner: string,
    made: Omit<SandboxCopy, 'lastUsedAtMs'> & Pick<CreateSandbox, 'copyOf'>,
  ): Promise<SandboxSummary> {
    return this.#inTurn(owner, () => this.#makeNow(owner, made))
  }

  async #makeNow(
    owner: string,
    made: Omit<SandboxCopy, 'lastUsedAtMs'> & Pick<CreateSandbox, 'copyOf'>,
  ): Promise<SandboxSummary> {
    await this.#checkRoom(owner)
    const refusal = shapeRefusal(made.options.shape, this.#options.limits.nodes)
    if (refusal) throw refusal
    const nowMs = this.#options.wall.nowMs()
    const { id, createdAtMs, engineVersion, options, log, virtualMs } = made
    const entry = await this.#enterNew({
      ...{ id, owner, name: nameOf(made.name), createdAtMs, engineVersion, options },
      lastUsedAtMs: nowMs,
      clock: { speed: 1, wallMs: nowMs, virtualMs },
      logId: `${id}.0`,
      address: null,
      share: null,
      branchOf: null,
      ...(made.copyOf ? { copyOf: made.copyOf } : {}),
      checkpoint: null,
      changedBy: null,
    })
    if (log.length > 0) entry.writer.addCommands([...log])
    return this.#establish(entry, mostPastSteps)
  }

  async list(owner: string): Promise<SandboxSummary[]> {
    return (await this.#ofOwner(owner))
      .sort((a, b) => b.lastUsedAtMs - a.lastUsedAtMs)
      .map((record) => this.#summary(record))
  }

  async #ofOwner(owner: string): Promise<SandboxRecord[]> {
    const stored = await this.#options.storage.sandboxes.listOfOwner(owner)
    // What is kept here may have changed since it was written.
    const records = new Map(stored.map((record) => [record.id, record]))
    for (const { record } of this.#entries.values()) {
      if (record.owner === owner) records.set(record.id, record)
      else records.delete(record.id)
    }
    return [...records.values()].filter((record) => !this.#isExpired(record))
  }

  async find(owner: string, id: string): Promise<SandboxSummary | undefined> {
    const record = await this.#find(id)
    return record?.owner === owner ? this.#summary(record) : undefined
  }

  async findShared(token: string): Promise<SandboxSummary | undefined> {
    const record = await this.#opened('share', token)
    return record && this.#summary(record)
  }

  async remove(id: string): Promise<void> {
    if (await this.#find(id)) await this.#remove(await this.#hold(id, true))
  }

  async removeCopies(seat: SeatId): Promise<void> {
    for (const { id } of await this.#options.storage.sandboxes.listOfCopies(seat)) await this.remove(id)
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#change(await this.#hold(id), { name: nameOf(name) })
  }

  async reset(id: string): Promise<void> {
    const entry = await this.#hold(id)
    const engineVersion = await this.#residences.engineVersion
    this.#residences.drop(entry)
    await entry.writer.settled()?.catch(() => undefined)
    const { logId, clock } = entry.record
    const number = Number(logId.slice(logId.lastIndexOf('.') + 1)) + 1
    entry.stay.lostAtMs = []
    entry.logLength = 0
    await this.#change(entry, {
      logId: `${id}.${number}`,
      clock: { speed: clock.speed || 1, wallMs: this.#options.wall.nowMs(), virtualMs: 0 },
      engineVersion,
      checkpoint: null,
      changedBy: null,
    })
    await this.#options.storage.sandboxLogs.remove(logId)
  }

  async branch(id: string, atMs: number): Promise<SandboxSummary> {
    const { record } = await this.#hold(id)
    return this.#inTurn(record.owner, () => this.#branch(record, atMs))
  }

  async #branch(record: SandboxRecord, atMs: number): Promise<SandboxSummary> {
    const { id } = record
    const log = await this.log(id)
    await this.#checkRoom(record.owner)
    const nowMs = this.#options.wall.nowMs()
    const virtualMs = Math.min(Math.max(0, Math.floor(atMs)), this.#virtualNow(record))
    const newId = this.#options.newId()
    const entry = await this.#enterNew({
      ...record,
      id: newId,
      name: nameOf(`${record.name} from ${(virtualMs / 1000).toFixed(0)} s`),
      createdAtMs: nowMs,
      lastUsedAtMs: nowMs,
      clock: { speed: record.clock.speed || 1, wallMs: nowMs, virtualMs },
      logId: `${newId}.0`,
      address: null,
      share: null,
      branchOf: { id, atMs: virtualMs },
      checkpoint: null,
    })
    entry.writer.addCommands(log.filter((command) => command.atMs <= virtualMs))
    return this.#establish(entry)
  }

  async look(id: string, atMs?: number) {
    const seen = await this.#ask(id, { kind: 'look', atMs })
    const { changedBy } = await this.#read(id)
    return { ...seen, notice: changedBy === null ? undefined : changedNotice(changedBy) }
  }

  async subscribe(id: string, onChange: () => void): Promise<{ stop(): void }> {
    let isStopped = false
    let current: { stop(): void } | undefined
    // Opened again, it is held by who watches, whoever's act has ended it.
    const caller = currentCaller()
    const start = async (): Promise<void> => {
      current = await this.#with(id, (host) => host.subscribe(id, onChange, again))
      if (isStopped) current.stop()
    }
    // The cluster is another one now, or the same in another process.
    const again = (): void => {
      if (isStopped) return
      onChange()
      const started = caller ? runForCaller(caller, start) : start()
      started.catch((error: unknown) => {
        // One that is gone stays so; a process that is busy, or begins, is asked again.
        if (!(error instanceof LabRefusal) || error.status !== 503 || error instanceof LivesElsewhere) return
        this.#options.wall.after(subscribeAgainMs, again)
      })
    }
    await start()
    return {
      stop: () => {
        isStopped = true
        current?.stop()
      },
    }
  }

  async setSpeed(id: string, speed: number): Promise<void> {
    if (!(speed >= 0 && speed <= fastest))
      throw new LabRefusal(422, msg('The clock goes at 0 to {fastest} times the usual speed, not {speed}.'), {
        fastest,
        speed,
      })
    await this.#ask(id, { kind: 'set-speed', speed })
  }

  skip: Sandboxes['skip'] = async (id, ms) => this.#ask(id, { kind: 'skip', ms: checkSpan(ms) })

  step: Sandboxes['step'] = (id) => this.#ask(id, { kind: 'step' })

  settle: Sandboxes['settle'] = async (id, maxMs) => this.#ask(id, { kind: 'settle', maxMs: checkSpan(maxMs) })

  run: Sandboxes['run'] = (id, command) => this.#ask(id, { kind: 'run', command })

  begin: Sandboxes['begin'] = (id, command, sink) =>
    this.#with(id, (host) => host.begin(id, { kind: 'begin', command }, sink))

  complete: Sandboxes['complete'] = (id, line, cursor) => this.#ask(id, { kind: 'complete', line, cursor })

  request: Sandboxes['request'] = (id, request) => this.#with(id, (host) => host.request(id, request))

  objects: Sandboxes['objects'] = (id, query) => this.#ask(id, { kind: 'objects', query })

  causes: Sandboxes['causes'] = (id, object) => this.#ask(id, { kind: 'causes', object })

  birth: Sandboxes['birth'] = (id, pod) => this.#ask(id, { kind: 'birth', pod })

  async options(id: string) {
    return (await this.#read(id)).options
  }

  async log(id: string): Promise<readonly LoggedCommand[]> {
    const { logId } = await this.#read(id)
    await this.#entries.get(id)?.writer.settled()
    return this.#options.storage.sandboxLogs.read(logId)
  }

  async address(id: string): Promise<SandboxAddress> {
    return this.#addresses.addressOf((await this.#hold(id)).record) ?? this.rotateAddress(id)
  }

  async rotateAddress(id: string): Promise<SandboxAddress> {
    const entry = await this.#hold(id)
    const { stored, address } = this.#addresses.rotate(entry.record, this.#options.limits.addressHours)
    await this.#change(entry, { address: stored })
    return address
  }

  async closeAddress(id: string): Promise<void> {
    const entry = await this.#hold(id)
    this.#addresses.end(entry.record)
    await this.#change(entry, { address: null })
  }

  async findByAddress(secret: string): Promise<string | undefined> {
    const record = await this.#opened('address', secret)
    return record && this.#addresses.isOpen(record) ? record.id : undefined
  }

  async #opened(kind: 'address' | 'share', secret: string): Promise<SandboxRecord | undefined> {
    const hash = this.#addresses.hashOf(secret)
    const stored = await this.#options.storage.sandboxes.findByOpener(kind, hash)
    // Changed here just now, it may not be written yet.
    const record = stored && (this.#entries.get(stored.id)?.record ?? stored)
    return record?.[kind]?.sha256 === hash && !this.#isExpired(record) ? record : undefined
  }

  whenMoved(id: string, act: () => void): () => void {
    const acts = this.#whenMoved.get(id) ?? new Set()
    this.#whenMoved.set(id, acts)
    acts.add(act)
    return () => {
      acts.delete(act)
      if (acts.size === 0 && this.#whenMoved.get(id) === acts) this.#whenMoved.delete(id)
    }
  }

  async whereIs(id: string) {
    if (this.#entries.has(id) || this.#entering.has(id)) return 'here'
    return this.#options.membership.whereIs(leaseName(id))
  }

  whenAddressEnds(secret: string, act: () => void): () => void {
    return this.#addresses.whenEnds(secret, act)
  }

  async share(id: string): Promise<string> {
    const entry = await this.#hold(id)
    if (this.#addresses.isShared(entry.record)) return this.#addresses.shareOf(entry.record)!
    const { stored, token } = this.#addresses.share(entry.record)
    await this.#change(entry, { share: stored })
    return token
  }

  async unshare(id: string): Promise<void> {
    const entry = await this.#hold(id)
    await this.#change(entry, { share: null })
  }

  async close(): Promise<void> {
    for (const cancel of this.#cancels) cancel()
    await this.#residences.leave()
    for (const entry of this.#entries.values())
      if (entry.record.lastUsedAtMs > entry.savedUseMs) void entry.writer.saveRecord()
    await Promise.all([...this.#entries.values()].map(({ writer }) => writer.settled()?.catch(() => undefined)))
    await this.#residences.close()
  }

  #ask<K extends Act['kind']>(id: string, act: Extract<Act, { kind: K }>): Promise<Results[K]> {
    return this.#with(id, (host) => host.ask(id, act))
  }

  async #with<T>(id: string, act: (host: HostClient) => Promise<T | typeof absent>): Promise<T> {
    const entry = this.#kept(id) ?? (await this.#hold(id))
    this.#use(entry)
    return this.#residences.with(entry, act)
  }

  // ---------- records ----------

  /** Of a sandbox that there is: as it is kept here, or else as it is stored. */
  async #find(id: string): Promise<SandboxRecord | undefined> {
    // Whatever an address says is asked for.
    if (!idPattern.test(id)) return undefined
    const record = this.#entries.get(id)?.record ?? (await this.#options.storage.sandboxes.find(id))
    return record && !this.#isExpired(record) ? record : undefined
  }

  async #read(id: string): Promise<SandboxRecord> {
    const record = await this.#find(id)
    if (!record) throw notThere()
    return record
  }

  #kept(id: string): Entry | undefined {
    const entry = this.#entries.get(id)
    if (entry && this.#isExpired(entry.record)) throw notThere()
    return entry
  }

  /**
   * Has this process keep it.
   * @param byForce also when another one does: for what is done to it as a whole, without its cluster
   */
  async #hold(id: string, byForce = false): Promise<Entry> {
    const entry = this.#kept(id)
    if (entry) return entry
    const under = this.#entering.get(id)
    if (under) return under
    const entering = this.#read(id)
      .then(() => this.#take(id, byForce))
      .finally(() => this.#entering.delete(id))
    this.#entering.set(id, entering)
    return entering
  }

  async #take(id: string, byForce: boolean): Promise<Entry> {
    const { storage, membership } = this.#options
    const stored = await storage.sandboxes.find(id)
    if (!stored) throw notThere()
    const fence = await membership.take(leaseName(id), stored.epoch ?? 0, byForce)
    if ('heldBy' in fence) throw new LivesElsewhere()
    try {
      // From now on whoever kept it writes nothing any more.
      const record = await inWords(storage.sandboxes.claim(id, fence.epoch))
      if (!record) throw notThere()
      return this.#enter(record, fence)
    } catch (error) {
      await membership.release(fence).catch(() => undefined)
      throw error
    }
  }

  async #enterNew(record: SandboxRecord): Promise<Entry> {
    const fence = await this.#options.membership.take(leaseName(record.id), 0)
    if ('heldBy' in fence) throw new LivesElsewhere()
    const entry = this.#enter({ ...record, epoch: fence.epoch }, fence)
    try {
      await this.#options.storage.sandboxes.add(entry.record)
      return entry
    } catch (error) {
      await this.#letGo(entry)
      throw error
    }
  }

  #enter(record: SandboxRecord, fence: Fence): Entry {
    const { sandboxes, sandboxLogs } = this.#options.storage
    const entry: Entry = {
      record,
      fence,
      stay: this.#residences.stayOf(record.id, record.owner, isDemandingShape(record.options.shape)),
      savedUseMs: record.lastUsedAtMs,
      isRemoved: false,
      logLength: 0,
      writer: new GroupWriter({
        append: async (commands) => {
          entry.logLength = await inWords(
            sandboxLogs.append(entry.record.logId, entry.logLength, commands, entry.fence),
          )
        },
        saveRecord: async () => {
          if (!entry.isRemoved) await inWords(sandboxes.save(entry.record))
        },
        failed: (error) => {
          if (error instanceof LivesElsewhere) return this.#lose(entry)
          this.#options.onProblem?.(`sandbox ${record.id} could not be written: ${String(error)}`)
          this.#residences.drop(entry)
        },
      }),
    }
    this.#entries.set(record.id, entry)
    return entry
  }

  /** Another process keeps it now. */
  #lose(entry: Entry): void {
    const { id } = entry.record
    if (this.#entries.get(id) !== entry) return
    this.#entries.delete(id)
    this.#residences.drop(entry)
    this.#addresses.end(entry.record)
    for (const act of [...(this.#whenMoved.get(id) ?? [])]) act()
    void this.#options.membership.release(entry.fence).catch(() => undefined)
  }

  /** It is nobody's until somebody asks for it. */
  async #letGo(entry: Entry): Promise<void> {
    this.#residences.drop(entry)
    await entry.writer.settled()?.catch(() => undefined)
    this.#lose(entry)
  }

  /** Boots a new one, so that a shape that cannot be is told at once; nothing is left of it then. */
  async #establish(entry: Entry, mostSteps?: number): Promise<SandboxSummary> {
    try {
      await entry.writer.saveRecord()
      await this.#ask(entry.record.id, { kind: 'look', ...(mostSteps === undefined ? {} : { mostSteps }) })
      await this.#change(entry, {})
    } catch (error) {
      await this.#remove(entry)
      throw error
    }
    return this.#summary(entry.record)
  }

  #change(entry: Entry, change: Partial<SandboxRecord>): Promise<void> {
    entry.record = { ...entry.record, ...change }
    entry.savedUseMs = entry.record.lastUsedAtMs
    return entry.writer.saveRecord()
  }

  /** Notes a use. After a long absence the clock goes on from where it stood. */
  #use(entry: Entry): void {
    const nowMs = this.#options.wall.nowMs()
    const { lastUsedAtMs, clock } = entry.record
    const stoodAtMs = lastUsedAtMs + standsAfterMs
    const isAway = entry.stay.opening === 0 && nowMs > stoodAtMs
    entry.record = {
      ...entry.record,
      lastUsedAtMs: nowMs,
      ...(isAway ? { clock: { ...clock, wallMs: nowMs, virtualMs: virtualAt(clock, stoodAtMs) } } : {}),
    }
    if (isAway || nowMs - entry.savedUseMs > useGrainMs) void this.#change(entry, {}).catch(() => undefined)
  }

  async #remove(entry: Entry): Promise<void> {
    const { id, logId } = entry.record
    entry.isRemoved = true
    this.#entries.delete(id)
    this.#addresses.end(entry.record)
    this.#residences.drop(entry)
    await entry.writer.settled()?.catch(() => undefined)
    await this.#options.storage.sandboxLogs.remove(logId)
    await this.#options.storage.terminals.remove(id)
    await this.#options.storage.sandboxes.remove(id)
    await this.#options.membership.release(entry.fence)
  }

  /** Those that this process keeps. */
  async #sweep(): Promise<void> {
    for (const entry of [...this.#entries.values()]) {
      if (this.#isExpired(entry.record)) await this.#removeExpired(entry.record.id)
      else {
        this.#addresses.endExpired(entry.record)
        if (this.#isIdle(entry)) await this.#letGo(entry)
      }
    }
  }

  /** Those that nobody keeps. */
  async #sweepStored(): Promise<void> {
    for (const record of await this.#options.storage.sandboxes.list())
      if (this.#isExpired(record) && (await this.whereIs(record.id)) === undefined) await this.#removeExpired(record.id)
  }

  async #removeExpired(id: string): Promise<void> {
    try {
      await this.#remove(this.#entries.get(id) ?? (await this.#take(id, false)))
    } catch (error) {
      this.#options.onProblem?.(`sandbox ${id} could not be removed: ${String(error)}`)
    }
  }

  #isIdle(entry: Entry): boolean {
    return (
      entry.stay.opening === 0 &&
      !entry.stay.opened &&
      entry.record.lastUsedAtMs + standsAfterMs < this.#options.wall.nowMs()
    )
  }

  async #checkRoom(owner: string): Promise<void> {
    const own = (await this.#ofOwner(owner)).length
    const { perOwner } = this.#options.limits
    if (own >= perOwner)
      throw new LabRefusal(
        409,
        msg('You have {n} sandboxes, the most that you may have. Delete one that you do not need.'),
        { n: own },
      )
  }

  #isExpired(record: SandboxRecord): boolean {
    return this.#expiresAtMs(record) <= this.#options.wall.nowMs()
  }

  #expiresAtMs({ lastUsedAtMs }: SandboxRecord): number {
    return lastUsedAtMs + this.#options.limits.days * dayMs
  }

  #virtualNow({ clock }: SandboxRecord): number {
    return virtualAt(clock, this.#options.wall.nowMs())
  }

  #summary(record: SandboxRecord): SandboxSummary {
    const { id, owner, name, createdAtMs, lastUsedAtMs, options, clock } = record
    return {
      id,
      owner,
      name,
      createdAtMs,
      lastUsedAtMs,
      expiresAtMs: this.#expiresAtMs(record),
      nodes: options.shape.nodes.length,
      speed: clock.speed,
      shareToken: this.#addresses.shareOf(record),
      hasAddress: this.#addresses.isOpen(record),
    }
  }
}

/** A lease that is another's by now, told as whoever asks can understand it. */
const inWords = <T>(written: Promise<T>): Promise<T> =>
  written.catch((error: unknown) => {
    throw error instanceof LeaseLost ? new LivesElsewhere() : error
  })

const changedNotice = (engineVersion: string): string =>
  t(
    "Podium's simulator is newer ({version}) than when you were last here. The cluster was rebuilt from your commands, and some of it may have come out differently.",
    { version: engineVersion },
  )

function nameOf(name: string): string {
  const kept = name.trim().slice(0, longestNameCharacters)
  if (kept === '') throw new LabRefusal(422, msg('A sandbox needs a name.'))
  return kept
}

function checkSpan(ms: number): number {
  if (!(ms >= 0 && ms <= 7 * dayMs)) throw new LabRefusal(422, msg('The clock can be put ahead by a week at most.'))
  return Math.floor(ms)
}
