/**
 * Editing a line in a terminal: keys in, what the screen has to show out. Pure. The keys are those of a shell: arrows, Home and
 * End, Ctrl-A E U K W L C D R, history, Tab.
 */

export interface LineState {
  /** As code points, so that the cursor never stands inside one. */
  readonly text: readonly string[]
  readonly cursor: number
  /** The oldest first. */
  readonly history: readonly string[]
  /** Where in the history the line comes from; its length is the line being typed. */
  readonly place: number
  /** What was being typed before the history was called up. */
  readonly draft: string
  /** A backward search, and what it looks for. */
  readonly search: string | undefined
  /** What Ctrl-U, K and W took away last, for Ctrl-Y. */
  readonly cut: string
}

export type LineEvent =
  | { kind: 'line'; text: string }
  | { kind: 'interrupt' }
  | { kind: 'end' }
  | { kind: 'clear' }
  /** Tab: what stands before the cursor is to be completed. */
  | { kind: 'complete'; text: string; cursor: number }

export interface LineStep {
  state: LineState
  /** Whether the shown line is to be drawn anew. */
  isChanged: boolean
  event?: LineEvent
}

const mostHistory = 500
const mostLength = 8000

export const emptyLine = (history: readonly string[] = []): LineState => ({
  text: [],
  cursor: 0,
  history,
  place: history.length,
  draft: '',
  search: undefined,
  cut: '',
})

/** Splits what came from a keyboard, or was pasted, into keys: an escape sequence, a control character, or text up to the next of them. */
export function keysOf(input: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
  return input.match(/\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z]|.)?|[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+/gu) ?? []
}

const joined = ({ text }: LineState): string => text.join('')
const withText = (state: LineState, text: string, cursor = [...text].length): LineState => ({
  ...state,
  text: [...text],
  cursor,
})

/** The line with `text` put in at the cursor, as a paste or a completion does: as much of it as there is room for. */
export const insertText = (state: LineState, text: string): LineState => {
  const added = [...text].slice(0, mostLength - state.text.length)
  if (added.length === 0) return state
  return {
    ...state,
    text: [...state.text.slice(0, state.cursor), ...added, ...state.text.slice(state.cursor)],
    cursor: state.cursor + added.length,
  }
}

const isWordPart = (char: string | undefined): boolean => char !== undefined && !/\s/.test(char)

function wordStart({ text, cursor }: LineState): number {
  let at = cursor
  while (at > 0 && !isWordPart(text[at - 1])) at--
  while (at > 0 && isWordPart(text[at - 1])) at--
  return at
}

function wordEnd({ text, cursor }: LineState): number {
  let at = cursor
  while (at < text.length && !isWordPart(text[at])) at++
  while (at < text.length && isWordPart(text[at])) at++
  return at
}

function remove(state: LineState, from: number, to: number, isKept = false): LineState {
  return {
    ...state,
    text: [...state.text.slice(0, from), ...state.text.slice(to)],
    cursor: from,
    ...(isKept && to > from ? { cut: state.text.slice(from, to).join('') } : {}),
  }
}

function recall(state: LineState, place: number): LineState {
  if (place < 0 || place > state.history.length) return state
  const draft = state.place === state.history.length ? joined(state) : state.draft
  return { ...withText(state, place === state.history.length ? draft : state.history[place]), place, draft }
}

/** The newest line of the history, from that place back, that holds the text. */
function searched(state: LineState, wanted: string, from: number): LineState {
  for (let place = Math.min(from, state.history.length - 1); place >= 0; place--)
    if (state.history[place].includes(wanted))
      return { ...withText(state, state.history[place]), place, search: wanted }
  return { ...state, search: wanted }
}

/** The line as it is done with: in the history, unless it is the same as the last, or begins with a space. */
function entered(state: LineState): LineState {
  const line = joined(state)
  const isKept = line.trim() !== '' && !line.startsWith(' ') && line !== state.history.at(-1)
  const history = isKept ? [...state.history, line].slice(-mostHistory) : state.history
  return { ...emptyLine(history), cut: state.cut }
}

const isControl = (key: string): boolean => key < ' ' || key === '\x7f'

/** What a key, or text between two of them, does to the line. */
export function pressKey(state: LineState, key: string): LineStep {
  if (state.search !== undefined) {
    const step = searchKey(state, key)
    if (step) return step
    return pressKey({ ...state, search: undefined }, key)
  }
  const edit = EDITS[key]
  if (edit) {
    const next = edit(state)
    return { state: next, isChanged: next !== state }
  }
  switch (key) {
    case '\r':
    case '\n':
      return { state: entered(state), isChanged: false, event: { kind: 'line', text: joined(state) } }
    case '\x03':
      return { state: emptyLine(state.history), isChanged: false, event: { kind: 'interrupt' } }
    case '\x04':
      if (state.text.length === 0) return { state, isChanged: false, event: { kind: 'end' } }
      return { state: remove(state, state.cursor, state.cursor + 1), isChanged: true }
    case '\x0c':
      return { state, isChanged: true, event: { kind: 'clear' } }
    case '\t':
      return { state, isChanged: false, event: { kind: 'complete', text: joined(state), cursor: state.cursor } }
    case '\x12':
      return { state: { ...state, search: '' }, isChanged: true }
  }
  // Control characters and sequences without a meaning here are dropped.
  if (isControl(key)) return { state, isChanged: false }
  return { state: insertText(state, key), isChanged: true }
}

function searchKey(state: LineState, key: string): LineStep | undefined {
  const wanted = state.search ?? ''
  if (key === '\x12') return { state: searched(state, wanted, state.place - 1), isChanged: true }
  if (key === '\x7f' || key === '\b')
    return { state: searched(state, wanted.slice(0, -1), state.history.length), isChanged: true }
  if (key === '\x07') return { state: { ...recall(state, state.history.length), search: undefined }, isChanged: true }
  if (!isControl(key)) return { state: searched(state, wanted + key, state.history.length), isChanged: true }
  return undefined
}

const EDITS: Readonly<Record<string, (state: LineState) => LineState>> = {
  '\x7f': (state) => (state.cursor > 0 ? remove(state, state.cursor - 1, state.cursor) : state),
  '\b': (state) => (state.cursor > 0 ? remove(state, state.cursor - 1, state.cursor) : state),
  '\x1b[3~': (state) => (state.cursor < state.text.length ? remove(state, state.cursor, state.cursor + 1) : state),
  '\x1b[D': (state) => (state.cursor > 0 ? { ...state, cursor: state.cursor - 1 } : state),
  '\x02': (state) => (state.cursor > 0 ? { ...state, cursor: state.cursor - 1 } : state),
  '\x1b[C': (state) => (state.cursor < state.text.length ? { ...state, cursor: state.cursor + 1 } : state),
  '\x06': (state) => (state.cursor < state.text.length ? { ...state, cursor: state.cursor + 1 } : state),
  '\x1b[A': (state) => recall(state, state.place - 1),
  '\x10': (state) => recall(state, state.place - 1),
  '\x1b[B': (state) => recall(state, state.place + 1),
  '\x0e': (state) => recall(state, state.place + 1),
  '\x1b[H': (state) => ({ ...state, cursor: 0 }),
  '\x1bOH': (state) => ({ ...state, cursor: 0 }),
  '\x01': (state) => ({ ...state, cursor: 0 }),
  '\x1b[F': (state) => ({ ...state, cursor: state.text.length }),
  '\x1bOF': (state) => ({ ...state, cursor: state.text.length }),
  '\x05': (state) => ({ ...state, cursor: state.text.length }),
  '\x1b[1;5D': (state) => ({ ...state, cursor: wordStart(state) }),
  '\x1bb': (state) => ({ ...state, cursor: wordStart(state) }),
  '\x1b[1;5C': (state) => ({ ...state, cursor: wordEnd(state) }),
  '\x1bf': (state) => ({ ...state, cursor: wordEnd(state) }),
  '\x15': (state) => remove(state, 0, state.cursor, true),
  '\x0b': (state) => ({ ...remove(state, state.cursor, state.text.length, true) }),
  '\x17': (state) => remove(state, wordStart(state), state.cursor, true),
  '\x1bd': (state) => remove(state, state.cursor, wordEnd(state), true),
  '\x19': (state) => insertText(state, state.cut),
}
