/** A manifest's textarea as an editor: completion and hover from the API's schema, lint by the API server's own checks, changes shown. */
import { autocompletion } from '@codemirror/autocomplete'
import { yaml } from '@codemirror/lang-yaml'
import { syntaxHighlighting } from '@codemirror/language'
import { forceLinting, linter, lintGutter } from '@codemirror/lint'
import { unifiedMergeView } from '@codemirror/merge'
import { Compartment, EditorState, StateField } from '@codemirror/state'
import { Decoration, EditorView, hoverTooltip, keymap } from '@codemirror/view'
import { basicSetup } from 'codemirror'
import { colours } from './colours.js'
import { placeAt } from './place.ts'
import { fieldOf, holderAt, knownKinds, outlineOf } from './schema.js'

const { t } = window
const nonce = document.querySelector('script[nonce]')?.nonce ?? ''
const views = new Map()
/** What an editor was like when its part of the page was drawn again. */
const left = new Map()

const look = EditorView.theme({
  '&': {
    backgroundColor: 'var(--paper-raised)',
    color: 'var(--ink)',
    border: '1px solid var(--rule-strong)',
    borderRadius: 'var(--radius)',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-scroller': { font: 'var(--size-0)/1.55 var(--font-mono)', minBlockSize: '14rem', maxBlockSize: '24rem' },
  '.cm-content': { caretColor: 'var(--ink)', paddingBlock: 'var(--space-3)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': {
    backgroundColor: 'var(--paper-sunk)',
    color: 'var(--ink-quiet)',
    borderInlineEnd: '1px solid var(--rule)',
  },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor: 'color-mix(in oklab, var(--accent-soft) 55%, transparent)',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-soft)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--paper-raised)',
    color: 'var(--ink)',
    border: '1px solid var(--rule-strong)',
    borderRadius: 'var(--radius)',
    maxInlineSize: '30rem',
  },
  // It never scrolls: the keys move what is shown.
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { maxBlockSize: 'none', font: 'var(--size-0)/1.5 var(--font-mono)' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionInfo, .cm-hover': {
    font: 'var(--size-0)/1.5 var(--font-ui)',
    padding: 'var(--space-2) var(--space-3)',
    whiteSpace: 'pre-wrap',
  },
  '.cm-hover b': { fontFamily: 'var(--font-mono)' },
  '.cm-completionDetail': { color: 'var(--ink-quiet)', fontStyle: 'normal', marginInlineStart: 'var(--space-3)' },
  'li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-diagnostic': { font: 'var(--size-0)/1.5 var(--font-ui)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--failing)' },
  '.cm-panels': { backgroundColor: 'var(--paper-sunk)', color: 'var(--ink)' },
  '.cm-marked': { backgroundColor: 'var(--accent-soft)', boxShadow: 'inset 0.25rem 0 var(--accent)' },
  '.cm-changedLine': { backgroundColor: 'var(--ready-soft)' },
  '.cm-deletedChunk': { backgroundColor: 'var(--failing-soft)' },
  '.cm-changedText, .cm-deletedChunk .cm-deletedText': {
    background: 'color-mix(in oklab, var(--waiting) 25%, transparent)',
  },
})

/** What the parts of the editor say, by what they call it. */
const phrases = {
  Find: t('Find'),
  Replace: t('Replace'),
  next: t('next'),
  previous: t('previous'),
  all: t('all'),
  'match case': t('match case'),
  regexp: t('regexp'),
  'by word': t('by word'),
  replace: t('replace'),
  'replace all': t('replace all'),
  close: t('close'),
  'current match': t('current match'),
  'on line': t('on line'),
  'replaced $ matches': t('replaced $ matches'),
  'replaced match on line $': t('replaced match on line $'),
  'Go to line': t('Go to line'),
  go: t('go'),
  Completions: t('Completions'),
  Diagnostics: t('Diagnostics'),
  'No diagnostics': t('No diagnostics'),
  'Fold line': t('Fold line'),
  'Unfold line': t('Unfold line'),
  'Folded lines': t('Folded lines'),
  'Unfolded lines': t('Unfolded lines'),
  'folded code': t('folded code'),
  unfold: t('unfold'),
  to: t('to'),
  'Control character': t('Control character'),
  'Selection deleted': t('Selection deleted'),
  '$ unchanged lines': t('$ unchanged lines'),
}

async function complete(context) {
  const text = context.state.doc.toString()
  const place = placeAt(text, context.pos)
  const word = context.matchBefore(/[\w./-]*/)
  if (word.from === word.to && !context.explicit) return null
  if (place.isValue) return completeValue(place, word)
  const outline = await outlineOf(place.apiVersion, place.kind)
  if (!outline) {
    const missing = ['apiVersion', 'kind', 'metadata'].filter((name) => !place.siblings.includes(name))
    return place.path.length > 0
      ? null
      : { from: word.from, options: missing.map((label) => ({ label, type: 'property', apply: `${label}: ` })) }
  }
  const holder = holderAt(outline, place.path)
  const options = Object.keys(holder?.properties ?? {})
    .filter((name) => !place.siblings.includes(name))
    .map((name) => {
      const field = fieldOf(outline, holder, name)
      return {
        label: name,
        type: 'property',
        detail: field.isRequired ? t('{type}, required', field) : field.type,
        info: field.description ? () => ({ dom: inEnglish(field.description) }) : undefined,
        apply: field.isObject || field.isList ? `${name}:` : `${name}: `,
        boost: field.isRequired ? 20 : 0,
      }
    })
  return options.length > 0 ? { from: word.from, options, validFor: /^[\w./-]*$/ } : null
}

async function completeValue(place, word) {
  const list = (values) =>
    values.length > 0
      ? {
          from: word.from,
          options: [...new Set(values)].map((label) => ({ label, type: 'enum' })),
          validFor: /^[\w./-]*$/,
        }
      : null
  if (place.path.length === 0 && (place.key === 'kind' || place.key === 'apiVersion')) {
    const all = await knownKinds()
    const fitting =
      place.key === 'kind'
        ? all.filter(({ apiVersion }) => !place.apiVersion || apiVersion === place.apiVersion)
        : all.filter(({ kind }) => !place.kind || kind === place.kind)
    return list((fitting.length > 0 ? fitting : all).map((one) => one[place.key]))
  }
  const outline = await outlineOf(place.apiVersion, place.kind)
  return outline ? list(fieldOf(outline, holderAt(outline, place.path), place.key)?.values ?? []) : null
}

async function describe(view, pos) {
  const place = placeAt(view.state.doc.toString(), pos)
  if (place.key === undefined || place.isValue) return null
  const outline = await outlineOf(place.apiVersion, place.kind)
  const field = outline && fieldOf(outline, holderAt(outline, place.path), place.key)
  if (!field) return null
  return {
    pos,
    create() {
      const dom = document.createElement('div')
      dom.className = 'cm-hover'
      const name = document.createElement('b')
      name.textContent = [...place.path, place.key].join('.')
      const type = field.isRequired ? t('{type}, required', field) : field.type
      dom.append(name, ` ${type}\n`, inEnglish(field.description))
      return { dom }
    },
  }
}

/** What the API says of a field or of a mistake. */
function inEnglish(text) {
  const span = document.createElement('span')
  span.lang = 'en'
  span.textContent = text
  return span
}

async function check(view) {
  const text = view.state.doc.toString()
  if (text.trim() === '') return []
  const token = document.querySelector('input[name="_csrf"]')?.value ?? ''
  const response = await fetch('/editor/lint', {
    method: 'POST',
    body: new URLSearchParams({ _csrf: token, text }),
  }).catch(() => undefined)
  if (!response?.ok) return []
  const { diagnostics } = await response.json()
  const { doc } = view.state
  const offset = ({ line, column }) => {
    const at = doc.line(Math.min(line, doc.lines))
    return Math.min(at.from + column - 1, at.to)
  }
  return diagnostics.map(({ severity, message, from, to }) => {
    const start = offset(from)
    const renderMessage = () => inEnglish(message)
    return { from: start, to: Math.max(start, offset(to)), severity, message, renderMessage }
  })
}

/** The lines that a lesson speaks of, wherever they are moved to. */
function markedLines(area) {
  const lines = (area.dataset.marks ?? '').split(' ').filter(Boolean).map(Number)
  const mark = Decoration.line({ class: 'cm-marked' })
  return StateField.define({
    create: ({ doc }) => Decoration.set(lines.filter((n) => n <= doc.lines).map((n) => mark.range(doc.line(n).from))),
    update: (marks, { changes }) => marks.map(changes),
    provide: (field) => EditorView.decorations.from(field),
  })
}

function enhance(area) {
  const label = document.querySelector(`label[for="${area.id}"]`)
  const key = `${area.id}:${area.closest('form')?.elements.file?.value ?? ''}`
  const merge = new Compartment()
  const kept = left.get(key)
  left.delete(key)
  const mirror = EditorView.updateListener.of((update) => {
    if (!update.docChanged) return
    area.value = update.state.doc.toString()
    area.dispatchEvent(new Event('input', { bubbles: true }))
  })
  const extensions = [
    keymap.of([{ key: 'Mod-Enter', run: () => submit(area) }]),
    basicSetup,
    yaml(),
    syntaxHighlighting(colours),
    autocompletion({ override: [complete], icons: false, maxRenderedOptions: 12 }),
    hoverTooltip(describe),
    linter(check, { delay: 600 }),
    lintGutter(),
    look,
    EditorView.cspNonce.of(nonce),
    EditorView.contentAttributes.of({
      'aria-label': label?.textContent.trim() ?? t('Manifest'),
      ...(area.getAttribute('aria-describedby') ? { 'aria-describedby': area.getAttribute('aria-describedby') } : {}),
      autocapitalize: 'off',
      // It is focusable anyway, and this says so to those who look for it.
      tabindex: '0',
    }),
    EditorState.phrases.of(phrases),
    mirror,
    merge.of([]),
    // Of another text than it came with nobody knows where they are.
    ...(area.value === area.defaultValue ? [markedLines(area)] : []),
  ]
  const selection = kept?.text === area.value ? kept.selection : { anchor: area.selectionStart }
  const hasFocus = document.activeElement === area
  const view = new EditorView({ state: EditorState.create({ doc: area.value, selection, extensions }) })
  const { scrollTop } = area
  area.before(view.dom)
  area.hidden = true
  label?.removeAttribute('for')
  views.set(area, { view, key, label, merge })
  if (kept?.text === area.value) {
    view.scrollDOM.scrollTop = kept.scrollTop
    if (kept.hadFocus && document.activeElement === document.body) view.focus()
  } else view.scrollDOM.scrollTop = scrollTop
  if (hasFocus) view.focus()
  const original = area.dataset.original
  if (original !== undefined) offerChanges(area, view, merge, original)
}

/** A button beside the editor that shows what was changed since the start. */
function offerChanges(area, view, merge, original) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button is-small is-plain editor-changes'
  button.setAttribute('aria-pressed', 'false')
  button.textContent = t('Show my changes')
  button.addEventListener('click', () => {
    const isOn = button.getAttribute('aria-pressed') !== 'true'
    button.setAttribute('aria-pressed', String(isOn))
    view.dispatch({ effects: merge.reconfigure(isOn ? unifiedMergeView({ original, mergeControls: false }) : []) })
  })
  const tools = area.closest('form')?.querySelector('[data-editor-tools]')
  if (tools) tools.replaceChildren(button)
  else area.after(button)
}

function submit(area) {
  const form = area.closest('form')
  const button = form?.querySelector('[data-apply], [data-run], [data-submit]')
  if (!button) return false
  form.requestSubmit(button)
  return true
}

function enhanceAll() {
  for (const [area, { view }] of views)
    if (!area.isConnected || !view.dom.isConnected) {
      view.destroy()
      views.delete(area)
    }
  for (const area of document.querySelectorAll('textarea[data-yaml]')) {
    const known = views.get(area)
    if (!known) enhance(area)
    // Its text was changed by somebody else: a draft that was kept, or another file.
    else if (known.view.state.doc.toString() !== area.value)
      known.view.dispatch({ changes: { from: 0, to: known.view.state.doc.length, insert: area.value } })
    else forceLinting(known.view)
  }
}

document.addEventListener('htmx:before:swap', ({ target }) => {
  for (const [area, { view, key, label }] of views) {
    if (!target.contains(area)) continue
    left.set(key, {
      text: area.value,
      selection: view.state.selection,
      scrollTop: view.scrollDOM.scrollTop,
      hadFocus: view.hasFocus,
    })
    // The new page knows the textarea alone.
    view.destroy()
    area.closest('form')?.querySelector('.editor-changes')?.remove()
    area.hidden = false
    label?.setAttribute('for', area.id)
    views.delete(area)
  }
})
document.addEventListener('htmx:after:swap', () => enhanceAll())
enhanceAll()
