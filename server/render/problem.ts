/** A request that cannot be served: a status and a sentence for the person who sent it. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export const notFound = (what: string) => new HttpProblem(404, `${what} does not exist.`)
