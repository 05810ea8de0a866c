/** What the pages of sandboxes cannot do by plain forms: files, and where a look from the picture leads to. */

// ---------- a file's text goes into its field ----------

document.addEventListener('change', async ({ target }) => {
  const field = document.getElementById(target.dataset?.into ?? '')
  const file = target.files?.[0]
  if (field && file) field.value = await file.text()
})

// ---------- who follows a Pod or a node from the picture is led to what is told of it ----------

document.addEventListener('htmx:after:swap', ({ detail }) => {
  const link = detail.ctx.sourceElement
  if (!link?.matches?.('.cluster-board :is(.node, .table-scroll) a')) return
  reveal('dock')
  const picked = document.querySelector('#fault-node option[selected]')
  if (picked) picked.parentElement.value = picked.value
  document.querySelector('#object-title, #fault-node')?.focus()
})
