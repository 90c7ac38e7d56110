/** A YAML file as JSON text: the build turns the one into the other (tools/app-bundle.ts), so the app needs no parser. */
declare module '*.yaml' {
  const json: string;
  // eslint-disable-next-line no-restricted-syntax -- this is how a bundler gives the content of a file
  export default json;
}
