/** Editors in a terminal: what a line asks to open, and what is said of it meanwhile. The page draws them. */

/** How a text is changed: in the manner of vim, of nano, or in a plain form. */
export type EditorProgram = 'vim' | 'nano' | 'form'

export interface Editing {
  path: string
  text: string
  program: EditorProgram
  /** There is no such file yet. */
  isNew?: boolean
  isReadOnly?: boolean
  /** What the line says behind a `+`: a line to begin at, or `/` with what to look for. */
  start?: string
  /** Settings of the learner: ~/.vimrc or ~/.nanorc. */
  settings?: string
}

export interface EditRequest extends Editing {
  id: number
}

/** Said to whoever shows it. */
export interface EditNews {
  id: number
  is: 'saved' | 'refused' | 'ended'
  /** Of a refusal. */
  why?: string
}

/** The longest text that an editor takes. */
export const mostEditedLength = 1_000_000

const programs: Readonly<Record<string, EditorProgram>> = {
  edit: 'form',
  ...{ vi: 'vim', vim: 'vim', view: 'vim', nvim: 'vim' },
  ...{ nano: 'nano', pico: 'nano' },
}

/** What the shell has as a command. */
export const editorNames: readonly string[] = Object.keys(programs)

export interface EditorLine {
  program: EditorProgram
  /** Not the options. */
  files: string[]
  start?: string
  isReadOnly: boolean
}

/** A line that opens an editor, from its words; undefined when its first word is none. */
export function readEditorLine([command = '', ...args]: readonly string[]): EditorLine | undefined {
  const name = command.slice(command.lastIndexOf('/') + 1)
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined
  if (!program) return undefined
  const dashes = args.indexOf('--')
  const own = dashes < 0 ? args : args.slice(0, dashes)
  const start = own.find((arg) => arg.startsWith('+'))?.slice(1)
  const readOnly = program === 'vim' ? /^-[A-Za-z]*R/ : /^(-[A-Za-z]*v|--view$)/
  return {
    program,
    files: [...own.filter((arg) => !/^[-+]/.test(arg)), ...(dashes < 0 ? [] : args.slice(dashes + 1))],
    ...(start === undefined ? {} : { start }),
    isReadOnly: name === 'view' || (program !== 'form' && own.some((arg) => readOnly.test(arg))),
  }
}

/** Where a learner keeps the settings of an editor, in the home folder. */
export const settingsFiles: Readonly<Record<EditorProgram, string | undefined>> = {
  vim: '.vimrc',
  nano: '.nanorc',
  form: undefined,
}

/** Longer ones are nobody's settings. */
export const mostSettingsLength = 20_000
