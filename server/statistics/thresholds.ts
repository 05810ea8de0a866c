/** From how many people on figures are told. */

/** With fewer people a share says more of them than of the item: nothing is told. */
export const fewestPeople = 20

/** With fewer people figures are told with a warning. */
export const enoughPeople = 100

/** With fewer in a group nothing is told of how groups fare. */
export const fewestOfGroup = 30

/** With fewer people outside of what is told of groups, somebody could be found by subtraction. */
export const fewestOutside = 5

/**
 * With fewer people in a variant, or in all others together, no difference is told. Scores of a task spread by some 0.4 of their range, so that 30
 * against 30 leave an interval of 0.2 to either side: with fewer only a variant that is broken could be told from chance, and that is seen sooner
 * in the reports.
 */
export const fewestOfVariant = 30
