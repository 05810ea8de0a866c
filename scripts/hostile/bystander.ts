/** Another learner, who reads, plays a demo and works on a sandbox while somebody else sends hostile inputs: how long they wait, and what breaks for them. */
import { Visitor } from '../measured-site/visitor.ts'
import { makeSandbox, Terminal } from './attacker.ts'
import { ownMsBetween, watchOwnWork } from './own-work.ts'
import { demoPath } from './steps.ts'
import { type Probe, probeGapMs } from './verdict.ts'
import { world } from './world.ts'

const manifest = `apiVersion: v1
kind: Pod
metadata: {name: hello}
spec: {containers: [{name: web, image: "nginx:1.27"}]}
`
const pods = '/api/v1/namespaces/default/pods'
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
/** Streams are opened anew before anything ends them by itself. */
const streamMs = 10 * 60_000
const patienceMs = 60_000

export interface Incident {
  /** `broken` is an answer that says it is a mistake of ours; `ended` a stream that was cut off. */
  kind: 'ended' | 'broken'
  what: string
}

export class Bystander {
  readonly #visitor: Visitor
  readonly #api: string
  readonly #sandbox: string
  readonly #probes: Probe[]
  /** What happened since it was asked last. */
  #incidents: Incident[] = []
  readonly #ownWork = watchOwnWork()
  #isOver = false
  #isProbing = false
  #terminal: Terminal | undefined

  private constructor(visitor: Visitor, sandbox: string, api: string, probes: Probe[]) {
    this.#probes = probes
    this.#visitor = visitor
    this.#sandbox = sandbox
    this.#api = api
  }

  /** @param probes where the measurements go @throws when the site lets nobody in */
  static async enter(site: string, probes: Probe[]): Promise<Bystander> {
    const visitor = await new Visitor(site, '192.0.2.1').enter()
    const { sandbox, api } = await makeSandbox(visitor, world)
    const bystander = new Bystander(visitor, sandbox, api, probes)
    bystander.#keepOpen('watch', `${api}/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=3600`)
    bystander.#keepOpen('live view', `/sandboxes/${sandbox}/live`)
    await bystander.#openTerminal()
    return bystander
  }

  /** What each kind of probe asks. */
  readonly #asks: Readonly<Record<string, () => ReturnType<Visitor['get']>>> = {
    lesson: () => this.#visitor.get('/lessons/pod/images-and-commands', { timeoutMs: patienceMs }),
    demo: () =>
      this.#visitor.post(demoPath, { manifest }, undefined, {
        timeoutMs: patienceMs,
        headers: { 'hx-request': 'true' },
      }),
    pods: () => this.#visitor.get(`${this.#api}${pods}`, { headers: { accept: table }, timeoutMs: patienceMs }),
  }

  get kinds(): string[] {
    return Object.keys(this.#asks)
  }

  /** Asks while nothing else happens. @returns what each took, in milliseconds */
  async measureIdle(kind: string, count: number): Promise<number[]> {
    const taken: number[] = []
    for (let n = 0; n < count; n++) taken.push((await this.#probe(kind)).ms)
    return taken
  }

  /** Goes on asking until it is told to stop. @returns how to stop, which resolves when the last answer is there */
  begin(): () => Promise<void> {
    this.#isProbing = true
    const loops = this.kinds.map(async (kind) => {
      while (this.#isProbing && !this.#isOver) {
        this.#probes.push(await this.#probe(kind))
        await new Promise((done) => setTimeout(done, probeGapMs))
      }
    })
    return async () => {
      this.#isProbing = false
      await Promise.all(loops)
    }
  }

  async #probe(kind: string): Promise<Probe> {
    const startMs = performance.now()
    const { status, ms, problem, text } = await this.#asks[kind]!()
    // A refusal in words, such as that many wait, is told by the time that it took.
    if ((status === 500 || /our mistake/i.test(text)) && !this.#isOver)
      this.#note('broken', `another learner's ${kind}: ${problem ?? status} ${text.slice(0, 120).replace(/\s+/g, ' ')}`)
    return { kind, startMs, ms: ms - ownMsBetween(startMs, startMs + ms, this.#ownWork.stretches()) }
  }

  takeIncidents(): Incident[] {
    if (this.#terminal?.closed !== undefined) {
      this.#note('ended', `another learner's terminal: ${this.#terminal.closed}`)
      this.#terminal = undefined
    } else if (/All shells were started again/.test(this.#terminal?.shown ?? '')) {
      this.#note('ended', "another learner's terminal was started again")
      this.#terminal?.close()
      this.#terminal = undefined
    }
    const taken = this.#incidents
    this.#incidents = []
    return taken
  }

  /** What was cut off is opened again. */
  async recover(): Promise<void> {
    if (!this.#terminal) await this.#openTerminal()
  }

  async #openTerminal(): Promise<void> {
    this.#terminal = await Terminal.open(this.#visitor, this.#sandbox)
  }

  #note(kind: Incident['kind'], what: string): void {
    if (this.#incidents.length < 20) this.#incidents.push({ kind, what })
  }

  #keepOpen(name: string, path: string): void {
    const open = async (): Promise<void> => {
      while (!this.#isOver) {
        const startMs = performance.now()
        const { status, ms, problem } = await this.#visitor.get(path, { listenMs: streamMs, timeoutMs: 2 * streamMs })
        if (this.#isOver) return
        if (ms < streamMs * 0.95)
          this.#note(
            'ended',
            `another learner's ${name} ended after ${Math.round(ms)} ms: ${problem ?? `status ${status}`}`,
          )
        // Not in a circle when it is refused at once.
        if (performance.now() - startMs < 1000) await new Promise((done) => setTimeout(done, 1000))
      }
    }
    void open()
  }

  close(): void {
    this.#isOver = true
    this.#ownWork.stop()
    this.#terminal?.close()
    this.#visitor.close()
  }
}
