/** Paths of the API server that belong to no resource, as rules name them. */

/** Whether a rule's path covers another: the same, or one that begins with what stands before its stars. Source: nonResourceURLCovers of k8s.io/component-helpers/auth/rbac/validation */
export const coversPath = (url: string, path: string): boolean =>
  url === path || (url.endsWith('*') && path.startsWith(withoutStars(url)))

function withoutStars(url: string): string {
  let end = url.length
  while (url[end - 1] === '*') end--
  return url.slice(0, end)
}
