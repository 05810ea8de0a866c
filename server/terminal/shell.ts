/**
 * The learner's shell: just-bash with its own small file system, and the commands that reach the sandbox. It knows of no screen
 * and no socket.
 */
import { randomInt } from 'node:crypto'
import { Bash, type CommandContext, defineCommand, type ExecResult } from 'just-bash'
import { parse } from 'unbash'
import type { Command, CommandResult, SessionInput } from '../../sim/index.ts'
import { asItGoes, deviceFolder, type Feed, feedsCommand, functionsIn, showsCommand } from './as-it-goes.ts'
import { boundedCommands } from './bounded-commands.ts'
import {
  type Editing,
  type EditorProgram,
  editorNames,
  mostEditedLength,
  mostSettingsLength,
  readEditorLine,
  settingsFiles,
} from './editing.ts'
import { feedLines } from './feed.ts'
import { type Job, Jobs } from './jobs.ts'
import { mostFileBytes, mostJobs, shellLimits } from './limits.ts'
import { quoted } from './quoted.ts'
import { type EditLine, editLineOf, readRefusal, reopened, withoutComments } from './refused-edit.ts'
import { ShellFiles } from './shell-files.ts'

/** What the shell may ask of the cluster. */
export interface ShellCluster {
  /** Runs a command while the clock goes on. */
  begin(command: Command, output: (stream: 'stdout' | 'stderr', text: string) => void): Promise<RunningLine>
}

export interface RunningLine {
  /** What is typed meanwhile, for a line with a keyboard. */
  input(input: SessionInput): void
  readonly result: Promise<CommandResult>
  interrupt(): void
}

/** What a line may do with the screen. */
export interface ShellScreen {
  /** As it comes. */
  write(stream: 'stdout' | 'stderr', text: string): void
  /**
   * Lets a person change a text.
   * @param save takes a text while the editor stays open, and says why not
   * @returns the text as it was saved last; undefined when it never was
   */
  edit(editing: Editing, save: (text: string) => Promise<string | undefined>): Promise<string | undefined>
  /** Lines go to that node from here on, by the shell of that session, which asks for the first by the prompt. */
  enterNode(node: string, session: string, prompt: string): void
  /** Keys go to the line that runs from here on, until it ends. */
  takeKeys(running: RunningLine): void
  readonly size: { columns: number; rows: number }
  /** The lines typed so far, the oldest first. */
  readonly history: readonly string[]
}

export interface ShellResult {
  stdout: string
  stderr: string
  exitCode: number
}

/** A command as it is called: where what it prints goes, unless to whoever called it. */
interface Called extends CommandContext {
  goesTo?: 'screen' | Feed | undefined
}

/** A file by absolute path: text, or bytes in base64. */
export type FileSet = Record<string, string | { base64: string }>

const learner = 'learner'
export const homeFolder = `/home/${learner}`
const folders = [homeFolder, '/tmp']
/** Set for the commands of a job. */
const jobVariable = 'PODIUM_JOB'

export class Shell {
  readonly #cluster: ShellCluster
  readonly #fs: ShellFiles
  readonly #number: number
  readonly #bash: Bash
  /** Those that may write to the screen as they go. */
  readonly #commands: Readonly<Record<string, (args: string[], context: Called) => Promise<ExecResult>>> = {
    kubectl: (args, context) => this.#kubectl(args, context),
    k: (args, context) => this.#kubectl(args, context),
    helm: (args, context) => this.#helm(args, context),
    curl: (args, context) => this.#fromOutside('curl', args, context),
    dig: (args, context) => this.#fromOutside('dig', args, context),
    nslookup: (args, context) => this.#fromOutside('nslookup', args, context),
    // By the cluster's clock.
    sleep: (args, context) => this.#fromOutside('sleep', args, context),
    ssh: (args, context) => this.#ssh(args, context),
    watch: (args, context) => this.#watch(args, context),
    sudo: (args, context) => this.#call(args, context),
    ...Object.fromEntries(
      editorNames.map((name) => [name, (args: string[], context: Called) => this.#edit(name, args, context)]),
    ),
  }
  #cwd = homeFolder
  #env: Record<string, string>
  #screen: ShellScreen | undefined
  #running: RunningLine | undefined
  #abort: AbortController | undefined
  #logins = 0
  /** Of the line before. */
  #exitCode = 0
  readonly #jobs = new Jobs()
  /** Where jobs write to while no line runs. */
  readonly #beside: ShellScreen['write']
  readonly #aliases = new Map<string, string>()
  /** Their definitions, which the library forgets with the line. */
  readonly #functions = new Map<string, string>()

  /**
   * @param files those that it begins with, or those of another shell, which both go on with
   * @param beside takes what jobs print while no line runs
   * @param number among the shells that share their files
   */
  constructor(
    cluster: ShellCluster,
    files: FileSet | ShellFiles = {},
    beside: ShellScreen['write'] = () => undefined,
    number = 1,
  ) {
    this.#cluster = cluster
    this.#beside = beside
    this.#number = number
    this.#fs = files instanceof ShellFiles ? files : filesOf(files)
    this.#fs.showScreen(this.#devices, (stream, text) => this.#show(stream, text))
    this.#env = {
      HOME: homeFolder,
      USER: learner,
      SHELL: '/bin/bash',
      HOSTNAME: 'podium',
      TERM: 'xterm-256color',
      EDITOR: 'vi',
    }
    this.#bash = new Bash({
      fs: this.#fs,
      cwd: homeFolder,
      env: this.#env,
      executionLimits: shellLimits,
      customCommands: [
        ...Object.entries(this.#commands).map(([name, run]) => defineCommand(name, run)),
        defineCommand(showsCommand, (args, context) => this.#call(args, { ...context, goesTo: 'screen' })),
        defineCommand(feedsCommand, ([feed = '', ...args], context) =>
          this.#call(args, { ...context, goesTo: JSON.parse(feed) as Feed }),
        ),
        defineCommand('jobs', async () => ({ stdout: this.#jobs.list(), stderr: '', exitCode: 0 })),
        defineCommand('history', async ([most]) => ({ stdout: this.#past(most), stderr: '', exitCode: 0 })),
        // Of the lines that are typed for kubectl's completion: it is there without them.
        defineCommand('complete', async () => ({ stdout: '', stderr: '', exitCode: 0 })),
        defineCommand('whoami', async () => ({ stdout: `${learner}\n`, stderr: '', exitCode: 0 })),
        ...boundedCommands.map(({ name, run }) => defineCommand(name, run)),
        defineCommand('fg', ([name]) => this.#foreground(name)),
        defineCommand('kill', (args) => this.#kill(args)),
        ...['less', 'more'].map((name) => defineCommand(name, (args, context) => runAgain(['cat', ...args], context))),
        ...absent.map((name) =>
          defineCommand(name, async () => ({
            stdout: '',
            stderr: `bash: ${name}: command not found\n`,
            exitCode: 127,
          })),
        ),
      ],
    })
  }

  /** Runs the words as a command, whose output goes where that of this one does. */
  #call(words: string[], context: Called): Promise<ExecResult> {
    const [name = '', ...args] = words
    return context.goesTo && Object.hasOwn(this.#commands, name)
      ? this.#commands[name]!(args, context)
      : runAgain(words, context)
  }

  get #devices(): string {
    return deviceFolder(this.#number)
  }

  get cwd(): string {
    return this.#cwd
  }

  /** The folder as a prompt shows it. */
  get place(): string {
    const { cwd } = this
    return cwd === homeFolder ? '~' : cwd.startsWith(`${homeFolder}/`) ? `~${cwd.slice(homeFolder.length)}` : cwd
  }

  /** Runs a line to its end. Its commands write to the screen as they go; what is left of it comes at the end. */
  async run(line: string, screen: ShellScreen): Promise<ShellResult> {
    this.#screen = screen
    this.#abort = new AbortController()
    let last: ShellResult = { stdout: '', stderr: '', exitCode: 0 }
    try {
      const statements = statementsOf(line)
      for (const [at, { text, isJob }] of statements.entries()) {
        const statement = this.#withAlias(text)
        last = isJob ? this.#startJob(statement) : await this.#runStatement(statement, this.#abort.signal)
        if (this.#abort.signal.aborted) break
        if (at === statements.length - 1) break
        screen.write('stdout', last.stdout)
        screen.write('stderr', last.stderr)
      }
      return last
    } finally {
      this.#screen = undefined
      this.#running = undefined
    }
  }

  async #runStatement(line: string, signal: AbortSignal): Promise<ShellResult> {
    const alias = /^\s*alias\s+([\w-]+)=(?:'([^']*)'|"([^"]*)"|(\S*))\s*$/.exec(line)
    if (alias) {
      this.#aliases.set(alias[1]!, alias[2] ?? alias[3] ?? alias[4] ?? '')
      return { stdout: '', stderr: '', exitCode: 0 }
    }
    for (const { name, definition } of functionsIn(line)) this.#functions.set(name, definition)
    // The library forgets how the line before ended.
    const before = this.#exitCode === 0 ? '' : `(exit ${this.#exitCode}); `
    const result = await this.#exec(`${this.#definitions}${before}${asItGoes(line, this.#devices)}`, signal)
    this.#exitCode = result.exitCode
    return result
  }

  #show(stream: 'stdout' | 'stderr', text: string): void {
    if (text === '') return
    if (this.#screen) this.#screen.write(stream, text)
    else this.#beside(stream, text)
  }

  /** Runs it beside what is typed from here on, until it ends or is stopped. */
  #startJob(text: string): ShellResult {
    if (this.#jobs.running.length >= mostJobs)
      return { stdout: '', stderr: 'bash: fork: Resource temporarily unavailable\n', exitCode: 254 }
    const env = { ...this.#env, [jobVariable]: '1' }
    const script = this.#definitions + asItGoes(text, this.#devices)
    const { number, pid } = this.#jobs.start(text, async (signal) => {
      try {
        const { stdout, stderr, exitCode } = await this.#bash.exec(script, { cwd: this.#cwd, env, signal })
        if (!signal.aborted) {
          this.#show('stdout', stdout)
          this.#show('stderr', inOurWords(stderr))
        }
        return exitCode
      } catch (error) {
        if (!signal.aborted) this.#show('stderr', `bash: ${inOurWords((error as Error).message)}\n`)
        return 1
      }
    })
    return { stdout: `[${number}] ${pid}\n`, stderr: '', exitCode: 0 }
  }

  /** What is said of jobs that have ended, once. */
  takeEndedJobs(): string {
    return this.#jobs.takeEnded()
  }

  stopJobs(): void {
    for (const job of this.#jobs.running) job.stop()
  }

  /** Waits for a job; Ctrl-C ends it. */
  async #foreground(name: string | undefined): Promise<ExecResult> {
    const job = this.#jobs.find(name)
    if (job?.outcome !== 'running')
      return { stdout: '', stderr: `bash: fg: ${name ?? 'current'}: no such job\n`, exitCode: 1 }
    this.#show('stdout', `${job.text}\n`)
    const signal = this.#abort?.signal
    if (signal?.aborted) job.stop()
    signal?.addEventListener('abort', job.stop)
    const exitCode = await job.ended
    signal?.removeEventListener('abort', job.stop)
    this.#jobs.forget(job)
    return { stdout: '', stderr: '', exitCode }
  }

  async #kill(args: readonly string[]): Promise<ExecResult> {
    const names = args.filter((arg) => !arg.startsWith('-'))
    if (names.length === 0)
      return { stdout: '', stderr: 'kill: usage: kill [-s sigspec] pid | %job ...\n', exitCode: 2 }
    let stderr = ''
    const stopped: Job[] = []
    for (const name of names) {
      const job = this.#jobs.find(name)
      if (job?.outcome === 'running') stopped.push(job)
      else stderr += `bash: kill: ${name.startsWith('%') ? `${name}: no such job` : `(${name}) - No such process`}\n`
    }
    for (const job of stopped) job.stop()
    await Promise.all(stopped.map(({ ended }) => ended))
    return { stdout: '', stderr, exitCode: stderr ? 1 : 0 }
  }

  /** The lines typed so far with their numbers, or the last of them. */
  #past(most: string | undefined): string {
    const lines = (this.#screen?.history ?? []).map((line, at) => `${String(at + 1).padStart(5)}  ${line}\n`)
    return lines.slice(/^\d+$/.test(most ?? '') ? Math.max(0, lines.length - Number(most)) : 0).join('')
  }

  get #definitions(): string {
    return [...this.#functions.values()].map((definition) => `${definition}\n`).join('')
  }

  async #exec(script: string, signal: AbortSignal): Promise<ShellResult> {
    try {
      const result = await this.#bash.exec(script, { cwd: this.#cwd, env: this.#env, signal })
      this.#env = { ...result.env }
      this.#cwd = result.env.PWD ?? this.#cwd
      // What was interrupted has said enough.
      if (signal.aborted) return { stdout: result.stdout, stderr: '', exitCode: 130 }
      const stderr = inOurWords(result.stderr)
      return { stdout: result.stdout, stderr, exitCode: result.exitCode }
    } catch (error) {
      if (signal.aborted) return { stdout: '', stderr: '', exitCode: 130 }
      return { stdout: '', stderr: `bash: ${inOurWords((error as Error).message)}\n`, exitCode: 1 }
    }
  }

  /** The line with its first word spelt out, if that is an alias. */
  #withAlias(line: string): string {
    const [, space = '', word = '', rest = ''] = /^(\s*)([\w-]+)([\s\S]*)$/.exec(line) ?? []
    const meant = this.#aliases.get(word)
    return meant === undefined ? line : space + meant + rest
  }

  /** Ctrl-C: ends what runs. */
  interrupt(): void {
    this.#abort?.abort()
    this.#running?.interrupt()
  }

  /** Files that are to be kept, by absolute path. */
  async files(): Promise<FileSet> {
    const kept: FileSet = {}
    let bytes = 0
    for (const path of this.#fs.getAllPaths()) {
      if (!folders.some((folder) => path.startsWith(`${folder}/`))) continue
      const content = await this.#content(path)
      if (content === undefined) continue
      bytes += content.length
      if (bytes > mostFileBytes) break
      const text = content.toString('utf8')
      kept[path] = Buffer.from(text, 'utf8').equals(content) ? text : { base64: content.toString('base64') }
    }
    return kept
  }

  /** As a workplace tells of them: `folder/` without content. */
  async #emptyFolders(): Promise<FileSet> {
    const paths = this.#fs.getAllPaths()
    const filled = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))))
    const empty: FileSet = {}
    for (const path of paths) {
      if (filled.has(path) || !folders.some((folder) => path.startsWith(`${folder}/`))) continue
      if ((await this.#fs.stat(path).catch(() => undefined))?.isDirectory) empty[`${path}/`] = ''
    }
    return empty
  }

  /** Writes files over those that there are. */
  async put(files: FileSet): Promise<void> {
    for (const [path, content] of Object.entries(files))
      await this.#fs.writeFile(path, typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'))
  }

  /** Names of files and folders that begin so, for completion: `app/we` gives `app/web.yaml`. */
  async completePath(prefix: string): Promise<string[]> {
    const slash = prefix.lastIndexOf('/')
    const folder = slash < 0 ? this.#cwd : this.#fs.resolvePath(this.#cwd, prefix.slice(0, slash) || '/')
    const names = await this.#fs.readdir(folder).catch(() => [])
    const before = prefix.slice(0, slash + 1)
    const found: string[] = []
    for (const name of names) {
      if (!name.startsWith(prefix.slice(slash + 1))) continue
      const stat = await this.#fs.stat(`${folder}/${name}`).catch(() => undefined)
      found.push(`${before}${name}${stat?.isDirectory ? '/' : ''}`)
    }
    return found.sort()
  }

  /** Undefined for a folder. */
  async #content(path: string): Promise<Buffer | undefined> {
    const stat = await this.#fs.stat(path).catch(() => undefined)
    return stat?.isFile ? Buffer.from(await this.#fs.readFileBuffer(path)) : undefined
  }

  async #begin(
    command: Command,
    context: Called,
    hasKeyboard = false,
  ): Promise<CommandResult & { shown: ShellResult }> {
    const shown = { stdout: '', stderr: '', exitCode: 0 }
    const { goesTo } = context
    const isJob = context.env.has(jobVariable)
    const write: ShellScreen['write'] = (stream, text) => this.#show(stream, text)
    const screen = !goesTo ? undefined : isJob ? { write } : this.#screen
    const feed = goesTo && goesTo !== 'screen' && screen ? this.#feed(goesTo, context, screen) : undefined
    const running = await this.#cluster.begin(command, (stream, text) => {
      if (stream === 'stdout' && feed) feed.write(text)
      else if (screen) screen.write(stream, text)
      else shown[stream] += text
    })
    if (!isJob) this.#running = running
    if (hasKeyboard) this.#screen?.takeKeys(running)
    const interrupt = (): void => running.interrupt()
    const signals = [isJob ? undefined : this.#abort?.signal, context.signal]
    for (const signal of signals) {
      if (signal?.aborted) interrupt()
      else signal?.addEventListener('abort', interrupt)
    }
    feed?.isEnough.then(interrupt)
    const result = await running.result
    for (const signal of signals) signal?.removeEventListener('abort', interrupt)
    if (!isJob) this.#running = undefined
    return { ...result, shown: { ...shown, exitCode: feed ? await feed.end() : result.exit } }
  }

  /** The rest of a pipeline, which runs while its first command does. */
  #feed(
    feed: Feed,
    { cwd, env, signal: own }: Called,
    screen: Pick<ShellScreen, 'write'>,
  ): ReturnType<typeof feedLines> {
    const variables = Object.fromEntries(env)
    const signal = env.has(jobVariable) ? own : this.#abort?.signal
    return feedLines(feed, this.#fs, {
      write: (stream, text) => !signal?.aborted && screen.write(stream, text),
      run: (script, stdin) =>
        this.#bash.exec(this.#definitions + script, {
          cwd,
          env: variables,
          ...(stdin === undefined ? {} : { stdin }),
          ...(signal && { signal }),
        }),
    })
  }

  async #kubectl(args: string[], context: Called): Promise<ExecResult> {
    const { cwd, env, stdin } = context
    const isShown = isShownBy(context) && !env.has(jobVariable)
    const environment = someOf(env, ['HOME', 'KUBECONFIG', 'EDITOR', 'KUBE_EDITOR', 'KUBECTL_EXTERNAL_DIFF'])
    const edit = isShown && this.#screen ? editLineOf(args) : undefined
    if (edit && this.#screen) return this.#kubectlEdit(args, edit, context, this.#screen)
    const keyboard = isShown && takesKeys(args) ? this.#screen?.size : undefined
    const result = await this.#begin(
      {
        op: 'kubectl',
        line: ['kubectl', ...args.map(quoted)].join(' '),
        ...(stdin ? { stdin: decodeUtf8(String(stdin)) } : {}),
        ...(keyboard ? { keyboard: { ...keyboard } } : {}),
        workplace: { directory: cwd, environment, files: { ...(await this.files()), ...(await this.#emptyFolders()) } },
      },
      context,
      keyboard !== undefined,
    )
    await this.#keepWritten(result)
    return result.shown
  }

  async #helm(args: string[], context: Called): Promise<ExecResult> {
    const { cwd, env, stdin } = context
    const result = await this.#begin(
      {
        op: 'helm',
        line: ['helm', ...args.map(quoted)].join(' '),
        ...(stdin ? { stdin: decodeUtf8(String(stdin)) } : {}),
        workplace: {
          directory: cwd,
          environment: someOf(env, ['HOME', 'KUBECONFIG', 'HELM_NAMESPACE', 'HELM_REPOSITORY_CONFIG']),
          files: { ...(await this.files()), ...(await this.#emptyFolders()) },
        },
      },
      context,
    )
    await this.#keepWritten(result)
    return result.shown
  }

  /** What a line wrote into files, or removed. */
  async #keepWritten({ files }: { files?: CommandResult['files'] }): Promise<void> {
    for (const [path, content] of Object.entries(files?.written ?? {})) {
      if (path.endsWith('/')) {
        if (content !== null) await this.#fs.mkdir(path, { recursive: true })
      } else if (content === null) await this.#fs.rm(path, { force: true })
      else await this.#fs.writeFile(path, typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'))
    }
  }

  /** The object as it is, in the editor; then what the editor was left with, until the cluster takes it or it is left unchanged. */
  async #kubectlEdit(
    args: string[],
    { header, reading, rest }: EditLine,
    context: Called,
    screen: ShellScreen,
  ): Promise<ExecResult> {
    const unseen = { ...context, goesTo: undefined }
    const own = rest.filter((arg) => !editOnly.test(arg))
    const line = ['kubectl', ...reading, ...own.map(quoted), '-o', 'yaml'].join(' ')
    const { shown } = await this.#begin({ op: 'kubectl', line }, unseen)
    if (shown.exitCode !== 0) return shown
    const before = shown.stdout
    const copy = `/tmp/kubectl-edit-${randomInt(1e9, 4e9)}.yaml`
    const kept = `A copy of your changes has been stored to "${copy}"\n`
    let text = header + before
    /** What was refused. */
    let refused: string | undefined
    let said = ''
    for (;;) {
      const edited = await this.#withEditor(text, copy, rest, context, screen)
      if (typeof edited === 'object') return { stdout: '', stderr: said + edited.problem, exitCode: 1 }
      if (refused !== undefined && (edited === undefined || withoutComments(edited) === refused)) {
        await this.#fs.writeFile(copy, edited ?? text)
        const stderr = `${said}${kept}error: Edit cancelled, no valid changes were saved.\n`
        return { stdout: '', stderr, exitCode: 1 }
      }
      if (edited === undefined || edited === text)
        return { stdout: '', stderr: 'Edit cancelled, no changes made.\n', exitCode: 0 }
      const edits: Command = {
        op: 'kubectl',
        line: ['kubectl', ...args.map(quoted)].join(' '),
        edited: { before, after: edited },
      }
      const result = await this.#begin(edits, unseen)
      const { stdout, stderr } = result.shown
      if (result.exit === 0 || !stderr) return { ...result.shown, stderr: said + stderr }
      const { told, reasons, isForReplace } = readRefusal(stderr, before)
      if (reasons === undefined) {
        await this.#fs.writeFile(copy, edited)
        const hint = isForReplace ? `You can run \`kubectl replace -f ${copy}\` to try this update again.\n` : ''
        return { stdout, stderr: said + (hint ? told + hint : kept + told), exitCode: 1 }
      }
      said += told
      refused = withoutComments(edited)
      text = reopened(header, reasons, edited)
    }
  }

  /** A text in the editor that the learner's variables name: one of the terminal's, or any command that changes a file. */
  async #withEditor(
    text: string,
    path: string,
    rest: readonly string[],
    context: Called,
    screen: ShellScreen,
  ): Promise<string | undefined | { problem: string }> {
    const command = context.env.get('KUBE_EDITOR') || context.env.get('EDITOR') || 'vi'
    const editor = readEditorLine(command.trim().split(/\s+/))
    if (editor) {
      const { program, start } = editor
      const shownPath = program === 'form' ? rest.join(' ') : path
      return screen.edit(
        {
          path: shownPath,
          text,
          program,
          ...(start === undefined ? {} : { start }),
          ...(await this.#settings(program)),
        },
        async () => undefined,
      )
    }
    await this.#fs.writeFile(path, text)
    const { exitCode = 127, stderr } = (await context.exec?.(`${command} ${path}`, { cwd: context.cwd })) ?? {}
    const changed = await this.#fs.readFile(path)
    await this.#fs.rm(path, { force: true })
    if (exitCode === 127) return { problem: `error: unable to launch the editor "${command}"\n` }
    if (exitCode !== 0) return { problem: `${stderr ?? ''}error: there was a problem with the editor "${command}"\n` }
    return changed
  }

  /** A client outside of the cluster, on the machine of the one who types. */
  async #fromOutside(program: string, args: string[], context: Called): Promise<ExecResult> {
    const { stdin } = context
    const line = [program, ...args.map(quoted)].join(' ')
    const given = stdin ? { stdin: decodeUtf8(String(stdin)) } : {}
    const result = await this.#begin({ op: 'outside', line, ...given }, context)
    return result.shown
  }

  async #ssh(args: string[], context: Called): Promise<ExecResult> {
    const { stdin } = context
    const at = args.findIndex((arg) => !arg.startsWith('-'))
    // What stands behind the node is its command's.
    const [options, [target, ...words]] = at < 0 ? [args, []] : [args.slice(0, at), args.slice(at)]
    if (!target) return { stdout: '', stderr: 'usage: ssh [user@]node [command ...]\n', exitCode: 255 }
    if (options.length > 0)
      return { stdout: '', stderr: `ssh: the option ${options[0]} is not available here\n`, exitCode: 255 }
    const node = target.slice(target.indexOf('@') + 1)
    if (words.length > 0) {
      const given = stdin ? { stdin: decodeUtf8(String(stdin)) } : {}
      const result = await this.#begin({ op: 'node', node, line: words.join(' '), ...given }, context)
      return result.shown
    }
    if (!isShownBy(context) || !this.#screen)
      return {
        stdout: '',
        stderr: 'Pseudo-terminal will not be allocated because stdin is not a terminal.\n',
        exitCode: 255,
      }
    const session = `terminal-${this.#number}-${++this.#logins}`
    const reached = await this.#begin({ op: 'node', node, line: 'true', session }, context)
    if (reached.exit === 0) this.#screen.enterNode(node, session, reached.prompt ?? `root@${node}:~# `)
    return reached.shown
  }

  /** A command again and again, each time on an empty screen, until it is interrupted. */
  async #watch(args: string[], context: Called): Promise<ExecResult> {
    const [first = '', second = ''] = args
    const attached = /^-n(.+)$/.exec(first)?.[1]
    const seconds = first === '-n' ? Number(second) : Number(attached ?? 2)
    const words = args.slice(first === '-n' ? 2 : attached ? 1 : 0)
    if (words.length === 0 || !(seconds > 0))
      return { stdout: '', stderr: 'usage: watch [-n SECONDS] COMMAND\n', exitCode: 1 }
    const screen = this.#screen
    if (!isShownBy(context) || !screen) return runAgain(words, context)
    const unseen = { ...context, goesTo: undefined }
    const signal = this.#abort?.signal
    while (!signal?.aborted) {
      const { stdout, stderr } = await runAgain(words, unseen)
      if (signal?.aborted) break
      screen.write('stdout', `\x1b[H\x1b[2JEvery ${seconds}s: ${words.join(' ')}\n\n${stdout}${stderr}`)
      await new Promise<void>((done) => {
        const stop = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', stop)
          done()
        }
        const timer = setTimeout(stop, Math.max(500, seconds * 1000))
        signal?.addEventListener('abort', stop)
      })
    }
    return { stdout: '', stderr: '', exitCode: 130 }
  }

  async #edit(name: string, args: string[], context: Called): Promise<ExecResult> {
    const { cwd } = context
    // The command's own may only be used in its turn, and a text is saved whenever its editor says so.
    const fs = this.#fs
    const fail = (why: string, exitCode = 1): ExecResult => ({ stdout: '', stderr: `${why}\n`, exitCode })
    const line = readEditorLine([name, ...args])
    const [path, second] = line?.files ?? []
    if (!line || !path) return fail(`usage: ${name} FILE`, 2)
    if (second !== undefined) return fail(`${name}: one file at a time here: ${path}, then ${second}`, 2)
    if (!isShownBy(context) || !this.#screen) return fail(`${name}: the input and the output must be the terminal`)
    const at = fs.resolvePath(cwd, path)
    const isThere = await fs.exists(at)
    if (isThere && (await fs.stat(at)).isDirectory) return fail(`"${path}" is a directory`)
    const text = isThere ? await fs.readFile(at) : ''
    if (text.length > mostEditedLength) return fail(`${name}: "${path}" has more than ${mostEditedLength} characters`)
    const { program, start, isReadOnly } = line
    let kept = text
    const save = async (changed: string): Promise<string | undefined> => {
      if (!(await fs.exists(at.slice(0, at.lastIndexOf('/')) || '/'))) return 'no such folder'
      try {
        await fs.writeFile(at, changed)
      } catch (error) {
        return (error as Error).message
      }
      kept = changed
      return undefined
    }
    const after = await this.#screen.edit(
      {
        ...{ path: at, text, program },
        ...(isThere ? {} : { isNew: true }),
        ...(isReadOnly ? { isReadOnly } : {}),
        ...(start === undefined ? {} : { start }),
        ...(await this.#settings(program)),
      },
      save,
    )
    const why = after === undefined || after === kept ? undefined : await save(after)
    return why === undefined ? { stdout: '', stderr: '', exitCode: 0 } : fail(`${name}: ${at}: ${why}`)
  }

  /** What the learner has written into the editor's own file. */
  async #settings(program: EditorProgram): Promise<{ settings?: string }> {
    const name = settingsFiles[program]
    const settings = name && (await this.#fs.readFile(`${homeFolder}/${name}`).catch(() => ''))
    return settings ? { settings: settings.slice(0, mostSettingsLength) } : {}
  }
}

/** The file system that shells of these files begin with. */
export function filesOf(files: FileSet): ShellFiles {
  const made = new ShellFiles(shellLimits.maxFileSystemBytes)
  for (const folder of folders) made.mkdirSync(folder, { recursive: true })
  for (const [path, content] of Object.entries(files))
    made.writeFileSync(path, typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'))
  return made
}

/** Those of the variables that are set. */
const someOf = (env: Called['env'], names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = env.get(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** Whether its output goes nowhere but to the screen. */
const isShownBy = ({ goesTo }: Called): boolean => goesTo === 'screen'

/** Flags of edit that get does not know. */
const editOnly = /^--(output-patch|save-config|field-manager|validate|windows-line-endings|record)(=|$)/

/** Whether kubectl connects the keyboard to a program. */
function takesKeys(args: readonly string[]): boolean {
  const dash = args.indexOf('--')
  const own = dash < 0 ? args : args.slice(0, dash)
  if (!own.some((arg) => ['exec', 'attach', 'run', 'debug'].includes(arg))) return false
  return own.some((arg) => arg === '--stdin' || arg === '--stdin=true' || /^-[a-z]*i[a-z]*$/.test(arg))
}

/** Programs of the library that would only say that they are not there. */
const absent = ['python', 'python3', 'js-exec', 'sqlite3', 'wget']

/** Runs the words as a command of the same shell. */
async function runAgain(words: readonly string[], context: Called): Promise<ExecResult> {
  if (!context.exec) return { stdout: '', stderr: `bash: ${words[0]}: command not found\n`, exitCode: 127 }
  return context.exec(words.map(quoted).join(' '), { cwd: context.cwd, stdin: String(context.stdin) })
}

/** The commands of a list, one after the other, those before a `&` as jobs; one that cannot be taken apart is one. */
function statementsOf(line: string): { text: string; isJob: boolean }[] {
  const whole = [{ text: line, isJob: false }]
  if (line.includes('<<')) return whole
  try {
    const { commands, errors = [] } = parse(line)
    if (errors.length > 0 || (commands.length < 2 && !commands[0]?.background)) return whole
    return commands.map(({ pos, end, background = false }) => ({
      text: line.slice(pos, end).replace(/\s*[;&]\s*$/, ''),
      isJob: background,
    }))
  } catch {
    return whole
  }
}

/** Input of a command is bytes, a character each. */
const decodeUtf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')

/** Without the library's advice to whoever runs it. */
const inOurWords = (stderr: string): string =>
  stderr.replaceAll(/, increase executionLimits\.\w+/g, ': a shell beside a sandbox stops there')
