/** Who sends hostile inputs: a cookie, an address and a sandbox of their own, made anew when the sandbox has stopped. */
import { type RawData, WebSocket } from 'ws'
import { type Answer, Visitor } from '../measured-site/visitor.ts'
import { type Step, written } from './input.ts'
import { world } from './world.ts'

/** What came of a step. */
export interface Outcome {
  step: Step
  status: number
  /** The beginning of what was answered. */
  text: string
  ms: number
  problem?: string
}

/** How an attacker's sandbox stands. */
export type Standing = { isOpen: true } | { isOpen: false; why: string }

/** A learner waits no longer. */
const learnersPatienceMs = 60_000
/** A line of the terminal that goes on is interrupted. */
const typingMs = 1000
const promptMs = 20_000

export class Attacker {
  readonly visitor: Visitor
  sandbox = ''
  /** What stands before `/api`. */
  api = ''
  #terminal: Terminal | undefined
  readonly #patienceMs: number
  readonly #controlPlane: string

  private constructor(visitor: Visitor, patienceMs: number, controlPlane: string) {
    this.visitor = visitor
    this.#controlPlane = controlPlane
    this.#patienceMs = patienceMs
  }

  /** @param patienceMs how long it waits for an answer @throws when the site gives no session or no sandbox */
  static async enter(site: string, number: number, patienceMs = learnersPatienceMs): Promise<Attacker> {
    const address = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`
    // Nodes as kubeadm leaves them have most to be attacked; other clusters share their process with others.
    const controlPlane = number % 2 === 0 ? 'static-1-older' : '1'
    const attacker = new Attacker(await new Visitor(site, address).enter(), patienceMs, controlPlane)
    await attacker.#settle()
    return attacker
  }

  /** The same learner at another start of the site. */
  at(site: string): Attacker {
    const visitor = new Visitor(site, this.visitor.address)
    visitor.cookie = this.visitor.cookie
    visitor.token = this.visitor.token
    const attacker = new Attacker(visitor, this.#patienceMs, this.#controlPlane)
    attacker.sandbox = this.sandbox
    attacker.api = this.api
    return attacker
  }

  async #settle(): Promise<void> {
    const { sandbox, api } = await makeSandbox(this.visitor, world, this.#controlPlane)
    this.sandbox = sandbox
    this.api = api
  }

  async perform(step: Step): Promise<Outcome[]> {
    const { visitor } = this
    const within = (text: string): string => written(text.replaceAll('{sandbox}', this.sandbox))
    const told = ({ status, text, ms, problem }: Answer): Outcome => ({
      ...{ step, status, text, ms },
      ...(problem === undefined ? {} : { problem }),
    })
    switch (step.do) {
      case 'api': {
        const { method, path, headers = {}, body, times = 1, listenMs } = step
        const asked = {
          headers,
          timeoutMs: this.#patienceMs,
          ...(listenMs === undefined ? {} : { listenMs }),
          ...(body === undefined ? {} : { body: written(body) }),
        }
        const address = `${this.api}${written(path)}`
        return Promise.all(Array.from({ length: times }, async () => told(await visitor.ask(method, address, asked))))
      }
      case 'form': {
        const fields = Object.fromEntries(
          Object.entries(step.fields).map(([name, value]) => [written(name), within(value)]),
        )
        const file = step.file && {
          field: step.file.field,
          fileName: written(step.file.fileName),
          content: written(step.file.content),
        }
        return [told(await visitor.post(within(step.path), fields, file, { timeoutMs: this.#patienceMs }))]
      }
      case 'page': {
        const { method, path, headers = {}, body } = step
        const writtenHeaders = Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, written(value)]),
        )
        return [
          told(
            await visitor.ask(method, within(path), {
              headers: { 'x-csrf-token': visitor.token, ...writtenHeaders },
              timeoutMs: this.#patienceMs,
              // A live view stays open.
              ...(path.includes('/live') ? { listenMs: 500 } : {}),
              ...(body === undefined ? {} : { body: written(body) }),
            }),
          ),
        ]
      }
      case 'terminal': {
        this.#terminal ??= await Terminal.open(visitor, this.sandbox)
        const outcome = await this.#terminal.type(within(step.line))
        if (outcome.problem !== undefined) this.#leaveTerminal()
        return [{ step, ...outcome }]
      }
    }
  }

  /** Whether the sandbox still takes a change; in words why not. */
  async standing(): Promise<Standing> {
    const answer = await this.visitor.ask(
      'PATCH',
      `${this.api}/api/v1/namespaces/default/configmaps/settings?dryRun=All`,
      {
        headers: { 'content-type': 'application/merge-patch+json' },
        body: '{"metadata":{"annotations":{"standing":"x"}}}',
        timeoutMs: this.#patienceMs,
      },
    )
    if (answer.status < 300 && answer.status > 0) return { isOpen: true }
    // Deleted by an input, or forbidden to it: the cluster answers.
    if (answer.status === 404 && answer.text.includes('settings')) return { isOpen: true }
    return { isOpen: false, why: answer.problem ?? `${answer.status} ${messageOf(answer.text)}` }
  }

  #leaveTerminal(): void {
    this.#terminal?.close()
    this.#terminal = undefined
  }

  /** @param isKept its sandbox is still looked at at the end */
  async leave(isKept: boolean): Promise<void> {
    this.#leaveTerminal()
    if (!isKept)
      await this.visitor.post(`/sandboxes/${this.sandbox}`, { do: 'delete', confirm: 'yes' }, undefined, {
        timeoutMs: 10_000,
      })
    this.visitor.close()
  }
}

/** @param controlPlane as the form of a new sandbox names it @throws when there is none */
export async function makeSandbox(
  visitor: Visitor,
  manifest: string,
  controlPlane = '1',
): Promise<{ sandbox: string; api: string }> {
  const shape = {
    from: 'shape',
    nodes: '2',
    size: 'medium',
    zones: '1',
    tainted: '0',
    taint: 'a=b:NoSchedule',
    proxy: 'iptables',
    members: controlPlane,
  }
  const made = await visitor.post('/sandboxes', shape, undefined, { timeoutMs: 60_000 })
  const sandbox = /\/sandboxes\/([A-Za-z0-9_-]+)/.exec(String(made.headers.location ?? ''))?.[1]
  if (!sandbox) throw new Error(`no sandbox was made: ${made.status} ${made.problem ?? made.text.slice(0, 300)}`)
  const page = `/sandboxes/${sandbox}`
  for (const fields of [{ do: 'address' }, { do: 'apply', manifest }, { do: 'minute' }]) {
    const { status, problem } = await visitor.post(page, fields as Record<string, string>)
    if (status !== 303) throw new Error(`sandbox ${sandbox}: ${fields.do} was answered ${status} ${problem ?? ''}`)
  }
  const { text } = await visitor.get(`${page}/kubeconfig`)
  const api = /server: \S+?(\/k8s\/[^\s"']+)/.exec(text)?.[1]
  if (!api) throw new Error(`sandbox ${sandbox} has no address: ${text.slice(0, 200)}`)
  return { sandbox, api }
}

/** Of a `Status`, or of a page. */
export const messageOf = (text: string): string =>
  (/"message": ?"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')).slice(
    0,
    300,
  )

const prompt = /(learner@podium\S*:.*\$|root@\S+[#$]|> ) ?\S*$/

/** The terminal beside a sandbox, as its page shows it. */
export class Terminal {
  readonly #socket: WebSocket
  #shown = ''
  #heard: () => void = () => undefined
  closed: string | undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: RawData) => {
      const message = JSON.parse(String(data)) as { type: string; data?: string }
      if (message.type === 'output') this.#shown = (this.#shown + (message.data ?? '')).slice(-100_000)
      this.#heard()
    })
    socket.on('close', (code) => {
      this.closed ??= `closed with ${code}`
      this.#heard()
    })
    socket.on('error', (error) => {
      this.closed ??= error.message
      this.#heard()
    })
  }

  static async open(visitor: Visitor, sandbox: string): Promise<Terminal> {
    const socket = new WebSocket(`${visitor.site.replace('http', 'ws')}/sandboxes/${sandbox}/terminal`, {
      headers: { cookie: visitor.cookie, origin: visitor.site, 'x-forwarded-for': visitor.address },
    })
    const terminal = new Terminal(socket)
    await terminal.#until(() => prompt.test(terminal.shown), promptMs)
    return terminal
  }

  /** What was written so far, without colours. */
  get shown(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what terminals write
    return this.#shown.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').trimEnd()
  }

  /** @returns when the prompt is back, at last after an interruption */
  async type(line: string): Promise<Omit<Outcome, 'step'>> {
    const startMs = performance.now()
    this.#shown = ''
    this.#send(`${line.replace(/[\r\n]+/g, ' ')}\r`)
    const isBack = () => /[\r\n]/.test(this.#shown) && prompt.test(this.shown)
    let isDone = await this.#until(isBack, typingMs)
    for (let n = 0; n < 3 && !isDone && this.closed === undefined; n++) {
      this.#send('\u0003')
      isDone = await this.#until(isBack, promptMs / 3)
    }
    const problem = this.closed ?? (isDone ? undefined : 'the prompt did not come back after Ctrl-C')
    return {
      ...{ status: problem === undefined ? 200 : 0, text: this.shown.slice(-2000), ms: performance.now() - startMs },
      ...(problem === undefined ? {} : { problem }),
    }
  }

  #send(data: string): void {
    if (this.#socket.readyState === WebSocket.OPEN)
      for (let at = 0; at < data.length; at += 50_000)
        this.#socket.send(JSON.stringify({ type: 'input', data: data.slice(at, at + 50_000) }))
  }

  async #until(isSo: () => boolean, withinMs: number): Promise<boolean> {
    const endMs = performance.now() + withinMs
    while (!isSo()) {
      const leftMs = endMs - performance.now()
      if (leftMs <= 0 || this.closed !== undefined) return false
      await new Promise<void>((done) => {
        const timer = setTimeout(done, leftMs)
        this.#heard = () => {
          clearTimeout(timer)
          done()
        }
      })
    }
    return true
  }

  close(): void {
    this.closed ??= 'left'
    this.#socket.terminate()
  }
}
