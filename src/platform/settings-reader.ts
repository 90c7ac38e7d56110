import { settings, type SettingName } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads settings and collects every fault on the way. */
export class SettingsReader {
  readonly faults: string[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  text(name: SettingName): string | undefined {
    const value = this.#environment[name]?.trim();
    return value === '' ? undefined : value;
  }

  required(name: SettingName): string {
    const value = this.text(name);
    if (value === undefined) this.fault(name, `is missing (${settings[name].about})`);
    return value ?? '';
  }

  /** An absolute http(s) address without a trailing slash. */
  address(name: SettingName): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) this.fault(name, 'is no http(s) address');
    return value.replace(/\/+$/, '');
  }

  number(name: SettingName, fallback: number, least: number): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (!Number.isFinite(number) || number < least) {
      this.fault(name, `is no number of at least ${least}`);
      return fallback;
    }
    return number;
  }

  flag(name: SettingName): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value !== undefined && value !== 'true' && value !== 'false') this.fault(name, 'is neither true nor false');
    return value === 'true';
  }

  list(name: SettingName): readonly string[] {
    return (this.text(name) ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  }

  fault(name: SettingName, what: string): void {
    this.faults.push(`${name} ${what}; for example ${name}=${settings[name].example}`);
  }
}
