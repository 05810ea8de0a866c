/** What vim and nano have in common: a box over the terminal's screen with a text in it, and what is around that. */
import { insertTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { indentUnit, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightSpecialChars, highlightWhitespace, lineNumbers } from '@codemirror/view'
import { colours } from '../colours.js'
import styles from './sheet.css'

const { t } = window
const own = new CSSStyleSheet()
own.replaceSync(styles)
document.adoptedStyleSheets = [...document.adoptedStyleSheets, own]
const nonce = document.querySelector('script[nonce]')?.nonce ?? ''

const look = EditorView.theme({
  '&': { blockSize: '100%', backgroundColor: 'transparent', color: 'var(--ink)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { font: 'inherit', overflow: 'auto' },
  '.cm-content': { padding: '0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 0.15rem' },
  '.cm-cursor': { borderLeft: '2px solid var(--accent)' },
  '.cm-fat-cursor': { background: 'var(--accent) !important', color: 'var(--paper) !important' },
  '&:not(.cm-focused) .cm-fat-cursor': { background: 'none !important', outline: '1px solid var(--accent) !important' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--waiting)', border: '0' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 0.6em 0 0.3em' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--rule)',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--waiting-soft)', outline: '1px solid var(--waiting)' },
  '.cm-specialChar': { color: 'var(--failing)' },
})

/** The longest text that the server takes. */
const mostLength = 1_000_000

/** A file's text has a newline at its end that is no line of its own. */
const linesOf = (text) => text.replace(/\n$/, '')
const textOf = (lines) => (lines === '' ? '' : `${lines}\n`)

const isYaml = ({ path }) => /\.ya?ml$/.test(path)

/** An element with a class and what is in it. */
export function element(name, className, ...content) {
  const made = document.createElement(name)
  made.className = className
  made.append(...content)
  return made
}

/**
 * @param label what a screen reader calls the text
 * @param extensions those that are the editor's own, before the others
 * @param changed called when the text or the cursor has changed
 */
export function openSheet({ host, request, save }, { className, label, extensions, changed }) {
  const settings = {
    number: false,
    list: false,
    wrap: true,
    paste: false,
    expandtab: isYaml(request),
    tabstop: 8,
    shiftwidth: isYaml(request) ? 2 : 8,
    ignorecase: false,
    smartcase: false,
  }
  const shown = new Compartment()
  const shownBy = ({ number, list, wrap, paste, expandtab, tabstop, shiftwidth }) => [
    number ? lineNumbers() : [],
    list ? highlightWhitespace() : [],
    wrap ? EditorView.lineWrapping : [],
    EditorState.tabSize.of(tabstop),
    indentUnit.of(expandtab || paste ? ' '.repeat(Math.max(1, shiftwidth || tabstop)) : '\t'),
  ]
  let kept = linesOf(request.text)
  const state = EditorState.create({
    doc: kept,
    extensions: [
      ...extensions,
      drawSelection({ cursorBlinkRate: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 1200 }),
      highlightSpecialChars(),
      isYaml(request) ? yaml() : [],
      syntaxHighlighting(colours),
      look,
      EditorView.cspNonce.of(nonce),
      EditorView.contentAttributes.of({
        'aria-label': label,
        autocapitalize: 'off',
        spellcheck: 'false',
        tabindex: '0',
      }),
      shown.of(shownBy(settings)),
      EditorView.updateListener.of((update) => {
        if (update.docChanged || update.selectionSet || update.viewportChanged) changed()
      }),
    ],
  })
  const text = element('div', 'terminal-editing-text')
  const box = element('div', `terminal-editing ${className}`, text)
  box.lang = document.documentElement.lang
  text.lang = 'en'
  const view = new EditorView({ state, parent: text })
  host.append(box)
  // The page's own keys, and those of the terminal's box, stay out of it.
  box.addEventListener('keydown', (event) => event.stopPropagation())
  const isModified = () => view.state.doc.toString() !== kept
  const warn = (event) => {
    if (isModified()) event.preventDefault()
  }
  addEventListener('beforeunload', warn)
  let saving
  return {
    box,
    view,
    settings,
    isModified,
    set(name, value) {
      settings[name] = value
      view.dispatch({ effects: shown.reconfigure(shownBy(settings)) })
    },
    /** @returns why it could not be saved */
    async save() {
      const lines = view.state.doc.toString()
      if (lines.length >= mostLength) return t('The file is too long.')
      saving ??= save(textOf(lines)).finally(() => {
        saving = undefined
      })
      const why = await saving
      if (why === undefined) kept = lines
      return why
    },
    /** As it was saved last. */
    reload() {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: kept }, selection: { anchor: 0 } })
    },
    /** Where the cursor is, both from 1, and how many lines there are. */
    place() {
      const { doc, selection } = view.state
      const line = doc.lineAt(selection.main.head)
      return { line: line.number, column: selection.main.head - line.from + 1, lines: doc.lines }
    },
    size: () => ({
      lines: kept === '' ? 0 : kept.split('\n').length,
      bytes: new TextEncoder().encode(textOf(kept)).length,
    }),
    close() {
      removeEventListener('beforeunload', warn)
      view.destroy()
      box.remove()
    },
  }
}

/** The Tab key: up to the next stop, by spaces where they stand for tabs. */
export function insertStop(view, { expandtab, paste, shiftwidth, tabstop }) {
  if (!expandtab || paste) return insertTab(view)
  const width = shiftwidth || tabstop
  const { head } = view.state.selection.main
  const column = head - view.state.doc.lineAt(head).from
  view.dispatch(view.state.replaceSelection(' '.repeat(width - (column % width))), { scrollIntoView: true })
  return true
}

/** Begins where the line says, behind its `+`: at a line, at the end, or at what is to be looked for. */
export function startAt(view, start) {
  if (start === undefined) return
  const { doc } = view.state
  const found = start.startsWith('/') ? doc.toString().indexOf(start.slice(1)) : undefined
  const wanted = start === '' ? doc.lines : Number.parseInt(start, 10)
  const anchor = found ?? doc.line(Math.min(Math.max(1, wanted || 1), doc.lines)).from
  if (anchor >= 0) view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
}
