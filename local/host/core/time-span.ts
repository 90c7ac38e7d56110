/** .NET's TimeSpan: `[-][d.]hh:mm:ss[.fffffff]`, and bare days. */
const TIME_SPAN = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(\.\d{1,7})?)?$/;

/**
 * @returns milliseconds, or undefined when the text is no TimeSpan
 */
export function parseTimeSpan(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return Number(trimmed) * 86_400_000;
  const match = TIME_SPAN.exec(trimmed);
  if (!match) return undefined;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return (sign === undefined ? 1 : -1) * Math.round((whole + Number(fraction)) * 1000);
}
