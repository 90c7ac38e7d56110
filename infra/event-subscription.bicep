// Tells the running app of every PDF that is dropped. Deployed by the postdeploy hook, because Event Grid
// accepts a webhook only after it has answered, and because the key in its address is made by the running app.

@description('Name of the function app.')
param appName string

@description('Name of the Event Grid system topic.')
param topicName string

@description('Name of the subscription. The hook derives it from the key: an address cannot be changed later, a new key makes a new subscription.')
param subscriptionName string

@description('Function that takes the events.')
param functionName string

@description('Container that is watched.')
param pdfContainer string

@description('Name of the host account, which holds the container of undeliverable events.')
param hostAccountName string

@description('Container of undeliverable events.')
param deadLetterContainer string

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

resource hostAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: hostAccountName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource droppedPdfs 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: subscriptionName
  properties: {
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: 'https://${app.properties.defaultHostName}/runtime/webhooks/blobs?functionName=Host.Functions.${functionName}&code=${listKeys('${app.id}/host/default', '2024-11-01').systemKeys.blobs_extension}'
        maxEventsPerBatch: 1
        minimumTlsVersionAllowed: '1.2'
      }
    }
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      // The slash at the end keeps a container out whose name merely begins alike.
      subjectBeginsWith: '/blobServices/default/containers/${pdfContainer}/blobs/'
    }
    retryPolicy: {
      eventTimeToLiveInMinutes: 1440
      maxDeliveryAttempts: 30
    }
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: hostAccount.id
          blobContainerName: deadLetterContainer
        }
      }
    }
  }
}

@description('Name of the subscription that is in force.')
output subscriptionName string = droppedPdfs.name
