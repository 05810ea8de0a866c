/** Scripts that only some pages need, under /static/. */
import type { QuestionView } from '../questions/types.ts'

export const terminalScripts = [
  ...['vendor/xterm.js', 'vendor/xterm-fit.js'],
  ...['js/terminal-colours.js', 'js/terminal-edit.js', 'js/terminal-shell.js', 'js/terminal.js'],
]
/** Bundled from static/editor. Elsewhere `app.js` brings it when somebody begins to type. */
export const editorScript = 'generated/editor.js'
/** Splitters, tabs and parts of a workspace. */
export const deskScript = 'js/desk.js'
/** Run before anything is drawn: the sizes that somebody gave to the parts of a workspace. */
export const deskSizesScript = 'js/desk-sizes.js'
/** The bar of time, and what plays a cluster moment by moment; what comes and goes is seen to. */
export const timeScripts = ['js/motion.js', 'js/time.js']
/** A replay that plays, beside the bar of time. */
export const replayScripts = [...timeScripts, 'js/replay.js']
/** Tints the lines of a manifest that its lesson speaks of. */
export const marksScript = 'js/marks.js'
const orderScript = 'js/order.js'

/** What a question's form needs. @param control as its view names it */
export function scriptsOf(control: QuestionView['control'] | undefined): readonly string[] {
  if (control === 'manifest') return [editorScript]
  return control === 'order' ? [orderScript] : []
}
