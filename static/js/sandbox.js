/** What the sandbox page cannot do by plain forms: a clock that ticks between two looks, copies, files. It stands after scrubber.js, whose functions it calls. */

// ---------- the clock goes on by itself, and is set right by each look ----------

let base = { text: '', atMs: 0, seenMs: 0 }

function tick() {
  const clock = document.querySelector('[data-clock]')
  if (!clock || clock.dataset.clock === '' || document.hidden) return
  const text = `${clock.dataset.clock} ${clock.dataset.speed}`
  if (text !== base.text) base = { text, atMs: Number(clock.dataset.clock), seenMs: performance.now() }
  const nowMs = base.atMs + (performance.now() - base.seenMs) * Number(clock.dataset.speed)
  clock.querySelector('.clock-face').textContent = printClock(nowMs)
  const slider = document.getElementById('moment')
  if (slider && 'live' in slider.dataset && document.activeElement !== slider) {
    slider.max = Math.floor(nowMs / slider.step) * slider.step
    slider.value = slider.max
    sayMoment(slider)
  }
}
setInterval(tick, 100)

// ---------- copies ----------

document.addEventListener('click', async ({ target }) => {
  const button = target.closest?.('[data-copy]')
  if (!button) return
  const text = document.getElementById(button.dataset.copy)?.textContent.trim() ?? ''
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = t('Copied')
  } catch {
    button.textContent = t('Select it and copy by hand')
  }
})

// ---------- a file's text goes into its field ----------

document.addEventListener('change', async ({ target }) => {
  const field = document.getElementById(target.dataset?.into ?? '')
  const file = target.files?.[0]
  if (field && file) field.value = await file.text()
})

// ---------- who follows a Pod from the picture is led to what is told of it ----------

document.addEventListener('htmx:after:swap', ({ detail }) => {
  if (detail.ctx.sourceElement?.closest?.('.cluster')) document.getElementById('object-title')?.focus()
})

// ---------- what needs script is shown by it ----------

const show = () => {
  for (const element of document.querySelectorAll('.needs-script[hidden]')) element.hidden = false
}
show()
document.addEventListener('htmx:after:swap', show)
