/** The terminal of a sandbox: xterm on a WebSocket. What it shows is kept by the server, and comes again after a reload. */

const box = document.querySelector('[data-terminal]')

/** The screen's own styles go in by the object model: the page's policy allows no inline style. */
function withAdoptedStyles(act) {
  const create = document.createElement
  document.createElement = (name, ...options) => {
    if (String(name).toLowerCase() !== 'style') return create.call(document, name, ...options)
    // Even an empty style element is one too many: its text goes into a sheet, and something invisible takes its place.
    const element = create.call(document, 'span')
    element.hidden = true
    const sheet = new CSSStyleSheet()
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
    Object.defineProperty(element, 'textContent', { set: (text) => sheet.replaceSync(text), get: () => '' })
    return element
  }
  try {
    act()
  } finally {
    document.createElement = create
  }
}

/** Colours of the page, as the browser reads them. */
function colours() {
  const probe = document.createElement('span')
  box.append(probe)
  const read = (name) => {
    probe.style.color = `var(${name})`
    const canvas = document.createElement('canvas').getContext('2d')
    canvas.fillStyle = getComputedStyle(probe).color
    canvas.fillRect(0, 0, 1, 1)
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data
    return `rgb(${red}, ${green}, ${blue})`
  }
  const theme = {
    background: read('--paper-sunk'),
    foreground: read('--ink'),
    cursor: read('--accent'),
    cursorAccent: read('--paper'),
    selectionBackground: read('--rule'),
    black: read('--ink'),
    red: read('--failing'),
    green: read('--ready'),
    yellow: read('--waiting'),
    blue: read('--done'),
    magenta: read('--ending'),
    cyan: read('--accent'),
    white: read('--ink-quiet'),
  }
  for (const name of ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'])
    theme[`bright${name[0].toUpperCase()}${name.slice(1)}`] = theme[name]
  probe.remove()
  return theme
}

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
    theme: colours(),
  })
  const fit = new window.FitAddon.FitAddon()
  terminal.loadAddon(fit)
  withAdoptedStyles(() => terminal.open(screen))
  terminal.textarea?.setAttribute('aria-label', t('Terminal: type a command, Escape and then Tab leaves it'))

  let socket
  let wait = 250
  const say = (message) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
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

  /** What a line may have changed elsewhere on the page is fetched anew. */
  let refreshing
  function refresh() {
    const target = box.dataset.refreshed
    if (!target) return
    clearTimeout(refreshing)
    refreshing = setTimeout(async () => {
      await window.htmx.ajax('GET', location.href, { target, swap: 'outerMorph' })
      document.dispatchEvent(new CustomEvent('terminal:done'))
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
      else if (message.type === 'edit') edit(message)
      else if (message.type === 'announce') {
        tell(message.exitCode === 0 ? t('done') : t('ended with exit code {code}', { code: message.exitCode }))
        refresh()
      }
    })
    socket.addEventListener('close', () => {
      box.dataset.state = 'lost'
      tell(t('The connection was lost. Trying again…'))
      setTimeout(connect, wait)
      wait = Math.min(wait * 2, 10_000)
    })
  }

  // ---------- the editor ----------

  const dialog = box.querySelector('dialog')
  const text = dialog.querySelector('textarea')
  let editing
  function edit(request) {
    editing = request
    dialog.querySelector('h2').textContent = request.path
    text.value = request.text
    if (!dialog.open) dialog.showModal()
    text.focus()
  }
  dialog.addEventListener('close', () => {
    if (!editing) return
    const { id } = editing
    editing = undefined
    say({ type: 'edited', id, ...(dialog.returnValue === 'save' ? { text: text.value } : {}) })
    dialog.returnValue = ''
    terminal.focus()
  })
  text.addEventListener('keydown', (event) => {
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
    terminal.options.theme = colours()
  })
  resize()
  connect()
}

if (box && window.Terminal && 'WebSocket' in window) start()
