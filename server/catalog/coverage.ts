/** What a topic of the syllabus still lacks: a lesson, questions of two types, one about the trap, and something to run where it is simulated. Pure. */
import type { Problem } from './source.ts'
import type { Catalog, Lesson, Topic } from './types.ts'

/** @returns a problem for each thing that is missing; `file` is where the topic is named */
export function findGaps(catalog: Catalog): Problem[] {
  return [...catalog.topics.values()].flatMap((topic) =>
    gapsOf(catalog, topic).map((message) => ({ file: 'content/topics.yaml', line: topic.line, message })),
  )
}

function gapsOf(catalog: Catalog, { id, title, simulated }: Topic): string[] {
  const isAbout = ({ topics }: { topics: readonly string[] }) => topics.includes(id)
  const lessons = [...catalog.lessons.values()].filter(isAbout)
  const questions = [...catalog.questions.values()].filter(isAbout)
  const isRun =
    lessons.some(hasDemo) ||
    questions.some(({ type }) => type === 'predict' || type === 'fix') ||
    [...catalog.challenges.values()].some(({ spec }) => isAbout(spec))
  return [
    ...(lessons.length === 0 ? ['has no lesson'] : []),
    ...(new Set(questions.map(({ type }) => type)).size < 2 ? ['has no two questions of different types'] : []),
    ...(questions.some(({ trap }) => trap) ? [] : ['has no question about its trap']),
    ...(isRun || !simulated ? [] : ['has nothing that is run: no demo, prediction, manifest to fix or challenge']),
  ].map((gap) => `topic "${id}" (${title}) ${gap}`)
}

const hasDemo = ({ parts }: Lesson): boolean => parts.some((part) => 'demo' in part || 'explorer' in part)
