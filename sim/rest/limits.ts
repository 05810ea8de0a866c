/** Limits of the HTTP API. */

/** Nothing larger is read. Source: kube-apiserver's limit of a request body */
export const maxBodyBytes = 3 * 1024 * 1024
