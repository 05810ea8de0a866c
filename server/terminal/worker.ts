/** The process of the terminals: shells run here, so that a learner's loop keeps nobody waiting but its own kind. */
import type { CommandResult } from '../../sim/index.ts'
import type { FromTerminals, ToTerminals } from './protocol.ts'
import { type SessionView, TerminalSession } from './session.ts'
import { type FileSet, filesOf } from './shell.ts'
import type { ShellFiles } from './shell-files.ts'
import { baseOf, numberOf } from './shell-key.ts'

interface Pending {
  printed(stream: 'stdout' | 'stderr', text: string): void
  done(result: CommandResult): void
}

/** Serves terminals. @returns what is told of each message */
export function serveTerminals(say: (message: FromTerminals) => void): (message: ToTerminals) => void {
  const sessions = new Map<string, TerminalSession>()
  /** Of the terminals that have a shell. */
  const files = new Map<string, ShellFiles>()
  const views = new Map<number, SessionView>()
  const begun = new Map<number, Pending>()
  const completing = new Map<number, (candidates: string[]) => void>()
  const asking = new Map<number, (files: FileSet) => void>()
  const saving = new Map<number, (why: string | undefined) => void>()
  /** The files of each terminal as they were saved last, as JSON. */
  const lastSaved = new Map<string, string>()
  let calls = 0

  function open(key: string, state: Extract<ToTerminals, { to: 'open' }>['state']): void {
    if (sessions.has(key)) return
    const base = baseOf(key)
    const shared = files.get(base) ?? filesOf(state.files)
    files.set(base, shared)
    const session = new TerminalSession(
      {
        async begin(command, printed) {
          const call = ++calls
          const result = new Promise<CommandResult>((done) => {
            begun.set(call, { printed, done })
          })
          say({ from: 'begin', key, call, command })
          return {
            result,
            input: (input) => say({ from: 'type', call, input }),
            interrupt: () => say({ from: 'interrupt', call }),
          }
        },
        complete: (line, cursor) =>
          new Promise((done) => {
            const call = ++calls
            completing.set(call, done)
            say({ from: 'complete', key, call, line, cursor })
          }),
        latestFiles: () =>
          new Promise((done) => {
            const call = ++calls
            asking.set(call, done)
            say({ from: 'latest', key, call })
          }),
        async saveFiles(kept) {
          // What is kept of the lines is those of the first shell.
          const { history } = sessions.get(base) ?? session
          const call = ++calls
          say({ from: 'save', key, call, state: { files: kept, history: [...history] } })
          // Nobody waits for the history alone.
          const text = JSON.stringify(kept)
          if (lastSaved.get(base) === text) return undefined
          const why = await new Promise<string | undefined>((done) => {
            saving.set(call, done)
          })
          if (why === undefined) lastSaved.set(base, text)
          else lastSaved.delete(base)
          return why
        },
      },
      { files: shared, history: state.history },
      numberOf(key),
    )
    sessions.set(key, session)
  }

  function close(key: string): void {
    sessions.get(key)?.close()
    sessions.delete(key)
    const base = baseOf(key)
    if ([...sessions.keys()].some((other) => baseOf(other) === base)) return
    files.delete(base)
    lastSaved.delete(base)
  }

  function viewOf(view: number): SessionView {
    const known = views.get(view)
    if (known) return known
    const made: SessionView = {
      write: (text) => say({ from: 'write', view, text }),
      edit: (request) => say({ from: 'edit', view, request }),
      editNews: (news) => say({ from: 'editNews', view, news }),
      announce: (exitCode) => say({ from: 'announce', view, exitCode }),
    }
    views.set(view, made)
    return made
  }

  return (message) => {
    switch (message.to) {
      case 'open':
        return open(message.key, message.state)
      case 'attach':
        return sessions.get(message.key)?.attach(viewOf(message.view))
      case 'detach': {
        const view = views.get(message.view)
        views.delete(message.view)
        if (view) sessions.get(message.key)?.detach(view)
        return
      }
      case 'input':
        return sessions.get(message.key)?.input(message.data)
      case 'resize':
        return sessions.get(message.key)?.resize(message.columns, message.rows)
      case 'edited':
        return sessions.get(message.key)?.edited(message.id, message.text, message.isOpen)
      case 'run': {
        const { key, call, line } = message
        void sessions
          .get(key)
          ?.runLine(line)
          .then((ran) => say({ from: 'ran', call, ...ran }))
        return
      }
      case 'show':
        return sessions.get(message.key)?.show(message.text)
      case 'close':
        return close(message.key)
      case 'printed':
        return begun.get(message.call)?.printed(message.stream, message.text)
      case 'done':
        begun.get(message.call)?.done(message.result)
        begun.delete(message.call)
        return
      case 'completed':
        completing.get(message.call)?.(message.candidates)
        completing.delete(message.call)
        return
      case 'latest':
        asking.get(message.call)?.(message.files)
        asking.delete(message.call)
        return
      case 'saved':
        saving.get(message.call)?.(message.why)
        saving.delete(message.call)
        return
      case 'ping':
        say({ from: 'pong', call: message.call })
    }
  }
}
