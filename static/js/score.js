/** A reviewer's sheet in the browser: digits choose a level, and what is typed is kept. */
;(() => {
  const form = document.querySelector('form[data-score]')
  if (!form) return
  const place = document.getElementById('score-saved')
  const waiting = new Map()
  let turn = Promise.resolve()

  form.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === undefined) return
    if (event.target.closest('textarea, input:not([type=radio])') || !/^[1-5]$/.test(event.key)) return
    const radio = event.target.closest('[data-dimension]')?.querySelector(`input[type=radio][value="${event.key}"]`)
    if (!radio) return
    event.preventDefault()
    radio.checked = true
    radio.focus()
    radio.dispatchEvent(new Event('input', { bubbles: true }))
  })

  form.addEventListener('input', ({ target }) => {
    const dimension = target.closest('[data-dimension]')
    if (!dimension) return
    place.textContent = t('Saving…')
    clearTimeout(waiting.get(dimension))
    waiting.set(
      dimension,
      setTimeout(() => {
        waiting.delete(dimension)
        // One after the other, so that the last one typed is the last one kept.
        turn = turn.then(() => keep(dimension))
      }, 700),
    )
  })

  async function keep(dimension) {
    const body = new URLSearchParams({ do: 'save', _csrf: form.elements._csrf.value })
    for (const one of dimension.querySelectorAll('textarea, input:checked')) body.set(one.name, one.value)
    try {
      const { ok, status } = await fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true' } })
      if (status === 409) return location.reload()
      if (waiting.size === 0) place.textContent = ok ? t('Saved') : t('Not saved: the server refused it')
    } catch {
      place.textContent = t('Not saved: the server cannot be reached')
      // What was typed is there still: it is tried again.
      setTimeout(() => {
        if (!waiting.has(dimension)) turn = turn.then(() => keep(dimension))
      }, 4000)
    }
  }

  // What waits is kept before the page is left.
  addEventListener('beforeunload', (event) => {
    if (waiting.size > 0) event.preventDefault()
  })
  form.addEventListener('submit', () => {
    for (const timer of waiting.values()) clearTimeout(timer)
    waiting.clear()
  })
})()
