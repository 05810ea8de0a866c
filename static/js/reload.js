/** While developing: loads the page again, where it was scrolled to, when something it is made of was saved or the server was started anew. */
{
  const key = `scrolled ${location.pathname}${location.search}`
  const kept = sessionStorage.getItem(key)
  sessionStorage.removeItem(key)
  if (kept !== null) {
    // The browser would scroll by itself, to where it last noted that the page was: under load that is an older place.
    history.scrollRestoration = 'manual'
    addEventListener('load', () => scrollTo({ top: Number(kept), behavior: 'instant' }))
  }

  let events
  let seen

  /** Only while somebody looks: a browser opens few connections to a site at a time. */
  const listen = () => {
    events?.close()
    if (document.hidden) return
    events = new EventSource('/reloads')
    events.addEventListener('message', ({ data }) => {
      if (seen !== undefined && seen !== data) {
        sessionStorage.setItem(key, String(scrollY))
        location.reload()
      }
      seen = data
    })
  }
  document.addEventListener('visibilitychange', listen)
  listen()
}
