/** A class of learners who think, read, answer, play demos and work on challenges and sandboxes: what each request took, and what was refused. */
import { type Answer, Visitor } from '../measured-site/visitor.ts'

/** How often each is done. Every fourth learner has a sandbox; the others save drafts in its place. */
const mix: readonly (readonly [number, Act])[] = [
  [38, 'lesson'],
  [20, 'page'],
  [12, 'answer'],
  [10, 'demo'],
  [6, 'line'],
  [4, 'grade'],
  [10, 'own'],
]
type Act = 'lesson' | 'page' | 'answer' | 'demo' | 'line' | 'grade' | 'own'

/** What a request is counted as. */
export type Route = Exclude<Act, 'own'> | 'draft' | 'sandboxLine' | 'sandboxPods'

const lessons = [
  'pod/images-and-commands',
  'pod/probes',
  'networking/services',
  'workloads/deployments',
  'pod/life-of-a-pod',
]
const pages = [
  '/',
  '/lessons',
  '/questions',
  '/challenges',
  '/study',
  '/search?q=probe',
  '/progress',
  '/questions/pod/which-probe',
]
const challenge = '/challenges/crash-loop'
const demo = '/lessons/pod/life-of-a-pod/demos/three-words'
const manifest = (n: number) => `apiVersion: v1
kind: Pod
metadata: {name: hello-${n}}
spec: {containers: [{name: web, image: "nginx:1.27"}]}
`
const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }
const htmx = { headers: { 'hx-request': 'true' }, timeoutMs: 60_000 }
const thinkMs = 3000

export interface ClassOptions {
  learners: number
  /** All come from one address, as a class behind one router does; else each from an own one. */
  isOneAddress?: boolean
  /** How many have a sandbox; every fourth unless told. */
  sandboxes?: number
  /** Sandboxes have a watch besides the live view. */
  isWatching?: boolean
}

export class Learners {
  readonly #options: ClassOptions
  readonly #learners: Learner[] = []
  readonly taken = new Map<Route, number[]>()
  /** By route and status: `grade 503`. */
  readonly refusals: Record<string, number> = {}
  #isOver = false

  constructor(options: ClassOptions) {
    this.#options = options
  }

  /** Everybody comes in and gets what they work with. @throws when the site lets somebody not in */
  async enter(site: string): Promise<void> {
    const { learners, isOneAddress, isWatching = false, sandboxes = Math.floor(learners / 4) } = this.#options
    let next = 0
    const some = async (): Promise<void> => {
      while (next < learners) {
        const n = next++
        const address = isOneAddress ? '198.51.100.1' : `10.1.${n >> 8}.${n & 255}`
        const learner = new Learner(await new Visitor(site, address).enter(), n)
        if (n < sandboxes) await learner.openSandbox(isWatching)
        this.#learners.push(learner)
      }
    }
    await Promise.all(Array.from({ length: 4 }, some))
  }

  /** Everybody works until it is over. */
  async work(forMs: number): Promise<void> {
    const endMs = performance.now() + forMs
    await Promise.all(
      this.#learners.map(async (learner) => {
        // Not all at the same moment.
        await pause(Math.random() * thinkMs)
        while (performance.now() < endMs && !this.#isOver) {
          this.#note(...(await learner.act(drawn())))
          await pause(thinkMs * (0.5 + Math.random()))
        }
      }),
    )
  }

  #note(route: Route, { status, ms }: Answer): void {
    this.taken.set(route, [...(this.taken.get(route) ?? []), ms])
    if (status >= 400 || status === 0) {
      const name = `${route} ${status}`
      this.refusals[name] = (this.refusals[name] ?? 0) + 1
    }
  }

  close(): void {
    this.#isOver = true
    for (const learner of this.#learners) learner.visitor.close()
  }
}

/** One of each that is not a page, done again and again: for what each costs. */
export const routes: readonly Route[] = [
  'lesson',
  'page',
  'answer',
  'demo',
  'line',
  'grade',
  'draft',
  'sandboxLine',
  'sandboxPods',
]

export class Learner {
  readonly visitor: Visitor
  #count: number
  #sandbox: { page: string; api: string } | undefined

  constructor(visitor: Visitor, number: number) {
    this.visitor = visitor
    this.#count = number
  }

  /** @throws when there is none */
  async openSandbox(isWatching: boolean): Promise<void> {
    const { visitor } = this
    const shape = { from: 'shape', nodes: '2', size: 'medium', zones: '1', tainted: '0', proxy: 'iptables' }
    const made = await visitor.post('/sandboxes', shape)
    const page = made.headers.location
    if (page === undefined) throw new Error(`no sandbox was made: ${made.status} ${made.problem ?? ''}`)
    await visitor.post(page, { do: 'address' })
    const { text } = await visitor.get(`${page}/kubeconfig`)
    const api = /server: \S+?(\/k8s\/[^\s"']+)/.exec(text)?.[1]
    if (!api) throw new Error('the sandbox has no address')
    this.#sandbox = { page, api }
    await visitor.post(page, { do: 'kubectl', line: 'create deployment web --image=nginx:1.27 --replicas=3' })
    const dayMs = 24 * 3_600_000
    void visitor.get(`${page}/live`, { listenMs: dayMs, timeoutMs: dayMs })
    if (isWatching) void visitor.get(`${api}/api/v1/pods?watch=1`, { listenMs: dayMs, timeoutMs: dayMs })
  }

  act(act: Act): Promise<[Route, Answer]> {
    if (act !== 'own') return this.request(act)
    if (!this.#sandbox) return this.request('draft')
    return this.request(Math.random() < 0.5 ? 'sandboxLine' : 'sandboxPods')
  }

  /** @throws for a route of sandboxes when there is none */
  async request(route: Route): Promise<[Route, Answer]> {
    const { visitor } = this
    const n = ++this.#count
    const asks: Record<Route, () => Promise<Answer>> = {
      lesson: () => visitor.get(`/lessons/${lessons[n % lessons.length]}`),
      page: () => visitor.get(pages[n % pages.length]!),
      answer: () =>
        visitor.post(
          '/questions/pod/which-probe/answer',
          { do: 'answer', v: '1', answer: 'startup', confidence: 'sure' },
          undefined,
          htmx,
        ),
      demo: () => visitor.post(demo, { manifest: manifest(n) }, undefined, htmx),
      line: () =>
        visitor.post(challenge, { do: 'kubectl', line: 'get pods', file: 'deployment.yaml' }, undefined, htmx),
      grade: () => visitor.post(challenge, { do: 'grade', file: 'deployment.yaml' }, undefined, htmx),
      draft: () =>
        visitor.post(`${challenge}/draft`, { file: 'deployment.yaml', content: manifest(n) }, undefined, htmx),
      sandboxLine: () =>
        visitor.post(
          this.#owned.page,
          { do: 'kubectl', line: `scale deployment web --replicas=${2 + (n % 3)}` },
          undefined,
          htmx,
        ),
      sandboxPods: () => visitor.get(`${this.#owned.api}/api/v1/namespaces/default/pods`, { headers: table }),
    }
    return [route, await asks[route]()]
  }

  get #owned(): { page: string; api: string } {
    if (!this.#sandbox) throw new Error('this learner has no sandbox')
    return this.#sandbox
  }
}

function drawn(): Act {
  let left = Math.random() * mix.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, act] of mix) {
    left -= weight
    if (left < 0) return act
  }
  return 'lesson'
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
