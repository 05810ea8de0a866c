/** What a real kubectl v1.36.4 sent, a body each, and the object in it. */
import { readFileSync } from 'node:fs'

export interface RecordedBody {
  /** What kubectl was called with. */
  args: readonly string[]
  body: Uint8Array
  /** What the same call prints with `--dry-run=client -o json`, where it has these flags; else it was written down and read. */
  json: Record<string, unknown>
  printedBy: 'dry-run' | 'hand'
}

export const recordedBodies: readonly RecordedBody[] = readFileSync(new URL('bodies.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .map((recorded) => ({ ...recorded, body: Buffer.from(recorded.body, 'base64') }))
