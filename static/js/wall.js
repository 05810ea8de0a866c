/** The wall: rows go where the server's order says, and j and k go from row to row. */
const order = document.getElementById('wall-order')

function sortRows() {
  const rows = document.getElementById('wall-rows')
  const focused = document.activeElement
  const byNumber = new Map([...rows.children].map((row) => [row.dataset.n, row]))
  let at = rows.firstElementChild
  for (const n of order.textContent.split(' ')) {
    const row = byNumber.get(n)
    if (!row) continue
    if (row === at) at = at.nextElementSibling
    else rows.insertBefore(row, at)
  }
  // A row that is moved loses the focus.
  if (rows.contains(focused) && document.activeElement !== focused) focused.focus({ preventScroll: true })
}

new MutationObserver(sortRows).observe(order, { childList: true, characterData: true, subtree: true })

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
