/** A desk's borders that can be moved, its dock's tabs, its parts on a phone, and the answer to an action where the eyes are. A sandbox has one too. */

const desk = document.getElementById('desk')
const isWide = matchMedia('(min-width: 75rem) and (min-height: 34rem)')

// ---------- what somebody chose is kept in the browser ----------

function kept() {
  try {
    return JSON.parse(localStorage.getItem('desk') ?? '{}') ?? {}
  } catch {
    return {}
  }
}

function keep(change) {
  try {
    localStorage.setItem('desk', JSON.stringify({ ...kept(), ...change }))
  } catch {
    // Nothing may be kept here: it holds until the page is left.
  }
}

// ---------- borders ----------

/** Where nothing is applied the terminal has another height than beside manifests. */
const dockSize = desk.matches('.is-answer-only, .is-without-files') ? 'shell' : 'dock'
/** Each says how large the part beside it is; `sign` is the direction that makes it larger. */
const bordersOfTask = [
  { name: 'rail', of: '.region.task', label: t('Width of the task'), isVertical: true, sign: 1, least: 208 },
  { name: 'side', of: '.region.cluster', label: t('Width of the cluster'), isVertical: true, sign: -1, least: 240 },
  { name: dockSize, of: '.region.dock', label: t('Height of the terminal'), isVertical: false, sign: -1, least: 96 },
]
const bordersOfSandbox = [
  { name: 'board', of: '.region.cluster', label: t('Width of the cluster'), isVertical: true, sign: 1, least: 320 },
]
const isSandbox = desk.classList.contains('is-sandbox')

function makeBorder({ name, of, label, isVertical, sign, least }) {
  const element = document.createElement('div')
  element.className = `desk-border is-${isVertical ? name : 'base'}`
  element.tabIndex = 0
  element.setAttribute('role', 'separator')
  element.setAttribute('aria-orientation', isVertical ? 'vertical' : 'horizontal')
  element.setAttribute('aria-label', label)
  const sizeNow = () => Math.round(desk.querySelector(of).getBoundingClientRect()[isVertical ? 'width' : 'height'])
  const most = () => Math.round((isVertical ? innerWidth * (isSandbox ? 0.6 : 0.45) : innerHeight * 0.7) || least)
  const tell = () => {
    element.setAttribute('aria-valuemin', String(least))
    element.setAttribute('aria-valuemax', String(most()))
    element.setAttribute('aria-valuenow', String(Math.max(least, Math.min(most(), sizeNow()))))
  }
  const set = (size, isKept = true) => {
    const wanted = size === undefined ? undefined : Math.max(least, Math.min(most(), Math.round(size)))
    const { style } = document.documentElement
    if (wanted === undefined) style.removeProperty(`--desk-${name}`)
    else style.setProperty(`--desk-${name}`, `${wanted}px`)
    if (isKept) keep({ sizes: { ...kept().sizes, [name]: wanted } })
    tell()
  }
  const [less, more] = isVertical ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
  element.addEventListener('keydown', (event) => {
    const step = (event.shiftKey ? 96 : 24) * sign
    if (event.key === less) set(sizeNow() - step)
    else if (event.key === more) set(sizeNow() + step)
    else if (event.key === 'Home') set(least)
    else if (event.key === 'End') set(most())
    else if (event.key === 'Enter') set(undefined)
    else return
    event.preventDefault()
  })
  element.addEventListener('pointerdown', (event) => {
    const from = isVertical ? event.clientX : event.clientY
    const size = sizeNow()
    element.setPointerCapture(event.pointerId)
    element.classList.add('is-moved')
    const move = (moved) => set(size + sign * ((isVertical ? moved.clientX : moved.clientY) - from), false)
    const end = () => {
      element.removeEventListener('pointermove', move)
      element.classList.remove('is-moved')
      set(sizeNow())
    }
    element.addEventListener('pointermove', move)
    element.addEventListener('lostpointercapture', end, { once: true })
    event.preventDefault()
    element.focus()
  })
  element.addEventListener('dblclick', () => set(undefined))
  desk.append(element)
  tell()
  addEventListener('resize', tell)
}

// ---------- the dock ----------

const dock = document.getElementById('dock')
const tabs = new Map()
/** There is one where the shell's script could begin. */
const hasTerminal = () => document.documentElement.classList.contains('has-terminal')
const allPanels = [...dock.querySelectorAll('.dock-panel')]
const panels = allPanels.filter((panel) => hasTerminal() || !panel.classList.contains('needs-terminal'))
const said = statusPlace()

function button(className, text) {
  const element = document.createElement('button')
  element.type = 'button'
  element.className = className
  element.textContent = text
  return element
}

function show(id) {
  for (const panel of panels) {
    const isIt = panel.id === id
    panel.classList.toggle('is-current', isIt)
    const tab = tabs.get(panel.id)
    tab.setAttribute('aria-selected', String(isIt))
    tab.tabIndex = isIt ? 0 : -1
  }
}

/** The tabs of panels that are all on the page. */
function makeTabs() {
  const bar = document.createElement('div')
  bar.className = 'dock-bar'
  const list = document.createElement('div')
  list.setAttribute('role', 'tablist')
  list.setAttribute('aria-label', dock.getAttribute('aria-label'))
  // A terminal that cannot begin gives way to the plain line.
  document.documentElement.classList.toggle('no-terminal', panels.length < allPanels.length)
  for (const panel of panels) {
    const tab = button('dock-tab', panel.querySelector('h2').textContent)
    tab.id = `tab-${panel.id}`
    tab.setAttribute('role', 'tab')
    tab.setAttribute('aria-controls', panel.id)
    tab.addEventListener('click', () => show(panel.id))
    panel.setAttribute('role', 'tabpanel')
    panel.setAttribute('aria-labelledby', tab.id)
    tabs.set(panel.id, tab)
    list.append(tab)
  }
  list.addEventListener('keydown', ({ key }) => {
    const all = [...tabs.values()]
    const at = all.indexOf(document.activeElement)
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[key]
    if (at < 0 || to === undefined) return
    const next = all.at(to % all.length)
    next.focus()
    next.click()
  })
  bar.append(list)
  dock.prepend(bar, said)
  show(panels[0].id)
  return bar
}

function makeDock() {
  // The views of a sandbox have addresses, and links for tabs.
  const bar = dock.querySelector('.dock-bar') ?? makeTabs()
  const full = button('dock-tool', t('Full screen'))
  full.setAttribute('aria-pressed', 'false')
  full.addEventListener('click', () => setFull(full, !desk.classList.contains('is-dock-full')))
  // Two Escapes in the terminal leave it.
  dock.addEventListener('leave-full', (event) => {
    if (!desk.classList.contains('is-dock-full')) return
    event.preventDefault()
    setFull(full, false)
  })
  // Elsewhere in the dock one Escape is enough, unless an editor or a field may want it.
  document.addEventListener('keydown', (event) => {
    const isElsewhere = !event.target.closest?.('[data-terminal], .cm-editor, input, textarea, dialog')
    if (event.key === 'Escape' && isElsewhere && desk.classList.contains('is-dock-full')) setFull(full, false)
  })
  bar.append(full)
}

/** What cannot be reached while the dock lies over the desk. */
let behind = []
/** The page's own heading is among that: this one stands for it. */
const heading = document.createElement('h1')
heading.className = 'visually-hidden'

function setFull(full, isFull) {
  desk.classList.toggle('is-dock-full', isFull)
  full.setAttribute('aria-pressed', String(isFull))
  for (const element of behind) element.inert = false
  behind = []
  heading.remove()
  if (isFull) {
    heading.textContent = desk.querySelector('h1')?.textContent.trim() ?? document.title
    for (let at = dock; at !== desk; at = at.parentElement)
      behind.push(...[...at.parentElement.children].filter((other) => other !== at && !other.inert))
    dock.prepend(heading)
  }
  for (const element of behind) element.inert = true
  // Who makes the terminal larger goes on typing into it.
  const typed = dock.querySelector('.terminal-screen textarea')
  if (typed?.checkVisibility()) typed.focus()
}

/** Where what was done is answered: in the terminal, which shows it as if it had been typed, in the output, or as a result. */
document.addEventListener('htmx:after:swap', () => {
  for (const answer of document.querySelectorAll('.dock [data-shows]:not([data-seen])')) {
    answer.setAttribute('data-seen', '')
    if (answer.dataset.shows) answerWith(answer)
  }
})

function answerWith(answer) {
  const { shows } = answer.dataset
  // Who wrote the line below the output reads its answer there.
  const line = document.activeElement?.closest('.desk-line')?.querySelector('input')
  if (line && shows === 'output') line.value = ''
  const isTyped = shows === 'output' && hasTerminal() && !line
  show(isTyped ? 'panel-terminal' : shows === 'result' ? 'panel-result' : 'panel-output')
  const isBrief = answer.querySelector('.verdict-score')?.parentElement ?? answer.querySelector('.verdict-word')
  const text = (isBrief ?? answer).textContent.replace(/\s+/g, ' ').trim()
  // What is wrong stands at the end of a long refusal.
  said.textContent = text.length > 400 ? `… ${text.slice(-400)}` : text
  if (!isWide.matches) {
    reveal('dock')
    scrollTo({ top: 0, behavior: 'instant' })
  }
  if (shows === 'output') play()
}

// ---------- after a command the cluster plays its next seconds, quickened ----------

/** Counts what was done: a play ends when something else is. */
let turn = 0

const playsNow = () => kept().plays !== false
const swapCluster = (text) =>
  window.htmx.swap({
    sourceElement: desk,
    target: document.getElementById('challenge-cluster'),
    text,
    swap: 'outerMorph',
  })

async function play() {
  const own = ++turn
  const form = document.getElementById('workspace')
  if (!playsNow() || document.querySelector('.cluster.is-then')) return
  const body = new URLSearchParams({ _csrf: form.elements._csrf.value, file: form.elements.file.value, do: 'play' })
  const response = await fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true' } }).catch(
    () => undefined,
  )
  // A clock that has come to its end, or a busy server: the cluster stays as it is, and says so.
  if (response?.status !== 200 || own !== turn) return
  const page = document.createElement('template')
  page.innerHTML = await response.text()
  const frames = page.content.querySelectorAll('[data-frame]')
  if (
    !(await playPictures(
      frames,
      (frame) => swapCluster(frame.innerHTML),
      () => own !== turn,
    ))
  )
    return
  const end = page.content.querySelector('[data-end]')
  if (!end) return
  await swapCluster(end.innerHTML)
  tellCluster()
}

/** What it came to, for who does not see the picture. */
function tellCluster() {
  const text = (query) => document.querySelector(`#challenge-cluster ${query}`)?.textContent.replace(/\s+/g, ' ').trim()
  said.textContent = [text('.clock-face'), text('.time-state'), text('.cluster-summary')].filter(Boolean).join('. ')
}

/** What was pressed: what it brings is told, or has the focus, once it is there. */
let wasPressed = ''
document.addEventListener(
  'submit',
  ({ submitter }) => {
    wasPressed = submitter?.name === 'do' ? submitter.value : ''
  },
  true,
)
document.addEventListener('htmx:after:swap', () => {
  const [, hint] = /^hint:(.+)$/.exec(wasPressed) ?? []
  // All parts of the answer are in place by then.
  if (/^(?:step|run\d+|settle|undo)$/.test(wasPressed)) setTimeout(tellCluster)
  else if (hint) document.getElementById(`hint-${hint}`)?.focus()
  wasPressed = ''
})

// Whatever else is done ends it: the answer to that shows the cluster as it is.
document.addEventListener('submit', () => turn++, true)
document.addEventListener('terminal:done', () => play())
document.addEventListener('change', ({ target }) => {
  if ('plays' in (target.dataset ?? {})) keep({ plays: target.checked })
})

function showPlays() {
  for (const box of document.querySelectorAll('[data-plays]')) {
    box.checked = playsNow()
    box.closest('label').hidden = false
  }
}

// ---------- the task, folded to a strip ----------

function fold(isFolded) {
  desk.classList.toggle('is-task-folded', isFolded)
  for (const toggle of document.querySelectorAll('.fold')) {
    toggle.setAttribute('aria-expanded', String(!isFolded))
    toggle.title = isFolded ? t('Show the task') : t('Fold the task')
    toggle.setAttribute('aria-label', toggle.title)
  }
}

document.addEventListener('click', ({ target }) => {
  if (!target.closest?.('.fold')) return
  const isFolded = !desk.classList.contains('is-task-folded')
  fold(isFolded)
  keep({ isTaskFolded: isFolded })
})

// ---------- on a phone the parts are tabs ----------

function reveal(part) {
  desk.dataset.part = part
  for (const link of document.querySelectorAll('.desk-parts [data-part]'))
    if (link.dataset.part === part) link.setAttribute('aria-current', 'true')
    else link.removeAttribute('aria-current')
}

document.querySelector('.desk-parts').addEventListener('click', (event) => {
  const link = event.target.closest('[data-part]')
  if (!link) return
  event.preventDefault()
  reveal(link.dataset.part)
  scrollTo({ top: 0, behavior: 'instant' })
  const part = document.querySelector(link.hash)
  part.tabIndex = -1
  part.focus({ preventScroll: true })
})

makeDock()
for (const border of isSandbox ? bordersOfSandbox : bordersOfTask) if (desk.querySelector(border.of)) makeBorder(border)
reveal(desk.dataset.part ?? 'task')
fold(kept().isTaskFolded === true)
showPlays()
document.addEventListener('htmx:after:swap', () => {
  fold(desk.classList.contains('is-task-folded'))
  showPlays()
})
