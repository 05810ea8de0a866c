/** The schema of scheduler profiles, as a KubeSchedulerConfiguration writes them. That a name is a plugin the cluster itself checks. */
import { z } from 'zod'
import type { SchedulerProfile } from '../../sim/index.ts'

const pluginSet = z.strictObject({
  enabled: z.array(z.strictObject({ name: z.string(), weight: z.int().min(1).optional() })).optional(),
  disabled: z.array(z.strictObject({ name: z.string() })).optional(),
})

const scoringStrategy = z.strictObject({
  type: z.enum(['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio']),
  resources: z.array(z.strictObject({ name: z.string(), weight: z.int().min(1).max(100).optional() })).optional(),
  requestedToCapacityRatio: z
    .strictObject({
      shape: z.array(z.strictObject({ utilization: z.int().min(0).max(100), score: z.int().min(0).max(10) })).min(1),
    })
    .optional(),
})

const pluginConfig = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('NodeResourcesFit'),
    args: z.strictObject({ scoringStrategy: scoringStrategy.optional() }),
  }),
  z.strictObject({
    name: z.literal('InterPodAffinity'),
    args: z.strictObject({ hardPodAffinityWeight: z.int().min(0).max(100).optional() }),
  }),
])

const profile: z.ZodType<SchedulerProfile> = z.strictObject({
  schedulerName: z.string().min(1),
  plugins: z
    .strictObject({
      multiPoint: pluginSet.optional(),
      filter: pluginSet.optional(),
      postFilter: pluginSet.optional(),
      score: pluginSet.optional(),
    })
    .optional(),
  pluginConfig: z.array(pluginConfig).optional(),
})

export const schedulerProfiles = z.array(profile).min(1).optional()
