/** What plain forms cannot do: keys, drafts that save themselves, and focus on what a swap brought. */

/** A text in the page's language, its `{name}` filled in. The page brings those of `server/i18n/<locale>/browser.yaml`. */
const texts = JSON.parse(document.getElementById('texts')?.textContent ?? '{}')
window.t = (text, values = {}) => (texts[text] ?? text).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all)

const token = () => document.querySelector('input[name="_csrf"]')?.value ?? ''

// ---------- what was unfolded stays so when it is drawn again ----------

const unfolded = new Set()
document.addEventListener(
  'toggle',
  ({ target }) => target.id && unfolded[target.open ? 'add' : 'delete'](target.id),
  true,
)
document.addEventListener('htmx:after:swap', () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute('open', '')
})

// ---------- focus goes to the result of a swap ----------

document.addEventListener('htmx:after:swap', ({ detail }) => {
  // What comes by itself leaves the focus, and what is being typed, alone.
  const source = detail.ctx.sourceElement
  const isAside = source?.id === 'feed' || source?.getAttribute?.('hx-trigger')?.startsWith('intersect')
  if (!isAside) {
    document.querySelector('main [data-focus]:not([data-focused])')?.focus()
    for (const element of document.querySelectorAll('[data-focus]')) element.setAttribute('data-focused', '')
  }
  // The editor, which is told of the swap after this, puts the focus back by itself.
  queueMicrotask(() => {
    if (document.activeElement === document.body && held && !held.element.isConnected) refocus(held)
    // A line that was sent stays for a change, and the next one takes its place when it is typed.
    if (!isAside && document.activeElement?.id === 'line') document.activeElement.select()
  })
})

/** What has the focus, and how it is found when it is drawn again: by its own attributes, else the nearest part that it stood in. */
let held
document.addEventListener('focusin', ({ target }) => {
  const places = []
  for (let place = target.closest('[id]'); place; place = place.parentElement?.closest('[id]')) places.push(place.id)
  const own = ['id', 'name', 'value', 'href'].flatMap((name) => {
    const value = target.getAttribute(name)
    return value ? [`[${name}="${CSS.escape(value)}"]`] : []
  })
  held = { element: target, same: own.length > 0 && `${target.localName}${own.join('')}`, places }
})
// Whoever leaves it, as by a click beside it, is not led back.
document.addEventListener('focusout', ({ target }) =>
  setTimeout(() => {
    if (held?.element === target && target.isConnected && document.activeElement !== target) held = undefined
  }),
)

function refocus({ same, places }) {
  const again = same ? document.querySelector(same) : null
  if (again?.checkVisibility()) return again.focus()
  const part = places.map((id) => document.getElementById(id)).find((place) => place?.checkVisibility())
  if (!part) return
  if (!part.hasAttribute('tabindex')) part.setAttribute('tabindex', '-1')
  part.focus({ preventScroll: true })
}

// A form that was sent and is refused leads to the first control to fix; one that was only changed leaves the focus.
document.addEventListener('htmx:after:swap', ({ target, detail }) => {
  if (detail.ctx.sourceEvent?.type === 'submit') target.querySelector?.('[aria-invalid="true"]')?.focus()
})

// A result that is a page of its own.
const resultHeading = document.querySelector('main h1[data-focus]')
resultHeading?.focus({ preventScroll: true })
resultHeading?.setAttribute('data-focused', '')
// And a form that is sent back as one.
if (!resultHeading) document.querySelector('main [aria-invalid="true"]')?.focus()

// A problem that was told is over with the next request.
document.addEventListener('htmx:before:request', () => document.getElementById('page-problem')?.replaceChildren())

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button, a[hx-get]')
  if (button?.getAttribute('aria-disabled') === 'true') event.preventDefault()
})

// ---------- what needs script is shown by it ----------

function showNeedsScript() {
  for (const element of document.querySelectorAll('.needs-script[hidden]')) element.hidden = false
}
showNeedsScript()
document.addEventListener('htmx:after:swap', showNeedsScript)

// ---------- what only a screen reader tells ----------

/** A place whose text is read out when it changes; where it stands is for who asks for it to say. */
// biome-ignore lint/correctness/noUnusedVariables: the scripts of the desk, of time and of steps call it
function statusPlace() {
  const place = document.createElement('p')
  place.className = 'visually-hidden'
  place.setAttribute('role', 'status')
  return place
}

// ---------- copies ----------

const copiedMs = 4000
document.addEventListener('click', async ({ target }) => {
  const button = target.closest?.('[data-copy]')
  const source = button && document.getElementById(button.dataset.copy)
  if (!source) return
  const isField = 'value' in source
  const label = button.firstChild
  const before = label.data
  try {
    await navigator.clipboard.writeText(isField ? source.value : source.textContent.trim())
    label.data = t('Copied')
  } catch {
    // Over plain HTTP there is no clipboard: it is selected instead, for the keys that copy.
    if (isField) source.select()
    else getSelection().selectAllChildren(source)
    label.data = t('Select it and copy by hand')
  }
  setTimeout(() => {
    label.data = before
  }, copiedMs)
})

document.addEventListener('click', ({ target }) => target.closest?.('[data-print]') && print())

// ---------- drafts ----------

let waiting
document.addEventListener('input', (event) => {
  const editor = event.target
  if (!editor.dataset?.autosave) return
  clearTimeout(waiting)
  say(t('Not saved yet'))
  waiting = setTimeout(() => {
    // One after the other: each says what the one before it has saved.
    saving = saving.then(() => save(editor))
  }, 900)
})

let saving = Promise.resolve()
let underWay = 0

// What is sent while a draft is on its way would know an older text than the one that is being saved.
document.addEventListener(
  'submit',
  (event) => {
    const form = event.target
    if (underWay === 0 || !form.querySelector('[data-autosave]')) return
    event.preventDefault()
    event.stopImmediatePropagation()
    clearTimeout(waiting)
    saving.then(() => form.requestSubmit(event.submitter))
  },
  true,
)

// What is sent carries the text; saved after it, a file that was reset would be what it was before.
document.addEventListener('submit', ({ target }) => target.querySelector('[data-autosave]') && clearTimeout(waiting))

async function save(editor) {
  const form = editor.closest('form')
  const { file, seen } = form.elements
  const conflict = document.getElementById('draft-conflict')
  if (conflict?.firstElementChild) return say(t('Not saved: choose one of the two texts first'), true)
  const body = new URLSearchParams({ _csrf: token(), file: file.value, seen: seen.value, content: editor.value })
  const sent = file.value
  underWay++
  try {
    const response = await fetch(editor.dataset.autosave, { method: 'POST', body, headers: { 'HX-Request': 'true' } })
    if (response.status === 409 && conflict) {
      conflict.innerHTML = await response.text()
      return say(t('Not saved: choose one of the two texts first'), true)
    }
    if (response.status >= 500 || response.status === 429) throw new Error('it is asked again')
    const version = response.headers.get('X-Draft-Version')
    if (version && file.value === sent) seen.value = `${version}.${version}`
    if (response.ok) say(t('Saved at {at}', { at: timeNow() }))
    else say(t('Not saved: the server refused it'), true)
    if (response.ok) document.dispatchEvent(new CustomEvent('podium:saved'))
  } catch {
    say(t('Not saved: the server cannot be reached'), true)
    // Whoever keeps it until the network is back says so.
    const detail = { url: editor.dataset.autosave, file: sent, seen: seen.value, content: editor.value }
    document.dispatchEvent(new CustomEvent('podium:unsaved', { detail }))
  } finally {
    underWay--
  }
}

/** As people write it who read the page's language, in the reader's own country where it is spoken there. */
function timeNow() {
  const { lang } = document.documentElement
  const own = navigator.languages.find((tag) => tag.split('-')[0] === lang.split('-')[0])
  return new Date().toLocaleTimeString(own ?? lang)
}

/** @param isProblem only then a screen reader is told at once: that all is well nobody has to hear after each letter */
function say(text, isProblem = false) {
  const place = document.getElementById('saved')
  if (!place) return
  if (isProblem) place.setAttribute('role', 'alert')
  else place.removeAttribute('role')
  place.textContent = text
}

/** What this tab keeps. Nothing where the browser has storage blocked: even to look at it throws then. */
const tabStorage = {
  get(key) {
    try {
      return sessionStorage.getItem(key)
    } catch {
      return null
    }
  },
  /** @param text null forgets it */
  set(key, text) {
    try {
      if (text === null) sessionStorage.removeItem(key)
      else sessionStorage.setItem(key, text)
    } catch {
      // It is a convenience that is missing, and the page works without.
    }
  },
}

// Demos are not stored on the server: their changed manifests stay in this tab.
document.addEventListener('input', (event) => {
  const key = event.target.dataset?.draft
  if (key) tabStorage.set(key, event.target.value)
})
for (const area of document.querySelectorAll('textarea[data-draft]')) {
  const kept = tabStorage.get(area.dataset.draft)
  if (kept !== null && area.value === area.defaultValue) area.value = kept
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('[data-fresh]')
  if (link) tabStorage.set(link.dataset.fresh, null)
})

// ---------- another language: the same place of the page, and what was filled in ----------

const controlsOf = () =>
  document.querySelectorAll(
    'main :is(input:not([type="hidden"], [type="file"], [type="password"]), select, textarea)[name]',
  )
const marksOf = () => [...document.querySelectorAll('main :is(h1, h2, h3, [id])')]

document.addEventListener('click', ({ target }) => {
  const link = target.closest?.('a[data-language]')
  if (!link) return
  // Parts of the page may have been swapped since it came, and its address with them.
  const address = new URL(location.href)
  address.searchParams.set('lang', new URL(link.href).searchParams.get('lang'))
  link.href = address.pathname + address.search
  const marks = marksOf()
  const above = marks.findLastIndex((mark) => mark.getBoundingClientRect().top <= 8)
  const filled = [...controlsOf()].map((control) =>
    /^(radio|checkbox)$/.test(control.type) ? control.checked : control.value,
  )
  const place = { at: location.pathname + location.search, above, top: marks[above]?.getBoundingClientRect().top }
  tabStorage.set('place', JSON.stringify({ ...place, filled }))
})

const place = JSON.parse(tabStorage.get('place') ?? 'null')
tabStorage.set('place', null)
if (place?.at === location.pathname + location.search) {
  const controls = controlsOf()
  if (controls.length === place.filled.length)
    for (const [n, control] of controls.entries())
      if (typeof place.filled[n] === 'boolean') control.checked = place.filled[n]
      else if (!control.dataset.yaml || control.value === control.defaultValue) control.value = place.filled[n]
  const mark = marksOf()[place.above]
  if (mark) scrollBy({ top: mark.getBoundingClientRect().top - place.top, behavior: 'instant' })
}

// ---------- the editor comes when somebody begins to type, and is there from the start where typing is the task ----------

document.addEventListener('focusin', ({ target }) => {
  const { editor } = document.body.dataset
  if (!target.matches?.('textarea[data-yaml]') || document.querySelector(`script[src="${editor}"]`)) return
  const script = document.createElement('script')
  script.src = editor
  document.head.append(script)
})

// ---------- keys ----------

/** Over the page, so that nobody loses their place; closed by Esc and by its button, with the focus back where it was. */
async function showKeys() {
  if (document.getElementById('sheet')) return
  const response = await fetch('/help', { headers: { 'HX-Request': 'true' } })
  if (!response.ok) {
    location.href = '/help'
    return
  }
  const sheet = document.createElement('dialog')
  sheet.id = 'sheet'
  sheet.className = 'sheet'
  sheet.setAttribute('aria-labelledby', 'sheet-title')
  const form = document.createElement('form')
  form.method = 'dialog'
  form.innerHTML = await response.text()
  sheet.append(form)
  sheet.addEventListener('close', () => sheet.remove())
  document.body.append(sheet)
  sheet.showModal()
}

/** In a round of practice what is chosen is the answer: by its key or the pointer. Arrow keys only walk through the options. */
function sendQuick(form) {
  if (!form?.matches('[data-quick]') || form.dataset.sent || !form.querySelector('input[type="radio"]:checked')) return
  form.dataset.sent = 'yes'
  form.requestSubmit(form.querySelector('[data-submit]'))
}

document.addEventListener('click', ({ target, detail }) => {
  // What a click chooses is chosen once all have heard of it. One by the keyboard counts no clicks.
  if (detail > 0 && target.closest?.('[data-quick] .option')) setTimeout(() => sendQuick(target.closest('form')))
})

/**
 * Beside a terminal a letter is a key of the page only when it stands alone: who types a command while the terminal has not the focus would
 * be led away by its first letters.
 */
const aloneMs = 300
let lone
let lastKeyMs = Number.NEGATIVE_INFINITY
function alone(act) {
  if (!document.querySelector('[data-terminal]')) act()
  else if (performance.now() - lastKeyMs > aloneMs) lone = setTimeout(act, aloneMs)
}
document.addEventListener('keydown', () => clearTimeout(lone), true)
addEventListener('keydown', () => {
  lastKeyMs = performance.now()
})

document.addEventListener('keydown', (event) => {
  // An editor has its own keys, and has done what this one says.
  if (event.defaultPrevented) return
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.('form')
    const button = form?.querySelector('[data-apply], [data-run]')
    if (button) {
      event.preventDefault()
      form.requestSubmit(button)
    }
    return
  }
  if (!('keys' in document.body.dataset) || event.ctrlKey || event.metaKey || event.altKey) return
  const isTyping =
    event.target.isContentEditable ||
    event.target.matches?.('textarea, select, input:not([type="radio"]):not([type="checkbox"])')
  if (isTyping) return
  if (event.key === '?') showKeys()
  else if (event.key === '/') {
    event.preventDefault()
    location.href = '/search'
  } else if (event.key === 'h' && !document.querySelector('input[data-key="h"]'))
    document.querySelector('[data-hint]')?.focus()
  else if (event.key === 'n') alone(() => document.querySelector('[data-next]')?.click())
  else if (event.key === 'p') alone(() => document.querySelector('[data-prev]')?.click())
  else if (event.key === 'Enter' && event.target.matches?.('input')) {
    const button = event.target.closest('form')?.querySelector('[data-submit]')
    if (button) {
      event.preventDefault()
      event.target.form.requestSubmit(button)
    }
  } else if (event.key === 'Enter' && event.target.matches?.('[data-leads]'))
    document.querySelector('[data-next]')?.click()
  else if (/^[a-h]$/.test(event.key)) {
    const option = document.querySelector(`input[data-key="${event.key}"]`)
    if (option) {
      option.focus()
      option.click()
      sendQuick(option.form)
    } else if (event.key === 'f') alone(() => document.querySelector('[data-flag]')?.click())
  }
})
