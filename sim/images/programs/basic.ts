/** Small programs that print or wait: echo, sleep, true, env, hostname, date, id, seq and their kin. */

import { charge } from '../../engine/work.ts'
import { readLines } from '../../runtime/container.ts'
import { findSignal } from '../../runtime/kernel.ts'
import { kernelVersion } from '../../runtime/kernel-version.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { formatEcho, formatPrintf } from '../../runtime/shell/format.ts'
import { evaluateTest, TestError } from '../../runtime/shell/test-command.ts'
import { farthestMs, formatDate } from './date-format.ts'
import { atOnce, complain, nameOf, parseDuration, pathOf, withOptions } from './support.ts'

const echo: Program = function* (process) {
  yield* atOnce
  process.stdout.write(formatEcho(process.argv.slice(1)))
  return 0
}

const printf: Program = function* (process) {
  yield* atOnce
  if (process.argv.length < 2) {
    process.stderr.write('Usage: printf FORMAT [ARG]...\n')
    return 1
  }
  const { text, errors } = formatPrintf(process.argv.slice(1))
  process.stdout.write(text)
  for (const error of errors) complain(process, error)
  return errors.length ? 1 : 0
}

const sleep: Program = function* (process) {
  const args = process.argv.slice(1)
  if (args.length === 0) {
    process.stderr.write('BusyBox v1.36.1 multi-call binary.\n\nUsage: sleep [N]...\n')
    return 1
  }
  let totalMs = 0
  for (const arg of args) {
    const ms = parseDuration(arg)
    if (ms === undefined) {
      complain(process, `invalid number '${arg}'`)
      return 1
    }
    totalMs += ms
  }
  if (totalMs === Number.POSITIVE_INFINITY) yield* waitFor(process.forever())
  yield* waitFor(process.sleep(totalMs))
  return 0
}

const timeout: Program = function* (process) {
  const args = process.argv.slice(1)
  let signal: ReturnType<typeof findSignal> = 'SIGTERM'
  let killAfterMs: number | undefined
  while (/^-./.test(args[0] ?? '')) {
    const option = args.shift()!
    const value = option.slice(2) || args.shift() || ''
    if (option.startsWith('-s')) signal = findSignal(value)
    else if (option.startsWith('-k')) killAfterMs = parseDuration(value)
    else if (option.startsWith('-t')) args.unshift(value)
    else {
      complain(process, `invalid option -- '${option[1]}'`)
      return 1
    }
  }
  const limitMs = parseDuration(args[0] ?? '')
  if (limitMs === undefined || !signal || args.length < 2) {
    if (args.length < 2) process.stderr.write('Usage: timeout [-s SIG] [-k KILL_SECS] SECS PROG ARGS\n')
    else complain(process, `invalid number '${args[0]}'`)
    return 1
  }
  const started = process.spawn({ argv: args.slice(1) })
  if ('error' in started) {
    complain(
      process,
      `can't execute '${args[1]}': ${started.error === 'not-found' ? 'No such file or directory' : 'Permission denied'}`,
    )
    return started.error === 'not-found' ? 127 : 126
  }
  process.onSignal('SIGTERM', () => void process.kill(started.pid, 'SIGTERM'))
  const first = yield* waitFor(endOrTimeout(process, started.pid, limitMs))
  if (first !== 'timeout') return first?.exitCode ?? 0
  process.kill(started.pid, signal)
  if (killAfterMs !== undefined) {
    const second = yield* waitFor(endOrTimeout(process, started.pid, killAfterMs))
    if (second === 'timeout') process.kill(started.pid, 'SIGKILL')
    else return second?.exitCode ?? 0
  }
  const ended = yield* waitFor(process.waitChild(started.pid))
  // busybox reports the signal's status, not coreutils' 124.
  return ended?.exitCode ?? 143
}

function endOrTimeout(process: Process, pid: number, limitMs: number) {
  return {
    start(resume: (value: { exitCode: number } | undefined | 'timeout') => void): () => void {
      let cancelSleep = (): void => {}
      const cancelChild = process.waitChild(pid).start((ended) => {
        cancelSleep()
        resume(ended)
      })
      cancelSleep = process.sleep(limitMs).start(() => {
        cancelChild()
        resume('timeout')
      })
      return () => {
        cancelChild()
        cancelSleep()
      }
    },
  }
}

const env: Program = function* (process) {
  const args = process.argv.slice(1)
  const values = { ...process.env }
  while (args.length) {
    if (args[0] === '-i' || args[0] === '-') {
      for (const name of Object.keys(values)) delete values[name]
      args.shift()
    } else if (args[0] === '-u') {
      delete values[args[1] ?? '']
      args.splice(0, 2)
    } else if (/^[^=]+=/.test(args[0])) {
      const at = args[0].indexOf('=')
      values[args[0].slice(0, at)] = args[0].slice(at + 1)
      args.shift()
    } else break
  }
  if (args.length === 0) {
    for (const [name, value] of Object.entries(values)) process.stdout.write(`${name}=${value}\n`)
    return 0
  }
  const wait = process.exec({ argv: args, env: values })
  if (!('error' in wait)) return yield* waitFor(wait)
  complain(
    process,
    `can't execute '${args[0]}': ${wait.error === 'not-found' ? 'No such file or directory' : 'Permission denied'}`,
  )
  return wait.error === 'not-found' ? 127 : 126
}

const printenv: Program = function* (process) {
  yield* atOnce
  const names = process.argv.slice(1)
  if (names.length === 0)
    for (const [name, value] of Object.entries(process.env)) process.stdout.write(`${name}=${value}\n`)
  let status = 0
  for (const name of names) {
    if (process.env[name] === undefined) status = 1
    else process.stdout.write(`${process.env[name]}\n`)
  }
  return status
}

const hostname = withOptions('isfd', function* (process, options) {
  yield* atOnce
  if (options.rest.length) {
    complain(process, 'sethostname: Operation not permitted')
    return 1
  }
  process.stdout.write(
    options.has('i')
      ? `${process.network.ip}\n`
      : `${options.has('s') ? process.hostname.split('.')[0] : process.hostname}\n`,
  )
  return 0
})

const date = withOptions(
  'ud:RIs:',
  function* (process, options) {
    yield* atOnce
    let epochMs = process.nowEpochMs()
    const given = options.value('d')
    if (given !== undefined) {
      const seconds = /^@(-?\d+)$/.exec(given)
      const iso = given.replace(' ', 'T')
      epochMs = seconds ? Number(seconds[1]) * 1000 : Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(iso) ? iso : `${iso}Z`)
      if (!(Math.abs(epochMs) <= farthestMs)) {
        complain(process, `invalid date '${given}'`)
        return 1
      }
    }
    const format = options.rest[0]
    if (format !== undefined && !format.startsWith('+')) {
      complain(process, `can't set date: Operation not permitted`)
      return 1
    }
    const pattern =
      format?.slice(1) ??
      (options.has('R') ? '%a, %d %b %Y %H:%M:%S +0000' : options.has('I') ? '%Y-%m-%d' : '%a %b %e %H:%M:%S UTC %Y')
    process.stdout.write(`${formatDate(epochMs, pattern)}\n`)
    return 0
  },
  { longNames: { utc: 'u', date: 'd:', 'rfc-2822': 'R' } },
)

/** Name of a number in /etc/passwd or /etc/group. */
export function accountName(process: Process, file: '/etc/passwd' | '/etc/group', id: number): string | undefined {
  return readLines(process.files, file)
    .find((line) => line.split(':')[2] === String(id))
    ?.split(':')[0]
}

interface Ids {
  uid: number
  gid: number
  groups: readonly number[]
}

const ownIds = (process: Process & { groups?: readonly number[] }): Ids => {
  const { uid, gid, groups = [gid] } = process
  return { uid, gid, groups }
}

/** Of an account of the container's own files. */
function idsOf(process: Process, name: string): Ids | undefined {
  const lines = (path: '/etc/passwd' | '/etc/group'): string[][] =>
    readLines(process.files, path).map((line) => line.split(':'))
  const account = lines('/etc/passwd').find(([first]) => first === name)
  if (!account) return undefined
  const gid = Number(account[3])
  const others = lines('/etc/group').filter(([, , , members = '']) => members.split(',').includes(name))
  return { uid: Number(account[2]), gid, groups: [gid, ...others.map(([, , number]) => Number(number))] }
}

const id = withOptions('ugnGr', function* (process, options) {
  const [asked] = options.rest
  const found = asked === undefined ? ownIds(process) : idsOf(process, asked)
  if (!found) {
    complain(process, `unknown user ${asked}`)
    return 1
  }
  const { uid, gid, groups } = found
  const user = accountName(process, '/etc/passwd', uid)
  const group = accountName(process, '/etc/group', gid)
  if (options.has('u')) process.stdout.write(`${options.has('n') ? (user ?? uid) : uid}\n`)
  else if (options.has('g')) process.stdout.write(`${options.has('n') ? (group ?? gid) : gid}\n`)
  else if (options.has('G')) process.stdout.write(`${groups.join(' ')}\n`)
  else {
    const named = (number: number, name: string | undefined): string => (name ? `${number}(${name})` : String(number))
    const list = [...new Set(groups)].map((number) => named(number, accountName(process, '/etc/group', number)))
    process.stdout.write(`uid=${named(uid, user)} gid=${named(gid, group)} groups=${list.join(',')}\n`)
  }
  return 0
})

const whoami: Program = function* (process) {
  yield* atOnce
  const name = accountName(process, '/etc/passwd', process.uid)
  if (name === undefined) {
    complain(process, `unknown uid ${process.uid}`)
    return 1
  }
  process.stdout.write(`${name}\n`)
  return 0
}

const test: Program = function* (process) {
  yield* atOnce
  let args = process.argv.slice(1)
  if (nameOf(process) === '[') {
    if (args[args.length - 1] !== ']') {
      complain(process, 'missing ]')
      return 2
    }
    args = args.slice(0, -1)
  }
  try {
    return evaluateTest(args, process) ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    complain(process, error.message)
    return 2
  }
}

const seq = withOptions('ws:', function* (process, options) {
  // A negative number is not an option: it is taken as it stands.
  const numbers = options.rest.map(Number)
  const bad = options.rest.find((text) => Number.isNaN(Number(text)))
  if (bad !== undefined || numbers.length === 0 || numbers.length > 3) {
    if (bad !== undefined) complain(process, `invalid number '${bad}'`)
    else process.stderr.write('Usage: seq [-w] [-s SEP] [FIRST [INC]] LAST\n')
    return 1
  }
  const last = numbers[numbers.length - 1]
  const first = numbers.length > 1 ? numbers[0] : 1
  const step = numbers.length > 2 ? numbers[1] : 1
  if (step === 0) {
    complain(process, 'increment is 0')
    return 1
  }
  const places = Math.max(...options.rest.map((text) => (text.split('.')[1] ?? '').length))
  const separator = options.value('s') ?? '\n'
  const width = options.has('w') ? Math.max(first.toFixed(places).length, last.toFixed(places).length) : 0
  let text = ''
  const count = Math.floor((last - first) / step + 1e-9)
  for (let i = 0; i <= count; i++) {
    charge(5)
    text += `${i > 0 ? separator : ''}${(first + i * step).toFixed(places).padStart(width, '0')}`
    if (i % 1000 !== 999) continue
    process.stdout.write(text)
    text = ''
    yield* waitFor(process.cpu(1))
  }
  process.stdout.write(count >= 0 ? `${text}\n` : text)
  return 0
})

const yes: Program = function* (process) {
  const line = `${process.argv.slice(1).join(' ') || 'y'}\n`
  for (;;) {
    process.stdout.write(line.repeat(100))
    yield* waitFor(process.cpu(1))
  }
}

const uname = withOptions('asnrvmpio', function* (process, options) {
  const fields: Record<string, string> = {
    s: 'Linux',
    n: process.hostname,
    r: kernelVersion,
    v: '#1 SMP PREEMPT_DYNAMIC',
    m: 'x86_64',
    o: 'GNU/Linux',
  }
  const letters = options.has('a') ? 'snrvmo' : 'snrvmpio'
  const wanted = [...letters].filter((letter) => options.has('a') || options.has(letter))
  process.stdout.write(`${(wanted.length ? wanted : ['s']).map((letter) => fields[letter] ?? 'unknown').join(' ')}\n`)
  return 0
})

const clear: Program = function* (process) {
  yield* atOnce
  process.stdout.write('\x1b[H\x1b[J')
  return 0
}

const pwd: Program = function* (process) {
  yield* atOnce
  process.stdout.write(`${process.cwd}\n`)
  return 0
}

const basename: Program = function* (process) {
  yield* atOnce
  const [, path = '', suffix = ''] = process.argv
  const name = path.replace(/\/+$/, '').split('/').pop() || '/'
  process.stdout.write(`${suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`)
  return 0
}

const dirname: Program = function* (process) {
  yield* atOnce
  const path = (process.argv[1] ?? '').replace(/\/+$/, '')
  const at = path.lastIndexOf('/')
  process.stdout.write(`${at > 0 ? path.slice(0, at) : at === 0 || process.argv[1]?.startsWith('/') ? '/' : '.'}\n`)
  return 0
}

const which: Program = function* (process) {
  let status = 0
  for (const name of process.argv.slice(1)) {
    const found = (process.env.PATH ?? '')
      .split(':')
      .map((directory) => (name.includes('/') ? pathOf(process, name) : `${directory}/${name}`))
      .find(
        (path) => process.files.exists(path) && process.files.stat(path).type === 'file' && process.files.may(path, 1),
      )
    if (found) process.stdout.write(`${found}\n`)
    else status = 1
  }
  return status
}

const usleep: Program = function* (process) {
  yield* waitFor(process.sleep(Number(process.argv[1] ?? 0) / 1000))
  return 0
}

function* succeed() {
  yield* atOnce
  return 0
}
function* fail() {
  yield* atOnce
  return 1
}

export const basicPrograms: Readonly<Record<string, Program>> = {
  echo,
  printf,
  sleep,
  usleep,
  timeout,
  env,
  printenv,
  hostname,
  date,
  id,
  whoami,
  test,
  '[': test,
  seq,
  yes,
  uname,
  pwd,
  basename,
  dirname,
  which,
  true: succeed,
  false: fail,
  sync: succeed,
  clear,
}
