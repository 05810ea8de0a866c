/**
 * Tints the lines of a manifest that its lesson speaks of, behind its text; the first of them is in sight. The editor tints them itself. By a style
 * sheet: a style attribute would be copied when the part is drawn anew, which the page's policy forbids.
 */
const tint = 'linear-gradient(to right, var(--accent) 0.25rem, var(--accent-soft) 0.25rem)'
const tints = new CSSStyleSheet()
document.adoptedStyleSheets.push(tints)
const tinted = new Set()

/** The name of a rule for these lines. */
function tintOf(lines) {
  const name = lines.join('-')
  if (tinted.has(name)) return name
  tinted.add(name)
  const places = lines.map((n) => `0 calc(var(--space-3) + ${n - 1} * 1lh)`)
  tints.insertRule(`textarea[data-tint='${name}'] {
    background-image: ${lines.map(() => tint).join(', ')};
    background-position: ${places.join(', ')};
    background-size: 100% 1lh;
    background-repeat: no-repeat;
    background-attachment: local;
  }`)
  return name
}

function markAll() {
  for (const area of document.querySelectorAll('textarea[data-marks]:not([data-marked])')) {
    area.dataset.marked = ''
    const lines = area.dataset.marks.split(' ').map(Number)
    // What was typed before is there again, and lies elsewhere.
    if (area.value !== area.defaultValue) continue
    area.dataset.tint = tintOf(lines)
    area.addEventListener('input', () => delete area.dataset.tint, { once: true })
    const lineHeight = Number.parseFloat(getComputedStyle(area).lineHeight)
    if (lines[0] * lineHeight > area.clientHeight) area.scrollTop = (lines[0] - 4) * lineHeight
  }
}

markAll()
document.addEventListener('htmx:after:swap', markAll)
