/** Lines that a shell runs beside those that are typed, and what it says of them. Its words are those of bash. */

export interface Job {
  readonly number: number
  readonly pid: number
  readonly text: string
  /** How it ended. */
  outcome: 'running' | 'Terminated' | { exitCode: number }
  /** Its exit code. */
  readonly ended: Promise<number>
  /** Ends it. */
  stop(): void
}

/** The shell has taken some numbers of processes before. */
const firstPid = 4201

export class Jobs {
  readonly #jobs: Job[] = []
  #pid = firstPid

  /** @param run given what aborts when the job is to end; gives its exit code */
  start(text: string, run: (signal: AbortSignal) => Promise<number>): Job {
    const number = (this.#jobs.at(-1)?.number ?? 0) + 1
    const abort = new AbortController()
    const job: Job = {
      number,
      pid: this.#pid++,
      text,
      outcome: 'running',
      ended: run(abort.signal).then((exitCode) => {
        job.outcome = abort.signal.aborted ? 'Terminated' : { exitCode }
        return abort.signal.aborted ? 130 : exitCode
      }),
      stop: () => abort.abort(),
    }
    this.#jobs.push(job)
    return job
  }

  /** @param name `%1`, a process number, or nothing for the latest */
  find(name: string | undefined): Job | undefined {
    const running = this.#jobs.filter(({ outcome }) => outcome === 'running')
    if (name === undefined || name === '%%' || name === '%+' || name === '%') return running.at(-1)
    return this.#jobs.find(({ number, pid }) => name === `%${number}` || name === String(pid))
  }

  get running(): readonly Job[] {
    return this.#jobs.filter(({ outcome }) => outcome === 'running')
  }

  /** As `jobs` lists them. */
  list(): string {
    const text = this.#jobs.map((job) => this.#describe(job)).join('')
    this.#forget()
    return text
  }

  /** What is said of those that have ended since it was asked last. */
  takeEnded(): string {
    const text = this.#jobs
      .filter(({ outcome }) => outcome !== 'running')
      .map((job) => this.#describe(job))
      .join('')
    this.#forget()
    return text
  }

  /** It was waited for: nothing more is said of it. */
  forget(job: Job): void {
    this.#jobs.splice(this.#jobs.indexOf(job), 1)
  }

  #forget(): void {
    for (const job of this.#jobs.filter(({ outcome }) => outcome !== 'running')) this.forget(job)
  }

  #describe(job: Job): string {
    const { number, text, outcome } = job
    const mark = job === this.#jobs.at(-1) ? '+' : job === this.#jobs.at(-2) ? '-' : ' '
    const state =
      outcome === 'running'
        ? 'Running'
        : outcome === 'Terminated'
          ? outcome
          : outcome.exitCode === 0
            ? 'Done'
            : `Exit ${outcome.exitCode}`
    return `[${number}]${mark}  ${state.padEnd(24)}${text}${outcome === 'running' ? ' &' : ''}\n`
  }
}
