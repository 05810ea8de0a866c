/** What a template calls: a function with the types of its parameters. */

/** What a function refuses; it is told with the call's place. */
export class CallError extends Error {
  override readonly name = 'CallError'
}

/** A function of templates: the types of its parameters, and what it does. */
export interface GoFunction {
  /** `string int any...`: of what is passed each is checked against its own. */
  params: readonly string[]
  run(...args: never[]): unknown
}

export const goFunction = (params: string, run: (...args: never[]) => unknown): GoFunction => ({
  params: params === '' ? [] : params.split(' '),
  run,
})
