/** vim undoes at once what a command did, or all that was typed in insert mode: changes of the text are told apart, and put together here. */
import { history, redo, redoDepth, undo, undoDepth } from '@codemirror/commands'
import { CodeMirror } from '@replit/codemirror-vim'

/** Each change by itself. */
export const vimHistory = () => history({ newGroupDelay: 0 })

/** Of each editor: how many changes there were when it was last in normal mode, and which belong together. */
const all = new WeakMap()

export function groupChanges(cm) {
  const own = { stable: undoDepth(cm.cm6.state), groups: [] }
  all.set(cm, own)
  const settle = () => {
    if (cm.state.vim?.insertMode) return
    const depth = undoDepth(cm.cm6.state)
    if (depth > own.stable) {
      own.groups = own.groups.filter(({ to }) => to <= own.stable)
      own.groups.push({ from: own.stable, to: depth })
    }
    own.stable = depth
  }
  cm.on('vim-command-done', settle)
  cm.on('vim-mode-change', settle)
}

function walk(cm, step, depthOf, end) {
  const own = all.get(cm)
  const view = cm.cm6
  if (depthOf(view.state) === 0) return
  const group = end(own.groups, undoDepth(view.state))
  do step(view)
  while (group !== undefined && undoDepth(view.state) !== group && depthOf(view.state) > 0)
  own.stable = undoDepth(view.state)
  // The cursor is where the change began, on a letter, and selects nothing.
  const { from } = view.state.selection.main
  const line = view.state.doc.lineAt(from)
  view.dispatch({ selection: { anchor: Math.max(line.from, Math.min(from, line.to - 1)) }, scrollIntoView: true })
}

CodeMirror.commands.undo = (cm) =>
  walk(cm, undo, undoDepth, (groups, at) => groups.find(({ from, to }) => from < at && at <= to)?.from)
CodeMirror.commands.redo = (cm) =>
  walk(cm, redo, redoDepth, (groups, at) => groups.find(({ from, to }) => from <= at && at < to)?.to)
