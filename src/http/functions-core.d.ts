/** What the worker offers whoever runs in it (azure-functions-nodejs-worker, types-core/index.d.ts): as much as is used here. */
declare module '@azure/functions-core' {
  export interface InvocationModel {
    getArguments(): Promise<unknown>;
  }
  export interface ProgrammingModel {
    getInvocationModel(context: unknown): InvocationModel | Promise<InvocationModel>;
  }
  /** How the library has registered itself. */
  export function getProgrammingModel(): ProgrammingModel;
}
