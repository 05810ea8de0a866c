/**
 * What a shell asks to be edited: in vim or nano in place of its screen, or in a plain form. Their bundle comes when the first is opened.
 * It stands before terminal-shell.js, which calls it.
 */

/** A phone has neither Escape nor Ctrl: there, a form is what can be used. */
const hasKeys = () =>
  window.matchMedia('(any-pointer: fine)').matches || !window.matchMedia('(pointer: coarse)').matches

/** The bundle lies beside the editor of manifests. */
const loadEditors = () => import(document.body.dataset.editor.replace('editor.js', 'terminal-editor.js'))

/**
 * @param say sends to the shell, and gives whether it could
 * @param tell what a screen reader is told
 * @param back gives the focus back to the screen
 */
// biome-ignore lint/correctness/noUnusedVariables: terminal-shell.js calls it
function editorsOf({ screen, dialog, say, tell, back }) {
  /** What is open: its request, how it is closed, and who waits for a text to be saved. */
  let open

  function end() {
    if (!open) return
    const { editor, request, saved } = open
    open = undefined
    const hadFocus = screen.contains(document.activeElement)
    saved?.(t('the editor was closed'))
    if (editor) editor.close()
    else if (dialog.open && dialog.dataset.id === String(request.id)) dialog.close()
    const shell = screen.querySelector('.xterm')
    if (shell) shell.inert = false
    if (hadFocus) back()
  }

  function leave(text) {
    const { id } = open.request
    say({ type: 'edited', id, ...(text === undefined ? {} : { text }) })
    end()
  }

  const save = (text) =>
    new Promise((done) => {
      open.saved = done
      if (!say({ type: 'edited', id: open.request.id, text, isOpen: true })) done(t('the connection was lost'))
    })

  async function openInPlace(request) {
    const { openEditor } = await loadEditors()
    // Something else was asked for meanwhile.
    if (open?.request !== request) return
    const hadFocus = screen.contains(document.activeElement)
    open.editor = openEditor({ host: screen, request: { ...request }, save, leave: () => leave(), tell })
    screen.querySelector('.xterm').inert = true
    if (hadFocus) open.editor.view.focus()
  }

  function openForm(request) {
    const text = dialog.querySelector('textarea')
    dialog.dataset.id = request.id
    dialog.querySelector('h2').textContent = request.path
    text.value = request.text
    text.readOnly = Boolean(request.isReadOnly)
    if (!dialog.open) dialog.showModal()
    text.focus()
    dialog.addEventListener(
      'close',
      () => {
        const isSaved = dialog.returnValue === 'save'
        dialog.returnValue = ''
        if (open?.request !== request) return
        leave(isSaved ? text.value : undefined)
        back()
      },
      { once: true },
    )
  }

  return {
    get isOpen() {
      return open !== undefined
    },
    get editor() {
      return open?.editor
    },
    edit(request) {
      // A connection that came back asks again for what is open already, with what is typed since.
      if (open?.request.id === request.id && open.request.path === request.path) return
      end()
      open = { request }
      if (request.program === 'form' || !hasKeys()) openForm(request)
      else openInPlace(request).catch(() => open?.request === request && openForm(request))
    },
    news({ id, is, why }) {
      if (open?.request.id !== id) return
      if (is === 'ended') return end()
      open.saved?.(is === 'saved' ? undefined : why)
      open.saved = undefined
    },
    /** The connection is lost: what was to be saved may not be. */
    lost() {
      open?.saved?.(t('the connection was lost'))
    },
    end,
  }
}
