/** From how many people on figures are told. */

/** With fewer people a share says more of them than of the item: nothing is told. */
export const fewestPeople = 20

/** With fewer people figures are told with a warning. */
export const enoughPeople = 100

/** With fewer in a group nothing is told of how groups fare. */
export const fewestOfGroup = 30

/** With fewer people outside of what is told of groups, somebody could be found by subtraction. */
export const fewestOutside = 5
