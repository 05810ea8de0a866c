/**
 * One shell: its screen, xterm on a WebSocket, its keys and its editors. What it shows is kept by the server, and comes again after a reload.
 * It stands after terminal-colours.js and terminal-edit.js, whose functions it calls, and before terminal.js.
 */

/** How a shell asks for a line. */
const promptPattern = /^(?:learner@podium:\S*\$|root@[\w-]+:\S*#|\/ #) /

/** Characters of what was printed that are read out at once; the rest is in the rows. */
const mostSpoken = 1500
/** Milliseconds without output after which what has come so far is read out. */
const pauseMs = 1200
const endMs = 150

/** A colour, a movement of the cursor and the like. */
const escapeSequence = new RegExp(`${String.fromCharCode(27)}(?:\\[[0-?]*[ -/]*[@-~]|[@-Z^_])`, 'g')

/** Plain lines of terminal output: without colours and cursor movements, and without lines that are being typed. */
function linesIn(data) {
  return data
    .replace(escapeSequence, '')
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
    .filter((line) => line && !promptPattern.test(`${line} `) && !/^> /.test(line))
}

/**
 * Reads out what is printed: once, when a line has ended or the output pauses. The screen's own region would read the whole line anew at
 * each letter, and all that comes again when the page is loaded.
 */
function speaker(tell) {
  let text = ''
  let ending = ''
  let waiting
  function speak() {
    const whole = linesIn(text).join('\n')
    const told =
      whole.length > mostSpoken
        ? `${whole.slice(0, mostSpoken)} ${t('… and more, in the rows of the terminal')}`
        : whole
    if (told || ending) tell([told, ending].filter(Boolean).join('\n'))
    text = ending = ''
  }
  const soon = (ms) => {
    clearTimeout(waiting)
    waiting = setTimeout(speak, ms)
  }
  return {
    heard(data) {
      // What is not read out need not be kept.
      text = (text + data).slice(0, mostSpoken * 20)
      soon(ending ? endMs : pauseMs)
    },
    /** @param words how it ended: what it printed last may still be on its way */
    ended(words) {
      ending = words
      soon(endMs)
    },
  }
}

/**
 * @param box the terminal's
 * @param number from 1
 * @param tell what a screen reader is told
 * @param changed called when a line has ended or a file was saved, with whether it was a line
 * @param stated called when the connection is there or lost
 * @param key is told of each key first, and gives whether it has dealt with it
 */
// biome-ignore lint/correctness/noUnusedVariables: terminal.js calls it
function openShell({ box, screen, number, tell, changed, stated, key }) {
  const terminal = new window.Terminal({
    cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    fontFamily: getComputedStyle(box).getPropertyValue('--font-mono'),
    fontSize: 13,
    lineHeight: 1.25,
    scrollback: 5000,
    screenReaderMode: true,
    minimumContrastRatio: 4.5,
    theme: terminalColours(box),
  })
  const fit = new window.FitAddon.FitAddon()
  terminal.loadAddon(fit)
  withAdoptedStyles(() => terminal.open(screen))
  setStylesAsProperties(terminal)
  terminal.textarea?.setAttribute('aria-label', t('Terminal: type a command, Escape and then Tab leaves it'))
  screen.querySelector('.live-region')?.setAttribute('aria-live', 'off')
  const speech = speaker(tell)
  /** Nobody listens before they were in it. */
  const isHeard = () => screen.contains(document.activeElement)

  let socket
  let wait = 250
  let isEnded = false
  /** Typed before the shell was there. */
  let early = ''
  const say = (message) => {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(message))
    return true
  }
  const resize = () => {
    // A folded or hidden box has no size.
    if (screen.clientWidth === 0) return
    fit.fit()
    // What was scrolled to in a smaller box would stand above this one.
    screen.scrollTop = 0
    say({ type: 'resize', columns: terminal.cols, rows: terminal.rows })
  }
  const state = (now) => {
    screen.dataset.state = now
    stated()
  }

  const dialog = box.querySelector('dialog')
  const editors = editorsOf({ screen, dialog, say, tell, back: () => terminal.focus() })

  function connect() {
    const url = new URL(box.dataset.terminal + (number === 1 ? '' : `/${number}`), location.href)
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    socket = new WebSocket(url)
    socket.addEventListener('open', () => {
      wait = 250
      terminal.reset()
      state('open')
      tell('')
      resize()
      if (early) say({ type: 'input', data: early })
      early = ''
    })
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(data)
      if (message.type === 'output') {
        terminal.write(message.data)
        if (isHeard()) speech.heard(message.data)
      } else if (message.type === 'edit') editors.edit(message)
      else if (message.type === 'editNews') {
        editors.news(message)
        if (message.is === 'saved') changed(false)
      } else if (message.type === 'refused') {
        // Asking again would not help.
        isEnded = true
        state('lost')
        terminal.write(message.why)
        tell(message.why)
      } else if (message.type === 'announce') {
        speech.ended(message.exitCode === 0 ? t('done') : t('ended with exit code {code}', { code: message.exitCode }))
        changed(true)
      }
    })
    socket.addEventListener('close', () => {
      if (isEnded) return
      state('lost')
      editors.lost()
      tell(t('The connection was lost. Trying again…'))
      setTimeout(() => isEnded || connect(), wait)
      wait = Math.min(wait * 2, 10_000)
    })
  }

  let leaves = false
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true
    if (event.key === 'Tab' && leaves) return false
    if (key(event)) return false
    leaves = event.key === 'Escape'
    // What is selected is copied; without a selection Ctrl-C is the shell's.
    if (event.key === 'c' && event.ctrlKey && terminal.hasSelection()) {
      navigator.clipboard?.writeText(terminal.getSelection())
      terminal.clearSelection()
      return false
    }
    // Another line than was typed: from the history, or completed.
    if (/^(?:ArrowUp|ArrowDown|Tab)$/.test(event.key)) setTimeout(() => tell(lineNow()), 250)
    // The page's own shortcuts stay out of the terminal.
    event.stopPropagation()
    // The browser pastes, also without the letters' looks.
    return !(event.key.toLowerCase() === 'v' && (event.ctrlKey || event.metaKey))
  })
  terminal.onData((data) => {
    if (!say({ type: 'input', data }) && socket.readyState === WebSocket.CONNECTING)
      early = (early + data).slice(0, 1000)
  })
  const observer = new ResizeObserver(resize)
  observer.observe(screen)
  const recolour = () => {
    terminal.options.theme = terminalColours(box)
  }
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', recolour)
  resize()
  connect()

  /** What stands from a row (the first of the scrollback unless told) down to the cursor; what was broken into rows is one line. */
  function linesOnScreen(from = 0) {
    const buffer = terminal.buffer.active
    const lines = []
    for (let at = from; at <= buffer.baseY + buffer.cursorY; at++) {
      const row = buffer.getLine(at)
      const text = row?.translateToString(true) ?? ''
      if (row?.isWrapped && lines.length > 0) lines[lines.length - 1] += text
      else lines.push(text)
    }
    return lines
  }

  /** What stands behind the prompt now. */
  const lineNow = () => linesOnScreen(terminal.buffer.active.baseY).at(-1).replace(promptPattern, '')

  /** What the last line printed that printed anything: from the prompts, since a screen that was loaded again has nothing else. */
  function lastOutput() {
    const lines = linesOnScreen()
    let end = lines.length
    for (let at = lines.length - 1; at >= 0; at--) {
      // A prompt without a line has lost its space at the end.
      if (!promptPattern.test(`${lines[at]} `)) continue
      let from = at + 1
      while (/^> /.test(lines[from] ?? '')) from++
      const output = lines.slice(from, end).join('\n').trimEnd()
      if (output) return `${output}\n`
      end = at
    }
    return ''
  }

  return {
    screen,
    number,
    editors,
    resize,
    focus() {
      const { editor } = editors
      if (editor) editor.view.focus()
      else terminal.focus()
    },
    /** What is to be copied: the selection, or what was printed last; of an editor all of its text. */
    text() {
      const { editor } = editors
      if (!editor) return terminal.getSelection() || lastOutput()
      const { doc, selection } = editor.view.state
      const { from, to } = selection.main
      return to > from ? doc.sliceString(from, to) : `${doc}\n`
    },
    paste(text) {
      const { editor } = editors
      if (editor) editor.view.dispatch(editor.view.state.replaceSelection(text))
      else terminal.paste(text)
    },
    clear() {
      if (editors.isOpen) return
      terminal.clear()
      say({ type: 'input', data: '\x0c' })
    },
    /** The shell itself is over. */
    end() {
      isEnded = true
      editors.end()
      say({ type: 'close' })
      socket?.close()
      observer.disconnect()
      dark.removeEventListener('change', recolour)
      terminal.dispose()
    },
  }
}
