/** What kubeadm looks at before it does anything. Source: cmd/kubeadm/app/preflight/checks.go RunChecks */
import { type Invocation, KubeadmError } from './command-line.ts'

/** A name, by which it can be ignored, and what is wrong; undefined where nothing is. */
export type PreflightCheck = readonly [name: string, problem: string | undefined]

/**
 * Tells what is wrong: as a warning where `--ignore-preflight-errors` names the check.
 * @param words with which kubeadm ends @param ignore checks that only warn @throws KubeadmError where another one fails
 */
export function judgePreflight(
  { process, flags }: Invocation,
  checks: readonly PreflightCheck[],
  words: string,
  ignore: readonly string[] = (flags.get('ignore-preflight-errors') ?? '').split(','),
): void {
  const ignored = ignore.map((name) => name.toLowerCase())
  let errors = ''
  for (const [name, problem] of checks) {
    if (problem === undefined) continue
    if (ignored.includes('all') || ignored.includes(name.toLowerCase()))
      process.stderr.write(`\t[WARNING ${name}]: ${problem}\n`)
    else errors += `\t[ERROR ${name}]: ${problem}\n`
  }
  if (!errors) return
  process.stderr.write(
    `[preflight] Some fatal errors occurred:\n${errors}[preflight] If you know what you are doing, you can make a check non-fatal with \`--ignore-preflight-errors=...\`\n`,
  )
  throw new KubeadmError(words)
}
