/** An editor on a node: its shell reads and writes the file, so that the cluster sees it change, and a replay does as well. */
import { type Editing, mostEditedLength, readEditorLine } from './editing.ts'
import { quoted } from './quoted.ts'

/** The shell on the node, and the screen before it. */
interface NodeDesk {
  run(line: string, stdin?: string): Promise<{ stdout: string; stderr: string; exit: number }>
  edit(editing: Editing, save: (text: string) => Promise<string | undefined>): Promise<string | undefined>
  print(text: string): void
}

/** @returns its exit code; undefined for a line that opens no editor, or not by itself: that is for the node's shell to say */
export async function editOnNode(line: string, desk: NodeDesk): Promise<number | undefined> {
  if (!isPlain.test(line)) return undefined
  const words = line.trim().split(/\s+/)
  const editor = readEditorLine(words)
  const [path, second] = editor?.files ?? []
  if (!editor || !path) return undefined
  const fail = (why: string, exitCode = 1): number => {
    desk.print(`${words[0]}: ${why}\n`)
    return exitCode
  }
  if (second !== undefined) return fail(`one file at a time here: ${path}, then ${second}`, 2)
  const { stdout: text, stderr, exit } = await desk.run(`cat -- ${quoted(path)}`)
  const isNew = exit !== 0 && /No such file or directory/.test(stderr)
  if (exit !== 0 && !isNew) return fail(reasonIn(stderr), exit)
  if (text.length > mostEditedLength) return fail(`"${path}" has more than ${mostEditedLength} characters`)
  let kept = text
  const save = async (changed: string): Promise<string | undefined> => {
    const written = await desk.run(`cat > ${quoted(path)}`, changed)
    if (written.exit !== 0) return reasonIn(written.stderr)
    kept = changed
    return undefined
  }
  const { program, start, isReadOnly } = editor
  const after = await desk.edit(
    {
      ...{ path, text, program },
      ...(isNew ? { isNew } : {}),
      ...(isReadOnly ? { isReadOnly } : {}),
      ...(start === undefined ? {} : { start }),
    },
    save,
  )
  const why = after === undefined || after === kept ? undefined : await save(after)
  return why === undefined ? 0 : fail(`${path}: ${why}`)
}

/** Words without anything that a shell acts on. */
const isPlain = /^[\w\s./:@%+,=-]+$/

/** `-bash: /etc/x/y: No such file or directory`: why. */
const reasonIn = (stderr: string): string => stderr.trim().split(': ').at(-1) || 'it cannot be written'
