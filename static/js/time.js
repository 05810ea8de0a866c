/** The bar of time: a clock that goes on between two looks, and a slider back that says where it stands and goes where it is clicked. */

function printClock(ms) {
  const tenths = Math.floor(ms / 100)
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0')
  const minutes = Math.floor(tenths / 600)
  if (minutes < 60) return `${minutes}:${seconds}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${seconds}`
}

// ---------- the slider ----------

/** It may count other units than milliseconds, and reach a little beyond the end. */
function momentOf(slider) {
  const unitMs = Number(slider.dataset.unit)
  const endMs = Number(slider.dataset.end)
  return { unitMs, endMs, atMs: Math.min(slider.value * unitMs, endMs) }
}

function sayMoment(slider) {
  const { endMs, atMs } = momentOf(slider)
  const at = printClock(atMs)
  slider.setAttribute('aria-valuetext', t('{at} of {end}', { at, end: printClock(endMs) }))
  for (const place of document.querySelectorAll(`[data-says="${slider.id}"]`)) place.textContent = at
}

/** Where somebody moved each to, until that moment is shown. */
const wantedMoments = new Map()

document.addEventListener('input', ({ target }) => {
  if (!target.matches?.('[data-moments]')) return
  wantedMoments.set(target.id, target.value)
  sayMoment(target)
})

document.addEventListener('click', ({ target, clientX }) => {
  if (target.closest?.('button, a')) wantedMoments.clear()
  const track = target.closest?.('[data-track]')
  const slider = document.getElementById('moment')
  if (!track || !slider) return
  const { left, width } = track.getBoundingClientRect()
  const { unitMs, endMs } = momentOf(slider)
  slider.value = (((clientX - left) / width) * endMs) / unitMs
  for (const type of ['input', 'change']) slider.dispatchEvent(new Event(type, { bubbles: true }))
})

document.addEventListener('htmx:after:swap', ({ detail }) => {
  // What comes by itself answers nothing.
  if (detail.ctx.sourceElement?.id === 'feed') return
  for (const slider of document.querySelectorAll('[data-moments][data-live]')) wantedMoments.delete(slider.id)
  for (const slider of document.querySelectorAll('[data-moments]:not([data-live])')) {
    const wanted = wantedMoments.get(slider.id)
    const shown = slider.getAttribute('value')
    // An answer to where it stood before: the next one is on its way.
    if (wanted !== undefined && wanted !== shown) {
      slider.value = wanted
      sayMoment(slider)
    } else {
      wantedMoments.delete(slider.id)
      slider.value = shown
    }
  }
})

// Who goes to a moment of a run wants to see the cluster then.
document.addEventListener(
  'change',
  ({ target }) => {
    if (target.id === 'moment') document.getElementById('run-cluster')?.setAttribute('open', '')
  },
  { once: true },
)

// ---------- a run whose moments the server shows: played from change to change ----------

/** So long each is looked at. */
const changeMs = 900
/** The play under way: something else ends it. */
let runPlay

function sayRunPlay() {
  const button = document.getElementById('run-play')
  button?.setAttribute('aria-pressed', String(runPlay !== undefined))
  if (button) button.textContent = runPlay === undefined ? t('Play') : t('Stop')
}

function pauseRun() {
  runPlay = undefined
  sayRunPlay()
}

/** Where the play is stays in the address, and not in the way back. */
async function showOfRun(seconds) {
  const form = document.querySelector('.run-steps')
  const asked = new URLSearchParams(new FormData(form))
  asked.set('at', seconds)
  const url = `${form.getAttribute('hx-get')}?${asked}`
  await window.htmx.ajax('GET', url, { target: '#run', swap: 'outerMorph' })
  history.replaceState(history.state, '', `${url}#run`)
}

const nextChange = () => document.querySelector('#run-next:not([aria-disabled])')?.value

/** Each moment is looked at once it is there, however long the server takes for it. */
async function playRun(first) {
  const own = {}
  runPlay = own
  sayRunPlay()
  for (let at = first; at !== undefined && runPlay === own; at = nextChange()) {
    await showOfRun(at)
    sayRunPlay()
    await new Promise((go) => setTimeout(go, changeMs))
  }
  if (runPlay === own) pauseRun()
}

document.addEventListener('click', ({ target }) => {
  if (!target.closest?.('#run-play')) {
    if (runPlay !== undefined && target.closest?.('#run button, #run a, [data-track], summary')) pauseRun()
    return
  }
  if (runPlay !== undefined) return pauseRun()
  document.getElementById('run-cluster')?.setAttribute('open', '')
  // At its end it begins again.
  playRun(nextChange() ?? '0').catch(pauseRun)
})
document.addEventListener('input', ({ target }) => {
  if (runPlay !== undefined && target.matches?.('#moment')) pauseRun()
})

// ---------- where time runs by itself the clock goes on, and is set right by each look ----------

let lastLook = { text: '', atMs: 0, seenMs: 0 }

function tick() {
  const clock = document.querySelector('[data-clock][data-speed]')
  if (!clock || clock.dataset.clock === '' || document.hidden) return
  const { clock: at, speed } = clock.dataset
  const text = `${at} ${speed}`
  if (text !== lastLook.text) lastLook = { text, atMs: Number(at), seenMs: performance.now() }
  const nowMs = lastLook.atMs + (performance.now() - lastLook.seenMs) * Number(speed)
  if (Number(speed) > 0) clock.querySelector('.clock-face').textContent = printClock(nowMs)
  const slider = document.querySelector('[data-moments][data-live]')
  if (!slider || document.activeElement === slider || wantedMoments.has(slider.id)) return
  slider.max = Math.floor(nowMs / slider.step) * slider.step
  slider.dataset.end = Math.floor(nowMs)
  slider.value = slider.max
  slider.setAttribute('aria-valuetext', t('{at} of {end}', { at: printClock(nowMs), end: printClock(nowMs) }))
}
if (document.querySelector('[data-clock][data-speed]')) setInterval(tick, 100)

// ---------- pictures one after the other ----------

const stills = matchMedia('(prefers-reduced-motion: reduce)')
const frameMs = 240

/** None to whoever wants little motion. @param isOver something else is done meanwhile @returns whether it came to its end */
// biome-ignore lint/correctness/noUnusedVariables: desk.js plays by it.
async function playPictures(pictures, draw, isOver) {
  for (const picture of stills.matches ? [] : pictures) {
    await draw(picture)
    await new Promise((go) => setTimeout(go, frameMs))
    if (isOver()) return false
  }
  return true
}

// ---------- a run whose moments are all on the page ----------

/** Those that are being played, and by which timer. */
const plays = new Map()
const tickMs = 100
/** Of a run that plays by itself: from a moment on, or one that somebody has just let run, all of it in so long. */
const firstSpeed = 1
const onceMs = 6000

const sliderIn = (run) => run.querySelector('[data-moments]')
const itemsOf = (run) => [...run.querySelectorAll('.moments > li')]

function sayState(run, text) {
  run.querySelector('.time-state').textContent = text
}

/** The timeline of a run is below it, and shows the moment that the picture shows. */
const chartOf = (run) => run.closest('.demo-result')?.querySelector('[data-timeline]')

function markMoment(run, atMs) {
  const chart = chartOf(run)
  if (!chart) return
  const x = `${100 * Math.min(1, atMs / Number(chart.dataset.timeline))}%`
  for (const line of chart.querySelectorAll('.timeline-cursor')) {
    line.setAttribute('x1', x)
    line.setAttribute('x2', x)
  }
  for (const veil of chart.querySelectorAll('.timeline-veil')) veil.setAttribute('x', x)
}

function showMoment(run, atMs) {
  sayMoment(sliderIn(run))
  markMoment(run, momentOf(sliderIn(run)).atMs)
  const items = itemsOf(run)
  const now = items.findLast((item) => Number(item.dataset.at) <= atMs) ?? items[0]
  if (now.classList.contains('is-now')) return
  for (const item of items) item.classList.toggle('is-now', item === now)
  const { content } = run.querySelector(`template[data-moment="${now.dataset.at}"]`)
  const picture = run.querySelector('[data-picture]')
  // The bar under it stays where it is.
  picture.style.minBlockSize = `${picture.offsetHeight}px`
  const before = podsIn(run)
  picture.replaceChildren(content.cloneNode(true))
  movePods(before, run)
}

function goTo(run, ms) {
  sliderIn(run).value = ms
  showMoment(run, ms)
}

function pressSpeed(run, speed) {
  for (const segment of run.querySelectorAll('.segment'))
    segment.setAttribute('aria-pressed', String(segment.value === `speed:${speed}`))
}

function stopPlay(run) {
  clearInterval(plays.get(run))
  plays.delete(run)
  pressSpeed(run, 0)
  chartOf(run)?.classList.remove('is-playing')
  sayState(run, t('time waits for you'))
}

function startPlay(run, speed) {
  clearInterval(plays.get(run))
  const slider = sliderIn(run)
  const { endMs } = momentOf(slider)
  let atMs = momentOf(slider).atMs
  if (atMs >= endMs) atMs = 0
  pressSpeed(run, speed)
  chartOf(run)?.classList.add('is-playing')
  sayState(run, t('plays at {n}×', { n: Math.round(speed * 10) / 10 }))
  const go = () => {
    if (!run.isConnected) {
      clearInterval(plays.get(run))
      plays.delete(run)
      return
    }
    goTo(run, atMs)
    if (atMs >= endMs) return stopPlay(run)
    atMs = Math.min(endMs, atMs + tickMs * speed)
  }
  plays.set(run, setInterval(go, tickMs))
  go()
}

document.addEventListener('click', ({ target }) => {
  const pressed = target.closest?.('[data-played] button[name="do"]')
  if (!pressed) return
  const run = pressed.closest('[data-played]')
  const [does, speed] = pressed.value.split(':')
  if (does === 'speed' && Number(speed) > 0) return startPlay(run, Number(speed))
  stopPlay(run)
  if (does !== 'step') return
  // Behind the last one the first comes again.
  const items = itemsOf(run)
  const next = items[(items.findIndex((item) => item.classList.contains('is-now')) + 1) % items.length]
  goTo(run, Number(next.dataset.at))
  tellChanges(run, next)
})

/** What changed at a moment, for who does not see the picture. */
function tellChanges(run, item) {
  let place = run.querySelector('[data-told]')
  if (!place) {
    place = statusPlace()
    place.dataset.told = ''
    run.append(place)
  }
  place.textContent = item.textContent.replace(/\s+/g, ' ').trim()
}

document.addEventListener('input', ({ target }) => {
  const run = target.matches?.('[data-moments]') && target.closest('[data-played]')
  if (!run) return
  stopPlay(run)
  const { atMs, unitMs } = momentOf(target)
  // It goes in steps: what is nearer to this one than to the next counts as reached, but nothing comes before the beginning.
  showMoment(run, atMs > 0 ? atMs + (target.step * unitMs) / 2 : 0)
})

document.addEventListener('click', ({ target, clientX }) => {
  const chart = target.closest?.('[data-timeline]')
  const run = chart?.closest('.demo-result')?.querySelector('[data-played]')
  if (!run) return
  stopPlay(run)
  const { left, width } = chart.querySelector('.time-lane-track').getBoundingClientRect()
  goTo(run, Math.max(0, ((clientX - left) / width) * Number(chart.dataset.timeline)))
})

/** Its bar, which without script would do nothing. What has just been run is played once. */
function showPlayed(isFresh) {
  for (const bar of document.querySelectorAll('[data-played] .time[hidden]')) {
    bar.hidden = false
    const run = bar.closest('[data-played]')
    run.classList.add('is-live')
    markMoment(run, momentOf(sliderIn(run)).atMs)
    const { playsFrom } = run.dataset
    if (stills.matches) continue
    const { endMs } = momentOf(sliderIn(run))
    if (playsFrom !== undefined) {
      goTo(run, Number(playsFrom))
      startPlay(run, firstSpeed)
    } else if (isFresh && run.closest('.demo-result') && itemsOf(run).length > 1) {
      goTo(run, 0)
      startPlay(run, Math.max(firstSpeed, endMs / onceMs))
      for (const figure of run.closest('.demo-result').querySelectorAll('.sequence')) drawMessages(figure)
    }
  }
}
showPlayed(false)
document.addEventListener('htmx:after:swap', () => showPlayed(true))
