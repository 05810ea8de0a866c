/** The solution that a debrief shows, typed into a terminal beside the challenge: what learners copy from there has to score everything. */
import { inOrderOfWriting } from '../../../sim/forms.ts'
import { fillText, type LoggedCommand, openChallenge } from '../../../sim/index.ts'
import { type DebriefBlock, solutionBlocks } from '../../catalog/debrief.ts'
import type { Challenge } from '../../catalog/types.ts'
import { needsMore } from '../../terminal/continuation.ts'
import { TerminalSession } from '../../terminal/session.ts'
import { type FileSet, homeFolder } from '../../terminal/shell.ts'

/** Somebody reads what a line has printed, and types the next. */
const pauseMs = 5_000

/** Does what the debrief shows, on the variant of that seed, and hands in the answers that it writes. @returns the log of it */
export async function logOfDebrief(
  { spec, debrief }: Pick<Challenge, 'spec' | 'debrief'>,
  seed: string,
): Promise<LoggedCommand[]> {
  const { cluster, spec: opened, params } = openChallenge(spec, seed)
  const own = Object.entries(opened.workspace.files)
  let files: FileSet = Object.fromEntries(own.map(([name, text]) => [`${homeFolder}/${name}`, text]))
  const session = new TerminalSession(
    {
      async begin(command, output) {
        const result = cluster.execute(command)
        for (const { stream, text } of inOrderOfWriting(result)) output(stream, text)
        return { result: Promise.resolve(result), input: () => undefined, interrupt: () => undefined }
      },
      complete: async () => [],
      latestFiles: async () => ({}),
      saveFiles: async (saved) => {
        files = saved
        return undefined
      },
    },
    { files },
  )
  try {
    for (const line of solutionBlocks(fillText(debrief, params)).flatMap(linesOf)) {
      cluster.advance(pauseMs)
      await session.runLine(line)
    }
  } finally {
    session.close()
  }
  for (const { assert } of spec.checks) {
    if (!assert || !('answer' in assert)) continue
    const text = files[`${homeFolder}/${assert.answer.file}`]
    if (typeof text === 'string') cluster.execute({ op: 'answer', file: assert.answer.file, text })
  }
  return [...cluster.log]
}

/** What is typed for a block, a command at a time. */
function linesOf({ language, object, code }: DebriefBlock): string[] {
  if (language === 'sh') return commandsOf(code)
  if (object === '') return [`kubectl apply -f - <<'END'\n${code}END`]
  const patch = `--patch "$(cat <<'END'\n${code}END\n)"`
  return [
    object.endsWith('.yaml')
      ? `kubectl patch -f ${object} --local -o yaml ${patch} | kubectl apply -f -`
      : `kubectl patch ${object} ${patch}`,
  ]
}

/** Its lines, those together that a shell takes as one. */
function commandsOf(code: string): string[] {
  const commands: string[] = []
  let begun: string[] = []
  for (const line of code.trimEnd().split('\n')) {
    begun.push(line)
    if (needsMore(begun.join('\n'))) continue
    commands.push(begun.join('\n'))
    begun = []
  }
  return [...commands, ...(begun.length > 0 ? [begun.join('\n')] : [])].filter((command) => command.trim() !== '')
}
