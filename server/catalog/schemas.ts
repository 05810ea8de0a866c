/** Schemas of the content files. */
import { z } from 'zod'
import {
  authoredCommandSchema,
  authoredTraffic,
  faultSchema,
  nodeShape,
  numberOrParam,
  releases,
} from '../../sim/forms.ts'
import type { ChallengeSpec } from '../../sim/index.ts'
import { explorerIds } from '../explorers/registry.ts'
import { questionTypeNames } from '../questions/registry.ts'
import { diagramTones } from '../render/diagram.ts'
import { type Domain, type Exam, exams } from './exams.ts'
import { schedulerProfiles } from './scheduler-profiles.ts'

export const sections = [
  'architecture',
  'pod',
  'workloads',
  'scheduling',
  'networking',
  'storage',
  'security',
  'operations',
] as const

const id = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be lower-case words joined by "-"')
const topicIds = z.array(z.string()).min(1)
const domainOf = <E extends Exam>(exam: E) => z.enum(Object.keys(exams[exam].domains) as [Domain<E>, ...Domain<E>[]])
const sourceList = z.array(z.strictObject({ title: z.string().min(1), url: z.url() })).min(1)
// YAML reads an unquoted date as text here, and a quoted one as well.
const moment = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'must look like 2026-03-02T09:00:00Z')

export const topicsFile = z.array(
  z.strictObject({ id, section: z.enum(sections), title: z.string().min(1), simulated: z.boolean().default(true) }),
)

export const itemName = z
  .string()
  .regex(/^(lesson|question|challenge):[a-z0-9/-]+$/, 'must be lesson:…, question:… or challenge:…')

export const movedFile = z.record(itemName, itemName)

export const lessonFields = z.strictObject({
  title: z.string().min(1),
  section: z.enum(sections),
  order: z.int(),
  minutes: z.int().min(1),
  summary: z.string().min(1),
  topics: topicIds,
  sources: sourceList,
})

const step = z.strictObject({
  at: z.number().min(0),
  apply: z.string().optional(),
  create: z.string().optional(),
  args: z.string().optional(),
  run: z.string().optional(),
  helm: z.string().optional(),
  node: z.string().optional(),
  line: z.string().optional(),
  stdin: z.string().optional(),
  fault: faultSchema.optional(),
  evict: z.strictObject({ selector: z.string(), first: z.literal('ready') }).optional(),
})

const nodes = z
  .union([z.int().min(1).max(3), z.array(nodeShape).min(1)])
  .default(1)
  .transform((given) =>
    typeof given === 'number'
      ? Array.from({ length: given }, (_, n) => ({ name: `node-${n + 1}`, cpu: '2', memory: '4Gi' }))
      : given,
  )

const proxy = z.strictObject({
  mode: z.enum(['iptables', 'ipvs', 'nftables']),
  scheduler: z.enum(['rr', 'wrr', 'lc', 'wlc', 'sh', 'dh', 'sed', 'nq']).optional(),
})

const controlPlane = z.strictObject({
  members: z.union([z.literal(1), z.literal(3), z.literal(5)]),
  staticPods: z.boolean().optional(),
  certificatesExpireInSeconds: z.int().min(0).max(31_536_000).optional(),
  release: z.enum(releases).optional(),
})

export const scenarioBody = z.strictObject({
  start: moment.optional(),
  nodes,
  absent: z.array(z.string()).default([]),
  schedulerProfiles,
  metricsServer: z.boolean().optional(),
  ingressController: z.boolean().optional(),
  gatewayApi: z.boolean().optional(),
  networkPolicies: z.boolean().optional(),
  cloudProvider: z.boolean().optional(),
  systemPods: z.boolean().optional(),
  proxy: proxy.optional(),
  controlPlane: controlPlane.optional(),
  duration: z.number().positive().max(86_400),
  steps: z.array(step).min(1),
})

export const demoBlock = scenarioBody.extend({
  id,
  title: z.string().min(1),
  predict: z.string().min(1).optional(),
  show: z.array(z.enum(['objects', 'events', 'timeline', 'sequence'])).default(['objects', 'events']),
  sequence: z
    .string()
    .regex(/^pods\/[^/]+\/[^/]+$/, 'must be pods/NAMESPACE/NAME')
    .optional(),
  edit: z.int().min(0).optional(),
  mark: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .transform((lines) => [lines].flat().map((line) => line.trim()))
    .optional(),
  expect: z
    .array(
      z.union([
        z.strictObject({ cel: z.string(), at: z.number().optional() }),
        z.strictObject({ stdout: z.int(), includes: z.string() }),
        z.strictObject({ event: z.strictObject({ object: z.string(), reason: z.string() }) }),
      ]),
    )
    .default([]),
})

export const diagramBlock = z.strictObject({
  id,
  title: z.string().min(1),
  direction: z.enum(['right', 'down']).default('right'),
  groups: z.array(z.strictObject({ id, label: z.string().min(1), in: id.optional() })).default([]),
  nodes: z
    .array(
      z.strictObject({
        id,
        label: z.string().min(1),
        note: z.string().min(1).optional(),
        in: id.optional(),
        tone: z.enum(diagramTones).optional(),
      }),
    )
    .min(1),
  edges: z
    .array(
      z.strictObject({ from: id, to: id, label: z.string().min(1).optional(), dashed: z.boolean().default(false) }),
    )
    .default([]),
})

export const explorerBlock = z.strictObject({
  id: z.enum(explorerIds),
  title: z.string().min(1),
  presets: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        settings: z.record(z.string(), z.coerce.string()),
        shows: z.array(z.string().min(1)).min(1),
      }),
    )
    .min(1),
})

export const questionFields = z.object({
  title: z.string().min(1),
  type: z.enum(questionTypeNames as [(typeof questionTypeNames)[number]]),
  difficulty: z.int().min(1).max(5),
  topics: topicIds,
  exam: z.strictObject({ cka: domainOf('cka').optional(), ckad: domainOf('ckad').optional() }).default({}),
  lesson: z.string().optional(),
  sources: sourceList.optional(),
  trap: z.boolean().default(false),
})

export const trackFields = z.strictObject({
  title: z.string().min(1),
  order: z.int(),
  summary: z.string().min(1),
  days: z.int().min(1).max(366).optional(),
  steps: z.array(
    z.string().regex(/^(lesson|question|challenge):[a-z0-9/-]+$/, 'must be lesson:…, question:… or challenge:…'),
  ),
})

export const challengeFields = z.strictObject({ title: z.string().min(1), summary: z.string().min(1) })

// ---------- challenge.yaml ----------

const paramSpec = z.union([
  z.strictObject({ oneOf: z.array(z.union([z.string(), z.number()])).min(1), hidden: z.boolean().optional() }),
  z.strictObject({
    int: z.strictObject({ min: z.int(), max: z.int(), step: z.int().min(1).optional() }),
    hidden: z.boolean().optional(),
  }),
])

const when = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('settled') }),
  z.strictObject({ mode: z.literal('eventually'), withinSeconds: numberOrParam() }),
  z.strictObject({
    mode: z.literal('always'),
    fromSeconds: numberOrParam().optional(),
    toSeconds: numberOrParam().optional(),
  }),
  z.strictObject({
    mode: z.literal('never'),
    fromSeconds: numberOrParam().optional(),
    toSeconds: numberOrParam().optional(),
  }),
  z.strictObject({ mode: z.literal('stable'), forSeconds: numberOrParam(), withinSeconds: numberOrParam() }),
  z.strictObject({ mode: z.literal('once'), forSeconds: numberOrParam() }),
])

const reached = { from: z.array(z.string()).optional(), to: z.array(z.string()).optional() }

const assertion = z.union([
  z.strictObject({ object: z.looseObject({ kind: z.string() }), count: z.union([z.number(), z.string()]).optional() }),
  z.strictObject({ cel: z.string(), message: z.string().optional() }),
  z.strictObject({
    bystanders: z.strictObject({
      but: z.array(z.string()).optional(),
      adds: z.array(z.string()).optional(),
      lookOnly: z.boolean().optional(),
      keepPods: z.boolean().optional(),
      allLabels: z.boolean().optional(),
      files: z.array(z.string()).optional(),
    }),
  }),
  z.strictObject({
    staticPod: z.strictObject({
      component: z.string(),
      node: z.string().optional(),
      release: z.string().optional(),
      flags: z.union([z.literal('all'), z.array(z.string().startsWith('--'))]).optional(),
      free: z.array(z.string()).optional(),
      also: z.record(z.string().startsWith('--'), z.array(z.string()).min(1)).optional(),
    }),
  }),
  z.strictObject({ nowhere: z.strictObject({ text: z.string().min(1), but: z.array(z.string()).optional() }) }),
  z.strictObject({
    unchanged: z
      .array(
        z.strictObject({
          kind: z.string(),
          name: z.string(),
          namespace: z.string().optional(),
          except: z.array(z.string()).optional(),
          only: z.array(z.string()).optional(),
          managers: z.boolean().optional(),
        }),
      )
      .min(1),
  }),
  z.strictObject({
    probe: z.strictObject({
      from: z.string(),
      protocol: z.enum(['http', 'tcp', 'dns']),
      target: z.string(),
      attempts: numberOrParam().optional(),
      expect: z.strictObject({
        status: numberOrParam().optional(),
        body: z.string().optional(),
        bodyIncludes: z.string().optional(),
        fails: z.boolean().optional(),
        minShare: z.number().optional(),
        servers: numberOrParam().optional(),
        by: z
          .string()
          .regex(/^[A-Z]\w*\/\S+$/)
          .optional(),
      }),
    }),
  }),
  z.strictObject({
    answer: z.strictObject({
      file: z.string(),
      keys: z
        .array(z.union([z.strictObject({ kubectl: z.string().min(1) }), z.strictObject({ text: z.string().min(1) })]))
        .min(1),
      order: z.literal('any').optional(),
    }),
  }),
  z.strictObject({ traffic: z.strictObject({ name: z.string(), cel: z.string(), message: z.string().optional() }) }),
  z.strictObject({
    reach: z.union([
      z.strictObject({ ...reached, exactly: z.array(z.string()) }),
      z.strictObject({ ...reached, atLeast: z.array(z.string()).optional(), atMost: z.array(z.string()) }),
    ]),
  }),
  z.strictObject({
    access: z.union([
      z.strictObject({
        user: z.string(),
        can: z.array(z.string()).optional(),
        cannot: z.array(z.string()).optional(),
      }),
      z.strictObject({ user: z.string(), exactly: z.array(z.string()) }),
      z.strictObject({ user: z.string(), atLeast: z.array(z.string()).optional(), atMost: z.array(z.string()) }),
      z.strictObject({ nobodyGainsBut: z.array(z.string()) }),
    ]),
  }),
])

/** A cluster before anything happens. */
export const clusterShape = z.strictObject({
  nodes,
  absentImages: z.union([z.array(z.string()), z.literal('all')]).optional(),
  namespace: z.string().optional(),
  dns: z.boolean().optional(),
  networkPolicies: z.boolean().optional(),
  schedulerProfiles,
  metricsServer: z.boolean().optional(),
  ingressController: z.boolean().optional(),
  gatewayApi: z.boolean().optional(),
  cloudProvider: z.boolean().optional(),
  systemPods: z.boolean().optional(),
  proxy: proxy.optional(),
  controlPlane: controlPlane.optional(),
})

const check = z.strictObject({
  id,
  title: z.string().min(1),
  points: z.number().min(0),
  when,
  assert: assertion.optional(),
  criteria: z
    .array(z.strictObject({ id, title: z.string().min(1), points: z.number().min(0), assert: assertion }))
    .optional(),
  given: z.array(faultSchema).optional(),
  afterwards: z.array(authoredCommandSchema).min(1).optional(),
  dependsOn: z.array(id).optional(),
  mastery: z.array(z.string()).optional(),
  gate: z.boolean().optional(),
  hidden: z.boolean().optional(),
  why: z.string().optional(),
})

export const challengeYaml = z.strictObject({
  version: z.int().min(1),
  style: z.enum(['build', 'fix', 'operate', 'design', 'task']),
  difficulty: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]),
  minutes: z.int().min(1),
  topics: topicIds,
  params: z.record(z.string(), paramSpec).default({}),
  reject: z.array(z.string()).optional(),
  world: z.strictObject({
    shape: clusterShape,
    setup: z.array(authoredCommandSchema).default([]),
    settleSeconds: z.number().min(0),
    traffic: z.array(authoredTraffic).optional(),
  }),
  workspace: z.strictObject({
    allowKubectl: z.boolean().default(true),
    readOnlyNamespaces: z.array(z.string()).optional(),
    maxApplies: z.int().min(1),
    maxVirtualSeconds: z.number().positive(),
  }),
  checks: z.array(check).min(1),
  hints: z
    .array(z.strictObject({ id, text: z.string().min(1), cost: z.number().min(0), cause: z.string().optional() }))
    .default([]),
  observeSeconds: z.number().min(0),
  /** Named CEL expressions that checks use; each may use those before it. */
  let: z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/), z.string().min(1)).default({}),
  mistakes: z.array(z.strictObject({ cause: z.string(), text: z.string() })).default([]),
})

export type ChallengeYaml = z.infer<typeof challengeYaml>

/** Each expression gets the names that it may use. */
function withLets(checks: ChallengeYaml['checks'], lets: ChallengeYaml['let']): ChallengeYaml['checks'] {
  if (Object.keys(lets).length === 0) return checks
  const named = (one: z.infer<typeof assertion>) => ('cel' in one ? { ...one, let: lets } : one)
  return checks.map(({ assert, criteria, ...check }) => ({
    ...check,
    ...(assert ? { assert: named(assert) } : {}),
    ...(criteria ? { criteria: criteria.map((part) => ({ ...part, assert: named(part.assert) })) } : {}),
  }))
}

/** Puts the pieces of a challenge's folder together. */
export function challengeSpecOf(
  yaml: ChallengeYaml,
  rest: { id: string; title: string; files: Record<string, string> },
): ChallengeSpec {
  const { mistakes: _, let: lets, workspace, checks, ...spec } = yaml
  return {
    ...spec,
    checks: withLets(checks, lets),
    id: rest.id,
    title: rest.title,
    workspace: { ...workspace, files: rest.files },
  } as ChallengeSpec
}
