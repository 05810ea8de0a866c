/** Scripts that only some pages need, under /static/. */
export const terminalScripts = ['vendor/xterm.js', 'vendor/xterm-fit.js', 'js/terminal.js']
/** Bundled from static/editor. Elsewhere `app.js` brings it when somebody begins to type. */
export const editorScript = 'generated/editor.js'
/** Splitters, tabs and parts of a workspace. */
export const deskScript = 'js/desk.js'
/** Run before anything is drawn: the sizes that somebody gave to the parts of a workspace. */
export const deskSizesScript = 'js/desk-sizes.js'
