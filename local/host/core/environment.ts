/** The settings an app finds in its environment, and the way back. */
export interface AppliedEnvironment {
  /** Puts the process's environment back as it was. */
  restore(): void;
}

/**
 * Sets variables of this process that are not set yet: what the shell says wins over local.settings.json.
 * @param fixed variables that the host decides, whatever was there before
 */
export function applyEnvironment(
  values: Readonly<Record<string, string>>,
  fixed: Readonly<Record<string, string>>,
): AppliedEnvironment {
  const before = new Map<string, string | undefined>();
  function set(name: string, value: string): void {
    if (!before.has(name)) before.set(name, process.env[name]);
    process.env[name] = value;
  }
  for (const [name, value] of Object.entries(values)) if (process.env[name] === undefined) set(name, value);
  for (const [name, value] of Object.entries(fixed)) set(name, value);
  return {
    restore() {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    },
  };
}
