/** What an expression of PromQL is made of, and what it comes to. */

export type Labels = Readonly<Record<string, string>>

/** What a label's value may have of characters: rules that double it would have no end. */
export const MOST_LABEL_LENGTH = 100_000

/** One value of a series, and when it was: milliseconds since 1970. */
export interface Point {
  readonly ms: number
  readonly value: number
}

export interface Sample extends Point {
  readonly labels: Labels
}

export interface Matcher {
  readonly label: string
  readonly op: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

/** When a selector looks: shifted back, and at a moment that is not that of the question. */
export interface Shift {
  readonly offsetMs: number
  readonly at?: number | 'start' | 'end'
}

export interface Selector extends Shift {
  readonly is: 'selector'
  readonly matchers: readonly Matcher[]
}

/** `selector[5m]` */
export interface Matrix {
  readonly is: 'matrix'
  readonly of: Selector
  readonly rangeMs: number
}

/** `expression[1h:5m]`; without a step, that of the rules. */
export interface Subquery extends Shift {
  readonly is: 'subquery'
  readonly of: Expression
  readonly rangeMs: number
  readonly stepMs: number | undefined
}

export type BinaryOperator =
  | ('+' | '-' | '*' | '/' | '%' | '^' | 'atan2')
  | ('==' | '!=' | '>' | '<' | '>=' | '<=')
  | ('and' | 'or' | 'unless')

/** Which elements of two vectors belong together. */
export interface Matching {
  readonly by: 'on' | 'ignoring'
  readonly labels: readonly string[]
  /** On which side several may belong to one, and what they take from it. */
  readonly group?: { readonly side: 'left' | 'right'; readonly include: readonly string[] }
}

export interface Binary {
  readonly is: 'binary'
  readonly op: BinaryOperator
  readonly left: Expression
  readonly right: Expression
  readonly isBool: boolean
  readonly matching: Matching | undefined
}

export interface Aggregation {
  readonly is: 'aggregation'
  readonly op: string
  readonly of: Expression
  readonly parameter: Expression | undefined
  readonly grouping: { readonly by: 'by' | 'without'; readonly labels: readonly string[] } | undefined
}

export interface Call {
  readonly is: 'call'
  readonly name: string
  readonly args: readonly Expression[]
}

export type Expression =
  | { readonly is: 'number'; readonly value: number }
  | { readonly is: 'string'; readonly value: string }
  | { readonly is: 'negation'; readonly of: Expression }
  | Selector
  | Matrix
  | Subquery
  | Binary
  | Aggregation
  | Call

export type ValueType = 'scalar' | 'string' | 'instant vector' | 'range vector'

/** An expression that is none, or that cannot be worked out. */
export class PromqlError extends Error {
  override readonly name: string = 'PromqlError'
}

/** A question that takes too long. */
export class QueryTimeout extends PromqlError {
  override readonly name = 'QueryTimeout'
}
