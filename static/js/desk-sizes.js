/** Before anything is drawn: that there is script, and the sizes that somebody gave to the parts of a desk. */
document.documentElement.classList.add('has-script')
try {
  for (const [name, size] of Object.entries(JSON.parse(localStorage.getItem('desk') ?? '{}').sizes ?? {}))
    if (/^(rail|side|dock|shell|board)$/.test(name) && size > 0)
      document.documentElement.style.setProperty(`--desk-${name}`, `${size}px`)
} catch {
  // What is kept there is not ours, or nothing may be kept: the sizes are the usual ones.
}
