import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import ipaddr from 'ipaddr.js';

/** A call to an address that somebody has configured or sent, not to a service of our own. */
export interface OutboundCall {
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
}

/** Gives the status of the answer; its body is thrown away. Redirects are not followed: they are answers like any other. */
export type SendOutbound = (address: string, call: OutboundCall) => Promise<number>;

/** The address leads to a private network, to this machine or to the platform's metadata. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
}

/** @param allowPrivate only for the local world (`OUTBOUND_ALLOW_PRIVATE`): then plain http is let through too. */
export function createSendOutbound({ allowPrivate }: { allowPrivate: boolean }): SendOutbound {
  return async (address, { headers, body, timeoutMs }) => {
    const url = new URL(address);
    if (!allowPrivate) refuseObvious(url);
    const { request } = url.protocol === 'https:' ? https : http;
    const call = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(timeoutMs),
      // A connection of its own each time: one from a pool would go to an address that was checked some other day.
      agent: false,
      lookup: allowPrivate ? undefined : publicLookup,
    });
    call.end(body);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      call.once('response', resolve).once('error', reject);
    });
    answer.destroy();
    return answer.statusCode ?? 0;
  };
}

/** An address without a name is never looked up: it is checked here. */
function refuseObvious({ protocol, hostname }: URL): void {
  if (protocol !== 'https:') throw new ForbiddenAddress('Only https addresses are called.');
  const host = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host)) refusePrivate(host);
}

/** Public by its number, but answered by the machine's own platform (Azure's wire server). */
const PLATFORM_ADDRESSES = ['168.63.129.16'];

/** All of the public IPv6 (RFC 4291, 2.4); what lies outside can stand for an IPv4 address, as in `::127.0.0.1`. */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** @throws {ForbiddenAddress} for anything but a public address. */
export function refusePrivate(address: string): void {
  const plain = ipaddr.process(address);
  const outside = plain instanceof ipaddr.IPv6 && !plain.match(PUBLIC_IPV6);
  if (outside || plain.range() !== 'unicast' || PLATFORM_ADDRESSES.includes(plain.toString())) {
    throw new ForbiddenAddress('The address leads to a private network or to this machine.');
  }
}

type Found = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Looks a name up for the connection itself: what was checked is what is connected to. */
function publicLookup(hostname: string, options: LookupOptions, found: Found): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    try {
      if (error) throw error;
      for (const { address } of addresses) refusePrivate(address);
      const [first] = addresses;
      if (options.all === true || first === undefined) found(null, addresses);
      else found(null, first.address, first.family);
    } catch (refusal) {
      found(refusal instanceof Error ? refusal : new Error('The lookup failed.'), []);
    }
  });
}
