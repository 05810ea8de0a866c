/** What is asked for one by one in the same turn is asked together: a hundred documents of a page are one statement. */

/** @param ask answers for each of them, in their order */
export function gathered<Q, A>(ask: (questions: readonly Q[]) => Promise<readonly A[]>): (question: Q) => Promise<A> {
  let waiting: { question: Q; done(answer: A): void; fail(error: unknown): void }[] = []
  const flush = async (): Promise<void> => {
    const asked = waiting
    waiting = []
    try {
      const answers = await ask(asked.map(({ question }) => question))
      for (const [n, { done }] of asked.entries()) done(answers[n]!)
    } catch (error) {
      for (const { fail } of asked) fail(error)
    }
  }
  return (question) =>
    new Promise((done, fail) => {
      if (waiting.length === 0) queueMicrotask(() => void flush())
      waiting.push({ question, done, fail })
    })
}
