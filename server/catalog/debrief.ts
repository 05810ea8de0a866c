/**
 * The blocks of code of a debrief, and which of them are the solution: that is said in their info strings, behind the language. Pages ignore it.
 *
 * - `sh solution`: lines of a shell. `ssh NODE` leads to a node until `exit`, in a later block too, and `sleep 60` waits.
 * - `yaml solution`: manifests, which are applied.
 * - `yaml solution deployment/web`: a part of that object, which is put into it; `yaml solution web.yaml`: of that file, which is applied then.
 * - `part`, where nothing is marked so: what is missing stands in the prose, or depends on what somebody finds.
 */

export interface DebriefBlock {
  language: string
  mark: string
  /** The object or the file that a part of a manifest is put into; empty for whole manifests. */
  object: string
  code: string
}

/** All of its blocks, in the order of the text. */
function debriefBlocks(debrief: string): DebriefBlock[] {
  return [...debrief.matchAll(/^```(\S*)[ \t]*(\S*)[ \t]*([^\n]*)\n([\s\S]*?)^```[ \t]*$/gm)].map(
    ([, language = '', mark = '', object = '', code = '']) => ({ language, mark, object: object.trim(), code }),
  )
}

/** The blocks that are the solution, together and in this order. */
export const solutionBlocks = (debrief: string): DebriefBlock[] =>
  debriefBlocks(debrief).filter(({ mark }) => mark === 'solution')

/** What its marks leave open. */
export function debriefProblems(debrief: string): string[] {
  const blocks = debriefBlocks(debrief)
  const solutions = solutionBlocks(debrief)
  const parts = blocks.filter(({ mark }) => mark === 'part')
  return [
    ...blocks
      .filter(({ mark }) => !['', 'solution', 'part'].includes(mark))
      .map(({ mark }) => `the debrief marks a block as “${mark}”, which is none of solution and part`),
    ...solutions
      .filter(({ language }) => language !== 'sh' && language !== 'yaml')
      .map(({ language }) => `the debrief has a solution in “${language}”, and it must be sh or yaml`),
    ...(blocks.length > 0 && solutions.length === 0 && parts.length === 0
      ? ['the debrief shows code: mark the blocks that are the solution, or one as a part of it']
      : []),
    ...(solutions.length > 0 && parts.length > 0
      ? ['the debrief shows a solution, and a part of one as well: unmark the part']
      : []),
  ]
}
