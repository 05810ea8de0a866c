/** A file in the folder of static Pods on a node; an empty one removes it. */
import { z } from 'zod'
import { msg } from '../../engine/told.ts'
import { atOnce, defineCommand } from './command.ts'

const place = z.strictObject({ node: z.string(), file: z.string(), manifest: z.string() })
const schema = place.extend({ op: z.literal('staticPod') })

export const staticPodCommand = defineCommand({
  op: 'staticPod',
  schema,
  authored: schema,
  words: ({ file, node }) => ({ told: { text: msg('static Pod {file} on {node}'), values: { file, node } } }),
  perform: atOnce(({ nodes }, { node, file, manifest }) => {
    nodes.writeStaticPod(node, file, manifest)
    return 0
  }),
  step: {
    key: 'staticPod',
    read: ({ staticPod }) => ({ op: 'staticPod', ...(staticPod as z.infer<typeof place>) }),
    write: ({ node, file, manifest }) => ({ staticPod: { node, file, manifest } }),
  },
})
