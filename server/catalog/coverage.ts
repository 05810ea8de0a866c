/** What a topic of the syllabus still lacks: a lesson, questions of two types, one about the trap, and work that is graded by running it where it is simulated. Pure. */
import type { Problem } from './source.ts'
import type { Catalog, Topic } from './types.ts'

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
  // A demo and a prediction are run as well, but there nobody does anything.
  const isDone =
    questions.some(({ type }) => type === 'fix') || [...catalog.challenges.values()].some(({ spec }) => isAbout(spec))
  return [
    ...(lessons.length === 0 ? ['has no lesson'] : []),
    ...(new Set(questions.map(({ type }) => type)).size < 2 ? ['has no two questions of different types'] : []),
    ...(questions.some(({ trap }) => trap) ? [] : ['has no question about its trap']),
    ...(isDone || !simulated ? [] : ['has no work that is graded by running it: no challenge and no manifest to fix']),
  ].map((gap) => `topic "${id}" (${title}) ${gap}`)
}
