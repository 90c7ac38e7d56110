// The shape of one entry of roles.json.

@export()
@description('A role to assign, and why.')
type Role = {
  @description('Name of the role, as the portal shows it.')
  role: string

  @description('Id of the role definition.')
  id: string

  @description('Reason, shown with the assignment in the portal.')
  why: string
}
