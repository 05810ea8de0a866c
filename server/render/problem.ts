import { t } from '../i18n/translate.ts'

/** A request that cannot be served: a status and a sentence for the person who sent it. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** @param what in the language of the request */
export const notFound = (what: string) => new HttpProblem(404, t('{what} does not exist.', { what }))
