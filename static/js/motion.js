/**
 * Motion that shows cause: Pods that come, change and go are seen to, and messages are drawn one after the other. Nothing moves for whoever wants
 * little motion, and nothing waits for it.
 */
const calm = matchMedia('(prefers-reduced-motion: reduce)')
const gentle = { duration: 360, easing: 'ease-out' }
/** More than that at once is a change of scene. */
const mostMoved = 40

const pictureOf = (element) => element.closest('[id]')?.id ?? ''

/** Which pictures there are, and of each Pod in them the element, how it stands, and where. */
function podsIn(root) {
  const pictures = new Set([...root.querySelectorAll('.nodes')].map(pictureOf))
  const pods = new Map()
  for (const pod of root.querySelectorAll('.nodes .pod')) {
    const name = pod.querySelector('.pod-name')?.textContent.replace(/\s+/g, '') ?? ''
    const picture = pictureOf(pod)
    const state = `${pod.className} ${pod.querySelector('.pod-word')?.textContent.trim()}`
    pods.set(`${picture}/${name}`, { picture, pod, state, place: pod.getBoundingClientRect() })
  }
  return { pictures, pods }
}

/** One that is gone fades where it stood. */
function letGo({ pod, place }) {
  if (place.width === 0 || place.bottom < 0 || place.top > innerHeight) return
  const ghost = pod.cloneNode(true)
  ghost.setAttribute('aria-hidden', 'true')
  ghost.inert = true
  for (const one of [ghost, ...ghost.querySelectorAll('[id]')]) one.removeAttribute('id')
  // Nobody takes it for a Pod.
  ghost.classList.replace('pod', 'pod-ghost')
  document.body.append(ghost)
  const { style } = ghost
  for (const side of ['left', 'top', 'width', 'height']) style[side] = `${place[side]}px`
  ghost.animate([{ opacity: 0.9 }, { opacity: 0, transform: 'scale(0.92)' }], { ...gentle, duration: 600 }).onfinish =
    () => ghost.remove()
}

/** @param before what `podsIn` told of it @param root as it is now */
function movePods(before, root) {
  if (calm.matches || document.hidden) return
  const now = podsIn(root)
  const come = [...now.pods].filter(([key, { picture }]) => !before.pods.has(key) && before.pictures.has(picture))
  const gone = [...before.pods].filter(([key, { picture }]) => !now.pods.has(key) && now.pictures.has(picture))
  const changed = [...now.pods].filter(
    ([key, { state }]) => before.pods.has(key) && before.pods.get(key).state !== state,
  )
  if (come.length + gone.length + changed.length > mostMoved) return
  for (const [, { pod }] of come)
    pod.animate(
      [
        { opacity: 0, transform: 'translateY(-0.5rem) scale(0.96)' },
        { opacity: 1, transform: 'none' },
      ],
      gentle,
    )
  for (const [, { pod }] of changed)
    pod.animate(
      [
        { outline: '3px solid var(--tone)', outlineOffset: '0' },
        { outline: '3px solid transparent', outlineOffset: '4px' },
      ],
      {
        ...gentle,
        duration: 700,
      },
    )
  for (const [, one] of gone) letGo(one)
}

let beforeSwap
document.addEventListener('htmx:before:swap', () => {
  // To measure where they are costs a layout.
  if (!calm.matches) beforeSwap = podsIn(document)
})
document.addEventListener('htmx:after:swap', () => {
  if (beforeSwap) movePods(beforeSwap, document)
  beforeSwap = undefined
})

// ---------- messages ----------

const messageMs = 220

/** Draws the messages of a sequence in their order. */
// biome-ignore lint/correctness/noUnusedVariables: time.js draws by it.
function drawMessages(figure) {
  if (calm.matches) return
  const messages = [...figure.querySelectorAll('.message')]
  figure.classList.add('is-drawing')
  messages.forEach((message, n) => {
    setTimeout(() => message.classList.add('is-drawn'), n * messageMs)
  })
  setTimeout(
    () => {
      figure.classList.remove('is-drawing')
      for (const message of messages) message.classList.remove('is-drawn')
    },
    messages.length * messageMs + 600,
  )
}
