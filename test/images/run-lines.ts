/** Tables of shell lines: what each prints on both streams, and its exit code. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runShell } from '../runtime/run-shell.ts'

export interface Line {
  run: string
  out?: string
  err?: string
  status?: number
}

/** Checks each line of a group in a container of its own. */
export function checkLines(groups: Readonly<Record<string, readonly Line[]>>): void {
  for (const [group, lines] of Object.entries(groups))
    test(`${group} as busybox does`, () => {
      for (const { run, out = '', err = '', status = 0 } of lines) {
        const result = runShell(run)
        assert.deepEqual(
          { run, out: result.stdout, err: result.stderr, status: result.exitCode },
          { run, out, err, status },
        )
      }
    })
}
