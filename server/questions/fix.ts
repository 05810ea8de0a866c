/** A manifest to fix: it is applied to a simulated cluster, and what the cluster does is the verdict. */
import { z } from 'zod'
import { escapeHtml } from '../escape-html.ts'
import { msg, t } from '../i18n/translate.ts'
import { renderInline } from '../render/markdown.ts'
import { type Freedom, freedomList } from './freedom.ts'
import type { QuestionType } from './types.ts'

export interface FixQuestion {
  scenario: { steps: { apply?: string }[] } & Record<string, unknown>
  /** The step whose manifest is the learner's. */
  edit: number
  checks: { title: string; cel: string; at?: number; why: string }[]
  /** A manifest that every check holds for. */
  solution: string
  /** Other manifests that are as right as the solution. */
  right: { manifest: string; about: string }[]
  /** Manifests that fail the checks of those numbers, from 0. */
  wrong: { manifest: string; loses: number[]; about: string }[]
  /** What may be others than in the solution: `KIND/NAME`, or `KIND/NAME FIELD` for a part of it, with `*` for any name or place. */
  work: string[]
  /** What a manifest may do besides the solution without losing a check, and why that is right. */
  freedoms: Freedom[]
}

/** Characters. */
const maxManifest = 20_000

export const fix: QuestionType<FixQuestion> = {
  title: msg('Fix the manifest'),
  blank: msg('Change the manifest; an empty one cannot be applied.'),
  hasPlainAnswers: true,
  fields: {
    scenario: z.looseObject({ steps: z.array(z.looseObject({ apply: z.string().optional() })) }),
    edit: z.int().min(0),
    checks: z
      .array(
        z.strictObject({
          title: z.string().min(1),
          cel: z.string().min(1),
          at: z.number().min(0).optional(),
          why: z.string().min(1),
        }),
      )
      .min(1),
    solution: z.string().min(1),
    work: z.array(z.string().regex(/^[A-Z]\w*\/[^/ ]+(?: [a-z][\w.*-]*)?$/)).min(1),
    right: z.array(z.strictObject({ manifest: z.string().min(1), about: z.string().min(1) })).default([]),
    wrong: z
      .array(
        z.strictObject({
          manifest: z.string().min(1),
          /** None for one that changes something beside. */
          loses: z.array(z.int().min(0)),
          about: z.string().min(1),
        }),
      )
      .default([]),
    freedoms: freedomList.default([]),
  },
  texts: ['checks.*.title', 'checks.*.why'],
  check: (question) => [
    ...(startOf(question) === undefined
      ? ([['edit', `step ${question.edit} has no manifest to fix`]] as [string, string][])
      : []),
    ...question.wrong
      .flatMap(({ loses }) => loses)
      .filter((number) => question.checks[number] === undefined)
      .map((number): [string, string] => ['wrong', `there is no check ${number}`]),
  ],
  view: (question) => ({
    control: 'manifest',
    start: startOf(question) ?? '',
    rule:
      question.checks.length === 1
        ? t('It is applied to a simulated cluster. What the cluster does decides. Change only what has to change.')
        : t('It is applied to a simulated cluster. Each of {n} checks counts. Change only what has to change.', {
            n: question.checks.length,
          }),
  }),
  untouched: {
    problem: msg('This is the manifest as it was handed out. Change it first.'),
    is: (question, _chance, [given = '']) => plain(given) === plain(startOf(question) ?? ''),
  },
  isBlank: (_question, given) => given.length !== 1 || given[0]!.trim() === '' || given[0]!.length > maxManifest,
  grade: ({ checks, solution }, { judged }) => {
    if (judged === undefined) throw new Error('a manifest is graded by what the simulator did with it')
    const { beside = '' } = judged
    // What else was changed is a check of its own, where there is any.
    const score = judged.held.filter(Boolean).length / (checks.length + (beside ? 1 : 0))
    const feedback = checks.map(({ title, why }, n) => ({
      id: `check-${n}`,
      text: renderInline(title),
      why: judged.held[n] ? '' : renderInline(why),
      chosen: true,
      correct: judged.held[n]!,
      word: judged.held[n] ? t('holds') : t('does not hold'),
    }))
    if (beside)
      feedback.push({
        id: 'beside',
        text: t('Nothing else is changed'),
        why: `<code>${escapeHtml(beside)}</code>`,
        chosen: true,
        correct: false,
        word: t('does not hold'),
      })
    if (judged.refused)
      feedback.unshift({
        id: 'refused',
        text: t('The manifest was not applied'),
        why: `<code>${escapeHtml(judged.refused)}</code>`,
        chosen: true,
        correct: false,
        word: t('refused'),
      })
    return {
      verdict: score === 1 ? 'right' : score >= 0.5 ? 'partly' : 'wrong',
      score,
      feedback,
      answer: solution,
    }
  },
}

const startOf = ({ scenario, edit }: FixQuestion): string | undefined => scenario.steps[edit]?.apply

/** Line ends come in two ways. */
const plain = (manifest: string): string => manifest.replaceAll('\r\n', '\n').trim()
