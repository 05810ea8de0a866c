/** How xterm comes by the page's colours, and by its own styles. Its functions are called by the scripts of the terminal. */

/** The screen's own styles go in by the object model: the page's policy allows no inline style. */
// biome-ignore lint/correctness/noUnusedVariables: terminal-shell.js calls it
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

/**
 * Colours that no class has (of what is selected, 24-bit ones, those that are made to contrast) xterm writes as style attributes, which the
 * Content-Security-Policy blocks; as properties they may be set. It has no option for that: this is a name of xterm 6's own.
 */
// biome-ignore lint/correctness/noUnusedVariables: terminal-shell.js calls it
function setStylesAsProperties(terminal) {
  const rows = terminal._core._renderService._renderer.value._rowFactory
  rows._addStyle = (element, style) => {
    element.style.cssText += style
  }
}

/** Colours of the page, as the browser reads them in that box. */
// biome-ignore lint/correctness/noUnusedVariables: terminal-shell.js calls it
function terminalColours(box) {
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
