/** Asks a host in another process: calls become promises, channels the functions of an outcome. A host that is lost is started again. */
import type { CommandResult, HttpRequest } from '../../../sim/index.ts'
import { msg } from '../../i18n/translate.ts'
import { LabRefusal } from '../types.ts'
import type { Act, FromHost, Out, Results, Say, ToHost } from './protocol.ts'
import type { ConnectionSink, ExecSink, Outcome, PortForwardSession, StreamSink, Taken } from './sessions.ts'
import { failureStatus } from './status.ts'
import type { CommandSink, RunningLine } from './types.ts'

/** The way to a host, in another process or in this one. */
export interface HostLink {
  post(message: ToHost): void
  close(): Promise<void>
}

export interface HostListener {
  messages(messages: FromHost[]): void
  /** It has ended, and all that was in it is gone. @param opening what it worked on; 0 for nothing */
  lost(opening: number, why: string): void
  /** What it said could not be read. */
  problem(error: unknown): void
}

export type StartHost = (listener: HostListener) => HostLink

/** What a host tells of its sandboxes, beside answers. */
export type News = Extract<FromHost, { opening: number }>

export interface HostKeeper {
  news(news: News): void
  /** All that the host had in memory is gone. */
  lost(opening: number, why: string): void
  ready(engineVersion: string): void
  problem(message: string): void
  /**
   * Resolves when what has been told of the sandbox so far is on the disk: an answer waits for it. Undefined when it is already.
   */
  durable(id: string): Promise<void> | undefined
}

/** The sandbox is not in the host's memory. */
export const absent = Symbol('absent')

interface Call {
  id: string
  resolve(result: unknown): void
  reject(error: unknown): void
}

type Listener = (out: Out) => void

const restartMs = 1000
/** Of the end of the process. */
const leaveMs = 3000
const lostMessage = msg('The simulator was started again. Try again in a moment.')

export class HostClient {
  readonly #start: StartHost
  readonly #keeper: HostKeeper
  #link: HostLink
  #calls = new Map<number, Call>()
  #channels = new Map<number, { id: string; listen: Listener; lost(): void }>()
  #number = 0
  #isClosed = false
  #startedMs = performance.now()

  constructor(start: StartHost, keeper: HostKeeper) {
    this.#start = start
    this.#keeper = keeper
    this.#link = this.#begin()
  }

  post(message: ToHost): void {
    this.#link.post(message)
  }

  /** @returns `absent` when the sandbox has to be opened first */
  ask<K extends Act['kind']>(id: string, act: Extract<Act, { kind: K }>): Promise<Results[K] | typeof absent> {
    return this.#ask(++this.#number, id, act)
  }

  async request(id: string, request: HttpRequest): Promise<Outcome | typeof absent> {
    const channel = ++this.#number
    const outcome = await this.#ask(channel, id, { kind: 'request', request })
    if (outcome === absent) return absent
    switch (outcome.kind) {
      case 'answer':
      case 'no-answer':
        return outcome
      case 'stream':
        return { ...outcome, open: (sink: StreamSink) => this.#openStream(channel, id, sink) }
      case 'exec':
        return { ...outcome, open: (sink: ExecSink) => this.#openExec(channel, id, sink) }
      case 'port-forward':
        return this.#portForward(channel, id)
    }
  }

  async begin(
    id: string,
    act: Extract<Act, { kind: 'begin' }>,
    sink: CommandSink,
  ): Promise<RunningLine | typeof absent> {
    const channel = ++this.#number
    // What it prints may come before the answer that it has begun, and is handed on after it.
    const early: Out[] = []
    let hand: Listener = (out) => void early.push(out)
    this.#listen(
      channel,
      id,
      (out) => hand(out),
      () => hand({ out: 'done', result: lostResult }),
    )
    const begun = await this.#ask(channel, id, act).catch((error: unknown) => {
      this.#channels.delete(channel)
      throw error
    })
    if (begun === absent) {
      this.#channels.delete(channel)
      return absent
    }
    const deliver: Listener = (out) => {
      if (out.out === 'printed') sink.output(out.stream, out.text)
      if (out.out !== 'done') return
      this.#channels.delete(channel)
      sink.done(out.result)
    }
    setImmediate(() => {
      hand = deliver
      for (const out of early) deliver(out)
    })
    return {
      input: (input) => this.#say(channel, { say: 'input', input }),
      interrupt: () => this.#say(channel, { say: 'interrupt' }),
    }
  }

  /** @param lost told when the host is gone, and nothing more comes */
  async subscribe(id: string, changed: () => void, lost: () => void): Promise<{ stop(): void } | typeof absent> {
    const channel = ++this.#number
    this.#listen(
      channel,
      id,
      ({ out }) => {
        if (out === 'changed') changed()
        else if (out === 'end') {
          this.#channels.delete(channel)
          lost()
        }
      },
      lost,
    )
    const done = await this.#ask(channel, id, { kind: 'subscribe' }).catch((error: unknown) => {
      this.#channels.delete(channel)
      throw error
    })
    if (done === absent) {
      this.#channels.delete(channel)
      return absent
    }
    return {
      stop: () => {
        if (this.#channels.delete(channel)) this.#say(channel, { say: 'close' })
      },
    }
  }

  /** Resolves when the host has come to its messages: nothing has an empty name there. */
  async healthy(): Promise<void> {
    await this.ask('', { kind: 'look' })
  }

  /** All sandboxes out of the host's memory, as long as it answers. */
  async leave(): Promise<void> {
    const call = ++this.#number
    const left = new Promise<unknown>((resolve) => {
      this.#calls.set(call, { id: '', resolve, reject: resolve })
    })
    this.#link.post({ do: 'leave', call })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, leaveMs)
    })
    await Promise.race([left, late])
    clearTimeout(timer)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#link.close()
    this.#end()
  }

  #begin(): HostLink {
    this.#startedMs = performance.now()
    return this.#start({
      messages: (messages) => {
        // Each for itself: who reads one of them badly does not keep another one's answer from it.
        for (const message of messages) {
          try {
            this.#receive(message)
          } catch (error) {
            this.#problem(error)
          }
        }
      },
      lost: (opening, why) => this.#lost(opening, why),
      problem: (error) => this.#problem(error),
    })
  }

  #problem(error: unknown): void {
    this.#keeper.problem(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }

  #lost(opening: number, why: string): void {
    if (this.#isClosed) return
    this.#keeper.lost(opening, why)
    this.#link = this.#restart()
    this.#end()
  }

  /** At once, unless it ended as soon as it had begun: then what is asked meanwhile waits. */
  #restart(): HostLink {
    if (performance.now() - this.#startedMs > restartMs) return this.#begin()
    const waiting: ToHost[] = []
    let link: HostLink | undefined
    const timer = setTimeout(() => {
      link = this.#begin()
      this.#link = link
      for (const message of waiting) link.post(message)
    }, restartMs)
    return {
      post: (message) => (link ? link.post(message) : void waiting.push(message)),
      close: async () => {
        clearTimeout(timer)
        await link?.close()
      },
    }
  }

  /** Ends all that waits for the host. */
  #end(): void {
    const calls = [...this.#calls.values()]
    const channels = [...this.#channels.values()]
    this.#calls.clear()
    this.#channels.clear()
    for (const { reject } of calls) reject(new LabRefusal(503, lostMessage))
    for (const { lost } of channels) lost()
  }

  #ask<K extends Act['kind']>(
    call: number,
    id: string,
    act: Extract<Act, { kind: K }>,
  ): Promise<Results[K] | typeof absent> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new LabRefusal(503, msg('The server is stopping.')))
        return
      }
      this.#calls.set(call, { id, resolve: (result) => resolve(result as Results[K] | typeof absent), reject })
      this.#link.post({ do: 'call', call, id, act })
    })
  }

  #receive(message: FromHost): void {
    switch (message.tell) {
      case 'done':
      case 'refused':
      case 'failed':
      case 'absent': {
        const call = this.#calls.get(message.call)
        if (!call) return
        this.#calls.delete(message.call)
        settle(call, message, this.#keeper.durable(call.id))
        return
      }
      case 'out': {
        const channel = this.#channels.get(message.channel)
        if (!channel) return
        // That input was taken is told when what it changed is kept.
        const wait = message.out.out === 'took' ? this.#keeper.durable(channel.id) : undefined
        if (wait)
          wait.then(
            () => channel.listen(message.out),
            () => undefined,
          )
        else channel.listen(message.out)
        return
      }
      case 'ready':
        this.#keeper.ready(message.engineVersion)
        return
      case 'problem':
        this.#keeper.problem(message.message)
        return
      default:
        this.#keeper.news(message)
    }
  }

  #listen(channel: number, id: string, listen: Listener, lost: () => void): void {
    this.#channels.set(channel, { id, listen, lost })
  }

  #say(channel: number, say: Say): void {
    this.#link.post({ do: 'say', channel, say })
  }

  /** Tells the host, when it is so, that so much has been handed on. */
  #taken(channel: number, bytes: number, taken: Taken): void {
    const tell = () => this.#say(channel, { say: 'taken', bytes })
    if (taken) void taken.then(tell, tell)
    else tell()
  }

  #openStream(channel: number, id: string, sink: StreamSink) {
    const end = () => {
      if (this.#channels.delete(channel)) sink.end()
    }
    this.#listen(
      channel,
      id,
      (out) => {
        if (out.out === 'text') this.#taken(channel, out.text.length, sink.write(out.text))
        else if (out.out === 'end') end()
      },
      () => sink.end(),
    )
    this.#say(channel, { say: 'open' })
    return {
      close: (reason?: 'timeout') => {
        // What is told last still comes.
        if (reason === 'timeout') this.#say(channel, { say: 'close', reason })
        else if (this.#channels.delete(channel)) this.#say(channel, { say: 'close' })
      },
    }
  }

  #openExec(channel: number, id: string, sink: ExecSink) {
    const inputs = new Waiting()
    this.#listen(
      channel,
      id,
      (out) => {
        if (out.out === 'stdout') this.#taken(channel, out.data.length, sink.stdout(out.data))
        else if (out.out === 'stderr') this.#taken(channel, out.data.length, sink.stderr(out.data))
        else if (out.out === 'took') inputs.took(out.bytes)
        else if (out.out === 'end') {
          this.#channels.delete(channel)
          inputs.release()
          sink.end(out.status ?? lostStatus)
        }
      },
      () => {
        inputs.release()
        sink.end(lostStatus)
      },
    )
    this.#say(channel, { say: 'open' })
    return {
      write: (data: Uint8Array): Taken => {
        this.#say(channel, { say: 'data', data })
        return inputs.sent(data.length)
      },
      end: () => this.#say(channel, { say: 'end' }),
      resize: (columns: number, rows: number) => this.#say(channel, { say: 'resize', columns, rows }),
      close: () => {
        inputs.release()
        if (this.#channels.delete(channel)) this.#say(channel, { say: 'close' })
      },
    }
  }

  #portForward(channel: number, id: string): PortForwardSession {
    const connections = new Map<number, { sink: ConnectionSink; inputs: Waiting }>()
    const whenLost: (() => void)[] = []
    let isLost = false
    const lost = () => {
      if (isLost) return
      isLost = true
      for (const { sink, inputs } of connections.values()) {
        inputs.release()
        sink.error(lostConnection)
      }
      connections.clear()
      for (const act of whenLost) act()
    }
    this.#listen(
      channel,
      id,
      (out) => {
        if (out.out === 'end' && out.connection === undefined) {
          this.#channels.delete(channel)
          lost()
          return
        }
        if (!('connection' in out) || out.connection === undefined) return
        const { connection } = out
        const known = connections.get(connection)
        if (!known) return
        if (out.out === 'data') this.#taken(channel, out.data.length, known.sink.data(out.data))
        else if (out.out === 'took') known.inputs.took(out.bytes)
        else if (out.out === 'end') known.sink.end()
        else if (out.out === 'error') {
          connections.delete(connection)
          known.inputs.release()
          known.sink.error(out.text)
        }
      },
      lost,
    )
    let number = 0
    return {
      kind: 'port-forward',
      whenLost(act) {
        if (isLost) act()
        else whenLost.push(act)
      },
      connect: (port, sink) => {
        if (isLost) {
          sink.error(lostConnection)
          return { write: () => undefined, end: () => undefined, close: () => undefined }
        }
        const connection = ++number
        const inputs = new Waiting()
        connections.set(connection, { sink, inputs })
        this.#say(channel, { say: 'connect', connection, port })
        return {
          write: (data: Uint8Array): Taken => {
            this.#say(channel, { say: 'data', data, connection })
            return inputs.sent(data.length)
          },
          end: () => this.#say(channel, { say: 'end', connection }),
          close: () => {
            connections.delete(connection)
            inputs.release()
            this.#say(channel, { say: 'close', connection })
          },
        }
      },
      close: () => {
        if (this.#channels.delete(channel)) this.#say(channel, { say: 'close' })
        for (const { inputs } of connections.values()) inputs.release()
        connections.clear()
      },
    }
  }
}

/** Input on its way to the other process: beyond a window, whoever writes is asked to wait. */
class Waiting {
  #bytes = 0
  #isReleased = false
  #resume: (() => void)[] = []

  sent(bytes: number): Taken {
    this.#bytes += bytes
    if (this.#bytes <= windowBytes || this.#isReleased) return
    return new Promise((resolve) => this.#resume.push(resolve))
  }

  took(bytes: number): void {
    this.#bytes -= bytes
    if (this.#bytes <= windowBytes) this.#go()
  }

  /** Nothing more is taken: nobody is kept waiting. */
  release(): void {
    this.#isReleased = true
    this.#go()
  }

  #go(): void {
    const waiting = this.#resume
    this.#resume = []
    for (const resume of waiting) resume()
  }
}

const windowBytes = 256 * 1024

const lostStatus = failureStatus(500, 'InternalError', lostMessage)
/** As kubectl says it. */
const lostConnection = 'lost connection to pod'

const lostResult: CommandResult = { atMs: 0, doneMs: 0, exit: 1, stdout: '', stderr: `error: ${lostMessage}\n` }

type Reply = Extract<FromHost, { call: number }>

function settle(call: Call, reply: Reply, durable: Promise<void> | undefined): void {
  const answer = () => {
    if (reply.tell === 'done') call.resolve(reply.result)
    else if (reply.tell === 'absent') call.resolve(absent)
    else if (reply.tell === 'refused') call.reject(new LabRefusal(reply.status, reply.text, reply.values))
    else call.reject(new Error(`in the process of the sandboxes: ${reply.message}`))
  }
  if (durable) durable.then(answer, call.reject)
  else answer()
}
