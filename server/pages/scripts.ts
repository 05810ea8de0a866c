/** Scripts that only some pages need, under /static/. */
export const terminalScripts = ['vendor/xterm.js', 'vendor/xterm-fit.js', 'js/terminal.js']
/** Bundled from static/editor. Elsewhere `app.js` brings it when somebody begins to type. */
export const editorScript = 'generated/editor.js'
