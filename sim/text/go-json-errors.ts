/** What Go says of JSON that it can't read. Source: encoding/json, scanner.go and decode.go */

import { chargeText } from '../engine/work.ts'
import { goQuote } from './go-quote.ts'

/** Of computing, for sixteen characters. */
const stepsOfScanning = 16
/** How deep values may lie in one another. */
const maxDepth = 10_000

const atEnd = 'unexpected end of JSON input'
const isSpace = (character: string): boolean => /^[ \t\r\n]$/.test(character)

class Fault extends Error {}

/** How encoding/json names the kind of a value that it read. */
export function jsonKind(value: unknown): 'array' | 'bool' | 'number' | 'object' | 'string' {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  return typeof value === 'number' ? 'number' : 'object'
}

/** @param type of Go: `[]string` */
export const cannotUnmarshal = (value: unknown, type: string): string =>
  `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${type}`

/** Of what should be an object of the API, and is JSON of another kind. Source: k8s.io/apimachinery/pkg/runtime/serializer/json/meta.go */
export const noTypeMeta = (value: unknown): string =>
  `couldn't get version/kind; json parse error: ${cannotUnmarshal(value, 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }')}`

/** @returns the first fault of a text that is no JSON; undefined when it is */
export function jsonFault(text: string): string | undefined {
  chargeText(stepsOfScanning * text.length)
  try {
    const end = skipSpace(text, value(text, 0))
    return end < text.length ? unexpected(text, end, 'after top-level value') : undefined
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
}

/** Go reads bytes, and shows the one that it did not expect as if it were a character. */
function unexpected(text: string, at: number, where: string): string {
  const [byte] = new TextEncoder().encode(String.fromCodePoint(text.codePointAt(at)!))
  const character = String.fromCodePoint(byte)
  const shown = character === "'" ? "\\'" : character === '"' ? '"' : goQuote(character).slice(1, -1)
  return `invalid character '${shown}' ${where}`
}

/** The one character that has to come next, of those that may. */
function expect(text: string, at: number, may: RegExp, where: string): string {
  if (at >= text.length) throw new Fault(atEnd)
  if (!may.test(text[at])) throw new Fault(unexpected(text, at, where))
  return text[at]
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text[at])) at++
  return at
}

/** Containers are kept on a stack of their own, so that depth takes none of the program's. @returns the end of the value */
function value(text: string, from: number): number {
  const open: ('[' | '{')[] = []
  let at = from
  for (;;) {
    at = skipSpace(text, at)
    const first = expect(text, at, /[[{"\-0-9tfn]/, 'looking for beginning of value')
    if (first === '[' || first === '{') {
      open.push(first)
      if (open.length > maxDepth) throw new Fault('exceeded max depth')
      at = skipSpace(text, at + 1)
      const isEmpty = text[at] === (first === '[' ? ']' : '}')
      if (!isEmpty) {
        if (first === '{') at = key(text, at)
        continue
      }
      open.pop()
      at++
    } else at = scalar(text, at, first)
    const next = afterValue(text, at, open)
    if (next.isDone) return next.at
    at = next.at
  }
}

/** Closes what ends here. @returns where the next value begins, or the end of all */
function afterValue(text: string, from: number, open: ('[' | '{')[]): { at: number; isDone: boolean } {
  let at = from
  while (open.length > 0) {
    at = skipSpace(text, at)
    const isList = open.at(-1) === '['
    const where = isList ? 'after array element' : 'after object key:value pair'
    const found = expect(text, at, isList ? /[,\]]/ : /[,}]/, where)
    at++
    if (found === ',') return { at: isList ? at : key(text, skipSpace(text, at)), isDone: false }
    open.pop()
  }
  return { at, isDone: true }
}

/** A key and its colon. */
function key(text: string, from: number): number {
  expect(text, from, /"/, 'looking for beginning of object key string')
  const at = skipSpace(text, quoted(text, from))
  expect(text, at, /:/, 'after object key')
  return at + 1
}

function scalar(text: string, at: number, first: string): number {
  if (first === '"') return quoted(text, at)
  if (first === 't') return literal(text, at, 'true')
  if (first === 'f') return literal(text, at, 'false')
  if (first === 'n') return literal(text, at, 'null')
  return number(text, at)
}

function literal(text: string, from: number, word: string): number {
  for (let n = 1; n < word.length; n++)
    expect(text, from + n, new RegExp(word[n]), `in literal ${word} (expecting '${word[n]}')`)
  return from + word.length
}

function quoted(text: string, from: number): number {
  let at = from + 1
  for (;;) {
    const character = expect(text, at, /[\s\S]/, 'in string literal')
    if (character < ' ') throw new Fault(unexpected(text, at, 'in string literal'))
    at++
    if (character === '"') return at
    if (character !== '\\') continue
    if (expect(text, at, /["\\/bfnrtu]/, 'in string escape code') === 'u')
      for (let n = 1; n <= 4; n++) expect(text, at + n, /[0-9a-fA-F]/, 'in \\u hexadecimal character escape')
    at += text[at] === 'u' ? 5 : 1
  }
}

function number(text: string, from: number): number {
  let at = from
  const digits = () => {
    while (/^[0-9]$/.test(text[at] ?? '')) at++
  }
  if (text[at] === '-') expect(text, ++at, /[0-9]/, 'in numeric literal')
  if (text[at] === '0') at++
  else digits()
  if (text[at] === '.') {
    expect(text, ++at, /[0-9]/, 'after decimal point in numeric literal')
    digits()
  }
  if (text[at] === 'e' || text[at] === 'E') {
    at++
    if (text[at] === '+' || text[at] === '-') at++
    expect(text, at, /[0-9]/, 'in exponent of numeric literal')
    digits()
  }
  return at
}
