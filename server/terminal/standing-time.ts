/** A word for who asks the cluster twice in one moment of its time: where that stands still, the answer can be no other. */
import type { Command, CommandResult } from '../../sim/index.ts'
import type { ShellCluster } from './shell.ts'

interface Asked {
  line: string
  /** When it was answered, by the cluster and by the wall. */
  doneMs: number
  wallMs: number
}

/** Sooner than that nobody has looked at the first answer. */
const soonMs = 300
/** A clock that goes at all goes by more of the wall's than this. */
const leastSpeed = 0.05
const asks = /^kubectl +(get|describe|top|events|logs)\b/
const waits = /\s(-w|-f|--watch(-only)?|--follow)\b/

/** @returns the cluster to ask, and what there is to say of the last question, once: empty but where it was asked before in the same moment */
export function watchTime(cluster: ShellCluster): ShellCluster & { takeWord(): string } {
  let last: Asked | undefined
  let word = ''
  const noteAnswer = (command: Command, { atMs, doneMs }: CommandResult): void => {
    const line = 'line' in command && command.op === 'kubectl' ? command.line.trim() : ''
    const now = performance.now()
    const before = last
    last = { line, doneMs, wallMs: now }
    if (before?.line !== line || !asks.test(line) || waits.test(line)) return
    const passedMs = now - before.wallMs
    if (passedMs < soonMs || atMs - before.doneMs > passedMs * leastSpeed) return
    word =
      "# The cluster's time stands still between commands: this is the same moment as before. `sleep 10` lets ten seconds pass.\n"
  }
  return {
    async begin(command, output) {
      const running = await cluster.begin(command, output)
      return {
        input: (input) => running.input(input),
        interrupt: () => running.interrupt(),
        result: running.result.then((result) => {
          noteAnswer(command, result)
          return result
        }),
      }
    },
    takeWord() {
      const said = word
      word = ''
      return said
    },
  }
}
