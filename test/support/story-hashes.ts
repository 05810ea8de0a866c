/** Prints the state hash after every event of the story: one line each. */
import { historyOf } from './story.ts'

process.stdout.write(`${historyOf(process.argv[2] ?? 'a').join('\n')}\n`)
