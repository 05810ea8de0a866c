/**
 * Sandboxes as pages, the terminal and the Kubernetes API see them. A sandbox is stored as its seed, shape and log; the cluster
 * itself lives in another process while somebody looks, and is rebuilt by replay when somebody comes back.
 */
import type { CommandWords } from '../../../sim/forms.ts'
import type {
  ClusterOptions,
  ClusterShape,
  Command,
  CommandResult,
  HttpRequest,
  LoggedCommand,
  SessionInput,
} from '../../../sim/index.ts'
import type { SeatId } from '../../seat.ts'
import type { Peer } from '../../storage/leases.ts'
import type { SandboxRecord } from '../../storage/types.ts'
import type { ClusterView, SequenceRow } from '../types.ts'
import type { Outcome } from './sessions.ts'

export interface Sandboxes {
  /** Resolves when every process that keeps sandboxes answers. @throws Error when one is lost meanwhile */
  healthy(): Promise<void>
  /** How many a process has in memory. */
  live(): number
  /** @throws LabRefusal 422 for a shape that cannot be, 409 when the owner has as many as allowed */
  create(owner: string, request: CreateSandbox): Promise<SandboxSummary>
  /** The owner's own, the last used first. */
  list(owner: string): Promise<SandboxSummary[]>
  /** Undefined for one that is not there, or not theirs. */
  find(owner: string, id: string): Promise<SandboxSummary | undefined>
  /** The one that a read-only link shows. */
  findShared(token: string): Promise<SandboxSummary | undefined>
  remove(id: string): Promise<void>
  /** Removes whatever was copied from somebody's work, whosever it is, and what was branched off it. */
  removeCopies(of: SeatId): Promise<void>
  /** All that makes it again elsewhere. */
  copy(id: string): Promise<SandboxCopy>
  /**
   * Makes the sandbox of a copy, under the copy's id.
   * @throws LabRefusal 422 for a shape or a log that cannot be, 409 when there is no room or the id is somebody's
   */
  restore(owner: string, copy: SandboxCopy): Promise<SandboxSummary>
  /** Somebody has a sandbox of that id. */
  has(id: string): Promise<boolean>
  /** It is somebody else's from now on, who may then have more than the limit. */
  give(id: string, owner: string): Promise<void>
  /** How many more the owner may make. */
  room(owner: string): Promise<number>
  rename(id: string, name: string): Promise<void>
  /** Back to its first moment, with an empty log. */
  reset(id: string): Promise<void>
  /** Another sandbox that goes on from that moment of this one. */
  branch(id: string, atMs: number): Promise<SandboxSummary>

  /** The cluster now, or read-only at a moment of its past. */
  look(id: string, atMs?: number): Promise<SandboxView>
  /** Told after each change, at most some ten times a second, until `stop`. */
  subscribe(id: string, onChange: () => void): Promise<{ stop(): void }>
  setSpeed(id: string, speed: number): Promise<void>
  skip(id: string, ms: number): Promise<Passed>
  /** To the next thing that happens. */
  step(id: string): Promise<Passed>
  /** Until nothing but heartbeats and the like is due, at most that long. */
  settle(id: string, maxMs: number): Promise<Passed>

  /** Runs a command to its end, for who has no terminal. */
  run(id: string, command: Command): Promise<CommandResult>
  /** Runs a command while the clock goes on. */
  begin(id: string, command: Command, sink: CommandSink): Promise<RunningLine>
  /** What could stand at the cursor of a kubectl line. */
  complete(id: string, line: string, cursor: number): Promise<string[]>
  /** A request of the Kubernetes API. */
  request(id: string, request: HttpRequest): Promise<Outcome>

  objects(id: string, query: ObjectQuery): Promise<ObjectVersion[]>
  causes(id: string, object: ObjectName): Promise<CauseNode[]>
  /** What the parts of the cluster said to each other until that Pod was ready. */
  birth(id: string, pod: Omit<ObjectName, 'resource'>): Promise<Birth>
  /** What it was made as; with the log it is the whole of it. */
  options(id: string): Promise<ClusterOptions>
  /** The log, to show and to export. */
  log(id: string): Promise<readonly LoggedCommand[]>

  /** The secret of the API's address; made at first, and again by `rotateAddress`, which ends the old one. */
  address(id: string): Promise<SandboxAddress>
  rotateAddress(id: string): Promise<SandboxAddress>
  closeAddress(id: string): Promise<void>
  /** The sandbox behind an address; undefined for one that is not valid (any more). */
  findByAddress(secret: string): Promise<string | undefined>
  /** Told when that address is valid no longer. @returns how to take it back */
  whenAddressEnds(secret: string, act: () => void): () => void
  /** Told when another process keeps it: what is open here hears no more of it. @returns how to take it back */
  whenMoved(id: string, act: () => void): () => void
  /** Which process keeps it; undefined for none, and for a sandbox that there is not. */
  whereIs(id: string): Promise<'here' | Peer | undefined>
  share(id: string): Promise<string>
  unshare(id: string): Promise<void>
  close(): Promise<void>
}

export interface CreateSandbox {
  name: string
  shape: ClusterShape
  /** What happens before the hand-over: a scenario's first steps. */
  setup?: { commands: readonly Command[]; settleMs: number }
  seed?: string
  /** The cluster's date at its hand-over; the present one unless told. */
  startEpochMs?: number
  /** What was done to it already, and how far its clock is: an imported scenario's. */
  past?: { log: readonly LoggedCommand[]; virtualMs: number }
  /** Whose work it is a copy of: it goes with that. */
  copyOf?: SeatId
}

/** A sandbox without what opens it and without its terminal's files. */
export interface SandboxCopy {
  id: string
  name: string
  createdAtMs: number
  lastUsedAtMs: number
  /** Of the simulator that made its history. */
  engineVersion: string
  options: SandboxRecord['options']
  log: readonly LoggedCommand[]
  /** Where its clock stood. */
  virtualMs: number
}

export interface SandboxSummary {
  id: string
  owner: string
  name: string
  createdAtMs: number
  lastUsedAtMs: number
  /** When it is deleted unless somebody uses it. */
  expiresAtMs: number
  nodes: number
  speed: number
  shareToken: string | undefined
  hasAddress: boolean
}

export interface SandboxAddress {
  secret: string
  expiresAtMs: number
}

export interface SandboxView {
  view: ClusterView
  /** Virtual milliseconds since the hand-over that are shown, and the newest there are. */
  atMs: number
  nowMs: number
  epochMs: number
  speed: number
  /** Commands so far, each with its moment, for the scrubber. */
  marks: { atMs: number; words: CommandWords }[]
  /** Why it runs no further: a budget that is used up. */
  stopped: string | undefined
  /** What its owner should know: rebuilt by a newer simulator, it may have come out otherwise. */
  notice?: string
}

/** A command that runs while the clock goes on. */
export interface RunningLine {
  /** What is typed meanwhile, for a line with a keyboard. */
  input(input: SessionInput): void
  interrupt(): void
}

export interface CommandSink {
  output(stream: 'stdout' | 'stderr', text: string): void
  done(result: CommandResult): void
}

export interface Birth {
  /** Empty where nobody saw such a Pod being made. */
  rows: SequenceRow[]
  /** There were more of them. */
  isCut: boolean
}

export interface ObjectName {
  resource: string
  namespace: string
  name: string
}

/** Without a name all of a resource, as they are; with one its versions, the newest first. */
export type ObjectQuery = { resource: string; namespace?: string; name?: string; atMs?: number }

export interface ObjectVersion {
  namespace: string
  name: string
  revision: number
  atMs: number
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  yaml: string
  /** Who wrote it. */
  by: string
}

export interface CauseNode {
  record: number
  cause: number | undefined
  atMs: number
  actor: string
  action: string
  object: string
}

/** Time that somebody let pass. */
export interface Passed {
  /** There was more to do than one request may take: the clock stands earlier than it was asked to. */
  isCutShort: boolean
}
