/** What the page of a passphrase can do only with script: print it. */

document.addEventListener('click', ({ target }) => {
  if (target.closest?.('[data-print]')) print()
})
