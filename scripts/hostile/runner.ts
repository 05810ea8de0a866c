/** Sends hostile inputs to the real site, one after the other, and counts what each does to the process, to another learner and to what is stored. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MeasuredSite, NoAnswer, startSite } from '../measured-site/site.ts'
import { Attacker, messageOf, type Outcome, type Standing } from './attacker.ts'
import { Bystander, type Incident } from './bystander.ts'
import type { HostileInput } from './input.ts'
import { besideOthers } from './machine-load.ts'
import { unreadableDocuments } from './stored.ts'
import { isOfCluster, type Probe, type Slowness, share, slowness } from './verdict.ts'

export type Verdict = 'slow' | 'slowed' | 'ended' | 'broken'

export interface Finding {
  input: HostileInput
  verdicts: Verdict[]
  cpuMs: number
  /** What was seen, in words. */
  notes: string[]
}

/** Of each verdict, how many inputs it was given to. */
export interface Report extends Record<Verdict, number> {
  tried: number
}

export interface HostileOptions {
  inputs: Iterable<HostileInput>
  /**
   * How often a suspect is tried again alone before it counts as having slowed others; 0 leaves suspects uncounted, and waits for no quiet
   * moment of the machine: what took too much is then tried again with nobody beside it, whose requests would be counted in.
   */
  confirmations?: number
  /** Processor time of the whole server that one request may take. */
  mostCpuMs?: number
  /** An answer that takes longer is none. */
  patienceMs?: number
  /** Inputs between two measurements of the idle server: after so many they are judged. */
  windowSize?: number
  /** Another server than the real one, for tests of this file. */
  program?: string
  /** Tells how far it is, in a line. */
  say?: (line: string) => void
  found?: (finding: Finding) => void
  /** Told of inputs beside which others waited longer, before they are tried again. */
  suspected?: (input: HostileInput, slow: readonly Slowness[]) => void
}

const usualMostCpuMs = 2000
/** Who waited so long beside an input that did harm waited because of it: that is not tried again. */
const plainMs = 4000
const usualWindowSize = 25
/** How often what took too much is tried again where nobody confirms that others waited. */
const triesOfSlow = 3
/** Probes of each kind in such a measurement, and how many are kept. */
const idleProbes = 8
const keptProbes = 120
const keptCosts = 12
/** Asked before anything is measured: code that is compiled and threads that are loaded are nobody's cost. */
const warmingProbes = 20
const attackerCount = 3
/** Inputs of one sandbox. */
const mostInputs = 20
/** Sandboxes that are opened again at the end. */
const mostKept = 40
/** A server that uses less than this part of a processor for so long rests; that is waited for so often at most. */
const restingPart = 0.2
const restMs = 200
const mostRests = 25
/** Probes go on for so long beside a suspect. */
const aloneMs = 2000
/** Where others take more of the machine than this, in processors, nothing is measured: it is tried again, so often at most. */
const mostOfOthers = 0.25
const mostQuietTries = 20
const noisePauseMs = 3000
/** What the main thread may hold more than at the start, once garbage is collected. */
const mostGrownMb = 120

/** A thread that worked for its whole patience did not end by itself. */
const hang = /worked for \d+ ms without a pause|computed for too long/
const mistakes = /our mistake|failed on our side/i

const serverSettings = {
  TRUST_PROXY: '1',
  RATE_LIMIT: '1000000',
  SANDBOX_RATE_LIMIT: '10000000',
}

/** @throws when the server cannot be started */
export async function runHostile(options: HostileOptions): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-hostile-'))
  const run = new Run(options, folder)
  try {
    return await run.all()
  } finally {
    await run.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Who sends, and how many inputs they sent. */
interface Seat {
  attacker: Attacker
  inputs: number
}

/** An input that was sent, and what was seen beside it. */
interface Trial {
  /** Of the request that took most. */
  cpuMs: number
  verdicts: Set<Verdict>
  notes: string[]
  startMs: number
  endMs: number
}

class Run {
  readonly #options: HostileOptions
  readonly #folder: string
  readonly #report: Report = { tried: 0, slow: 0, slowed: 0, ended: 0, broken: 0 }
  #site: MeasuredSite | undefined
  #bystander: Bystander | undefined
  readonly #attackers = new Map<number, Seat>()
  #kept: Attacker[] = []
  #entered = 0
  readonly #baselines = new Map<string, number[]>()
  readonly #probes: Probe[] = []
  /** What a probe of each kind costs the server: the latest measurements, of which the least one had nothing else in it. */
  readonly #costsMs = new Map<string, number[]>()
  readonly #mostCpuMs: number
  #heapAtStartMb = 0
  /** Lines of the log since the input began. */
  #logged: string[] = []

  constructor(options: HostileOptions, folder: string) {
    this.#options = options
    this.#mostCpuMs = options.mostCpuMs ?? usualMostCpuMs
    this.#folder = folder
  }

  async all(): Promise<Report> {
    await this.#open()
    const { heapMb, rssMb } = await this.#site!.usage(true)
    this.#heapAtStartMb = heapMb
    this.#say(`the server is there: ${rssMb} MB`)
    for (let n = 0; n < 2; n++) await this.#measureIdle()
    const { windowSize = usualWindowSize } = this.#options
    let window: HostileInput[] = []
    for (const input of this.#options.inputs) {
      window.push(input)
      if (window.length < windowSize) continue
      await this.#window(window)
      window = []
    }
    if (window.length > 0) await this.#window(window)
    await this.#end()
    return this.#report
  }

  async close(): Promise<void> {
    this.#bystander?.close()
    this.#dismiss()
    for (const attacker of this.#kept) attacker.visitor.close()
    await this.#site?.stop()
  }

  #say(line: string): void {
    this.#options.say?.(line)
  }

  /** The server and another learner in it. */
  async #open(): Promise<void> {
    this.#dismiss()
    this.#bystander?.close()
    this.#site = await startSite({
      dataDir: this.#folder,
      env: serverSettings,
      ...(this.#options.program === undefined ? {} : { program: this.#options.program }),
      onLog: ({ level, msg, err }) => {
        if (level < 40 || this.#logged.length > 20) return
        const frame = /\n\s+at (.+)/.exec(err?.stack ?? '')?.[1] ?? ''
        this.#logged.push(`log: ${msg ?? ''} ${err?.message ?? ''} ${frame}`.trim().slice(0, 300))
      },
      onEnd: (how) => this.#logged.push(`the server ended: ${how}`),
    })
    this.#bystander = await Bystander.enter(this.#site.url, this.#probes)
    // What is made once, such as the index of the search, is no input's fault.
    for (const kind of this.#bystander.kinds) await this.#bystander.measureIdle(kind, warmingProbes)
    this.#logged = []
  }

  async #window(inputs: readonly HostileInput[]): Promise<void> {
    await this.#measureIdle()
    this.#probes.length = 0
    let stop = this.#bystander!.begin()
    const trials: { input: HostileInput; trial: Trial }[] = []
    for (const input of inputs) {
      const trial = await this.#try(input)
      this.#report.tried++
      trials.push({ input, trial })
      // What is left of the window is watched on the new server.
      if (await this.#reopenIfOver(trial)) stop = this.#bystander!.begin()
    }
    await stop()
    await this.#reopenIfOver(trials.at(-1)!.trial)
    const probes = [...this.#probes]
    const late = slowness(probes, this.#baselines)
    for (const { input, trial } of trials) await this.#judge(input, trial, probes, late)
    const { tried, slow, slowed, ended, broken } = this.#report
    const { rssMb } = await this.#site!.usage()
    const idle = [...this.#baselines].map(
      ([kind, ms]) =>
        `${kind} ${Math.round(share(ms, 0.95))} ms (${Math.min(...this.#costsMs.get(kind)!).toFixed(1)} of cpu)`,
    )
    this.#say(
      `${tried} tried: ${slow} slow, ${slowed} slowed others, ${ended} ended, ${broken} broken; ${rssMb} MB; idle p95 ${idle.join(', ')}`,
    )
  }

  /** Until the server rests: what an earlier input left running is not the fault of the next one. */
  async #rest(): Promise<void> {
    for (let n = 0; n < mostRests; n++) {
      const before = (await this.#site!.usage()).cpuMs
      await new Promise((done) => setTimeout(done, restMs))
      if ((await this.#site!.usage()).cpuMs - before < restMs * restingPart) return
    }
  }

  async #measureIdle(): Promise<void> {
    for (const kind of this.#bystander!.kinds) {
      const { costMs, ms } = await this.#whenQuiet(async () => {
        await this.#rest()
        const before = (await this.#site!.usage()).cpuMs
        const ms = await this.#bystander!.measureIdle(kind, idleProbes)
        return { costMs: ((await this.#site!.usage()).cpuMs - before) / idleProbes, ms }
      })
      this.#costsMs.set(kind, [...(this.#costsMs.get(kind) ?? []), costMs].slice(-keptCosts))
      this.#baselines.set(kind, [...(this.#baselines.get(kind) ?? []), ...ms].slice(-keptProbes))
    }
  }

  /** What it gives while nobody else uses the machine much; after many tries, what it gives anyhow. */
  async #whenQuiet<T>(act: () => Promise<T>): Promise<T> {
    for (let left = this.#options.confirmations === 0 ? 0 : mostQuietTries; ; left--) {
      const site = this.#site!
      const ownMs = async (): Promise<number> => {
        const { user, system } = process.cpuUsage()
        // Of a server that ended meanwhile nobody knows what it took.
        const isSame = site === this.#site && !site.isOver()
        return (user + system) / 1000 + (isSame ? (await site.usage()).cpuMs : Number.POSITIVE_INFINITY)
      }
      const { done, others } = await besideOthers(ownMs, act)
      if (others <= mostOfOthers || left === 0) return done
      this.#say(`others take ${others.toFixed(1)} processors of this machine: measured again`)
      await new Promise((done) => setTimeout(done, noisePauseMs))
    }
  }

  /** A server that ended is started again, on what it had stored. @param trial during which, or after which, that was */
  async #reopenIfOver(trial: Trial): Promise<boolean> {
    if (!this.#site!.isOver()) return false
    trial.verdicts.add('ended')
    trial.notes.push(...this.#logged)
    this.#dismiss()
    await this.#open()
    return true
  }

  #dismiss(): void {
    for (const { attacker } of this.#attackers.values()) attacker.visitor.close()
    this.#attackers.clear()
  }

  /** @param alone in a sandbox of its own that nobody used yet */
  async #try(input: HostileInput, alone = false): Promise<Trial> {
    const verdicts = new Set<Verdict>()
    const notes: string[] = []
    const startMs = performance.now()
    const trial = (cpuMs = 0): Trial => ({ cpuMs, verdicts, notes, startMs, endMs: performance.now() })
    const seat = await this.#seat(alone).catch((error: Error) => {
      verdicts.add('broken')
      notes.push(`before the input, a new learner got no sandbox: ${error.message}`)
    })
    if (!seat) return trial()
    const { attacker } = seat
    const bystander = this.#bystander!
    const site = this.#site!
    this.#logged = []
    bystander.takeIncidents()
    try {
      const outcomes: Outcome[] = []
      let standing: Standing = { isOpen: true }
      let cpuMs = 0
      for (const [n, step] of input.steps.entries()) {
        const from = this.#probes.length
        const before = await site.usage()
        const came = await attacker.perform(step)
        // With the last one counts what it left for the sandbox to do.
        if (n === input.steps.length - 1) standing = await attacker.standing()
        const after = await site.usage()
        const ofOthersMs = this.#costOf(this.#probes.slice(from))
        cpuMs = Math.max(cpuMs, (after.cpuMs - before.cpuMs - ofOthersMs) / came.length)
        outcomes.push(...came)
      }
      this.#tellOutcomes(outcomes, verdicts, notes)
      if (!standing.isOpen) {
        if (mistakes.test(standing.why)) verdicts.add('broken')
        notes.push(`its sandbox takes no changes any more: ${standing.why}`)
      }
      // One that has stopped, or has much to do, would be blamed on the next input.
      const isSound = standing.isOpen && cpuMs < this.#mostCpuMs && verdicts.size === 0
      this.#tellIncidents(bystander.takeIncidents(), verdicts, notes)
      await bystander.recover()
      notes.push(...this.#logged)
      if (notes.some((note) => hang.test(note))) verdicts.add('slow')
      await this.#leave(seat, isSound)
      if (cpuMs > this.#mostCpuMs || verdicts.size > 0)
        this.#say(`${input.id}: ${Math.round(cpuMs)} ms of cpu ${[...verdicts]}`)
      return trial(cpuMs)
    } catch (error) {
      // The server is gone, or its main thread hangs: then it is ended here.
      verdicts.add('ended').add('slowed')
      if (error instanceof NoAnswer) verdicts.add('slow')
      notes.push((error as Error).message)
      await site.stop()
      return trial()
    }
  }

  /** What the probes took of the server's processor. */
  #costOf(probes: readonly Probe[]): number {
    return probes.reduce((sum, { kind }) => sum + Math.min(...(this.#costsMs.get(kind) ?? [0])), 0)
  }

  #tellOutcomes(outcomes: readonly Outcome[], verdicts: Set<Verdict>, notes: string[]): void {
    for (const { status, text, problem, step } of outcomes.slice(0, 50)) {
      if ((status === 500 && !isOfCluster(text)) || mistakes.test(text)) {
        verdicts.add('broken')
        const at = mistakes.exec(text)?.index ?? 0
        const said =
          step.do === 'api' ? messageOf(text) : text.slice(Math.max(0, at - 120), at + 200).replace(/<[^>]+>|\s+/g, ' ')
        notes.push(`answered ${status}: ${said}`.slice(0, 400))
      }
      if (problem !== undefined && !problem.startsWith('not sent')) notes.push(`no answer: ${problem}`)
      if (/^no whole answer|prompt did not come back/.test(problem ?? '')) verdicts.add('slow')
    }
  }

  #tellIncidents(incidents: readonly Incident[], verdicts: Set<Verdict>, notes: string[]): void {
    for (const { kind, what } of incidents) {
      verdicts.add(kind)
      notes.push(what)
    }
  }

  async #seat(alone: boolean): Promise<Seat> {
    const wanted = this.#report.tried % attackerCount
    const free = alone ? undefined : this.#attackers.get(wanted)
    if (free) {
      free.inputs++
      return free
    }
    for (let left = 3; ; left--)
      try {
        const attacker = await Attacker.enter(this.#site!.url, ++this.#entered, this.#options.patienceMs)
        const made = { attacker, inputs: alone ? mostInputs : 1 }
        if (!alone) this.#attackers.set(wanted, made)
        return made
      } catch (error) {
        if (left === 0 || this.#site!.isOver()) throw error
        await new Promise((done) => setTimeout(done, 2000))
      }
  }

  /** A sandbox that was used often enough, or is not as it should be, makes room for another one. */
  async #leave(seat: Seat, isSound: boolean): Promise<void> {
    if (isSound && seat.inputs < mostInputs) return
    for (const [at, other] of this.#attackers) if (other === seat) this.#attackers.delete(at)
    // What is wrong with it was told already.
    if (!isSound) return seat.attacker.leave(false)
    this.#kept.push(seat.attacker)
    if (this.#kept.length > mostKept) await this.#kept.shift()!.leave(false)
  }

  async #judge(input: HostileInput, trial: Trial, probes: readonly Probe[], late: readonly Slowness[]): Promise<void> {
    const { verdicts, notes } = trial
    const isSlow = ({ cpuMs }: Trial) => cpuMs > this.#mostCpuMs
    const { confirmations = 3 } = this.#options
    const beside = probes.filter(({ startMs, ms }) => startMs < trial.endMs && startMs + ms > trial.startMs)
    const delayed = late.filter(({ kind, limitMs }) =>
      beside.some((probe) => probe.kind === kind && probe.ms > limitMs),
    )
    const waitedMs = Math.max(0, ...beside.map(({ ms }) => ms))
    if (delayed.length > 0) this.#options.suspected?.(input, delayed)
    if (delayed.length > 0 && waitedMs > plainMs && (verdicts.has('ended') || verdicts.has('slow'))) {
      verdicts.add('slowed')
      notes.push(`another learner waited ${Math.round(waitedMs)} ms`)
    }
    const asksSlow = isSlow(trial) && !verdicts.has('slow')
    const asksSlowed = delayed.length > 0 && !verdicts.has('slowed') && confirmations > 0
    // What a busy machine adds to one measurement it does not add to each: an input is as cheap as it was once.
    let isSlowYet = asksSlow
    let slowYet: readonly Slowness[] | undefined = asksSlowed ? delayed : undefined
    for (let n = 0; n < (confirmations || triesOfSlow) && (isSlowYet || slowYet); n++) {
      const { trial: other, slow } = await this.#whenQuiet(() => this.#alone(input, confirmations > 0))
      for (const verdict of other.verdicts) verdicts.add(verdict)
      isSlowYet &&= isSlow(other)
      slowYet &&= slow.length > 0 ? slow : undefined
    }
    if (isSlowYet) verdicts.add('slow')
    if (slowYet) {
      verdicts.add('slowed')
      notes.push(
        ...slowYet.map(({ kind, p95Ms, limitMs }) => `another learner's ${kind}: p95 ${p95Ms} ms, at most ${limitMs}`),
      )
    }
    if (verdicts.size === 0) return
    for (const verdict of verdicts) this.#report[verdict]++
    this.#options.found?.({
      input,
      verdicts: [...verdicts],
      cpuMs: Math.round(trial.cpuMs),
      notes: [...new Set(notes)].slice(0, 8),
    })
  }

  /** The input once more, with nothing else beside it, or only the other learner. */
  async #alone(input: HostileInput, isWatched: boolean): Promise<{ trial: Trial; slow: Slowness[] }> {
    if (!isWatched) {
      await this.#rest()
      const trial = await this.#try(input, true)
      await this.#reopenIfOver(trial)
      return { trial, slow: [] }
    }
    await this.#measureIdle()
    this.#probes.length = 0
    const startMs = performance.now()
    const stop = this.#bystander!.begin()
    const trial = await this.#try(input, true)
    if (!this.#site!.isOver())
      await new Promise((done) => setTimeout(done, Math.max(0, startMs + aloneMs - performance.now())))
    await stop()
    await this.#reopenIfOver(trial)
    return { trial, slow: slowness(this.#probes, this.#baselines) }
  }

  /** What is left behind: memory, sandboxes, documents, and whether the server starts with them again. */
  async #end(): Promise<void> {
    const broken = (what: string): void => {
      this.#report.broken++
      this.#say(`broken at the end: ${what}`)
    }
    this.#bystander!.close()
    const site = this.#site!
    const all = [...this.#kept, ...[...this.#attackers.values()].map(({ attacker }) => attacker)]
    const look = async (attacker: Attacker, when: string): Promise<void> => {
      // A sandbox that runs all its inputs again takes as long as all of them.
      const patience = this.#options.patienceMs === undefined ? {} : { timeoutMs: this.#options.patienceMs }
      const { status, text, problem } = await attacker.visitor.get(`/sandboxes/${attacker.sandbox}`, patience)
      // Deleted by an input, or stopped in words since it took too much.
      if (status === 404 || status === 422) return
      if (status !== 200 || mistakes.test(text))
        broken(
          `sandbox ${attacker.sandbox} ${when}: ${problem ?? status} ${mistakes.test(text) ? 'our mistake' : messageOf(text)}`,
        )
    }
    const { heapMb, rssMb, descriptors, threads } = await site.usage(true)
    if (heapMb > this.#heapAtStartMb + mostGrownMb)
      broken(`the main thread holds ${heapMb} MB, ${this.#heapAtStartMb} at the start`)
    this.#say(
      `at the end: ${heapMb} MB on the main thread, ${rssMb} MB in all, ${descriptors} descriptors, ${threads} threads`,
    )
    const here = all.filter(({ visitor }) => visitor.site === site.url)
    for (const attacker of here) await look(attacker, 'at the end')
    const code = await site.stop()
    if (code !== 0) broken(`the server ended with ${code}`)
    if (this.#options.program !== undefined) return
    const unreadable = await unreadableDocuments(this.#folder)
    for (const what of unreadable) broken(what)
    this.#site = await startSite({ dataDir: this.#folder, env: serverSettings })
    for (const attacker of here) await look(attacker.at(this.#site.url), 'after a new start')
  }
}
