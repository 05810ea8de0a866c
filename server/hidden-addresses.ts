/** The secrets of sandboxes' addresses do not reach a log, wherever in a line they stand. */
export const hideAddresses = (line: string): string => line.replace(/\/k8s\/[A-Za-z0-9_~.%-]+/g, '/k8s/(hidden)')
