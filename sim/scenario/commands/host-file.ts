/** What a file of a node says, as a recording reads it. */
import { z } from 'zod'
import { msg } from '../../engine/told.ts'
import { atOnce, defineCommand } from './command.ts'

const place = z.strictObject({ node: z.string(), path: z.string() })
const schema = place.extend({ op: z.literal('hostFile') })

export const hostFileCommand = defineCommand({
  op: 'hostFile',
  schema,
  authored: schema,
  words: ({ path, node }) => ({ told: { text: msg('read {path} on {node}'), values: { path, node } } }),
  perform: atOnce(({ nodes }, { node, path }, out) => {
    const content = nodes.readHostFile(node, path)
    out('stdout', content ?? '')
    return content === undefined ? 1 : 0
  }),
  step: {
    key: 'hostFile',
    read: ({ hostFile }) => ({ op: 'hostFile', ...(hostFile as z.infer<typeof place>) }),
    write: ({ node, path }) => ({ hostFile: { node, path } }),
  },
})
