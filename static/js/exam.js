/** The clock of a mock exam, told at 30, 15 and 5 minutes, and answers that save themselves. The server decides what is in time. */

const minuteMs = 60_000
const thresholds = [30, 15, 5]

let endsAt = Number.POSITIVE_INFINITY
let told = new Set(thresholds)

/** What was read last, and of which element: where another part of the page was drawn anew, it is as old as it was. */
let read

function readClock(isFirst) {
  const exam = document.getElementById('exam')
  const now = exam?.dataset.leftMs
  if (now === undefined || (read?.exam === exam && read.leftMs === now)) return
  read = { exam, leftMs: now }
  // Not performance.now(), which may stand still while the computer sleeps.
  endsAt = Date.now() + Number(exam.dataset.leftMs)
  if (isFirst) told = new Set(thresholds.filter((minutes) => Number(exam.dataset.leftMs) <= minutes * minuteMs))
}

function tickExam() {
  const leftMs = endsAt - Date.now()
  if (leftMs === Number.POSITIVE_INFINITY) return
  const exam = document.getElementById('exam')
  if (exam?.dataset.over === undefined) return
  if (leftMs <= 0) {
    endsAt = Number.POSITIVE_INFINITY
    location.href = exam.dataset.over
    return
  }
  const clock = document.getElementById('exam-clock')
  if (clock) clock.textContent = inWords(leftMs)
  for (const minutes of thresholds) {
    if (leftMs > minutes * minuteMs || told.has(minutes)) continue
    told.add(minutes)
    const place = document.getElementById('exam-alert')
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

readClock(true)
setInterval(tickExam, 1000)
document.addEventListener('htmx:after:swap', () => readClock(false))

// ---------- answers save themselves ----------

let unsaved
const keepIn = (ms) => (event) => {
  const form = event.target.closest?.('form[data-keep]')
  if (!form) return
  clearTimeout(unsaved)
  unsaved = setTimeout(() => keepAnswer(form), ms)
}
document.addEventListener('change', keepIn(150))
document.addEventListener('input', keepIn(700))
document.addEventListener('submit', () => clearTimeout(unsaved))

async function keepAnswer(form) {
  const body = new URLSearchParams(new FormData(form))
  body.set('do', 'keep')
  const place = document.getElementById('saved')
  // Until the answer comes, the page does not know what is saved.
  form.elements.saved.value = ''
  try {
    const response = await fetch(form.action, { method: 'POST', body })
    if (response.status === 410) location.href = document.getElementById('exam').dataset.over ?? location.href
    if (response.ok) form.elements.saved.value = await response.text()
    if (!place) return
    if (response.ok) place.textContent = t('Saved')
    else place.textContent = response.status === 422 ? t('Not complete yet') : t('Not saved: the server refused it')
  } catch {
    if (place) place.textContent = t('Not saved: the server cannot be reached')
  }
}
