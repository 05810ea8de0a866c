/** nano in place of the terminal's screen: a text without modes, and the keys at its foot. */
import {
  cursorLineDown,
  cursorLineUp,
  cursorPageDown,
  cursorPageUp,
  defaultKeymap,
  history,
  redo,
  undo,
} from '@codemirror/commands'
import { EditorState } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { element, insertStop, openSheet, startAt } from './sheet.js'

const { t } = window

const helpText = `^G  this help            ^X  leave
^O  write the file       ^W, F6  look for a text     M-W  look again
^K  cut the line         ^U  put it back             M-6  copy the line
^C  where the cursor is  ^_  go to a line            M-U  undo, M-E redo
^A, ^E  start and end of the line     ^Y, ^V  a page up, a page down
^ is the Ctrl key, M is Alt. Esc and then Tab leads to the buttons at the foot.`

export function openNano(place) {
  const { request, leave, tell } = place
  const name = request.path.replace(/^\/home\/learner\//, '')
  const file = element('span', 'terminal-editing-file')
  const mark = element('span', 'terminal-editing-where')
  const head = element('div', 'terminal-editing-title', element('span', '', 'GNU nano'), file, mark)
  const row = element('div', 'terminal-editing-row')
  row.lang = 'en'
  const bar = element('div', 'terminal-editing-keys')

  const draw = () => {
    file.textContent = request.isNew ? `New Buffer: ${name}` : name
    mark.textContent = request.isReadOnly ? 'View' : sheet?.isModified() ? 'Modified' : ''
  }
  let sheet
  /** Lines that were cut one after another are put back together. */
  let cut = ''
  let isCutting = false
  let sought = ''

  const say = (text) => {
    row.replaceChildren(text ? `[ ${text} ]` : '')
    if (text) tell(text)
  }

  /** Asks in the row above the keys; Enter answers, Ctrl-C or Escape cancels. */
  function ask(question, value, answer) {
    const field = element('input', '')
    field.type = 'text'
    field.value = value
    field.autocapitalize = 'off'
    field.spellcheck = false
    field.setAttribute('aria-label', question)
    field.addEventListener('keydown', (event) => {
      const isCancel = event.key === 'Escape' || (event.ctrlKey && event.key === 'c')
      if (!isCancel && event.key !== 'Enter') return
      event.preventDefault()
      row.replaceChildren()
      sheet.view.focus()
      if (isCancel) say('Cancelled')
      else answer(field.value)
    })
    row.replaceChildren(`${question}: `, field)
    field.focus()
    field.select()
  }

  const write = (then = () => undefined) => {
    if (request.isReadOnly) return say('Key is invalid in view mode')
    ask('File Name to Write', name, async (wanted) => {
      if (wanted !== name) return say('Here a file is written under its own name only')
      const why = await sheet.save()
      if (why !== undefined) return say(`Error writing ${name}: ${why}`)
      request.isNew = false
      const { lines } = sheet.size()
      say(`Wrote ${lines} line${lines === 1 ? '' : 's'}`)
      draw()
      then()
    })
  }

  const exit = () => {
    if (!sheet.isModified()) return leave()
    const choice = (key, text, act) => {
      const button = element('button', 'terminal-editing-key', element('kbd', '', key), ` ${text}`)
      button.type = 'button'
      button.addEventListener('click', () => {
        row.replaceChildren()
        sheet.view.focus()
        act()
      })
      return button
    }
    const choices = {
      y: choice('Y', t('Yes'), () => write(leave)),
      n: choice('N', t('No'), leave),
      c: choice('^C', t('Cancel'), () => say('Cancelled')),
    }
    const question = element('span', 'terminal-editing-ask', t('Save modified buffer?'), ' ', ...Object.values(choices))
    question.addEventListener('keydown', (event) => {
      const key = event.key === 'Escape' ? 'c' : event.key.toLowerCase()
      if (!choices[key]) return
      event.preventDefault()
      choices[key].click()
    })
    question.lang = document.documentElement.lang
    row.replaceChildren(question)
    choices.y.focus()
    tell(t('Save modified buffer?'))
  }

  const lineRange = ({ doc, selection }) => {
    const line = doc.lineAt(selection.main.head)
    return { from: line.from, to: Math.min(line.to + 1, doc.length), text: line.text }
  }
  const take = (isTaken) => {
    const { state } = sheet.view
    const { from, to, text } = lineRange(state)
    cut = `${isCutting ? cut : ''}${text}\n`
    if (isTaken) sheet.view.dispatch({ changes: { from, to }, selection: { anchor: from }, scrollIntoView: true })
    isCutting = isTaken
  }
  const paste = () => {
    const { state } = sheet.view
    sheet.view.dispatch(state.replaceSelection(cut), { scrollIntoView: true })
  }

  const find = () => {
    if (!sought) return
    const { doc, selection } = sheet.view.state
    const text = doc.toString().toLowerCase()
    const from = selection.main.head
    const below = text.indexOf(sought.toLowerCase(), from + 1)
    const at = below >= 0 ? below : text.indexOf(sought.toLowerCase())
    if (at < 0) return say(`"${sought}" not found`)
    sheet.view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
    if (below < 0) say(at === from ? 'This is the only occurrence' : 'Search Wrapped')
  }
  const search = () =>
    ask(sought ? `Search [${sought}]` : 'Search', '', (wanted) => {
      sought = wanted || sought
      find()
    })
  const goTo = () => ask('Enter line number', '', (line) => startAt(sheet.view, line))
  const tellWhere = () => {
    const { line, column, lines } = sheet.place()
    say(`line ${line}/${lines} (${Math.round((line * 100) / lines)}%), col ${column}`)
  }

  const help = () => {
    if (sheet.box.querySelector('.terminal-editing-help')) return
    const close = element('button', 'button is-small', t('Close the help'))
    const page = element('div', 'terminal-editing-help', element('pre', '', helpText), close)
    page.lang = 'en'
    close.type = 'button'
    close.lang = document.documentElement.lang
    const end = () => {
      page.remove()
      sheet.view.focus()
    }
    close.addEventListener('click', end)
    page.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' && !(event.ctrlKey && 'xgc'.includes(event.key))) return
      event.preventDefault()
      end()
    })
    sheet.box.append(page)
    close.focus()
  }

  const isWritable = () => !request.isReadOnly || (say('Key is invalid in view mode') ?? false)
  const act =
    (does, changes = false) =>
    () => {
      if (!changes || isWritable()) does()
      return true
    }
  let leaves = false
  const keys = [
    { key: 'Ctrl-g', run: act(help) },
    { key: 'F1', run: act(help) },
    { key: 'Ctrl-o', run: act(() => write()) },
    { key: 'Ctrl-s', run: act(() => write()) },
    { key: 'Ctrl-x', run: act(exit) },
    { key: 'Ctrl-k', run: act(() => take(true), true) },
    { key: 'Alt-6', run: act(() => take(false)) },
    { key: 'Ctrl-u', run: act(paste, true) },
    { key: 'Ctrl-w', run: act(search) },
    { key: 'F6', run: act(search) },
    { key: 'Alt-w', run: act(find) },
    { key: 'Ctrl-c', run: act(tellWhere) },
    { key: 'Ctrl-_', run: act(goTo) },
    { key: 'Ctrl-/', run: act(goTo) },
    { key: 'Alt-u', run: undo },
    { key: 'Alt-e', run: redo },
    { key: 'Ctrl-y', run: cursorPageUp },
    { key: 'Ctrl-v', run: cursorPageDown },
    { key: 'Ctrl-p', run: cursorLineUp },
    { key: 'Ctrl-n', run: cursorLineDown },
    // Of the shell's terminal: Escape and then Tab goes on to what comes next on the page.
    { key: 'Tab', run: (view) => !leaves && (!isWritable() || insertStop(view, sheet.settings)) },
  ]

  for (const [key, text, does] of [
    ['^G', t('Help'), help],
    ['^O', t('Write Out'), () => write()],
    ['^W', t('Where Is'), search],
    ['^K', t('Cut'), () => isWritable() && take(true)],
    ['^U', t('Paste'), () => isWritable() && paste()],
    ['^C', t('Location'), tellWhere],
    ['^X', t('Exit'), exit],
  ]) {
    const button = element('button', 'terminal-editing-key', element('kbd', '', key), ` ${text}`)
    button.type = 'button'
    button.addEventListener('click', () => {
      sheet.view.focus()
      does()
    })
    bar.append(button)
  }

  sheet = openSheet(place, {
    className: 'is-nano',
    label: t('{file} in nano', { file: name }),
    extensions: [
      history(),
      EditorView.domEventHandlers({
        keydown(event) {
          const isCut = event.ctrlKey && event.key === 'k'
          if (!isCut && event.key !== 'Control') isCutting = false
          leaves = event.key === 'Escape' || (leaves && (event.key === 'Tab' || event.key === 'Shift'))
          return false
        },
      }),
      keymap.of([...keys, ...defaultKeymap]),
      EditorState.readOnly.of(Boolean(request.isReadOnly)),
    ],
    changed: draw,
  })
  sheet.box.prepend(head)
  sheet.box.append(row, bar)
  for (const line of (request.settings ?? '').split('\n')) {
    const [, option, value] = /^\s*set\s+(linenumbers|tabstospaces|tabsize)\s*(\d*)/.exec(line) ?? []
    if (option === 'linenumbers') sheet.set('number', true)
    else if (option === 'tabstospaces') sheet.set('expandtab', true)
    else if (option && Number(value) > 0) {
      sheet.set('tabstop', Number(value))
      sheet.set('shiftwidth', Number(value))
    }
  }
  draw()
  const { lines } = sheet.size()
  if (request.isNew) say('New File')
  else say(`Read ${lines} line${lines === 1 ? '' : 's'}`)
  startAt(sheet.view, request.start?.replace(/,.*/, ''))
  sheet.view.focus()
  tell(t('{file} in nano. Ctrl and X leaves it, Ctrl and G shows the keys.', { file: name }))
  return sheet
}
