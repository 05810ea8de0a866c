/**
 * The terminal of a sandbox or a challenge: xterm on a WebSocket. What it shows is kept by the server, and comes again after a reload.
 * It stands after terminal-colours.js and terminal-edit.js, whose functions it calls.
 */

const box = document.querySelector('[data-terminal]')

function start() {
  const screen = box.querySelector('.terminal-screen')
  const status = box.querySelector('[role=status]')
  // What is hidden cannot be measured.
  box.hidden = false
  for (const place of document.querySelectorAll('.needs-terminal')) place.hidden = false
  document.documentElement.classList.add('has-terminal')
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
  terminal.textarea?.setAttribute('aria-label', t('Terminal: type a command, Escape and then Tab leaves it'))

  let socket
  let wait = 250
  const say = (message) => {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(message))
    return true
  }
  const tell = (text) => {
    status.textContent = text
  }
  const resize = () => {
    // A folded or hidden box has no size.
    if (screen.clientWidth === 0) return
    fit.fit()
    say({ type: 'resize', columns: terminal.cols, rows: terminal.rows })
  }

  const dialog = box.querySelector('dialog')
  const editors = editorsOf({ screen, dialog, say, tell, back: () => terminal.focus() })

  /** What a line may have changed elsewhere on the page is fetched anew. */
  let refreshing
  function refresh(isDone) {
    const target = box.dataset.refreshed
    if (!target) return
    clearTimeout(refreshing)
    refreshing = setTimeout(async () => {
      await window.htmx.ajax('GET', location.href, { target, swap: 'outerMorph' })
      if (isDone) document.dispatchEvent(new CustomEvent('terminal:done'))
    }, 60)
  }

  function connect() {
    const url = new URL(box.dataset.terminal, location.href)
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    socket = new WebSocket(url)
    socket.addEventListener('open', () => {
      wait = 250
      terminal.reset()
      box.dataset.state = 'open'
      tell('')
      resize()
    })
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(data)
      if (message.type === 'output') terminal.write(message.data)
      else if (message.type === 'edit') editors.edit(message)
      else if (message.type === 'editNews') {
        editors.news(message)
        if (message.is === 'saved') refresh(false)
      } else if (message.type === 'announce') {
        tell(message.exitCode === 0 ? t('done') : t('ended with exit code {code}', { code: message.exitCode }))
        refresh(true)
      }
    })
    socket.addEventListener('close', () => {
      box.dataset.state = 'lost'
      editors.lost()
      tell(t('The connection was lost. Trying again…'))
      setTimeout(connect, wait)
      wait = Math.min(wait * 2, 10_000)
    })
  }

  dialog.querySelector('textarea').addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && (event.key === 's' || event.key === 'Enter')) {
      event.preventDefault()
      dialog.close('save')
    }
  })

  // ---------- keys ----------

  let leaves = false
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true
    if (event.key === 'Tab' && leaves) return false
    leaves = event.key === 'Escape'
    // What is selected is copied; without a selection Ctrl-C is the shell's.
    if (event.key === 'c' && event.ctrlKey && terminal.hasSelection()) {
      navigator.clipboard?.writeText(terminal.getSelection())
      terminal.clearSelection()
      return false
    }
    // The page's own shortcuts stay out of the terminal.
    event.stopPropagation()
    return !(event.key === 'v' && (event.ctrlKey || event.metaKey))
  })
  terminal.onData((data) => say({ type: 'input', data }))
  new ResizeObserver(resize).observe(screen)
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    terminal.options.theme = terminalColours(box)
  })
  resize()
  connect()
}

if (box && window.Terminal && 'WebSocket' in window) start()
