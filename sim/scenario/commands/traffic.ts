/** Requests sent at a steady rate from now on. */
import { z } from 'zod'
import { msg } from '../../engine/told.ts'
import { startTraffic } from '../../network/traffic.ts'
import type { TrafficSpec } from '../types.ts'
import { atOnce, defineCommand } from './command.ts'
import { numberOrParam } from './input-schemas.ts'

const trafficOf = (count: z.ZodNumber) =>
  z.strictObject({
    name: z.string(),
    from: z.string(),
    url: z.string(),
    perSecond: count,
    seconds: count,
    timeoutMs: count.optional(),
  })

/** As content writes it: a number may be a parameter of the challenge. */
export const authoredTraffic: z.ZodType<TrafficSpec> = trafficOf(numberOrParam())

export const trafficCommand = defineCommand({
  op: 'traffic',
  schema: z.strictObject({ op: z.literal('traffic'), traffic: trafficOf(z.number().min(0)) }),
  authored: z.strictObject({ op: z.literal('traffic'), traffic: authoredTraffic }),
  words: ({ traffic }) => ({ told: { text: msg('traffic to {url}'), values: { url: traffic.url } } }),
  perform: atOnce((target, { traffic }) => {
    const { engine, network, namespace, clock } = target
    target.traffic.set(traffic.name, startTraffic({ engine, network, namespace, traffic, originMs: clock.originMs }))
    return 0
  }),
  step: {
    key: 'traffic',
    read: ({ traffic }) => ({ op: 'traffic', traffic: traffic as TrafficSpec }),
    write: ({ traffic }) => ({ traffic }),
  },
})
