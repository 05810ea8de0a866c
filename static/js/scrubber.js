/** A slider over a cluster's history: it says where it stands, goes where its track is clicked, and is not pulled back by late answers. */

function printClock(ms) {
  const tenths = Math.floor(ms / 100)
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0')
  const minutes = Math.floor(tenths / 600)
  if (minutes < 60) return `${minutes}:${seconds}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${seconds}`
}

/** A slider counts milliseconds unless it says otherwise, and may reach a little beyond the end. */
function scaleOf(slider) {
  const unitMs = Number(slider.dataset.unit ?? 1)
  return { unitMs, endMs: Number(slider.dataset.end ?? slider.max * unitMs) }
}

function sayMoment(slider) {
  const { unitMs, endMs } = scaleOf(slider)
  const at = printClock(Math.min(slider.value * unitMs, endMs))
  slider.setAttribute('aria-valuetext', t('{at} of {end}', { at, end: printClock(endMs) }))
  const output = slider.form.querySelector('output')
  if (output) output.textContent = at
}

/** Where somebody moved it to, until that moment is shown. */
let wanted

document.addEventListener('input', ({ target }) => {
  if (target.id !== 'moment') return
  wanted = target.value
  sayMoment(target)
})

document.addEventListener('click', ({ target, clientX }) => {
  if (target.closest?.('button, a')) wanted = undefined
  const track = target.closest?.('[data-track]')
  const slider = document.getElementById('moment')
  if (!track || !slider) return
  const { left, width } = track.getBoundingClientRect()
  const { unitMs, endMs } = scaleOf(slider)
  slider.value = (((clientX - left) / width) * endMs) / unitMs
  slider.dispatchEvent(new Event('input', { bubbles: true }))
  slider.dispatchEvent(new Event('change', { bubbles: true }))
})

document.addEventListener('htmx:after:swap', () => {
  const slider = document.getElementById('moment')
  if (!slider || 'live' in slider.dataset) return
  if (wanted === undefined || wanted === slider.getAttribute('value')) {
    wanted = undefined
    slider.value = slider.getAttribute('value')
  } else {
    // An answer to where it stood before: the next one is on its way.
    slider.value = wanted
    sayMoment(slider)
  }
})

// ---------- who goes to a moment wants to see the cluster then ----------

document.addEventListener(
  'change',
  ({ target }) => {
    if (target.id === 'moment') document.getElementById('run-cluster')?.setAttribute('open', '')
  },
  { once: true },
)
