/** Images of other languages: Perl with the one-liners that tutorials run in Jobs, Go, PHP, Ruby, Rust by their tools' names. */
import type { Image, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { sh } from '../runtime/shell/sh.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { notSimulated } from './programs/not-simulated.ts'
import { type Act, readText, runActs, splitStatements } from './programs/script.ts'

/** Digits of pi by Machin's formula: `3.` and that many significant digits in all. */
function pi(digits: number): string {
  const guard = 10
  const unit = 10n ** BigInt(digits + guard)
  const arctangent = (inverse: bigint): bigint => {
    let term = unit / inverse
    let sum = term
    for (let n = 3n, sign = -1n; term !== 0n; n += 2n, sign = -sign) {
      term /= inverse * inverse
      sum += (sign * term) / n
    }
    return sum
  }
  const value = String(4n * (4n * arctangent(5n) - arctangent(239n)))
  return `${value[0]}.${value.slice(1, digits)}`
}

function readPerl(source: string, endsLines: boolean): Act[] | undefined {
  const acts: Act[] = []
  for (const code of splitStatements(source, ';')) {
    const call = /^(print|say|sleep|exit|die|warn)\b\s*\(?([\s\S]*?)\)?$/.exec(code)
    if (!call) return undefined
    const values = splitStatements(call[2], ',').map((part) =>
      readText(part, (word) => (/^ENV/.test(word) ? '' : undefined)),
    )
    if (values.includes(undefined)) return undefined
    const text = values.join('')
    if (call[1] === 'sleep') acts.push({ do: 'sleep', ms: Number(text) * 1000 })
    else if (call[1] === 'exit') acts.push({ do: 'exit', code: Number(text) & 255 })
    else if (call[1] === 'die')
      acts.push({ do: 'fail', text: text.endsWith('\n') ? text : `${text || 'Died'} at -e line 1.\n`, code: 255 })
    else
      acts.push({
        do: 'print',
        text: call[1] === 'say' || (endsLines && call[1] === 'print') ? `${text}\n` : text,
        to: call[1] === 'warn' ? 'stderr' : 'stdout',
      })
  }
  return acts
}

const perl: Program = function* (process) {
  const args = process.argv.slice(1)
  if (args[0] === '-v') {
    process.stdout.write('\nThis is perl 5, version 40, subversion 2 (v5.40.2) built for x86_64-linux-gnu\n\n')
    return 0
  }
  const at = args.findIndex((arg) => /^-[a-zA-Z]*[eE]$/.test(arg))
  if (at < 0) {
    if (args.some((arg) => arg.startsWith('-d'))) {
      yield* waitFor(process.stdin.readAll())
      return 0
    }
    if (args.length) return yield* notSimulated(process)
    yield* waitFor(process.stdin.readAll())
    return 0
  }
  const source = args[at + 1] ?? ''
  const digits = /^\s*print\s+(?:bpi\(\s*(\d+)\s*\)|bpi\s+(\d+))\s*;?\s*$/.exec(source)
  if (digits && args.some((arg) => /^-M(?:bignum|bigint)/.test(arg))) {
    const count = Number(digits[1] ?? digits[2])
    if (count > 5000) return yield* notSimulated(process)
    process.useMemory(24 * 1024 * 1024)
    // About what 2,000 digits take: two seconds and a half.
    yield* waitFor(process.cpu(Math.max(20, Math.round((count / 2000) ** 2 * 2500))))
    process.stdout.write(`${pi(count)}\n`)
    return 0
  }
  const acts = readPerl(source, /l/.test(args[at]) || args.some((arg, index) => index < at && /^-\w*l\w*$/.test(arg)))
  return acts ? yield* runActs(process, acts, !process.stdout.isTerminal) : yield* notSimulated(process)
}

const go: Program = function* (process) {
  if (process.argv[1] !== 'version') return yield* notSimulated(process)
  process.stdout.write('go version go1.24.4 linux/amd64\n')
  return 0
}

/** An interactive interpreter that reads nothing ends at once. */
const interactive: Program = function* (process) {
  if (process.argv.slice(1).some((arg) => arg !== '-a') || process.stdin.isTerminal) return yield* notSimulated(process)
  yield* waitFor(process.stdin.readAll())
  return 0
}

const image = (
  name: string,
  tags: readonly string[],
  sizeBytes: number,
  cmd: readonly string[],
  programs: Readonly<Record<string, Program>>,
  more: Partial<Image> = {},
): Image => ({
  repositories: [name],
  tags: [
    'latest',
    'alpine',
    'slim',
    ...tags.flatMap((tag) => [tag, `${tag}-alpine`, `${tag}-slim`, `${tag}-bookworm`]),
  ],
  sizeBytes,
  cmd,
  files: debianFiles,
  programs: { ...debianPrograms, ...programs },
  ...more,
})

/** What the images of a language are built on: all tools, few, or Alpine's. */
const builds = (slimBytes: number, alpineBytes: number): Pick<Image, 'base' | 'variants'> => ({
  base: 'buildpack-deps:bookworm',
  variants: {
    alpine: { base: 'alpine:3.22', sizeBytes: alpineBytes },
    slim: { base: 'debian:bookworm-slim', sizeBytes: slimBytes },
  },
})

export const languageImages: readonly Image[] = [
  image(
    'perl',
    ['5', '5.34', '5.34.0', '5.36', '5.38', '5.40', '5.42'],
    342_000_000,
    ['perl', '-de0'],
    { '/usr/local/bin/perl': perl },
    { workingDir: '/usr/src/app', ...builds(55_000_000, 43_000_000) },
  ),
  image(
    'golang',
    ['1', '1.18', '1.19', '1.20', '1.21', '1.22', '1.23', '1.24', '1.25'],
    297_000_000,
    ['bash'],
    { '/usr/local/go/bin/go': go },
    {
      ...builds(200_000_000, 83_000_000),
      base: 'buildpack-deps:bookworm-scm',
      workingDir: '/go',
      env: {
        GOLANG_VERSION: '1.24.4',
        GOPATH: '/go',
        PATH: '/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      },
    },
  ),
  image(
    'php',
    ['7.4', '8', '8.1', '8.2', '8.3', '8.4', '8.3-cli'],
    178_000_000,
    ['php', '-a'],
    {
      '/usr/local/bin/php': interactive,
      '/bin/bash': sh,
    },
    { ...builds(150_000_000, 36_000_000), base: 'debian:bookworm-slim' },
  ),
  image(
    'ruby',
    ['2.7', '3', '3.1', '3.2', '3.3', '3.4'],
    361_000_000,
    ['irb'],
    {
      '/usr/local/bin/ruby': notSimulated,
      '/usr/local/bin/irb': interactive,
    },
    builds(77_000_000, 34_000_000),
  ),
  image(
    'rust',
    ['1', '1.75', '1.80', '1.85', '1.88'],
    570_000_000,
    ['bash'],
    {
      '/usr/local/cargo/bin/cargo': notSimulated,
      '/usr/local/cargo/bin/rustc': notSimulated,
    },
    builds(280_000_000, 270_000_000),
  ),
]
