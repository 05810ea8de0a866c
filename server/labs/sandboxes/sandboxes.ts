/** Sandboxes with their owners, addresses, limits and storage; the clusters themselves are the hosts'. */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { LoggedCommand } from '../../../sim/index.ts'
import type { SandboxRecord, Storage } from '../../storage/types.ts'
import { LabRefusal } from '../types.ts'
import { virtualAt } from './clock.ts'
import { GroupWriter } from './group-writer.ts'
import { absent, HostClient, type News, type StartHost } from './host-client.ts'
import type { LogLimits, Wall } from './live-sandbox.ts'
import type { Act, Results } from './protocol.ts'
import { shapeProblem } from './shape.ts'
import type { CreateSandbox, SandboxAddress, Sandboxes, SandboxSummary } from './types.ts'

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
  /** Addresses are drawn with it, so that what is stored opens none. */
  secret: string
  /** One for each thread. */
  hosts: readonly StartHost[]
  limits: SandboxLimits
  wall: Wall
  newId: () => string
  /** Told what is our mistake, or the machine's. */
  onProblem?: (message: string) => void
}

interface Entry {
  record: SandboxRecord
  host: HostClient
  /** Of the time it is in the host's memory now; 0 while it is not. */
  opening: number
  /** While it is being opened. */
  opened: Promise<void> | undefined
  /** Why it could not be opened just now. */
  refusal: LabRefusal | undefined
  writer: GroupWriter
  /** When its host was lost over it. */
  lostAtMs: number[]
  savedUseMs: number
  isRemoved: boolean
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const sweepMs = 60_000
/** Uses are noted on the disk no more often. */
const useGrainMs = 10 * 60_000
/** Nobody looks at it for so long: then its clock stands until somebody comes back. */
const standsAfterMs = hourMs
/** One over which a host is lost this often in a while is not opened again. */
const mostLosses = 2
const lossWindowMs = 10 * 60_000
const fastest = 3600
const longestNameCharacters = 80

export async function createSandboxes(options: SandboxesOptions): Promise<Sandboxes> {
  const keeper = new Keeper(options)
  await keeper.load()
  return keeper
}

class Keeper implements Sandboxes {
  readonly #options: SandboxesOptions
  readonly #entries = new Map<string, Entry>()
  readonly #byAddress = new Map<string, string>()
  readonly #byShare = new Map<string, string>()
  /** Told when an address ends, by its hash. */
  readonly #addressEnds = new Map<string, Set<() => void>>()
  readonly #hosts: HostClient[]
  readonly #engineVersion: Promise<string>
  #openings = 0
  #cancelSweep: (() => void) | undefined

  constructor(options: SandboxesOptions) {
    this.#options = options
    let ready: (version: string) => void = () => undefined
    this.#engineVersion = new Promise((resolve) => {
      ready = resolve
    })
    this.#hosts = options.hosts.map((start) => {
      const host: HostClient = new HostClient(start, {
        news: (news) => this.#hear(news),
        lost: (opening, why) => this.#lost(host, opening, why),
        ready,
        problem: (message) => options.onProblem?.(message),
        durable: (id) => this.#entries.get(id)?.writer.settled(),
      })
      return host
    })
  }

  async load(): Promise<void> {
    for (const record of await this.#options.storage.sandboxes.list()) this.#enter(record)
    await this.#sweep()
  }

  async create(owner: string, request: CreateSandbox): Promise<SandboxSummary> {
    this.#checkRoom(owner)
    const problem = shapeProblem(request.shape, this.#options.limits.nodes)
    if (problem) throw new LabRefusal(422, problem)
    const name = nameOf(request.name)
    const nowMs = this.#options.wall.nowMs()
    const id = this.#options.newId()
    const entry = this.#enter({
      id,
      owner,
      name,
      createdAtMs: nowMs,
      lastUsedAtMs: nowMs,
      engineVersion: '',
      options: {
        seed: request.seed ?? randomBytes(8).toString('hex'),
        shape: request.shape,
        startEpochMs: request.startEpochMs ?? nowMs,
        ...(request.setup ? { setup: { ...request.setup, commands: [...request.setup.commands] } } : {}),
      },
      clock: { speed: 1, wallMs: nowMs, virtualMs: request.past?.virtualMs ?? 0 },
      logId: `${id}.0`,
      address: null,
      share: null,
      branchOf: null,
      checkpoint: null,
      changedBy: null,
    })
    if (request.past) entry.writer.addCommands([...request.past.log])
    return this.#establish(entry)
  }

  async list(owner: string): Promise<SandboxSummary[]> {
    return [...this.#entries.values()]
      .filter(({ record }) => record.owner === owner && !this.#isExpired(record))
      .sort((a, b) => b.record.lastUsedAtMs - a.record.lastUsedAtMs)
      .map(({ record }) => this.#summary(record))
  }

  async find(owner: string, id: string): Promise<SandboxSummary | undefined> {
    const record = this.#known(id)?.record
    return record?.owner === owner ? this.#summary(record) : undefined
  }

  async findShared(token: string): Promise<SandboxSummary | undefined> {
    const record = this.#known(this.#byShare.get(sha256(token)) ?? '')?.record
    return record && this.#summary(record)
  }

  async remove(id: string): Promise<void> {
    const entry = this.#known(id)
    if (!entry) return
    await this.#remove(entry)
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#change(this.#get(id), { name: nameOf(name) })
  }

  async reset(id: string): Promise<void> {
    const entry = this.#get(id)
    const engineVersion = await this.#engineVersion
    this.#drop(entry)
    await entry.writer.settled()?.catch(() => undefined)
    const { logId, clock } = entry.record
    const number = Number(logId.slice(logId.lastIndexOf('.') + 1)) + 1
    entry.lostAtMs = []
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
    const { record } = this.#get(id)
    const log = await this.log(id)
    this.#checkRoom(record.owner)
    const nowMs = this.#options.wall.nowMs()
    const virtualMs = Math.min(Math.max(0, Math.floor(atMs)), this.#virtualNow(record))
    const newId = this.#options.newId()
    const entry = this.#enter({
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
    const { changedBy } = this.#get(id).record
    return { ...seen, notice: changedBy === null ? undefined : changedNotice(changedBy) }
  }

  async subscribe(id: string, onChange: () => void): Promise<{ stop(): void }> {
    let isStopped = false
    let current: { stop(): void } | undefined
    const start = async (): Promise<void> => {
      current = await this.#with(id, (host) => host.subscribe(id, onChange, again))
      if (isStopped) current.stop()
    }
    // The cluster is another one now, or the same in another thread.
    const again = (): void => {
      if (isStopped) return
      onChange()
      start().catch(() => undefined)
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
      throw new LabRefusal(422, `The clock goes at 0 to ${fastest} times the usual speed, not ${speed}.`)
    await this.#ask(id, { kind: 'set-speed', speed })
  }

  async skip(id: string, ms: number): Promise<void> {
    await this.#ask(id, { kind: 'skip', ms: checkSpan(ms) })
  }

  async step(id: string): Promise<void> {
    await this.#ask(id, { kind: 'step' })
  }

  async settle(id: string, maxMs: number): Promise<void> {
    await this.#ask(id, { kind: 'settle', maxMs: checkSpan(maxMs) })
  }

  run: Sandboxes['run'] = (id, command) => this.#ask(id, { kind: 'run', command })

  begin: Sandboxes['begin'] = (id, command, sink) =>
    this.#with(id, (host) => host.begin(id, { kind: 'begin', command }, sink))

  complete: Sandboxes['complete'] = (id, line, cursor) => this.#ask(id, { kind: 'complete', line, cursor })

  request: Sandboxes['request'] = (id, request) => this.#with(id, (host) => host.request(id, request))

  objects: Sandboxes['objects'] = (id, query) => this.#ask(id, { kind: 'objects', query })

  causes: Sandboxes['causes'] = (id, object) => this.#ask(id, { kind: 'causes', object })

  async options(id: string) {
    return this.#get(id).record.options
  }

  async log(id: string): Promise<readonly LoggedCommand[]> {
    const entry = this.#get(id)
    await entry.writer.settled()
    return this.#options.storage.sandboxLogs.read(entry.record.logId)
  }

  async address(id: string): Promise<SandboxAddress> {
    const { address } = this.#get(id).record
    const secret = address && this.#drawn('address', id, address.nonce)
    // Drawn by another key, it opens nothing any more.
    if (!address || !secret || sha256(secret) !== address.sha256 || address.expiresAtMs <= this.#options.wall.nowMs())
      return this.rotateAddress(id)
    return { secret, expiresAtMs: address.expiresAtMs }
  }

  async rotateAddress(id: string): Promise<SandboxAddress> {
    const entry = this.#get(id)
    this.#endAddress(entry)
    const nonce = randomBytes(12).toString('hex')
    const secret = this.#drawn('address', id, nonce)
    const expiresAtMs = this.#options.wall.nowMs() + this.#options.limits.addressHours * hourMs
    const hash = sha256(secret)
    this.#byAddress.set(hash, id)
    await this.#change(entry, { address: { nonce, sha256: hash, expiresAtMs } })
    return { secret, expiresAtMs }
  }

  async closeAddress(id: string): Promise<void> {
    const entry = this.#get(id)
    this.#endAddress(entry)
    await this.#change(entry, { address: null })
  }

  async findByAddress(secret: string): Promise<string | undefined> {
    const entry = this.#known(this.#byAddress.get(sha256(secret)) ?? '')
    const address = entry?.record.address
    return address && address.expiresAtMs > this.#options.wall.nowMs() ? entry.record.id : undefined
  }

  whenAddressEnds(secret: string, act: () => void): () => void {
    const hash = sha256(secret)
    const acts = this.#addressEnds.get(hash) ?? new Set()
    this.#addressEnds.set(hash, acts)
    acts.add(act)
    return () => {
      acts.delete(act)
      if (acts.size === 0) this.#addressEnds.delete(hash)
    }
  }

  async share(id: string): Promise<string> {
    const entry = this.#get(id)
    const { share } = entry.record
    const known = share && this.#drawn('share', id, share.nonce)
    if (share && known && sha256(known) === share.sha256) return known
    if (share) this.#byShare.delete(share.sha256)
    const nonce = randomBytes(12).toString('hex')
    const token = this.#drawn('share', id, nonce)
    const hash = sha256(token)
    this.#byShare.set(hash, id)
    await this.#change(entry, { share: { nonce, sha256: hash } })
    return token
  }

  async unshare(id: string): Promise<void> {
    const entry = this.#get(id)
    if (entry.record.share) this.#byShare.delete(entry.record.share.sha256)
    await this.#change(entry, { share: null })
  }

  async close(): Promise<void> {
    this.#cancelSweep?.()
    // Where each stands is noted, so that the next process can tell whether it rebuilds the same.
    await Promise.all(this.#hosts.map((host) => host.leave()))
    for (const entry of this.#entries.values())
      if (entry.record.lastUsedAtMs > entry.savedUseMs) void entry.writer.saveRecord()
    await Promise.all([...this.#entries.values()].map(({ writer }) => writer.settled()?.catch(() => undefined)))
    await Promise.all(this.#hosts.map((host) => host.close()))
  }

  // ---------- what the hosts do ----------

  #ask<K extends Act['kind']>(id: string, act: Extract<Act, { kind: K }>): Promise<Results[K]> {
    return this.#with(id, (host) => host.ask(id, act))
  }

  /** Opens the sandbox where it is not in memory. */
  async #with<T>(id: string, act: (host: HostClient) => Promise<T | typeof absent>): Promise<T> {
    const entry = this.#get(id)
    this.#use(entry)
    for (let attempt = 0; attempt < 4; attempt++) {
      if (entry.opening === 0) await this.#open(entry)
      const result = await act(entry.host)
      if (result !== absent) return result
      const { refusal } = entry
      entry.refusal = undefined
      if (refusal) throw refusal
      if (entry.isRemoved) throw notThere()
    }
    throw new LabRefusal(503, 'The sandbox could not be opened just now. Try again in a moment.')
  }

  #open(entry: Entry): Promise<void> {
    entry.opened ??= this.#openNow(entry).finally(() => {
      entry.opened = undefined
    })
    return entry.opened
  }

  async #openNow(entry: Entry): Promise<void> {
    const { wall, storage, limits } = this.#options
    const nowMs = wall.nowMs()
    entry.lostAtMs = entry.lostAtMs.filter((atMs) => atMs > nowMs - lossWindowMs)
    if (entry.lostAtMs.length >= mostLosses) throw new LabRefusal(422, tooMuch)
    await entry.writer.settled()?.catch(() => undefined)
    const log = await storage.sandboxLogs.read(entry.record.logId)
    const engineVersion = await this.#engineVersion
    const { checkpoint } = entry.record
    // Its first second is not spent on waiting for the thread.
    if (entry.record.engineVersion === '')
      entry.record = { ...entry.record, engineVersion, clock: { ...entry.record.clock, wallMs: wall.nowMs() } }
    // Without a word on how it stood, nobody can tell whether it is the same.
    if (!checkpoint && entry.record.engineVersion !== engineVersion && log.length > 0)
      entry.record = { ...entry.record, engineVersion, changedBy: engineVersion }
    const opening = ++this.#openings
    entry.opening = opening
    entry.refusal = undefined
    const { options, clock } = entry.record
    entry.host.post({
      do: 'open',
      id: entry.record.id,
      opening,
      state: { options, log, clock, most: limits.log, ...(checkpoint ? { checkpoint } : {}) },
    })
  }

  #hear(news: News): void {
    const entry = this.#entries.get(news.id)
    if (!entry || entry.opening !== news.opening) return
    switch (news.tell) {
      case 'unopened':
        entry.opening = 0
        entry.refusal = new LabRefusal(news.status, news.message)
        return
      case 'logged':
        entry.writer.addCommands(news.commands)
        return
      case 'clock':
        void this.#change(entry, { clock: news.clock }).catch(() => undefined)
        return
      case 'rebuilt':
        this.#rebuilt(entry, news.isSame)
        return
      case 'left':
        entry.opening = 0
        if (news.checkpoint) void this.#change(entry, { checkpoint: news.checkpoint }).catch(() => undefined)
    }
  }

  #rebuilt(entry: Entry, isSame: boolean): void {
    const { checkpoint, id } = entry.record
    void this.#engineVersion.then((engineVersion) => {
      if (isSame && entry.record.engineVersion === engineVersion) return
      if (!isSame && checkpoint?.engineVersion === engineVersion) {
        this.#options.onProblem?.(`sandbox ${id}: rebuilt by the same engine, it stands otherwise than it stood`)
        return
      }
      const change = isSame ? { engineVersion } : { engineVersion, changedBy: engineVersion }
      return this.#change(entry, change).catch(() => undefined)
    })
  }

  #lost(host: HostClient, opening: number, why: string): void {
    let culprit = ''
    for (const entry of this.#entries.values()) {
      if (entry.host !== host || entry.opening === 0) continue
      if (entry.opening === opening) {
        entry.lostAtMs.push(this.#options.wall.nowMs())
        culprit = ` over sandbox ${entry.record.id}`
      }
      entry.opening = 0
    }
    this.#options.onProblem?.(`a thread of the sandboxes was lost${culprit}: ${why}`)
  }

  /** Out of the host's memory; what it still has to say is void. */
  #drop(entry: Entry): void {
    entry.opening = 0
    entry.host.post({ do: 'drop', id: entry.record.id })
  }

  // ---------- records ----------

  #enter(record: SandboxRecord): Entry {
    const { sandboxes, sandboxLogs } = this.#options.storage
    const entry: Entry = {
      record,
      host: this.#hosts[placeOf(record.id, this.#hosts.length)]!,
      opening: 0,
      opened: undefined,
      refusal: undefined,
      lostAtMs: [],
      savedUseMs: record.lastUsedAtMs,
      isRemoved: false,
      writer: new GroupWriter({
        append: (commands) => sandboxLogs.append(entry.record.logId, commands),
        saveRecord: async () => {
          if (!entry.isRemoved) await sandboxes.save(entry.record)
        },
        failed: (error) => {
          this.#options.onProblem?.(`sandbox ${record.id} could not be written: ${String(error)}`)
          this.#drop(entry)
        },
      }),
    }
    this.#entries.set(record.id, entry)
    if (record.address) this.#byAddress.set(record.address.sha256, record.id)
    if (record.share) this.#byShare.set(record.share.sha256, record.id)
    return entry
  }

  /** Boots a new one, so that a shape that cannot be is told at once; nothing is left of it then. */
  async #establish(entry: Entry): Promise<SandboxSummary> {
    try {
      await entry.writer.saveRecord()
      await this.#ask(entry.record.id, { kind: 'look' })
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
    const isAway = entry.opening === 0 && nowMs > stoodAtMs
    entry.record = {
      ...entry.record,
      lastUsedAtMs: nowMs,
      ...(isAway ? { clock: { ...clock, wallMs: nowMs, virtualMs: virtualAt(clock, stoodAtMs) } } : {}),
    }
    if (isAway || nowMs - entry.savedUseMs > useGrainMs) void this.#change(entry, {}).catch(() => undefined)
  }

  async #remove(entry: Entry): Promise<void> {
    const { id, logId, share } = entry.record
    entry.isRemoved = true
    this.#entries.delete(id)
    if (share) this.#byShare.delete(share.sha256)
    this.#endAddress(entry)
    this.#drop(entry)
    await entry.writer.settled()?.catch(() => undefined)
    await this.#options.storage.sandboxLogs.remove(logId)
    await this.#options.storage.terminals.remove(id)
    await this.#options.storage.sandboxes.remove(id)
  }

  #endAddress({ record }: Entry): void {
    if (!record.address) return
    const hash = record.address.sha256
    this.#byAddress.delete(hash)
    const acts = this.#addressEnds.get(hash)
    this.#addressEnds.delete(hash)
    for (const act of acts ?? []) act()
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#options.wall.nowMs()
    for (const entry of [...this.#entries.values()]) {
      if (this.#isExpired(entry.record))
        await this.#remove(entry).catch((error: unknown) =>
          this.#options.onProblem?.(`sandbox ${entry.record.id} could not be removed: ${String(error)}`),
        )
      else if (entry.record.address && entry.record.address.expiresAtMs <= nowMs) this.#endAddress(entry)
    }
    this.#cancelSweep = this.#options.wall.after(sweepMs, () => void this.#sweep())
  }

  #checkRoom(owner: string): void {
    const own = [...this.#entries.values()].filter(
      ({ record }) => record.owner === owner && !this.#isExpired(record),
    ).length
    const { perOwner } = this.#options.limits
    if (own >= perOwner)
      throw new LabRefusal(409, `You have ${own} sandboxes, as many as one may have. Delete one that you do not need.`)
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

  #known(id: string): Entry | undefined {
    const entry = this.#entries.get(id)
    return entry && !this.#isExpired(entry.record) ? entry : undefined
  }

  #get(id: string): Entry {
    const entry = this.#known(id)
    if (!entry) throw notThere()
    return entry
  }

  #summary(record: SandboxRecord): SandboxSummary {
    const { id, owner, name, createdAtMs, lastUsedAtMs, options, clock, address, share } = record
    return {
      id,
      owner,
      name,
      createdAtMs,
      lastUsedAtMs,
      expiresAtMs: this.#expiresAtMs(record),
      nodes: options.shape.nodes.length,
      speed: clock.speed,
      shareToken: share ? this.#drawn('share', id, share.nonce) : undefined,
      hasAddress: address !== null && address.expiresAtMs > this.#options.wall.nowMs(),
    }
  }

  /** What nobody guesses who has not the key. */
  #drawn(use: 'address' | 'share', id: string, nonce: string): string {
    return createHmac('sha256', this.#options.secret).update(`sandbox ${use}:${id}:${nonce}`).digest('base64url')
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const notThere = (): LabRefusal => new LabRefusal(404, 'There is no such sandbox, or it has expired.')

const tooMuch =
  'This sandbox needs more memory or computing time than there is for one. Branch it at an earlier moment, or reset it.'

const changedNotice = (engineVersion: string): string =>
  `Podium's simulator is a newer one (${engineVersion}) than when you were here last. The cluster was rebuilt from your commands, and some of it may have come out otherwise.`

function nameOf(name: string): string {
  const kept = name.trim().slice(0, longestNameCharacters)
  if (kept === '') throw new LabRefusal(422, 'A sandbox needs a name.')
  return kept
}

function checkSpan(ms: number): number {
  if (!(ms >= 0 && ms <= 7 * dayMs)) throw new LabRefusal(422, 'The clock is put ahead by a week at most.')
  return Math.floor(ms)
}

/** Always the same thread for a sandbox. */
const placeOf = (id: string, threads: number): number =>
  createHash('sha256').update(id).digest().readUInt32BE(0) % threads
