/** What somebody hands in as the answer to a question about the cluster: the text of a file. The cluster knows nothing of it. */
import { z } from 'zod'
import { msg } from '../../engine/told.ts'
import { atOnce, defineCommand } from './command.ts'

const schema = z.strictObject({ op: z.literal('answer'), file: z.string(), text: z.string() })

export const answerCommand = defineCommand({
  op: 'answer',
  schema,
  isLearners: true,
  words: ({ file }) => ({ told: { text: msg('hand in {file}'), values: { file } } }),
  perform: atOnce(() => 0),
})
