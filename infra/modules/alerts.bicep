// What somebody must hear of: errors, poison, dead letters, throttling, and a response that never ends.

@description('Text that makes the names of the rules unique.')
param suffix string

@description('Region of the rules that search logs.')
param location string

@description('Tags of every resource.')
param tags object

@description('Where alerts are sent; without any they only show in the portal.')
param emails string[]

@description('Resource id of the function app.')
param appId string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Resource id of the Event Grid topic.')
param topicId string

@description('Resource id of the Cosmos DB account.')
param cosmosId string

@description('Resource id of the Azure OpenAI account.')
param openAiId string

@description('A response that is older than this and has not ended is stuck. Its ceilings queued and running, together, plus a margin.')
param stuckAfterMinutes int

resource receivers 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'gateway'
    emailReceivers: [
      for (email, index) in emails: {
        name: 'email-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

var metricRules = [
  {
    name: 'server-errors'
    about: 'More than ten answers with a status of 500 or above within a quarter of an hour.'
    scope: appId
    severity: 2
    metric: 'Http5xx'
    namespace: 'Microsoft.Web/sites'
    aggregation: 'Total'
    threshold: 10
    dimensions: []
  }
  {
    name: 'dead-letters'
    about: 'Event Grid gave up on an event; the timer takes the PDF in some minutes later. One now and then is an app that was cold, many are a key that is out of date.'
    scope: topicId
    severity: 3
    metric: 'DeadLetteredCount'
    namespace: 'Microsoft.EventGrid/systemTopics'
    aggregation: 'Total'
    threshold: 0
    dimensions: []
  }
  {
    name: 'delivery-failures'
    about: 'Event Grid cannot reach the app: the key in the subscription may be out of date. Run the postdeploy hook again.'
    scope: topicId
    severity: 2
    metric: 'DeliveryAttemptFailCount'
    namespace: 'Microsoft.EventGrid/systemTopics'
    aggregation: 'Total'
    threshold: 10
    dimensions: []
  }
  {
    name: 'openai-throttling'
    about: 'Azure OpenAI refuses more than fifty requests within a quarter of an hour: raise the quota of the deployment.'
    scope: openAiId
    severity: 2
    metric: 'AzureOpenAIRequests'
    namespace: 'Microsoft.CognitiveServices/accounts'
    aggregation: 'Total'
    threshold: 50
    dimensions: [
      {
        name: 'StatusCode'
        operator: 'Include'
        values: ['429']
      }
    ]
  }
  {
    name: 'cosmos-throttling'
    about: 'Cosmos DB refuses more than fifty requests within a quarter of an hour: serverless has reached its ceiling.'
    scope: cosmosId
    severity: 2
    metric: 'TotalRequests'
    namespace: 'Microsoft.DocumentDB/databaseAccounts'
    aggregation: 'Count'
    threshold: 50
    dimensions: [
      {
        name: 'StatusCode'
        operator: 'Include'
        values: ['429']
      }
    ]
  }
]

resource metricAlerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for rule in metricRules: {
    name: '${rule.name}-${suffix}'
    location: 'global'
    tags: tags
    properties: {
      description: rule.about
      enabled: true
      severity: rule.severity
      scopes: [rule.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: rule.name
            metricNamespace: rule.namespace
            metricName: rule.metric
            dimensions: rule.dimensions
            operator: 'GreaterThan'
            threshold: rule.threshold
            timeAggregation: rule.aggregation
            // A metric that nothing has emitted yet would be refused otherwise.
            skipMetricValidation: true
          }
        ]
      }
      actions: [
        {
          actionGroupId: receivers.id
        }
      ]
    }
  }
]

// The gateway writes one JSON object per line; the name of the event is its field msg.
var gatewayLines = 'AppTraces | where Message startswith "{" | extend line = parse_json(Message) | extend event = tostring(line.msg)'

var logRules = [
  {
    name: 'gateway-failures'
    about: 'The gateway itself failed: an unexpected error, or a paid answer that could not be stored.'
    severity: 1
    window: 'PT15M'
    query: '${gatewayLines} | where event in ("failed", "answer-not-stored")'
    operator: 'GreaterThan'
    threshold: 5
  }
  {
    name: 'timers-silent'
    about: 'The timer that runs every minute has not been heard of for half an hour: lost events and stalled runs are found by nobody.'
    severity: 1
    window: 'PT30M'
    query: '${gatewayLines} | where event == "maintenance" and tostring(line.task) == "reconcile"'
    operator: 'LessThan'
    threshold: 1
  }
  {
    name: 'failed-documents'
    about: 'More than five dropped PDFs within an hour ended without an analysis; error.json beside each says why.'
    severity: 2
    window: 'PT1H'
    query: '${gatewayLines} | where event == "document-finished" and tostring(line.status) == "failed"'
    operator: 'GreaterThan'
    threshold: 5
  }
  {
    name: 'poison'
    about: 'A blob failed five times and went to the poison queue.'
    severity: 1
    window: 'PT15M'
    query: 'AppTraces | where Message has "webjobs-blobtrigger-poison"'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'stuck-responses'
    about: 'A background response was accepted ${stuckAfterMinutes} minutes ago or earlier and has not ended.'
    severity: 1
    window: 'P1D'
    query: 'let lines = ${gatewayLines} | extend responseId = tostring(line.responseId); let ended = lines | where event == "finished" | distinct responseId; lines | where event == "accepted" | summarize TimeGenerated = min(TimeGenerated) by responseId | where TimeGenerated < ago(${stuckAfterMinutes}m) | join kind=leftanti ended on responseId'
    operator: 'GreaterThan'
    threshold: 0
  }
]

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in logRules: {
    name: '${rule.name}-${suffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.name
      description: rule.about
      enabled: true
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: 'PT15M'
      windowSize: rule.window
      autoMitigate: true
      // The tables appear with the first line of telemetry, which is after the first deployment.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [receivers.id]
      }
    }
  }
]
