/** Asks again where the answer was lost: a change of the network, such as another Wi-Fi, cuts off what is on its way. */
export const onceMore = <T>(ask: () => Promise<T>): Promise<T> => ask().catch(ask);
