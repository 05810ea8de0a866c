/** A replay that plays: from change to change, as quickly as it was done and no slower than somebody wants to look. */

const mostMs = 2500
const leastMs = 700
let timer

const playButton = () => document.querySelector('[data-replay-play]')

function stop() {
  clearTimeout(timer)
  timer = undefined
  showPlay()
}

function showPlay() {
  const play = playButton()
  if (!play) return
  play.hidden = false
  play.textContent = timer === undefined ? t('Play') : t('Stop')
  play.setAttribute('aria-pressed', String(timer !== undefined))
}

function go() {
  const next = document.querySelector('a#replay-next')
  if (!next) return stop()
  const slider = document.getElementById('moment')
  const gapMs = Number(new URL(next.href).searchParams.get('at')) - Number(slider?.value ?? 0)
  timer = setTimeout(() => document.querySelector('a#replay-next')?.click(), Math.min(mostMs, Math.max(leastMs, gapMs)))
  showPlay()
}

document.addEventListener('click', ({ target, isTrusted }) => {
  if (target.closest?.('[data-replay-play]')) return timer === undefined ? go() : stop()
  // Whoever goes elsewhere wants to look there.
  if (isTrusted && timer !== undefined && target.closest?.('.replay a, .replay button, .replay [data-track]')) stop()
})

document.addEventListener('input', ({ target, isTrusted }) => {
  if (isTrusted && target.matches?.('.replay input[type="range"]')) stop()
})

document.addEventListener('htmx:after:swap', () => {
  document.querySelector('.replay-list [aria-current]')?.scrollIntoView({ block: 'nearest' })
  showPlay()
  if (timer !== undefined) go()
})

showPlay()
