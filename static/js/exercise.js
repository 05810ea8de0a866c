/** A hiring exercise in the browser: its time, which can be hidden, alerts, how long ago something was saved, and notes that save themselves. */
;(() => {
  const minuteMs = 60_000
  const thresholds = [30, 15, 5]

  let endsAt = Number.POSITIVE_INFINITY
  let leftWhenStopped
  let told
  let read

  /** What the server said last; drawn anew it says something else. */
  function readClock() {
    const clock = document.querySelector('.exercise-clock')
    if (!clock || read === clock.outerHTML) return
    read = clock.outerHTML
    const { leftMs, running, state, href, nowMs } = clock.dataset
    if (nowMs) aheadMs = Number(nowMs) - Date.now()
    const here = location.pathname
    // A break, a pause or an end that began elsewhere.
    if (state === 'over' || (state === 'break' && here !== href)) return void location.assign(href)
    const shown = document.querySelector('[data-shown-state]')?.dataset.shownState
    if (shown !== undefined && shown !== state && here === href) return void location.reload()
    if (leftMs === undefined) return
    leftWhenStopped = running === 'true' ? undefined : Number(leftMs)
    // Not performance.now(), which may stand still while the computer sleeps.
    endsAt = Date.now() + Number(leftMs)
    told ??= new Set(thresholds.filter((minutes) => Number(leftMs) <= minutes * minuteMs))
    // Time that was given is time for the alerts, too.
    for (const minutes of [...told]) if (Number(leftMs) > (minutes + 1) * minuteMs) told.delete(minutes)
    tick()
  }

  function tick() {
    const leftMs = leftWhenStopped ?? endsAt - Date.now()
    if (leftMs === Number.POSITIVE_INFINITY) return
    const clock = document.querySelector('.exercise-clock')
    if (!clock) return
    if (leftMs <= 0) {
      endsAt = Number.POSITIVE_INFINITY
      return void location.assign(clock.dataset.href)
    }
    const count = clock.querySelector('.exercise-count')
    if (count) count.textContent = inWords(leftMs)
    for (const minutes of thresholds) {
      if (leftMs > minutes * minuteMs || told.has(minutes)) continue
      told.add(minutes)
      const place = document.getElementById('exercise-alert')
      if (place) place.textContent = t('{n} minutes left.', { n: minutes })
    }
  }

  function inWords(ms) {
    const seconds = Math.ceil(ms / 1000)
    if (seconds < 60) return t('{n} s', { n: seconds })
    const minutes = Math.floor(seconds / 60)
    return minutes < 60
      ? t('{minutes} min {seconds} s', { minutes, seconds: seconds % 60 })
      : t('{hours} h {minutes} min', { hours: Math.floor(minutes / 60), minutes: minutes % 60 })
  }

  // ---------- hidden time: the alerts come all the same ----------

  const hide = document.getElementById('exercise-hide')
  function showTime(isHidden) {
    document.documentElement.classList.toggle('is-time-hidden', isHidden)
    if (hide) hide.textContent = isHidden ? t('Show the time') : t('Hide the time')
  }
  if (hide) {
    hide.hidden = false
    showTime(sessionStorage.getItem('exercise-time') === 'hidden')
    hide.addEventListener('click', () => {
      const isHidden = !document.documentElement.classList.contains('is-time-hidden')
      sessionStorage.setItem('exercise-time', isHidden ? 'hidden' : 'shown')
      showTime(isHidden)
    })
  }

  // ---------- how long ago something was saved ----------

  let savedAt
  document.addEventListener('podium:saved', () => {
    savedAt = Date.now()
    tellSaved()
  })
  function tellSaved() {
    const place = document.getElementById('exercise-saved')
    if (!place || savedAt === undefined) return
    const seconds = Math.round((Date.now() - savedAt) / 1000)
    place.textContent =
      seconds < 60 ? t('saved {n} s ago', { n: seconds }) : t('saved {n} min ago', { n: Math.floor(seconds / 60) })
  }

  // ---------- what could not be sent is kept in this browser, and sent when the network is back ----------

  /**
   * What was typed last, by where it goes: to its address, and of files by their names. Each has a key of its own: of tabs that read, changed and
   * wrote a common one, the last would undo the others.
   */
  const outboxPrefix = `exercise-outbox:${location.pathname.split('/').slice(0, 3).join('/')} `
  const readKept = (key) => JSON.parse(localStorage.getItem(outboxPrefix + key) ?? 'null')
  const keysKept = () =>
    Object.keys(localStorage)
      .filter((name) => name.startsWith(outboxPrefix))
      .map((name) => name.slice(outboxPrefix.length))
  /** The server's clock, as this page knows it. */
  let aheadMs = 0
  const serverNow = () => Math.round(Date.now() + aheadMs)

  /** @returns by which it is known whether something newer has taken its place; undefined where the browser keeps nothing */
  function keep(key, url, fields) {
    const begunAtMs = serverNow()
    const id = `${begunAtMs} ${Math.random()}`
    try {
      localStorage.setItem(outboxPrefix + key, JSON.stringify({ url, fields, id, begunAtMs }))
      return id
    } catch {
      // It is full, or forbidden: what is typed is sent all the same.
      return undefined
    }
  }
  function drop(key, id) {
    // Typed on meanwhile: the newer text goes next.
    if (id !== undefined && readKept(key)?.id === id) localStorage.removeItem(outboxPrefix + key)
  }
  function tellOutbox(text) {
    savedAt = undefined
    const place = document.getElementById('exercise-saved')
    if (place) place.textContent = text
  }
  const tellKept = () => tellOutbox(t('kept in this browser: the server cannot be reached'))

  document.addEventListener('podium:unsaved', ({ detail: { url, file, seen, content } }) => {
    const key = `${url} ${file}`
    // What it was typed on is what the server had when the network went.
    keep(key, url, { file, seen: readKept(key)?.fields.seen ?? seen, content })
    tellKept()
  })

  /** A server, or a proxy before it, that is asked again later. */
  const isAway = ({ status }) => status >= 500 || status === 429

  let sending = false
  async function sendOutbox() {
    if (sending) return
    const [[key, one] = []] = keysKept()
      .map((key) => [key, readKept(key)])
      .filter(([, one]) => one)
      .sort(([, a], [, b]) => a.begunAtMs - b.begunAtMs)
    if (!one) return
    sending = true
    try {
      const { url, fields, id, begunAtMs } = one
      const csrf = document.querySelector('[name=_csrf]')?.value ?? ''
      const response = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams([['_csrf', csrf], ...(Array.isArray(fields) ? fields : Object.entries(fields))]),
        headers: { 'HX-Request': 'true', 'X-Begun-At': String(begunAtMs) },
        redirect: 'manual',
      })
      // A server that is not well is asked again.
      if (isAway(response)) return
      drop(key, id)
      if (response.ok) {
        const form = document.querySelector('[data-autosave]')?.form
        const version = response.headers.get('X-Draft-Version')
        if (version && form?.elements.file.value === fields.file) form.elements.seen.value = `${version}.${version}`
        document.dispatchEvent(new CustomEvent('podium:saved'))
      } else if (response.status === 409)
        tellOutbox(t('saved among the earlier texts: another tab had changed the file'))
      else tellOutbox(t('not saved: it came after the end'))
    } catch {
      // Still away.
    } finally {
      sending = false
    }
  }

  // ---------- notes save themselves ----------

  let waiting
  document.addEventListener('input', ({ target }) => {
    if (target.dataset?.notes === undefined) return
    clearTimeout(waiting)
    waiting = setTimeout(() => keepNotes(target.form), 900)
  })
  async function keepNotes({ action, elements }) {
    // First kept, then sent: whatever becomes of the browser or of the server meanwhile.
    const url = new URL(action).pathname
    const id = keep(url, url, { do: 'note', text: elements.text.value })
    const body = new URLSearchParams({ _csrf: elements._csrf.value, do: 'note', text: elements.text.value })
    try {
      const response = await fetch(url, { method: 'POST', body, headers: { 'HX-Request': 'true' } })
      if (isAway(response)) return tellKept()
      drop(url, id)
      if (response.ok) document.dispatchEvent(new CustomEvent('podium:saved'))
      else tellOutbox(t('Not saved: the server refused it'))
    } catch {
      tellKept()
    }
  }

  // ---------- answers: kept until the server has answered ----------

  const answerOf = (form) => /\/questions\/[^?]*\/answer$/.exec(new URL(form.action).pathname)?.[0]
  /** Those that are on their way, by form. */
  const underWay = new WeakMap()
  document.addEventListener(
    'submit',
    ({ target, submitter }) => {
      if (!answerOf(target)) return
      const url = new URL(target.action).pathname
      const fields = [...new FormData(target, submitter)].filter(
        ([name, value]) => name !== '_csrf' && typeof value === 'string',
      )
      underWay.set(target, { url, id: keep(url, url, fields) })
    },
    true,
  )
  document.addEventListener('htmx:after:request', ({ detail: { ctx } }) => {
    const sent = underWay.get(ctx.sourceElement)
    if (!sent) return
    underWay.delete(ctx.sourceElement)
    if (isAway(ctx.response)) return tellKept()
    drop(sent.url, sent.id)
    if (ctx.response.status < 400) document.dispatchEvent(new CustomEvent('podium:saved'))
  })
  document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
    if (ctx && underWay.has(ctx.sourceElement)) tellKept()
  })

  // ---------- an answer saves itself: nobody loses one who goes on, or whose time ends, without the button ----------

  let unsaved
  const saveIn =
    (ms) =>
    ({ target }) => {
      const form = target.closest?.('form[data-keeps]')
      if (!form) return
      clearTimeout(unsaved)
      unsaved = setTimeout(() => keepAnswer(form), ms)
    }
  // A choice at once; a text when it is left, or nothing was typed for a while.
  document.addEventListener('change', saveIn(0))
  document.addEventListener('input', saveIn(3000))
  // Steps that are put into another order are drawn anew, and saved then.
  let isMoved = false
  document.addEventListener('submit', ({ submitter }) => {
    clearTimeout(unsaved)
    isMoved = /^(up|down):/.test(submitter?.value ?? '')
  })
  document.addEventListener('htmx:after:swap', () => {
    const form = document.querySelector('form[data-keeps]')
    if (isMoved && form) keepAnswer(form)
    isMoved = false
  })

  async function keepAnswer(form) {
    const url = new URL(form.action).pathname
    const fields = [...new FormData(form), ['do', 'answer']].filter(
      ([name, value]) => name !== '_csrf' && typeof value === 'string',
    )
    const id = keep(url, url, fields)
    const body = new URLSearchParams([['_csrf', form.elements._csrf.value], ...fields])
    try {
      // The page may be left meanwhile.
      const response = await fetch(url, { method: 'POST', body, headers: { 'HX-Request': 'true' }, keepalive: true })
      if (isAway(response)) return tellKept()
      drop(url, id)
      if (response.ok) document.dispatchEvent(new CustomEvent('podium:saved'))
      else tellOutbox(response.status === 422 ? t('Not complete yet') : t('Not saved: the server refused it'))
    } catch {
      tellKept()
    }
  }

  window.addEventListener('online', sendOutbox)

  readClock()
  sendOutbox()
  setInterval(sendOutbox, 3000)
  setInterval(() => {
    tick()
    tellSaved()
  }, 1000)
  document.addEventListener('htmx:after:swap', readClock)
})()
