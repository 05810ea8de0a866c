/** A machine as content and scenario files describe it. */
import { z } from 'zod'
import type { NodeShape } from './scenario/types.ts'

const percent = z.number().int().min(0).max(100)
const counts = z.record(z.string(), z.number().int().min(0))

/** The form of a `NodeShape`, read strictly. A number of CPUs may stand there as a number. */
export const nodeShape = z.strictObject({
  name: z.string(),
  cpu: z.coerce.string().optional(),
  memory: z.string().optional(),
  disk: z.string().optional(),
  pods: z.int().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  taints: z
    .array(
      z.strictObject({
        key: z.string(),
        value: z.string().optional(),
        effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
      }),
    )
    .optional(),
  unschedulable: z.boolean().optional(),
  joined: z.boolean().optional(),
  hollow: z.boolean().optional(),
  shutdownGracePeriodSeconds: z.number().min(0).optional(),
  shutdownGracePeriodCriticalPodsSeconds: z.number().min(0).optional(),
  maxParallelImagePulls: z.number().int().min(1).optional(),
  imageGCHighThresholdPercent: percent.optional(),
  imageGCLowThresholdPercent: percent.optional(),
  imageMaximumGCAgeSeconds: z.number().min(0).optional(),
  volumeLimits: counts.optional(),
  devices: counts.optional(),
  maxPids: z.number().int().min(1).optional(),
  podPidsLimit: z.number().int().min(1).optional(),
  evictionHard: z.strictObject({ 'pid.available': z.string().optional() }).optional(),
}) satisfies z.ZodType<NodeShape>
