/** The claims of lessons, the keys of predict questions and the checks of manifests to fix, proven by running what they show. */
import { createHash } from 'node:crypto'
import type { Demo, Explorer, Lesson, Question } from '../../catalog/types.ts'
import { explorerType } from '../../explorers/registry.ts'
import type { FixQuestion } from '../../questions/fix.ts'
import { fillText, variantsOf } from '../../questions/params.ts'
import type { PredictQuestion } from '../../questions/predict.ts'
import type { ShortQuestion } from '../../questions/short.ts'
import { clusterAsFixed, explorePod, judgeFix, judgeTyped, predict, proveDemo } from '../tasks/work.ts'
import type { OverMutantCounts, ProofOptions, ProofResult } from './challenge-proofs.ts'
import { compareFreedoms } from './freedoms.ts'
import { manifestOverMutants } from './over-mutants.ts'
import { manifestSpellings } from './spell/manifests.ts'

/** The part of its draws in which the commonest key of a question to predict is right: who knows nothing should be wrong more often than not. */
export const commonestAtMost = 0.4

export function proveLesson(lesson: Lesson): ProofResult {
  const problems: string[] = []
  for (const part of lesson.parts) {
    if ('explorer' in part)
      problems.push(
        ...proveExplorer(part.explorer).map(
          (problem) =>
            `content/lessons/${lesson.id}.md:${part.explorer.line}: explorer ${part.explorer.id}: ${problem}`,
        ),
      )
    if (!('demo' in part)) continue
    const place = `content/lessons/${lesson.id}.md:${part.demo.line}`
    if (part.demo.expect.length === 0)
      problems.push(`${place}: demo ${part.demo.id} expects nothing: each demo proves a claim`)
    problems.push(...failuresOf(part.demo).map((failure) => `${place}: demo ${part.demo.id}: ${failure}`))
  }
  return { problems, notes: [] }
}

/** It runs as it is at first and with each preset, and each preset's table holds what the preset says it shows. */
function proveExplorer({ id, presets }: Explorer): string[] {
  const type = explorerType(id)
  return [{ name: 'first state', settings: {}, shows: [] }, ...presets].flatMap(({ name, settings, shows }) => {
    const { plan } = type.read(settings)
    // Told when the content was loaded.
    if (!plan) return []
    try {
      const { steps, history } = explorePod({ scenario: plan.scenario, pod: plan.pod, seed: 'proof' })
      const { rows, summary } = plan.view(history)
      const told = [...rows.map(({ lane, what }) => `${lane}: ${what}`), summary].join('\n')
      return [
        ...steps.filter(({ exit }) => exit !== 0).map(({ title, stderr }) => `preset "${name}": ${title}: ${stderr}`),
        ...shows
          .filter((text) => !told.includes(text))
          .map((text) => `preset "${name}" does not show “${text}”:\n${told}`),
      ]
    } catch (error) {
      return [`preset "${name}": ${error instanceof Error ? error.message : String(error)}`]
    }
  })
}

function failuresOf(demo: Demo): string[] {
  try {
    return proveDemo(demo)
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

/** @param seeds how many variants of a question to predict are run on a second cluster as well; each variant is run on one */
export function proveQuestion(question: Question, { seeds }: Pick<ProofOptions, 'seeds'>): ProofResult {
  if (question.type === 'fix') return proveFix(question)
  if (question.type === 'short') return proveShort(question)
  return question.type === 'predict' ? provePredict(question, seeds) : { problems: [], notes: [] }
}

/** The solution holds every check, the manifest at the start does not, each wrong one loses what it names, and each check is lost by one. */
function proveFix(question: Question): ProofResult {
  const data = question.data as FixQuestion
  const problems: string[] = []
  const lost = new Set<number>()
  const judge = (
    name: string,
    manifest: string,
    expected: (failed: readonly number[], beside: string) => string | undefined,
  ) => {
    try {
      const { told, judged } = judgeFix({ question: data, seed: 'proof', manifest })
      const failed = told.flatMap((text, number) => (text === '' ? [] : [number]))
      for (const number of failed) lost.add(number)
      const problem = expected(failed, judged.beside ?? '')
      if (problem)
        problems.push([`${name} ${problem}`, judged.refused, ...told.filter(Boolean)].filter(Boolean).join('\n  '))
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  judge('the manifest at the start', data.scenario.steps[data.edit]!.apply!, (failed) =>
    failed.length === 0 ? 'holds every check: there is nothing to fix' : undefined,
  )
  judge('the solution', data.solution, (failed) => (failed.length > 0 ? 'does not hold every check' : undefined))
  for (const { manifest, loses, about } of data.wrong)
    judge(`wrong answer “${about}”`, manifest, (failed, beside) =>
      failed.join() !== [...loses].sort((a, b) => a - b).join()
        ? `loses the checks ${failed.join(', ') || 'none'}, not ${loses.join(', ') || 'none'}`
        : failed.length === 0 && beside === ''
          ? 'is right'
          : undefined,
    )
  for (const { manifest, about } of data.right)
    judge(`right answer “${about}”`, manifest, (failed, beside) =>
      failed.length === 0 && beside === '' ? undefined : `loses the checks ${failed.join(', ') || 'none'}: ${beside}`,
    )
  for (const { kind, spell } of manifestSpellings) {
    // Nothing may be changed that need not be: a selector in another form is a change.
    const manifest = kind === 'match-expressions' ? undefined : spell(data.solution)
    if (manifest !== undefined)
      judge(`the solution, spelled otherwise (${kind}),`, manifest, (failed, beside) =>
        failed.length === 0 && beside === '' ? undefined : `loses the checks ${failed.join(', ') || 'none'}: ${beside}`,
      )
  }
  for (const [number, { title }] of data.checks.entries())
    if (!lost.has(number)) problems.push(`check ${number}, “${title}”, holds for every manifest that was tried`)
  const overMutants = checkOverMutants(data, problems)
  return {
    problems: problems.map((problem) => `content/questions/${question.id}.md: ${problem}`),
    notes: [],
    overMutants,
  }
}

/** Where what is typed can be run: a form that is accepted does what it should, and no mistake does. */
function proveShort(question: Question): ProofResult {
  const { run, accept, mistakes } = question.data as ShortQuestion
  if (!run) return { problems: [], notes: [] }
  const place = `content/questions/${question.id}.md`
  const holds = (typed: string): boolean => judgeTyped({ run, seed: 'proof', typed }).held[0]!
  const isRun = (form: string): boolean => form.startsWith(run.begins)
  const [right, wrong] = [accept, mistakes.flatMap(({ given }) => given)].map((forms) => forms.filter(isRun))
  return {
    problems: [
      // Some are short for a line.
      ...(right!.some(holds) ? [] : [`${place}: run: no accepted form that begins with ${run.begins} holds`]),
      ...wrong!.filter(holds).map((form) => `${place}: run: “${form}” is called a mistake, and holds`),
    ],
    notes: [],
  }
}

/** A manifest that does more than the solution loses a check, or the question says why it may. */
function checkOverMutants(question: FixQuestion, problems: string[]): OverMutantCounts {
  const mutants = manifestOverMutants(question.solution, clusterAsFixed(question, 'proof'))
  const survivors = mutants.filter(({ manifest }) => {
    const { told, judged } = judgeFix({ question, seed: 'proof', manifest })
    return !judged.refused && !judged.beside && told.every((text) => text === '')
  })
  const { forbidden, unused } = compareFreedoms(survivors, question.freedoms, {})
  problems.push(
    ...forbidden.map(
      ({ change, of }) => `${change} of ${of} holds every check: notice it, or say in freedoms why it may be`,
    ),
    ...unused.map(({ change, of }) => `freedoms: ${change} of ${of} does not hold every check: take it out`),
  )
  return { tried: mutants.length, allowed: survivors.length - forbidden.length, survived: forbidden.length }
}

/** Every variant has a key, the variants differ, no key is right too often, each choice is right in some variant, and each distractor misses in one. */
function provePredict(question: Question, twice: number): ProofResult {
  const place = `content/questions/${question.id}.md`
  const data = question.data as PredictQuestion
  const problems: string[] = []
  const keys = new Map<string, string>()
  const drawn = new Map<string, number>()
  let all = 0
  for (const { params, draws } of variantsOf(data.params)) {
    const variant = JSON.stringify(params)
    const seed = `proof/${variant}`
    all += draws
    try {
      const { key } = predict({ question: data, seed, params })
      keys.set(variant, key)
      drawn.set(key, (drawn.get(key) ?? 0) + draws)
      problems.push(...checkKey(data, params, key).map((problem) => `${place}: variant ${variant}: ${problem}`))
      if (keys.size > twice) continue
      // The variant's answer must not hang on chance: another seed of the cluster gives the same.
      const other = predict({ question: data, seed: createHash('sha256').update(seed).digest('hex'), params }).key
      if (other !== key)
        problems.push(
          `${place}: variant ${variant}: the key is ${key} with one seed and ${other} with another: the question hangs on chance`,
        )
    } catch (error) {
      problems.push(`${place}: variant ${variant}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const [often, times] = [...drawn].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0])
  const commonest = times / all
  if (keys.size > 1 && drawn.size === 1) problems.push(`${place}: ${keys.size} variants have the same key ${often}`)
  else if (commonest > commonestAtMost)
    problems.push(
      `${place}: the answer ${often} is right in ${Math.round(commonest * 100)} % of the draws, ${commonestAtMost * 100} % is the most: add variants with another key, or draw them more often`,
    )
  for (const { value } of data.distractors ?? []) {
    const isTempting = [...keys].some(([variant, key]) => fillText(String(value), JSON.parse(variant)) !== key)
    if (!isTempting) problems.push(`${place}: distractor “${value}” is the key of every variant`)
  }
  if (keys.size > 0) problems.push(...checkChoices(data, keys).map((problem) => `${place}: ${problem}`))
  const told = [...keys].map(([variant, key]) => `${variant} → ${key}`).join('; ')
  return { problems, notes: [`${place}: ${told}`], predict: { id: question.id, variants: keys.size, commonest } }
}

/** Who tries again soon strikes out what is never right: such a choice stands for a belief that is worth being asked about, or for nothing. */
function checkChoices({ ask, distractors = [] }: PredictQuestion, keys: ReadonlyMap<string, string>): string[] {
  const isRight = (choice: string | number): boolean =>
    [...keys].some(([variant, key]) => fillText(String(choice), JSON.parse(variant)) === key)
  const believed = distractors.filter(({ belief }) => belief !== undefined).map(({ value }) => String(value))
  return [
    ...(ask.choices ?? [])
      .filter((choice) => !isRight(choice) && !believed.includes(String(choice)))
      .map((choice) => `the choice “${choice}” is right in no variant: add one, or say in belief who would choose it`),
    ...distractors
      .filter(({ value, belief }) => belief !== undefined && isRight(value))
      .map(({ value }) => `distractors: “${value}” is right in some variant, and needs no belief`),
  ]
}

function checkKey({ ask }: PredictQuestion, params: Record<string, string | number>, key: string): string[] {
  const problems: string[] = []
  if (key.trim() === '') problems.push('the key is empty: nothing of it is seen')
  if (ask.answer === 'number' && !/^-?\d+(\.\d+)?$/.test(key)) problems.push(`the key “${key}” is not a number`)
  const choices = ask.choices?.map((choice) => fillText(String(choice), params))
  if (choices && !choices.includes(key))
    problems.push(`the key “${key}” is not one of the choices ${choices.join(', ')}`)
  return problems
}
