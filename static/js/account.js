/** What the pages of the account can do only with script: copy the passphrase, and print it. */

for (const element of document.querySelectorAll('[data-with-script]')) element.hidden = false

document.addEventListener('click', async ({ target }) => {
  const button = target.closest?.('[data-copy], [data-print]')
  if (!button) return
  if ('print' in button.dataset) return print()
  const words = document.getElementById(button.dataset.copy)
  try {
    await navigator.clipboard.writeText(words.textContent)
    button.textContent = button.dataset.copied
  } catch {
    // Over plain http there is no clipboard: the words are selected instead, for the keys that copy.
    getSelection().selectAllChildren(words)
  }
})
