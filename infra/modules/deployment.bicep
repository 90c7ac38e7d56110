// The shape of one model deployment.

@export()
@description('A model deployment of an Azure OpenAI account.')
type Deployment = {
  @description('Name callers give as `model`.')
  name: string

  @description('Model behind it.')
  model: string

  @description('Version of the model.')
  version: string

  @description('Kind of deployment, for example GlobalStandard.')
  sku: string

  @description('Quota: thousands of tokens a minute for text, images a minute for images.')
  capacity: int
}
