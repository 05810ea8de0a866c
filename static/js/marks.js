/** Tints the lines of a manifest that its lesson speaks of, behind its text; the first of them is in sight. The editor tints them itself. */
const tint = 'linear-gradient(to right, var(--accent) 0.25rem, var(--accent-soft) 0.25rem)'

function markAll() {
  for (const area of document.querySelectorAll('textarea[data-marks]:not([data-marked])')) {
    area.dataset.marked = ''
    const lines = area.dataset.marks.split(' ').map(Number)
    // What was typed before is there again, and lies elsewhere.
    if (area.value !== area.defaultValue) continue
    area.style.backgroundImage = lines.map(() => tint).join(', ')
    area.style.backgroundPosition = lines.map((n) => `0 calc(var(--space-3) + ${n - 1} * 1lh)`).join(', ')
    area.style.backgroundSize = '100% 1lh'
    area.style.backgroundRepeat = 'no-repeat'
    area.style.backgroundAttachment = 'local'
    area.addEventListener('input', () => area.style.removeProperty('background-image'), { once: true })
    const lineHeight = Number.parseFloat(getComputedStyle(area).lineHeight)
    if (lines[0] * lineHeight > area.clientHeight) area.scrollTop = (lines[0] - 4) * lineHeight
  }
}

markAll()
document.addEventListener('htmx:after:swap', markAll)
