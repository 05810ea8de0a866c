/** The solutions of a challenge as a learner may read them, once it is over. Runs in a worker: the catalog does not hold them. */

import { fillText, prepareChallenge } from '../../../sim/index.ts'
import type { Solution, SolutionsRequest } from '../types.ts'
import { type ChallengeRun, challengeRuns } from './runs.ts'

export async function solutionsOf({ content, spec, seed }: SolutionsRequest): Promise<Solution[]> {
  const { params } = prepareChallenge(spec, seed)
  const runs = await challengeRuns(content, spec.id, 'solutions')
  return runs.map((run) => ({
    name: run.name.replaceAll('-', ' '),
    about: fillText(run.about ?? '', params),
    files: Object.fromEntries(run.files.map(({ name, text }) => [name, fillText(text, params)])),
    steps: stepsOf(run, params),
    log: run.logFor(spec, seed),
  }))
}

/** What is typed, and when it is not all at once. */
function stepsOf({ steps }: ChallengeRun, params: Parameters<typeof fillText>[1]): string[] {
  return steps.map((step) => {
    const line = lineOf(step, params)
    return step.at > 0 ? `${line}   # at ${step.at} s` : line
  })
}

function lineOf(step: ChallengeRun['steps'][number], params: Parameters<typeof fillText>[1]): string {
  if ('run' in step) {
    const stdin = step.stdin === undefined ? '' : ` <<'EOF'\n${fillText(step.stdin, params).trimEnd()}\nEOF`
    return fillText(step.run, params) + stdin
  }
  if ('helm' in step) return fillText(step.helm, params)
  if ('node' in step) return `ssh ${fillText(step.node, params)} ${fillText(step.line, params)}`
  if ('apply' in step) return `kubectl apply -f ${step.apply}${step.args === undefined ? '' : ` ${step.args}`}`
  return 'from' in step
    ? `${fillText(step.from, params)} > ${step.answer}`
    : `echo "${fillText(step.text, params)}" > ${step.answer}`
}
