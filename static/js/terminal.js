/**
 * The terminal of a sandbox or a challenge: its shells as tabs, and the tools above them. It stands after terminal-shell.js, whose function
 * it calls.
 */

const box = document.querySelector('[data-terminal]')
const mostShells = 3

function start() {
  const status = box.querySelector('[role=status]')
  const list = box.querySelector('[role=tablist]')
  const tool = (name) => box.querySelector(`[data-does="${name}"]`)
  const tell = (text) => {
    status.textContent = text
  }
  // What is hidden cannot be measured.
  box.hidden = false
  for (const place of document.querySelectorAll('.needs-terminal')) place.hidden = false
  document.documentElement.classList.add('has-terminal')

  // ---------- what a line may have changed elsewhere on the page is fetched anew ----------

  let refreshing
  function refresh(isLine) {
    const target = box.dataset.refreshed
    if (!target) return
    clearTimeout(refreshing)
    refreshing = setTimeout(async () => {
      await window.htmx.ajax('GET', location.href, { target, swap: 'outerMorph' })
      if (isLine) document.dispatchEvent(new CustomEvent('terminal:done'))
    }, 60)
  }

  // ---------- shells ----------

  const first = box.querySelector('.terminal-screen')
  const place = `shells:${box.dataset.terminal}`
  /** By their number: the tab, the screen, and the shell itself once it was looked at. */
  const shells = new Map()
  let current

  const keep = () =>
    sessionStorage.setItem(place, JSON.stringify({ numbers: [...shells.keys()], current: current?.number }))
  function kept() {
    try {
      return JSON.parse(sessionStorage.getItem(place)) ?? {}
    } catch {
      return {}
    }
  }

  function add(number) {
    const screen = number === 1 ? first : first.cloneNode(false)
    const tab = document.createElement('button')
    tab.type = 'button'
    tab.className = 'terminal-tab'
    tab.id = `terminal-tab-${number}`
    tab.textContent = t('Shell {number}', { number })
    tab.setAttribute('role', 'tab')
    tab.addEventListener('click', ({ detail }) => {
      show(number)
      // Who pressed it with the pointer goes on typing; by the keyboard one is among the tabs.
      if (detail > 0) current.shell.focus()
    })
    if (number !== 1) {
      screen.id = `terminal-${number}`
      delete screen.dataset.state
      const before = [...shells.keys()].filter((other) => other < number).at(-1)
      shells.get(before).screen.after(screen)
      shells.get(before).tab.after(tab)
    } else list.append(tab)
    tab.setAttribute('aria-controls', screen.id)
    screen.setAttribute('role', 'tabpanel')
    screen.setAttribute('aria-labelledby', tab.id)
    const all = [...shells, [number, { number, tab, screen }]].toSorted(([a], [b]) => a - b)
    shells.clear()
    for (const [key, shell] of all) shells.set(key, shell)
  }

  function show(number) {
    current = shells.get(number)
    for (const shell of shells.values()) {
      const isIt = shell === current
      shell.screen.hidden = !isIt
      shell.tab.setAttribute('aria-selected', String(isIt))
      shell.tab.tabIndex = isIt ? 0 : -1
    }
    const { screen } = current
    current.shell ??= openShell({ box, screen, number, tell, changed: refresh, stated, key: handleKey })
    list.classList.toggle('is-alone', shells.size === 1)
    tool('end').hidden = number === 1
    tool('end').setAttribute('aria-label', t('End shell {number}', { number }))
    tool('more').setAttribute('aria-disabled', String(shells.size >= mostShells))
    stated()
    keep()
  }

  function stated() {
    if (current?.screen.dataset.state) box.dataset.state = current.screen.dataset.state
  }

  function more() {
    const number = [1, 2, 3].find((free) => !shells.has(free))
    if (number === undefined) return
    add(number)
    show(number)
    current.shell.focus()
  }

  function end() {
    if (current.number === 1) return
    const { number, tab, screen, shell } = current
    shell.end()
    tab.remove()
    screen.remove()
    shells.delete(number)
    show([...shells.keys()].filter((other) => other < number).at(-1))
    current.shell.focus()
  }

  list.addEventListener('keydown', (event) => {
    if (event.key === 'Delete') {
      end()
      current.tab.focus()
      return
    }
    const numbers = [...shells.keys()]
    const at = numbers.indexOf(current.number)
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    show(numbers.at(to % numbers.length))
    current.tab.focus()
  })

  // ---------- tools ----------

  let copying
  async function copy() {
    const text = current.shell.text()
    const button = tool('copy')
    let answer = t('There is nothing to copy yet')
    if (text)
      answer = await navigator.clipboard.writeText(text).then(
        () => t('Copied'),
        () => t('Select it and copy by hand'),
      )
    tell(answer)
    const label = button.dataset.label ?? button.textContent
    button.dataset.label = label
    button.textContent = answer
    clearTimeout(copying)
    copying = setTimeout(() => {
      button.textContent = label
    }, 1500)
  }

  async function paste() {
    // At once: a key that follows is the shell's, and presses this button no second time.
    current.shell.focus()
    const text = await navigator.clipboard.readText().catch(() => '')
    current.shell.focus()
    if (text) current.shell.paste(text)
  }

  /** What cannot be reached while the box lies over the page. */
  let behind = []
  function setFull(isFull) {
    if (isFull === box.classList.contains('is-full')) return
    box.classList.toggle('is-full', isFull)
    tool('full').setAttribute('aria-pressed', String(isFull))
    for (const element of behind) element.inert = false
    behind = []
    if (isFull)
      for (let at = box; at !== document.body; at = at.parentElement)
        behind.push(...[...at.parentElement.children].filter((other) => other !== at && !other.inert))
    for (const element of behind) element.inert = true
    // Above all else, wherever in the page it stands.
    if (isFull && box.showPopover) {
      box.popover = 'manual'
      box.showPopover()
    } else if (box.popover) {
      box.hidePopover()
      box.removeAttribute('popover')
    }
    current.shell.resize()
    current.shell.focus()
  }

  const does = {
    copy,
    paste,
    clear() {
      current.shell.clear()
      current.shell.focus()
    },
    full: () => setFull(!box.classList.contains('is-full')),
    more,
    end,
  }
  for (const [name, act] of Object.entries(does)) tool(name).addEventListener('click', () => act())
  // Without a secure connection there is no clipboard; some browsers let nobody read it.
  tool('copy').hidden = !navigator.clipboard?.writeText
  tool('paste').hidden = !navigator.clipboard?.readText

  let isLeaving = false
  /** Keys of the tools. @returns whether it was one */
  function handleKey(event) {
    const wasLeaving = isLeaving
    isLeaving = event.key === 'Escape'
    if (isLeaving && wasLeaving) {
      // What the box stands in may cover the page in its place.
      const isLeft = !box.dispatchEvent(new CustomEvent('leave-full', { bubbles: true, cancelable: true }))
      if (isLeft || box.classList.contains('is-full')) {
        isLeaving = false
        setFull(false)
        return true
      }
    }
    if (!event.ctrlKey || !event.shiftKey || event.key.toLowerCase() !== 'c') return false
    event.preventDefault()
    copy()
    return true
  }
  box.querySelector('.terminal-bar').addEventListener('keydown', (event) => {
    if (event.key === 'Escape') handleKey(event)
  })

  box.querySelector('dialog textarea').addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && (event.key === 's' || event.key === 'Enter')) {
      event.preventDefault()
      box.querySelector('dialog').close('save')
    }
  })

  const { numbers = [], current: last } = kept()
  for (const number of [1, 2, 3]) if (number === 1 || numbers.includes(number)) add(number)
  show(shells.has(last) ? last : 1)
}

if (box && window.Terminal && 'WebSocket' in window) start()
