/** The wall by keys: j and k go from row to row. */
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select, button, a'))
    return
  if (event.key !== 'j' && event.key !== 'k') return
  const rows = [...document.querySelectorAll('#wall-rows .wall-row')]
  if (rows.length === 0) return
  const at = rows.indexOf(document.activeElement.closest('.wall-row'))
  const to = event.key === 'j' ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)
  rows[to].focus()
})
