/** vim in place of the terminal's screen: the keys and ex commands are those of @replit/codemirror-vim, what is around them is here. */
import { defaultKeymap } from '@codemirror/commands'
import { keymap } from '@codemirror/view'
import { getCM, Vim, vim } from '@replit/codemirror-vim'
import { element, insertStop, openSheet, startAt } from './sheet.js'
import { readSetting, readVimrc, shownSetting } from './vim-options.js'
import { groupChanges, vimHistory } from './vim-undo.js'

const { t } = window

/** What a key or an ex command acts on: ex commands belong to all editors of the page. */
const editors = new WeakMap()

/** Without them a search, and `:s`, find the case that was typed. The library has one value of each for all editors of the page. */
const searchOptions = ['ignorecase', 'smartcase']
for (const option of searchOptions) Vim.defineOption(option, false, 'boolean')

const modes = {
  insert: () => t('Insert mode'),
  replace: () => t('Replace mode'),
  visual: () => t('Visual mode'),
  'visual line': () => t('Visual mode, by lines'),
  'visual block': () => t('Visual mode, a block'),
  normal: () => t('Normal mode'),
}

export function openVim(place) {
  const { request, tell } = place
  // After the key that asks for it: the library goes on with it.
  const leave = () => setTimeout(place.leave)
  const name = request.path.replace(/^\/home\/learner\//, '')
  const mode = element('b', 'terminal-editing-mode')
  const file = element('span', 'terminal-editing-file')
  const where = element('span', 'terminal-editing-where')
  const way = element('button', 'terminal-editing-leave', t('Leave'))
  way.type = 'button'
  way.title = t('Leave vim. With the keys: Escape, then :q! and Enter without saving, :wq and Enter with it')
  const status = element('div', 'terminal-editing-status', mode, file, where, way)
  const said = element('span', 'terminal-editing-said')
  const prompt = element('div', 'terminal-editing-prompt')
  prompt.lang = said.lang = 'en'
  const foot = element('div', 'terminal-editing-foot', said, prompt)

  let cm
  const draw = () => {
    if (!cm) return
    const { line, column, lines } = sheet.place()
    mode.textContent = (cm.state.vim?.mode ?? 'normal').toUpperCase()
    file.textContent = `${name}${sheet.isModified() ? ' [+]' : ''}${request.isReadOnly ? ' [RO]' : ''}`
    const share =
      line === 1 ? 'Top' : line === lines ? 'Bot' : `${Math.round(((line - 1) * 100) / Math.max(1, lines - 1))}%`
    where.textContent = `${lines}L  ${line},${column}  ${share}`
  }
  const sheet = openSheet(place, {
    className: 'is-vim',
    label: t('{file} in vim', { file: name }),
    extensions: [
      vim(),
      vimHistory(),
      keymap.of([{ key: 'Tab', run: (view) => insertStop(view, sheet.settings) }, ...defaultKeymap]),
    ],
    changed: draw,
  })
  sheet.box.append(status, foot)
  cm = getCM(sheet.view)

  /** In the last row, as vim does; what went wrong is marked. */
  const say = (text, isWrong = /^E\d+:/.test(text)) => {
    said.textContent = text
    said.classList.toggle('is-wrong', isWrong)
    if (text) tell(text)
  }
  const opened = () => {
    const { lines, bytes } = sheet.size()
    const mark = request.isReadOnly ? ' [readonly]' : ''
    return request.isNew ? `"${name}" [New]` : `"${name}"${mark} ${lines}L, ${bytes}B`
  }
  const editor = {
    say,
    sheet,
    async write(isForced) {
      if (request.isReadOnly && !isForced) return say("E45: 'readonly' option is set (add ! to override)") ?? false
      const why = await sheet.save()
      if (why !== undefined) {
        say(`E212: Can't open file for writing: ${why}`)
        return false
      }
      const { lines, bytes } = sheet.size()
      say(`"${name}"${request.isNew ? ' [New]' : ''} ${lines}L, ${bytes}B written`)
      request.isNew = false
      draw()
      return true
    },
    async writeAndLeave(isForced, onlyChanged = false) {
      if ((onlyChanged && !sheet.isModified() && !request.isNew) || (await editor.write(isForced))) leave()
    },
    quit(isForced) {
      if (isForced || !sheet.isModified()) leave()
      else say('E37: No write since last change (add ! to override)')
    },
    reload(isForced) {
      if (sheet.isModified() && !isForced) return say('E37: No write since last change (add ! to override)')
      sheet.reload()
      say(opened())
    },
    set(words) {
      const answers = []
      for (const word of words) {
        const { name: option, value, asked, error } = readSetting(word)
        if (error) return say(error)
        if (asked) answers.push(shownSetting(asked, sheet.settings[asked]))
        else if (option) {
          sheet.set(option, value === 'turned' ? !sheet.settings[option] : value)
          if (searchOptions.includes(option)) Vim.setOption(option, sheet.settings[option])
        }
      }
      if (words.length === 0)
        for (const [option, value] of Object.entries(sheet.settings)) answers.push(shownSetting(option, value))
      if (answers.length > 0) say(answers.join('  '), false)
    },
    tellWhere() {
      const { line, lines } = sheet.place()
      const share = Math.round((line * 100) / lines)
      say(`"${name}"${sheet.isModified() ? ' [Modified]' : ''} ${lines} lines --${share}%-- ${line}`)
    },
  }
  editors.set(cm, editor)
  for (const option of searchOptions) Vim.setOption(option, sheet.settings[option])

  groupChanges(cm)
  cm.state.statusbar = prompt
  // What the library has to say goes into the last row too, in vim's words.
  cm.openNotification = (template) => {
    say(inVimsWords(template.textContent))
    return () => undefined
  }
  cm.on('dialog', () => {
    if (!cm.state.dialog) return
    say('')
    prompt.querySelector('input')?.setAttribute('aria-label', t('Command of vim'))
  })
  cm.on('vim-mode-change', ({ mode: now, subMode }) => {
    if (now !== 'normal') say('')
    draw()
    tell(modes[subMode ? `${now} ${subMode === 'linewise' ? 'line' : 'block'}` : now]?.() ?? now)
  })
  way.addEventListener('click', () => askToLeave(editor, foot, leave))

  const { words, maps } = readVimrc(request.settings ?? '', /\.ya?ml$/.test(request.path))
  say(opened())
  if (words.length > 0) editor.set(words)
  mapKeys(cm, maps)
  startAt(sheet.view, request.start)
  draw()
  sheet.view.focus()
  tell(
    t(
      '{file} in vim, normal mode. Colon, q, exclamation mark and Enter leave it; colon, w, q and Enter save and leave.',
      { file: name },
    ),
  )
  return sheet
}

/** For who does not know vim. */
function askToLeave({ sheet, writeAndLeave }, foot, leave) {
  if (!sheet.isModified()) return leave()
  if (foot.querySelector('.terminal-editing-ask')) return
  const ask = element('div', 'terminal-editing-ask', t('The text was changed.'))
  const choose = (text, act) => {
    const button = element('button', 'button is-small', text)
    button.type = 'button'
    button.addEventListener('click', () => {
      ask.remove()
      sheet.view.focus()
      act()
    })
    ask.append(button)
    return button
  }
  const first = choose(t('Save and leave'), () => writeAndLeave(true))
  choose(t('Leave without saving'), leave)
  choose(t('Stay'), () => undefined)
  foot.append(ask)
  first.focus()
}

/** The library's messages as vim words them. */
function inVimsWords(text) {
  const [, command] = /^Not an editor command ":(.*)"$/s.exec(text) ?? []
  if (command !== undefined) return `E492: Not an editor command: ${command}`
  const [, pattern] = /^No match(?:es for| found) \/?(.*?)(?:\/[a-z]*)?(?: \((?:with|set) .*)?$/s.exec(text) ?? []
  return pattern === undefined ? text : `E486: Pattern not found: ${pattern}`
}

const bang = ({ argString = '' }) => argString.trimStart().startsWith('!')
const isElsewhere = ({ argString = '' }) => argString.replace('!', '').trim() !== ''
const define = (name, prefix, act) => Vim.defineEx(name, prefix, (cm, params) => act(editors.get(cm), params))

define('write', 'w', (editor, params) =>
  isElsewhere(params) ? editor.say('E319: Here a file is written under its own name only') : editor.write(bang(params)),
)
define('wall', 'wa', (editor, params) => editor.write(bang(params)))
define('wq', 'wq', (editor, params) => editor.writeAndLeave(bang(params)))
define('xit', 'x', (editor, params) => editor.writeAndLeave(bang(params), true))
define('exit', 'exi', (editor, params) => editor.writeAndLeave(bang(params), true))
define('wqall', 'wqa', (editor, params) => editor.writeAndLeave(bang(params)))
define('xall', 'xa', (editor, params) => editor.writeAndLeave(bang(params), true))
define('quit', 'q', (editor, params) => editor.quit(bang(params)))
define('qall', 'qa', (editor, params) => editor.quit(bang(params)))
define('edit', 'e', (editor, params) =>
  isElsewhere(params) ? editor.say('E319: Here one file is open at a time') : editor.reload(bang(params)),
)
define('set', 'se', (editor, { argString = '' }) => editor.set(argString.trim().split(/\s+/).filter(Boolean)))
define('setlocal', 'setl', (editor, { argString = '' }) => editor.set(argString.trim().split(/\s+/).filter(Boolean)))
define('syntax', 'sy', () => undefined)
define('filetype', 'filet', () => undefined)
define('file', 'f', (editor) => editor.tellWhere())
define('help', 'h', (editor) =>
  editor.say('i insert  Esc normal  dd delete  yy yank  p put  u undo  /text find  :w save  :q leave  :wq both', false),
)

const keys = [
  ['ZZ', 'writeAndLeave', (editor) => editor.writeAndLeave(false, true)],
  ['ZQ', 'leaveAnyway', (editor) => editor.quit(true)],
  ['<C-g>', 'tellWhere', (editor) => editor.tellWhere()],
]
for (const [, name, act] of keys) Vim.defineAction(name, (cm) => act(editors.get(cm)))

/** Keys belong to all editors of the page: the learner's own are those of the file that was opened last. */
function mapKeys(cm, maps) {
  Vim.mapclear()
  for (const [typed, name] of keys) Vim.mapCommand(typed, 'action', name, {}, { context: 'normal' })
  for (const map of maps) Vim.handleEx(cm, map)
}
