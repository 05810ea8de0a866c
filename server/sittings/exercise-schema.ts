/** What a hiring exercise asks, and by which rules: the part of a sitting that only exercises have. */
import { z } from 'zod'

const id = z.string().min(1)

/** One thing that reviewers judge, with what each of the five levels looks like. */
export const dimensionSchema = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  title: z.string().min(1).max(120),
  /** From 1, the lowest, to 5. */
  anchors: z.array(z.string().max(400)).length(5),
})
export type Dimension = z.infer<typeof dimensionSchema>

/** What candidates may use besides the documentation. */
export const aiPolicies = ['none', 'declared', 'any'] as const

/** What candidates may be asked about themselves after they have handed in, so that it can be seen how groups of people fare. */
export const groupQuestionIds = ['gender', 'age', 'language', 'minority', 'disability'] as const
export type GroupQuestionId = (typeof groupQuestionIds)[number]

export const exerciseSchema = z.object({
  jobId: id,
  sections: z.array(
    z.object({
      id: z.string().regex(/^[a-z0-9]{1,24}$/),
      title: z.string().max(120),
      /** `challenge:crash-loop`, `question:pod/probes` */
      items: z.array(id),
    }),
  ),
  aiPolicy: z.enum(aiPolicies),
  /** Percent of all points; null without one. It decides nothing by itself. */
  passBar: z.int().min(1).max(100).nullable(),
  rubric: z.array(dimensionSchema),
  /** Candidates see which of the visible checks hold while they work. */
  showsChecks: z.boolean(),
  /** Told apart by the pass bar: without one nothing is asked. */
  asksGroups: z.array(z.enum(groupQuestionIds)).optional(),
  /** The ready-made exercise that it was made from. */
  readyMade: id.optional(),
  /** The exercise that its manager tries out here. */
  rehearsalOf: id.optional(),
})
export type ExercisePlan = z.infer<typeof exerciseSchema>

/** The invitation of a candidate. Who it is stands elsewhere (`candidates`). */
export const invitationSchema = z.object({
  /** Not their name: `Candidate 7F`. */
  blindName: z.string().min(1),
  /** Of the link's token. */
  tokenSha256: z.string().min(1),
  /** They may begin from then on; null for at once. */
  opensAtMs: z.number().nullable(),
  /** They may begin until then. */
  untilMs: z.number(),
  /** Of the letter and the first page. */
  language: z.enum(['en', 'zh']),
  revokedAtMs: z.number().nullable(),
})
export type Invitation = z.infer<typeof invitationSchema>
