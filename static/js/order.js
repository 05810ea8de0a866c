/**
 * Steps of an order question are dragged to their place (by the mouse anywhere, by a finger at the handle), or moved by Alt and an arrow key.
 * What was done goes to the server as the press of one of their buttons, which does the last bit of the way: so it is kept, told and drawn
 * again as by that button.
 */
const stepsOf = (list) => [...list.querySelectorAll(':scope > li')]

/** Draws the handles, which need script, and tells of the keys. */
function prepare() {
  for (const list of document.querySelectorAll('.order:not([data-drag])')) {
    list.dataset.drag = ''
    for (const step of stepsOf(list)) {
      const handle = document.createElement('span')
      handle.className = 'order-handle'
      handle.setAttribute('aria-hidden', 'true')
      handle.title = t('Drag to its place, or press Alt with an arrow key')
      step.prepend(handle)
    }
  }
}

prepare()

/** Where a step stands now that was moved, by whatever means. */
let moved
const placeTold = statusPlace()
document.body.append(placeTold)

document.addEventListener(
  'submit',
  ({ submitter }) => {
    const [, id] = /^(?:up|down):(.+)$/.exec(submitter?.name === 'do' ? submitter.value : '') ?? []
    moved = id
  },
  true,
)

function tellPlace(step) {
  const steps = stepsOf(step.parentElement)
  const text = step.querySelector('.order-text').textContent.trim()
  placeTold.textContent = t('{step}: now {n} of {count}', {
    step: text,
    n: steps.indexOf(step) + 1,
    count: steps.length,
  })
}

document.addEventListener('htmx:after:swap', () => {
  prepare()
  const step =
    moved && document.querySelector(`.order input[name="answer"][value="${CSS.escape(moved)}"]`)?.closest('li')
  moved = undefined
  if (step) tellPlace(step)
})

// The first step goes no further up, nor the last one down: where it stands is told all the same.
document.addEventListener('click', ({ target }) => {
  const button = target.closest?.('.order [aria-disabled="true"]')
  if (button) tellPlace(button.closest('li'))
})

/** @param step stands in its new place already */
function send(step) {
  const list = step.parentElement
  const steps = stepsOf(list)
  const at = steps.indexOf(step)
  const isLast = at === steps.length - 1
  const neighbour = steps[isLast ? at - 1 : at + 1]
  const [own, other] = [step, neighbour].map((one) => one.querySelector('input[name="answer"]'))
  const id = own.value
  // Sent as it was one move ago; the button makes that move.
  ;[own.value, other.value] = [other.value, own.value]
  const button = step.querySelector(`button[value^="${isLast ? 'down' : 'up'}:"]`)
  button.value = `${isLast ? 'down' : 'up'}:${id}`
  step.closest('form').requestSubmit(button)
}

// ---------- by the pointer ----------

let drag

document.addEventListener('pointerdown', (event) => {
  const step = event.button === 0 && event.target.closest?.('.order[data-drag] > li')
  if (!step || event.target.closest('button')) return
  // A finger on the text scrolls the page.
  if (event.pointerType !== 'mouse' && !event.target.closest('.order-handle')) return
  event.preventDefault()
  drag = { step, list: step.parentElement, before: stepsOf(step.parentElement).indexOf(step), pointer: event.pointerId }
  step.setPointerCapture(event.pointerId)
  step.classList.add('is-dragged')
})

document.addEventListener('pointermove', (event) => {
  if (!drag || event.pointerId !== drag.pointer) return
  const { step, list } = drag
  const below = stepsOf(list).find((one) => {
    const { top, height } = one.getBoundingClientRect()
    return one !== step && event.clientY < top + height / 2
  })
  const place = below ?? null
  if (place !== step.nextElementSibling) list.insertBefore(step, place)
})

function drop(event) {
  if (!drag || event.pointerId !== drag.pointer) return
  const { step, list, before } = drag
  drag = undefined
  step.classList.remove('is-dragged')
  const steps = stepsOf(list)
  if (event.type === 'pointercancel') {
    steps.splice(steps.indexOf(step), 1)
    list.insertBefore(step, steps[before] ?? null)
  } else if (steps.indexOf(step) !== before) send(step)
}

document.addEventListener('pointerup', drop)
document.addEventListener('pointercancel', drop)

// ---------- by keys ----------

document.addEventListener('keydown', (event) => {
  const step = event.target.closest?.('.order > li')
  if (!step || !event.altKey || !/^Arrow(Up|Down)$/.test(event.key)) return
  event.preventDefault()
  const button = step.querySelector(`button[value^="${event.key === 'ArrowUp' ? 'up' : 'down'}:"]`)
  button.focus()
  button.click()
})
