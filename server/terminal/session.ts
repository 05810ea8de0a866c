/**
 * A terminal session: keys in, text for the screen out. It outlives the connection that shows it, so that a page that is loaded
 * again goes on where it was.
 */
import { completeLine } from './completion.ts'
import { endsHereDocument, type HereDocument, needsMore, openHereDocument } from './continuation.ts'
import type { Editing, EditNews, EditRequest } from './editing.ts'
import { shellLimits } from './limits.ts'
import { emptyLine, insertText, keysOf, type LineEvent, type LineState, pressKey } from './line-editor.ts'
import { editOnNode } from './node-editing.ts'
import { type FileSet, type RunningLine, Shell, type ShellCluster } from './shell.ts'
import type { ShellFiles } from './shell-files.ts'
import { watchTime } from './standing-time.ts'

/** What a session needs of the sandbox that it is for. */
export interface SessionCluster extends ShellCluster {
  /** What could stand at the cursor of a kubectl line. */
  complete(line: string, cursor: number): Promise<string[]>
  /** Files that were changed beside the terminal since: they take the place of its own. */
  latestFiles(): Promise<FileSet>
  /** Keeps the files for the next session. @returns why not all of them could be */
  saveFiles(files: FileSet): Promise<string | undefined>
}

/** Who shows the session; there may be none for a while. */
export interface SessionView {
  write(text: string): void
  /** A text to change: answered by `edited`. */
  edit(request: EditRequest): void
  /** What came of a text that was saved, or that the editor is closed. */
  editNews(news: EditNews): void
  /** Told to a screen reader: a command has ended, and how. */
  announce(exitCode: number): void
}

interface OpenEdit {
  request: EditRequest
  /** @returns why it could not be */
  save(text: string): Promise<string | undefined>
  saved?: string
  isSaving: boolean
  done(text: string | undefined): void
}

/** What is kept to be shown again. */
const mostScrollback = 200_000
/** Keys that wait for a command to end. */
const mostTypedAhead = shellLimits.maxSourceBytes
/** After so many characters that were looked through, the others of the process have their turn. */
const pauseAfterCharacters = 1 << 20
const welcome = 'A shell beside your cluster.\r\nTry \x1b[1mkubectl get nodes\x1b[0m, or \x1b[1mhelp\x1b[0m.\r\n'

const helpText = `kubectl (k)     the cluster; Tab completes commands, kinds, names and flags
helm            charts: helm create web, helm install web ./web; helm repo add demo https://charts.example.com
ssh NODE        a shell on a node: crictl ps, journalctl -u kubelet, iptables-save, ls /etc/kubernetes/manifests
curl, dig       from outside the cluster, as from a laptop beside it
vi FILE         an editor; also nano, and edit for a plain form. kubectl edit opens the one that KUBE_EDITOR or EDITOR names
ls, cat, grep, jq, sed, awk, for, if, pipes and > work on files of your own:
they are kept. Beside a challenge, those of the task are shared with the editor
A line that ends in & runs beside the next: kubectl port-forward svc/web 8080:80 &, then curl; jobs, fg, kill %1
Ctrl-C ends what runs, Ctrl-L clears, Ctrl-R searches the history, Esc then Tab leaves the terminal
`

export class TerminalSession {
  readonly #cluster: SessionCluster
  readonly #shell: Shell
  readonly #time: ReturnType<typeof watchTime>
  /** Who shows it, the latest last. */
  readonly #views = new Set<SessionView>()
  /** What stays on the screen, without the line being typed: however often and however wide that was drawn. */
  #scrollback = welcome
  #line: LineState
  #isRedrawDue = false
  /** What was printed last did not end its line. */
  #isMidLine = false
  /** How many rows above the cursor's the shown line begins. */
  #rowsAbove = 0
  #columns = 80
  #rows = 24
  /** A program of the cluster that keys go to. */
  #keyTaker: RunningLine | undefined
  /** The node that lines go to, its own shell there, and how that asks for a line. */
  #node: { name: string; session: string; prompt: string } | undefined
  #isBusy = false
  /** Lines of a command that is not whole yet. */
  #begun = ''
  /** The one that they are in. */
  #hereDocument: HereDocument | undefined
  #lookedThrough = 0
  /** Typed while a command ran. */
  #typedAhead = ''
  #running: RunningLine | undefined
  #edit: OpenEdit | undefined
  #edits = 0

  /** @param number among the shells that share those files */
  constructor(
    cluster: SessionCluster,
    state: { files?: FileSet | ShellFiles; history?: readonly string[] } = {},
    number = 1,
  ) {
    this.#cluster = cluster
    this.#time = watchTime(cluster)
    this.#shell = new Shell(this.#time, state.files, (_, text) => this.#printBeside(text), number)
    this.#line = emptyLine(state.history)
  }

  get history(): readonly string[] {
    return this.#line.history
  }

  /** Shows what there is to one more view. */
  attach(view: SessionView): void {
    this.#views.add(view)
    view.write(this.#scrollback)
    if (!this.#isBusy) view.write(this.#drawn())
    if (this.#edit) view.edit(this.#edit.request)
  }

  detach(view: SessionView): void {
    this.#views.delete(view)
  }

  resize(columns: number, rows: number): void {
    this.#columns = Math.max(10, Math.min(1000, Math.floor(columns) || 80))
    this.#rows = Math.max(2, Math.min(1000, Math.floor(rows) || 24))
    this.#keyTaker?.input({ act: 'resize', columns: this.#columns, rows: this.#rows })
  }

  /** Keys that were pressed, or text that was pasted. */
  input(data: string): void {
    if (this.#keyTaker) {
      this.#keyTaker.input({ act: 'write', data })
      return
    }
    if (this.#isBusy && this.#typedAhead.length > mostTypedAhead && !data.includes('\x03')) {
      this.#write('\x07')
      return
    }
    for (const key of keysOf(data)) this.#press(key)
    this.#redrawIfDue()
  }

  /**
   * A text that an editor was left with; none when it was given up: then what was saved before stays.
   * @param isOpen the text is saved, and the editor stays open
   */
  edited(id: number, text: string | undefined, isOpen = false): void {
    const edit = this.#edit?.request.id === id ? this.#edit : undefined
    if (isOpen) {
      void this.#saveEdit(id, edit, text ?? '')
      return
    }
    if (!edit) return
    this.#edit = undefined
    for (const view of this.#views) view.editNews({ id, is: 'ended' })
    edit.done(text ?? edit.saved)
  }

  async #saveEdit(id: number, edit: OpenEdit | undefined, text: string): Promise<void> {
    const tell = (why: string | undefined): void => {
      for (const view of this.#views)
        view.editNews(why === undefined ? { id, is: 'saved' } : { id, is: 'refused', why })
    }
    if (!edit) return tell('the shell was started again')
    // One at a time, so that nothing piles up.
    if (edit.isSaving) return tell('it is being written already')
    edit.isSaving = true
    let why = await edit.save(text).catch((error: unknown) => (error as Error).message)
    if (why === undefined) {
      edit.saved = text
      const { isNew: _, ...request } = edit.request
      edit.request = { ...request, text }
      why = await this.#cluster.saveFiles(await this.#shell.files())
    }
    edit.isSaving = false
    tell(why)
  }

  /** Runs a line as if it had been typed, and gives what it printed: for who has no terminal. */
  async runLine(line: string): Promise<{ output: string; exitCode: number }> {
    this.#leaveLine(emptyLine())
    const from = this.#scrollback.length
    this.#write(`${line}\r\n`)
    const exitCode = await this.#run(line)
    const output = this.#scrollback.slice(from)
    this.#showPrompt()
    return { output, exitCode }
  }

  /** Shows what was done beside the terminal, above the line that is being typed. */
  show(text: string): void {
    this.#printBeside(text)
  }

  close(): void {
    this.#shell.interrupt()
    this.#shell.stopJobs()
    this.edited(this.#edit?.request.id ?? -1, undefined)
  }

  #press(key: string): void {
    if (this.#isBusy) {
      if (key === '\x03') {
        this.#write('^C\r\n')
        this.#typedAhead = ''
        this.#shell.interrupt()
        this.#running?.interrupt()
      } else this.#typedAhead += key
      return
    }
    const before = this.#line
    const step = pressKey(before, key)
    // What comes next stands below the line as it was left.
    if (step.event) this.#redrawIfDue()
    this.#line = step.state
    if (step.event) this.#act(step.event, before)
    else this.#isRedrawDue ||= step.isChanged
  }

  #act(event: LineEvent, before: LineState): void {
    switch (event.kind) {
      case 'interrupt':
        this.#leaveLine(before)
        this.#begun = ''
        this.#write('^C\r\n')
        this.#showPrompt()
        return
      case 'clear':
        this.#scrollback = ''
        this.#rowsAbove = 0
        this.#write('\x1b[H\x1b[2J')
        this.#redraw()
        return
      case 'end':
        if (this.#node) {
          this.#leaveLine(before)
          this.#write('logout\r\n')
          this.#leaveNode()
        }
        this.#showPrompt()
        return
      case 'complete':
        void this.#complete(event.text, event.cursor)
        return
      case 'line':
        this.#leaveLine(before)
        this.#write('\r\n')
        void this.#enter(event.text)
    }
  }

  async #enter(text: string): Promise<void> {
    const whole = this.#begun ? `${this.#begun}\n${text}` : text
    const isPart = !this.#node && this.#isPart(whole, text)
    const isTooLong = isPart && whole.length > shellLimits.maxSourceBytes
    this.#begun = isPart && !isTooLong ? whole : ''
    if (isTooLong)
      this.#print(`bash: a command of more than ${shellLimits.maxSourceBytes} characters: put it into a file\n`)
    if (!isPart) await this.#run(whole)
    if (this.#lookedThrough > pauseAfterCharacters) await this.#pause()
    this.#showPrompt()
    const ahead = this.#typedAhead
    this.#typedAhead = ''
    this.input(ahead)
  }

  /** @param line the last of the text */
  #isPart(text: string, line: string): boolean {
    if (this.#hereDocument && this.#begun && !endsHereDocument(this.#hereDocument, line)) return true
    this.#lookedThrough += text.length
    this.#hereDocument = openHereDocument(text)
    return needsMore(text)
  }

  async #pause(): Promise<void> {
    this.#lookedThrough = 0
    this.#isBusy = true
    await new Promise((done) => setImmediate(done))
    this.#isBusy = false
  }

  async #run(text: string): Promise<number> {
    const line = text.trim()
    if (line === '' && !this.#node) return 0
    this.#isBusy = true
    try {
      const exitCode = this.#node ? await this.#runOnNode(line) : await this.#runHere(line)
      for (const view of this.#views) view.announce(exitCode)
      return exitCode
    } catch (error) {
      this.#print(`podium: ${(error as Error).message}\n`)
      return 1
    } finally {
      this.#isBusy = false
      this.#running = undefined
      this.#keyTaker = undefined
    }
  }

  async #runHere(line: string): Promise<number> {
    if (line === 'help') {
      this.#print(helpText)
      return 0
    }
    if (line === 'exit' || line === 'logout') {
      this.#print('This shell stays open; close the page to leave it.\n')
      return 0
    }
    if (line === 'clear') {
      this.#scrollback = ''
      this.#write('\x1b[H\x1b[2J')
      return 0
    }
    await this.#shell.put(await this.#cluster.latestFiles())
    const { stdout, stderr, exitCode } = await this.#shell.run(line, {
      write: (_, text) => this.#print(text),
      edit: (editing, save) => this.#openEditor(editing, save),
      enterNode: (name, session, prompt) => {
        this.#node = { name, session, prompt }
        this.#print(`Welcome to ${name}: systemd, containerd and a kubelet. "exit" leads back.\n`)
      },
      takeKeys: (running) => {
        this.#keyTaker = running
        const ahead = this.#typedAhead
        this.#typedAhead = ''
        if (ahead) running.input({ act: 'write', data: ahead })
      },
      size: { columns: this.#columns, rows: this.#rows },
      history: this.#line.history,
    })
    this.#print(stdout + stderr)
    this.#print(quiet(this.#time.takeWord()))
    const why = await this.#cluster.saveFiles(await this.#shell.files())
    if (why !== undefined) this.#print(`podium: not saved: ${why}\n`)
    return exitCode
  }

  async #runOnNode(line: string): Promise<number> {
    const node = this.#node!
    if (/^(exit|logout)(\s+\d+)?$/.test(line)) {
      this.#print('logout\n')
      this.#leaveNode()
      return 0
    }
    const { name, session } = node
    const edited = await editOnNode(line, {
      run: (own, stdin) => this.#runUnseen(name, session, own, stdin),
      edit: (editing, save) => this.#openEditor(editing, save),
      print: (text) => this.#print(text),
    })
    if (edited !== undefined) {
      if (edited === 255) this.#leaveNode()
      return edited
    }
    const keyboard = { columns: this.#columns, rows: this.#rows }
    const command = { op: 'node', node: name, line, session, keyboard } as const
    const running = await this.#cluster.begin(command, (_, text) => this.#print(text))
    this.#running = running
    this.#keyTaker = running
    const { exit, prompt } = await running.result
    if (prompt) node.prompt = prompt
    // The machine is gone, and the connection with it.
    if (exit === 255) this.#leaveNode()
    return exit
  }

  /** A line in the session's shell on the node, nothing of which is shown. */
  async #runUnseen(node: string, session: string, line: string, stdin?: string) {
    const shown = { stdout: '', stderr: '' }
    const command = { op: 'node', node, line, session, ...(stdin === undefined ? {} : { stdin }) } as const
    const running = await this.#cluster.begin(command, (stream, text) => {
      shown[stream] += text
    })
    const { exit } = await running.result
    return { ...shown, exit }
  }

  #leaveNode(): void {
    this.#print(`Connection to ${this.#node?.name} closed.\n`)
    this.#node = undefined
  }

  #openEditor(editing: Editing, save: OpenEdit['save']): Promise<string | undefined> {
    const latest = [...this.#views].at(-1)
    if (!latest) return Promise.resolve(undefined)
    const request = { id: ++this.#edits, ...editing }
    const changed = new Promise<string | undefined>((done) => {
      this.#edit = { request, save, done, isSaving: false }
    })
    latest.edit(request)
    return changed
  }

  async #complete(text: string, cursor: number): Promise<void> {
    if (this.#node) return
    const line = this.#line
    const found = await completeLine(text, cursor, {
      kubectl: (kubectlLine, at) => this.#cluster.complete(kubectlLine, at),
      path: (prefix) => this.#shell.completePath(prefix),
    })
    // Somebody went on typing meanwhile.
    if (this.#line !== line || this.#isBusy) return
    if (found.insert) {
      this.#line = insertText(line, found.insert)
      this.#redraw()
    } else if (found.candidates.length > 1) {
      this.#leaveLine(line)
      this.#print(`\n${inColumns(found.candidates, this.#columns)}`)
      this.#rowsAbove = 0
      this.#redraw()
    }
  }

  get #prompt(): string {
    if (this.#begun) return '> '
    return this.#node
      ? `\x1b[31m${this.#node.prompt.trimEnd()}\x1b[0m `
      : `\x1b[32mlearner@podium\x1b[0m:\x1b[34m${this.#shell.place}\x1b[0m$ `
  }

  #showPrompt(): void {
    this.#print(this.#shell.takeEndedJobs())
    // The line is drawn over its whole row: what was printed without a newline at its end keeps the one above.
    if (this.#isMidLine) this.#write('\r\n')
    this.#rowsAbove = 0
    this.#redraw()
  }

  /** Once for all keys that came together: each drawing is as long as the line. */
  #redrawIfDue(): void {
    if (this.#isRedrawDue) this.#redraw()
  }

  /** Draws the prompt and the line anew, wherever they were broken into rows. */
  #redraw(): void {
    this.#isRedrawDue = false
    const up = this.#rowsAbove > 0 ? `\x1b[${this.#rowsAbove}A` : ''
    this.#show(up + this.#drawn())
  }

  /** The prompt and the line, the cursor where it belongs, as drawn from the row that they begin in. */
  #drawn(): string {
    const { text, cursor, search } = this.#line
    const prompt = search === undefined ? this.#prompt : `(reverse-i-search)\`${search}': `
    const width = visibleLength(prompt)
    const end = width + text.length
    const at = width + cursor
    const endRow = Math.floor(end / this.#columns)
    const atRow = Math.floor(at / this.#columns)
    // A line that ends at the last column leaves the cursor there: an own newline makes the next row.
    const wrap = end > 0 && end % this.#columns === 0 ? '\r\n' : ''
    const back = endRow > atRow ? `\x1b[${endRow - atRow}A` : ''
    const column = at % this.#columns
    const right = column > 0 ? `\x1b[${column}C` : ''
    this.#rowsAbove = atRow
    return `\r\x1b[J${prompt}${text.join('')}${wrap}${back}\r${right}`
  }

  /** The line stays as it is, and the cursor goes behind it, so that what comes next stands below it. */
  #leaveLine({ text }: LineState): void {
    const rows = Math.floor((visibleLength(this.#prompt) + text.length) / this.#columns) - this.#rowsAbove
    if (rows > 0) this.#show(`\x1b[${rows}B`)
    this.#keep(this.#prompt + text.join(''))
    this.#rowsAbove = 0
  }

  /** Above the line that is being typed. */
  #printBeside(text: string): void {
    if (this.#isBusy) {
      this.#print(text)
      return
    }
    const up = this.#rowsAbove > 0 ? `\x1b[${this.#rowsAbove}A` : ''
    this.#show(`${up}\r\x1b[J`)
    this.#print(text.endsWith('\n') ? text : `${text}\n`)
    this.#rowsAbove = 0
    this.#redraw()
  }

  #print(text: string): void {
    this.#write(text.replaceAll(/\r?\n/g, '\r\n'))
  }

  #write(text: string): void {
    if (text === '') return
    const shown = withoutControls(text)
    if (shown !== '') this.#isMidLine = !shown.endsWith('\n')
    else if (text.endsWith('\x1b[2J')) this.#isMidLine = false
    this.#keep(text)
    this.#show(text)
  }

  #show(text: string): void {
    for (const view of this.#views) view.write(text)
  }

  #keep(text: string): void {
    this.#scrollback += text
    if (this.#scrollback.length > mostScrollback) {
      const cut = this.#scrollback.indexOf('\n', this.#scrollback.length - mostScrollback)
      this.#scrollback = this.#scrollback.slice(cut + 1)
    }
  }
}

/** As a remark, which no command has printed. */
const quiet = (text: string): string => (text === '' ? '' : `\x1b[2m${text.trimEnd()}\x1b[0m\n`)

/** Without colours, movements of the cursor and the bell. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const withoutControls = (text: string): string => text.replaceAll(/\x1b\[[0-9;]*[A-Za-z]|\x07/g, '')

const visibleLength = (text: string): number => withoutControls(text).length

/** Names in columns, read downwards, as a shell lists them. */
function inColumns(names: readonly string[], columns: number): string {
  const width = Math.max(...names.map((name) => name.length)) + 2
  const across = Math.max(1, Math.floor(columns / width))
  const rows = Math.ceil(names.length / across)
  return Array.from(
    { length: rows },
    (_, row) =>
      `${names
        .filter((__, at) => at % rows === row)
        .map((name) => name.padEnd(width))
        .join('')
        .trimEnd()}\n`,
  ).join('')
}
