/** `test` and `[`: the same for the builtin and the program. */

import type { FileStat } from '../files.ts'
import { absolutePath } from '../kernel.ts'
import type { Process } from '../process.ts'

/** An expression that makes no sense: exit code 2. */
export class TestError extends Error {
  override readonly name = 'TestError'
}

const binaryOperators = new Set([
  '=',
  '==',
  '!=',
  '<',
  '>',
  '-eq',
  '-ne',
  '-lt',
  '-le',
  '-gt',
  '-ge',
  '-nt',
  '-ot',
  '-ef',
])
const unaryOperators = /^-[bcdefghknoprstuwxzLOGSN]$/

/** Evaluates `test`'s arguments. Throws TestError. */
export function evaluateTest(args: readonly string[], process: Process): boolean {
  if (args.length === 0) return false
  // POSIX decides by the number of arguments first, so that `[ "$x" = "(" ]` means what it says.
  if (args.length === 1) return args[0] !== ''
  if (args.length === 2) {
    if (args[0] === '!') return args[1] === ''
    if (unaryOperators.test(args[0])) return evaluateUnary(args[0], args[1], process)
    throw new TestError(`${args[0]}: unknown operand`)
  }
  if (args.length === 3 && binaryOperators.has(args[1])) return evaluateBinary(args[1], args[0], args[2], process)
  if (args.length === 4 && args[0] === '!' && binaryOperators.has(args[2]))
    return !evaluateBinary(args[2], args[1], args[3], process)
  let at = 0
  const or = (depth: number): boolean => {
    let value = and(depth)
    while (args[at] === '-o') {
      at++
      const right = and(depth)
      value = value || right
    }
    return value
  }
  const and = (depth: number): boolean => {
    let value = not(depth)
    while (args[at] === '-a') {
      at++
      const right = not(depth)
      value = value && right
    }
    return value
  }
  const not = (depth: number): boolean => {
    if (depth > 100) throw new TestError('too many arguments')
    if (args[at] === '!' && !(binaryOperators.has(args[at + 1]) && args[at + 2] !== undefined)) {
      at++
      return !not(depth + 1)
    }
    return primary(depth)
  }
  const primary = (depth: number): boolean => {
    if (at >= args.length) throw new TestError('argument expected')
    if (binaryOperators.has(args[at + 1]) && args[at + 2] !== undefined) {
      const value = evaluateBinary(args[at + 1], args[at], args[at + 2], process)
      at += 3
      return value
    }
    if (args[at] === '(') {
      at++
      const value = or(depth + 1)
      if (args[at] !== ')') throw new TestError('closing paren expected')
      at++
      return value
    }
    if (unaryOperators.test(args[at]) && args[at + 1] !== undefined) {
      at += 2
      return evaluateUnary(args[at - 2], args[at - 1], process)
    }
    return args[at++] !== ''
  }
  const value = or(0)
  if (at < args.length) throw new TestError(`${args[at]}: unknown operand`)
  return value
}

export function evaluateUnary(operator: string, operand: string, process: Process): boolean {
  if (operator === '-n') return operand !== ''
  if (operator === '-z') return operand === ''
  if (operator === '-t')
    return operand === '0'
      ? process.stdin.isTerminal
      : operand === '1'
        ? process.stdout.isTerminal
        : operand === '2' && process.stderr.isTerminal
  const path = absolutePath(operand, process.cwd)
  if (operand === '') return false
  const stat = statOrNone(() =>
    operator === '-L' || operator === '-h' ? process.files.lstat(path) : process.files.stat(path),
  )
  if (!stat) return false
  switch (operator) {
    case '-f':
      return stat.type === 'file'
    case '-d':
      return stat.type === 'directory'
    case '-L':
    case '-h':
      return stat.type === 'symlink'
    case '-s':
      return stat.sizeBytes > 0
    case '-r':
      return process.files.may(path, 4)
    case '-w':
      return process.files.may(path, 2)
    case '-x':
      return process.files.may(path, 1)
    case '-S':
      return stat.type === 'socket'
    case '-c':
      return stat.type === 'device'
    case '-O':
      return stat.uid === process.uid
    case '-G':
      return stat.gid === process.gid
    case '-u':
      return (stat.mode & 0o4000) !== 0
    case '-g':
      return (stat.mode & 0o2000) !== 0
    case '-k':
      return (stat.mode & 0o1000) !== 0
    case '-e':
      return true
    default:
      return false
  }
}

export function evaluateBinary(operator: string, left: string, right: string, process: Process): boolean {
  switch (operator) {
    case '=':
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '>':
      return left > right
    case '-nt':
    case '-ot':
    case '-ef': {
      const a = statOrNone(() => process.files.stat(absolutePath(left, process.cwd)))
      const b = statOrNone(() => process.files.stat(absolutePath(right, process.cwd)))
      if (operator === '-ef')
        return a !== undefined && b !== undefined && realpath(process, left) === realpath(process, right)
      if (!a || !b) return operator === '-nt' ? a !== undefined && !b : b !== undefined && !a
      return operator === '-nt' ? a.modifiedEpochMs > b.modifiedEpochMs : a.modifiedEpochMs < b.modifiedEpochMs
    }
  }
  const a = toInteger(left)
  const b = toInteger(right)
  switch (operator) {
    case '-eq':
      return a === b
    case '-ne':
      return a !== b
    case '-lt':
      return a < b
    case '-le':
      return a <= b
    case '-gt':
      return a > b
    default:
      return a >= b
  }
}

const realpath = (process: Process, path: string): string => process.files.realpath(absolutePath(path, process.cwd))

function toInteger(text: string): bigint {
  const trimmed = text.trim()
  if (!/^[-+]?\d+$/.test(trimmed)) throw new TestError(`${text}: bad number`)
  return BigInt(trimmed.replace(/^\+/, ''))
}

function statOrNone(stat: () => FileStat): FileStat | undefined {
  try {
    return stat()
  } catch {
    return undefined
  }
}
