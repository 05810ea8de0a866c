/** The soft clock of a mock interview's question: it tells when two minutes are over, and nothing more. */
{
  const answerMs = 120_000
  let isTold = false

  // Kept in the tab, so that a reload does not give the time again.
  const startOf = (key) => {
    const kept = Number(sessionStorage.getItem(key))
    if (kept) return kept
    sessionStorage.setItem(key, String(Date.now()))
    return Date.now()
  }

  const inWords = (ms) => {
    const seconds = Math.floor(ms / 1000)
    if (seconds < 60) return t('{n} s', { n: seconds })
    return t('{minutes} min {seconds} s', { minutes: Math.floor(seconds / 60), seconds: seconds % 60 })
  }

  const tick = () => {
    const place = document.getElementById('interview')?.dataset.clock
    const clock = document.getElementById('interview-clock')
    const alert = document.getElementById('interview-alert')
    if (!place || !clock) {
      isTold = false
      if (alert?.textContent) alert.textContent = ''
      return
    }
    const passedMs = Date.now() - startOf(`interview:${place}`)
    clock.textContent = t('{span} of 2 min', { span: inWords(passedMs) })
    if (passedMs < answerMs || isTold) return
    isTold = true
    if (alert) alert.textContent = t('Two minutes are up. Finish, or go on: nobody stops you.')
  }

  document.addEventListener('htmx:after:swap', () => {
    isTold = false
    tick()
  })
  tick()
  setInterval(tick, 1000)
}
