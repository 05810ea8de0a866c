/** What the process that answers requests and the process that simulates say to each other. Plain data; a call's number is also that of the channel it leaves open. */
import type { Command, CommandResult, HttpRequest, LoggedCommand, SessionInput } from '../../../sim/index.ts'
import type { LabRefusal } from '../types.ts'
import type { ClockSetting } from './clock.ts'
import type { Checkpoint, SandboxState } from './live-sandbox.ts'
import type { Birth, CauseNode, ObjectName, ObjectQuery, ObjectVersion, Passed, SandboxView } from './types.ts'

export type ToHost =
  /** A cluster to be rebuilt, unless it is there. `opening` names this time of it: what is told of an earlier one is void. `from`: who shares the room fairly, an address. */
  | { do: 'open'; id: string; opening: number; from: string; state: SandboxState }
  | { do: 'call'; call: number; id: string; act: Act }
  /** It is out of date, or gone. */
  | { do: 'drop'; id: string }
  /** All out of memory, with their checkpoints told. */
  | { do: 'leave'; call: number }
  | { do: 'say'; channel: number; say: Say }

/** Something asked of one sandbox. */
export type Act =
  /** `mostSteps`: what was rebuilt for it may have taken so many steps of computing. */
  | { kind: 'look'; atMs?: number; mostSteps?: number }
  | { kind: 'subscribe' }
  | { kind: 'set-speed'; speed: number }
  | { kind: 'skip'; ms: number }
  | { kind: 'step' }
  | { kind: 'settle'; maxMs: number }
  | { kind: 'run'; command: Command }
  | { kind: 'begin'; command: Command }
  | { kind: 'complete'; line: string; cursor: number }
  | { kind: 'request'; request: HttpRequest }
  | { kind: 'objects'; query: ObjectQuery }
  | { kind: 'causes'; object: ObjectName }
  | { kind: 'birth'; pod: Omit<ObjectName, 'resource'> }

/** What comes of each. */
export interface Results {
  look: Omit<SandboxView, 'notice'>
  subscribe: undefined
  'set-speed': undefined
  skip: Passed
  step: Passed
  settle: Passed
  run: CommandResult
  begin: undefined
  complete: string[]
  request: WireOutcome
  objects: ObjectVersion[]
  causes: CauseNode[]
  birth: Birth
}

/** An outcome of the API, its functions left out. */
export type WireOutcome =
  | { kind: 'answer'; status: number; headers: Record<string, string>; body: string | Uint8Array }
  | { kind: 'no-answer'; why: string }
  | { kind: 'stream'; status: number; headers: Record<string, string>; timeoutSeconds?: number; isBinary?: boolean }
  | { kind: 'exec'; stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean }
  | { kind: 'port-forward' }

/** Into a channel. `connection` is that of a port-forward. */
export type Say =
  | { say: 'open' }
  | { say: 'connect'; connection: number; port: number }
  | { say: 'data'; data: Uint8Array; connection?: number }
  | { say: 'end'; connection?: number }
  | { say: 'resize'; columns: number; rows: number }
  | { say: 'interrupt' }
  | { say: 'input'; input: SessionInput }
  | { say: 'close'; reason?: 'timeout'; connection?: number }
  /** So many bytes have been handed on. */
  | { say: 'taken'; bytes: number }

/** Out of a channel. */
export type Out =
  | { out: 'text'; text: string }
  | { out: 'stdout'; data: Uint8Array }
  | { out: 'stderr'; data: Uint8Array }
  | { out: 'printed'; stream: 'stdout' | 'stderr'; text: string }
  | { out: 'data'; data: Uint8Array; connection: number }
  | { out: 'error'; text: string; connection: number }
  /** Of a port-forward one connection, or without its number all there are and might be. */
  | { out: 'end'; status?: Record<string, unknown>; connection?: number }
  | { out: 'done'; result: CommandResult }
  | { out: 'changed' }
  /** So many bytes of input have been taken. */
  | { out: 'took'; bytes: number; connection?: number }

/** What a `LabRefusal` is made of again. */
type Refused = Pick<LabRefusal, 'status' | 'text' | 'values'>

export type FromHost =
  | { tell: 'ready'; engineVersion: string }
  | { tell: 'done'; call: number; result: unknown }
  | ({ tell: 'refused'; call: number } & Refused)
  | { tell: 'failed'; call: number; message: string }
  /** The sandbox is not in memory: open it, and ask again. */
  | { tell: 'absent'; call: number }
  /** It cannot be opened. */
  | ({ tell: 'unopened'; id: string; opening: number } & Refused)
  /** Added to the log, from that place on. */
  | { tell: 'logged'; id: string; opening: number; first: number; commands: LoggedCommand[] }
  | { tell: 'clock'; id: string; opening: number; clock: ClockSetting }
  /** Rebuilt; whether it is the cluster that the checkpoint was taken of. */
  | { tell: 'rebuilt'; id: string; opening: number; isSame: boolean }
  /** Not in memory any more, since nobody looked. */
  | { tell: 'left'; id: string; opening: number; checkpoint: Checkpoint | undefined }
  /** Not in memory any more, since it takes more at a time than this host has for one. */
  | { tell: 'outgrown'; id: string; opening: number; clock: ClockSetting }
  | { tell: 'out'; channel: number; out: Out }
  /** Something that is our mistake. */
  | { tell: 'problem'; message: string }
