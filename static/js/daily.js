/** The clock of the daily incident, told at its last minute. The server decides what is in time. */

const dailyStrip = document.getElementById('daily')
const greenUntil = Date.now() + Number(dailyStrip?.dataset.leftMs ?? 0)
let isLastMinuteTold = Number(dailyStrip?.dataset.leftMs ?? 0) <= 60_000

function tickDaily() {
  const leftMs = greenUntil - Date.now()
  const clock = document.getElementById('daily-clock')
  if (!clock) return
  if (dailyStrip.querySelector('[data-all-green]')) {
    dailyStrip.querySelector('[data-in-time]').textContent = t('All squares are green.')
    return
  }
  if (leftMs <= 0) {
    dailyStrip.querySelector('[data-in-time]').remove()
    dailyStrip.querySelector('[data-late]').hidden = false
    return
  }
  const seconds = Math.ceil(leftMs / 1000)
  clock.textContent =
    seconds < 60
      ? t('{n} s', { n: seconds })
      : t('{minutes} min {seconds} s', { minutes: Math.floor(seconds / 60), seconds: seconds % 60 })
  if (leftMs > 60_000 || isLastMinuteTold) return
  isLastMinuteTold = true
  const place = document.getElementById('exam-alert')
  if (place) place.textContent = t('{n} s', { n: seconds })
}

if (dailyStrip) setInterval(tickDaily, 1000)
