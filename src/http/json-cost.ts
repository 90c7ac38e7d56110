import { GatewayError } from '../errors.ts';
import { JSON_DEPTH_LIMIT, JSON_VALUES_LIMIT } from '../platform/limits.ts';

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Refuses a JSON text for what it would be as values, before it is parsed: a hundred megabytes of brackets are five gigabytes and
 * half a minute then. Only the signs outside of strings count; whether it is JSON at all, the parser says.
 * @throws `invalid_json` over {@link JSON_DEPTH_LIMIT} or {@link JSON_VALUES_LIMIT}
 */
export function refuseCostly(json: Buffer): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < json.length; at += 1) {
    switch (json[at]) {
      case QUOTE:
        at = endOfString(json, at + 1);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        values += 1;
        if (depth > JSON_DEPTH_LIMIT) throw refusal(`nests deeper than ${JSON_DEPTH_LIMIT} levels`);
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COMMA:
        values += 1;
        break;
      default:
        // Part of a value that was counted, or of nothing.
        break;
    }
    if (values > JSON_VALUES_LIMIT) throw refusal(`holds more than ${JSON_VALUES_LIMIT} values`);
  }
}

/** Texts and images are most of a body: they are stepped over at the speed of a search. */
function endOfString(json: Buffer, start: number): number {
  let end = json.indexOf(QUOTE, start);
  while (end >= 0 && isEscaped(json, end)) end = json.indexOf(QUOTE, end + 1);
  return end < 0 ? json.length : end;
}

function isEscaped(json: Buffer, at: number): boolean {
  let first = at;
  while (json[first - 1] === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

const refusal = (what: string): GatewayError => new GatewayError('invalid_json', `The body ${what}.`);
