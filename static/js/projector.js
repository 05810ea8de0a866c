/** The projector: a run that comes on it plays by itself, and tells at its end what came of it. Whoever wants little motion presses play. */

/** Which take of which run an element has begun. */
const begunTakes = new WeakMap()

function playTake() {
  const screen = document.querySelector('[data-run]')
  const run = screen?.querySelector('[data-played]')
  if (!run || begunTakes.get(run) === screen.dataset.run || stills.matches) return
  const { run: take, speed } = screen.dataset
  begunTakes.set(run, take)
  goTo(run, 0)
  startPlay(run, Number(speed))
  const timer = setInterval(() => {
    if (!run.isConnected || screen.dataset.run !== take) return clearInterval(timer)
    const { atMs, endMs } = momentOf(sliderIn(run))
    if (atMs < endMs) return
    clearInterval(timer)
    document.getElementById(`outcome-${take}`)?.setAttribute('open', '')
  }, 200)
}

playTake()
document.addEventListener('htmx:after:swap', playTake)
