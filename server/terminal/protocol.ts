/** What the process of the terminals and the rest of the server say to each other. Plain data. */
import type { Command, CommandResult, SessionInput } from '../../sim/index.ts'
import type { TerminalRecord } from '../storage/types.ts'
import type { EditNews, EditRequest } from './editing.ts'
import type { FileSet } from './shell.ts'

/** Into the process. `key` names a session: the sandbox that it is for. */
export type ToTerminals =
  | { to: 'open'; key: string; state: TerminalRecord }
  | { to: 'attach'; key: string; view: number }
  | { to: 'detach'; key: string; view: number }
  | { to: 'input'; key: string; data: string }
  | { to: 'resize'; key: string; columns: number; rows: number }
  | { to: 'edited'; key: string; id: number; text?: string; isOpen?: boolean }
  | { to: 'run'; key: string; call: number; line: string }
  /** What was done beside the terminal, to be seen in it. */
  | { to: 'show'; key: string; text: string }
  | { to: 'close'; key: string }
  /** What came of a `begin`. */
  | { to: 'printed'; call: number; stream: 'stdout' | 'stderr'; text: string }
  | { to: 'done'; call: number; result: CommandResult }
  | { to: 'completed'; call: number; candidates: string[] }
  /** Files that somebody changed beside the terminal. */
  | { to: 'latest'; call: number; files: FileSet }
  /** What came of a `save`. */
  | { to: 'saved'; call: number; why?: string }
  | { to: 'ping'; call: number }

/** Out of the process. */
export type FromTerminals =
  | { from: 'write'; view: number; text: string }
  | { from: 'edit'; view: number; request: EditRequest }
  | { from: 'editNews'; view: number; news: EditNews }
  | { from: 'announce'; view: number; exitCode: number }
  | { from: 'begin'; key: string; call: number; command: Command }
  | { from: 'type'; call: number; input: SessionInput }
  | { from: 'interrupt'; call: number }
  | { from: 'complete'; key: string; call: number; line: string; cursor: number }
  /** Answered by `saved`. */
  | { from: 'save'; key: string; call: number; state: TerminalRecord }
  | { from: 'latest'; key: string; call: number }
  | { from: 'ran'; call: number; output: string; exitCode: number }
  | { from: 'pong'; call: number }
