import { createHash, randomBytes } from 'node:crypto';

/**
 * A response id carries its chain: `resp_` + 24 hex of the chain + 24 hex of its own.
 * The chain part is the partition key, so that any id is one point read and a child lands beside its parent.
 */
const RESPONSE_ID = /^resp_([0-9a-f]{24})[0-9a-f]{24}$/;
const CHAIN_ID = /^[0-9a-f]{24}$/;

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

export const newChainId = (): string => hex(12);
export const newResponseId = (chainId: string): string => `resp_${chainId}${hex(12)}`;
/** An id for an item that came without one: `msg_gw...`. Recognisable, because the service must not be shown ids it did not make. */
export const newItemId = (prefix: string): string => `${prefix}_gw${hex(23)}`;
export const isOwnItemId = (id: string): boolean => /^[a-z]+_gw[0-9a-f]{46}$/.test(id);
/** The id of an item whose own id stands before it in the same list, so many times: the same whenever the list is made. */
export const copyItemId = (id: string, times: number): string => {
  const digits = createHash('sha256').update(`${id} ${times}`).digest('hex').slice(0, 46);
  return `${/^[a-z]+/.exec(id)?.[0] ?? 'item'}_gw${digits}`;
};
export const newRequestId = (): string => `req_${hex(16)}`;
/** A trace of our own (W3C trace context), for a request that comes without one. */
export const newTraceparent = (): string => `00-${hex(16)}-${hex(8)}-01`;
/**
 * Orders a list by time, then by id: one property, so that no composite index is needed. Milliseconds of the next 200 years have
 * as many digits.
 */
export const sortKey = (milliseconds: number, id: string): string => `${milliseconds}-${id}`;

/** Whether a file or container of the service can be called so: its ids are plain (and Cosmos DB refuses `/ \ # ?`). */
export const isServiceId = (id: string): boolean => /^[A-Za-z0-9_.-]{1,200}$/.test(id);
/** 256 random bits, for links that open something. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** The chain of a response id, or undefined when this gateway cannot have made the id. */
export const chainOf = (responseId: string): string | undefined => RESPONSE_ID.exec(responseId)?.[1];

export const isChainId = (text: string): boolean => CHAIN_ID.test(text);
