/**
 * The log of a cluster: what is done to it from outside, in order and with its moment, and the running of it. Seed, shape and log are
 * all that a replay needs, so whatever reaches a cluster goes through here.
 */
import type { ClusterParts } from './cluster-parts.ts'
import { adminUser } from './component-context.ts'
import { knownUser } from './components/trust.ts'
import { runHelmLine } from './helm-line.ts'
import { type Patience, patienceFor } from './kubectl/patience.ts'
import { runKubectlLine } from './kubectl-line.ts'
import { runOutside } from './outside-shell.ts'
import { anonymous, type Sender } from './rest/authentication.ts'
import { isReadable } from './rest/bodies.ts'
import { loggedRequest, readLoggedRequest, unreadRequest } from './rest/logged-request.ts'
import { isRead } from './rest/rest.ts'
import type { HttpOutcome, HttpRequest } from './rest/types.ts'
import type { Driven } from './runtime/drive.ts'
import { createKeyboard, isInterrupt, type Keyboard } from './runtime/keyboard.ts'
import { recordOutput } from './scenario/command-output.ts'
import { type CommandTarget, type Emit, type Running, recordAsYours } from './scenario/commands/command.ts'
import { familyOf } from './scenario/commands/registry.ts'
import type { Command, CommandResult, LoggedCommand, SessionInput } from './scenario/types.ts'

/** As a shell tells it: 128 and SIGINT. */
const interruptedExit = 130

type Done = (result: CommandResult) => void

/** A command that runs while the clock goes on. */
export interface Begun {
  /** Its place in the log. */
  readonly number: number
  /** What is typed, or how large the screen is now, for a line with a keyboard. Ctrl-C ends it until a program takes what is typed. */
  input(input: SessionInput): void
  /** Ends it as Ctrl-C does: its exit code is 130. */
  interrupt(): void
}

export interface CommandLog {
  readonly log: readonly LoggedCommand[]
  /** Runs a command to its end, advancing virtual time. Nothing is logged. */
  run(command: Command): CommandResult
  /** Logs the command, runs it, and advances virtual time until it has ended. */
  execute(command: Command): CommandResult
  /** Runs a command without holding up time; `done` is given its result. Nothing is logged. */
  start(command: Command, done: Done, onOutput?: Emit): Driven
  /** As `start`, for a cluster whose clock goes on: it is logged as a command that others may come after while it runs. */
  begin(command: Command, done: Done, onOutput?: Emit): Begun
  /** A request of the Kubernetes HTTP API. What may change the cluster goes into the log; a read leaves no trace. */
  request(request: HttpRequest): HttpOutcome
  /** How long a command may take when nobody sits there to press Ctrl-C. */
  patience(command: Command): Patience
}

/**
 * @param clock the engine's time at the hand-over, from which the log counts
 * @param log where entries are put; what comes through open sessions is put there as well
 */
export function createCommandLog(
  parts: ClusterParts,
  clock: { readonly originMs: number },
  log: LoggedCommand[],
): CommandLog {
  const { engine, rest } = parts
  const running = new Map<number, Running>()
  const target: CommandTarget = {
    ...parts,
    clock,
    running,
    kubectl: (line, kubectlRun) => runKubectlLine(parts, line, kubectlRun, clock.originMs),
    helm: (line, helmRun) => runHelmLine(parts, line, helmRun, clock.originMs),
    outside(line, { out, finish }) {
      recordAsYours(parts, line.line)
      return runOutside(parts, line, out, finish)
    },
    answer: (command) => answer(readLoggedRequest(command)),
  }

  const nowMs = (): number => engine.nowMs - clock.originMs
  /** Whatever is due at this moment happens before the next command, so that a replay has the same order. */
  const drain = (): void => engine.runUntil(engine.nowMs)
  const patience = (command: Command): Patience => familyOf(command).patience?.(command) ?? patienceFor('')

  function perform(command: Command, done: Done, onOutput: Emit, typed?: { keyboard?: Keyboard }): Driven {
    const atMs = nowMs()
    const output = recordOutput()
    return familyOf(command).perform(target, command, {
      out(stream, text) {
        output.write(stream, text)
        onOutput(stream, text)
      },
      finish: (exit, more) => done({ atMs, doneMs: nowMs(), exit, ...output.written(), ...more }),
      keyboard: typed?.keyboard,
      isBegun: typed !== undefined,
    })
  }

  const start = (command: Command, done: Done, onOutput: Emit = () => undefined): Driven =>
    perform(command, done, onOutput)

  function begin(command: Command, done: Done, onOutput: Emit = () => undefined): Begun {
    drain()
    const atMs = nowMs()
    const number = log.push({ atMs, command, isBegun: true }) - 1
    const keyboard = createKeyboard()
    const screen = 'keyboard' in command ? command.keyboard : undefined
    if (screen) keyboard.type({ act: 'resize', ...screen })
    const driven = perform(
      command,
      (result) => {
        running.delete(number)
        done(result)
      },
      onOutput,
      { keyboard: screen && keyboard },
    )
    if (driven.isDone) return { number, input: () => undefined, interrupt: () => undefined }
    const end = (): void => {
      running.delete(number)
      driven.interrupt()
      done({ atMs, doneMs: nowMs(), exit: interruptedExit, stdout: '', stderr: '' })
    }
    running.set(number, { end, keyboard })
    const give = (given: Command, act: () => void): void => {
      if (!running.has(number)) return
      drain()
      log.push({ atMs: nowMs(), command: given })
      act()
    }
    return {
      number,
      input(input) {
        if (!keyboard.isTaken() && isInterrupt(input)) give({ op: 'interrupt', number }, end)
        else give({ op: 'input', number, input }, () => keyboard.type(input))
      },
      interrupt: () => give({ op: 'interrupt', number }, end),
    }
  }

  function run(command: Command): CommandResult {
    let result: CommandResult | undefined
    const output = recordOutput()
    const atMs = nowMs()
    const { ms, isEndless } = patience(command)
    const limit = engine.nowMs + ms
    const driven = start(
      command,
      (given) => {
        result = given
      },
      output.write,
    )
    while (!result && (engine.nextDueMs() ?? limit) < limit && engine.step());
    if (result) return result
    driven.interrupt()
    engine.runUntil(limit)
    if (!isEndless)
      output.write('stderr', `error: the command was still waiting after ${ms / 1000} s and was interrupted\n`)
    return { atMs, doneMs: nowMs(), exit: interruptedExit, ...output.written() }
  }

  function execute(command: Command): CommandResult {
    const at = log.push({ atMs: nowMs(), command }) - 1
    const result = run(command)
    // A workplace may be large; the history needs what the line used of it.
    if ((command.op === 'kubectl' || command.op === 'helm') && command.workplace && result.files) {
      const workplace = { ...command.workplace, files: result.files.used }
      log[at] = { ...log[at], command: { ...command, workplace } }
    }
    return result
  }

  function request(given: HttpRequest): HttpOutcome {
    const readable = rest.readable(given)
    if (isRead(readable)) return answer(readable)
    drain()
    const at = log.push({ atMs: nowMs(), command: loggedRequest(readable) }) - 1
    const outcome = answer(readable)
    const isUnread =
      outcome.kind === 'answer' &&
      outcome.status === 415 &&
      !isReadable(readable.method, readable.headers['content-type'])
    if (isUnread) log[at] = { ...log[at]!, command: unreadRequest(readable) }
    return outcome
  }

  function senderOf({ tls }: HttpRequest): Sender {
    if (!tls) return { otherwise: adminUser }
    const { certificate } = tls
    if (certificate === undefined) return { otherwise: anonymous }
    return { byCertificate: knownUser(parts.nodes.trust, certificate, engine.epochMs) }
  }

  /** By the administrator unless the request, or what it came over, says otherwise. */
  function answer(request: HttpRequest): HttpOutcome {
    const { failure } = parts.server.link
    if (failure !== undefined) return { kind: 'no-answer', why: failure }
    if (isRead(request)) return rest.handle(request, senderOf(request), false)
    drain()
    recordAsYours(parts, `${request.method} ${request.url}`)
    const outcome = engine.compute(() => rest.handle(request, senderOf(request), true))
    if (outcome.kind === 'answer' && outcome.afterMs) engine.runUntil(engine.nowMs + outcome.afterMs)
    return outcome
  }

  return { log, run, execute, start, begin, request, patience }
}
