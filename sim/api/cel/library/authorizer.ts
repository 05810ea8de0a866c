/**
 * `authorizer`: what somebody may do, asked in an expression. Each call of the chain is a value with what was said so far, and `check` asks.
 * Source: k8s.io/apiserver/pkg/cel/library/authz.go
 */
import { CelScalar, type CelValue, celMethod } from '@bufbuild/cel'
import { noSuchOverload, opaque, opaqueOf, textOf } from './values.ts'

/** What is asked: a path, or a resource. */
export interface AccessQuestion {
  /** Somebody else than who makes the request. */
  serviceAccount?: { namespace: string; name: string }
  path?: string
  group: string
  resource: string
  subresource: string
  namespace: string
  name: string
  verb: string
}

export interface AccessAnswer {
  allowed: boolean
  reason: string
  /** Why nobody could tell. */
  error?: string
}

export type AskAccess = (question: AccessQuestion) => AccessAnswer

/** Who answers while an expression is evaluated. */
let asked: AskAccess | undefined

/** Evaluates with somebody who answers what `authorizer` asks. */
export function answeringAccess<T>(ask: AskAccess, evaluate: () => T): T {
  const before = asked
  asked = ask
  try {
    return evaluate()
  } finally {
    asked = before
  }
}

type Parts = Partial<AccessQuestion>

const partsOf = (value: unknown): Parts => JSON.parse(textOf('authorizer', value)) as Parts
const withParts = (parts: Parts): CelValue => opaqueOf('authorizer', JSON.stringify(parts))

/** The variable: with the resource of the request for who asks about that. */
export const authorizerOf = (requestResource: Omit<AccessQuestion, 'verb' | 'path' | 'serviceAccount'>): CelValue => {
  const value = withParts({}) as unknown as Map<string, CelValue>
  value.set('requestResource', withParts(requestResource))
  return value as unknown as CelValue
}

const setting = (name: keyof Parts, needs: keyof Parts | undefined, without: keyof Parts | undefined) =>
  celMethod(name, opaque, [CelScalar.STRING], opaque, function (text) {
    const parts = partsOf(this)
    const isFit = (needs === undefined || needs in parts) && (without === undefined || !(without in parts))
    if (!isFit) throw noSuchOverload()
    return withParts({ ...parts, [name]: text }) as never
  })

const decisionOf = (value: unknown): AccessAnswer => JSON.parse(textOf('decision', value)) as AccessAnswer

export const authorizerFunctions = [
  setting('path', undefined, 'group'),
  setting('group', undefined, 'path'),
  setting('resource', 'group', undefined),
  setting('subresource', 'resource', undefined),
  setting('namespace', 'resource', undefined),
  setting('name', 'resource', undefined),
  celMethod('serviceAccount', opaque, [CelScalar.STRING, CelScalar.STRING], opaque, function (namespace, name) {
    return withParts({ ...partsOf(this), serviceAccount: { namespace, name } }) as never
  }),
  // A cluster has no rules that look at selectors: who may list may list with them.
  ...['fieldSelector', 'labelSelector'].map((name) =>
    celMethod(name, opaque, [CelScalar.STRING], opaque, function () {
      return withParts(partsOf(this)) as never
    }),
  ),
  celMethod('check', opaque, [CelScalar.STRING], opaque, function (verb) {
    const parts = partsOf(this)
    if (!asked || !('path' in parts || 'resource' in parts)) throw noSuchOverload()
    const question = { group: '', resource: '', subresource: '', namespace: '', name: '', ...parts, verb }
    return opaqueOf('decision', JSON.stringify(asked(question))) as never
  }),
  celMethod('allowed', opaque, [], CelScalar.BOOL, function () {
    return decisionOf(this).allowed
  }),
  celMethod('reason', opaque, [], CelScalar.STRING, function () {
    return decisionOf(this).reason
  }),
  celMethod('errored', opaque, [], CelScalar.BOOL, function () {
    return decisionOf(this).error !== undefined
  }),
  celMethod('error', opaque, [], CelScalar.STRING, function () {
    return decisionOf(this).error ?? ''
  }),
]
