/** Images of other languages: Perl with the one-liners that tutorials run in Jobs, Go, PHP, Ruby, Rust by their tools' names. */
import type { Image, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { sh } from '../runtime/shell/sh.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { notSimulated } from './programs/not-simulated.ts'
import { type Act, readText, runActs, splitStatements } from './programs/script.ts'
import { eachRelease, type Releases } from './releases.ts'

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

const perl = (version: string): Program =>
  function* (process) {
    const args = process.argv.slice(1)
    if (args[0] === '-v') {
      const [major, minor, patch] = version.split('.')
      process.stdout.write(
        `\nThis is perl ${major}, version ${minor}, subversion ${patch} (v${version}) built for x86_64-linux-gnu\n\n`,
      )
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

const go = (version: string): Program =>
  function* (process) {
    if (process.argv[1] !== 'version') return yield* notSimulated(process)
    process.stdout.write(`go version go${version} linux/amd64\n`)
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
  releases: Releases,
  sizeBytes: number,
  make: (version: string) => Pick<Image, 'cmd' | 'programs' | 'base' | 'variants' | 'workingDir' | 'env'>,
): readonly Image[] =>
  eachRelease(releases, ['alpine', 'slim', 'bookworm'], (version) => {
    const made = make(version)
    return {
      ...made,
      repositories: [name],
      sizeBytes,
      files: debianFiles,
      programs: { ...debianPrograms, ...made.programs },
    }
  })

/** What the images of a language are built on: all tools, few, or Alpine's. */
const builds = (slimBytes: number, alpineBytes: number): Pick<Image, 'base' | 'variants'> => ({
  base: 'buildpack-deps:bookworm',
  variants: {
    alpine: { base: 'alpine:3.22', sizeBytes: alpineBytes },
    slim: { base: 'debian:bookworm-slim', sizeBytes: slimBytes },
  },
})

const perlVersions: Releases = {
  '5.42.0': ['latest', '5', '5.42', '5.42.0'],
  '5.40.2': ['5.40', '5.40.2'],
  '5.38.4': ['5.38', '5.38.4'],
  '5.36.3': ['5.36', '5.36.3'],
  '5.34.3': ['5.34', '5.34.3'],
  '5.34.0': ['5.34.0'],
}

const goVersions: Releases = {
  '1.25.0': ['latest', '1', '1.25', '1.25.0'],
  '1.24.4': ['1.24', '1.24.4'],
  '1.23.10': ['1.23', '1.23.10'],
  '1.22.12': ['1.22', '1.22.12'],
  '1.21.13': ['1.21', '1.21.13'],
  '1.20.14': ['1.20', '1.20.14'],
  '1.19.13': ['1.19', '1.19.13'],
  '1.18.10': ['1.18', '1.18.10'],
}

const phpVersions: Releases = {
  '8.4.10': ['latest', '8', '8.4', '8.4.10'],
  '8.3.23': ['8.3', '8.3.23', '8.3-cli'],
  '8.2.29': ['8.2', '8.2.29'],
  '8.1.33': ['8.1', '8.1.33'],
  '7.4.33': ['7.4', '7.4.33'],
}

const rubyVersions: Releases = {
  '3.4.4': ['latest', '3', '3.4', '3.4.4'],
  '3.3.8': ['3.3', '3.3.8'],
  '3.2.8': ['3.2', '3.2.8'],
  '3.1.7': ['3.1', '3.1.7'],
  '2.7.8': ['2.7', '2.7.8'],
}

const rustVersions: Releases = {
  '1.88.0': ['latest', '1', '1.88', '1.88.0'],
  '1.85.1': ['1.85', '1.85.1'],
  '1.80.1': ['1.80', '1.80.1'],
  '1.75.0': ['1.75', '1.75.0'],
}

export const languageImages: readonly Image[] = [
  ...image('perl', perlVersions, 342_000_000, (version) => ({
    ...builds(55_000_000, 43_000_000),
    cmd: ['perl', '-de0'],
    workingDir: '/usr/src/app',
    programs: { '/usr/local/bin/perl': perl(version) },
  })),
  ...image('golang', goVersions, 297_000_000, (version) => ({
    ...builds(200_000_000, 83_000_000),
    base: 'buildpack-deps:bookworm-scm',
    cmd: ['bash'],
    workingDir: '/go',
    env: {
      GOLANG_VERSION: version,
      GOPATH: '/go',
      PATH: '/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    },
    programs: { '/usr/local/go/bin/go': go(version) },
  })),
  ...image('php', phpVersions, 178_000_000, (version) => ({
    ...builds(150_000_000, 36_000_000),
    base: 'debian:bookworm-slim',
    cmd: ['php', '-a'],
    env: { PHP_VERSION: version },
    programs: { '/usr/local/bin/php': interactive, '/bin/bash': sh },
  })),
  ...image('ruby', rubyVersions, 361_000_000, (version) => ({
    ...builds(77_000_000, 34_000_000),
    cmd: ['irb'],
    env: { LANG: 'C.UTF-8', RUBY_VERSION: version },
    programs: { '/usr/local/bin/ruby': notSimulated, '/usr/local/bin/irb': interactive },
  })),
  ...image('rust', rustVersions, 570_000_000, (version) => ({
    ...builds(280_000_000, 270_000_000),
    cmd: ['bash'],
    env: {
      RUST_VERSION: version,
      PATH: '/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    },
    programs: { '/usr/local/cargo/bin/cargo': notSimulated, '/usr/local/cargo/bin/rustc': notSimulated },
  })),
]
